"""Which of the alerts a person wants to see, and one page of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from kafka_workshop.console.alerting.known import Alerts, Raised

PAGE = 50
MAX_PAGE = 200


@dataclass(frozen=True)
class Wanted:
    """What an alert must be; an empty text says nothing about it.

    `account` is a part of the account's or the place's name, in any case.
    """

    rule: str = ""
    severity: str = ""
    state: str = ""
    account: str = ""

    def fits(self, raised: Raised, state: str) -> bool:
        """Return whether an alert is wanted; `state` is what was decided about it."""
        alert, part = raised.alert, self.account.strip().casefold()
        return (
            self.rule in ("", alert.rule)
            and self.severity in ("", alert.severity)
            and self.state in ("", state)
            and (part in alert.account_id.casefold() or part in alert.subject.casefold())
        )


@dataclass(frozen=True)
class Page:
    """A page of what is wanted, newest first; `number` counts from 1, `pages` is at least 1."""

    raised: tuple[Raised, ...]
    number: int
    pages: int
    total: int


def page_of(alerts: Alerts, wanted: Wanted, number: int = 1, size: int = PAGE) -> Page:
    """Return a page; the nearest one there is, if there is none of that number."""
    found = list(_wanted(alerts, wanted))
    pages = max(1, -(-len(found) // size))
    number = min(max(1, number), pages)
    return Page(tuple(found[(number - 1) * size : number * size]), number, pages, len(found))


def _wanted(alerts: Alerts, wanted: Wanted) -> Iterator[Raised]:
    for alert_id, raised in alerts.raised.items():
        if wanted.fits(raised, alerts.state_of(alert_id)):
            yield raised
