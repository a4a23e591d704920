"""Everything the console may do to a running service, one function each.

As with `actions`: roles, a read-only mode and an audit log attach here, no page gives an order in
any other way. Each function blocks for a few seconds at most and raises a `WorkshopError` whose
text is a sentence for the person who asked.
"""

from typing import Literal, get_args

import structlog

from kafka_workshop.cluster.protocol import RATE, Request
from kafka_workshop.console.access.roles import Role, needs
from kafka_workshop.console.chaos.supervision import Supervision
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger

Verb = Literal["kill", "pause", "unpause", "stop", "start", "restart"]
VERBS: tuple[Verb, ...] = get_args(Verb)
KAFKA_UI, PRODUCER = "kafka-ui", "producer"
# What this process can't take back itself: a console that is paused or stopped shows no button.
_OF_OURSELVES: tuple[Verb, ...] = ("kill", "restart")
RATE_LEAST, RATE_MOST = 0.1, 1_000_000.0


class Orders:
    """The orders to the supervisor of the native run."""

    def __init__(self, supervision: Supervision, logger: Logger) -> None:
        self._supervision, self._logger = supervision, logger

    @needs(Role.OPERATOR, target="verb service")
    def give(self, verb: Verb, service: str, typed: str = "") -> bool:
        """Do `verb` to a service and its instances; return whether that is done already.

        Args:
            verb: which order.
            service: its name.
            typed: of the Kafka UI itself, its name as the person typed it again.

        Raises:
            NotAllowed: there is no such order, or the Kafka UI was not named.
            Refused: the supervisor does not carry it out.
            Unavailable: nobody supervises our brokers.
        """
        if verb not in VERBS or not service:
            raise NotAllowed(tr("There is no such order.", "Não existe essa ordem."))
        if service == KAFKA_UI:
            _protect(verb, typed)
        self._logger.info("order_given", verb=verb, service=service)
        return self._supervision.order(Request(verb, (service,)))

    @needs(Role.OPERATOR, target="rate")
    def set_rate(self, rate: float) -> bool:
        """Have the producer send `rate` transactions a second; return whether it does already.

        Raises:
            NotAllowed: there can be no such rate.
            Refused, Unavailable: as `give`.
        """
        if not RATE_LEAST <= rate <= RATE_MOST:
            raise NotAllowed(
                tr(
                    "Transactions a second: from {least:g} to {most:g}.",
                    "Transações por segundo: de {least:g} a {most:g}.",
                    least=RATE_LEAST,
                    most=RATE_MOST,
                )
            )
        self._logger.info("rate_ordered", rate=rate)
        return self._supervision.order(Request(RATE, (PRODUCER,), rate=rate))


def orders_to_nobody() -> Orders:
    """Return orders of which each is refused, because nobody supervises."""
    return Orders(Supervision(None, ()), structlog.get_logger())


def _protect(verb: Verb, typed: str) -> None:
    if verb not in _OF_OURSELVES:
        raise NotAllowed(
            tr(
                "This page comes from {name}: nobody could take that back here.",
                "Esta página vem de {name}: ninguém poderia desfazer isso aqui.",
                name=KAFKA_UI,
            )
        )
    if typed != KAFKA_UI:
        raise NotAllowed(
            tr("Type {name} to confirm.", "Digite {name} para confirmar.", name=KAFKA_UI)
        )
