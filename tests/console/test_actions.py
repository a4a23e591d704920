"""What may be asked for when something is written, and what is said when it may not."""

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from kafka_workshop.console.actions import MB, Actions, NotAllowed, TopicWish, topic_spec
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.outgoing import parse_headers
from kafka_workshop.domain.triage import MAX_NOTE
from kafka_workshop.messaging.topics import triage_topic


def wish(**changes: object) -> TopicWish:
    values: dict[str, object] = {
        "name": "orders",
        "partitions": 3,
        "replication_factor": 3,
        "min_insync": 2,
        "bytes_on_disk": 100 * MB,
        "retention_days": 7,
    }
    return TopicWish(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Name"),
        ({"name": "white space"}, "Name"),
        ({"name": ".."}, "Name"),
        ({"name": "a" * 250}, "Name"),
        ({"name": "../../etc"}, "Name"),
        ({"name": "__consumer_offsets"}, "Kafka's own"),
        ({"partitions": 0}, "Partitions: 0"),
        ({"partitions": 101}, "1 to 100"),
        ({"replication_factor": 0}, "Replication factor"),
        ({"min_insync": 4}, "min.insync.replicas: 4"),
        ({"bytes_on_disk": 17 * MB}, "18 to 2000"),
        ({"bytes_on_disk": 3000 * MB}, "3000"),
        ({"retention_days": 0}, "Days kept"),
    ],
)
def test_a_topic_out_of_range_is_refused_with_the_figure_and_what_is_allowed(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(NotAllowed, match=said.replace(".", r"\.")):
        topic_spec(wish(**changes))


@given(
    partitions=st.integers(1, 100),
    factor=st.integers(1, 9),
    megabytes=st.integers(1, 2_000),
)
def test_an_accepted_topic_never_outgrows_its_limit(
    partitions: int, factor: int, megabytes: int
) -> None:
    asked = wish(
        partitions=partitions,
        replication_factor=factor,
        min_insync=1,
        bytes_on_disk=megabytes * MB,
    )
    try:
        spec = topic_spec(asked)
    except NotAllowed:
        assert megabytes < partitions * factor * 2
        return
    each = int(spec.config["retention.bytes"]) + int(spec.config["segment.bytes"])
    assert each * partitions * factor <= megabytes * MB
    assert spec.replication_factor == factor


def test_headers_are_name_and_value_a_line() -> None:
    assert parse_headers("a=1\n\n b-c = x=y \n") == (("a", b"1"), ("b-c", b"x=y"))
    with pytest.raises(NotAllowed, match="no value"):
        parse_headers("ok=1\nno value here")


@pytest.mark.parametrize(
    ("alert_id", "note", "said"),
    [
        ("0123456789abcdef", "x" * (MAX_NOTE + 1), "501 characters; at most 500"),
        ("<b>", "", "16 hexadecimal digits"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused_before_anybody_is_asked(
    alert_id: str, note: str, said: str
) -> None:
    actions = Actions(ClusterGateway(("127.0.0.1:9",)), structlog.get_logger())
    with pytest.raises(NotAllowed, match=said):
        actions.triage(triage_topic("t", "g"), alert_id, "confirmed", note)
