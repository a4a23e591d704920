"""Stage account on the real cluster: exactly once, judged by the pure fold of its input."""

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer, TopicPartition

from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_transactional
from kafka_workshop.monitor.stage.changelog import STAMP_KEY, Mismatch
from kafka_workshop.monitor.stage.transaction import Aborted, ExactlyOnce
from kafka_workshop.monitor.stage.values import Unit
from tests.contract.conftest import as_group, random_name
from tests.support.stages import PARTITIONS, Scene, from_the_future, history

pytestmark = pytest.mark.cluster
COUNT = 3_000
POISON = [b"\xff%d" % n for n in range(4)] + from_the_future()


@pytest.fixture
def scene(bootstrap_servers: tuple[str, ...]) -> Iterator[Scene]:
    """A topic of this test."""
    made = Scene(bootstrap_servers)
    made.make()
    yield made
    made.delete()


def test_members_that_come_and_go_say_each_thing_once(scene: Scene) -> None:
    scene.fill(history(COUNT)[: COUNT // 2], POISON)
    first = scene.member()
    first.until(lambda: first.stage.done >= 600, "the first one works")
    second = scene.member()

    def shared() -> bool:
        second.turn()
        return len(first.stage.assignment()) < PARTITIONS and second.stage.restored

    first.until(shared, "the second one has partitions, and their state", most=20)
    scene.fill(history(COUNT)[COUNT // 2 :])
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
    scene.assert_exactly_once(judged)


def in_flight(scene: Scene) -> int:
    """How many messages the group has not committed."""
    return COUNT + len(POISON) - sum(tally.count for tally in scene.tallies())


class Aborting(ExactlyOnce):
    """Aborts every third transaction at its very end, when everything is sent."""

    count = 0

    def _fill(self, unit: Unit) -> None:
        super()._fill(unit)
        self.count += 1
        if self.count % 3 == 0:
            self._flush()
            raise Aborted("forced")


def test_every_third_transaction_aborted_changes_nothing(scene: Scene) -> None:
    scene.fill(history(COUNT), POISON)
    member = scene.member()
    store = member.stage.store
    assert isinstance(store, ExactlyOnce)
    store.__class__ = Aborting
    while member.stage.done < COUNT + len(POISON):
        member.turn()
        member.stage.commit(now=True)
    member.finish()
    judged = scene.judged()
    scene.assert_exactly_once(judged)
    assert scene.alert_ids("read_uncommitted").total() > judged.alerts.total(), "nothing aborted"


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
    for _ in range(40):
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


def test_each_record_of_the_changelog_stands_in_the_partition_of_its_source(scene: Scene) -> None:
    scene.fill(history(2_000)[:1_000])
    member = scene.member()
    member.until(lambda: member.stage.done == 1_000, "all is processed")
    member.finish()
    sources = {
        decode(r.value()).account_id.encode(): r.partition() for r in scene.read(scene.topic)
    }
    for record in scene.read(scene.topics.state):
        key = record.key() or b""
        assert key == STAMP_KEY or sources[key] == record.partition()


def test_what_does_not_belong_together_is_refused_with_what_mends_it(scene: Scene) -> None:
    scene.fill(history(2_000)[:100])
    with as_group(scene.servers, scene.group) as group:
        group.commit(offsets=[TopicPartition(scene.topic, 0, 5)], asynchronous=False)
    member = scene.member()
    with pytest.raises(
        Mismatch, match=r"offset 5, and there is no state.*\./workshop monitor reset"
    ):
        member.until(lambda: False, "it is refused")
    member.stage.close()
