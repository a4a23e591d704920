"""A transaction's score, and what a model is."""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from kafka_workshop.domain.transaction import Identifier, Instant, TransactionId

Share = Annotated[float, Meta(ge=0, le=1)]


class Model(Protocol):
    """Turns features into a score; the same features give the same score on every machine."""

    @property
    def version(self) -> str:
        """Which one it is: a name of at most 24 letters, digits, points and dashes."""

    def score(self, features: tuple[float, ...]) -> float:
        """Return the score, 0 to 1, of features in the order of `FEATURES`."""


class Score(Struct, frozen=True, gc=False):
    """What a model says of one transaction.

    Attributes:
        occurred_at: the transaction's event time, milliseconds UTC.
        score: 0 to 1; how suspicious, not how likely.
        model: the model's version.
        features: what it was told, in the order of `FEATURES`.
    """

    transaction_id: TransactionId
    account_id: Identifier
    occurred_at: Instant
    score: Share
    model: str
    features: tuple[float, ...]


class _Said(Protocol):
    """What a score tells of its transaction, which is known as itself or as a payment."""

    @property
    def transaction_id(self) -> str: ...
    @property
    def account_id(self) -> str: ...
    @property
    def occurred_at(self) -> int: ...


def scored(said: _Said, features: tuple[float, ...], model: Model) -> Score:
    """Return the score of a transaction, or of the payment that tells a place of it."""
    return Score(
        said.transaction_id,
        said.account_id,
        said.occurred_at,
        model.score(features),
        model.version,
        features,
    )
