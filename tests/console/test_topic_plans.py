"""What a change of a topic would do, and what is refused for the monitor's sake: no Kafka."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.managing.monitors import monitor_of, why_partitions_stay
from kafka_workshop.console.managing.purging import Cut, parse_offsets, plan, unread_by
from kafka_workshop.console.model import Group, GroupPartition, Partition, Topic
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.console.wishes import MB, TopicWish, likeness, topic_spec
from kafka_workshop.messaging.topics import monitor_topics, triage_topic, workshop_topics

KNOWN: Bounds = {0: (100, 250), 1: (0, 0), 2: (5, 7)}
OURS = [*workshop_topics(2 * 10**9), *monitor_topics(10**9, "transactions", "transaction-monitor")]
NAMES = frozenset(spec.name for spec in OURS) | {"orders"}


def test_a_purge_to_the_ends_leaves_out_what_is_empty() -> None:
    planned = plan("orders", KNOWN, None)
    assert planned.cuts == (Cut(0, 100, 250, 250), Cut(2, 5, 7, 7))
    assert planned.count == 152


def test_a_purge_up_to_offsets_takes_only_the_partitions_that_are_named() -> None:
    planned = plan("orders", KNOWN, {2: 6, 0: 100})
    assert planned.cuts == (Cut(2, 5, 7, 6),)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({3: 0}, "no partition 3; there are 0 to 2"),
        ({0: 99}, "Partition 0: 99 is not allowed, 100 to 250 is"),
        ({0: 251}, "100 to 250"),
    ],
)
def test_an_offset_that_a_partition_has_not_is_refused(wanted: dict[int, int], said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        plan("orders", KNOWN, wanted)


@pytest.mark.parametrize("text", ["5", "0:", "0:1,0:2", "0:-1", "a:b", "0:1;1:2", "0:1" * 500])
def test_what_are_no_offsets_is_refused_and_quoted_briefly(text: str) -> None:
    with pytest.raises(NotAllowed, match="partition:offset") as refused:
        parse_offsets(text)
    assert len(str(refused.value)) < 200


@given(
    starts=st.dictionaries(st.integers(0, 20), st.integers(0, 10**6), min_size=1),
    lengths=st.lists(st.integers(0, 10**6), min_size=21, max_size=21),
)
def test_a_plan_never_deletes_beyond_what_there_is(
    starts: dict[int, int], lengths: list[int]
) -> None:
    known = {p: (start, start + lengths[p]) for p, start in starts.items()}
    planned = plan("orders", known, None)
    assert planned.count == sum(end - start for start, end in known.values())
    assert all(cut.start < cut.to <= cut.end for cut in planned.cuts)


def test_who_has_not_read_what_goes_is_named_with_how_much() -> None:
    behind = GroupPartition("orders", 0, 200, 100, 250), GroupPartition("orders", 2, 7, 5, 7)
    before = (GroupPartition("orders", 0, 40, 100, 250),)
    elsewhere = GroupPartition("other", 0, 0, 0, 250), GroupPartition("orders", 0, None, 100, 250)
    groups = [
        Group(name, "Stable", 1, "", (), places)
        for name, places in (("behind", behind), ("lost", before), ("elsewhere", elsewhere))
    ]
    assert unread_by(plan("orders", KNOWN, None), groups) == {"behind": 50, "lost": 150}


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("transactions", "The monitor's state and the labels"),
        ("transactions.labels", "the partition of their number"),
        ("transactions.ledger", "one partition"),
        ("monitor.state.account", "keeps its state here"),
        ("monitor.state.merchant", "keeps its state here"),
        ("monitor.by-merchant", "by the numbers"),
        (triage_topic("transactions", "transaction-monitor").name, "one partition"),
    ],
)
def test_topics_whose_partitions_the_monitor_relies_on_keep_them(topic: str, said: str) -> None:
    assert said in why_partitions_stay(topic, NAMES)


@pytest.mark.parametrize("topic", ["orders", "alerts", "transactions.dlq", "orders.ledger.old"])
def test_any_other_topic_may_have_more_partitions(topic: str) -> None:
    assert not why_partitions_stay(topic, NAMES)


def test_another_monitors_topics_are_recognised_by_their_names() -> None:
    names = {spec.name for spec in monitor_topics(10**9, "pay", "night.shift")} | {"pay"}
    assert "The monitor's state" in why_partitions_stay("pay", names)
    free = {f"pay.night.shift.{name}" for name in ("alerts", "kpis", "scores")}
    for topic in names - {"pay", *free}:
        assert why_partitions_stay(topic, names) or topic.endswith(".dlq")


def test_a_monitors_groups_are_known_with_the_command_that_resets_them() -> None:
    names = NAMES | {spec.name for spec in monitor_topics(10**9, "pay", "night.shift")}
    for group in ("transaction-monitor", "transaction-monitor.merchant"):
        monitor = monitor_of(group, names)
        assert monitor is not None
        assert monitor.reset == "./workshop monitor reset"
    for group in ("night.shift", "night.shift.merchant"):
        monitor = monitor_of(group, names)
        assert monitor is not None
        assert monitor.reset == "TOPIC=pay CONSUMER_GROUP=night.shift ./workshop monitor reset"
    assert monitor_of("readers", names) is None
    assert monitor_of("transaction-monitor", {"orders"}) is None


def test_a_topic_like_another_has_its_bounds_and_its_other_settings() -> None:
    (ours, *_) = workshop_topics(2 * 10**9)
    partitions = tuple(Partition(n, 1, (1, 2, 3), (1, 2, 3)) for n in range(ours.partitions))
    own = ours.config | {"compression.type": "zstd", "max.message.bytes": "2000000"}
    like = likeness(Topic(ours.name, partitions), own)
    count, factor, least, days, disk = like.figures
    assert (count, factor, least, days) == (6, 3, 2, 180)
    assert like.settings == {"compression.type": "zstd", "max.message.bytes": "2000000"}
    assert disk is not None
    made = topic_spec(TopicWish("copy", 6, 3, 2, disk * MB, 180, like.settings))
    assert made.config.items() >= like.settings.items()
    kept, meant = int(made.config["retention.bytes"]), int(ours.config["retention.bytes"])
    assert meant <= kept <= meant + MB


def test_a_topic_like_one_without_limits_says_nothing_of_them() -> None:
    like = likeness(Topic("orders", (Partition(0, 1, (1,), (1,)),)), {"retention.ms": "-1"})
    assert like.figures == (1, 1, None, None, None)
    assert like.settings == {}
