"""REST: the services of the native run and what happened, as JSON; it gives no orders."""

from dataclasses import asdict
from typing import Any

import msgspec
from fastapi import APIRouter

from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.chaos.trail import Trail
from kafka_workshop.console.keeper import Kept


def system_router(kept: Kept[System], trail: Trail) -> APIRouter:
    """Return the routes over what the supervisor said."""
    routes = APIRouter()

    @routes.get("/api/services")
    def services() -> dict[str, Any]:
        """How each service stands, and the newest of what happened; none without a supervisor."""
        seen = kept.seen
        told = msgspec.to_builtins((seen.value or System()).services)
        return {
            "at_ms": seen.at_ms,
            "age_ms": seen.age_ms,
            "reason": seen.reason,
            "services": told,
            "happened": [asdict(each) for each in trail.happened],
        }

    return routes
