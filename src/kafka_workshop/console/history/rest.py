"""REST: lag and throughput of the last hour or day."""

from typing import Any

from fastapi import APIRouter, HTTPException

from kafka_workshop import clock
from kafka_workshop.console.history.series import History, Kind, Span
from kafka_workshop.language import tr


def history_router(history: History) -> APIRouter:
    """Return the routes over `history`."""
    routes = APIRouter()

    @routes.get("/api/history/topics/{name}")
    def throughput(name: str, span: Span = "hour") -> dict[str, Any]:
        """Messages a second that were written to a topic; `null` where that breaks off."""
        return _told(history, "topic", name, span)

    @routes.get("/api/history/groups/{name:path}")
    def lag(name: str, span: Span = "hour") -> dict[str, Any]:
        """Messages that a group had not read; `null` where that breaks off."""
        return _told(history, "group", name, span)

    return routes


def _told(history: History, kind: Kind, name: str, span: Span) -> dict[str, Any]:
    window = history.window(kind, name, span, clock.now_ms())
    if window is None:
        raise HTTPException(404, tr("Nothing is known of it.", "Nada se sabe dele."))
    return {
        "unit": "messages/s" if kind == "topic" else "messages",
        "start_ms": window.start_ms,
        "end_ms": window.end_ms,
        "step_ms": window.step_ms,
        "points": window.points,
    }
