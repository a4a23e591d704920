"""What a rule is: words, parameters with units and limits, and one function.

`evaluate(profile, moment, parameters)` sees the profile as it was before this transaction, but for
the counts of attempts (`minutes`, `hours`), which have it already, and answers a `Finding` or None.
A rule that needs a memory of its own updates its field of the profile there; nothing else may be
changed. The detector drops what a late event finds, and what falls into the window of the rule's
last alert.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args, get_type_hints

from msgspec import Struct

from kafka_workshop.domain.alert import Number, Severity
from kafka_workshop.domain.movement import Moment
from kafka_workshop.domain.profile import Profile
from kafka_workshop.domain.words import Words

HOUR, DAY = 3_600, 86_400


class Finding(NamedTuple):
    """What a rule found.

    Attributes:
        since: event time of the first transaction of the evidence, seconds.
        strength: how many times the threshold was reached, at least 1.
        numbers: what fills the placeholders of the sentence.
        sentence: which of the rule's sentences; most have one.
    """

    since: int
    strength: float
    numbers: Mapping[str, Number]
    sentence: str = ""


class Limits(NamedTuple):
    """What a parameter means, its unit, and which values are allowed (both ends included)."""

    minimum: float
    maximum: float
    unit: str
    meaning: Words


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every rule's parameters; all fields have `Limits` and a default."""

    @property
    def window(self) -> int:
        """For how many seconds after an alert the rule stays silent about the account."""
        raise NotImplementedError


class Parameter(NamedTuple):
    """One parameter as the command line shows and the file's reader checks it."""

    name: str
    type: Any
    limits: Limits


Evaluate = Callable[[Profile, Moment, Any], Finding | None]


@dataclass(frozen=True, kw_only=True)
class AnyRule:
    """What rules of accounts and of merchants have in common.

    Attributes:
        slot: its place in the state's list of last alerts; never given to another rule.
        evidence: by `Finding.sentence`, the sentences it can say.
        policy: whether it is a limit to keep, scored apart from the signs of fraud.
        parameters: their type; `evaluate` gets an instance of it.
    """

    name: str
    slot: int
    title: Words
    meaning: Words
    evidence: Mapping[str, Words]
    source: Words
    severity: Severity
    parameters: type[Parameters]
    policy: bool = False

    def described(self) -> tuple[Parameter, ...]:
        """Return its parameters, in their order."""
        hints = get_type_hints(self.parameters, include_extras=True)
        return tuple(
            Parameter(name, *get_args(hints[name])) for name in self.parameters.__struct_fields__
        )


@dataclass(frozen=True, kw_only=True)
class Rule(AnyRule):
    """One rule about accounts.

    Attributes:
        ways: which movements it looks at; `declined`: whether refused ones too.
    """

    ways: frozenset[int]
    evaluate: Evaluate
    declined: bool = False
