"""Both stages on the real cluster: exactly once, judged by the pure fold of their input."""

import os
from collections import Counter
from collections.abc import Container

import pytest
from confluent_kafka import Producer, TopicPartition

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.label import CompleteUntil, LabelRecord
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_transactional
from kafka_workshop.messaging.topics import dead_letter_topic, labels_topic
from kafka_workshop.monitor.account import AccountFold
from kafka_workshop.monitor.stage.changelog import STAMP_KEY, Mismatch
from kafka_workshop.monitor.stage.transaction import Aborted, ExactlyOnce
from kafka_workshop.monitor.stage.values import Folded, Unit
from kafka_workshop.settings import ACCOUNT, MERCHANT
from tests.contract.conftest import as_group, random_name
from tests.support.command import Answer, workshop
from tests.support.stages import (
    CONFLUENT,
    KAFKA_PYTHON,
    PARTITIONS,
    Scene,
    from_the_future,
    history,
    labels_of,
)

pytestmark = pytest.mark.cluster
COUNT = 3_000
POISON = [b"\xff%d" % n for n in range(4)] + from_the_future()
LABELS: list[LabelRecord | bytes] = [*labels_of(history(COUNT)), CompleteUntil(1, 0), b"no label"]
both_stages = pytest.mark.parametrize("scene", [ACCOUNT, MERCHANT], indirect=True)
both_clients = pytest.mark.parametrize("kafka_client", [CONFLUENT, KAFKA_PYTHON])
# The proof above all others is short; of these, kafka-python's is for who asks.
default_client_first = pytest.mark.parametrize(
    "kafka_client", [CONFLUENT, pytest.param(KAFKA_PYTHON, marks=pytest.mark.long)]
)


@both_clients
def test_members_that_come_and_go_say_each_thing_once(scene: Scene) -> None:
    scene.fill([*history(COUNT)[: COUNT // 2], *LABELS[:200]], POISON)
    first = scene.member()
    first.until(lambda: first.stage.done >= 600, "the first one works")
    second = scene.member()

    def shared() -> bool:
        second.turn()
        # A first round may give it nothing yet: the first one has to let go before.
        # The group shares out no labels: one would get all of those, and the other the rest.
        both = bool(first.stage.assignment()) and bool(second.stage.assignment())
        return both and second.stage.restored

    first.until(shared, "both have partitions, and the second one their state", most=20)
    scene.fill([*history(COUNT)[COUNT // 2 :], *LABELS[200:]])
    second.until(lambda: second.stage.done > 100, "the second one works", most=20)
    first.finish()
    third = scene.member()
    # It is gone without a word, and what it had not committed goes with it.
    second.turn()
    second.stage.close()
    third.until(lambda: in_flight(scene) == 0, "the third one does the rest")
    third.finish()
    judged = scene.judged()
    assert (judged.processed, judged.dead) == (COUNT, len(POISON))
    assert judged.alerts.total() > 20, "enough to go wrong"
    kinds = Counter(value[1] for _, value in judged.told.elements())
    assert min(kinds[tag] for tag in (0, 1, 2)) > 0, "payments, suspicions and labels are told"
    sources = {place[1]: place[0] for place in judged.states}
    for record in scene.read(scene.topics.state):
        key = record.key() or b""
        assert key == STAMP_KEY or sources[key] == record.partition()
    scene.assert_exactly_once(judged)


def in_flight(scene: Scene) -> int:
    """How many messages the group has not committed."""
    tallies = [*scene.tallies(), *scene.tallies(labels_topic(scene.topic))]
    return COUNT + len(POISON) + len(LABELS) - sum(tally.count for tally in tallies)


class Aborting(ExactlyOnce):
    """Aborts every third transaction at its very end, when everything is sent."""

    count = 0

    def _fill(self, unit: Unit) -> None:
        super()._fill(unit)
        self.count += 1
        if self.count % 3 == 0:
            self._flush()
            raise Aborted("forced")


@both_stages
@default_client_first
def test_every_third_transaction_aborted_changes_nothing(scene: Scene) -> None:
    count = 2_000
    scene.fill(scene.history(count), POISON)
    member = scene.member()
    store = member.stage.store
    assert isinstance(store, ExactlyOnce)
    store.__class__ = Aborting
    while member.stage.done < count + len(POISON):
        member.turn(most=300)
        member.stage.commit(now=True)
    member.finish()
    judged = scene.judged()
    assert (judged.processed, judged.dead) == (count, len(POISON))
    scene.assert_exactly_once(judged)
    assert scene.alert_ids("read_uncommitted").total() > judged.alerts.total(), "nothing aborted"


@default_client_first
def test_state_behind_an_open_transaction_of_somebody_else_is_waited_for(scene: Scene) -> None:
    scene.fill(history(2_000)[:1_500])
    first = scene.member()
    first.until(lambda: first.stage.done == 1_500, "the first half is processed")
    assert first.stage.commit(now=True) == 0
    stranger = foreign_transaction(scene)
    scene.fill(history(2_000)[1_500:])
    first.until(lambda: first.stage.done == 2_000, "the second half is processed")
    first.finish()
    second = scene.member()
    second.until(lambda: second.stage.joined, "it has partitions to restore")
    for _ in range(20):
        second.turn()
    assert second.stage.assignment() == frozenset(range(PARTITIONS))
    assert not second.stage.restored, "the end of what is stable is not the end"
    stranger.abort_transaction(10)
    second.until(lambda: second.stage.restored, "everything is restored")
    assert second.stage.states() == scene.judged().states
    second.stage.close()


def foreign_transaction(scene: Scene) -> Producer:
    """Begin a transaction in every partition of the changelog, and leave it open."""
    name = random_name("stranger")
    settings = confluent_transactional(scene.servers, name) | {"transaction.timeout.ms": 60_000}
    producer = Producer(settings, logger=LIBRDKAFKA_LOG)
    producer.init_transactions(10)
    producer.begin_transaction()
    for partition in range(PARTITIONS):
        producer.produce(scene.topics.state, b"{}", b"stranger", partition)
    assert producer.flush(10) == 0
    return producer


class Failing(AccountFold):
    """A fold that fails for some accounts, after it has changed what it was given."""

    def __init__(self, scene: Scene, accounts: Container[str]) -> None:
        super().__init__(default_rules(), scene.topics)
        self._accounts = accounts

    def fold(
        self, state: bytes | None, event: Transaction, message: Message
    ) -> Folded[list[Alert]]:
        folded = super().fold(state, event, message)
        if event.account_id in self._accounts:
            raise ZeroDivisionError(event.holder.name)
        return folded


class All(Container[str]):
    def __contains__(self, _: object) -> bool:
        return True


def test_a_rule_that_fails_costs_its_message_and_one_that_always_fails_the_process(
    scene: Scene,
) -> None:
    given = history(2_000)[:600]
    account = Counter(t.account_id for t in given).most_common(1)[0][0]
    scene.fill(given)
    member = scene.member()
    member.stage.fold = Failing(scene, {account})
    member.until(lambda: member.stage.done == 600, "all is processed")
    member.finish()
    failing = [t for t in given if t.account_id == account]
    letters = scene.read(dead_letter_topic(scene.topic))
    assert Counter(r.value() for r in letters) == Counter(map(encode, failing))
    assert {dict(r.headers() or ())["dlq.error.class"] for r in letters} == {b"rule-failed"}
    assert {dict(r.headers() or ())["dlq.error.reason"] for r in letters} == {b"ZeroDivisionError"}
    judged = scene.judged().states
    assert scene.states() == {p: s for p, s in judged.items() if p[1] != account.encode()}

    scene.fill(given)
    again = scene.member()
    again.stage.fold = Failing(scene, All())
    with pytest.raises(ServiceFailed, match="failed 100 times in a row"):
        again.until(lambda: False, "it gives up")
    again.stage.close()
    assert sum(tally.count for tally in scene.tallies()) == 600, "nothing of that is committed"


@pytest.mark.parametrize(
    "scene", [ACCOUNT, pytest.param(MERCHANT, marks=pytest.mark.long)], indirect=True
)
def test_what_does_not_belong_together_is_refused_until_it_is_reset(scene: Scene) -> None:
    scene.fill(scene.history(2_000)[:300])
    with as_group(scene.servers, scene.readers) as group:
        group.commit(offsets=[TopicPartition(scene.input, 0, 5)], asynchronous=False)
    member = scene.member()
    with pytest.raises(Mismatch, match=r"offset 5, and there is no state.*/workshop monitor reset"):
        member.until(lambda: False, "it is refused")
    assert reset(scene).returncode == 0
    if scene.is_merchant:  # what it is told is emptied as well
        scene.fill(scene.history(2_000)[:300])
    fresh = scene.member()
    fresh.until(lambda: fresh.stage.done == 300, "it begins again")
    refused = reset(scene)
    assert refused.returncode == 2
    service = "consumer-merchant" if scene.is_merchant else "consumer"
    said = f"Group {scene.readers} has 1 members: ./workshop stop {service} first"
    assert said in refused.stderr
    fresh.finish()
    scene.assert_exactly_once(scene.judged())


@default_client_first
def test_one_whose_place_is_taken_says_so_and_leaves_quietly(scene: Scene) -> None:
    older = scene.member(instance=scene.topic)
    older.until(lambda: older.stage.restored, "it has its place")
    younger = scene.member(instance=scene.topic)
    younger.until(lambda: younger.stage.restored, "the place is the other's")
    with pytest.raises(ServiceFailed, match="the same INSTANCE") as ended:
        older.until(lambda: False, "it hears of that")
    assert ended.value.exit_code == 1, "it is to be started again"
    older.stage.close()  # what its thread raised would fail this test
    younger.finish()


def reset(scene: Scene) -> Answer:
    """Run `./workshop monitor reset`."""
    names = {"TOPIC": scene.topic, "CONSUMER_GROUP": scene.group, "HOME": os.environ["HOME"]}
    servers = {"BOOTSTRAP_SERVERS": ",".join(scene.servers)}
    return workshop(("monitor", "reset"), names | servers)
