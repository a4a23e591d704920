"""Which column of a file is what: read from a versioned TOML file, checked before any row."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from kafka_workshop.domain.label import Scenario
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.replay.explain import explained, wrong

SHIPPED = ("handbook", "sparkov")
Text = Annotated[str, Meta(min_length=1, max_length=200)]
CardKind = Literal["card_present", "card_not_present"]
# A shop of one till is its own terminal; nothing else may be said twice by one column.
_SHARED = {"merchant", "terminal"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidMapping(UserError):
    """A mapping says something that is not allowed, or does not fit its file."""


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's names of what a transaction and its label need.

    Without `id` a transaction is named after its line. `terminal` or `merchant` may stand for both.
    """

    time: Text
    account: Text
    amount: Text
    id: Text | None = None
    terminal: Text | None = None
    merchant: Text | None = None
    kind: Text | None = None
    fraud: Text | None = None
    scenario: Text | None = None
    delay_days: Text | None = None

    def __post_init__(self) -> None:
        """Refuse a column that is said to be two things."""
        meanings: dict[str, str] = {}
        for meaning, column in self.used().items():
            other = meanings.setdefault(column, meaning)
            if other != meaning and {other, meaning} != _SHARED:
                raise ValueError(
                    tr(
                        "column {column!r} is said to be both {one} and {other}",
                        "a coluna {column!r} aparece como {one} e também como {other}",
                        column=column,
                        one=other,
                        other=meaning,
                    )
                )

    def used(self) -> dict[str, str]:
        """Return meaning -> column."""
        return {name: column for name, column in msgspec.structs.asdict(self).items() if column}


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """How the file writes an instant: ISO 8601, or a number.

    Attributes:
        start: what `since_start_s` counts from, ISO 8601.
        offset: from UTC, of what does not say so itself. Rules about the night look at Brasília's
            clock: -03:00 keeps a file's hours what they were. It is fixed, so that a change of
            summer time brings nothing out of order.
    """

    format: Literal["iso", "epoch_s", "epoch_ms", "since_start_s"]
    start: str | None = None
    offset: Annotated[str, Meta(pattern=r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]\Z")] = "+00:00"

    def __post_init__(self) -> None:
        """Refuse a start that is missing, is no instant, or that nobody would look at."""
        if (self.start is None) is (self.format == "since_start_s"):
            raise ValueError(
                tr(
                    "time.start goes with the format since_start_s, which needs it",
                    "time.start acompanha o formato since_start_s, que precisa dele",
                )
            )
        try:
            self.iso_ms(self.start or "1970-01-01")
        except ValueError:
            raise ValueError(wrong("time.start", self.start)) from None

    def iso_ms(self, text: str) -> int:
        """Return an ISO 8601 instant in milliseconds UTC.

        Raises:
            ValueError: it is none.
        """
        when = datetime.fromisoformat(text)
        zoned = when if when.tzinfo else when.replace(tzinfo=self._zone)
        return (zoned - _EPOCH) // timedelta(milliseconds=1)

    @property
    def _zone(self) -> timezone:
        hours, minutes = self.offset[1:].split(":")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if self.offset[0] == "-" else ahead)


class Constants(Struct, frozen=True, forbid_unknown_fields=True):
    """What the file lacks, the same in every row; `mcc` is the category of every merchant."""

    terminal: Text | None = None
    merchant: Text | None = None
    mcc: Annotated[str, Meta(pattern=r"^[0-9]{4}\Z")] = "5999"


class Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """The kind of a transaction, by what the `kind` column says; `default` for all else."""

    default: CardKind = "card_present"
    values: dict[str, CardKind] = field(default_factory=dict)


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """When fraud becomes known, and what the file's scenarios are called here.

    `delay_days` is that of every label; with a column of that name, the longest there may be.
    """

    delay_days: Annotated[int, Meta(ge=1, le=365)] = 7
    scenario: Scenario = "unspecified"
    scenarios: dict[str, Scenario] = field(default_factory=dict)


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping."""

    version: Literal["1"]
    columns: Columns
    time: Time
    constants: Constants = Constants()
    kind: Kinds = Kinds()
    labels: Labels = Labels()

    def __post_init__(self) -> None:
        """Refuse what is said twice, or of which nothing is said."""
        for name in ("terminal", "merchant"):
            if getattr(self.columns, name) and getattr(self.constants, name):
                raise ValueError(
                    tr(
                        "{name} stands in [columns] and in [constants]: one of them",
                        "{name} está em [columns] e em [constants]: use só um",
                        name=name,
                    )
                )
        if not any((*self.place, *self.shop)):
            raise ValueError(
                tr(
                    "where it was paid is missing: columns.terminal or columns.merchant, or one of "
                    "them in [constants]",
                    "falta onde foi pago: columns.terminal ou columns.merchant, ou um deles em "
                    "[constants]",
                )
            )

    @property
    def place(self) -> tuple[str | None, str | None]:
        """The terminal: its column, or the constant."""
        return self.columns.terminal, self.constants.terminal

    @property
    def shop(self) -> tuple[str | None, str | None]:
        """The merchant: its column, or the constant."""
        return self.columns.merchant, self.constants.merchant

    def check(self, header: Iterable[str]) -> None:
        """Refuse a file without the columns, or with one of them twice.

        Raises:
            InvalidMapping: which column, and what the file has.
        """
        present = list(header)
        for meaning, name in self.columns.used().items():
            if present.count(name) != 1:
                raise InvalidMapping(_not_once(meaning, name, present))


def _not_once(meaning: str, name: str, present: list[str]) -> str:
    if name in present:
        return tr(
            "column {name!r} ({meaning}) is in the file more than once",
            "a coluna {name!r} ({meaning}) aparece mais de uma vez no arquivo",
            name=name,
            meaning=meaning,
        )
    return tr(
        "the file has no column {name!r} ({meaning}); it has: {all}",
        "o arquivo não tem a coluna {name!r} ({meaning}); ele tem: {all}",
        name=name,
        meaning=meaning,
        all=", ".join(present)[:500],
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
        text = Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(name_or_path, error) from None
    try:
        return parse(text)
    except InvalidMapping as error:
        raise InvalidMapping(f"{name_or_path}: {error}") from None


def _unreadable(path: str, error: OSError | UnicodeDecodeError) -> InvalidMapping:
    return InvalidMapping(
        tr(
            "mapping {path} can't be read: {why}; allowed: {names}, or a TOML file",
            "não é possível ler o mapeamento {path}: {why}; use: {names}, ou um arquivo TOML",
            path=path,
            why=error.strerror if isinstance(error, OSError) else "UTF-8",
            names=", ".join(SHIPPED),
        )
    )


def parse(text: str) -> Mapping:
    """Return the mapping that a TOML text describes.

    Raises:
        InvalidMapping: it is no TOML, or a key or value is not allowed.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidMapping(
            tr("the mapping is no TOML: {why}", "o mapeamento não é TOML: {why}", why=error)
        ) from None
    try:
        return msgspec.convert(_plain(said), Mapping)
    except msgspec.ValidationError as error:
        raise InvalidMapping(explained(f"{error}", said, Mapping)) from None


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose `time.start` is text; TOML has dates of its own as well."""
    time = said.get("time")
    if isinstance(time, dict) and isinstance(time.get("start"), date):
        return said | {"time": time | {"start": time["start"].isoformat()}}
    return said
