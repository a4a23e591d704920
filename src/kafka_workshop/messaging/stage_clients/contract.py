"""What a stage needs of a client library, in librdkafka's words: these two and no more.

librdkafka's own objects are what is described here, so that nothing stands between them and a
stage; kafka-python's are brought into the same form. All errors come as `KafkaException`, whose
`KafkaError` says what to do: again (`retriable`), all of it again (`txn_requires_abort`), or a
fresh start (anything else).
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from confluent_kafka import Message, TopicPartition

OnRebalance = Callable[[Any, list[TopicPartition]], None]
# Hears the error, None for none, and the record, which only librdkafka tells.
OnAnswer = Callable[[Any, Any], None]


class Reader(Protocol):
    """A member of a group that reads what it assigns itself; committed records only.

    Callbacks run inside `consume`, on whatever thread, while the caller waits; what is revoked is
    given to no other member before `on_revoke` returns. `on_lost` is called instead where the
    group may have given the partitions away already. Waits are in seconds.
    """

    def subscribe(
        self,
        topics: list[str],
        on_assign: OnRebalance | None = None,
        on_revoke: OnRebalance | None = None,
        on_lost: OnRebalance | None = None,
    ) -> None:
        """Join the group; callbacks assign and unassign, the group alone reads nothing."""

    def unsubscribe(self) -> None:
        """Begin to leave the group: a static member leaves as well."""

    def poll(self, timeout: float = -1) -> object:
        """Go on with leaving."""

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """Return up to so many messages, fewer or none after the wait."""

    def assignment(self) -> list[TopicPartition]:
        """Return what is assigned still."""

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        """Read partitions of any topic too, each from its offset."""

    def incremental_unassign(self, partitions: list[TopicPartition]) -> None:
        """Read partitions no more."""

    def pause(self, partitions: list[TopicPartition]) -> None:
        """Read nothing of partitions for now."""

    def resume(self, partitions: list[TopicPartition]) -> None:
        """Read partitions again."""

    def seek(self, partition: TopicPartition) -> None:
        """Read on from the offset that is given."""

    def committed(
        self, partitions: list[TopicPartition], timeout: float = -1
    ) -> list[TopicPartition]:
        """Return offsets and metadata of the group, once no transaction is pending on them."""

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False
    ) -> tuple[int, int]:
        """Return the first offset and the one after the last, negative if not known yet.

        `cached`: as of the last answer to our reading, without a request.
        """

    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: Literal[False]
    ) -> list[TopicPartition]:
        """Commit offsets outside any transaction."""

    def consumer_group_metadata(self) -> Any:
        """Return what ties a transaction to this membership in the group, as of now."""

    def close(self) -> None:
        """Leave the group and let go of the connections."""


class Writer(Protocol):
    """An idempotent producer, of transactions if it has a transactional id. Waits are in seconds.

    A wait that gives out leaves what was asked for under way: the same call again goes on with it.
    """

    def produce(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int = -1,
        *,
        on_delivery: OnAnswer | None = None,
        headers: list[tuple[str, str | bytes | None]] | None = None,
    ) -> None:
        """Queue a record; `BufferError` if there is no room.

        `on_delivery` runs inside `poll`, `flush` and `commit_transaction`.
        """

    def poll(self, timeout: float = -1) -> int:
        """Wait for answers; return how many there were."""

    def flush(self, timeout: float = -1) -> int:
        """Wait for all answers; return how many are missing."""

    def purge(self) -> None:
        """Give up whatever is not answered."""

    def init_transactions(self, timeout: float = -1) -> None:
        """Fence whoever had the transactional id; what that one left open is aborted."""

    def begin_transaction(self) -> None:
        """Begin a transaction."""

    def send_offsets_to_transaction(
        self, positions: list[TopicPartition], group_metadata: Any, timeout: float = -1
    ) -> None:
        """Commit offsets of a group with the transaction."""

    def commit_transaction(self, timeout: float = -1) -> None:
        """Commit, if every record was stored."""

    def abort_transaction(self, timeout: float = -1) -> None:
        """Abort: nothing of it counts."""
