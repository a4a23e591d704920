"""Where is measured: brokers, topics filled once, consumers as real processes, seen from outside.

Whatever reads the topic is measured by what its group has committed, asked 20 times a second: so
our engine and a rival's are judged by the same thing, which neither of them tells.
"""

import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
from confluent_kafka import Consumer, KafkaException, TopicPartition
from rich.console import Console

from benchmarks.monitor.figures import Sample, number
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.language import tr
from kafka_workshop.messaging import config, confluent
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.alert_codec import decode_alert
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.topics import PARTITIONS, MonitorTopics, workshop_topics
from kafka_workshop.settings import PROJECT_FOLDER
from kafka_workshop.simulator.fraud.plan import FraudPlan
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator, history_instants
from tests.support.stages import records_of
from tests.support.topics import delete_topics

SEED, FRAUD_RATE, STORAGE = 7, 0.003, 2_000_000_000
CONSUME = (str(PROJECT_FOLDER / "consume.py"),)
PROGRAM = ("-m", "benchmarks.monitor.program")
_HISTORY_MS = 120 * 24 * 3600 * 1000
_ASK_EVERY_S, _PROMPT_S, _STANDSTILL_S, _END_S = 0.05, 0.2, 60.0, 20.0


@dataclass
class Process:
    """A program that reads the topic, its output in files."""

    popen: "subprocess.Popen[bytes]"
    out: Path
    started: float = field(default_factory=time.monotonic)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.popen.poll() is not None

    @property
    def rss(self) -> int:
        """Resident memory now, bytes."""
        return psutil.Process(self.popen.pid).memory_info().rss

    @property
    def said(self) -> str:
        """What it has written."""
        return self.out.read_text("utf-8", errors="replace")

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL if that does not help."""
        self.popen.terminate()
        try:
            self.popen.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def fail(self, why: str) -> ServiceFailed:
        """Return the error that names what is wrong, with its last lines."""
        return ServiceFailed(f"{why}\n" + "\n".join(self.said.splitlines()[-8:]))


@dataclass
class Ground:
    """Brokers, a folder for files, and the topics that were filled."""

    servers: tuple[str, ...]
    folder: Path
    console: Console
    _filled: dict[tuple[int, int], str] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Say what is done next."""
        self.console.print(text, highlight=False)

    def say_rate(self, per_second: int, seconds: float) -> None:
        """Say how many transactions are sent, and for how long."""
        self.say(
            tr(
                "{rate} transactions a second for {seconds} s",
                "{rate} transações por segundo durante {seconds} s",
                rate=number(per_second),
                seconds=number(seconds),
            )
        )

    def new_topic(self) -> str:
        """Create a topic as `up` does."""
        topic = f"bench-{secrets.token_hex(4)}"
        create_topics(self.servers, workshop_topics(STORAGE, topic)[:2])
        return topic

    def filled(self, accounts: int, count: int) -> str:
        """Return a topic with a history of `count` transactions; the same one when asked again."""
        topic = self._filled.get((accounts, count))
        if topic is None:
            self.say(
                tr(
                    "writing {count} transactions of {accounts} accounts",
                    "gravando {count} transações de {accounts} contas",
                    count=number(count),
                    accounts=number(accounts),
                )
            )
            topic = self._filled[accounts, count] = self.new_topic()
            send(self.servers, topic, history(accounts, count))
        return topic

    @contextmanager
    def running(
        self, words: Sequence[str], topic: str, group: str, **settings: str
    ) -> Iterator[Process]:
        """Run a program of ours that reads `topic` in `group`; end it."""
        environment = {
            "BOOTSTRAP_SERVERS": ",".join(self.servers),
            "TOPIC": topic,
            "CONSUMER_GROUP": group,
            "LOG_FORMAT": "json",
            "WORKSHOP_LANG": "en",
            **settings,
        }
        with self.process([sys.executable, *words], environment) as process:
            yield process

    @contextmanager
    def process(self, command: Sequence[str], environment: dict[str, str]) -> Iterator[Process]:
        """Run a program; end it."""
        out = self.folder / f"{secrets.token_hex(4)}.out"
        with out.open("wb") as output:
            process = Process(_popen(command, environment, output), out)
            try:
                yield process
            finally:
                process.stop()

    def follow(self, process: Process, topic: str, group: str, count: int) -> list[Sample]:
        """Wait until the group has committed `count`; return what was seen on the way.

        Raises:
            ServiceFailed: the program ended, or nothing moved for a minute.
        """
        samples, asker = [Sample(process.started, 0)], Asker(self.servers, topic, group)
        moved = Deadline(_STANDSTILL_S)
        with self.console.status("0") as status, asker.opened():
            while samples[-1].done < count:
                if process.ended or moved.expired:
                    raise process.fail(tr("the program does not go on", "o programa não avança"))
                asked, done = time.monotonic(), asker.done()
                answered = time.monotonic()
                # An answer that took long is of nobody knows when; only the end counts anyway.
                if done > samples[-1].done and (answered - asked < _PROMPT_S or done >= count):
                    samples.append(Sample(answered, done))
                    moved = Deadline(_STANDSTILL_S)
                    status.update(f"{number(done)} / {number(count)}")
                time.sleep(_ASK_EVERY_S)
        return samples

    def alert_ids(self, topic: str, group: str) -> Counter[str]:
        """Count each alert's id as a reader of committed alerts gets it."""
        records = records_of(self.servers, MonitorTopics(topic, group).alerts)
        return Counter(decode_alert(record.value()).alert_id for record in records)

    def wait(self, condition: Callable[[], object], seconds: float, process: Process) -> None:
        """Wait for a condition.

        Raises:
            ServiceFailed: the program has ended, or it did not come true within so many seconds.
        """
        deadline = Deadline(seconds)
        while not condition():
            if process.ended or deadline.expired:
                raise process.fail(tr("the program does not go on", "o programa não avança"))
            time.sleep(_ASK_EVERY_S)

    @contextmanager
    def ready(self, topic: str, group: str, **settings: str) -> Iterator[Process]:
        """Run `consume.py` as `running` does, once it works."""
        made = self.folder / f"{secrets.token_hex(4)}.ready"
        with self.running(CONSUME, topic, group, READY_FILE=str(made), **settings) as process:
            self.wait(made.exists, _STANDSTILL_S, process)
            yield process

    def forget(self) -> None:
        """Delete the filled topics and all that was written about them."""
        with suppress(KafkaException):  # whoever else stopped the brokers has deleted them
            for topic in self._filled.values():
                delete_topics(self.servers, topic)
        self._filled.clear()


def _popen(
    command: Sequence[str], environment: dict[str, str], output: IO[bytes]
) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join((str(PROJECT_FOLDER / "src"), str(PROJECT_FOLDER)))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        command,
        cwd=PROJECT_FOLDER,
        env={**kept, "LANG": "C.UTF-8", "PYTHONPATH": path, **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


class Asker:
    """Asks how many messages a group has committed; `opened` it first."""

    def __init__(
        self, servers: tuple[str, ...], topic: str, group: str, partitions: int = PARTITIONS
    ) -> None:
        # Stable or not: an offset counts once its transaction is committed, and we don't wait.
        self._settings = config.confluent_consumer(servers, group) | {
            "isolation.level": "read_uncommitted"
        }
        self._asked = [TopicPartition(topic, number) for number in range(partitions)]

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Connect, and let go."""
        self._consumer = Consumer(self._settings, logger=config.LIBRDKAFKA_LOG)
        try:
            yield
        finally:
            self._consumer.close()

    def done(self) -> int:
        """Return the sum of the committed offsets; 0 while nobody answers."""
        try:
            found = self._consumer.committed(self._asked, timeout=1.0)
        except KafkaException:
            return 0
        return sum(max(0, at.offset) for at in found)


Record = tuple[bytes, bytes]


def new_group() -> str:
    """Return the name of a group that nobody has."""
    return f"group-{secrets.token_hex(4)}"


def history(accounts: int, count: int) -> Iterator[Record]:
    """Yield a history of 120 days up to now, with the fraud that is the default."""
    simulator = Simulator(build_population(SEED, accounts), SEED, FraudPlan(FRAUD_RATE, count))
    end = now_ms()
    for transaction in simulator.transactions(
        history_instants(SEED, end - _HISTORY_MS, end, count)
    ):
        yield transaction.account_id.encode(), encode(transaction)


def send(servers: tuple[str, ...], topic: str, records: Iterator[Record]) -> None:
    """Send records, and wait until all are acknowledged."""
    producer = confluent.open_producer(servers, 10.0)
    for key, value in records:
        producer.send(topic, key, value)
        producer.poll()
    missing = producer.flush(Deadline(_STANDSTILL_S))
    producer.close()
    if missing:
        raise ServiceFailed(tr("{n} not acknowledged", "{n} sem confirmação", n=missing))
