"""What the detector remembers of one account: flat, bounded, held encoded.

Nothing but integers, bytes and lists or small tables of integers; times in it are whole seconds
UTC unless they say milliseconds. Everything that could grow is trimmed by arrival, oldest first,
so the same input gives the same bytes. An account that was silent for longer than
`TIME_TO_LIVE_MS` begins anew: that makes eviction after that time unobservable.
"""

from hashlib import blake2b
from math import isqrt, sqrt

import msgspec
from msgspec import Struct, field

from kafka_workshop.domain.movement import (
    CARD_PRESENT,
    CREDIT,
    PIX_PERSON,
    TRANSFER,
    WAYS,
    Moment,
)
from kafka_workshop.domain.window import add, remember, ring, within

SCHEMA = 3  # of the state; another one is refused at restore
DAY = 86_400
TIME_TO_LIVE_MS = 400 * DAY * 1000  # the longest window, dormancy, may be set to 360 days
MAX_ENCODED_BYTES = 16_384
RULE_SLOTS = 16  # room for rules that do not exist yet, so that a new one needs no new schema

_IDS, _ID_BYTES = 32, 8
_DEVICES, _COUNTERPARTIES, _FLOWS, _TERMINALS = 8, 32, 16, 4
# Amounts of one way: how many, their sum, the sum of their logarithms and of the squares of those.
_COUNT, _SUM, _LOGS, _SQUARES = range(4)
_STATISTICS = 4
_CLIPPING = 10  # from so many amounts on, one far out is clipped
_FORGETTING = 256  # so many amounts weigh as much as all before them
# What "new" means: first seen at most a day ago, by an account that has been known for a while.
NEW_FOR = DAY
SETTLED_AFTER, SETTLED_COUNT = 4 * DAY, 4
# An account that has just become busy meets its whole circle within an hour. Until it has been busy
# for long, or is quiet again, only who was first seen minutes ago is new to it. Counted are its own
# attempts to pay, in this hour and the one before.
_BUSY_ATTEMPTS, _BUSY_HOURS, _RUSH_WINDOW = 8, 12, 600
AWAKE_AFTER = 7 * DAY  # after so long a silence an account has woken up; rules may ask for more

_TO_OTHERS = frozenset({PIX_PERSON, TRANSFER, CREDIT})
LOG_UNIT = 256  # logarithms to base 2, in 256ths


def _slots() -> list[int]:
    return [0] * RULE_SLOTS


def _amounts() -> list[int]:
    return [0] * (_STATISTICS * WAYS)


class Profile(Struct, array_like=True, gc=False):
    """An account's state.

    Attributes:
        latest: newest event time, milliseconds UTC; 0 for an account never seen.
        since: oldest event time, milliseconds UTC.
        seen: transactions, without the repeated ones.
        repeats: transactions that came again and were ignored.
        ids: digests of the last 32 transaction ids.
        alerted: for each rule's slot, when it last raised an alert.
        amounts: for each way, statistics of the approved amounts.
        devices, payees, payers: hash -> first seen.
        inflows, outflows: the last movements from and to counterparties that are new (time, amount
            in minor units, hash).
        place: last card-present place and time: thousandths of a degree, seconds.
        online: transactions from a device.
        rushed: when the account was last seen to have just become busy.
        minutes, hours: attempts to pay in each of the last 15 minutes and 24 hours.
        run: attempts of one kind in close succession: way, how many, since, until.
        trials: small card payments on the internet (time, whether declined).
        near: amounts around limits (time, amount, negative for credits).
        woke: when it last woke up from a long silence, and for how long that had lasted.
        device_day: local day, and sum by Pix from an unregistered device on it.
        visited: terminal -> when the card was last used there, the last four of them.
        spent: the newest day, UTC, then of each of up to 31 days backwards from it the number and
            sum of approved payments in one integer; kept for the score alone (`risk.account`).
    """

    latest: int = 0
    since: int = 0
    seen: int = 0
    repeats: int = 0
    ids: bytes = b""
    alerted: list[int] = field(default_factory=_slots)
    amounts: list[int] = field(default_factory=_amounts)
    devices: dict[int, int] = field(default_factory=dict)
    payees: dict[int, int] = field(default_factory=dict)
    payers: dict[int, int] = field(default_factory=dict)
    online: int = 0
    rushed: int = 0
    inflows: list[int] = field(default_factory=list)
    outflows: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=lambda: ring(15))
    hours: list[int] = field(default_factory=lambda: ring(24))
    run: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    trials: list[int] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    woke: list[int] = field(default_factory=lambda: [0, 0])
    device_day: list[int] = field(default_factory=lambda: [0, 0])
    visited: dict[str, int] = field(default_factory=dict)
    spent: list[int] = field(default_factory=list)

    def is_repeated(self, digest: bytes) -> bool:
        """Return whether the transaction is one of the last 32."""
        at = self.ids.find(digest)
        while at > 0 and at % _ID_BYTES:  # a match across two digests is none
            at = self.ids.find(digest, at + 1)
        return at >= 0

    def is_settled(self, second: int) -> bool:
        """Return whether enough is known of the account to call anything new to it."""
        return self.seen >= SETTLED_COUNT and second - self.since // 1000 >= SETTLED_AFTER

    def horizon(self, second: int) -> int:
        """Return after when somebody must have been first seen to be new; `second` if nobody is."""
        if not self.is_settled(second):
            return second
        return max(second - NEW_FOR, self.rushed - _RUSH_WINDOW)

    def is_new(self, known: dict[int, int], key: int, second: int) -> bool:
        """Return whether one of `payees`, `payers` or `devices` is new now; 0 is nobody."""
        return key != 0 and known.get(key, second) > self.horizon(second)

    def is_new_device(self, device: int, second: int) -> bool:
        """Return whether a device is new to an account that has been using others for a day."""
        return self.is_new(self.devices, device, second) and any(
            second - seen > NEW_FOR for seen in self.devices.values()
        )

    def count(self, way: int) -> int:
        """Return how many approved amounts of a way are known, the forgotten ones left out."""
        return self.amounts[way * _STATISTICS]

    def mean(self, way: int, enough: int) -> int:
        """Return the mean amount of a way in minor units, 0 if there are not `enough` of any.

        If only the way has too few, it is the mean over all payments.
        """
        at, amounts = way * _STATISTICS, self.amounts
        known = amounts[at]
        if known >= enough:
            return amounts[at + _SUM] // known
        payments = amounts[: CREDIT * _STATISTICS]
        count = sum(payments[::_STATISTICS])
        return sum(payments[_SUM::_STATISTICS]) // count if count >= enough else 0

    def mean_without_new(self, after: int, enough: int) -> int:
        """Return the mean over all payments, those to new beneficiaries since `after` left out.

        In minor units; 0 if fewer than `enough` are left. What empties an account is not usual.
        """
        payments = self.amounts[: CREDIT * _STATISTICS]
        left_out = [flow[1] for flow in within(self.outflows, 3, after, self.latest // 1000)]
        count = sum(payments[::_STATISTICS]) - len(left_out)
        total = sum(payments[_SUM::_STATISTICS]) - sum(left_out)
        return max(0, total) // count if count >= enough else 0

    def deviation(self, way: int, amount: int) -> float:
        """Return by how many standard deviations of its logarithm an amount exceeds its way's mean.

        The deviation has a floor of half an octave; 0.0 for a way without amounts.
        """
        count, _, logs, squares = self.amounts[way * _STATISTICS : (way + 1) * _STATISTICS]
        if count == 0:
            return 0.0
        variance = max(squares * count - logs * logs, 0) / (count * count)
        spread = max(sqrt(variance), LOG_UNIT / 2)
        return (logarithm(amount) - logs / count) / spread

    def count_attempt(self, moment: Moment) -> None:
        """Count a payment, before the rules look at it."""
        second = moment.second
        if moment.way != CREDIT:
            add(self.minutes, second // 60)
            add(self.hours, second // 3600)
            if not moment.late and self._is_rushing(second):
                self.rushed = second

    def _is_rushing(self, second: int) -> bool:
        hours = self.hours
        size, newest = len(hours) - 1, hours[0]
        rush = hours[1 + newest % size] + hours[1 + (newest - 1) % size]
        if rush < _BUSY_ATTEMPTS or size - hours[1:].count(0) >= _BUSY_HOURS:
            return False
        # Payments to new people are what the rules look for: they make no account busy.
        return rush - sum(at > second - 7200 for at in self.outflows[::3]) >= _BUSY_ATTEMPTS

    def learn(self, moment: Moment, digest: bytes) -> None:
        """Take a transaction in, after the rules have compared it with the past."""
        transaction, second = moment.transaction, moment.second
        if moment.idle >= AWAKE_AFTER:
            self.woke = [second, moment.idle]
        if moment.approved:
            self.learn_amount(moment.way, transaction.amount)
            if moment.way in _TO_OTHERS and moment.counterparty:
                flow = (second, transaction.amount, moment.counterparty)
                self.learn_flow(moment.way == CREDIT, flow)
            if moment.way == CARD_PRESENT and transaction.terminal_id is not None:
                self.learn_visit(transaction.terminal_id, second)
        if moment.here:
            self.place = moment.here
        if moment.device:
            self.online += 1
            _first_seen(self.devices, moment.device, second, _DEVICES)
        at = transaction.occurred_at
        self.since = min(self.since or at, at)
        self.latest = max(self.latest, at)
        self.seen += 1
        self.ids = (self.ids + digest)[-_IDS * _ID_BYTES :]

    def learn_amount(self, way: int, amount: int) -> None:
        """Add an approved amount; one far out counts as three deviations only."""
        at, own = way * _STATISTICS, logarithm(amount)
        count, _, logs, squares = self.amounts[at : at + _STATISTICS]
        if count >= _CLIPPING:
            centre = logs // count
            variance = max(squares // count - centre * centre, 0)
            reach = 3 * max(isqrt(variance), LOG_UNIT // 2)
            own = min(max(own, centre - reach), centre + reach)
        if count >= _FORGETTING:
            for place in range(at, at + _STATISTICS):
                self.amounts[place] //= 2
        for place, value in enumerate((1, amount, own, own * own), at):
            self.amounts[place] += value

    def learn_visit(self, terminal_id: str, second: int) -> None:
        """Remember that the card was used at a terminal; the one visited first is forgotten."""
        last = self.visited.pop(terminal_id, 0)
        if len(self.visited) >= _TERMINALS:
            del self.visited[next(iter(self.visited))]
        self.visited[terminal_id] = max(last, second)

    def learn_flow(self, credit: bool, flow: tuple[int, int, int]) -> None:
        """Remember who paid or was paid; when and how much, too, if that is somebody new."""
        second, _, counterparty = flow
        known = self.payers if credit else self.payees
        new = self.is_new(known, counterparty, second)
        _first_seen(known, counterparty, second, _COUNTERPARTIES)
        if new:
            remember(self.inflows if credit else self.outflows, _FLOWS, flow)


def _first_seen(known: dict[int, int], key: int, second: int, keep: int) -> None:
    first = known.get(key)
    if first is None:
        if len(known) >= keep:
            del known[next(iter(known))]
        known[key] = second
    elif second < first:
        known[key] = second  # a late event


def logarithm(amount: int) -> int:
    """Return the base-2 logarithm of an amount above 0 in 256ths, straight between powers of two.

    In integers only, so that it is the same on every machine; at most 22/256 too low.

    >>> logarithm(1), logarithm(1024), logarithm(1536)
    (0, 2560, 2688)
    """
    whole = amount.bit_length() - 1
    return (whole << 8) + ((amount << 8) >> whole) - LOG_UNIT


def digest_of(transaction_id: str) -> bytes:
    """Return the eight bytes that stand for a transaction's id."""
    return blake2b(transaction_id.encode(), digest_size=_ID_BYTES).digest()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Profile)


def snapshot(profile: Profile) -> bytes:
    """Return the profile as bytes (MessagePack), the same for the same profile."""
    return _encoder.encode(profile)


def restore(encoded: bytes) -> Profile:
    """Return the profile that `snapshot` wrote.

    Raises:
        msgspec.DecodeError: the bytes are no profile of this schema.
    """
    return _decoder.decode(encoded)


def is_expired(profile: Profile, instant: int) -> bool:
    """Return whether an account begins anew with a transaction at an instant, milliseconds UTC.

    It does after a longer silence than `TIME_TO_LIVE_MS`, in event time. And it does if the
    transaction is older by as much than the newest: that one came from a clock that was far ahead,
    and would make every transaction late for ever.
    """
    return profile.latest > 0 and abs(instant - profile.latest) > TIME_TO_LIVE_MS
