"""The rival's program, run by the interpreter of its own environment; see `rival`.

It imports our codec and rules by path, and nothing else of ours. What can be set is set as ours:
exactly once, the commit interval, lz4, linger, bytes as state, a changelog with as many replicas.
"""

import os
from pathlib import Path
from typing import Any

from quixstreams import Application
from quixstreams.models import Deserializer, SerializationContext, Serializer

from benchmarks.monitor.minimal import far_above
from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.codec import decode

_STATE = "state"


class TransactionDeserializer(Deserializer):  # type: ignore[misc]
    """Our codec for what is read."""

    def __call__(self, value: bytes, ctx: SerializationContext) -> Transaction:
        """Return the transaction."""
        del ctx
        return decode(value)


class AlertSerializer(Serializer):  # type: ignore[misc]
    """Our codec for what is written."""

    def __call__(self, value: Alert, ctx: SerializationContext) -> bytes:
        """Return the alert's bytes."""
        del ctx
        return encode_alert(value)


def main() -> None:
    """Fold the topic until told to end."""
    given = {name: os.environ[f"BENCH_{name}"] for name in ("TOPIC", "ALERTS", "RULES")}
    application = _application()
    source = application.topic(
        given["TOPIC"], key_deserializer="bytes", value_deserializer=TransactionDeserializer()
    )
    alerts = application.topic(
        given["ALERTS"], key_serializer="bytes", value_serializer=AlertSerializer()
    )
    fold = far_above if given["RULES"] == "minimal" else Detector(default_rules()).fold_encoded

    def folded(event: Transaction, state: Any) -> list[Alert]:
        encoded, raised = fold(state.get_bytes(_STATE), event)
        state.set_bytes(_STATE, encoded)
        return raised

    frame = application.dataframe(source).apply(folded, stateful=True, expand=True)
    frame.to_topic(alerts, key=lambda alert: alert.account_id.encode())
    application.run()


def _application() -> Application:
    return Application(
        broker_address=os.environ["BENCH_SERVERS"],
        consumer_group=os.environ["BENCH_GROUP"],
        auto_offset_reset="earliest",
        commit_interval=float(os.environ["BENCH_COMMIT_S"]),
        processing_guarantee="exactly-once",
        state_dir=Path(os.environ["BENCH_STATE"]),
        producer_extra_config={
            "compression.type": "lz4",
            "linger.ms": 5,
            "partitioner": "murmur2_random",
        },
        loglevel="INFO",
    )


if __name__ == "__main__":
    main()
