"""What is known about fraud afterwards: labels, days late, and never inside a transaction.

Only fraud is labelled. So that silence means something, `CompleteUntil` stands between the labels:
what occurred up to that instant and has no label was no fraud.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from kafka_workshop.domain.transaction import Identifier, Instant, ShortIdentifier, TransactionId

LABEL_VERSION: Literal[1] = 1
Scenario = Literal[
    "card_testing",
    "impossible_travel",
    "account_takeover",
    "mule",
    "structuring",
    "compromise",
    "dormant",
    "velocity",
    "large_amount",  # only of a data set from elsewhere, as is the next one
    "unspecified",  # it does not say how
]
ALL_SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
# Those that the simulation plays.
SCENARIOS: tuple[Scenario, ...] = ALL_SCENARIOS[:-2]
EpisodeId = Annotated[str, Meta(min_length=1, max_length=16)]


class Label(Struct, frozen=True, omit_defaults=True, gc=False, tag="label", tag_field="record"):
    """One transaction was fraud.

    Attributes:
        episode_id: the same for all that belongs together: the id of the episode's first label's
            transaction.
        account_id: on whose account the transaction is.
        terminal_id: where the card was used, or where it had been copied; absent if at neither.
        occurred_at: the transaction's event time, milliseconds UTC.
        available_at: when the fraud became known, milliseconds UTC, later than `occurred_at`.
    """

    schema_version: Literal[1]
    episode_id: EpisodeId
    scenario: Scenario
    transaction_id: TransactionId
    account_id: Identifier
    occurred_at: Instant
    available_at: Instant
    terminal_id: ShortIdentifier | None = None

    def __post_init__(self) -> None:
        """Refuse what was known before it occurred.

        Raises:
            ValueError: the sentence names fields only, never their values.
        """
        if self.available_at <= self.occurred_at:
            raise ValueError("available_at must be later than occurred_at")


class CompleteUntil(Struct, frozen=True, gc=False, tag="complete_until", tag_field="record"):
    """Every label of what occurred at or before `until`, milliseconds UTC, stands before this."""

    schema_version: Literal[1]
    until: Instant


LabelRecord = Label | CompleteUntil
