"""Numbers, sizes and instants as a person of this context's language reads them."""

from datetime import UTC, datetime

from kafka_workshop.console.browser import preferences
from kafka_workshop.domain import words
from kafka_workshop.language import current, tr

UNKNOWN = "—"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_THOUSAND_REAIS = 1_000_00


def number(value: float | None, decimals: int = 0) -> str:
    """Return `value` with its thousands grouped, or a dash while it is unknown.

    >>> number(1234567)
    '1,234,567'
    """
    if value is None:
        return UNKNOWN
    return localised(f"{value:,.{decimals}f}")


def localised(figure: str) -> str:
    """Return a figure written as `1,234.5` with the separators of this context's language."""
    return figure.translate(str.maketrans(",.", ".,")) if current() == "pt-BR" else figure


def money(minor_units: int) -> str:
    """Return minor units of BRL.

    >>> money(-250_000)
    '-R$ 2,500.00'
    """
    return words.money(minor_units, current())


def money_rate(minor_units: float | None) -> str:
    """Return minor units of BRL a second; from a thousand reais on, without cents.

    >>> money_rate(12_345.6), money_rate(12_345_678)
    ('R$ 123.46/s', 'R$ 123,457/s')
    """
    if minor_units is None:
        return UNKNOWN
    return f"{words.money(minor_units, current(), cents=minor_units < _THOUSAND_REAIS)}/s"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent.

    >>> percent(0.9876)
    '98.8 %'
    """
    return UNKNOWN if share is None else f"{number(share * 100, 1)} %"


def size(value: int | None) -> str:
    """Return bytes in decimal units.

    >>> size(1_500_000)
    '1.5 MB'
    """
    if value is None:
        return UNKNOWN
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if value >= factor:
            return f"{number(value / factor, 1)} {unit}"
    return f"{number(value)} B"


def rate(value: float | None, *, estimate: bool = False) -> str:
    """Return messages a second; an `estimate` is marked as one.

    >>> rate(0.25), rate(51.3), rate(51.3, estimate=True)
    ('0.2/s', '51/s', '≈ 51/s')
    """
    if value is None:
        return UNKNOWN
    return f"{'≈ ' if estimate else ''}{number(value, 1 if 0 < value < 10 else 0)}/s"


def instant(at_ms: int | None) -> str:
    """Return an instant (ms since the epoch) with milliseconds, in the browser's zone."""
    if at_ms is None:
        return UNKNOWN
    try:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(preferences().zone)
    except (OverflowError, ValueError, OSError):  # a producer may write any number there
        return str(at_ms)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d}"


def minute(at_ms: int) -> str:
    """Return the day, hour and minute of an instant, in the browser's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, preferences().zone):%Y-%m-%d %H:%M}"


def time_of_day(at_ms: int) -> str:
    """Return the hour, minute and second of an instant, in the browser's zone."""
    return f"{datetime.fromtimestamp(at_ms / 1000, preferences().zone):%H:%M:%S}"


def duration(seconds: float) -> str:
    """Return a length of time in its largest unit.

    >>> duration(90), duration(5)
    ('1 min', '5 s')
    """
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h"
    return tr("{days} d", "{days} d", days=whole // _DAY)


def zone_name() -> str:
    """Return the name of the browser's time zone."""
    return preferences().zone.key
