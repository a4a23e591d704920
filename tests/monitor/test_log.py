"""The consumer's log: what is left out when too much happens at once."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from structlog.testing import CapturingLogger

from kafka_workshop.messaging.client import Message
from kafka_workshop.monitor.kpis import AccountCounts
from kafka_workshop.monitor.log import ConsumptionLog
from kafka_workshop.ready import ReadyFile
from tests.support.judged import alert

if TYPE_CHECKING:
    from kafka_workshop.logs import Logger
    from kafka_workshop.monitor.opening import MonitorStage


def test_a_flood_of_one_rules_alerts_hides_no_other_rules() -> None:
    logger = CapturingLogger()
    stage = cast("MonitorStage", SimpleNamespace(totals=AccountCounts("kpis")))
    log = ConsumptionLog(stage, cast("Logger", logger), 1, ReadyFile(None))
    message = Message("t", 0, 0, 0, None, None)
    log.processed(message, None, [alert("A1", 0, rule="pix_limits")] * 100)
    log.processed(message, None, [alert("A1", 0, rule="fan_in")])
    log.summary(uncommitted=0)
    said = [(call.args[0], call.kwargs) for call in logger.calls]
    assert {kept["rule"] for event, kept in said if event == "alert raised"} == {
        "pix_limits",
        "fan_in",
    }
    (left_out,) = (kept for event, kept in said if event.startswith("more alerts"))
    assert left_out["by_rule"] == f"pix_limits={left_out['count']}"
