"""A filter's grammar, by recursive descent.

::

    filter     = conjunction ("or" conjunction)*
    conjunction = negation ("and" negation)*
    negation   = "not" negation | "(" filter ")" | test
    test       = field (comparator value | "contains" text | "starts" "with" text
                        | "in" "(" value ("," value)* ")" | "exists")
    field      = "key" | "value" path? | "header" "." name | "partition" | "offset"
                 | "timestamp" | "size"
    path       = ("." name | "[" digits "]")+
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from kafka_workshop.console.filtering import operands
from kafka_workshop.console.filtering.lexer import Token, tokens
from kafka_workshop.console.filtering.mistakes import FilterMistake, too_much, unexpected
from kafka_workshop.console.filtering.tree import (
    MAX_DEPTH,
    MAX_STEPS,
    MAX_TERMS,
    And,
    Comparator,
    Comparison,
    Exists,
    Field,
    Leaf,
    Name,
    Not,
    Or,
    Path,
    Text,
    Tree,
    Value,
    Within,
)
from kafka_workshop.language import tr

_COMPARATORS: tuple[Comparator, ...] = get_args(Comparator)
_NAMES: tuple[Name, ...] = ("key", "value", "header", "partition", "offset", "timestamp", "size")


def parse(source: str) -> Tree:
    """Return the tree of a filter.

    Raises:
        FilterMistake: it is not one; the text says where, what stands there, what is allowed.
    """
    parser = _Parser(tokens(source))
    tree = parser.disjunction(0)
    parser.end(tr("and, or, or the end", "and, or ou o fim"))
    return tree


def parse_path(source: str) -> Path:
    """Return the steps that `source` names within a value's JSON, such as `items[0].price`.

    Raises:
        FilterMistake: it is not a path.
    """
    parser = _Parser(tokens("." + source if not source.startswith("[") else source))
    path = parser.path()
    parser.end(tr(". or [", ". ou ["))
    if not path:
        raise unexpected(1, "", tr("a field's name", "o nome de um campo"))
    return path


@dataclass
class _Parser:
    tokens: list[Token]
    at: int = 0
    terms: int = field(default=0)

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        token = self.here
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def word(self, *words: str) -> bool:
        """Whether the next token is one of `words`, taken if so."""
        found = self.here.kind == "word" and self.here.text.lower() in words
        if found:
            self.next()
        return found

    def sign(self, text: str) -> bool:
        """Whether the next token is this sign, taken if so."""
        found = self.here.kind == "sign" and self.here.text == text
        if found:
            self.next()
        return found

    def refuse(self, allowed: str) -> FilterMistake:
        return unexpected(self.here.position, self.here.text, allowed)

    def end(self, allowed: str) -> None:
        if self.here.kind != "end":
            raise self.refuse(allowed)

    def disjunction(self, depth: int) -> Tree:
        parts = self._chain("or", lambda: self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Or(parts)

    def _conjunction(self, depth: int) -> Tree:
        parts = self._chain("and", lambda: self._negation(depth))
        return parts[0] if len(parts) == 1 else And(parts)

    def _chain(self, word: str, part: Callable[[], Tree]) -> tuple[Tree, ...]:
        parts = [part()]
        while self.word(word):
            parts.append(part())
        return tuple(parts)

    def _negation(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            what = tr("parentheses or not within each other", "parênteses ou not aninhados")
            raise too_much(self.here.position, what, MAX_DEPTH)
        if self.word("not"):
            return Not(self._negation(depth + 1))
        if not self.sign("("):
            return self._test()
        tree = self.disjunction(depth + 1)
        if not self.sign(")"):
            raise self.refuse(tr("and, or, or )", "and, or ou )"))
        return tree

    def _test(self) -> Leaf:
        looked_at = self._field()
        self._count()
        if self.word("exists"):
            operands.may_exist(looked_at, self.tokens[self.at - 1])
            return Exists(looked_at)
        if self.word("in"):
            return Within(looked_at, self._values(looked_at))
        text = self._text_test(looked_at)
        return text or self._comparison(looked_at)

    def _text_test(self, looked_at: Field) -> Text | None:
        begun = self.here
        if self.word("contains"):
            value = operands.part_of_text(looked_at, begun, self.next())
            return Text(looked_at, "contains", value)
        if not self.word("starts"):
            return None
        if not self.word("with"):
            raise self.refuse("with")
        value = operands.part_of_text(looked_at, begun, self.next())
        return Text(looked_at, "starts with", value)

    def _comparison(self, looked_at: Field) -> Comparison:
        sign = next((c for c in _COMPARATORS if self.sign(c)), None)
        if sign is None:
            raise self.refuse("= != < <= > >= contains, starts with, in (…), exists")
        return Comparison(looked_at, sign, operands.value(looked_at, sign, self.next()))

    def _values(self, looked_at: Field) -> tuple[Value, ...]:
        if not self.sign("("):
            raise self.refuse("(")
        values = [operands.value(looked_at, "=", self.next())]
        while self.sign(","):
            self._count()
            values.append(operands.value(looked_at, "=", self.next()))
        if not self.sign(")"):
            raise self.refuse(tr(", or )", ", ou )"))
        return tuple(values)

    def _count(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise too_much(self.here.position, tr("comparisons", "comparações"), MAX_TERMS)

    def _field(self) -> Field:
        name = next((n for n in _NAMES if self.word(n)), None)
        if name is None:
            raise self.refuse(", ".join(("not", "(", *_NAMES)))
        if name == "header":
            return Field(name, (self._header_name(),))
        path = self.path() if name == "value" else ()
        return Field("json", path) if path else Field(name)

    def _header_name(self) -> str:
        # Names of headers are often dotted: header.dlq.redrive.of is one name.
        steps = self.path(header=True)
        if not steps:
            raise self.refuse(tr(". and the header's name", ". e o nome do cabeçalho"))
        return ".".join(map(str, steps))

    def path(self, *, header: bool = False) -> Path:
        """Return the steps that follow, none if neither `.` nor `[` does."""
        steps: list[str | int] = []
        while True:
            begun = self.here
            if self.sign("."):
                steps.append(self._step())
            elif not header and self.sign("["):
                steps.append(self._index())
            else:
                return tuple(steps)
            if len(steps) > MAX_STEPS:
                raise too_much(begun.position, tr("steps", "passos"), MAX_STEPS)

    def _step(self) -> str:
        token = self.here
        if token.kind not in {"word", "text"}:
            raise self.refuse(tr('a name, or one in "quotes"', 'um nome, ou um entre "aspas"'))
        self.next()
        return token.text if token.kind == "word" else token.value

    def _index(self) -> int:
        token = self.here
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 9:
            raise self.refuse(tr("a position from 0", "uma posição a partir de 0"))
        self.next()
        if not self.sign("]"):
            raise self.refuse("]")
        return int(token.text)
