"""The workshop's diagram: what is drawn of the cluster, and that the overview draws it."""

from dataclasses import replace

import msgspec
import pytest
from nicegui import ui
from nicegui.testing import User

from kafka_workshop import language
from kafka_workshop.cluster.states import Status
from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.diagnosis import Failure
from kafka_workshop.console.diagram.picture import Box, Picture, picture_of
from kafka_workshop.console.frame import Console
from kafka_workshop.console.model import (
    Broker,
    Group,
    GroupPartition,
    Member,
    Partition,
    Snapshot,
    Topic,
)
from kafka_workshop.console.state import ClusterState, View
from kafka_workshop.ledger.balance import Balance, Ids, PartitionBalance
from kafka_workshop.ledger.balance import balance as summed
from kafka_workshop.ledger.numbers import Some
from kafka_workshop.messaging.reach import Problem
from kafka_workshop.messaging.topics import DEFAULT_GROUP, TRANSACTIONS, MonitorTopics
from tests.console.visiting import visit_console
from tests.support.bench import until

NAMES = MonitorTopics(TRANSACTIONS, DEFAULT_GROUP)
FAILURE = Failure((("127.0.0.1:9091", Problem.REFUSED),), "")
SECOND = 1_000


def cluster(at_s: int = 0, brokers: tuple[int, ...] = (1, 2, 3), members: int = 1) -> Snapshot:
    """Three brokers, 100 messages a second written, 90 processed, after `at_s` seconds."""
    online = tuple(Broker(b, "host", 9090 + b, controller=b == brokers[0]) for b in brokers)
    end, done = at_s * 50, at_s * 45
    partitions = tuple(
        Partition(n, brokers[n], (1, 2, 3), brokers, 0, end) for n in range(min(2, len(brokers)))
    )
    owners = tuple(Member(f"m{n}", "c", "/127.0.0.1", ()) for n in range(members))
    read = tuple(GroupPartition(TRANSACTIONS, n, done, 0, end) for n in range(2))
    group = Group(DEFAULT_GROUP, "Stable", 1, "range", owners, read)
    ms = 1_700_000_000_000 + at_s * SECOND
    topics = (Topic(TRANSACTIONS, partitions),)
    return Snapshot(ms, "id", online, topics, (group,), ms, "zookeeper")


def view_of(*snapshots: Snapshot) -> View:
    state = ClusterState()
    for snapshot in snapshots:
        state.succeeded(snapshot)
    return state.view


def drawn(view: View, producers: int | None = 1) -> Picture:
    return picture_of(view, NAMES, producers)


def states(boxes: tuple[Box, ...]) -> list[tuple[str, str, str]]:
    return [(box.title, box.state, box.mark) for box in boxes]


def test_before_the_first_answer_nothing_is_claimed() -> None:
    picture = drawn(View(), None)
    assert (picture.brokers, picture.written.text, picture.topic.lines) == ((), "—", ("—",))
    assert picture.coordination.lines == ("controller: —",)
    assert {picture.producer.state, *(box.state for _, box in picture.consumers)} == {""}
    assert picture.caption == "Asking the brokers…"


def test_arrows_say_what_was_written_and_what_the_group_has_passed() -> None:
    picture = drawn(view_of(cluster(0), cluster(2)))
    (processed, consumer), (merchant, second) = picture.consumers
    assert (picture.written.text, processed.text, merchant.text) == ("100/s", "90/s", "—")
    assert (consumer.state, consumer.lines) == ("1 running", ("reads transactions", "lag 20"))
    assert (second.state, second.href) == (
        "no group yet",
        "/groups/transaction-monitor.merchant",
    )
    assert picture.caption == (
        "Every broker is online. 100/s are written to transactions. consumer processes 90/s and "
        "is 20 behind. How much consumer-merchant processes is not known now."
    )


def test_a_lost_broker_is_said_in_words_and_its_leaders_are_elsewhere() -> None:
    picture = drawn(view_of(cluster(0), cluster(2, brokers=(2, 3))))
    assert states(picture.brokers) == [
        ("broker-1", "offline", ""),
        ("broker-2", "online", "controller"),
        ("broker-3", "online", ""),
    ]
    assert [box.lines[0] for box in picture.brokers] == ["leads 0", "leads 1", "leads 1"]
    assert picture.brokers[0].lines[1] == "ISR 0/2"
    assert (picture.topic.state, picture.coordination.lines) == (
        "2 under-replicated",
        ("controller: broker-2",),
    )
    assert picture.caption.startswith("broker-1 is offline. ")


def test_a_silent_cluster_has_no_rates_and_no_controller() -> None:
    state = ClusterState()
    state.succeeded(cluster(0))
    state.succeeded(cluster(2))
    state.failed(FAILURE, 1_700_000_060_000)
    picture = drawn(state.view, None)
    assert {box.state for box in picture.brokers} == {"no answer"}
    assert {box.mark for box in picture.brokers} == {""}
    assert (picture.written.text, picture.consumers[0][0].text) == ("—", "—")
    assert picture.coordination.lines == ("controller: —",)
    assert picture.caption.startswith("No broker answers: this is what was last known.")


@pytest.mark.parametrize(
    ("members", "state", "current", "said"),
    [
        (1, "Stable", True, "1 running"),
        (0, "Empty", True, "not running"),
        (2, "Preparing Rebalancing", True, "rebalancing"),
        (1, "Stable", False, "no answer"),
    ],
)
def test_a_consumer_is_told_as_its_group_is(
    members: int, state: str, current: bool, said: str
) -> None:
    snapshot = cluster(members=members)
    group = replace(snapshot.groups[0], state=state, current=current)
    picture = drawn(view_of(replace(snapshot, groups=(group,))))
    assert picture.consumers[0][1].state == said


@pytest.mark.parametrize(
    ("alive", "state", "tone"),
    [(None, "", ""), (0, "not running", "warn"), (2, "2 running", "good")],
)
def test_the_producer_is_told_by_the_books_of_its_runs(
    alive: int | None, state: str, tone: str
) -> None:
    producer = drawn(view_of(cluster()), alive).producer
    assert (producer.state, producer.tone) == (state, tone)


def test_with_kraft_the_quorum_stands_above() -> None:
    language.use("pt-BR")
    picture = drawn(view_of(replace(cluster(), coordination="kraft")))
    assert picture.coordination.title == "Quórum KRaft"


def test_rates_of_what_is_written_in_transactions_are_estimates() -> None:
    snapshot = cluster()
    group = replace(
        snapshot.groups[0],
        id=NAMES.merchant_group,
        partitions=(GroupPartition(NAMES.by_merchant, 0, 10, 0, 12),),
    )
    later = replace(group, partitions=(GroupPartition(NAMES.by_merchant, 0, 40, 0, 42),))
    before = replace(snapshot, groups=(group,))
    view = view_of(before, replace(cluster(2), groups=(later,)))
    assert drawn(view).consumers[1][0].text == "≈ 15/s"


def ledger(alive: int = 1) -> Balance:
    partition = PartitionBalance(0, 0, 1234, 1200, 1196, 4, 34)
    ids = Ids(Some(), Some(), 4, 2, alive)
    return summed(TRANSACTIONS, DEFAULT_GROUP, 0, (partition,), ids)


def test_the_overview_draws_it_with_links_and_follows_the_cluster() -> None:
    async def story(user: User, console: Console) -> None:
        console.state.succeeded(cluster(0))
        console.state.succeeded(cluster(2))
        await user.open("/")
        await user.should_see("Every broker is online.")
        await user.should_see("90/s")
        boxes = [link for link in user.find(ui.link).elements if "kw-box-link" in link.classes]
        assert {box.props["href"] for box in boxes} == {
            "/zookeeper",
            "/brokers",
            "/topics/transactions",
            "/groups/transaction-monitor",
            "/groups/transaction-monitor.merchant",
        }
        console.state.succeeded(cluster(4, brokers=(2, 3)))
        await user.should_see("broker-1 is offline.", retries=20)
        console.ledger.succeeded(ledger(alive=0))
        await user.should_see("not running", retries=20)

    visit_console(story)


def test_the_boxes_have_buttons_only_while_a_supervisor_answers() -> None:
    def buttons(user: User) -> set[str]:
        labels = {str(b.props.get("aria-label")) for b in user.find(ui.button).elements}
        return {x for x in labels if x.split()[0] in {"Kill", "Restart", "Start"}}

    async def story(user: User, console: Console) -> None:
        console.state.succeeded(cluster(0))
        await user.open("/")
        assert buttons(user) == set()
        names = ("broker-1", "broker-2")
        ready = System(tuple(Status(n, "ready", 1, (), 0, None, 0.0, 0) for n in names))
        console.system.succeeded(ready)
        wanted = {f"{verb} {name}" for verb in ("Kill", "Restart") for name in names}
        await until(lambda: buttons(user) == wanted, "the buttons")
        killed = Status("broker-2", "killed", None, (), 0, None, 0.0, 0)
        console.system.succeeded(System((ready.services[0], killed)))
        await until(lambda: "Start broker-2" in buttons(user), "a button to start it")
        assert "Kill broker-2" not in buttons(user)
        console.system.failed("gone", 1_700_000_060_000)
        await until(lambda: buttons(user) == set(), "the buttons to go")

    visit_console(story)


def test_the_ledger_stands_beneath_it_in_numbers_or_says_that_it_is_unknown() -> None:
    async def story(user: User, console: Console) -> None:
        language.use("pt-BR")
        await user.open("/")
        await user.should_see("Lendo o log pela primeira vez…")
        assert terms(user) == ["—"] * 6
        console.ledger.succeeded(ledger())
        await user.should_see("1.196", retries=20)
        assert terms(user) == ["1.234", "1.196", "4", "34", "0", "0"]
        console.ledger.succeeded(msgspec.structs.replace(ledger(), lost=3, unbooked=5))
        await user.should_see("sem registro", retries=20)
        assert terms(user) == ["1.234", "1.196", "4", "34", "5", "3", "0"]
        console.ledger.failed("no broker answers", 1_700_000_060_000)
        await user.should_see("Sem nova conferência desde 22:14:20", retries=20)

    visit_console(story)


def terms(user: User) -> list[str]:
    shown = [e for e in user.find(ui.label).elements if "kw-term-value" in e.classes]
    return [e.text for e in sorted(shown, key=lambda e: e.id)]
