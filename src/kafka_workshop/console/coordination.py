"""What the group coordinators know: each broker is asked in a thread of its own.

This speaks kafka-python: `messaging.one_broker` says why.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from kafka.errors import KafkaError

from kafka_workshop.clock import Deadline
from kafka_workshop.console.model import Broker, Group, GroupPartition, Member, Partition, Topic
from kafka_workshop.messaging.one_broker import BrokerConnection, connect, silence_library

T = TypeVar("T")
_CLIENT_ID = "kafka-ui"
# Connect, Streams and others coordinate through groups too; "" commits without ever joining.
_CONSUMERS = ("consumer", "")
_STATES = {
    "PreparingRebalance": "Preparing Rebalancing",
    "CompletingRebalance": "Completing Rebalancing",
}
# Connecting and every request have time-outs of two seconds; the library is not believed, though.
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Coordinated:
    """A group as its coordinator describes it, and the offsets that it committed."""

    id: str
    state: str
    coordinator: int
    assignor: str
    members: tuple[Member, ...]
    committed: dict[tuple[str, int], int]

    def group(self, offsets: Mapping[tuple[str, int], Partition]) -> Group:
        """Return the group, its lag reckoned with `offsets`."""
        owner = {pair: member.id for member in self.members for pair in member.assigned}
        partitions = tuple(
            GroupPartition(
                *pair,
                committed=self.committed.get(pair),
                start=offsets[pair].start if pair in offsets else None,
                end=offsets[pair].end if pair in offsets else None,
                member=owner.get(pair, ""),
            )
            for pair in sorted({*self.committed, *owner})
        )
        return Group(self.id, self.state, self.coordinator, self.assignor, self.members, partitions)


Answers = dict[int, tuple[Coordinated, ...]]


class Coordinators:
    """Asks the brokers of one cluster for the groups that each coordinates."""

    def __init__(self) -> None:
        silence_library()
        self._lines: dict[tuple[int, str], Line[tuple[Coordinated, ...]]] = {}
        self._asked: dict[int, Line[tuple[Coordinated, ...]]] = {}

    def ask(self, brokers: Iterable[Broker]) -> None:
        """Ask each of `brokers` that is not being asked already; return at once."""
        keys = [(broker.id, broker.address) for broker in brokers]
        self._asked = {key[0]: self._lines.setdefault(key, _line(*key)) for key in keys}
        for line in self._asked.values():
            line.ask()

    def answers(self, deadline: Deadline) -> Answers:
        """Return by broker what those answered that did before the deadline.

        An answer that comes later is not lost: it counts at the next call.
        """
        found = {broker: line.answer(deadline) for broker, line in self._asked.items()}
        return {broker: groups for broker, groups in found.items() if groups is not None}


def merged(
    answers: Answers, known: Iterable[Group], online: set[int], topics: Iterable[Topic]
) -> tuple[Group, ...]:
    """Return the groups of `answers`, and the `known` ones that nobody could be asked about.

    While a broker in `online` is silent, a group that no other names may be moving to it; one
    whose coordinator is gone is about to move.
    """
    offsets = {(topic.name, p.id): p for topic in topics for p in topic.partitions}
    fresh = {g.id: g.group(offsets) for groups in answers.values() for g in groups}
    silent = bool(online - answers.keys())
    kept = {g.id: replace(g, current=False) for g in known if silent or g.coordinator not in online}
    return tuple(group for _, group in sorted((kept | fresh).items()))


class Line(Generic[T]):
    """One question that is asked again and again, in a thread of its own.

    Its connection is made when it is first asked and anew after every error. An answer that never
    comes is given up, with its thread and its connection.
    """

    def __init__(
        self,
        name: str,
        servers: Iterable[str],
        question: Callable[[Any], T],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._name, self._servers, self._question = name, tuple(servers), question
        self._patience_s = patience_s
        self._connection: BrokerConnection | None = None
        self._answer: Future[T] | None = None
        self._awaited = Deadline(patience_s)

    def ask(self) -> None:
        """Ask, unless an answer is awaited already; return at once."""
        if self._answer is not None and self._awaited.expired:
            self._answer = self._connection = None
        if self._answer is None:
            self._answer, self._awaited = Future(), Deadline(self._patience_s)
            # A daemon, because a silent broker must not keep the process from stopping.
            threading.Thread(
                target=self._run, args=(self._answer,), name=self._name, daemon=True
            ).start()

    def answer(self, deadline: Deadline) -> T | None:
        """Return the answer if it came before the deadline; one that comes later is not lost."""
        future = self._answer
        if future is None or not wait([future], deadline.remaining).done:
            return None
        self._answer = None
        return None if future.exception() else future.result()

    def _run(self, answer: "Future[T]") -> None:
        connection = self._connection
        try:
            connection = connection or connect(self._servers, _CLIENT_ID)
            found = self._question(connection.admin)
        except Exception as error:  # noqa: BLE001 - whatever it was, `answer` is told and a new connection mends it
            if answer is self._answer:
                self._connection = None
            answer.set_exception(error)
        else:
            if answer is self._answer:
                self._connection = connection
                answer.set_result(found)
                return
        # Last, for nobody promises that this comes back.
        if connection is not None:
            connection.close()


def _line(broker: int, address: str) -> Line[tuple[Coordinated, ...]]:
    return Line(f"groups-{broker}", [address], partial(_coordinated, broker))


def _coordinated(broker: int, admin: Any) -> tuple[Coordinated, ...]:
    listed = admin.list_groups(broker_ids=[broker])
    names = sorted(g["group_id"] for g in listed if g["protocol_type"] in _CONSUMERS)
    if not names:
        return ()
    described = admin.describe_groups(names, group_coordinator_id=broker)
    committed = admin.list_group_offsets(names)
    return tuple(_group(described[name], committed[name], broker) for name in names)


def _group(described: dict[str, Any], committed: Mapping[Any, Any], broker: int) -> Coordinated:
    if described["error"]:
        raise KafkaError(described["error"])
    state = described["group_state"]
    return Coordinated(
        described["group_id"],
        _STATES.get(state, state),
        broker,
        described["protocol_data"] or "",
        tuple(map(_member, described["members"])),
        {(tp.topic, tp.partition): at.offset for tp, at in committed.items() if at.offset >= 0},
    )


def _member(described: dict[str, Any]) -> Member:
    assignment = described["member_assignment"]
    # While the group rebalances there is none, or bytes of a protocol that is not a consumer's.
    topics = assignment["assigned_partitions"] if isinstance(assignment, dict) else []
    pairs = sorted((t["topic"], p) for t in topics for p in t["partitions"])
    return Member(
        described["member_id"], described["client_id"], described["client_host"], tuple(pairs)
    )
