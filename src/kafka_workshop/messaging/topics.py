"""The project's topics, each bounded in bytes so that the whole fits the storage budget."""

from dataclasses import dataclass

REPLICATION_FACTOR = 3
MIN_INSYNC_REPLICAS = 2
TRANSACTIONS = "transactions"
DEAD_LETTERS = "transactions.dlq"
# The producers' book holds a record a run, rewritten each second: segments small enough that
# compaction, which leaves the open one alone, keeps it to a few thousand records.
_LEDGER_BYTES = 30_000_000
# Some 60,000 labels and what stands between them: more than a week at 50 transactions a second.
_LABEL_BYTES = 80_000_000
# Twice the brokers' default for the input, so that what was read can be written with its reason.
DEAD_LETTER_MAX_BYTES = 2 * 1_048_588
# The smallest `segment.bytes` that Kafka 4 takes.
_SMALLEST_SEGMENT = 2**20
_DAY_MS = 24 * 3600 * 1000
# Kafka keeps the open segment beside what retention allows, hence a partition may reach
# retention.bytes + segment.bytes: the segment is a quarter of a partition's share.
_SEGMENT_SHARE = 4


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it is created: partitions, replication factor and configs as Kafka's text."""

    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str]


def dead_letter_topic(topic: str) -> str:
    """Return the name of the dead-letter topic of `topic`."""
    return f"{topic}.dlq"


def redriven_topic(topic: str) -> str:
    """Return the name of the topic that marks which dead letters of `topic` were sent back."""
    return f"{dead_letter_topic(topic)}.redriven"


def ledger_topic(topic: str) -> str:
    """Return the name of the topic with the producers' book about `topic`."""
    return f"{topic}.ledger"


def labels_topic(topic: str) -> str:
    """Return the name of the topic that tells, days late, which of `topic` were fraud."""
    return f"{topic}.labels"


def bounded(name: str, partitions: int, bytes_on_disk: int, retention_ms: int) -> TopicSpec:
    """Return a topic whose replicas together stay under `bytes_on_disk` bytes."""
    share = bytes_on_disk // (partitions * REPLICATION_FACTOR)
    segment = max(_SMALLEST_SEGMENT, share // _SEGMENT_SHARE)
    return TopicSpec(
        name,
        partitions,
        REPLICATION_FACTOR,
        {
            "min.insync.replicas": str(MIN_INSYNC_REPLICAS),
            "unclean.leader.election.enable": "false",
            "retention.ms": str(retention_ms),
            "retention.bytes": str(max(_SMALLEST_SEGMENT, share - segment)),
            "segment.bytes": str(segment),
        },
    )


def workshop_topics(storage: int, topic: str = TRANSACTIONS) -> tuple[TopicSpec, ...]:
    """Return the topics that `up` creates, within `storage` bytes on disk, replicas included.

    A tenth goes to the dead letters, a fiftieth at most to the ledger, two twenty-fifths at most to
    the labels, and what is left of nine tenths to the transactions; the last tenth is left to
    Kafka's internal topics, which compaction bounds by their keys.
    """
    dead_letters = bounded(dead_letter_topic(topic), 6, storage // 10, 30 * _DAY_MS)
    dead_letters.config["max.message.bytes"] = str(DEAD_LETTER_MAX_BYTES)
    for_ledger = min(storage // 50, _LEDGER_BYTES)
    ledger = bounded(ledger_topic(topic), 1, for_ledger, 180 * _DAY_MS)
    ledger.config.update(
        {"cleanup.policy": "compact,delete", "segment.bytes": str(_SMALLEST_SEGMENT)}
    )
    for_labels = min(storage * 8 // 100, _LABEL_BYTES)
    labels = bounded(labels_topic(topic), 6, for_labels, 180 * _DAY_MS)
    rest = storage * 9 // 10 - storage // 10 - for_ledger - for_labels
    return (bounded(topic, 6, rest, 180 * _DAY_MS), dead_letters, ledger, labels)


def redriven_markers(storage: int, topic: str = TRANSACTIONS) -> TopicSpec:
    """Return the topic of markers that the first redrive creates, within `storage`'s last tenth.

    No marker may go before its letter, or that would be sent again. So it is kept for longer (a
    letter: 30 days, and seven more while its segment is open) and in half the bytes of the letters.
    Measured on disk: 11 bytes a marker, 134 a letter with a broken transaction.
    """
    markers = bounded(redriven_topic(topic), 1, storage // 20, 60 * _DAY_MS)
    markers.config["cleanup.policy"] = "compact,delete"
    return markers
