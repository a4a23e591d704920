"""An address of every page, for what must hold of each."""

from urllib.parse import quote


def addresses(topic: str) -> tuple[str, ...]:
    """Return one address of each page; the group and the alert are nobody's."""
    return (
        "/",
        "/brokers",
        "/brokers/1",
        "/topics",
        "/topics/" + quote(topic, safe=""),
        "/groups",
        "/groups/none",
        "/ledger",
        "/score",
        "/alerts",
        "/alerts/0123456789abcdef",
        "/dlq",
        "/chaos",
        "/zookeeper",
        "/audit",
        "/api/docs",
    )
