"""Which of the letters a person wants to see, and one page of them."""

from dataclasses import dataclass

from kafka_workshop.console.dlq.known import condition_of
from kafka_workshop.messaging.dlq.letter import Letter
from kafka_workshop.messaging.dlq.survey import Survey

PAGE, MAX_PAGE = 50, 200


@dataclass(frozen=True)
class Wanted:
    """What a letter must be; an empty text says nothing about it."""

    error_class: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Page:
    """A page of what is wanted, newest first; `number` counts from 1, `pages` is at least 1."""

    letters: tuple[Letter, ...]
    number: int
    pages: int
    total: int


def page_of(survey: Survey, wanted: Wanted, number: int = 1, size: int = PAGE) -> Page:
    """Return a page; the nearest one there is, if there is none of that number."""
    found = [
        letter
        for letter in reversed(survey.of_class(wanted.error_class or None))
        if wanted.condition in ("", condition_of(letter, survey))
    ]
    pages = max(1, -(-len(found) // size))
    number = min(max(1, number), pages)
    return Page(tuple(found[(number - 1) * size : number * size]), number, pages, len(found))
