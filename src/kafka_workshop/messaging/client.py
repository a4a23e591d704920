"""The small contract that both client libraries keep: values, producer, consumer.

`messaging.confluent` and `messaging.kafka_python` implement it; `tests/contract` runs one suite
against both on a real cluster; `messaging.factory` opens the one that `KAFKA_CLIENT` names.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import BrokersUnavailable, DeliveryFailed, ServiceFailed, TooLarge
from kafka_workshop.language import tr

Headers = tuple[tuple[str, bytes | None], ...]


class Message(msgspec.Struct, frozen=True):
    """One record as Kafka stores it; `timestamp_ms` is milliseconds since the epoch, UTC."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Delivery(msgspec.Struct, frozen=True):
    """Where an acknowledged record is stored."""

    topic: str
    partition: int
    offset: int


OnDelivery = Callable[[Delivery | DeliveryFailed], None]
GiveUp = Callable[[], bool]


def never() -> bool:
    """Say no: the `give_up` of a producer that waits as long as it takes."""
    return False


def no_broker(servers: tuple[str, ...]) -> BrokersUnavailable:
    """Return the error that names the servers where nobody answered."""
    return BrokersUnavailable(
        tr(
            "no broker answers at {servers}",
            "nenhum broker responde em {servers}",
            servers=", ".join(servers),
        )
    )


def delivery_failed(reason: str, too_large: bool = False) -> DeliveryFailed:
    """Return the error for a record that was not confirmed; `reason` is the library's."""
    kind = TooLarge if too_large else DeliveryFailed
    return kind(tr("not delivered: {reason}", "não entregue: {reason}", reason=reason))


def beyond_repair(reason: str) -> ServiceFailed:
    """Return the error for a client that only a restart can help; `reason` is the library's."""
    return ServiceFailed(
        tr(
            "the Kafka client can't go on: {reason}",
            "o cliente Kafka não consegue continuar: {reason}",
            reason=reason,
        )
    )


class Producer(Protocol):
    """Sends records; each one is answered exactly once, by `on_delivery`.

    Acknowledged means stored by every in-sync replica (acks=all). The idempotent producer keeps
    the order within a partition and stores no record twice, whatever it has to send again.
    `on_delivery` runs inside `send`, `poll` and `flush`, on the caller's thread, never on another.
    """

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
        on_delivery: OnDelivery | None = None,
        partition: int | None = None,
    ) -> None:
        """Queue a record. While the local queue is full this waits: that is the backpressure.

        It goes to the partition that its key says (murmur2), or to the one that is named. A record
        that can't even be queued (`TooLarge`, or the producer was told to give up while it waited)
        is answered with `DeliveryFailed` as any other.

        Raises:
            ServiceFailed: this producer can't send anything any more; start a fresh one.
        """

    def poll(self) -> None:
        """Run the `on_delivery` of what was answered meanwhile, without waiting."""

    @property
    def in_flight(self) -> int:
        """Records that were sent and not answered yet."""

    def flush(self, deadline: Deadline) -> int:
        """Wait for every answer until the deadline; return how many are still missing."""

    def close(self) -> None:
        """Let go of the connections within seconds.

        What is not answered yet is given up, with or without a last `on_delivery`: nobody knows
        whether it is stored.
        """


class Consumer(Protocol):
    """Reads one topic as a member of a consumer group.

    The offset contract, which both clients keep:

    - A message counts as processed when the caller says so with `processed`, one by one. Only
      such messages are ever committed: the committed offset of a partition is that of its last
      processed message + 1. What was fetched and not processed is read again, by whoever owns
      the partition next.
    - `commit` stores those offsets synchronously. `fetch` commits first if anything is left over
      (the last commit failed, or the caller never called it), because partitions are given away
      inside `fetch` only: what is processed is committed before another member may read on.
    - When partitions are revoked or lost, what is still uncommitted of them is dropped (the new
      owner reads it again), and a batch never contains messages of partitions that we no longer
      own. `processed` of such a message is ignored.
    - `close` leaves the group and commits nothing: call `commit` first.
    - With each offset goes the group's running count (`tally.Tally`), as its metadata. Whoever
      takes a partition over reads the count before its first commit there; while that can't be
      read nothing is committed, and it is tried again.
    """

    def fetch(self, max_messages: int, timeout_s: float) -> list[Message]:
        """Return up to `max_messages` messages, fewer or none after `timeout_s` seconds.

        Within a partition they come in offset order, without gap and without repetition.

        Raises:
            ServiceFailed: this consumer can't read any more; start a fresh one.
        """

    def processed(self, message: Message, dead: bool = False) -> None:
        """Note that `message`, and with it every earlier one of its partition, is done.

        It counts once for each call: among the dead letters if it is `dead`.
        """

    def commit(self) -> int:
        """Store the offsets of what was processed; wait seconds at most.

        Returns:
            For how many partitions that did not work (brokers away, a rebalance under way).
            Nothing is forgotten: the next `commit` or `fetch` tries again.
        """

    @property
    def joined(self) -> bool:
        """Whether the group has given us our partitions (which may be none)."""

    def assignment(self) -> frozenset[int]:
        """Return the partitions that we own now."""

    def close(self) -> None:
        """Leave the group, within seconds, so that others take over at once."""
