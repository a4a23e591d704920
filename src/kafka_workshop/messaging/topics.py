"""The project's topics, each bounded in bytes so that the whole fits the storage budget."""

from dataclasses import dataclass

REPLICATION_FACTOR = 3
MIN_INSYNC_REPLICAS = 2
PARTITIONS = 6
# Stage merchant reads a third of the transactions, in few bytes: three members are plenty, and
# fewer partitions leave room for more than the smallest segments.
MERCHANT_PARTITIONS = 3
SCORE_PARTITIONS = 3  # nobody has state by it: as many as the smallest segments leave room for
TRANSACTIONS = "transactions"
DEAD_LETTERS = "transactions.dlq"
DEFAULT_GROUP = "transaction-monitor"
# The producers' book holds a record a run, rewritten each second: segments small enough that
# compaction, which leaves the open one alone, keeps it to a few thousand records.
_LEDGER_BYTES = 30_000_000
# Some 60,000 labels and what stands between them: more than a week at 50 transactions a second.
_LABEL_BYTES = 80_000_000
# Some 10,000 decisions of people about alerts, and what compaction has not reached yet.
_TRIAGE_BYTES = 9_000_000
# Twice the brokers' default for the input, so that what was read can be written with its reason.
DEAD_LETTER_MAX_BYTES = 2 * 1_048_588
# The smallest `segment.bytes` that Kafka 4 takes.
_SMALLEST_SEGMENT = 2**20
# Of alerts, scores, KPIs, what is told to stage merchant, its dead letters, and the state of both
# stages; see `monitor_topics`.
_ALERTS, _SCORES, _KPIS, _BY_MERCHANT, _LETTERS, _STATE, _MERCHANT_STATE = 8, 4, 2, 6, 2, 5, 2
_MONITOR_PERCENT = _ALERTS + _SCORES + _KPIS + _BY_MERCHANT + _LETTERS + _STATE + _MERCHANT_STATE
_DAY_MS = 24 * 3600 * 1000
# Kafka keeps the open segment beside what retention allows, hence a partition may reach
# retention.bytes + segment.bytes: the segment is a quarter of a partition's share.
_SEGMENT_SHARE = 4
# The changelog is rewritten all the time: small segments, closed soon, so that compaction, which
# leaves the open one alone, follows closely.
_STATE_SEGMENT_BYTES = 4 * 2**20
_STATE_SEGMENT_MS = 600_000
_STATE_CLEANABLE = "0.2"


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


@dataclass(frozen=True, slots=True)
class MonitorTopics:
    """Where the monitor `group` of `topic` writes; any but the default pair has names of its own.

    >>> MonitorTopics("transactions", "transaction-monitor").state
    'monitor.state.account'
    >>> MonitorTopics("payments", "night-shift").alerts
    'payments.night-shift.alerts'
    """

    topic: str
    group: str

    @property
    def alerts(self) -> str:
        """What the rules raised, keyed by account or place."""
        return self._named("alerts")

    @property
    def scores(self) -> str:
        """The risk of every transaction, keyed by account."""
        default = (self.topic, self.group) == (TRANSACTIONS, DEFAULT_GROUP)
        return "monitor.scores" if default else self._named("scores")

    @property
    def kpis(self) -> str:
        """Counts and amounts of each transaction of the stage, keyed by input partition."""
        return self._named("kpis")

    @property
    def state(self) -> str:
        """The changelog of stage account."""
        return self._named("monitor.state.account")

    @property
    def by_merchant(self) -> str:
        """What stage account tells stage merchant, keyed by terminal or merchant."""
        return self._named("monitor.by-merchant")

    @property
    def merchant_state(self) -> str:
        """The changelog of stage merchant."""
        return self._named("monitor.state.merchant")

    @property
    def merchant_group(self) -> str:
        """The consumer group of stage merchant; `group` is that of stage account."""
        return f"{self.group}.merchant"

    @property
    def score(self) -> str:
        """The newest score, which the console and `monitor score --publish` write."""
        return self._named("monitor.score")

    @property
    def triage(self) -> str:
        """What people decided about the alerts, which the console writes."""
        return self._named("monitor.triage")

    @property
    def all(self) -> tuple[str, ...]:
        """Those that the stages write."""
        told = self.by_merchant, dead_letter_topic(self.by_merchant)
        return (self.alerts, self.scores, self.kpis, *told, self.merchant_state, self.state)

    def _named(self, name: str) -> str:
        default = (self.topic, self.group) == (TRANSACTIONS, DEFAULT_GROUP)
        return name if default else f"{self.topic}.{self.group}.{name}"


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
    the labels. What the monitor writes has its own share (`monitor_topics`), the last tenth is left
    to Kafka's internal topics, which compaction bounds by their keys, the rest to the transactions.
    """
    dead_letters = bounded(dead_letter_topic(topic), PARTITIONS, storage // 10, 30 * _DAY_MS)
    dead_letters.config["max.message.bytes"] = str(DEAD_LETTER_MAX_BYTES)
    for_ledger = min(storage // 50, _LEDGER_BYTES)
    ledger = bounded(ledger_topic(topic), 1, for_ledger, 180 * _DAY_MS)
    ledger.config.update(
        {"cleanup.policy": "compact,delete", "segment.bytes": str(_SMALLEST_SEGMENT)}
    )
    for_labels = min(storage * 8 // 100, _LABEL_BYTES)
    labels = bounded(labels_topic(topic), PARTITIONS, for_labels, 180 * _DAY_MS)
    others = storage // 10 + for_ledger + for_labels + storage * _MONITOR_PERCENT // 100
    transactions = bounded(topic, PARTITIONS, storage * 9 // 10 - others, 180 * _DAY_MS)
    return (transactions, dead_letters, ledger, labels)


def monitor_topics(
    storage: int, topic: str, group: str, partitions: int = PARTITIONS
) -> tuple[TopicSpec, ...]:
    """Return what the stages of a monitor write, within 29 % of `storage`; state comes last.

    What is told to stage merchant is a seventh of the transactions' bytes or less, and is kept as
    long as they are: it may stand still as long as they last. Measured, compressed, a transaction:
    106 bytes in its topic, 14 in this, 74 of its score.
    """
    names = MonitorTopics(topic, group)
    told, merchants = names.by_merchant, MERCHANT_PARTITIONS
    letters = bounded(dead_letter_topic(told), 1, storage * _LETTERS // 100, 30 * _DAY_MS)
    letters.config["max.message.bytes"] = str(DEAD_LETTER_MAX_BYTES)
    return (
        bounded(names.alerts, PARTITIONS, storage * _ALERTS // 100, 30 * _DAY_MS),
        bounded(names.scores, SCORE_PARTITIONS, storage * _SCORES // 100, 30 * _DAY_MS),
        bounded(names.kpis, 1, storage * _KPIS // 100, _DAY_MS),
        bounded(told, merchants, storage * _BY_MERCHANT // 100, 180 * _DAY_MS),
        letters,
        _changelog(names.merchant_state, merchants, storage * _MERCHANT_STATE // 100),
        _changelog(names.state, partitions, storage * _STATE // 100),
    )


def _changelog(name: str, partitions: int, bytes_on_disk: int) -> TopicSpec:
    """Return a topic of state, with the partitions of the stage's input.

    It is compacted only: retention by size would remove state. What bounds it are the keys (about a
    kilobyte an account and replica, 5,000 of them: 15 MB; a tenth of that a place), and what
    compaction has not reached yet.
    """
    state = bounded(name, partitions, bytes_on_disk, 30 * _DAY_MS)
    segment = min(_STATE_SEGMENT_BYTES, int(state.config["segment.bytes"]))
    for limit in ("retention.bytes", "retention.ms"):
        del state.config[limit]
    state.config.update(
        {
            "cleanup.policy": "compact",
            "min.cleanable.dirty.ratio": _STATE_CLEANABLE,
            "segment.bytes": str(segment),
            "segment.ms": str(_STATE_SEGMENT_MS),
        }
    )
    return state


def redriven_markers(storage: int, topic: str = TRANSACTIONS) -> TopicSpec:
    """Return the topic of markers that the first redrive creates, within `storage`'s last tenth.

    No marker may go before its letter, or that would be sent again. So it is kept for longer (a
    letter: 30 days, and seven more while its segment is open) and in half the bytes of the letters.
    Measured on disk: 11 bytes a marker, 134 a letter with a broken transaction.
    """
    markers = bounded(redriven_topic(topic), 1, storage // 20, 60 * _DAY_MS)
    markers.config["cleanup.policy"] = "compact,delete"
    return markers


def triage_topic(topic: str, group: str) -> TopicSpec:
    """Return the topic of decisions about alerts, which the first one creates in the last tenth.

    It is kept for longer than the alerts (30 days, and seven more while their segment is open).
    """
    spec = bounded(MonitorTopics(topic, group).triage, 1, _TRIAGE_BYTES, 60 * _DAY_MS)
    spec.config["cleanup.policy"] = "compact,delete"
    return spec
