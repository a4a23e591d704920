"""What a purge would delete, said before it does: a pure plan of offsets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kafka_workshop.console.managing.bounds import Bounds
from kafka_workshop.console.model import Group
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr


@dataclass(frozen=True)
class Cut:
    """All of a partition before the offset `to` goes; it goes from `start` to `end` now."""

    partition: int
    start: int
    end: int
    to: int

    @property
    def count(self) -> int:
        """Offsets that go: the messages, unless compacted or transactional."""
        return self.to - self.start


@dataclass(frozen=True)
class Purge:
    """What goes of a topic."""

    topic: str
    cuts: tuple[Cut, ...]

    @property
    def count(self) -> int:
        """Offsets that go, of all partitions."""
        return sum(cut.count for cut in self.cuts)


def parse_offsets(text: str) -> dict[int, int] | None:
    """Return the offset that each partition is emptied up to; `None`: all to their ends.

    >>> parse_offsets("0:120, 2:7"), parse_offsets(" ")
    ({0: 120, 2: 7}, None)

    Raises:
        NotAllowed: the text is not `partition:offset`, several separated by commas.
    """
    found: dict[int, int] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = re.fullmatch(r"([0-9]{1,9})\s*:\s*([0-9]{1,18})", part)
        if match is None or int(match[1]) in found:
            raise NotAllowed(
                tr(
                    "{part!r} is not allowed: partition:offset, each partition once, separated by "
                    "commas.",
                    "{part!r} não é permitido: partição:offset, cada partição uma vez, separadas "
                    "por vírgulas.",
                    part=part[:40],
                )
            )
        found[int(match[1])] = int(match[2])
    return found or None


def plan(topic: str, known: Bounds, wanted: dict[int, int] | None) -> Purge:
    """Return what goes, partitions with nothing to delete left out.

    Raises:
        NotAllowed: there is no such partition, or the offset is none that it has.
    """
    upto = {p: end for p, (_, end) in known.items()} if wanted is None else wanted
    cuts = []
    for partition, to in sorted(upto.items()):
        _check(partition, to, known)
        start, end = known[partition]
        if to > start:
            cuts.append(Cut(partition, start, end, to))
    return Purge(topic, tuple(cuts))


def _check(partition: int, to: int, known: Bounds) -> None:
    if partition not in known:
        raise NotAllowed(
            tr(
                "There is no partition {n}; there are 0 to {last}.",
                "Não há partição {n}; há de 0 a {last}.",
                n=partition,
                last=max(known, default=0),
            )
        )
    start, end = known[partition]
    if not start <= to <= end:
        raise NotAllowed(
            tr(
                "Partition {n}: {to} is not allowed, {start} to {end} is.",
                "Partição {n}: {to} não é permitido, de {start} a {end} é.",
                n=partition,
                to=to,
                start=start,
                end=end,
            )
        )


def unread_by(purge: Purge, groups: Iterable[Group]) -> dict[str, int]:
    """Return by group how many of what goes it has not read, as far as it commits there."""
    cuts = {cut.partition: cut for cut in purge.cuts}
    missed: dict[str, int] = {}
    for group in groups:
        for place in group.partitions:
            cut = cuts.get(place.partition) if place.topic == purge.topic else None
            if cut is None or place.committed is None:
                continue
            left = cut.to - max(cut.start, place.committed)
            if left > 0:
                missed[group.id] = missed.get(group.id, 0) + left
    return missed
