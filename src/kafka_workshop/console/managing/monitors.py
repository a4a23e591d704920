"""What of a cluster belongs to a monitor, told by the names of its topics, and why it stays so.

A stage's state is kept by the number of its input's partitions and by its group's offsets: whoever
changed one alone would make the next start refuse.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import (
    DEFAULT_GROUP,
    TRANSACTIONS,
    MonitorTopics,
    labels_topic,
    ledger_topic,
)

_DEFAULT = MonitorTopics(TRANSACTIONS, DEFAULT_GROUP)
_STATES = _DEFAULT.state, _DEFAULT.merchant_state
_STAGE_TWO = ".merchant"


@dataclass(frozen=True)
class Monitor:
    """A monitor: the topic that it reads and the group of its first stage."""

    topic: str
    group: str

    @property
    def reset(self) -> str:
        """The command that makes it begin again, offsets and state together."""
        if (self.topic, self.group) == (_DEFAULT.topic, _DEFAULT.group):
            return "./workshop monitor reset"
        return f"TOPIC={self.topic} CONSUMER_GROUP={self.group} ./workshop monitor reset"


def monitor_of(group: str, names: Collection[str]) -> Monitor | None:
    """Return the monitor that `group` is a stage of, by the `names` of all topics.

    >>> monitor_of("night", ["pay", "pay.night.monitor.state.account"]).topic
    'pay'
    >>> monitor_of("night", ["pay"]) is None
    True
    """
    for stage in (group, group.removesuffix(_STAGE_TWO)):
        if stage == _DEFAULT.group and _DEFAULT.state in names:
            return Monitor(_DEFAULT.topic, stage)
        for owner in _owners(names):
            if owner.endswith(f".{stage}") and len(owner) > len(stage) + 1:
                return Monitor(owner.removesuffix(f".{stage}"), stage)
    return None


def is_state(topic: str) -> bool:
    """Return whether a topic is the changelog of a stage.

    >>> is_state("monitor.state.account"), is_state("alerts")
    (True, False)
    """
    return topic in _STATES or topic.endswith(tuple(f".{name}" for name in _STATES))


def why_partitions_stay(topic: str, names: Collection[str]) -> str:
    """Return why `topic` must keep its number of partitions, or an empty text.

    >>> why_partitions_stay("orders", ["orders"])
    ''
    """
    if is_state(topic):
        return tr(
            "A stage keeps its state here, in the partition of the number that it reads.",
            "Uma etapa guarda aqui seu estado, na partição do mesmo número da que ela lê.",
        )
    if _named(topic, _DEFAULT.by_merchant):
        return tr(
            "The second stage keeps its state by the numbers of these partitions.",
            "A segunda etapa guarda seu estado pelos números destas partições.",
        )
    return _of_input(topic, names) or _of_one_partition(topic, names)


def why_not_set(topic: str, setting: str, value: str | None) -> str:
    """Return why `topic` can't be set so without losing what a monitor has there, or nothing."""
    if not is_state(topic) or setting != "cleanup.policy" or value == "compact":
        return ""
    return tr(
        "cleanup.policy of {topic} stays compact: it holds the state of a stage, which deletion by "
        "age or size would take away.",
        "cleanup.policy de {topic} continua compact: ele guarda o estado de uma etapa, que a "
        "exclusão por idade ou tamanho levaria embora.",
        topic=topic,
    )


def _of_input(topic: str, names: Collection[str]) -> str:
    if any(topic == labels_topic(name) for name in names):
        return tr(
            "Labels are read with the partition of their number of the transactions.",
            "Os rótulos são lidos com a partição de mesmo número das transações.",
        )
    read = labels_topic(topic) in names or any(
        owner.startswith(f"{topic}.") for owner in _owners(names)
    )
    if read or (topic == _DEFAULT.topic and _DEFAULT.state in names):
        return tr(
            "The monitor's state and the labels have as many partitions: an account's "
            "transactions would go to a partition without its state.",
            "O estado do monitor e os rótulos têm o mesmo número de partições: as transações de "
            "uma conta iriam para uma partição sem o estado dela.",
        )
    return ""


def _of_one_partition(topic: str, names: Collection[str]) -> str:
    book = any(topic == ledger_topic(name) for name in names)
    if book or any(_named(topic, name) for name in (_DEFAULT.triage, _DEFAULT.score)):
        return tr(
            "Its one partition puts what is written here into an order that all agree on.",
            "Sua única partição põe o que é gravado aqui em uma ordem igual para todos.",
        )
    return ""


def _named(topic: str, name: str) -> bool:
    return topic == name or topic.endswith(f".{name}")


def _owners(names: Collection[str]) -> Iterator[str]:
    """Yield `TOPIC.GROUP` of each monitor whose changelog is there."""
    ending = f".{_DEFAULT.state}"
    return (name.removesuffix(ending) for name in names if name.endswith(ending))
