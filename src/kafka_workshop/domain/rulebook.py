"""The rules' parameters: read from a versioned TOML file, checked, with a version of the whole.

Every mistake is one sentence that names the thing, its value, and what is allowed.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from kafka_workshop.domain.merchant.place import PLACE_SCHEMA
from kafka_workshop.domain.merchant.rules import MERCHANT_RULES, MerchantRule
from kafka_workshop.domain.merchant.rules.merchant_compromise import RULE as MERCHANT_COMPROMISE
from kafka_workshop.domain.merchant.rules.merchant_compromise import MerchantCompromise
from kafka_workshop.domain.profile import SCHEMA
from kafka_workshop.domain.rules import REGISTRY, AnyRule, Limits, Parameter, Parameters, Rule
from kafka_workshop.errors import InvalidRules
from kafka_workshop.language import tr

# Raised whenever the same parameters and transactions may give other alerts than before.
CODE_VERSION = 3
_VERSION_LENGTH = 16
_MAX_ENTRIES = 8
# All rules there are: those about accounts, then those about places.
RULES: dict[str, AnyRule] = {**REGISTRY, **MERCHANT_RULES}


class RuleBook(Struct, frozen=True):
    """Parameters of every rule, in the order of `RULES`, and which rules are off."""

    version: str
    parameters: dict[str, Parameters]
    disabled: tuple[str, ...] = ()

    def active(self) -> Iterator[tuple[Rule, Parameters]]:
        """Yield the account rules that are on, in the order of their slots."""
        for name, rule in REGISTRY.items():
            if name not in self.disabled:
                yield rule, self.parameters[name]

    def active_merchant(self) -> Iterator[tuple[MerchantRule, Parameters]]:
        """Yield the merchant rules that are on, in the order of their slots."""
        for name, rule in MERCHANT_RULES.items():
            if name not in self.disabled:
                yield rule, self.parameters[name]

    @property
    def misuse(self) -> MerchantCompromise | None:
        """When stage account suspects that a card was copied; None if nobody wants to know."""
        found = self.parameters[MERCHANT_COMPROMISE.name]
        wanted = MERCHANT_COMPROMISE.name not in self.disabled
        return found if wanted and isinstance(found, MerchantCompromise) else None

    @property
    def rules_version(self) -> str:
        """The file's version, and eight digits that stand for all parameters and the code."""
        said = (CODE_VERSION, SCHEMA, PLACE_SCHEMA, self.disabled, self.parameters)
        digest = blake2b(msgspec.json.encode(said, order="sorted"), digest_size=4)
        return f"{self.version}-{digest.hexdigest()}"


def parse(text: str) -> RuleBook:
    """Return the rule book that a TOML text describes; what it leaves out has its default.

    Raises:
        InvalidRules: the text is no TOML, has no version, or a value is not allowed.
    """
    try:
        return book_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(
            tr("the rules are no TOML: {why}", "as regras não são TOML: {why}", why=error)
        ) from None


def book_of(described: Mapping[str, Any]) -> RuleBook:
    """Return the rule book that a TOML document describes, once it is read.

    Raises:
        InvalidRules: it has no version, or a value is not allowed.
    """
    document = dict(described)
    version = _version(document.pop("version", None))
    _refuse_unknown(document)
    disabled = tuple(name for name in RULES if not _enabled(name, document.get(name, {})))
    parameters = {name: _parameters(rule, document.get(name, {})) for name, rule in RULES.items()}
    return RuleBook(version, parameters, disabled)


@cache
def default_rules() -> RuleBook:
    """Return the rule book of the package's own `rules.toml`."""
    return parse(default_text())


def default_text() -> str:
    """Return the package's own `rules.toml`."""
    return files("kafka_workshop.domain.rules").joinpath("rules.toml").read_text("utf-8")


def _version(value: Any) -> str:
    if value is None:
        raise InvalidRules(
            tr(
                'version is missing: the file begins with a line such as version = "1"',
                'falta version: o arquivo começa com uma linha como version = "1"',
            )
        )
    if not isinstance(value, str) or not 0 < len(value) <= _VERSION_LENGTH or not value.isascii():
        raise InvalidRules(
            tr(
                "version = {value!r} is not allowed: a text of 1 to {most} ASCII characters",
                "version = {value!r} não é permitido: um texto de 1 a {most} caracteres ASCII",
                value=value,
                most=_VERSION_LENGTH,
            )
        )
    return value


def _refuse_unknown(document: dict[str, Any]) -> None:
    for name, table in document.items():
        if name not in RULES:
            raise InvalidRules(
                tr(
                    "there is no rule {name!r}; there are: {all}",
                    "não existe a regra {name!r}; existem: {all}",
                    name=name,
                    all=", ".join(RULES),
                )
            )
        if not isinstance(table, dict):
            raise InvalidRules(
                tr(
                    "{name} = {value!r} is not allowed: a table [{name}] with its parameters",
                    "{name} = {value!r} não é permitido: uma tabela [{name}] com seus parâmetros",
                    name=name,
                    value=table,
                )
            )


def _enabled(name: str, table: dict[str, Any]) -> bool:
    value = table.get("enabled", True)
    if not isinstance(value, bool):
        raise _refused(f"{name}.enabled", value, tr("true or false", "true ou false"))
    return value


def _parameters(rule: AnyRule, table: dict[str, Any]) -> Parameters:
    known = {parameter.name: parameter for parameter in rule.described()}
    values = {name: value for name, value in table.items() if name != "enabled"}
    for name in values:
        if name not in known:
            raise InvalidRules(
                tr(
                    "{rule} has no parameter {name!r}; it has: {all}",
                    "{rule} não tem o parâmetro {name!r}; tem: {all}",
                    rule=rule.name,
                    name=name,
                    all=", ".join(["enabled", *known]),
                )
            )
    checked = {name: _checked(rule, known[name], value) for name, value in values.items()}
    return rule.parameters(**checked)


def _checked(rule: AnyRule, parameter: Parameter, value: Any) -> Any:
    full_name = f"{rule.name}.{parameter.name}"
    if parameter.type not in (int, float):
        return _checked_list(full_name, value, parameter.limits)
    is_number = isinstance(value, int if parameter.type is int else int | float)
    low, high, *_ = parameter.limits
    if isinstance(value, bool) or not is_number or not low <= value <= high:
        raise _refused(full_name, value, _allowed(parameter))
    return parameter.type(value)


def _checked_list(full_name: str, value: Any, limits: Limits) -> tuple[int, ...]:
    allowed = tr(
        "a list of 1 to {most} ascending whole numbers from {low} to {high} {unit}",
        "uma lista de 1 a {most} números inteiros crescentes de {low} a {high} {unit}",
        most=_MAX_ENTRIES,
        low=limits.minimum,
        high=limits.maximum,
        unit=limits.unit,
    )
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_ENTRIES:
        raise _refused(full_name, value, allowed)
    if any(isinstance(entry, bool) or not isinstance(entry, int) for entry in value):
        raise _refused(full_name, value, allowed)
    if value != sorted(set(value)) or value[0] < limits.minimum or value[-1] > limits.maximum:
        raise _refused(full_name, value, allowed)
    return tuple(value)


def _allowed(parameter: Parameter) -> str:
    limits = parameter.limits
    if parameter.type is int:
        text = tr(
            "a whole number from {low} to {high} {unit}",
            "um número inteiro de {low} a {high} {unit}",
            low=limits.minimum,
            high=limits.maximum,
            unit=limits.unit,
        )
    else:
        text = tr(
            "a number from {low} to {high} {unit}",
            "um número de {low} a {high} {unit}",
            low=limits.minimum,
            high=limits.maximum,
            unit=limits.unit,
        )
    return text.rstrip()


def _refused(name: str, value: Any, allowed: str) -> InvalidRules:
    return InvalidRules(
        tr(
            "{name} = {value!r} is not allowed: {allowed}",
            "{name} = {value!r} não é permitido: {allowed}",
            name=name,
            value=value,
            allowed=allowed,
        )
    )
