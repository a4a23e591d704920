"""A finding: what a check says, how bad it is, and what mends it."""

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "problem"]


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    Attributes:
        check: which check, in English and kebab-case whatever the language.
        level: `ok`, `warning` (works, but look at it) or `problem` (does not work as promised).
        text: one sentence for a person.
        mend: the command or the action that mends it; empty where nothing is to be mended.
    """

    check: str
    level: Level
    text: str
    mend: str = ""


def ok(check: str, text: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(check, "ok", text)


def warning(check: str, text: str, mend: str) -> Finding:
    """Return what works but should be looked at."""
    return Finding(check, "warning", text, mend)


def problem(check: str, text: str, mend: str) -> Finding:
    """Return what does not work as promised."""
    return Finding(check, "problem", text, mend)


def shown(names: list[str], most: int = 3) -> str:
    """Return the first names and how many more there are.

    >>> shown(["a", "b", "c", "d", "e"])
    'a, b, c (+2)'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" (+{rest})" if rest > 0 else "")
