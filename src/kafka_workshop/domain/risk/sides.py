"""The two sides of a transaction's features, as small integers: what each stage knows.

The account's side travels to stage merchant with the payment, so its integers are as short as its
features bear: tenths, hundredths, or `rough`, which keeps eight bits after the leading one.
"""

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0)]
Small = Annotated[int, Meta(ge=0, le=65_535)]
Hundredths = Annotated[int, Meta(ge=-1_600, le=1_600)]
# What `flags` says of the account's side.
WEEKEND, NIGHT, NEW_DEVICE, NEW_BENEFICIARY, ONLINE, TO_PERSON, CREDIT, DECLINED, UNSETTLED = (
    1 << bit for bit in range(9)
)
FLAGS = 9


class AccountSide(Struct, frozen=True, array_like=True, gc=False):
    """What a transaction is to its account; see `features.DESCRIBED` for the meaning.

    Attributes:
        ratio: base-2 logarithm of amount by mean, hundredths.
        payments_1, payments_7, payments_30: tenths of a payment.
        mean_1, mean_7, mean_30: minor units, `rough`.
        idle: seconds, `rough`.
        speed: km/h.
    """

    ratio: Hundredths
    payments_1: Count
    payments_7: Count
    payments_30: Count
    mean_1: Small
    mean_7: Small
    mean_30: Small
    idle: Small
    attempts: Small
    speed: Small
    new_payers: Small
    new_payees: Small
    flags: Annotated[int, Meta(ge=0, lt=1 << FLAGS)]


class PlaceSide(Struct, frozen=True, gc=False):
    """Payments and labelled frauds at a place over (t - 7 d - w, t - 7 d], w = 1, 7, 30 days."""

    payments_1: int
    payments_7: int
    payments_30: int
    frauds_1: int
    frauds_7: int
    frauds_30: int


NO_PLACE = PlaceSide(0, 0, 0, 0, 0, 0)


def rough(number: int) -> int:
    """Return a number of at most 62 bits, 0 or above, with nine leading bits, in at most 16 bits.

    >>> [rough(n) for n in (0, 511, 512, 100_000)]
    [0, 511, 512, 2438]
    """
    shift = number.bit_length() - 9
    return number if shift <= 0 else (shift << 8) + (number >> shift)


def smoothed(short: int) -> int:
    """Return the number that `rough` wrote, at most a 256th too low.

    >>> [smoothed(rough(n)) for n in (0, 511, 512, 100_000)]
    [0, 511, 512, 99840]
    """
    return short if short < 512 else ((short & 255) + 256) << ((short >> 8) - 1)
