"""What the merchant detector remembers of one place: flat, bounded, held encoded.

Integers and lists of integers; times are seconds UTC unless they say milliseconds. Everything that
could grow is trimmed by arrival, oldest first. A place where nothing happened for longer than
`TIME_TO_LIVE_MS` begins anew.
"""

from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from kafka_workshop.domain.merchant.event import Event, Fraud, Payment, Suspicion
from kafka_workshop.domain.movement import stable_hash
from kafka_workshop.domain.risk.sides import NO_PLACE, PlaceSide
from kafka_workshop.domain.window import add, remember, ring

PLACE_SCHEMA = 2  # of the state; another one is refused at restore
DAY = 86_400
# A label may be so late; until then a day's payments are not known to be honest.
LABEL_DELAY_DAYS = 7
WINDOWS_DAYS = (1, 7, 30)
# The delay, the longest window, and the day that has not ended; a week for late payments: accounts
# are read side by side, and one may be that far ahead of another.
RING_DAYS = LABEL_DELAY_DAYS + WINDOWS_DAYS[-1] + 1 + 7
# Twice the longest window that may be set.
TIME_TO_LIVE_MS = 120 * DAY * 1000
RULE_SLOTS = 4
_FRAUDS, _SUSPICIONS, TRIALS = 48, 32, 32


class Seen(NamedTuple):
    """An event, and what every rule asks about it.

    Attributes:
        second: as of when it is judged: the newest event time of the place. A late event is taken
            in and judged with the rest as of now; nothing is said about the past.
        account: stable hash.
    """

    event: Event
    second: int
    account: int


class Share(NamedTuple):
    """Labelled frauds among the payments of `days` whole days that ended a week ago or earlier.

    A card that was copied here counts with the fraud that was done elsewhere.
    """

    days: int
    payments: int
    frauds: int

    @property
    def share(self) -> float:
        """From 0.0, also if there was nothing, to 1.0."""
        return min(1.0, self.frauds / self.payments) if self.payments else 0.0


class Place(Struct, array_like=True, gc=False):
    """A place's state.

    Attributes:
        latest: newest event time of a payment or suspicion, milliseconds UTC; 0: none yet.
        alerted: for each rule's slot, as of when it last raised an alert.
        payments: how many there were on each of the last 45 days, UTC; see `window.ring`.
        frauds: labels: when it occurred, when that became known, hash of the account.
        suspicions: when, hash of the account.
        trials: tiny payments on the internet that were declined: when, hash of the account.
    """

    latest: int = 0
    alerted: list[int] = field(default_factory=lambda: [0] * RULE_SLOTS)
    payments: list[int] = field(default_factory=lambda: ring(RING_DAYS))
    frauds: list[int] = field(default_factory=list)
    suspicions: list[int] = field(default_factory=list)
    trials: list[int] = field(default_factory=list)

    def learn(self, event: Event) -> Seen:
        """Take an event in; return how the rules see it."""
        second, account = event.occurred_at // 1000, stable_hash(event.account_id)
        if isinstance(event, Fraud):
            # It comes when it is known and not when it occurred: no clock goes by it.
            remember(self.frauds, _FRAUDS, (second, event.available_at // 1000, account))
            return Seen(event, self.latest // 1000, account)
        self.latest = max(self.latest, event.occurred_at)
        if isinstance(event, Suspicion):
            remember(self.suspicions, _SUSPICIONS, (second, account))
        elif isinstance(event, Payment):
            add(self.payments, second // DAY)
        return Seen(event, self.latest // 1000, account)

    def share(self, second: int, days: int) -> Share:
        """Return the share of labelled fraud over (t - 7 d - `days`, t - 7 d], in whole days.

        Whole days of UTC that ended at least seven days before the second `t`: of these every label
        is there. Labels that became known after `t` are left out, however early they came.
        """
        end = second // DAY - LABEL_DELAY_DAYS  # the first day that is left out
        frauds = sum(
            end - days <= self.frauds[at] // DAY < end and self.frauds[at + 1] <= second
            for at in range(0, len(self.frauds), 3)
        )
        return Share(days, self._payments(end - days, end), frauds)

    def side(self, second: int) -> PlaceSide:
        """Return what the place is to a payment at a second: what `share` says of each window."""
        newest, end = self.payments[0], second // DAY - LABEL_DELAY_DAYS
        longest = WINDOWS_DAYS[-1]
        if newest == 0:
            return NO_PLACE
        if newest - RING_DAYS >= end - longest or end > newest + 1:
            shares = [self.share(second, days) for days in WINDOWS_DAYS]
            return PlaceSide(*(s.payments for s in shares), *(s.frauds for s in shares))
        # All days are still there, as they nearly always are: in one go, the newest last.
        first, last = 1 + (end - longest) % RING_DAYS, 1 + end % RING_DAYS
        ring = self.payments
        days = ring[first:last] if first < last else ring[first:] + ring[1:last]
        frauds = self._frauds(end, second) if self.frauds else (0, 0, 0)
        return PlaceSide(days[-1], sum(days[-WINDOWS_DAYS[1] :]), sum(days), *frauds)

    def _frauds(self, end: int, second: int) -> tuple[int, int, int]:
        """Return the labelled frauds of the 1, 7 and 30 days before the day `end`."""
        known = zip(self.frauds[::3], self.frauds[1::3], strict=True)
        ago = [end - at // DAY for at, told in known if told <= second and at // DAY < end]
        one, seven, thirty = (sum(days <= window for days in ago) for window in WINDOWS_DAYS)
        return one, seven, thirty

    def _payments(self, first: int, end: int) -> int:
        newest, size = self.payments[0], len(self.payments) - 1
        oldest = max(first, newest - size + 1)
        return sum(self.payments[1 + day % size] for day in range(oldest, min(end, newest + 1)))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Place)


def snapshot(place: Place) -> bytes:
    """Return the place's state as bytes (MessagePack), the same for the same state."""
    return _encoder.encode(place)


def restore(encoded: bytes) -> Place:
    """Return the state that `snapshot` wrote.

    Raises:
        msgspec.DecodeError: the bytes are no state of this schema.
    """
    return _decoder.decode(encoded)


def is_expired(place: Place, event: Event) -> bool:
    """Return whether a place begins anew with an event: after a silence beyond the time to live.

    It does, too, if the event is older by as much than the newest: that one had a clock far ahead.
    """
    if place.latest == 0 or isinstance(event, Fraud):
        return False
    return abs(event.occurred_at - place.latest) > TIME_TO_LIVE_MS
