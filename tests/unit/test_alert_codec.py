"""Alerts as JSON: what is written is read, and what is no alert is refused in a few words."""

import msgspec
import pytest

from kafka_workshop.domain.alert import Alert, Evidence, Source, alert_id
from kafka_workshop.errors import Undecodable
from kafka_workshop.messaging.alert_codec import MAX_ALERT_BYTES, decode_alert, encode_alert

ALERT = Alert(
    alert_id=alert_id("velocity", "00000007", 1_750_000_000_000),
    rule="velocity",
    account_id="00000007",
    severity="medium",
    score=0.6,
    evidence=Evidence("25 payments in 5 min", "25 pagamentos em 5 min", {"count": 25}),
    window_start=1_750_000_000_000,
    window_end=1_750_000_300_000,
    transaction_id="0000000000000001",
    rules_version="1",
)


def test_what_is_written_is_read_again_with_its_source() -> None:
    told = msgspec.structs.replace(ALERT, source=Source("transactions", 3, 41))
    read = decode_alert(encode_alert(told))
    assert read == told
    assert read.source == Source("transactions", 3, 41)


@pytest.mark.parametrize(
    ("payload", "error_class"),
    [
        (None, "null-value"),
        (b" " * (MAX_ALERT_BYTES + 1), "oversize"),
        (b"\xff{", "not-json"),
        (b'{"alert_id":', "not-json"),
        (b'{"alert_id":"x"}', "wrong-shape"),
        (encode_alert(ALERT).replace(b'"medium"', b'"grave"'), "wrong-shape"),
    ],
)
def test_what_is_no_alert_is_refused(payload: bytes | None, error_class: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode_alert(payload)
    assert refused.value.error_class == error_class
    assert "grave" not in str(refused.value)
