"""What happened, as far as two looks in succession tell it: to services, and to the cluster."""

from dataclasses import dataclass
from typing import Literal

from kafka_workshop.console.chaos.supervision import System
from kafka_workshop.console.state import View

Kind = Literal["service", "controller", "broker", "replication", "leaderless"]
_KEPT = 100


@dataclass(frozen=True)
class Happening:
    """Something was one thing and is another now; `at_ms` is when that was seen.

    Of a `service` its state; of the `controller` who it is; of a `broker` whether the others see
    it; else a number of partitions. What was not known is an empty text.
    """

    at_ms: int
    kind: Kind
    subject: str
    before: str
    after: str


_Facts = dict[tuple[Kind, str], str]


class Trail:
    """Remembers the newest happenings; written by one thread, read by all."""

    def __init__(self) -> None:
        self.happened: tuple[Happening, ...] = ()
        self._facts: _Facts = {}

    def take(self, system: System | None, view: View, now_ms: int) -> None:
        """Compare what is known now with what was known before."""
        facts = _services(system) | _cluster(view)
        new = [
            Happening(now_ms, kind, subject, self._facts[kind, subject], after)
            for (kind, subject), after in facts.items()
            if self._facts.get((kind, subject), after) != after
        ]
        self._facts = self._facts | facts
        if new:
            self.happened = (*reversed(new), *self.happened)[:_KEPT]


def _services(system: System | None) -> _Facts:
    return {("service", each.service): each.state for each in system.services} if system else {}


def _cluster(view: View) -> _Facts:
    # Silent brokers say nothing of each other: what was known stays until one speaks again.
    if view.snapshot is None or view.failure is not None:
        return {}
    leader = view.snapshot.controller
    facts: _Facts = {
        ("broker", f"broker-{broker.id}"): "online" if broker.online else "offline"
        for broker in view.brokers
    }
    if leader is not None:
        facts["controller", ""] = f"broker-{leader.id}"
    facts["replication", ""] = str(sum(topic.under_replicated for topic in view.topics))
    facts["leaderless", ""] = str(sum(topic.offline for topic in view.topics))
    return facts
