"""Structured logs: one line an event on standard output, sentences translated, keys English."""

import logging
import sys
import time
from collections.abc import Callable

import structlog

from kafka_workshop.masking import masked_text
from kafka_workshop.settings import LogSettings

Logger = structlog.typing.FilteringBoundLogger


def configure(settings: LogSettings, service: str) -> Logger:
    """Log to standard output as `settings` says and return the logger of `service`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *(_for_machines() if settings.format == "json" else _for_people()),
            _masked,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.level]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    # People read the service's name in front of the line, or asked for its log.
    bound = {"service": service} if settings.format == "json" else {}
    logger: Logger = structlog.get_logger(**bound)
    return logger


def _masked(_logger: object, _method: str, line: object) -> str:
    """Mask the finished line, a traceback's text too."""
    return masked_text(str(line))


def _for_machines() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _for_people() -> list[structlog.typing.Processor]:
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(),
        pad_event_to=0,
        pad_level=False,
        sort_keys=False,
        # The rich one prints local variables, and with them what must stay masked.
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [structlog.processors.TimeStamper(fmt="%H:%M:%SZ", utc=True), renderer]


class Sampler:
    """Lets at most `per_second` lines a second through and counts the rest.

    >>> sampler = Sampler(1, clock=lambda: 0.0)
    >>> sampler.admit(), sampler.admit(), sampler.take_skipped()
    (True, False, 1)
    """

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._window = clock()
        self._admitted = 0
        self._skipped = 0

    def admit(self) -> bool:
        """Return whether this line may be logged; if not, it is counted."""
        now = self._clock()
        if now - self._window >= 1.0:
            self._window, self._admitted = now, 0
        if self._admitted < self._per_second:
            self._admitted += 1
            return True
        self._skipped += 1
        return False

    def take_skipped(self) -> int:
        """Return how many lines were not logged since the last call, and start again at 0."""
        skipped, self._skipped = self._skipped, 0
        return skipped


class EverySecond:
    """True about once a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def due(self) -> bool:
        """Return whether a second has passed since this was last true."""
        now = time.monotonic()
        if now - self._last < 1.0:
            return False
        self._last = now
        return True
