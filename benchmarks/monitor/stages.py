"""Both stages at once, each a process: a backlog, what it writes, and how late an alert is.

Throughput is counted from the first commit of stage account until stage merchant has committed all
that it was told. So that there are alerts of stage merchant to measure, two small declined payments
at one merchant are enough for `merchant_card_testing`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks.monitor.figures import Result, Row, Sample, middle, number
from benchmarks.monitor.ground import CONSUME, Asker, Ground, Process, new_group
from benchmarks.monitor.latency import PER_SECOND, SECONDS, WARM_UP_S, lateness, measured
from benchmarks.monitor.scale import Scale
from kafka_workshop.domain.merchant.rules import MERCHANT_RULES
from kafka_workshop.language import tr
from kafka_workshop.messaging.one_broker import connect
from kafka_workshop.messaging.topics import MERCHANT_PARTITIONS, MonitorTopics
from kafka_workshop.settings import MERCHANT, STAGE
from tests.support.stages import records_of
from tests.support.topics import delete_topics

ACCOUNTS, AIM = 50_000, 6_000
_SECOND = {STAGE.name: MERCHANT}
_RULES = (
    'version = "latency"\n[merchant_card_testing]\n'
    "tiny_reais = 1000\ncards = 2\ndeclines = 2\nminutes = 1440\nquiet_hours = 1\n"
)
_AIMS_MS = {50: 220, 99: 500}
_ASK_EVERY_S, _REST_S = 0.05, 60.0


def run(ground: Ground, scale: Scale) -> Result:
    """Take a backlog through both stages, then single transactions."""
    backlog, latency = _backlog(ground, scale), _latency(ground, scale)
    return Result({**backlog.figures, **latency.figures}, [*backlog.rows, *latency.rows])


class Follower:
    """Notes in a thread of its own what a group has committed."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._end = threading.Event()
        self.samples: list[Sample] = []

    def _follow(self) -> None:
        with self._asker.opened():
            while not self._end.wait(_ASK_EVERY_S):
                done = self._asker.done()
                if done > self.done:
                    self.samples.append(Sample(time.monotonic(), done))

    @property
    def done(self) -> int:
        """The newest sum of committed offsets."""
        return self.samples[-1].done if self.samples else 0

    @contextmanager
    def following(self) -> Iterator[None]:
        """Note meanwhile."""
        thread = threading.Thread(target=self._follow)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            thread.join()


def _backlog(ground: Ground, scale: Scale) -> Result:
    topic, count = ground.filled(ACCOUNTS, scale.transactions), scale.transactions
    rates: list[float] = []
    for _ in range(scale.rounds):
        ground.say(tr("reading the backlog", "lendo a fila acumulada"))
        group = new_group()
        rates.append(_through_both(ground, topic, group, count))
    written = _bytes_of(ground.servers, topic, group)
    told, places = _told(ground.servers, MonitorTopics(topic, group))
    a_transaction = sum(written.values()) / count
    what = tr(
        "backlog through both stages, {n} accounts, {places} places: transactions a second",
        "fila acumulada pelos dois estágios, {n} contas, {places} lugares: transações por segundo",
        n=number(ACCOUNTS),
        places=number(places),
    )
    kept = tr(
        "bytes that both stages write a transaction, each replica",
        "bytes que os dois estágios gravam por transação, cada réplica",
    )
    figures: dict[str, object] = {
        "transactions": count,
        "told": told,
        "places": places,
        "per_second": [round(rate) for rate in rates],
        "bytes": written,
    }
    rows = [Row(what, number(middle(rates)), f"≥ {number(AIM)}"), Row(kept, number(a_transaction))]
    return Result(figures, rows)


def _through_both(ground: Ground, topic: str, group: str, count: int) -> float:
    """Return how many transactions a second both stages have done."""
    names = MonitorTopics(topic, group)
    second = Follower(
        Asker(ground.servers, names.by_merchant, names.merchant_group, MERCHANT_PARTITIONS)
    )
    with (
        ground.ready(topic, group, **_SECOND) as merchant,
        second.following(),
        ground.running(CONSUME, topic, group) as account,
    ):
        samples = ground.follow(account, topic, group, count)
        last = sum(_ends(ground.servers, names.by_merchant))
        ground.wait(lambda: second.done >= last, _REST_S, merchant)
    end = max(samples[-1].at, next(s.at for s in second.samples if s.done >= last))
    return (count - samples[1].done) / (end - samples[1].at)


def _ends(servers: tuple[str, ...], topic: str) -> list[int]:
    """Return what is committed once each record is done: markers of transactions follow them."""
    ends: dict[int, int] = {}
    for record in records_of(servers, topic):
        ends[record.partition() or 0] = (record.offset() or 0) + 1
    return list(ends.values())


def _told(servers: tuple[str, ...], names: MonitorTopics) -> tuple[int, int]:
    """Return how many records stage merchant was told, and of how many places."""
    keys = [record.key() for record in records_of(servers, names.by_merchant)]
    return len(keys), len(set(keys))


def _bytes_of(servers: tuple[str, ...], topic: str, group: str) -> dict[str, int]:
    """Return the bytes of one replica of each topic that the monitor writes, as they lie there."""
    names, found = MonitorTopics(topic, group), dict[str, list[int]]()
    connection = connect(servers, "bench")
    try:
        for described in connection.admin.describe_log_dirs():
            for log_dir in described["log_dirs"]:
                for each in log_dir["topics"]:
                    size = sum(part["partition_size"] for part in each["partitions"])
                    found.setdefault(each["name"], []).append(size)
    finally:
        connection.close()
    return {
        name.removeprefix(f"{topic}.{group}."): round(median(found[name])) for name in names.all
    }


def _latency(ground: Ground, scale: Scale) -> Result:
    seconds = (scale.seconds or 2 * SECONDS) + WARM_UP_S
    ground.say_rate(PER_SECOND, seconds)
    waits_ms = _waits_ms(ground, seconds)
    name = tr(
        "sent → alert of stage merchant readable, {n} alerts",
        "enviada → alerta do estágio merchant legível, {n} alertas",
        n=number(len(waits_ms)),
    )
    return lateness(waits_ms, _AIMS_MS, name, {"seconds": seconds, "rules": _RULES})


def _waits_ms(ground: Ground, seconds: float) -> list[float]:
    topic, group = ground.new_topic(), new_group()
    rules = ground.folder / "stages.toml"
    rules.write_text(_RULES)
    given = {"MONITOR_RULES": str(rules)}
    with (
        ground.ready(topic, group, **given) as account,
        ground.ready(topic, group, **given, **_SECOND) as merchant,
    ):
        waits_ms = _checked(ground, account, merchant, (topic, group), seconds)
    delete_topics(ground.servers, topic)
    return waits_ms


def _checked(
    ground: Ground, account: Process, merchant: Process, names: tuple[str, str], seconds: float
) -> list[float]:
    waits_ms = measured(ground, account, names, frozenset(MERCHANT_RULES), seconds)
    if merchant.ended:
        raise merchant.fail(tr("the program does not go on", "o programa não avança"))
    return waits_ms
