"""REST: the dead letters that are known, by error class and one by one, as JSON."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query

from kafka_workshop.console.dlq.known import Letters, condition_of
from kafka_workshop.console.dlq.wanted import MAX_PAGE, PAGE, Wanted, page_of
from kafka_workshop.console.keeper import Kept
from kafka_workshop.language import tr
from kafka_workshop.masking import masked_bytes
from kafka_workshop.messaging.dlq.letter import Letter
from kafka_workshop.messaging.dlq.survey import Survey

_Text = Annotated[str, Query(max_length=100)]
_Size = Annotated[int, Query(ge=1, le=MAX_PAGE)]
_Number = Annotated[int, Query(ge=1)]


def letters_router(kept: Kept[Letters]) -> APIRouter:
    """Return the routes over the letters that are kept."""
    routes = APIRouter()

    @routes.get("/api/dlq")
    def topics() -> dict[str, Any]:
        """Every topic that has dead letters, with the error classes of the newest."""
        boxes = (kept.seen.value or Letters()).boxes.values()
        return _dated(kept) | {"topics": [_counted(survey) for survey in boxes]}

    @routes.get("/api/dlq/{topic}")
    def letters(
        topic: str,
        error_class: _Text = "",
        condition: _Text = "",
        page: _Number = 1,
        size: _Size = PAGE,
    ) -> dict[str, Any]:
        """One page of the newest letters of messages of `topic` that fit, newest first."""
        survey = (kept.seen.value or Letters()).boxes.get(topic)
        if survey is None:
            raise HTTPException(
                404,
                tr(
                    "No topic of dead letters is known of it.",
                    "Não se conhece tópico de DLQ dele.",
                ),
            )
        found = page_of(survey, Wanted(error_class, condition), page, size)
        about = {"page": found.number, "pages": found.pages, "total": found.total}
        told = [_told(letter, survey) for letter in found.letters]
        return _dated(kept) | about | {"topic": topic, "letters": told}

    return routes


def _dated(kept: Kept[Letters]) -> dict[str, Any]:
    seen = kept.seen
    return {"at_ms": seen.at_ms, "age_ms": seen.age_ms, "reason": seen.reason}


def _counted(survey: Survey) -> dict[str, Any]:
    return {
        "topic": survey.topic,
        "letters": len(survey.letters),
        "repeated": survey.repeated,
        "foreign": survey.foreign,
        "classes": [
            {name: getattr(count, name) for name in count.__slots__} for count in survey.by_class()
        ],
    }


def _told(letter: Letter, survey: Survey) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(letter, builtin_types=(bytes,))
    of = letter.redrive_of
    return said | {
        "source": str(letter.source),
        "reason": masked_bytes(letter.reason).decode(errors="backslashreplace"),
        "condition": condition_of(letter, survey),
        "redriven_ms": survey.redriven.get(letter.source),
        "redrive_of": None if of is None else str(of),
    }
