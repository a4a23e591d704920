"""What fan-in and fan-out share: many new counterparties within a day, and money in all."""

from typing import Annotated

from kafka_workshop.domain.movement import Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters
from kafka_workshop.domain.window import within
from kafka_workshop.domain.words import Words


class Fan(Parameters, frozen=True):
    """Thresholds of fan-in and of fan-out."""

    count: Annotated[
        int, Limits(2, 16, "", Words("new counterparties or more", "contrapartes novas ou mais"))
    ] = 5
    minimum_reais: Annotated[
        int, Limits(0, 1_000_000, "R$", Words("in all, at least", "no total, no mínimo"))
    ] = 500
    hours: Annotated[int, Limits(1, 24, "h", Words("within this time", "dentro desse tempo"))] = 24
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return max(self.quiet_hours, self.hours) * HOUR


def many_new(
    profile: Profile, moment: Moment, parameters: Fan, known: dict[int, int], flows: list[int]
) -> Finding | None:
    """Count the different new counterparties of the window, this one included.

    `known` are those that the account has seen, `flows` its recent ones in this direction.
    """
    second, other = moment.second, moment.counterparty
    if not profile.is_new(known, other, second):
        return None
    after = max(second - parameters.hours * HOUR, profile.horizon(second))
    recent = within(flows, 3, after, second)
    count = len({other, *(flow[2] for flow in recent)})
    if count < parameters.count:
        return None
    amount = moment.transaction.amount + sum(flow[1] for flow in recent)
    if amount < parameters.minimum_reais * 100:
        return None
    since = min(flow[0] for flow in recent)
    numbers = {"count": count, "sum": amount, "time": second - since}
    return Finding(since, count / parameters.count, numbers)
