"""What the diagram shows of the cluster: boxes, and what flows between them, in words.

Pure: a view of the cluster and the ledger go in. A dash stands where nothing is known.
"""

from dataclasses import dataclass
from urllib.parse import quote

from kafka_workshop.console import formats
from kafka_workshop.console.diagram.caption import caption
from kafka_workshop.console.diagram.consumers import Stage, stage_of
from kafka_workshop.console.model import KRAFT, ZOOKEEPER, Broker, Topic
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Tone
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import MonitorTopics


@dataclass(frozen=True)
class Box:
    """A box: its name, where it leads, its state in words with a tone, and a few lines.

    `mark` is what sets it apart from its like: that it is the controller. `service` is what the
    native run calls it; empty: it is no service.
    """

    title: str
    href: str
    state: str = ""
    tone: Tone = ""
    lines: tuple[str, ...] = ()
    mark: str = ""
    service: str = ""


@dataclass(frozen=True)
class Flow:
    """What goes along an arrow: how much, and what is done to it."""

    rate: float | None
    what: str
    estimate: bool = False

    @property
    def text(self) -> str:
        """The rate; an estimate where offsets have gaps, so that it counts a little too much."""
        return formats.rate(self.rate, estimate=self.estimate)


@dataclass(frozen=True)
class Picture:
    """All that is drawn; `consumers` are those of the first and of the second stage."""

    coordination: Box
    producer: Box
    written: Flow
    topic: Box
    brokers: tuple[Box, ...]
    consumers: tuple[tuple[Flow, Box], ...]
    caption: str


def picture_of(view: View, names: MonitorTopics, producers: int | None) -> Picture:
    """Return the diagram; `producers` is how many runs of producers are alive, if that is known."""
    stages = (
        stage_of(view, "consumer", names.group, names.topic),
        stage_of(view, "consumer-merchant", names.merchant_group, names.by_merchant),
    )
    return Picture(
        _coordination(view),
        _producer(names.topic, producers),
        Flow(view.rates.get(names.topic), tr("written", "gravadas")),
        _topic(view, names.topic),
        tuple(_broker(broker, view) for broker in view.brokers),
        tuple(_consumer(stage) for stage in stages),
        caption(view, names.topic, stages),
    )


def _coordination(view: View) -> Box:
    leader = view.snapshot.controller if view.snapshot and view.failure is None else None
    who = f"broker-{leader.id}" if leader else formats.UNKNOWN
    known = view.snapshot.coordination if view.snapshot else ""
    name = {ZOOKEEPER: "ZooKeeper", KRAFT: tr("KRaft quorum", "Quórum KRaft")}.get(known)
    line = tr("controller: {who}", "controller: {who}", who=who)
    # With KRaft the brokers themselves coordinate: there is no service of its own.
    service = "zookeeper" if known == ZOOKEEPER else ""
    path = "/zookeeper" if service else "/brokers"
    return Box(name or tr("Coordination", "Coordenação"), path, lines=(line,), service=service)


def _producer(topic: str, alive: int | None) -> Box:
    state: str
    tone: Tone
    state, tone = "", ""
    if alive is not None:
        state, tone = tr("{n} running", "{n} rodando", n=formats.number(alive)), "good"
    if alive == 0:
        state, tone = tr("not running", "parado"), "warn"
    line = tr("writes {topic}", "grava em {topic}", topic=topic)
    return Box("producer", _topic_path(topic), state, tone, (line,), service="producer")


def _topic_path(name: str) -> str:
    return "/topics/" + quote(name, safe="")


def _topic(view: View, name: str) -> Box:
    topic = view.snapshot.topic_by_name.get(name) if view.snapshot else None
    if topic is None:
        absent = tr("not there yet", "ainda não existe")
        return Box(name, "/topics", lines=(absent if view.snapshot else formats.UNKNOWN,))
    state, tone = _replication(topic)
    shape = tr(
        "{n} partitions × {replicas} replicas",
        "{n} partições × {replicas} réplicas",
        n=len(topic.partitions),
        replicas=topic.replication_factor,
    )
    return Box(name, _topic_path(name), state, tone, (shape,))


def _replication(topic: Topic) -> tuple[str, Tone]:
    if topic.offline:
        return tr("{n} without a leader", "{n} sem líder", n=topic.offline), "bad"
    if topic.under_replicated:
        under = topic.under_replicated
        return tr("{n} under-replicated", "{n} sub-replicadas", n=under), "warn"
    return tr("all in sync", "todas em sincronia"), "good"


def _broker(broker: Broker, view: View) -> Box:
    state, tone = _broker_state(broker, view)
    lines = (
        tr("leads {n}", "lidera {n}", n=formats.number(broker.leaders)),
        tr(
            "ISR {n}/{all}",
            "ISR {n}/{all}",
            n=formats.number(broker.in_sync),
            all=formats.number(broker.replicas),
        ),
    )
    mark = "controller" if broker.controller and broker.online else ""
    name = f"broker-{broker.id}"
    return Box(name, "/brokers", state, tone, lines, mark, name)


def _broker_state(broker: Broker, view: View) -> tuple[str, Tone]:
    if view.failure is not None:
        return tr("no answer", "sem resposta"), "bad"
    if not broker.online:
        return tr("offline", "fora do ar"), "bad"
    if broker.in_sync < broker.replicas:
        return tr("catching up", "recuperando"), "warn"
    return tr("online", "no ar"), "good"


def _consumer(stage: Stage) -> tuple[Flow, Box]:
    flow = Flow(stage.rate, tr("processed", "processadas"), stage.estimate)
    lines = (
        tr("reads {topic}", "lê {topic}", topic=stage.topic),
        tr("lag {n}", "lag {n}", n=formats.number(stage.lag)),
    )
    path = "/groups/" + quote(stage.group, safe="")
    return flow, Box(stage.title, path, stage.state, stage.tone, lines, service=stage.title)
