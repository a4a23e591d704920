"""The balance: acknowledged = processed + dead letters + in flight; what is lost, what is double.

Everything here is arithmetic on what `scan` has read; nothing asks Kafka.

A partition's records, from the oldest that is kept to the end that was asked for last::

    start ······ since ················ committed ········· end
      unbooked        processed + dead          in flight

Between `since` and the committed offset there must be exactly as many records as the group has
counted: fewer counted means skipped, more means processed twice. What retention has removed of
them is believed to the book.
"""

import msgspec

from kafka_workshop.ledger.extent import Extent
from kafka_workshop.ledger.numbers import Some
from kafka_workshop.messaging.tally import Tally


class PartitionBalance(msgspec.Struct, frozen=True):
    """One partition of the topic; all but the offsets are numbers of messages.

    Attributes:
        committed: the group's offset, `None` if it never committed here.
        unbooked: passed by the group before it kept a book, or by another tool's commit.
        skipped: passed by the group and not counted.
        recounted: counted more often than they exist.
        letters_missing: counted as dead, with no letter in the dead-letter topic.
        expired: whether retention has removed records that the group had counted.
    """

    partition: int
    start: int
    end: int
    committed: int | None
    processed: int
    dead: int
    in_flight: int
    unbooked: int = 0
    skipped: int = 0
    recounted: int = 0
    letters_missing: int = 0
    expired: bool = False

    @property
    def stored(self) -> int:
        """Messages that are stored, or were until retention removed them."""
        passed = self.processed + self.dead + self.unbooked + self.skipped - self.recounted
        return passed + self.in_flight


class Balance(msgspec.Struct, frozen=True):
    """The ledger of a topic and a group at `at_ms`, milliseconds UTC.

    Attributes:
        acknowledged: messages that the brokers have taken, those that they lost included.
        missing: ids that a producer's book says are stored, and are not.
        repeated: ids that are stored more than once, each further copy counted.
        without_id: messages that are no transactions of ours: undecodable, or somebody else's.
        runs: runs of producers in their book; `alive` of them have not ended.
        expired: whether retention has removed messages, which can't be judged any more.
        group_exists: whether the group has committed anything.
    """

    topic: str
    group: str
    at_ms: int
    acknowledged: int
    processed: int
    dead: int
    in_flight: int
    unbooked: int
    lost: int
    duplicated: int
    missing: Some
    repeated: Some
    skipped: int
    recounted: int
    letters_missing: int
    without_id: int
    runs: int
    alive: int
    expired: bool
    group_exists: bool
    partitions: tuple[PartitionBalance, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is lost and nothing duplicated."""
        return self.lost == self.duplicated == 0


class Ids(msgspec.Struct, frozen=True):
    """What the ids say: see the attributes of `Balance` of the same names."""

    missing: Some
    repeated: Some
    without_id: int
    runs: int
    alive: int


def partition_balance(
    partition: int,
    extent: Extent,
    end: int,
    committed: int | None,
    tally: Tally | None,
) -> PartitionBalance:
    """Return a partition's balance; `tally` is what was committed with the offset, if it was."""
    start = extent.start
    passed = min(end, start if committed is None else max(committed, start))
    in_flight = extent.records(passed, end)
    if committed is None or tally is None:
        unbooked = extent.records(start, passed)
        return PartitionBalance(partition, start, end, committed, 0, 0, in_flight, unbooked)
    booked, counted = extent.records(max(start, tally.since), passed), tally.count
    # Of what retention has removed nobody knows any more how many records it were.
    expired = start > tally.since
    return PartitionBalance(
        partition,
        start,
        end,
        committed,
        tally.processed,
        tally.dead,
        in_flight,
        unbooked=extent.records(start, min(tally.since, passed)),
        skipped=max(0, booked - counted),
        recounted=0 if expired else max(0, counted - booked),
        expired=expired,
    )


def balance(
    topic: str, group: str, at_ms: int, partitions: tuple[PartitionBalance, ...], ids: Ids
) -> Balance:
    """Return the whole topic's balance."""

    def total(name: str) -> int:
        return sum(getattr(partition, name) for partition in partitions)

    skipped, recounted, letters = total("skipped"), total("recounted"), total("letters_missing")
    return Balance(
        topic=topic,
        group=group,
        at_ms=at_ms,
        acknowledged=total("stored") + ids.missing.count,
        processed=total("processed"),
        dead=total("dead"),
        in_flight=total("in_flight"),
        unbooked=total("unbooked"),
        lost=skipped + letters + ids.missing.count,
        duplicated=recounted + ids.repeated.count,
        missing=ids.missing,
        repeated=ids.repeated,
        skipped=skipped,
        recounted=recounted,
        letters_missing=letters,
        without_id=ids.without_id,
        runs=ids.runs,
        alive=ids.alive,
        expired=any(p.start > 0 for p in partitions),
        group_exists=any(p.committed is not None for p in partitions),
        partitions=partitions,
    )
