"""REST: the read model as JSON, and whether the console lives and is ready.

Nothing here asks Kafka: answers are what the threads of the console last knew, with the time of it.
Only `/api/ledger?fresh=true` has the ledger's own thread look once more first.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse

from kafka_workshop import clock
from kafka_workshop.console.keeper import Kept, Refresh, Seen
from kafka_workshop.console.model import Broker, Group, Topic
from kafka_workshop.console.scoring import Scored
from kafka_workshop.console.state import ClusterState, View, stale_text
from kafka_workshop.language import tr
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.monitor.score.result import as_json

# Whoever asks may be about to stop the system: soon, or as it was known before.
_FRESH_SECONDS = 1.5


def router(state: ClusterState, run: str) -> APIRouter:
    """Return the routes over `state`; `run` says how the system runs."""
    routes = APIRouter()
    _add_health(routes, state, run)
    _add_brokers_and_groups(routes, state)
    _add_topics(routes, state)
    return routes


def ledger_router(ledger: Kept[Balance], refresh: Refresh) -> APIRouter:
    """Return the route of the ledger; `refresh` takes it anew, within so many seconds."""
    routes = APIRouter()

    @routes.get("/api/ledger")
    def the_ledger(fresh: bool = False) -> dict[str, Any]:
        """The ledger as last taken; with `fresh`, as it is now, if that can be had at once."""
        taken = refresh(_FRESH_SECONDS) if fresh else False
        seen = ledger.seen
        found = msgspec.to_builtins(seen.value) if seen.value else None
        return _seen(seen) | {"fresh": taken, "ledger": found}

    return routes


def score_router(score: Kept[Scored]) -> APIRouter:
    """Return the route of the score."""
    routes = APIRouter()

    @routes.get("/api/score")
    def the_score() -> dict[str, Any]:
        """The score as last taken, as `monitor score --json` tells it."""
        seen = score.seen
        found = as_json(seen.value.score) if seen.value else None
        return _seen(seen) | {"missing": seen.value.missing if seen.value else (), "score": found}

    return routes


def _seen(seen: Seen[Any]) -> dict[str, Any]:
    return {"at_ms": seen.at_ms, "age_ms": seen.age_ms, "reason": seen.reason}


def _add_health(routes: APIRouter, state: ClusterState, run: str) -> None:
    @routes.get("/livez")
    def livez() -> dict[str, str]:
        """Whether the process serves."""
        return {"status": "ok", "service": "kafka-workshop", "run": run}

    @routes.get("/readyz")
    def readyz() -> JSONResponse:
        """Whether pages are worth opening: the brokers were asked once, whatever they said."""
        view = state.view
        status = "ready" if view.version else "starting"
        body = {"status": status, "brokers": "answer" if view.answering else "silent"}
        return JSONResponse(body | _reason(view), status_code=200 if view.version else 503)


def _add_brokers_and_groups(routes: APIRouter, state: ClusterState) -> None:
    @routes.get("/api/brokers")
    def brokers() -> dict[str, Any]:
        """The brokers ever seen, with their counts."""
        view = state.view
        return _dated(view, brokers=[_broker(broker) for broker in view.brokers])

    @routes.get("/api/groups")
    def groups() -> dict[str, Any]:
        """The consumer groups with members, offsets and lag."""
        view = state.view
        found = view.snapshot.groups if view.snapshot else ()
        return _dated(view, groups=[_group(group) for group in found])


def _add_topics(routes: APIRouter, state: ClusterState) -> None:
    @routes.get("/api/topics")
    def topics() -> dict[str, Any]:
        """The topics without their partitions."""
        view = state.view
        return _dated(view, topics=[_topic(topic, view) for topic in view.topics])

    @routes.get("/api/topics/{name}")
    def topic(name: str) -> dict[str, Any]:
        """One topic with its partitions and configs."""
        view = state.view
        found = view.snapshot.topic_by_name.get(name) if view.snapshot else None
        if found is None:
            raise HTTPException(404, tr("There is no such topic.", "Este tópico não existe."))
        partitions = [
            msgspec.to_builtins(p) | {"under_replicated": p.under_replicated}
            for p in found.partitions
        ]
        detail = {"partitions": partitions, "config": found.config}
        return _dated(view, topic=_topic(found, view) | detail)


def _dated(view: View, **body: Any) -> dict[str, Any]:
    at_ms = view.snapshot.at_ms if view.snapshot else None
    age_ms = None if at_ms is None else max(0, clock.now_ms() - at_ms)
    when = {"at_ms": at_ms, "age_ms": age_ms, "answering": view.answering}
    return when | _reason(view) | body


def _reason(view: View) -> dict[str, str]:
    if view.failure is not None:
        return {"reason": view.failure.text()}
    return {"reason": stale_text(view)} if view.stale else {}


def _broker(broker: Broker) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(broker)
    return built


def _topic(topic: Topic, view: View) -> dict[str, Any]:
    return {
        "name": topic.name,
        "internal": topic.internal,
        "partitions": len(topic.partitions),
        "replication_factor": topic.replication_factor,
        "under_replicated": topic.under_replicated,
        "offline": topic.offline,
        "messages": topic.count,
        "messages_estimated": topic.compacted,
        "rate": view.rates.get(topic.name),
    }


def _group(group: Group) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(group)
    built["partitions"] = [msgspec.to_builtins(p) | {"lag": p.lag} for p in group.partitions]
    return built | {"lag": group.lag, "uncommitted": group.uncommitted}
