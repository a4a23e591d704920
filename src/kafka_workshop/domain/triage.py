"""What a person decided about an alert: whether it is right, and why."""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from kafka_workshop.domain.transaction import Instant

State = Literal["open", "confirmed", "dismissed"]
STATES: tuple[State, ...] = get_args(State)
TRIAGE_VERSION: Literal[1] = 1
MAX_NOTE = 500


class Triage(Struct, frozen=True):
    """One decision about one alert; the newest counts.

    Attributes:
        at: when it was taken, milliseconds UTC.
        note: why, `MAX_NOTE` characters at most.
    """

    schema_version: Literal[1]
    state: State
    note: Annotated[str, Meta(max_length=MAX_NOTE)]
    at: Instant
