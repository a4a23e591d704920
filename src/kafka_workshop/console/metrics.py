"""What the console knows as Prometheus metrics: names with base units, counters with `_total`.

Nothing here asks Kafka: a scrape is answered from what the threads of the console last knew. Labels
name brokers, topics, groups and rules, never accounts or ids. What is not known has no sample: a
zero would be a lie.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from starlette.responses import Response

from kafka_workshop.console.figures.known import Figures
from kafka_workshop.console.keeper import Kept
from kafka_workshop.console.state import ClusterState, View
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.masking import masked_text

# The largest ones, so that a cluster of thousands of topics or groups does not flood a scrape.
_MOST = 500
Samples = Iterable[tuple[tuple[str, ...], float | None]]


@dataclass(frozen=True)
class Sources:
    """Where the figures are."""

    state: ClusterState
    figures: Kept[Figures]
    ledger: Kept[Balance]


class _Collector:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, as it is known now."""
        yield from cluster_metrics(self._sources.state.view)
        yield from monitor_metrics(self._sources.figures.seen.value)
        yield from ledger_metrics(self._sources.ledger.seen.value)


def metrics_router(sources: Sources) -> APIRouter:
    """Return the route of the metrics."""
    routes, registry = APIRouter(), CollectorRegistry()
    registry.register(_Collector(sources))
    ProcessCollector(registry=registry)

    @routes.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """Cluster, monitor, ledger and this process in Prometheus' text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def cluster_metrics(view: View) -> Iterator[Metric]:
    """Yield what is known of the cluster."""
    answering = ("kafka_workshop_brokers_answering", "Whether the brokers answer: 1 or 0.")
    yield _gauge(*answering, [((), float(view.answering))])
    snapshot = view.snapshot
    if snapshot is None:
        return
    topics = sorted(snapshot.topics, key=lambda t: -(t.end or 0))[:_MOST]
    brokers = [((str(broker.id),), float(broker.online)) for broker in view.brokers]
    yield _gauge("kafka_workshop_broker_online", "Whether a broker is online.", brokers, "broker")
    replicas = [((t.name,), float(t.under_replicated)) for t in topics]
    name = "kafka_workshop_topic_under_replicated_partitions"
    yield _gauge(name, "Partitions with replicas out of sync.", replicas, "topic")
    offline = [((t.name,), float(t.offline)) for t in topics]
    name = "kafka_workshop_topic_offline_partitions"
    yield _gauge(name, "Partitions without a leader.", offline, "topic")
    written = [((t.name,), t.end) for t in topics]
    name = "kafka_workshop_topic_end_offsets"
    yield _gauge(name, "Sum of the end offsets of a topic.", written, "topic")
    groups = sorted(snapshot.groups, key=lambda g: -(g.lag or 0))[:_MOST]
    lag = [((g.id,), g.lag) for g in groups]
    name = "kafka_workshop_group_lag_messages"
    yield _gauge(name, "Messages that a group has not read.", lag, "group")
    members = [((g.id,), float(len(g.members))) for g in groups]
    yield _gauge("kafka_workshop_group_members", "Members of a group.", members, "group")


def monitor_metrics(figures: Figures | None) -> Iterator[Metric]:
    """Yield what the monitor has counted since this console began to follow it."""
    if figures is None or figures.missing:
        return
    counted = figures.counted
    for name, text, value in (
        ("transactions", "Transactions that the monitor has processed.", counted.transactions),
        ("transactions_declined", "Transactions that were declined.", counted.declined),
        ("dead_letters", "Messages that went to the dead letters.", counted.dead),
    ):
        yield _counter(f"kafka_workshop_{name}", text, [((), value)])
    amount = counted.amount / 100
    yield _counter("kafka_workshop_amount_brl", "Money moved, in BRL.", [((), amount)])
    alerts = [((rule,), float(n)) for rule, n in sorted(counted.alerts.items())]
    yield _counter("kafka_workshop_alerts", "Alerts by rule.", alerts, "rule")


def ledger_metrics(balance: Balance | None) -> Iterator[Metric]:
    """Yield the ledger, in messages."""
    if balance is None:
        return
    for name, text, value in (
        ("acknowledged", "Messages that the brokers have taken.", balance.acknowledged),
        ("processed", "Messages that the group has processed.", balance.processed),
        ("dead", "Messages that went to the dead letters.", balance.dead),
        ("in_flight", "Messages that are not processed yet.", balance.in_flight),
        ("lost", "Messages that are lost.", balance.lost),
        ("duplicated", "Messages that are there or were counted twice.", balance.duplicated),
    ):
        yield _gauge(f"kafka_workshop_ledger_{name}_messages", text, [((), value)])
    name = "kafka_workshop_ledger_taken_timestamp_seconds"
    yield _gauge(name, "When the ledger was taken.", [((), balance.at_ms / 1000)])


def _gauge(name: str, text: str, samples: Samples, *labels: str) -> Metric:
    return _filled(GaugeMetricFamily(name, text, labels=labels), samples)


def _counter(name: str, text: str, samples: Samples, *labels: str) -> Metric:
    return _filled(CounterMetricFamily(name, text, labels=labels), samples)


def _filled(metric: GaugeMetricFamily | CounterMetricFamily, samples: Samples) -> Metric:
    for labels, value in samples:
        if value is not None:
            metric.add_metric([masked_text(label) for label in labels], value)
    return metric
