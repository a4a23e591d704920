"""REST: the alerts that are known, and what people decided about them, as JSON."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query

from kafka_workshop.console.alerting.known import Alerts, Raised
from kafka_workshop.console.alerting.wanted import MAX_PAGE, PAGE, Wanted, page_of
from kafka_workshop.console.keeper import Kept
from kafka_workshop.language import tr

_Text = Annotated[str, Query(max_length=100)]
_Size = Annotated[int, Query(ge=1, le=MAX_PAGE)]
_Number = Annotated[int, Query(ge=1)]


def alerts_router(kept: Kept[Alerts]) -> APIRouter:
    """Return the routes over the alerts that are kept."""
    routes = APIRouter()

    @routes.get("/api/alerts")
    def alerts(
        rule: _Text = "",
        severity: _Text = "",
        state: _Text = "",
        account: _Text = "",
        page: _Number = 1,
        size: _Size = PAGE,
    ) -> dict[str, Any]:
        """One page of the newest alerts that fit, newest first."""
        known = kept.seen.value or Alerts()
        found = page_of(known, Wanted(rule, severity, state, account), page, size)
        about = {"page": found.number, "pages": found.pages, "total": found.total}
        return _dated(kept) | about | {"alerts": [_told(each, known) for each in found.raised]}

    @routes.get("/api/alerts/{alert_id}")
    def alert(alert_id: str) -> dict[str, Any]:
        """One alert of those that are known."""
        known = kept.seen.value or Alerts()
        raised = known.raised.get(alert_id)
        if raised is None:
            raise HTTPException(
                404,
                tr(
                    "It is not among the newest alerts.",
                    "Ele não está entre os alertas mais novos.",
                ),
            )
        return _dated(kept) | {"alert": _told(raised, known)}

    return routes


def _dated(kept: Kept[Alerts]) -> dict[str, Any]:
    seen = kept.seen
    return {"at_ms": seen.at_ms, "age_ms": seen.age_ms, "reason": seen.reason}


def _told(raised: Raised, known: Alerts) -> dict[str, Any]:
    decision = known.triage.get(raised.alert.alert_id)
    said: dict[str, Any] = msgspec.to_builtins(raised.alert)
    triage = {
        "state": decision.state if decision else "open",
        "note": decision.note if decision else "",
        "at": decision.at if decision else None,
    }
    place = {"at_ms": raised.at_ms, "partition": raised.partition, "offset": raised.offset}
    return said | place | {"triage": triage}
