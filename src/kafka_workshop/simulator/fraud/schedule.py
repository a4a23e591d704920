"""Which numbers of a stream belong to episodes, span by span."""

from collections.abc import Mapping
from functools import lru_cache
from math import ceil
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from kafka_workshop.domain.label import LABEL_VERSION, Label
from kafka_workshop.domain.label import Scenario as Name
from kafka_workshop.domain.numbering import identifier, stream_of
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.simulator.draws import BLOCK
from kafka_workshop.simulator.fraud.cast import Cast, World
from kafka_workshop.simulator.fraud.plan import CATALOGUE, FraudPlan
from kafka_workshop.simulator.fraud.scenario import DAY_MS, Move, Moves, Scenario
from kafka_workshop.simulator.fraud.sleepers import lives
from kafka_workshop.simulator.population import Account

SPAN = 64 * BLOCK  # numbers that are planned together; no episode spans two
_ROOM = 256  # numbers left free at the end of a span for steps that had to move on


class Truth(NamedTuple):
    """What a label says before its transaction has an instant; `delay` in milliseconds."""

    episode_id: str
    scenario: Name
    terminal_id: str | None
    delay: int


class Part(NamedTuple):
    """What a number is instead of an ordinary transaction; `truth` if it is fraud."""

    draft: Transaction
    is_credit: bool
    truth: Truth | None

    def transaction(self, identifier: str, instant: int) -> Transaction:
        """Return the draft with its id and instant, milliseconds UTC."""
        return replace(self.draft, transaction_id=identifier, occurred_at=instant)


Parts = dict[int, Part]
NOTHING: Mapping[int, Part] = {}


class Schedule:
    """The episodes of one stream: a seed's lane. Only lane 0 has a history and its sleepers."""

    def __init__(
        self, world: World, stream: int, plan: FraudPlan, sleepers: tuple[Account, ...]
    ) -> None:
        has_history = stream < stream_of(0, 1)
        self._world, self._stream = world, stream
        self._plan = plan if has_history else FraudPlan(plan.rate)
        self._sleepers = sleepers if has_history else ()
        self._lives = lives(world, plan, self._sleepers)
        self._span = lru_cache(maxsize=4)(self._planned)

    def block(self, block: int) -> Mapping[int, Part]:
        """Return the parts in a block of `draws.BLOCK` numbers, by offset in the block."""
        return self._span(block * BLOCK // SPAN).get(block, NOTHING)

    def part(self, number: int) -> Part | None:
        """Return what the `number`-th is instead of an ordinary transaction, None if it is one."""
        block, offset = divmod(number, BLOCK)
        return self.block(block).get(offset)

    def label(self, transaction: Transaction, number: int) -> Label | None:
        """Return the label of the stream's `number`-th transaction, None if it is no fraud."""
        part = self.part(number)
        if part is None or part.truth is None:
            return None
        truth = part.truth
        return Label(
            schema_version=LABEL_VERSION,
            episode_id=truth.episode_id,
            scenario=truth.scenario,
            transaction_id=transaction.transaction_id,
            account_id=transaction.account_id,
            occurred_at=transaction.occurred_at,
            available_at=transaction.occurred_at + truth.delay,
            terminal_id=truth.terminal_id,
        )

    def _planned(self, span: int) -> dict[int, Parts]:
        planner = _Planner(self._stream, span)
        for number, draft in self._lives:
            if number // SPAN == span:
                planner.place(number, [Move(0, draft)], None)
        random = Random(f"fraud:{self._stream}:{span}")
        engaged: set[str] = set()
        for scenario, is_fraud, sleeper in self.episodes(span, random):
            cast = Cast(self._world, random, engaged, sleeper)
            make = scenario.episode if is_fraud else scenario.look_alike
            moves = make(cast) if make else Moves()
            start = self._start(scenario, span, moves, random)
            if start is not None:
                planner.place(start, moves, scenario, random)
        return planner.blocks()

    def episodes(self, span: int, random: Random) -> list[tuple[Scenario, bool, Account | None]]:
        """Return what a span is to have: scenario, whether it is fraud, and who wakes."""
        chosen: list[tuple[Scenario, bool, Account | None]] = []
        labelled = sum(s.labelled for s in CATALOGUE if self._sleepers or not s.of_sleepers)
        in_full_span = self._plan.rate * SPAN / labelled
        for scenario in CATALOGUE:
            expected = in_full_span * self._room(scenario, span)
            kinds = [kind for kind in (True, False) for _ in range(int(expected + random.random()))]
            if scenario.of_sleepers:
                woken = self._woken(span, ceil(in_full_span) * 2)
                chosen += [(scenario, *both) for both in zip(kinds, woken, strict=False)]
            else:
                chosen += [(scenario, kind, None) for kind in kinds]
        random.shuffle(chosen)
        return chosen

    def _room(self, scenario: Scenario, span: int) -> float:
        """Return in which share of a span episodes may begin; who slept long wakes at once."""
        room = max(0.0, (span + 1) - self._earliest(scenario, span) / SPAN)
        return ceil(room) if scenario.of_sleepers else room

    def _woken(self, span: int, count: int) -> tuple[Account, ...]:
        first = (span - self._plan.waking // SPAN) * count
        return self._sleepers[first : first + count] if first >= 0 else ()

    def _earliest(self, scenario: Scenario, span: int) -> int:
        after = self._plan.waking if scenario.of_sleepers else self._plan.settled
        return max(after, span * SPAN)

    def _start(self, scenario: Scenario, span: int, moves: Moves, random: Random) -> int | None:
        """Return the episode's first number, None if it does not fit into the span."""
        earliest = self._earliest(scenario, span)
        latest = (span + 1) * SPAN - _ROOM - (moves[-1].at if moves else 0)
        return random.randrange(earliest, latest) if moves and earliest < latest else None


class _Planner:
    """Gives every move the first free number at or after the one it would like."""

    def __init__(self, stream: int, span: int) -> None:
        self._stream, self._end = stream, (span + 1) * SPAN
        self._parts: Parts = {}

    def place(
        self, start: int, moves: Moves, scenario: Scenario | None, random: Random | None = None
    ) -> None:
        numbers = self._numbers(start, moves)
        if numbers[-1] >= self._end:
            return
        fraud = [n for n, move in zip(numbers, moves, strict=True) if move.fraud]
        episode_id = identifier(self._stream, fraud[0]) if fraud else ""
        for number, move in zip(numbers, moves, strict=True):
            truth = None
            if move.fraud and scenario and random:
                days = scenario.delay_days
                delay = random.randrange(days[0] * DAY_MS, days[1] * DAY_MS)
                terminal = move.terminal_id or move.draft.terminal_id
                truth = Truth(episode_id, scenario.name, terminal, delay)
            self._parts[number] = Part(move.draft, move.is_credit, truth)

    def _numbers(self, start: int, moves: Moves) -> list[int]:
        numbers: list[int] = []
        free = start
        for move, following in zip(moves, [*moves[1:], None], strict=True):
            if not move.is_credit:
                pair = following is not None and following.is_credit
                free = max(free, start + move.at)
                while free in self._parts or (pair and free + 1 in self._parts):
                    free += 1
            numbers.append(free)
            free += 1
        return numbers

    def blocks(self) -> dict[int, Parts]:
        blocks: dict[int, Parts] = {}
        for number, part in self._parts.items():
            block, offset = divmod(number, BLOCK)
            blocks.setdefault(block, {})[offset] = part
        return blocks
