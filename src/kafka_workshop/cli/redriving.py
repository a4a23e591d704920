"""What `dlq` says of its work: how far it is, what a redrive will send, what it sent."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from kafka_workshop.cli.view import View
from kafka_workshop.language import tr
from kafka_workshop.messaging.dlq.redrive import Outcome
from kafka_workshop.messaging.dlq.survey import Choice

_EVERY_S = 2.0
_INDENT = "    "


class Patience:
    """Hears how far something has got; says so every two seconds, on standard error."""

    def __init__(self, sentence: Callable[[int, float], str]) -> None:
        self._sentence = sentence
        self._began = self._said = time.monotonic()

    def __call__(self, count: int) -> None:
        """Take in how far it is."""
        now = time.monotonic()
        if now - self._said >= _EVERY_S:
            self._said = now
            aside(self._sentence(count, now - self._began))


def aside(sentence: str) -> None:
    """Say something on standard error, beside what a program may read on standard output."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(_INDENT + sentence))


def records_read(count: int, seconds: float) -> str:
    """Return the sentence of who reads."""
    return tr("{n} records read, {s:.0f} s", "{n} registros lidos, {s:.0f} s", n=count, s=seconds)


def messages_sent(count: int, seconds: float) -> str:
    """Return the sentence of who sends."""
    return tr(
        "{n} messages sent, {s:.0f} s", "{n} mensagens enviadas, {s:.0f} s", n=count, s=seconds
    )


def say_choice(view: View, topic: str, choice: Choice) -> None:
    """Say what a redrive will send, to where, and what it leaves out."""
    if choice.letters:
        counts = ", ".join(f"{name} {n}" for name, n in choice.by_class().items())
        view.say(
            tr(
                "To send back to {topic}: {n} ({counts})",
                "A reenviar para {topic}: {n} ({counts})",
                topic=topic,
                n=len(choice.letters),
                counts=counts,
            )
        )
    else:
        view.say(tr("Nothing to redrive.", "Nada a reenviar."))
    if choice.came_back:
        view.say(
            tr(
                "Came back from an earlier redrive and stay: {n} (--again sends them too)",
                "Voltaram de um reenvio anterior e ficam: {n} (--again também as reenvia)",
                n=choice.came_back,
            )
        )
    if choice.omitted:
        view.say(
            tr(
                "Stay because a part of them was too large to keep: {n}",
                "Ficam porque uma parte era grande demais para guardar: {n}",
                n=choice.omitted,
            )
        )


def say_outcome(
    view: View, topic: str, choice: Choice, final: Choice, outcome: Outcome, seconds: float
) -> None:
    """Say what was sent; `choice` is what was announced, `final` what was left of it to send."""
    view.say(
        tr(
            "Sent to {topic}: {n}, in {s:.1f} s",
            "Enviadas para {topic}: {n}, em {s:.1f} s",
            topic=topic,
            n=outcome.sent,
            s=seconds,
        )
    )
    by_another = len(choice.letters) - len(final.letters)
    gone = len(final.letters) - outcome.sent - outcome.refused
    left = {
        tr("sent by another redrive", "enviadas por outro reenvio"): by_another,
        tr("refused by the topic", "recusadas pelo tópico"): outcome.refused,
        tr("past their retention", "além da retenção"): gone,
    }
    for reason, count in left.items():
        if count:
            view.say(f"{_INDENT}{reason}: {count}")
