"""REST: the audit log, for operators; and what asks for a role on a route."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query

from kafka_workshop.console.access.audit import KEPT, AuditLog, Wanted
from kafka_workshop.console.access.roles import Need, Role, caller, why_not

_Text = Annotated[str, Query(max_length=100)]
_Size = Annotated[int, Query(ge=1, le=KEPT)]
_PAGE = 100


def least(role: Role, *, writes: bool = False) -> Callable[[], None]:
    """Return what a route depends on: it answers 403 to whoever may not ask it."""

    def check() -> None:
        reason = why_not(caller(), Need(role, writes))
        if reason:
            raise HTTPException(403, reason)

    return check


def audit_router(audit: AuditLog) -> APIRouter:
    """Return the route of the audit log."""
    routes = APIRouter(dependencies=[Depends(least(Role.OPERATOR))])

    @routes.get("/api/audit")
    def entries(outcome: _Text = "", text: _Text = "", size: _Size = _PAGE) -> dict[str, Any]:
        """The newest attempts to change something, newest first, refused ones as well."""
        found = audit.entries(Wanted(outcome, text))
        return {"total": len(found), "entries": [msgspec.to_builtins(e) for e in found[:size]]}

    return routes
