"""What each broker alone can tell: groups, disks, transactions. Through kafka-python."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kafka import TopicPartition
from kafka.errors import IncompatibleBrokerVersion, KafkaError

from kafka_workshop.clock import Deadline
from kafka_workshop.doctor.collecting import collected, in_thread
from kafka_workshop.doctor.facts import (
    LEADERLESS,
    Answer,
    Broker,
    Disk,
    Group,
    OpenProducer,
    Partition,
    Transaction,
)
from kafka_workshop.messaging.one_broker import BrokerConnection, connect, silence_library

T = TypeVar("T")
_CLIENT_ID = "doctor"
_BROKERS_S, _CLOSE_S = 5.0, 1.0
_OPEN_STATES = ("Ongoing", "PrepareCommit", "PrepareAbort", "PrepareEpochFence")
# Connect, Streams and others coordinate through groups too; "" commits without ever joining.
_CONSUMERS = ("consumer", "")


class Brokers:
    """A connection to each broker, all asked at the same time."""

    def __init__(self, brokers: Iterable[Broker]) -> None:
        self._addresses = {broker.id: broker.address for broker in brokers}
        self._connections: dict[int, BrokerConnection] = {}

    def __enter__(self) -> "Brokers":
        silence_library()
        return self

    def __exit__(self, *_: object) -> None:
        closing = [in_thread(connection.close) for connection in self._connections.values()]
        collected(dict(enumerate(closing)), Deadline(_CLOSE_S))

    def ask(self, question: Callable[[Any, int], T]) -> Callable[[], dict[int, T]]:
        """Ask every broker; the call that is returned waits for the answers, by broker."""
        deadline = Deadline(_BROKERS_S)
        asked = {broker: in_thread(self._asking(question, broker)) for broker in self._addresses}
        return lambda: collected(asked, deadline)

    def _asking(self, question: Callable[[Any, int], T], broker: int) -> Callable[[], T]:
        def call() -> T:
            if broker not in self._connections:
                self._connections[broker] = connect([self._addresses[broker]], _CLIENT_ID)
            return question(self._connections[broker].admin, broker)

        return call


def ask_itself(admin: Any, broker: int) -> Answer:
    """Ask a broker for the groups that it coordinates, its disks, and who leads the controllers."""
    # Last, for without a controller a KRaft node keeps this question until its time is over.
    return Answer(_groups(admin, broker), _disks(admin, broker), _leader(admin))


def _leader(admin: Any) -> int | None:
    try:
        described = admin.describe_metadata_quorum()
    except IncompatibleBrokerVersion:
        return None
    except KafkaError:
        return LEADERLESS
    leader = described["topics"][0]["partitions"][0]["leader_id"]
    return int(leader) if leader >= 0 else LEADERLESS


def _groups(admin: Any, broker: int) -> tuple[Group, ...]:
    listed = admin.list_groups(broker_ids=[broker])
    names = sorted(g["group_id"] for g in listed if g["protocol_type"] in _CONSUMERS)
    if not names:
        return ()
    described = admin.describe_groups(names, group_coordinator_id=broker)
    committed = admin.list_group_offsets(names)
    return tuple(
        Group(
            name,
            len(described[name]["members"]),
            {(tp.topic, tp.partition): at.offset for tp, at in committed[name].items()},
        )
        for name in names
    )


def _disks(admin: Any, broker: int) -> tuple[Disk, ...]:
    (described,) = admin.describe_log_dirs(brokers=[broker])
    return tuple(
        Disk(found["total_bytes"], found["usable_bytes"], _partition_bytes(found))
        for found in described["log_dirs"]
        if found["total_bytes"] > 0  # before Kafka 3.3 nobody tells: -1
    )


def _partition_bytes(log_dir: dict[str, Any]) -> int:
    return sum(p["partition_size"] for topic in log_dir["topics"] for p in topic["partitions"])


def ask_transactions(admin: Any, broker: int) -> tuple[Transaction, ...]:
    """Ask a broker for the open transactions that it coordinates."""
    listed = admin.list_transactions(broker_ids=[broker], state_filters=_OPEN_STATES)[broker]
    described = admin.describe_transactions([each.transactional_id for each in listed])
    return tuple(
        Transaction(
            name,
            broker,
            found.producer_id,
            found.state.value,
            found.transaction_start_time_ms,
            found.transaction_timeout_ms,
        )
        for name, found in described.items()
    )


def ask_producers(held: list[Partition], brokers: Brokers) -> list[OpenProducer]:
    """Ask the leaders of `held` for the producers that have a transaction open there."""

    def question(admin: Any, broker: int) -> list[OpenProducer]:
        led = [TopicPartition(*p.place) for p in held if p.leader == broker]
        described = admin.describe_producers(led, broker_id=broker) if led else {}
        return [
            OpenProducer(
                place.topic,
                place.partition,
                producer.producer_id,
                producer.producer_epoch,
                producer.current_transaction_start_offset,
            )
            for place, state in described.items()
            for producer in state.active_producers
            if producer.current_transaction_start_offset >= 0
        ]

    return [producer for found in brokers.ask(question)().values() for producer in found]
