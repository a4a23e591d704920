"""What REST there is: as an OpenAPI document, and as rows for a page that loads nothing foreign."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from kafka_workshop import __version__

DOCUMENT = "/api/openapi.json"


@dataclass(frozen=True)
class Operation:
    """One way to ask: method, path, its parameters with what they may be, and what it answers."""

    method: str
    path: str
    parameters: tuple[str, ...]
    about: str


def openapi_router(document: dict[str, Any]) -> APIRouter:
    """Return the route of the document."""
    routes = APIRouter()

    @routes.get(DOCUMENT, include_in_schema=False)
    def the_document() -> dict[str, Any]:
        return document

    return routes


def described(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return the OpenAPI document of `routes`."""
    rest = [route for route in routes if isinstance(route, APIRoute)]
    return get_openapi(
        title="kafka-workshop",
        version=__version__,
        description="What the Kafka UI knows. Times are milliseconds UTC, money is minor units.",
        routes=rest,
    )


def operations(document: dict[str, Any]) -> list[Operation]:
    """Return what an OpenAPI document tells, by path."""
    return [
        Operation(method.upper(), path, _parameters(told), str(told.get("description", "")))
        for path, methods in sorted(document.get("paths", {}).items())
        for method, told in methods.items()
    ]


def _parameters(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_parameter(each) for each in told.get("parameters", ()) if each["in"] == "query")


def _parameter(told: dict[str, Any]) -> str:
    schema = told.get("schema", {})
    default = schema.get("default")
    kind = schema.get("type", "text")
    return f"{told['name']}: {kind}" + ("" if default in (None, "") else f" = {default}")
