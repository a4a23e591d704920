"""The topics of one monitor: those of the default topic and group have short names.

Any other topic or group prefixes them with both, so that two monitors never mix.
"""

from kafka_workshop.messaging.topics import TRANSACTIONS, TopicSpec, bounded

DEFAULT_GROUP = "transaction-monitor"
# One record, rewritten: the smallest segments that compaction can work on.
_SCORE_BYTES, _KEPT_MS = 30_000_000, 180 * 24 * 3600 * 1000


def labels_topic(topic: str) -> str:
    """Return the name of the topic with the labels of `topic`."""
    return f"{topic}.labels"


def _of(topic: str, group: str, name: str) -> str:
    own = topic == TRANSACTIONS and group == DEFAULT_GROUP
    return name if own else f"{topic}.{group}.{name}"


def alerts_topic(topic: str, group: str) -> str:
    """Return the name of the topic with the alerts of a group about `topic`.

    >>> alerts_topic("transactions", "transaction-monitor"), alerts_topic("t", "g")
    ('alerts', 't.g.alerts')
    """
    return _of(topic, group, "alerts")


def score_topic(topic: str, group: str) -> str:
    """Return the name of the topic with the newest score of a group."""
    return _of(topic, group, "monitor.score")


def score_spec(topic: str, group: str) -> TopicSpec:
    """Return the topic of the score: compacted, one record."""
    spec = bounded(score_topic(topic, group), 1, _SCORE_BYTES, _KEPT_MS)
    spec.config.update({"cleanup.policy": "compact,delete", "segment.bytes": str(2**20)})
    return spec
