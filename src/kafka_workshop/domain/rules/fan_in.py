"""Fan-in: money from many payers that the account has never seen, within a day.

A payer is new if it was first seen at most a day ago; friends who share a bill are known. Their
number is what counts, and `minimum_reais` in all, so that a birthday present is none.

>>> from kafka_workshop.domain.rules.example import play, mule
>>> [a.evidence.en for a in play(mule(payers=6, payees=0), "fan_in")]
['5 new payers sent R$ 15,000.10 within 40 min']

Source: [1] Banco Central do Brasil, Carta Circular 4.001/2020, art. 1, item IV. [2] M. Weber et
al., Scalable Graph Learning for Anti-Money Laundering, 2018, on fan patterns.
"""

from kafka_workshop.domain.movement import CREDIT, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import Finding, Rule
from kafka_workshop.domain.rules.fan import Fan, many_new
from kafka_workshop.domain.words import Words


class FanIn(Fan, frozen=True):
    """Thresholds of the rule."""


def evaluate(profile: Profile, moment: Moment, parameters: FanIn) -> Finding | None:
    """Count the payers that the account has never seen."""
    return many_new(profile, moment, parameters, profile.payers, profile.inflows)


RULE = Rule(
    name="fan_in",
    slot=7,
    title=Words("Fan-in", "Muitos pagadores"),
    meaning=Words(
        "Several payers that the account has never seen send money within a day.",
        "Vários pagadores nunca vistos mandam dinheiro à conta em um dia.",
    ),
    evidence={
        "": Words(
            "{count} new payers sent {sum:money} within {time:duration}",
            "{count} pagadores novos mandaram {sum:money} em {time:duration}",
        )
    },
    source=Words(
        "BCB, Carta Circular 4.001/2020, art. 1, item IV",
        "BCB, Carta Circular 4.001/2020, art. 1º, inciso IV",
    ),
    severity="high",
    ways=frozenset({CREDIT}),
    parameters=FanIn,
    evaluate=evaluate,
)
