"""The topics together stay within the storage budget, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.messaging import topics
from kafka_workshop.messaging.topics import TopicSpec
from kafka_workshop.settings import CONSUMER_GROUP, STORAGE

MEGABYTE, GIGABYTE = 10**6, 10**9
SMALLEST = 500 * MEGABYTE
BUDGETS = [SMALLEST, STORAGE.read({}), 10 * GIGABYTE, 10**15]


def everything(storage: int) -> tuple[TopicSpec, ...]:
    return (*topics.workshop_topics(storage, "payments"), *monitor(storage))


def monitor(storage: int) -> tuple[TopicSpec, ...]:
    return topics.monitor_topics(storage, "payments", "night-shift")


def bytes_at_most(spec: TopicSpec) -> int:
    """A replica of a partition may hold what retention allows and the segment still open.

    State is kept whole: what bounds it are the accounts.
    """
    if spec.config.get("cleanup.policy") == "compact":
        return spec.partitions * spec.replication_factor * int(spec.config["segment.bytes"])
    replica = int(spec.config["retention.bytes"]) + int(spec.config["segment.bytes"])
    return spec.partitions * spec.replication_factor * replica


@pytest.mark.parametrize("storage", BUDGETS)
def test_all_topics_with_their_replicas_fit_the_budget(storage: int) -> None:
    used = sum(bytes_at_most(spec) for spec in everything(storage))
    assert used <= storage * 9 // 10, "a tenth is left to Kafka's internal topics"


@given(st.integers(SMALLEST, 10**15))
def test_any_allowed_budget_is_kept_and_used(storage: int) -> None:
    used = sum(bytes_at_most(spec) for spec in everything(storage))
    assert storage // 2 < used <= storage * 9 // 10


def test_the_smallest_budget_tested_is_the_smallest_allowed() -> None:
    assert STORAGE.read({"STORAGE": f"{SMALLEST}"}) == SMALLEST


@pytest.mark.parametrize("storage", BUDGETS)
def test_every_topic_is_replicated_and_bounded_in_bytes_and_time(storage: int) -> None:
    for spec in everything(storage):
        assert spec.replication_factor == 3
        assert spec.config["min.insync.replicas"] == "2"
        assert spec.config["unclean.leader.election.enable"] == "false"
        if spec.config.get("cleanup.policy") == "compact":
            continue
        assert int(spec.config["retention.ms"]) > 0
        # A closed segment is what retention removes: several must fit.
        assert int(spec.config["segment.bytes"]) < int(spec.config["retention.bytes"])


def test_the_history_outlives_the_retention_of_the_transactions() -> None:
    transactions = topics.workshop_topics(STORAGE.read({}))[0]
    assert int(transactions.config["retention.ms"]) > 120 * 24 * 3600 * 1000


def test_dead_letters_stand_beside_their_topic_with_as_many_partitions() -> None:
    transactions, dead_letters, *_ = topics.workshop_topics(STORAGE.read({}), "payments")
    assert (transactions.name, dead_letters.name) == ("payments", "payments.dlq")
    assert transactions.partitions == dead_letters.partitions == 6
    assert topics.dead_letter_topic(topics.TRANSACTIONS) == topics.DEAD_LETTERS


@pytest.mark.parametrize("storage", BUDGETS)
def test_no_marker_of_a_redrive_goes_before_its_letter(storage: int) -> None:
    markers = topics.redriven_markers(storage, "payments")
    _, letters, *_ = topics.workshop_topics(storage, "payments")
    assert markers.name == "payments.dlq.redriven"
    assert markers.replication_factor == 3
    assert markers.config["cleanup.policy"] == "compact,delete"
    assert bytes_at_most(markers) <= storage // 20
    assert int(markers.config["retention.bytes"]) >= bytes_at_most(letters) // 3 // 3
    segment_ms = 7 * 24 * 3600 * 1000
    assert int(markers.config["retention.ms"]) > int(letters.config["retention.ms"]) + segment_ms


def test_the_ledger_keeps_the_last_word_of_each_run_and_its_order() -> None:
    ledger = topics.workshop_topics(STORAGE.read({}), "payments")[2]
    assert (ledger.name, ledger.partitions) == ("payments.ledger", 1)
    assert ledger.config["cleanup.policy"] == "compact,delete"
    assert ledger.config["segment.bytes"] == str(2**20), "the open segment isn't compacted"


def test_state_is_compacted_only_and_follows_the_partitions_of_the_input() -> None:
    *_, state = topics.monitor_topics(STORAGE.read({}), "payments", "night-shift", 9)
    assert (state.name, state.partitions) == ("payments.night-shift.monitor.state.account", 9)
    assert state.config["cleanup.policy"] == "compact"
    assert "retention.bytes" not in state.config, "retention would remove state"
    assert int(state.config["segment.bytes"]) <= 4 * 2**20


def test_only_the_default_monitor_has_the_short_names() -> None:
    default = topics.MonitorTopics(topics.TRANSACTIONS, CONSUMER_GROUP.read({}))
    told = "monitor.by-merchant", "monitor.by-merchant.dlq", "monitor.state.merchant"
    assert default.all == ("alerts", "monitor.scores", "kpis", *told, "monitor.state.account")
    assert default.merchant_group == "transaction-monitor.merchant"
    specs = topics.monitor_topics(STORAGE.read({}), topics.TRANSACTIONS, default.group)
    assert tuple(spec.name for spec in specs) == default.all
    other = topics.MonitorTopics(topics.TRANSACTIONS, "mine")
    assert not {*default.all} & {*other.all}


@pytest.mark.parametrize("storage", BUDGETS)
def test_labels_have_the_partitions_of_their_transactions_and_a_small_share(storage: int) -> None:
    transactions, *_, labels = topics.workshop_topics(storage, "payments")
    assert labels.name == topics.labels_topic("payments") == "payments.labels"
    assert labels.partitions == transactions.partitions
    assert bytes_at_most(labels) <= min(storage * 8 // 100, 80 * MEGABYTE)
    assert bytes_at_most(transactions) >= storage * 40 // 100


@pytest.mark.parametrize("storage", BUDGETS)
def test_what_stage_merchant_is_told_is_kept_as_long_as_the_transactions(storage: int) -> None:
    transactions, told = (specs(storage)[place] for specs, place in ((everything, 0), (monitor, 3)))
    assert told.name == "payments.night-shift.monitor.by-merchant"
    assert told.config["retention.ms"] == transactions.config["retention.ms"]
    # Compressed, a transaction has 106 bytes, and 14 are told of it: of a third of them, in 44.
    kept = int(told.config["retention.bytes"]) / int(transactions.config["retention.bytes"])
    assert kept > 14 / 106
