"""What pages ask a cluster when somebody looks: too much, or too rarely wanted, to be kept."""

from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.managing.bounds import Bounds, bounds
from kafka_workshop.console.managing.regrouping import preview
from kafka_workshop.console.managing.resetting import Reset, Target
from kafka_workshop.console.managing.settings import Setting, broker_settings, topic_settings


class Inspector:
    """Reads of one cluster that a page asks for; each blocks, and is bounded in time."""

    def __init__(self, gateway: ClusterGateway) -> None:
        self._gateway = gateway

    def topic_settings(self, topic: str, broker: int | None) -> tuple[Setting, ...]:
        """Return all settings of a topic; `broker` is one that is online.

        Raises:
            Refused: there is no such topic, or no broker answered in time.
        """
        return topic_settings(self._gateway.servers, topic, broker)

    def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        """Return all settings of a broker.

        Raises:
            Refused: that broker did not answer in time.
        """
        return broker_settings(self._gateway.servers, broker)

    def bounds(self, topic: str) -> Bounds:
        """Return from where to where each partition of a topic goes.

        Raises:
            Refused: there is no such topic, one has no leader, or no broker answered in time.
        """
        return bounds(self._gateway, topic)

    def reset(self, group: str, topic: str, target: Target, partition: int | None) -> Reset:
        """Return what a reset of a group's offsets would set, of one partition or of all.

        Raises:
            NotAllowed: the group is a monitor's, or nothing would change.
            Refused: the group has members or is not there, or no broker answered in time.
        """
        return preview(self._gateway, group, topic, target, partition)
