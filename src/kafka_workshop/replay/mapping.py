"""Which column of a file is what: read from a versioned TOML file, checked before any row."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from kafka_workshop.domain.label import Scenario
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr

SHIPPED = ("handbook", "sparkov")
Text = Annotated[str, Meta(min_length=1, max_length=200)]
CardKind = Literal["card_present", "card_not_present"]


class InvalidMapping(UserError):
    """A mapping says something that is not allowed, or does not fit its file."""


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's names of what a transaction needs; without `merchant` a terminal is its own."""

    id: Text
    time: Text
    account: Text
    terminal: Text
    amount: Text
    merchant: Text | None = None
    kind: Text | None = None
    fraud: Text | None = None
    scenario: Text | None = None

    def named(self) -> list[str]:
        """Return all columns that are used."""
        return [name for name in msgspec.structs.astuple(self) if name is not None]


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """How the file writes an instant: ISO 8601 (UTC unless it says so), or a number.

    Attributes:
        start: what `since_start_s` counts from, an ISO instant.
    """

    format: Literal["iso", "epoch_s", "epoch_ms", "since_start_s"]
    start: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a start that is missing, or that nobody would look at."""
        if (self.start is None) is (self.format == "since_start_s"):
            raise ValueError("start belongs to the format since_start_s, which needs it")

    @property
    def start_ms(self) -> int:
        """The start in milliseconds UTC; 0 if there is none."""
        if self.start is None:
            return 0
        zoned = self.start if self.start.tzinfo else self.start.replace(tzinfo=UTC)
        return round(zoned.timestamp() * 1000)


class Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """The kind of a transaction, by what the `kind` column says."""

    default: CardKind = "card_present"
    values: dict[str, CardKind] = field(default_factory=dict)


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """When fraud becomes known, and what the file's scenarios are called here."""

    delay_days: Annotated[int, Meta(ge=1, le=365)] = 7
    scenario: Scenario = "unspecified"
    scenarios: dict[str, Scenario] = field(default_factory=dict)


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping; `mcc` is the category of every merchant."""

    version: Literal["1"]
    columns: Columns
    time: Time
    kind: Kinds = Kinds()
    labels: Labels = Labels()
    mcc: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")] = "5999"

    def check(self, header: Iterable[str]) -> None:
        """Refuse a file without the columns, or with one of them twice.

        Raises:
            InvalidMapping: which column, and what the file has.
        """
        present = list(header)
        for name in self.columns.named():
            if present.count(name) != 1:
                raise InvalidMapping(
                    tr(
                        "column {name!r} is in the file {n} times instead of once; it has: {all}",
                        "a coluna {name!r} está {n} vezes no arquivo, em vez de uma; ele tem: "
                        "{all}",
                        name=name,
                        n=present.count(name),
                        all=", ".join(present),
                    )
                )


def load_mapping(name_or_path: str) -> Mapping:
    """Return a shipped mapping by its name, or the one of a file.

    Raises:
        InvalidMapping: there is none, or it says something that is not allowed.
    """
    try:
        if name_or_path in SHIPPED:
            shipped = files("kafka_workshop.replay.maps").joinpath(f"{name_or_path}.toml")
            return parse(shipped.read_text("utf-8"))
        return parse(Path(name_or_path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise InvalidMapping(
            tr(
                "mapping {path} can't be read: {why}; allowed: {names}, or a TOML file",
                "não é possível ler o mapeamento {path}: {why}; use: {names}, ou um arquivo TOML",
                path=name_or_path,
                why=why,
                names=", ".join(SHIPPED),
            )
        ) from None


def parse(text: str) -> Mapping:
    """Return the mapping that a TOML text describes.

    Raises:
        InvalidMapping: it is no TOML, or a key or value is not allowed.
    """
    try:
        return msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidMapping(
            tr("the mapping is wrong: {why}", "o mapeamento está errado: {why}", why=error)
        ) from None
