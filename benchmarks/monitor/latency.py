"""From a transaction sent to its alert readable under read_committed, at 1,000 a second.

Plain transactions raise few alerts. So that there are enough to measure, all rules are on and
`velocity` is set to what trips most easily: three payments of one kind in a row. The first half
minute does not count: brokers that were started a moment ago are still compiling.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, TopicPartition

from benchmarks.monitor.figures import Result, Row, number, percentile
from benchmarks.monitor.ground import Ground, Process, new_group
from benchmarks.monitor.live import send_live
from benchmarks.monitor.scale import Scale
from kafka_workshop.domain.rules import REGISTRY
from kafka_workshop.language import tr
from kafka_workshop.messaging import config
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.topics import PARTITIONS, MonitorTopics
from tests.support.topics import delete_topics

PER_SECOND, SECONDS = 1_000, 30.0
WARM_UP_S = 30.0
RULES = 'version = "latency"\n[velocity]\nrun = 3\ngap_minutes = 60\n'
_AIMS_MS = {50: 100, 99: 250}
_LAST_S = 3.0


class Reader:
    """Reads alerts of some rules in a thread of its own, and notes when each came."""

    def __init__(self, servers: tuple[str, ...], topic: str, rules: frozenset[str]) -> None:
        # Without a group: the brokers answer as soon as something can be read.
        self._settings = config.confluent_consumer(servers, new_group())
        self._topic = topic
        self._rules = rules
        self._end = threading.Event()
        self.came: dict[str, float] = {}

    def run(self) -> None:
        """Read from the topic's beginning until told to end."""
        consumer = Consumer(self._settings, logger=config.LIBRDKAFKA_LOG)
        consumer.assign([TopicPartition(self._topic, p, 0) for p in range(PARTITIONS)])
        while not self._end.is_set():
            record = consumer.poll(0.1)
            if record is not None and record.error() is None:
                now, alert = time.monotonic(), decode_alert(record.value())
                if alert.rule in self._rules:
                    self.came.setdefault(alert.transaction_id, now)
        consumer.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Read meanwhile."""
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()


def run(ground: Ground, scale: Scale) -> Result:
    """Send for a while, and compare when each alert's transaction was sent and when it came."""
    seconds = (scale.seconds or SECONDS) + WARM_UP_S
    ground.say_rate(PER_SECOND, seconds)
    topic, group = ground.new_topic(), new_group()
    rules = ground.folder / "latency.toml"
    rules.write_text(RULES)
    with ground.ready(topic, group, MONITOR_RULES=str(rules)) as process:
        waits_ms = measured(ground, process, (topic, group), frozenset(REGISTRY), seconds)
    delete_topics(ground.servers, topic)
    return _result(waits_ms, seconds)


def measured(
    ground: Ground,
    process: Process,
    names: tuple[str, str],
    rules: frozenset[str],
    seconds: float,
) -> list[float]:
    """Send for so many seconds; return how long each alert of some rules took, milliseconds.

    `names` are the topic and the group whose monitor runs. The first seconds do not count.
    """
    sent: dict[str, float] = {}
    topic, alerts = names[0], MonitorTopics(*names).alerts
    reader, began = Reader(ground.servers, alerts, rules), time.monotonic()
    with reader.running():
        send_live(ground.servers, topic, PER_SECOND, seconds, sent.__setitem__)
        time.sleep(_LAST_S)
    if process.ended or not reader.came:
        raise process.fail(tr("no alert came", "nenhum alerta chegou"))
    return [
        (at - sent[transaction]) * 1000
        for transaction, at in reader.came.items()
        if sent[transaction] >= began + WARM_UP_S
    ]


def _result(waits_ms: list[float], seconds: float) -> Result:
    return lateness(
        waits_ms,
        _AIMS_MS,
        tr(
            "sent → alert readable, {n} alerts at {rate} a second",
            "enviada → alerta legível, {n} alertas a {rate} por segundo",
            n=number(len(waits_ms)),
            rate=number(PER_SECOND),
        ),
        {"seconds": seconds, "rules": RULES},
    )


def lateness(
    waits_ms: list[float], aims_ms: dict[int, int], name: str, given: dict[str, object]
) -> Result:
    """Return a row for each percentile that is aimed at; all times in milliseconds."""
    found = {percent: percentile(waits_ms, percent) for percent in aims_ms}
    rows = [
        Row(f"{name}, p{percent}", f"{number(value)} ms", f"≤ {aims_ms[percent]} ms")
        for percent, value in found.items()
    ]
    figures = {"alerts": len(waits_ms), **given}
    figures |= {f"p{percent}_ms": round(value, 1) for percent, value in found.items()}
    figures["max_ms"] = round(max(waits_ms), 1)
    return Result(figures, rows)
