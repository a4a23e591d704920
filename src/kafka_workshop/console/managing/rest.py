"""REST: all settings of a topic or a broker. Unlike the rest, this asks the brokers."""

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException

from kafka_workshop.console.diagnosis import Refused
from kafka_workshop.console.managing.inspector import Inspector
from kafka_workshop.console.managing.settings import Setting
from kafka_workshop.console.state import ClusterState
from kafka_workshop.language import tr


def settings_router(inspector: Inspector, state: ClusterState) -> APIRouter:
    """Return the routes; only topics and brokers in `state` are asked for."""
    routes = APIRouter()

    @routes.get("/api/topics/{name}/settings")
    def of_topic(name: str) -> dict[str, Any]:
        """The settings of a topic with their origin, and what each would be without it."""
        view = state.view
        if view.snapshot is None or name not in view.snapshot.topic_by_name:
            raise HTTPException(404, tr("There is no such topic.", "Este tópico não existe."))
        broker = next((b.id for b in view.brokers if b.online), None)
        return _told(lambda: inspector.topic_settings(name, broker))

    @routes.get("/api/brokers/{number}/settings")
    def of_broker(number: int) -> dict[str, Any]:
        """The settings of a broker with their origin and Kafka's default; secrets have no value."""
        if number not in {broker.id for broker in state.view.brokers}:
            raise HTTPException(404, tr("There is no such broker.", "Este broker não existe."))
        return _told(lambda: inspector.broker_settings(number))

    return routes


def _told(read: Callable[[], tuple[Setting, ...]]) -> dict[str, Any]:
    try:
        return {"settings": [msgspec.to_builtins(setting) for setting in read()]}
    except Refused as reason:
        raise HTTPException(503, str(reason)) from None
