"""Topics of a test, deleted with all that is named after them."""

from confluent_kafka.admin import AdminClient

from kafka_workshop.messaging.config import LIBRDKAFKA_LOG


def delete_topics(servers: tuple[str, ...], topic: str) -> None:
    """Delete a topic and every topic that is named after it."""
    admin = AdminClient({"bootstrap.servers": ",".join(servers)}, logger=LIBRDKAFKA_LOG)
    existing = admin.list_topics(timeout=10).topics
    doomed = [name for name in existing if name == topic or name.startswith(f"{topic}.")]
    for deleted in admin.delete_topics(doomed).values() if doomed else ():
        deleted.result()
