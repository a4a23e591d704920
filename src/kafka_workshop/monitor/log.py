"""What the consumer tells while it works: transactions, sampled, every alert, and the summary."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, cast

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.merchant.event import Fraud, Payment, PlaceEvent
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.language import current, tr
from kafka_workshop.logs import EverySecond, Logger, Sampler
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.kpi_codec import Cell
from kafka_workshop.monitor.kpis import AccountCounts
from kafka_workshop.monitor.merchant import MerchantCounts
from kafka_workshop.monitor.opening import MonitorStage
from kafka_workshop.ready import ReadyFile
from kafka_workshop.totals import money, shown, state_of


class ConsumptionLog:
    """Logs each message as it is processed, and what it raised."""

    def __init__(self, stage: MonitorStage, logger: Logger, lines: int, ready: ReadyFile) -> None:
        self._assigned: frozenset[int] = frozenset()
        self._stage = stage
        self._logger = logger
        self._ready = ready
        self._lines = Sampler(lines)
        # One for each rule, so that a flood of one hides no other's.
        self._alerts: defaultdict[str, Sampler] = defaultdict(lambda: Sampler(lines))
        self._second = EverySecond()
        self._started = time.monotonic()

    def room(self, batch: int, max_messages: int) -> int:
        """Return how many messages to fetch: a batch, or what is left of `max_messages`."""
        return min(batch, max_messages - self._stage.done) if max_messages else batch

    def processed(
        self, message: Message, event: Transaction | PlaceEvent | None, alerts: Sequence[Alert]
    ) -> None:
        """Log a message and the alerts that it raised, unless too many lines went out this second.

        Without an event it went to the dead letters, which a line says as well.
        """
        for alert in alerts:
            self._raised(alert, message)
        if not self._lines.admit():
            return
        place = {"partition": message.partition, "offset": message.offset}
        if event is None:
            self._logger.warning(
                tr("not processable, sent to the dead letters", "não processável, enviada à DLQ"),
                **place,
            )
            return
        self._logger.info(_told(event), **_described(event), **place)

    def _raised(self, alert: Alert, message: Message) -> None:
        if self._alerts[alert.rule].admit():
            self._logger.warning(
                tr("alert raised", "alerta emitido"),
                rule=alert.rule,
                severity=alert.severity,
                score=alert.score,
                account=alert.account_id,
                **({} if alert.place is None else {"place": alert.place}),
                evidence=alert.evidence.pt if current() == "pt-BR" else alert.evidence.en,
                alert_id=alert.alert_id,
                partition=message.partition,
                offset=message.offset,
            )

    def show(self, uncommitted: int) -> None:
        """Say which partitions are ours, if that changed; about once a second say what is left.

        That is how many lines were left out, and whether offsets can't be stored.
        """
        if self._stage.joined:
            self._say_assignment()
        if self._stage.restored:
            self._ready.work()
        if not self._second.due():
            return
        self._say_the_rest()
        if uncommitted:
            self._logger.warning(
                tr("offsets not committed yet; still trying", "offsets ainda sem commit; tentando"),
                partitions=uncommitted,
            )

    def _say_assignment(self) -> None:
        assigned = self._stage.assignment()
        if assigned != self._assigned:
            self._assigned = assigned
            self._logger.info(
                tr("partitions assigned", "partições atribuídas"), partitions=sorted(assigned)
            )

    def _say_the_rest(self) -> None:
        if skipped := self._lines.take_skipped():
            self._logger.info(
                tr("more consumed, not shown one by one", "outras consumidas, sem linha própria"),
                count=skipped,
            )
        left_out = Counter({rule: each.take_skipped() for rule, each in self._alerts.items()})
        if left_out.total():
            self._logger.warning(
                tr("more alerts, not shown one by one", "outros alertas, sem linha própria"),
                count=left_out.total(),
                by_rule=shown(+left_out),
            )

    def summary(self, uncommitted: int) -> int:
        """Log the totals; return the exit code, 1 if offsets could not be committed."""
        self._ready.clear()
        self._say_the_rest()
        totals = cast("AccountCounts | MerchantCounts", self._stage.totals)
        self._logger.info(
            tr("consumer ended", "consumidor encerrado"),
            processed=totals.count + totals.dead,
            dead_lettered=totals.dead,
            alerts=sum(totals.alerts.values()),
            **_sums(totals),
            uncommitted=uncommitted,
            seconds=round(time.monotonic() - self._started, 1),
        )
        return 1 if uncommitted else 0


def _told(event: Transaction | PlaceEvent) -> str:
    if isinstance(event, Transaction):
        return tr("transaction consumed", "transação consumida")
    if isinstance(event.event, Payment):
        return tr("payment consumed", "pagamento consumido")
    if isinstance(event.event, Fraud):
        return tr("label consumed", "rótulo consumido")
    return tr("suspicion consumed", "suspeita consumida")


def _described(event: Transaction | PlaceEvent) -> dict[str, Any]:
    if isinstance(event, PlaceEvent):
        return {"transaction_id": event.event.transaction_id, "place": event.place}
    return {
        "transaction_id": event.transaction_id,
        "kind": event.kind,
        "amount": money(event.amount),
        "uf": state_of(event),
    }


def _sums(totals: AccountCounts | MerchantCounts) -> dict[str, str]:
    if isinstance(totals, MerchantCounts):
        return {}
    return {
        "amount": money(totals.amount),
        "by_kind": shown(_counts(totals.by_kind)),
        "by_uf": shown(_counts(totals.by_uf)),
    }


def _counts(cells: dict[str, Cell]) -> Counter[str]:
    return Counter({name: cell[0] for name, cell in cells.items()})
