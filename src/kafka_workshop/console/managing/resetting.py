"""Where a group's offsets would be set to, said before it is done: a pure plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr

Way = Literal["earliest", "latest", "offset", "time", "shift"]


@dataclass(frozen=True)
class Target:
    """Where to: `number` is the offset, the time (ms since the epoch) or how far to shift."""

    way: Way
    number: int = 0


@dataclass(frozen=True)
class Move:
    """One partition's committed offset, before and after; `before` is `None` where there is none.

    `limited` says that what was asked for lies outside of what the partition has.
    """

    partition: int
    before: int | None
    after: int
    limited: bool = False

    @property
    def difference(self) -> int | None:
        """How many offsets forward; negative ones are read again."""
        return None if self.before is None else self.after - self.before


@dataclass(frozen=True)
class Reset:
    """What is set for a group on one topic."""

    group: str
    topic: str
    moves: tuple[Move, ...]


def plan(
    whose: tuple[str, str],
    target: Target,
    known: Bounds,
    committed: Mapping[int, int],
    at: Mapping[int, int],
) -> Reset:
    """Return what changes, partitions that stay as they are left out.

    Args:
        whose: the group and the topic.
        target: where to.
        known: from where to where the chosen partitions go.
        committed: the group's offsets; a shift leaves out partitions without one.
        at: where the target's time is, for a target by time.

    Raises:
        NotAllowed: nothing would change.
    """
    wanted = _wanted(target, known, committed, at)
    moves = []
    for partition, (start, end) in sorted(known.items()):
        asked = wanted(partition)
        if asked is None:
            continue
        after, before = min(max(asked, start), end), committed.get(partition)
        if after != before:
            moves.append(Move(partition, before, after, after != asked))
    if not moves:
        raise NotAllowed(
            tr(
                "Nothing would change: the group stands there already, or has no offset to shift.",
                "Nada mudaria: o grupo já está ali ou não tem offset a deslocar.",
            )
        )
    return Reset(*whose, tuple(moves))


def _wanted(
    target: Target, known: Bounds, committed: Mapping[int, int], at: Mapping[int, int]
) -> Callable[[int], int | None]:
    def shifted(partition: int) -> int | None:
        before = committed.get(partition)
        return None if before is None else before + target.number

    ways: dict[Way, Callable[[int], int | None]] = {
        "earliest": lambda partition: known[partition][0],
        "latest": lambda partition: known[partition][1],
        "offset": lambda _: target.number,
        "time": at.get,
        "shift": shifted,
    }
    return ways[target.way]
