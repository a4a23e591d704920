"""The names of services, as a person may type them."""

import os
import re
from collections.abc import Iterable

from kafka_workshop.cli import plan
from kafka_workshop.cluster import nodes
from kafka_workshop.cluster.folders import SUPERVISOR, RunFolders
from kafka_workshop.cluster.states import READY, Status
from kafka_workshop.cluster.supervisor import UnknownService
from kafka_workshop.errors import Unavailable
from kafka_workshop.settings import TOPIC, ClusterSettings

SERVICES = (
    nodes.ZOOKEEPER,
    *(nodes.broker_name(broker_id) for broker_id in plan.BROKER_IDS),
    plan.KAFKA_UI,
    plan.PRODUCER,
    plan.CONSUMER,
    plan.CONSUMER_MERCHANT,
)
_SCALED = "|".join((plan.CONSUMER, plan.CONSUMER_MERCHANT))
# Not a service of Compose, but its log says why `up -d` failed.
LOGGED = (*SERVICES, SUPERVISOR)


def known_log(name: str, folders: RunFolders) -> str:
    """Return `name` if it has, or may have, a log: a service, or an instance that `scale` made.

    Raises:
        UnknownService: it names nothing.
    """
    instance = re.fullmatch(rf"({_SCALED})-\d+", name) and folders.log_of(name).exists()
    if name not in LOGGED and not instance:
        raise UnknownService(name, list(LOGGED))
    return name


def partitions_led(settings: ClusterSettings, statuses: Iterable[Status]) -> dict[str, list[int]]:
    """Return broker's service -> the partitions of the transactions' topic that it leads.

    Empty where no broker answers: who leads is then unknown.
    """
    brokers = {nodes.broker_name(broker_id) for broker_id in plan.BROKER_IDS}
    if not any(each.service in brokers and each.state == READY for each in statuses):
        return {}
    # Half a second of import, for a system that runs.
    from kafka_workshop.messaging.admin import leaders  # noqa: PLC0415

    try:
        found = leaders(settings.bootstrap_servers, TOPIC.read(os.environ))
    except Unavailable:
        return {}
    led: dict[str, list[int]] = {name: [] for name in sorted(brokers)} if found else {}
    for partition, broker_id in sorted(found.items()):
        led.get(nodes.broker_name(broker_id), []).append(partition)
    return led
