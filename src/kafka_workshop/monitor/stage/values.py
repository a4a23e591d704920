"""What a stage is made of: the fold that it is handed, and what one transaction carries."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple, Protocol, Self, TypeVar

from kafka_workshop.messaging.client import Headers, Message
from kafka_workshop.messaging.dlq.letter import Form
from kafka_workshop.messaging.offsets import Position

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
    """What counts together or not at all; `positions` are the input's, by partition."""

    outputs: list[Output]
    changes: list[Change]
    positions: dict[int, Position]


class Counts(Protocol[E_contra, R_contra]):
    """What a stage counts of each partition and transaction."""

    def add(self, event: E_contra, result: R_contra) -> None:
        """Count a message."""

    def add_dead(self) -> None:
        """Count one that went to the dead letters."""

    def merge(self, other: Self) -> None:
        """Add what `other` has counted."""

    def record(self, partition: int, until: int, now_ms: int) -> Output:
        """Return the record that says it: messages of `partition` up to the offset `until`."""


class Fold(Protocol[E_contra, R]):
    """State and one event give the new state and a result; no clock, no Kafka.

    `schema` and `rules` stand for the state's form and the fold's parameters: state that another
    version wrote is refused.
    """

    schema: int
    rules: str

    def key(self, event: E_contra) -> bytes:
        """Return whose state the event changes."""

    def fold(self, state: bytes | None, event: E_contra, message: Message) -> tuple[bytes, R]:
        """Return the new state and what came of it.

        Raises:
            Undecodable: this message belongs to the dead letters.
        """

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return the keys whose state will never be told from none; called when it is restored."""

    def outputs(self, result: R) -> Iterable[Output]:
        """Return the records that say a result."""

    def counts(self) -> Counts[E_contra, R]:
        """Return fresh counts."""
