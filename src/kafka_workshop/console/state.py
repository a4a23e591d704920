"""The read model: what pages show, refreshed by a poller, kept when the brokers go away.

Pages read `ClusterState.view` and nothing else; they hold no Kafka.
"""

import contextvars
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from confluent_kafka import KafkaException

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.console.diagnosis import Failure, diagnose
from kafka_workshop.console.model import Broker, Snapshot, Topic, count_replicas
from kafka_workshop.console.rates import Meter
from kafka_workshop.errors import BrokersUnavailable
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.reach import listens

POLL_SECONDS = 2.0
STOP_SECONDS = 1.0
# Two polls and a little: what is older than this is not called "now" any more.
STALE_SECONDS = 5.0
GroupTopic = tuple[str, str]


@dataclass(frozen=True)
class View:
    """What is known now.

    `snapshot` is the last good one (`None` before the first); `failure` says why the brokers do
    not answer at present and `failing_since_ms` since when; `rates` are messages a second by
    topic, `committed` those that a group has passed, by group and topic; `version` grows with
    every attempt, so that a page knows when to draw again; `fresh` runs out when the snapshot is
    no longer to be taken for the present.
    """

    snapshot: Snapshot | None = None
    failure: Failure | None = None
    failing_since_ms: int | None = None
    version: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    committed: dict[GroupTopic, float] = field(default_factory=dict)
    fresh: Deadline = field(default_factory=lambda: Deadline(STALE_SECONDS))

    @property
    def brokers(self) -> tuple[Broker, ...]:
        """Every broker ever seen; all offline while none answers."""
        known = self.snapshot.brokers if self.snapshot else ()
        return tuple(replace(b, online=b.online and self.failure is None) for b in known)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics as last seen."""
        return self.snapshot.topics if self.snapshot else ()

    @property
    def answering(self) -> bool:
        """Whether the last attempt reached a broker, and was not long ago."""
        return self.snapshot is not None and self.failure is None and not self.stale

    @property
    def stale(self) -> bool:
        """Whether the snapshot has grown old while the brokers are being asked."""
        return self.snapshot is not None and self.failure is None and self.fresh.expired


class ClusterState:
    """Holds the latest `View`; written by one thread, read by all."""

    def __init__(self) -> None:
        self._view = View()
        self._written = Meter[str]()
        self._passed = Meter[tuple[str, str, int]]()
        self._measured_ms: int | None = None

    @property
    def view(self) -> View:
        """The latest view, a value that never changes."""
        return self._view

    def succeeded(self, snapshot: Snapshot) -> None:
        """Take a new snapshot, or more of the same one; brokers that are gone stay, offline."""
        before = self._view
        merged = _with_offline_brokers(snapshot, before.snapshot)
        same = before.snapshot is not None and before.snapshot.at_ms == snapshot.at_ms
        fresh = before.fresh if same else Deadline(STALE_SECONDS)
        rates, committed = self._rates(merged)
        self._view = View(
            merged, version=before.version + 1, rates=rates, committed=committed, fresh=fresh
        )

    def failed(self, failure: Failure, now_ms: int) -> None:
        """Keep what is known and say why nothing new is."""
        since = self._view.failing_since_ms or now_ms
        version = self._view.version + 1
        self._written.forget()
        self._passed.forget()
        self._view = View(self._view.snapshot, failure, since, version)

    def _rates(self, snapshot: Snapshot) -> tuple[dict[str, float], dict[GroupTopic, float]]:
        now_ms = snapshot.measured_ms
        if now_ms is None or now_ms == self._measured_ms:
            return self._view.rates, self._view.committed  # the offsets are those known before
        self._measured_ms = now_ms
        ends = {topic.name: topic.end for topic in snapshot.topics if topic.end is not None}
        passed = self._passed.take(now_ms, _committed(snapshot))
        return self._written.take(now_ms, ends), _by_topic(passed)


def _committed(snapshot: Snapshot) -> dict[tuple[str, str, int], int]:
    return {
        (group.id, p.topic, p.partition): p.committed
        for group in snapshot.groups
        if group.current
        for p in group.partitions
        if p.committed is not None
    }


def _by_topic(rates: dict[tuple[str, str, int], float]) -> dict[GroupTopic, float]:
    found: defaultdict[GroupTopic, float] = defaultdict(float)
    for (group, topic, _), rate in rates.items():
        found[group, topic] += rate
    return dict(found)


def stale_text(view: View) -> str:
    """Return for how long nothing new has been heard, as a sentence for a person."""
    at_ms = view.snapshot.at_ms if view.snapshot else clock.now_ms()
    return tr(
        "Asking the brokers; this was seen {n} seconds ago.",
        "Consultando os brokers; isto foi visto há {n} segundos.",
        n=(clock.now_ms() - at_ms) // 1000,
    )


def _with_offline_brokers(snapshot: Snapshot, previous: Snapshot | None) -> Snapshot:
    known = {b.id: replace(b, online=False, controller=False) for b in _brokers(previous)}
    named = {
        node: Broker(node, "", 0, online=False)
        for topic in snapshot.topics
        for p in topic.partitions
        for node in p.replicas
    }
    brokers = named | known | {b.id: b for b in snapshot.brokers}
    counted = (_counted(broker, snapshot.topics) for _, broker in sorted(brokers.items()))
    return replace(snapshot, brokers=tuple(counted))


def _brokers(snapshot: Snapshot | None) -> tuple[Broker, ...]:
    return snapshot.brokers if snapshot else ()


def _counted(broker: Broker, topics: tuple[Topic, ...]) -> Broker:
    leaders, replicas, in_sync = count_replicas(broker, topics)
    return replace(broker, leaders=leaders, replicas=replicas, in_sync=in_sync)


class Poller:
    """Refreshes a `ClusterState` in a thread of its own, from `start` to `stop`."""

    def __init__(
        self,
        state: ClusterState,
        observe: Callable[[Snapshot | None], Iterator[Snapshot]],
        servers: tuple[str, ...],
        logger: Logger,
        seconds: float = POLL_SECONDS,
    ) -> None:
        self._state, self._observe, self._servers = state, observe, servers
        self._logger, self._seconds = logger, seconds
        self._wake, self._stopping = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to poll at once."""
        # A daemon, because a request to a silent broker may outlive the wish to stop.
        # It takes the context along, so that what it logs is in the language of the environment.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="poller", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Poll now: something was just changed."""
        self._wake.set()

    def stop(self) -> None:
        """Stop; wait a second at most for a request that is under way."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            pause = Deadline(self._seconds)  # from begin to begin, however long the poll takes
            self.poll()
            if not self._stopping:
                self._wake.wait(pause.remaining)

    def poll(self) -> None:
        """Ask once and put what is learnt into the state, each part as soon as it is there."""
        before = self._state.view
        try:
            self._check_servers(before)
            for snapshot in self._observe(before.snapshot):
                self._state.succeeded(snapshot)
        except (KafkaException, BrokersUnavailable) as error:
            self._state.failed(diagnose(self._servers, error), clock.now_ms())
        except Exception as error:  # noqa: BLE001 - the poller outlives what nobody foresaw, and says so
            self._logger.error("poll_failed", error=repr(error))
            self._state.failed(diagnose(self._servers, error), clock.now_ms())
        self._tell(before, self._state.view)

    def _check_servers(self, view: View) -> None:
        # Where nothing is known to answer, a plain connection says so sooner than the client does.
        if not view.answering and not any(map(listens, self._servers)):
            raise BrokersUnavailable

    def _tell(self, before: View, after: View) -> None:
        if after.failure is not None and before.failure is None:
            self._logger.warning("brokers_lost", reason=after.failure.text())
        silent = before.failure is not None or before.snapshot is None
        if after.failure is None and silent:
            self._logger.info("brokers_answer", brokers=len(after.brokers))
