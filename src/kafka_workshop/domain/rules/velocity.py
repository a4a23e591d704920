"""Velocity: far more payments than the account usually makes.

What is usual is the account's own: a busy account makes hundreds of payments a day, a quiet one ten
a month. If it has been busy for some hours, payments in 15 minutes, and in 2, are compared with its
usual hour: the larger of the median of the last 24 hours (those with payments) and the hour before.
Beyond `factor` times that, the excess must be `deviations` standard deviations of a Poisson
process, and the number at least `minimum`, or `burst`. If it has been quiet, more payments alone
mean little, because a quiet account may just become busy; then `run` payments of one kind in a row,
with gaps of at most `gap_minutes`, are wanted. Declined attempts count.

>>> from kafka_workshop.domain.rules.example import play, payments
>>> [a.evidence.en for a in play(payments(every=60, count=16), "velocity")]
['14 payments of one kind within 13 min, never more than 5 min apart']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV (movements that do
not fit the customer). [2] J. F. C. Kingman, Poisson Processes, Oxford 1993, for the deviation.
"""

from math import sqrt
from typing import Annotated

from kafka_workshop.domain.movement import OUTGOING, PIX_PERSON, PIX_SHOP, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import before_newest, total
from kafka_workshop.domain.words import Words

_BUSY_HOURS = 3


class Velocity(Parameters, frozen=True):
    """Thresholds of the rule."""

    factor: Annotated[
        float,
        Limits(1.5, 100, "×", Words("of what is usual in 15 min", "do usual em 15 min")),
    ] = 3.0
    deviations: Annotated[
        float,
        Limits(1, 50, "σ", Words("above what is usual", "acima do usual")),
    ] = 8.0
    minimum: Annotated[
        int, Limits(2, 1_000, "", Words("payments in 15 min", "pagamentos em 15 min"))
    ] = 18
    burst: Annotated[
        int, Limits(2, 1_000, "", Words("payments in 2 min", "pagamentos em 2 min"))
    ] = 12
    busy: Annotated[
        int,
        Limits(
            5,
            10_000,
            "",
            Words("payments in 24 h make an account busy", "pagamentos em 24 h: conta movimentada"),
        ),
    ] = 30
    run: Annotated[
        int,
        Limits(
            3,
            1_000,
            "",
            Words("payments of one kind in a row", "pagamentos seguidos do mesmo tipo"),
        ),
    ] = 14
    gap_minutes: Annotated[
        int, Limits(1, 60, "min", Words("at most between two of them", "no máximo entre dois"))
    ] = 5
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: Velocity) -> Finding | None:
    """Compare the attempts, this one included, with the account's own past."""
    minutes = profile.minutes
    count, latest = total(minutes), _last_two(minutes)
    run = _run(profile, moment, parameters.gap_minutes * 60)
    if count < parameters.minimum and latest < parameters.burst and run < parameters.run:
        return None
    past = before_newest(profile.hours)
    active = sorted(hour for hour in past if hour)
    if len(active) < _BUSY_HOURS or sum(active) < parameters.busy:
        return _in_a_row(profile, run, parameters)
    hour, second = max(active[len(active) // 2], past[0]), moment.second
    return _judged(count, hour * 15 / 60, parameters.minimum, second, 15, parameters) or _judged(
        latest, hour * 2 / 60, parameters.burst, second, 2, parameters
    )


def _last_two(minutes: list[int]) -> int:
    newest, size = minutes[0], len(minutes) - 1
    return minutes[1 + newest % size] + minutes[1 + (newest - 1) % size]


def _judged(
    count: int, usual: float, least: int, second: int, span: int, parameters: Velocity
) -> Finding | None:
    bound = max(parameters.factor * usual, usual + parameters.deviations * sqrt(usual), least)
    if count < bound:
        return None
    numbers = {"count": count, "usual": round(usual, 1), "time": span * 60}
    return Finding(max(second - span * 60, 0), count / bound, numbers)


def _run(profile: Profile, moment: Moment, gap: int) -> int:
    """Return how many attempts of one kind there were in a row, this one included."""
    kind, length, since, until = profile.run
    mine = PIX_PERSON if moment.way == PIX_SHOP else moment.way
    if moment.late:
        return 0
    if length and kind == mine and moment.second - until <= gap:
        profile.run = [mine, length + 1, since, moment.second]
        return length + 1
    profile.run = [mine, 1, moment.second, moment.second]
    return 1


def _in_a_row(profile: Profile, run: int, parameters: Velocity) -> Finding | None:
    if run < parameters.run:
        return None
    since, until = profile.run[2:]
    numbers = {"count": run, "time": until - since, "gap": parameters.gap_minutes * 60}
    return Finding(since, run / parameters.run, numbers, "run")


RULE = Rule(
    name="velocity",
    slot=0,
    title=Words("Velocity", "Velocidade"),
    meaning=Words(
        "Many more payments in 15 minutes than the account usually makes.",
        "Muito mais pagamentos em 15 minutos do que a conta costuma fazer.",
    ),
    evidence={
        "": Words(
            "{count} payments within {time:duration}; usual are {usual}",
            "{count} pagamentos em {time:duration}; o usual são {usual}",
        ),
        "run": Words(
            "{count} payments of one kind within {time:duration}, never more than {gap:duration} "
            "apart",
            "{count} pagamentos do mesmo tipo em {time:duration}, nunca com mais de {gap:duration} "
            "entre eles",
        ),
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="medium",
    ways=OUTGOING,
    parameters=Velocity,
    evaluate=evaluate,
    declined=True,
)
