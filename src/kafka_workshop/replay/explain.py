"""What is wrong with a mapping, in a sentence: the key, its value, and what is allowed."""

import re
from typing import Any

import msgspec
from msgspec import Struct

from kafka_workshop.domain.label import ALL_SCENARIOS
from kafka_workshop.language import tr

_MISSING = re.compile(r"Object missing required field `(\w+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_AT = re.compile(r"^(.*?)(?: - at `(?:key in )?\$\.?([\w.]*)(?:\[\.\.\.\])?`)?$", re.DOTALL)


def explained(message: str, said: dict[str, Any], whole: type[Struct]) -> str:
    """Return the sentence for a validation's English `message` about what a document `said`."""
    found = _AT.match(message)
    why, path = (found[1], found[2] or "") if found else (message, "")
    if missing := _MISSING.match(why):
        return _missing(_joined(path, missing[1]))
    if unknown := _UNKNOWN.match(why):
        return _unknown(_joined(path, unknown[1]), _keys(whole, path))
    if why.startswith(("Expected", "Invalid")):
        return wrong(path, _value(path, said))
    return why  # one of our own


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _missing(name: str) -> str:
    return tr(
        "{name} is missing: {allowed}",
        "falta {name}: {allowed}",
        name=name,
        allowed=_allowed(name),
    )


def _unknown(name: str, keys: tuple[str, ...]) -> str:
    return tr(
        "there is no {name}; there are: {all}",
        "não existe {name}; existem: {all}",
        name=name,
        all=", ".join(keys),
    )


def wrong(path: str, value: Any) -> str:
    """Return the sentence that a key's value is not allowed, and what is."""
    return tr(
        "{name} = {value} is not allowed: {allowed}",
        "{name} = {value} não é permitido: {allowed}",
        name=path,
        value=repr(value)[:100],
        allowed=_allowed(path),
    )


def _value(path: str, said: Any) -> Any:
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _keys(whole: type[Struct], path: str) -> tuple[str, ...]:
    """Return the keys of the table at a path."""
    kind = whole
    for name in filter(None, path.split(".")):
        kind = next(each.type for each in msgspec.structs.fields(kind) if each.name == name)
    return kind.__struct_fields__


def _allowed(path: str) -> str:
    table, _, name = path.rpartition(".")
    kinds = "card_present, card_not_present"
    said = {
        "version": '"1"',
        "time.format": "iso, epoch_s, epoch_ms, since_start_s",
        "time.start": tr("an instant such as", "um instante como") + ' "2018-04-01T00:00:00"',
        "time.offset": tr("hours from UTC such as", "horas em relação ao UTC como") + ' "-03:00"',
        "constants.mcc": tr("a text of four digits", "um texto de quatro dígitos"),
        "kind.default": kinds,
        "kind.values": kinds,
        "labels.delay_days": tr("a whole number from 1 to 365", "um número inteiro de 1 a 365"),
        "labels.scenario": ", ".join(ALL_SCENARIOS),
        "labels.scenarios": ", ".join(ALL_SCENARIOS),
    }
    if path in said:
        return said[path]
    if not table:
        return tr("a table [{name}]", "uma tabela [{name}]", name=name)
    return tr("a text of 1 to 200 characters", "um texto de 1 a 200 caracteres")
