"""Account takeover: a new device pays a new beneficiary far more than is usual.

All three within a day: the device was first seen at most a day ago by an account that has been
using others; so was the beneficiary; the amount is over `factor` times the mean. Each alone is
ordinary: people buy telephones and pay somebody for the first time. An account that has not been
seen `device_uses` times with a device may have older ones that are not known: it takes two such
payments within the day, each compared with the mean of what was paid before them.

>>> from kafka_workshop.domain.rules.example import play, takeover
>>> [a.evidence.en for a in play(takeover(), "account_takeover")]
['R$ 2,000.00 to a new beneficiary from a new device, 40.0 times the mean of R$ 50.00']

Source: [1] FinCEN, Advisory FIN-2011-A016, Account Takeover Activity, 2011.
"""

from typing import Annotated

from kafka_workshop.domain.movement import PIX_PERSON, TRANSFER, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import DAY, HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.window import within
from kafka_workshop.domain.words import Words


class AccountTakeover(Parameters, frozen=True):
    """Thresholds of the rule."""

    factor: Annotated[
        float, Limits(1, 1_000, "×", Words("of the mean amount", "do valor médio"))
    ] = 4.0
    device_uses: Annotated[
        int,
        Limits(
            0, 200, "", Words("of a device before; fewer: two", "de dispositivo antes; menos: dois")
        ),
    ] = 10
    history: Annotated[
        int,
        Limits(
            1, 200, "", Words("earlier payments, for a mean", "pagamentos anteriores, para a média")
        ),
    ] = 3
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: AccountTakeover) -> Finding | None:
    """Ask for the three signs, the rarest first."""
    second = moment.second
    if not profile.is_new_device(moment.device, second):
        return None
    if not profile.is_new(profile.payees, moment.counterparty, second):
        return None
    known = profile.online >= parameters.device_uses
    mean = _mean(profile, moment, parameters, known)
    amount, bound = moment.transaction.amount, parameters.factor * mean
    if mean == 0 or amount <= bound:
        return None
    if not known and not _again(profile, second, bound):
        return None
    numbers = {"amount": amount, "mean": mean, "times": round(amount / mean, 1)}
    since = min(profile.devices.get(moment.device, second), second)
    return Finding(since, amount / bound, numbers)


def _mean(profile: Profile, moment: Moment, parameters: AccountTakeover, known: bool) -> int:
    """Return what is usual; where it takes two, the first of them must not hide the second."""
    if known:
        return profile.mean(moment.way, parameters.history)
    return profile.mean_without_new(moment.second - DAY, parameters.history)


def _again(profile: Profile, second: int, bound: float) -> bool:
    """Return whether somebody new has got such an amount before, since the device may be new."""
    return any(flow[1] > bound for flow in within(profile.outflows, 3, second - DAY, second))


RULE = Rule(
    name="account_takeover",
    slot=4,
    title=Words("Account takeover", "Conta invadida"),
    meaning=Words(
        "A new device pays a new beneficiary far more than is usual, all within a day.",
        "Um dispositivo novo paga a um favorecido novo muito mais que o usual, tudo em um dia.",
    ),
    evidence={
        "": Words(
            "{amount:money} to a new beneficiary from a new device, {times} times the mean of "
            "{mean:money}",
            "{amount:money} a um favorecido novo de um dispositivo novo, {times} vezes a média de "
            "{mean:money}",
        )
    },
    source=Words(
        "FinCEN, Advisory FIN-2011-A016, Account Takeover Activity, 2011",
        "FinCEN, Advisory FIN-2011-A016, Account Takeover Activity, 2011",
    ),
    severity="high",
    ways=frozenset({PIX_PERSON, TRANSFER}),
    parameters=AccountTakeover,
    evaluate=evaluate,
    declined=True,
)
