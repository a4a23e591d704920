"""The names of services, as a person may type them."""

import re

from kafka_workshop.cli import plan
from kafka_workshop.cluster import nodes
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.supervisor import UnknownService

SERVICES = (
    nodes.ZOOKEEPER,
    *(nodes.broker_name(broker_id) for broker_id in plan.BROKER_IDS),
    plan.KAFKA_UI,
    plan.PRODUCER,
    plan.CONSUMER,
)
# Not a service of Compose, but its log says why `up -d` failed.
LOGGED = (*SERVICES, "supervisor")


def known_log(name: str, folders: RunFolders) -> str:
    """Return `name` if it has, or may have, a log: a service, or an instance that `scale` made.

    Raises:
        UnknownService: it names nothing.
    """
    instance = re.fullmatch(rf"{plan.CONSUMER}-\d+", name) and folders.log_of(name).exists()
    if name not in LOGGED and not instance:
        raise UnknownService(name, list(LOGGED))
    return name
