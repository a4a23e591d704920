"""Impossible travel: a card present at two places between which nobody travels so fast.

The great-circle distance between one card-present event and the next, divided by the time between
them, is over the speed of an airliner. Places less than `minimum_km` apart never count: a
customer's shops lie up to some 15 km apart, and clocks differ.

>>> from kafka_workshop.domain.rules.example import play, purchases
>>> trip = purchases([("São Paulo", 0), ("Manaus", 3_600)])
>>> [a.evidence.en for a in play(trip, "impossible_travel")]
['card present 2,690 km away after 60 min: 2,690 km/h']

Source: [1] R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (2), 1984.
"""

from typing import Annotated

from kafka_workshop.domain.movement import CARD_PRESENT, WITHDRAWAL, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.travel import travelled
from kafka_workshop.domain.words import Words


class ImpossibleTravel(Parameters, frozen=True):
    """Thresholds of the rule."""

    speed_kmh: Annotated[
        int,
        Limits(100, 5_000, "km/h", Words("no customer is faster", "nenhum cliente é mais rápido")),
    ] = 850
    minimum_km: Annotated[
        int, Limits(20, 1_000, "km", Words("nearer places never count", "mais perto não conta"))
    ] = 100
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default: the way home is the same trip."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: ImpossibleTravel) -> Finding | None:
    """Compare with the last place."""
    before, here = profile.place, moment.here
    if not here or not before:
        return None
    trip = travelled(before, here, parameters.minimum_km)
    if trip is None or trip[1] <= parameters.speed_kmh:
        return None
    distance, speed = trip
    took = max(here[2] - before[2], 1)
    numbers = {"km": distance, "time": took, "speed": speed}
    return Finding(before[2], speed / parameters.speed_kmh, numbers)


RULE = Rule(
    name="impossible_travel",
    slot=2,
    title=Words("Impossible travel", "Viagem impossível"),
    meaning=Words(
        "The card is present at two places that nobody travels between so fast.",
        "O cartão está presente em dois lugares entre os quais ninguém viaja tão rápido.",
    ),
    evidence={
        "": Words(
            "card present {km} km away after {time:duration}: {speed} km/h",
            "cartão presente a {km} km após {time:duration}: {speed} km/h",
        )
    },
    source=Words(
        "R. W. Sinnott, Virtues of the Haversine, 1984; an airliner's speed",
        "R. W. Sinnott, Virtues of the Haversine, 1984; a velocidade de um avião",
    ),
    severity="high",
    ways=frozenset({CARD_PRESENT, WITHDRAWAL}),
    parameters=ImpossibleTravel,
    evaluate=evaluate,
    declined=True,
)
