"""Rule books of a file, and with single parameters changed: `rule.parameter=value`."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kafka_workshop.domain.rulebook import RuleBook, book_of, default_text, parse
from kafka_workshop.errors import InvalidRules
from kafka_workshop.language import tr


def text_of(path: Path | None) -> str:
    """Return a rules file's text; the package's own without one.

    Raises:
        InvalidRules: the file can't be read.
    """
    if path is None:
        return default_text()
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise _unreadable(path, error.strerror or "") from None
    except UnicodeDecodeError:
        raise _unreadable(path, "UTF-8") from None


def changed(text: str, changes: Iterable[str]) -> RuleBook:
    """Return the rule book of a TOML text with parameters set anew.

    Raises:
        InvalidRules: a change is not `rule.parameter=value`, or says what is not allowed.
    """
    parse(text)  # whatever is wrong with the file itself is said first
    document: dict[str, Any] = tomllib.loads(text)
    for change in changes:
        name, separator, value = change.partition("=")
        rule, dot, parameter = name.strip().partition(".")
        if not (separator and dot and rule and parameter):
            raise _malformed(change)
        table = document.setdefault(rule, {})
        if not isinstance(table, dict):  # the version, which is no rule
            raise _malformed(change)
        table[parameter] = _value(change, value.strip())
    return book_of(document)


def _value(change: str, text: str) -> Any:
    try:
        (value,) = tomllib.loads(f"value = {text}").values()
    except (tomllib.TOMLDecodeError, ValueError):
        raise _malformed(change) from None
    return value


def _malformed(change: str) -> InvalidRules:
    return InvalidRules(
        tr(
            "{change!r} is no change; rule.parameter=value is wanted, for example "
            "velocity.factor=2.5",
            "{change!r} não é uma mudança; use regra.parâmetro=valor, por exemplo "
            "velocity.factor=2.5",
            change=change,
        )
    )


def _unreadable(path: Path, why: str) -> InvalidRules:
    return InvalidRules(
        tr(
            "the rules {path} can't be read: {why}",
            "não é possível ler as regras {path}: {why}",
            path=path,
            why=why,
        )
    )
