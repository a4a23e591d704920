"""The consumer killed again and again: in the end its group has every acknowledged transaction.

A killed consumer's lines may come again, for what it had not committed is processed anew. What must
hold is that every acknowledged transaction was processed, that the group's committed offsets reach
the end of each partition and never go back, that nothing went to the dead letters, and that the
ledger, whose counts travel with the offsets, has each message once. What the consumers send is
judged in `tests/cluster/test_stage_kills.py`.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.ledger.balance import Balance
from kafka_workshop.ledger.scan import Ledger
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.codec import decode, encode
from kafka_workshop.messaging.topics import dead_letter_topic
from kafka_workshop.settings import KafkaSettings
from tests.faults.commits import Commits
from tests.faults.forms import forms
from tests.faults.results import Results
from tests.faults.scene import Scene
from tests.faults.trial import Trial
from tests.support.programs import Program, Programs
from tests.support.simulation import stream
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

MEMBERS = 3
# Between two deaths the group commits so many messages more.
PROGRESS = 300
# A killed member is missed once its session (10 s) is over; then the rest takes what it had.
TAKEN_OVER_S = 60.0


@pytest.fixture
def programs(scene: Scene, tmp_path: Path) -> Iterator[Programs]:
    servers = ",".join(scene.servers)
    started = Programs.beside(tmp_path / "programs", {"BOOTSTRAP_SERVERS": servers})
    yield started
    started.kill()


@forms("kills", short=2, long=10)
def test_consumers_are_killed(
    kills: int, scene: Scene, results: Results, programs: Programs
) -> None:
    transactions = stream(0, 10_000_000)
    with Trial("consumer", kills, scene, results, lambda _: encode(next(transactions))) as trial:
        group = Group(trial.settings, programs)
        for together in rounds(kills):
            members = [group.join() for _ in range(together)]
            for member in members:
                group.wait_for_progress()
                member.end(signal.SIGKILL)
        with trial.recovery():
            last = group.join()
            group.wait_for_each_partition()
    ends = end_offsets(scene.servers, trial.topic)
    wait_until(lambda: group.commits.now() == ends, TAKEN_OVER_S, "everything is committed")
    assert last.end() == 0
    group.commits.close()
    assert group.commits.anomalies() == ()
    acknowledged = {decode(value).transaction_id for value in trial.load.acknowledged}
    assert acknowledged - group.processed() == set()
    letters = end_offsets(scene.servers, dead_letter_topic(trial.topic))
    assert sum(letters.values()) == 0
    taken = group.ledger()
    assert (taken.lost, taken.duplicated, taken.in_flight, taken.unbooked) == (0, 0, 0, 0)
    assert taken.processed == taken.acknowledged == len(acknowledged)


def rounds(kills: int) -> Iterator[int]:
    """Split so many deaths into rounds of at most `MEMBERS`, who live at the same time."""
    while kills > 0:
        yield min(MEMBERS, kills)
        kills -= MEMBERS


class Group:
    """The workshop's own consumers, as processes, and what their group has committed."""

    def __init__(self, settings: KafkaSettings, programs: Programs) -> None:
        self._settings = settings
        self._programs = programs
        self._name = f"{settings.topic}-consumers"
        self._members: list[Program] = []
        self.commits = Commits(settings, self._name)

    def join(self) -> Program:
        """Start one more."""
        topic, group = self._settings.topic, self._name
        self._members.append(self._programs.start("consumer", TOPIC=topic, CONSUMER_GROUP=group))
        return self._members[-1]

    def wait_for_progress(self) -> None:
        """Wait until so much more is committed."""
        before = sum(self.commits.now().values())
        wait_until(
            lambda: sum(self.commits.now().values()) >= before + PROGRESS,
            TAKEN_OVER_S,
            f"{PROGRESS} messages more are committed",
        )

    def wait_for_each_partition(self) -> None:
        """Wait until more is committed of each partition."""
        before = self.commits.now()
        wait_until(
            lambda: self._beyond(before),
            TAKEN_OVER_S,
            "more of each partition is committed",
        )

    def _beyond(self, before: dict[int, int]) -> bool:
        now = self.commits.now()
        return bool(now) and all(at > before.get(partition, 0) for partition, at in now.items())

    def ledger(self) -> Balance:
        """Return what the counts that travel with the committed offsets add up to."""
        book = Ledger(self._settings.bootstrap_servers, self._settings.topic, self._name)
        try:
            return book.take()
        finally:
            book.close()

    def processed(self) -> set[str]:
        """Return the ids of the transactions that some member says to have processed."""
        lines = (line for member in self._members for line in member.named("transaction consumed"))
        return {line["transaction_id"] for line in lines}
