"""Fan-out: money to many beneficiaries that the account has never paid, within a day.

A beneficiary is new if it was first seen at most a day ago. Their number is what counts, and
`minimum_reais` in all. Boletos do not count: their payees are companies.

>>> from kafka_workshop.domain.rules.example import play, mule
>>> [a.evidence.en for a in play(mule(payers=1, payees=6), "fan_out")]
['5 new beneficiaries got R$ 2,450.00 within 40 min']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV. [2] M. Weber et
al., Scalable Graph Learning for Anti-Money Laundering, 2018, on fan patterns.
"""

from kafka_workshop.domain.movement import PIX_PERSON, TRANSFER, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import Finding, Rule
from kafka_workshop.domain.rules.fan import Fan, many_new
from kafka_workshop.domain.words import Words


class FanOut(Fan, frozen=True):
    """Thresholds of the rule."""


def evaluate(profile: Profile, moment: Moment, parameters: FanOut) -> Finding | None:
    """Count the beneficiaries that the account has never seen."""
    return many_new(profile, moment, parameters, profile.payees, profile.outflows)


RULE = Rule(
    name="fan_out",
    slot=8,
    title=Words("Fan-out", "Muitos favorecidos"),
    meaning=Words(
        "The account pays several beneficiaries that it has never paid, within a day.",
        "A conta paga a vários favorecidos a quem nunca pagou, em um dia.",
    ),
    evidence={
        "": Words(
            "{count} new beneficiaries got {sum:money} within {time:duration}",
            "{count} favorecidos novos receberam {sum:money} em {time:duration}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=frozenset({PIX_PERSON, TRANSFER}),
    parameters=FanOut,
    evaluate=evaluate,
)
