"""What a stage is made of: the fold that it is handed, and what one transaction carries."""

from collections.abc import Hashable, Mapping
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.dlq.letter import Form
from kafka_workshop.messaging.offsets import Position

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)
R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
ANY_PARTITION = -1  # the partitioner chooses, by the key


class Output(NamedTuple):
    """A record to write; a dead letter has smaller `forms` for when it is not taken as it is.

    `number` says which letter it is, for as long as it has to be tried.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int = ANY_PARTITION
    forms: tuple[Form, ...] = ()
    number: Hashable = None

    @property
    def size(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value or b"")


class Change(NamedTuple):
    """A record of the changelog: the state of a key from now on, None if it has none any more."""

    partition: int
    key: bytes
    value: bytes | None


class Unit(NamedTuple):
    """What counts together or not at all.

    `positions` are the input's, by partition; `passed` those of what is only passed on.
    """

    outputs: list[Output]
    changes: list[Change]
    positions: dict[int, Position]
    passed: dict[int, Position]


class Folded(NamedTuple, Generic[R]):
    """What came of one event: the key's new state, the records to write, and the result.

    A result that is not empty is waited for by somebody: it is committed sooner than state alone.
    """

    state: bytes
    outputs: list[Output]
    result: R


class Counts(Protocol[E_contra, R_contra]):
    """What a stage counts of each partition and transaction."""

    def add(self, event: E_contra, result: R_contra) -> None:
        """Count a message."""

    def add_dead(self) -> None:
        """Count one that went to the dead letters."""

    def merge(self, other: Self) -> None:
        """Add what `other` has counted."""

    def record(self, partition: int, until: int, now_ms: int) -> Output | None:
        """Return the record that says it, None for none: `partition` up to the offset `until`."""


class Fold(Protocol[E, R]):
    """State and one event give the new state and a result; no clock, no Kafka.

    `schema` and `rules` stand for the state's form and the fold's parameters: state that another
    version wrote is refused. `merged`: what is made of different partitions meets again, so they
    are read in the order of sending (see `merging`).
    """

    schema: int
    rules: str
    merged: bool

    def decode(self, message: Message) -> E:
        """Return the event that a message says.

        Raises:
            Undecodable: it says none.
        """

    def key(self, event: E) -> bytes:
        """Return whose state the event changes."""

    def fold(self, state: bytes | None, event: E, message: Message) -> Folded[R]:
        """Return what comes of it.

        Raises:
            Undecodable: this message belongs to the dead letters.
        """

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return the keys whose state will never be told from none; called when it is restored."""

    def counts(self) -> Counts[E, R]:
        """Return fresh counts."""
