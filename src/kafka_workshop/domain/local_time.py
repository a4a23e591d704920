"""Local time of Brazil's states, from the pinned `tzdata` and never from the machine's tables."""

from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from kafka_workshop.domain.transaction import Uf

NATIONAL_ZONE = "Sao_Paulo"
# IANA names below America/; a state that is not named keeps the time of Sao_Paulo. Western
# Amazonas and Fernando de Noronha differ from their states: no account lives there.
_ZONES: dict[Uf, str] = {
    "AC": "Rio_Branco",
    "AL": "Maceio",
    "AM": "Manaus",
    "AP": "Belem",
    "BA": "Bahia",
    "CE": "Fortaleza",
    "MA": "Fortaleza",
    "MS": "Campo_Grande",
    "MT": "Cuiaba",
    "PA": "Belem",
    "PB": "Fortaleza",
    "PE": "Recife",
    "PI": "Fortaleza",
    "RN": "Fortaleza",
    "RO": "Porto_Velho",
    "RR": "Boa_Vista",
    "SE": "Maceio",
    "TO": "Araguaina",
}


@cache
def _zone(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", "America", name).open("rb") as data:
        return ZoneInfo.from_file(data, key=f"America/{name}")


def zone_of(uf: Uf) -> ZoneInfo:
    """Return the time zone of a state.

    >>> zone_of("AC").key
    'America/Rio_Branco'
    """
    return _zone(_ZONES.get(uf, NATIONAL_ZONE))


def national_zone() -> ZoneInfo:
    """Return the time zone of Brasília."""
    return _zone(NATIONAL_ZONE)


def local(instant: int, zone: ZoneInfo) -> datetime:
    """Return the local time, to the second, of an instant in milliseconds UTC.

    >>> local(1_760_000_000_000, zone_of("AM")).isoformat()
    '2025-10-09T04:53:20-04:00'
    """
    return datetime.fromtimestamp(instant // 1000, zone)
