"""A filter as frozen values. Types are checked when it is parsed, so evaluation cannot go wrong."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf

# Bounds of a filter: characters, parentheses and `not` within each other, values compared with,
# steps of one path.
MAX_CHARACTERS = 2_000
MAX_DEPTH = 20
MAX_TERMS = 60
MAX_STEPS = 16
MAX_DIGITS = 40

Value = str | int | Decimal | bool | None
Path = tuple[str | int, ...]
Name = OneOf["key", "value", "json", "header", "partition", "offset", "timestamp", "size"]
Comparator = OneOf["=", "!=", "<", "<=", ">", ">="]
TextTest = OneOf["contains", "starts with"]

TEXTS: frozenset[Name] = frozenset(("key", "value", "header"))
NUMBERS: frozenset[Name] = frozenset(("partition", "offset", "timestamp", "size"))


@dataclass(frozen=True)
class Field:
    """What is looked at: `path` holds the header's name, or the steps into a value's JSON."""

    name: Name
    path: Path = ()


@dataclass(frozen=True)
class Comparison:
    """`field` compared with a value; an instant is held as milliseconds since the epoch."""

    field: Field
    by: Comparator
    value: Value


@dataclass(frozen=True)
class Text:
    """Whether a text contains, or starts with, another; whether a JSON list contains it."""

    field: Field
    by: TextTest
    value: str


@dataclass(frozen=True)
class Within:
    """Whether `field` equals one of some values."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Exists:
    """Whether `field` is there at all."""

    field: Field


@dataclass(frozen=True)
class Not:
    """Whether `part` is not true."""

    part: "Tree"


@dataclass(frozen=True)
class And:
    """Whether all of two or more parts are true."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Or:
    """Whether one of two or more parts is true."""

    parts: tuple["Tree", ...]


Leaf = Comparison | Text | Within | Exists
Tree = Leaf | Not | And | Or
