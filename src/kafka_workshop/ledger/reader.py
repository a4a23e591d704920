"""Reads partitions from where it stopped up to given offsets; joins no group, commits nothing.

The partitions are taken up for one reading and let go again: between two readings nothing is
fetched, so keeping up with a slow topic costs next to nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import TimeoutError as FutureTimeout

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as Record
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import EarliestSpec, LatestSpec, OffsetSpec

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import TimedOut, Unavailable
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.client import Message, no_broker
from kafka_workshop.messaging.confluent import message_of, metadata_of

Place = tuple[str, int]  # topic and partition
# What is committed for a partition: the offset, and the text that was stored with it.
Committed = tuple[int, str]
_ASK_S = 3.0
_POLL_S = 0.1
_BATCH = 1_000
# A quarter of what a consumer keeps ahead: this one lives inside the console.
_AHEAD_KB = 8 * 1024
_EARLIEST: Callable[[], OffsetSpec] = EarliestSpec
_LATEST: Callable[[], OffsetSpec] = LatestSpec


class Moving(Unavailable):
    """A leader or a coordinator does not answer just now: it passes, in seconds as a rule."""


class Reader:
    """Reads topics of one cluster, and what a group has committed there.

    Aborted records are skipped, as every consumer of ours does.
    """

    def __init__(self, servers: tuple[str, ...], group: str) -> None:
        self._servers = servers
        self._group = group
        self._admin_client: AdminClient | None = None
        self._consumer_client: Consumer | None = None
        self._asker_client: Consumer | None = None

    @property
    def _admin(self) -> AdminClient:
        if self._admin_client is None:
            settings = config.confluent_common(self._servers, "ledger")
            self._admin_client = AdminClient(settings, logger=config.LIBRDKAFKA_LOG)
        return self._admin_client

    @property
    def _consumer(self) -> Consumer:
        if self._consumer_client is None:
            # Who does not subscribe joins nothing.
            settings = config.confluent_consumer(self._servers, self._group) | {
                "client.id": "ledger",
                "enable.partition.eof": True,
                "fetch.queue.backoff.ms": 10,  # by default it rests for a second once it is ahead
                "fetch.wait.max.ms": 10,
                "queued.max.messages.kbytes": _AHEAD_KB,
            }
            self._consumer_client = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
        return self._consumer_client

    @property
    def _asker(self) -> Consumer:
        """Ask for committed offsets without waiting for those of open transactions.

        One that a killed consumer has left open would leave us without an answer until it ends;
        what was committed before it is older, never wrong.
        """
        if self._asker_client is None:
            settings = config.confluent_consumer(self._servers, self._group) | {
                "client.id": "ledger",
                "isolation.level": "read_uncommitted",
            }
            self._asker_client = Consumer(settings, logger=config.LIBRDKAFKA_LOG)
        return self._asker_client

    def places(self, topics: Iterable[str], deadline: Deadline) -> list[Place]:
        """Return the partitions of those of `topics` that exist.

        Raises:
            BrokersUnavailable: no broker answered.
        """
        try:
            found = self._admin.list_topics(timeout=min(_ASK_S, _left(deadline))).topics
        except KafkaException:
            raise no_broker(self._servers) from None
        return [(name, p) for name in topics if name in found for p in found[name].partitions]

    def starts(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, int]:
        """Return the offset of the first record that retention has left in each partition.

        Raises:
            Moving: a partition has no leader now, or its leader is silent.
        """
        return self._offsets(places, _EARLIEST(), deadline)

    def ends(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, int]:
        """Return the offset after everything that is acknowledged in each partition.

        Raises:
            Moving: a partition has no leader now, or its leader is silent.
        """
        return self._offsets(places, _LATEST(), deadline)

    def _offsets(
        self, places: Iterable[Place], spec: OffsetSpec, deadline: Deadline
    ) -> dict[Place, int]:
        wanted = dict.fromkeys((TopicPartition(*place) for place in places), spec)
        if not wanted:
            return {}
        asked = self._admin.list_offsets(
            wanted,
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=min(_ASK_S, _left(deadline)),
        )
        try:
            answers = {tp: answer.result(_left(deadline)) for tp, answer in asked.items()}
        except (KafkaException, FutureTimeout):
            raise _no_leader(sorted({tp.topic for tp in wanted})) from None
        return {(tp.topic, tp.partition): answer.offset for tp, answer in answers.items()}

    def committed(self, places: Iterable[Place], deadline: Deadline) -> dict[Place, Committed]:
        """Return what the group has committed; partitions where it has nothing are left out.

        Raises:
            Moving: the group's coordinator does not answer now.
        """
        asked = [TopicPartition(*place) for place in places]
        try:
            found = self._asker.committed(asked, timeout=min(_ASK_S, _left(deadline)))
        except KafkaException:
            raise _no_coordinator(self._group) from None
        if any(at.error is not None for at in found):
            raise _no_coordinator(self._group)
        return {
            (at.topic, at.partition): (at.offset, metadata_of(at)) for at in found if at.offset >= 0
        }

    def read(
        self,
        positions: dict[Place, int],
        ends: Mapping[Place, int],
        take: Callable[[Message], None],
        deadline: Deadline,
    ) -> None:
        """Read from `positions`, which are moved, up to `ends`; hand each record to `take`.

        Raises:
            TimedOut: the time was up before; what was read is taken, `positions` say how far.
        """
        left = {place for place, end in ends.items() if positions[place] < end}
        if not left:
            return
        self._consumer.assign([TopicPartition(*place, positions[place]) for place in left])
        try:
            while left:
                if deadline.expired:
                    raise _too_slow(sorted({topic for topic, _ in left}))
                for record in self._consumer.consume(_BATCH, min(_POLL_S, _left(deadline))):
                    place = self._step(record, positions, take)
                    if place is not None and positions[place] >= ends.get(place, 0):
                        left.discard(place)
        except KafkaException as error:
            raise Unavailable(error.args[0].str()) from None
        finally:
            self._consumer.unassign()

    def _step(
        self, record: Record, positions: dict[Place, int], take: Callable[[Message], None]
    ) -> Place | None:
        """Take a record, or the news of a partition's end; return the partition that moved."""
        error = record.error()
        place = (record.topic() or "", record.partition() or 0)
        offset = record.offset() or 0
        if error is None:
            take(message_of(record))
            positions[place] = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            # Past the last record there may be markers of transactions, which nobody sees.
            positions[place] = max(positions[place], offset)
        else:
            return None  # it passes, or the deadline ends it
        return place

    def close(self) -> None:
        """Let go of the connections."""
        clients = (self._consumer_client, self._asker_client)
        self._consumer_client = self._asker_client = self._admin_client = None
        for client in clients:
            if client is not None:
                client.close()


def _left(deadline: Deadline) -> float:
    return max(0.01, deadline.remaining)


def _no_leader(topics: list[str]) -> Moving:
    return Moving(
        tr(
            "a partition of {topics} has no leader that answers now",
            "uma partição de {topics} está agora sem líder que responda",
            topics=", ".join(topics),
        )
    )


def _no_coordinator(group: str) -> Moving:
    return Moving(
        tr(
            "the coordinator of the group {group} does not answer now",
            "o coordenador do grupo {group} não responde agora",
            group=group,
        )
    )


def _too_slow(topics: list[str]) -> TimedOut:
    return TimedOut(
        tr(
            "{topics} could not be read to the end in time",
            "não foi possível ler {topics} até o fim a tempo",
            topics=", ".join(topics),
        )
    )
