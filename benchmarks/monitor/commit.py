"""What exactly-once costs: the same engine with and without transactions, by commit interval."""

from collections.abc import Iterator

from benchmarks.monitor.figures import Result, Row, less, middle, number, rate
from benchmarks.monitor.ground import PROGRAM, Ground, new_group
from benchmarks.monitor.scale import Scale
from kafka_workshop.language import tr
from kafka_workshop.settings import AT_LEAST_ONCE, EXACTLY_ONCE

ACCOUNTS = 5_000
INTERVALS_MS = (50, 100, 250, 1_000)
_MODES = (EXACTLY_ONCE, AT_LEAST_ONCE)
_AIM = {1_000: "≤ 10 %"}


def run(ground: Ground, scale: Scale) -> Result:
    """Read the same backlog in both modes at each interval, one after the other."""
    topic = ground.filled(ACCOUNTS, scale.transactions)
    measured = {interval: _rates(ground, topic, interval, scale) for interval in INTERVALS_MS}
    figures = {
        str(interval): {mode: [round(r) for r in rates] for mode, rates in modes.items()}
        for interval, modes in measured.items()
    }
    rows = [_row(interval, modes) for interval, modes in measured.items()]
    return Result({"transactions": scale.transactions, "per_second": figures}, rows)


def _rates(ground: Ground, topic: str, interval: int, scale: Scale) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {mode: [] for mode in _MODES}
    for mode in _alternating(scale.rounds):
        ground.say(
            tr(
                "{mode}, a commit every {interval} ms",
                "{mode}, um commit a cada {interval} ms",
                mode=mode,
                interval=interval,
            )
        )
        group, words = new_group(), (*PROGRAM, "--commit", str(interval / 1000))
        with ground.running(words, topic, group, PROCESSING=mode) as process:
            rates[mode].append(rate(ground.follow(process, topic, group, scale.transactions)))
    return rates


def _alternating(rounds: int) -> Iterator[str]:
    for number_ in range(rounds):
        yield from _MODES if number_ % 2 == 0 else reversed(_MODES)


def _row(interval: int, modes: dict[str, list[float]]) -> Row:
    once, least = (middle(modes[mode]) for mode in _MODES)
    return Row(
        tr(
            "a commit every {interval} ms: exactly once, at least once; cost",
            "um commit a cada {interval} ms: exatamente uma vez, ao menos uma vez; custo",
            interval=number(interval),
        ),
        f"{number(once)}, {number(least)}; {number(less(once, least), 1)} %",
        _AIM.get(interval, ""),
    )
