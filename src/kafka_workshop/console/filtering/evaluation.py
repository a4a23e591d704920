"""Whether a message is what a filter asks for: no error, and steps linear in its size.

What is not there (no such field, a value that is not JSON, no such header) makes every test of it
false, `!=` too; `not` turns that round. Values of different kinds are unequal and have no order.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Protocol

from kafka_workshop.console.filtering.document import MISSING, decoded, lookup
from kafka_workshop.console.filtering.tree import (
    And,
    Comparator,
    Comparison,
    Exists,
    Field,
    Leaf,
    Not,
    Text,
    Tree,
    Value,
    Within,
)

_ORDERS: dict[Comparator, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Readable(Protocol):
    """What a filter sees of a message; `size` is key and value in bytes."""

    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp_ms(self) -> int | None: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102


class Matcher:
    """A filter ready to be asked about messages.

    `steps` counts what that took: one for each test, and one for each byte decoded or compared.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.steps = 0

    def matches(self, message: Readable) -> bool:
        """Return whether `message` is what the filter asks for."""
        look = _Look(message)
        try:
            return _holds(self._tree, look)
        finally:
            self.steps += look.steps


class _Look:
    """One message while it is looked at: each part is decoded once, when first asked for."""

    def __init__(self, message: Readable) -> None:
        self._message = message
        self._seen: dict[str, Any] = {}
        self.steps = 0

    def values(self, field: Field) -> Iterator[Any]:
        """Yield what stands in `field`: once, never if it is missing, each of a repeated header."""
        self.steps += 1
        if field.name == "header":
            yield from self._headers(str(field.path[0]))
        elif field.name == "json":
            found = lookup(self._once("json", self._json), field.path)
            if found is not MISSING:
                yield found
        elif field.name == "timestamp":
            if self._message.timestamp_ms is not None:
                yield self._message.timestamp_ms
        else:
            yield self._plain(field.name)

    def _plain(self, name: str) -> Any:
        found = getattr(self._message, name)
        return self._once(name, lambda: self._text(found)) if name in {"key", "value"} else found

    def _headers(self, name: str) -> Iterator[str | None]:
        for header, data in self._message.headers:
            self.steps += 1
            if header == name:
                yield self._text(data)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._seen:
            self._seen[name] = make()
        return self._seen[name]

    def _text(self, data: bytes | None) -> str | None:
        self.steps += len(data or b"")
        return None if data is None else data.decode(errors="replace")

    def _json(self) -> Any:
        self.steps += len(self._message.value or b"")
        return decoded(self._message.value)


def _holds(tree: Tree, look: _Look) -> bool:
    if isinstance(tree, Not):
        return not _holds(tree.part, look)
    if isinstance(tree, Comparison | Text | Within | Exists):
        return _test(tree, look)
    each = (_holds(part, look) for part in tree.parts)
    return all(each) if isinstance(tree, And) else any(each)


def _test(leaf: Leaf, look: _Look) -> bool:
    found = list(look.values(leaf.field))
    look.steps += sum(_length(value) for value in found)
    if isinstance(leaf, Exists):
        return any(value is not None or leaf.field.name == "json" for value in found)
    if isinstance(leaf, Text):
        return any(_says(leaf, value) for value in found)
    if isinstance(leaf, Within):
        look.steps += len(leaf.values) * sum(_length(value) for value in found)
        return any(_equal(value, wanted) for value in found for wanted in leaf.values)
    return _compares(leaf, found)


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list) else 1


def _says(leaf: Text, value: object) -> bool:
    if isinstance(value, str):
        return leaf.value in value if leaf.by == "contains" else value.startswith(leaf.value)
    listed = isinstance(value, list) and leaf.by == "contains"
    return listed and _among(leaf.value, value)


def _among(wanted: str, values: Iterable[object] | object) -> bool:
    return isinstance(values, list) and any(isinstance(v, str) and v == wanted for v in values)


def _compares(leaf: Comparison, found: list[Any]) -> bool:
    if leaf.by == "=":
        return any(_equal(value, leaf.value) for value in found)
    if leaf.by == "!=":
        return bool(found) and not any(_equal(value, leaf.value) for value in found)
    order = _ORDERS[leaf.by]
    return any(_same_kind(value, leaf.value) and order(value, leaf.value) for value in found)


def _equal(value: object, wanted: Value) -> bool:
    if value is None or wanted is None or isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return _same_kind(value, wanted) and value == wanted


def _same_kind(value: object, wanted: Value) -> bool:
    # A boolean is a number to Python, not to a person.
    if isinstance(value, bool):
        return False
    if isinstance(wanted, str):
        return isinstance(value, str)
    return isinstance(value, int | Decimal)
