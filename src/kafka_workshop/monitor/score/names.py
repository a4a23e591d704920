"""The topic of the newest score of one monitor."""

from kafka_workshop.messaging.topics import MonitorTopics, TopicSpec, bounded

# One record, rewritten: the smallest segments that compaction can work on.
_SCORE_BYTES, _KEPT_MS = 30_000_000, 180 * 24 * 3600 * 1000


def score_spec(topic: str, group: str) -> TopicSpec:
    """Return the topic of the score: compacted, one record."""
    spec = bounded(MonitorTopics(topic, group).score, 1, _SCORE_BYTES, _KEPT_MS)
    spec.config.update({"cleanup.policy": "compact,delete", "segment.bytes": str(2**20)})
    return spec
