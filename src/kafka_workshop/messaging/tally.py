"""The consumer's book: how many messages a group has done, kept with its committed offset.

Kafka stores a short text, the metadata, with each committed offset, in one and the same record.
Ours is a running count, so offset and count can't come apart, whoever is killed when.
"""

import re

import msgspec


class Tally(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a group did with a partition, from offset `since` up to its committed offset.

    `dead` messages went to the dead letters, `processed` are all the others.

    >>> Tally(since=0, processed=41).plus(1, 2).text()
    '{"since":0,"processed":42,"dead":2}'
    """

    since: int
    processed: int = 0
    dead: int = 0

    @property
    def count(self) -> int:
        """The messages that are done, in one way or the other."""
        return self.processed + self.dead

    def plus(self, processed: int, dead: int) -> "Tally":
        """Return the tally after so many more."""
        return Tally(self.since, self.processed + processed, self.dead + dead)

    def text(self) -> str:
        """Return the metadata to store, under a hundred characters."""
        return _encoder.encode(self).decode()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Tally)
# What follows is not looked at: librdkafka hands metadata on without its length (see `confluent`).
_OURS = re.compile(r"\{[^{}]*\}")


def tally_of(metadata: str | None) -> Tally | None:
    """Return the tally that `metadata` says, `None` if whoever committed keeps no such book.

    >>> tally_of('{"since":0,"processed":42,"dead":2}')
    Tally(since=0, processed=42, dead=2)
    >>> tally_of("") is None
    True
    """
    found = _OURS.match(metadata or "")
    try:
        tally = _decoder.decode(found[0] if found else "")
    except (msgspec.DecodeError, UnicodeError):
        return None
    return tally if min(tally.since, tally.processed, tally.dead) >= 0 else None


def resumed(offset: int, metadata: str | None) -> Tally:
    """Return the tally to go on with after what is committed; a new one if there is none."""
    return tally_of(metadata) or Tally(since=offset)
