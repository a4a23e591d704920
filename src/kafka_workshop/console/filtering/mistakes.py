"""What is wrong with a filter, in one sentence: where, what stands there, what is allowed."""

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

_SHOWN = 30


class FilterMistake(UserError):
    """A filter that is not one; `position` counts characters from 1, 0 if it is about the whole."""

    def __init__(self, sentence: str, position: int = 0) -> None:
        self.position = position
        super().__init__(sentence)


def unexpected(position: int, found: str, allowed: str) -> FilterMistake:
    """Return the mistake that `found` stands at `position` (from 1) where `allowed` may stand."""
    shown = found if len(found) <= _SHOWN else found[:_SHOWN] + "…"
    what = repr(shown) if found else tr("the end of the filter", "o fim do filtro")
    sentence = tr(
        "Position {position}: {what} is not allowed here; allowed: {allowed}.",
        "Posição {position}: {what} não é permitido aqui; permitido: {allowed}.",
        position=position,
        what=what,
        allowed=allowed,
    )
    return FilterMistake(sentence, position)


def too_much(position: int, what: str, limit: int) -> FilterMistake:
    """Return the mistake that at `position` there is more than `limit` of `what`."""
    sentence = tr(
        "Position {position}: too much; allowed are at most {limit} {what}.",
        "Posição {position}: é demais; são permitidos no máximo {limit} {what}.",
        position=position,
        what=what,
        limit=limit,
    )
    return FilterMistake(sentence, position)
