"""A transaction's id tells its stream and its number in it: `SSSSSSS-NNNNNNNN`, base 32.

A stream is a seed and a lane: two producers with one seed at the same time each take a lane of
their own, so that no id is given twice. Lane 0 is the seed itself.
"""

import re

LANES = 8  # seven digits hold 35 bits: three more than a seed has
DIGITS = "0123456789abcdefghijklmnopqrstuv"  # what int(text, 32) reads
STREAM_WIDTH, NUMBER_WIDTH = 7, 8
_SEED_BITS = 32
_IDENTIFIER = re.compile(r"([0-9a-v]{7})-([0-9a-v]{8})")


def stream_of(seed: int, lane: int = 0) -> int:
    """Return the stream of a seed's lane; lane 0 of a seed has the seed's own number.

    >>> stream_of(7), stream_of(7, 1)
    (7, 4294967303)
    """
    return seed + (lane << _SEED_BITS)


def numbered(transaction_id: str) -> tuple[int, int] | None:
    """Return the stream and the sequence number that an id carries, None if it is none of ours.

    >>> numbered("0000007-00000100")
    (7, 1024)
    """
    match = _IDENTIFIER.fullmatch(transaction_id)
    return (int(match[1], 32), int(match[2], 32)) if match else None


def identifier(stream: int, number: int) -> str:
    """Return the id of a stream's n-th transaction.

    >>> identifier(7, 1024)
    '0000007-00000100'
    """
    return f"{base32(stream, STREAM_WIDTH)}-{base32(number, NUMBER_WIDTH)}"


def base32(number: int, width: int) -> str:
    """Return a number with exactly `width` digits, the highest left out if it is too large."""
    digits = (number >> 5 * place & 31 for place in reversed(range(width)))
    return "".join(DIGITS[digit] for digit in digits)
