"""Random numbers that can be had again from any sequence number on.

Transaction n takes its numbers from a table computed from the seed and n's block alone, so a
stream that goes on at n needs none of what came before. SHAKE-128 gives the same bytes on every
machine and every version of Python, at about 0.1 µs a transaction.
"""

import hashlib
import struct
from collections.abc import Iterator

from kafka_workshop.domain.numbering import DIGITS, NUMBER_WIDTH, STREAM_WIDTH, base32, numbered

BLOCK = 1024  # sequence numbers that share one table; 32 * 32, hence two base-32 digits
Draws = tuple[int, int, int, int, int, int, int, int]  # each below 2**32, one purpose each

_ROW = struct.Struct("<8I")
_SUFFIXES = tuple(high + low for high in DIGITS for low in DIGITS)
_BLOCK_WIDTH = NUMBER_WIDTH - 2
MAX_SEQUENCE = 32**NUMBER_WIDTH - 1


def table(seed: int, block: int, purpose: str = "transactions") -> Iterator[Draws]:
    """Return the `BLOCK` rows of independent, uniformly distributed draws of a block."""
    name = f"{purpose}:{seed}:{block}".encode()
    return _ROW.iter_unpack(hashlib.shake_128(name).digest(_ROW.size * BLOCK))


def identifiers(seed: int, block: int) -> Iterator[str]:
    """Return the block's transaction ids: the stream and the sequence number, see `numbering`.

    >>> next(identifiers(7, 1))
    '0000007-00000100'

    Raises:
        ValueError: the block lies before 0 or beyond `MAX_SEQUENCE`.
    """
    if not 0 <= block <= MAX_SEQUENCE // BLOCK:
        raise ValueError(f"sequence numbers go from 0 to {MAX_SEQUENCE}")
    prefix = f"{base32(seed, STREAM_WIDTH)}-{base32(block, _BLOCK_WIDTH)}"
    return (prefix + suffix for suffix in _SUFFIXES)


def sequence_of(transaction_id: str, seed: int) -> int | None:
    """Return the sequence number that an id carries, None if this seed did not give it.

    >>> sequence_of("0000007-00000100", 7)
    1024
    >>> sequence_of("0000008-00000100", 7) is None
    True
    """
    found = numbered(transaction_id)
    return found[1] if found and found[0] == seed else None
