"""Pix limits: more than the regulation's default limits allow, at night or from a new device.

A policy: it says that a limit was passed, not that anybody cheats, and is scored apart. Night is
that of the state where the device is. A device counts as registered once an account that knew
others has used it for a day.

>>> from kafka_workshop.domain.rules.example import play, payments
>>> [a.evidence.en for a in play(payments(amounts=[1_500_00], hour=23), "pix_limits")]
['Pix of R$ 1,500.00 at 23 h local time; the limit at night is R$ 1,000.00']

Source: [1] Banco Central do Brasil, Resolução BCB 142/2021: R$ 1,000 from 20 h to 6 h for people.
[2] Resolução BCB 403/2024: unregistered devices, R$ 200 a transaction and R$ 1,000 a day.
"""

from functools import lru_cache
from typing import Annotated

from kafka_workshop.domain.local_time import local, national_zone, zone_of
from kafka_workshop.domain.movement import PIX_PERSON, PIX_SHOP, Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.rules.contract import HOUR, Finding, Limits, Parameters, Rule
from kafka_workshop.domain.transaction import Uf
from kafka_workshop.domain.words import Words


class PixLimits(Parameters, frozen=True):
    """The limits."""

    night_reais: Annotated[
        int, Limits(1, 1_000_000, "R$", Words("a Pix at night", "por Pix à noite"))
    ] = 1_000
    night_from: Annotated[int, Limits(12, 23, "h", Words("night begins", "a noite começa"))] = 20
    night_until: Annotated[int, Limits(1, 11, "h", Words("night ends", "a noite termina"))] = 6
    device_reais: Annotated[
        int,
        Limits(
            1,
            1_000_000,
            "R$",
            Words("a Pix from an unregistered device", "por Pix de dispositivo não cadastrado"),
        ),
    ] = 200
    device_day_reais: Annotated[
        int,
        Limits(
            1,
            1_000_000,
            "R$",
            Words("a day from an unregistered device", "por dia de dispositivo não cadastrado"),
        ),
    ] = 1_000
    quiet_hours: Annotated[
        int, Limits(1, 168, "h", Words("one alert in this time", "um alerta nesse tempo"))
    ] = 24

    @property
    def window(self) -> int:
        """One alert a day, by default."""
        return self.quiet_hours * HOUR


def evaluate(profile: Profile, moment: Moment, parameters: PixLimits) -> Finding | None:
    """Check the device's limits, then the night's."""
    place = moment.transaction.location
    if profile.is_new_device(moment.device, moment.second):
        day, _ = _local(place.uf if place else None, moment.second // HOUR)
        found = _device(profile, moment, day, parameters)
        if found:
            return found
    amount = moment.transaction.amount
    if amount <= parameters.night_reais * 100:
        return None
    _, hour = _local(place.uf if place else None, moment.second // HOUR)
    if parameters.night_until <= hour < parameters.night_from:
        return None
    limit = parameters.night_reais * 100
    numbers = {"amount": amount, "hour": hour, "limit": limit}
    return Finding(moment.second, amount / limit, numbers, "night")


def _device(profile: Profile, moment: Moment, day: int, parameters: PixLimits) -> Finding | None:
    amount = moment.transaction.amount
    spent = amount + (profile.device_day[1] if profile.device_day[0] == day else 0)
    if day >= profile.device_day[0]:
        profile.device_day = [day, spent]
    limit, limit_day = parameters.device_reais * 100, parameters.device_day_reais * 100
    if amount > limit:
        return Finding(moment.second, amount / limit, {"amount": amount, "limit": limit}, "device")
    if spent > limit_day:
        return Finding(moment.second, spent / limit_day, {"sum": spent, "limit": limit_day}, "day")
    return None


# Zones differ from UTC by whole hours, so all seconds of an hour share a local hour and day.
@lru_cache(maxsize=4096)
def _local(uf: Uf | None, hour: int) -> tuple[int, int]:
    time = local(hour * HOUR * 1000, zone_of(uf) if uf else national_zone())
    return time.toordinal(), time.hour


RULE = Rule(
    name="pix_limits",
    slot=10,
    title=Words("Pix limits", "Limites do Pix"),
    meaning=Words(
        "A Pix over the limit of the night or of an unregistered device.",
        "Um Pix acima do limite noturno ou de dispositivo não cadastrado.",
    ),
    evidence={
        "night": Words(
            "Pix of {amount:money} at {hour} h local time; the limit at night is {limit:money}",
            "Pix de {amount:money} às {hour} h locais; o limite noturno é {limit:money}",
        ),
        "device": Words(
            "Pix of {amount:money} from an unregistered device; its limit is {limit:money}",
            "Pix de {amount:money} de dispositivo não cadastrado; o limite é {limit:money}",
        ),
        "day": Words(
            "{sum:money} by Pix from an unregistered device today; its limit is {limit:money}",
            "{sum:money} por Pix de dispositivo não cadastrado hoje; o limite é {limit:money}",
        ),
    },
    source=Words(
        "BCB, Resolução 142/2021 (night) and 403/2024 (device)",
        "BCB, Resolução 142/2021 (noite) e 403/2024 (dispositivo)",
    ),
    severity="low",
    ways=frozenset({PIX_PERSON, PIX_SHOP}),
    parameters=PixLimits,
    evaluate=evaluate,
    policy=True,
)
