"""The cluster that is broken here: its faults, and whether it is healthy again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.nodes import ZOOKEEPER, broker_name
from kafka_workshop.cluster.readiness import ZooKeeperAnswers
from kafka_workshop.cluster.states import READY
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG
from tests.faults.disk import SmallDisk
from tests.faults.wires import Wires
from tests.support.cluster import RealCluster
from tests.support.waiting import wait_until

BROKERS = ("broker-1", "broker-2", "broker-3")
# From the fault (or its end, where one ends it) to every replica in sync, with no hand.
HEALTHY_S = 60.0
# A broker's session (6 s) and what the controller then has to do.
MOVED_S = 30.0
_ANSWER_S = 2.0


class NoAnswer(Exception):
    """A broker did not say what it knows."""


@dataclass
class Scene:
    """A real cluster, the wires of its brokers, and the small disk of one of them."""

    cluster: RealCluster
    wires: Wires
    disk: SmallDisk

    @property
    def servers(self) -> tuple[str, ...]:
        """The brokers as `host:port`, past the wires."""
        return self.cluster.settings.bootstrap_servers

    # Faults

    def kill(self, service: str) -> None:
        """Send SIGKILL; the supervisor starts it again by itself."""
        os.kill(self._pid(service), signal.SIGKILL)

    @contextmanager
    def paused(self, service: str) -> Iterator[None]:
        """SIGSTOP, and SIGCONT at the end."""
        pid = self._pid(service)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """SIGTERM by order: it hands over what it leads, and stays down until it is started."""
        self.cluster.order("stop", service)
        try:
            yield
        finally:
            self.cluster.order("start", service)

    @contextmanager
    def cut_off(self, service: str) -> Iterator[None]:
        """No byte reaches it and none leaves it, without any connection breaking."""
        self.wires.cut(service, self._pid(service))
        try:
            yield
        finally:
            self.wires.mend()

    @contextmanager
    def without_zookeeper(self) -> Iterator[None]:
        """SIGKILL by order, so that it stays dead until it is started."""
        self.cluster.order("kill", ZOOKEEPER)
        assert not self.zookeeper_answers()
        try:
            yield
        finally:
            self.cluster.order("start", ZOOKEEPER)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """The small disk holds not one byte more."""
        self.disk.fill()
        try:
            yield
        finally:
            self.disk.free()

    def _pid(self, service: str) -> int:
        pid = self.cluster.statuses()[service].pid
        assert pid, f"{service} is not running"
        return pid

    # What is seen

    def restarts(self, service: str) -> int:
        """How often the supervisor has started it again."""
        return self.cluster.statuses()[service].restarts

    def zookeeper_answers(self) -> bool:
        """Whether it says that it works."""
        settings = self.cluster.settings
        return ZooKeeperAnswers(settings.host, settings.zookeeper_port)()

    def leader(self, topic: str, partition: int = 0, told_by: str = "") -> str:
        """Return the service that leads a partition, "" if none; `told_by` a broker, or any."""
        asked = [BROKERS.index(told_by)] if told_by else range(len(BROKERS))
        for index in asked:
            with suppress(NoAnswer, KeyError):
                leader = self._metadata(index).topics[topic].partitions[partition].leader
                return broker_name(leader) if leader > 0 else ""
        return ""

    def is_balanced(self) -> bool:
        """Whether every partition is led by its preferred broker: then none moves by itself."""
        with suppress(NoAnswer):
            topics = self._metadata(0).topics.values()
            found = [partition for topic in topics for partition in topic.partitions.values()]
            return all(partition.leader == partition.replicas[0] for partition in found)
        return False

    def has_moved(self, service: str, topic: str) -> bool:
        """Whether the next broker says that `service` leads nothing of `topic` any more."""
        other = (BROKERS.index(service) + 1) % len(BROKERS)
        with suppress(NoAnswer):
            partitions = self._metadata(other).topics[topic].partitions.values()
            return all(broker_name(partition.leader) != service for partition in partitions)
        return False

    def wait_until_healthy(self, seconds: float = HEALTHY_S) -> None:
        """Wait until every service runs and every broker says that every replica is in sync."""
        problem = "not asked yet"

        def healthy() -> bool:
            nonlocal problem
            problem = self._problem()
            return not problem

        try:
            wait_until(healthy, seconds, "the cluster is healthy again")
        except AssertionError as error:
            raise AssertionError(f"{error}: {problem}") from None

    def _problem(self) -> str:
        for service, status in self.cluster.statuses().items():
            if status.state != READY:
                return f"{service} is {status.state}"
        if ZOOKEEPER in self.cluster.statuses() and not self.zookeeper_answers():
            return f"{ZOOKEEPER} does not answer"
        for index, name in enumerate(BROKERS):
            try:
                metadata = self._metadata(index)
            except NoAnswer as error:
                return str(error)
            if problem := _unhealthy(metadata):
                return f"{name} says: {problem}"
        return ""

    def _metadata(self, index: int) -> ClusterMetadata:
        """Ask this one broker.

        librdkafka soon knows the others and may ask one of them instead, but it says whom: the
        server that it was given (-1), or a broker by its id.
        """
        deadline = Deadline(_ANSWER_S)
        while not deadline.expired:
            client = AdminClient({"bootstrap.servers": self.servers[index]}, logger=LIBRDKAFKA_LOG)
            try:
                metadata = client.list_topics(timeout=_ANSWER_S)
            except KafkaException as error:
                raise NoAnswer(f"{BROKERS[index]}: {error}") from None
            if metadata.orig_broker_id in (-1, index + 1):
                return metadata
        raise NoAnswer(f"{BROKERS[index]} did not answer itself")


def _unhealthy(metadata: ClusterMetadata) -> str:
    if len(metadata.brokers) < len(BROKERS):
        return f"brokers {sorted(metadata.brokers)} alone are registered"
    for topic in metadata.topics.values():
        for partition in topic.partitions.values():
            if partition.leader < 0:
                return f"{topic.topic} {partition.id} has no leader"
            if len(partition.isrs) < len(partition.replicas):
                return f"{topic.topic} {partition.id} is under-replicated: {partition.isrs}"
    return ""
