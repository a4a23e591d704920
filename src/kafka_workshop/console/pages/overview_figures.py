"""On the overview: what the monitor processes now, from its own counts."""

from collections.abc import Callable, Sequence

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.bars import Bar, Bars
from kafka_workshop.console.figures.known import OTHER, RATE_SECONDS, Figures, Part
from kafka_workshop.console.frame import Console, Live
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.kinds import kind_text
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Stat, card, heading, stats
from kafka_workshop.language import tr
from kafka_workshop.totals import NO_STATE

Show = Callable[[Figures], None]
_MOST = 8


def figures(console: Console, live: Live) -> None:
    """Draw the figures, which follow the topic of KPIs."""
    with ui.element("div").classes("kw-row"):
        heading(tr("Transactions now", "Transações agora"))
        show_when = _when()
    show_stats = _stats()
    with ui.element("div").classes("kw-columns"):
        by_kind = _parts(tr("By kind, last minute", "Por tipo, último minuto"), _kind)
        by_state = _parts(tr("By state, last minute", "Por UF, último minuto"), _state)

    def show(_: View) -> None:
        seen = console.figures.seen
        found = seen.value or Figures()
        show_when(seen)
        show_stats(found)
        by_kind(found.kinds, _nothing(seen))
        by_state(found.states, _nothing(seen))

    live.on_tick(show)


def _when() -> Callable[[Seen[Figures]], None]:
    return as_of(
        tr("Reading the KPIs…", "Lendo os KPIs…"),
        tr(
            "The KPIs could not be read yet; trying again.",
            "Os KPIs ainda não puderam ser lidos; nova tentativa em seguida.",
        ),
        lambda since, at: tr(
            "No new figures since {since}. This is what was known at {at}.",
            "Sem números novos desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def _nothing(seen: Seen[Figures]) -> str:
    if seen.value is None:
        return formats.UNKNOWN
    if seen.value.missing:
        return tr(
            "There is no topic of KPIs yet: the monitor makes it when it starts.",
            "Ainda não há tópico de KPIs: o monitor o cria quando inicia.",
        )
    return tr("Nothing was processed in the last minute.", "Nada foi processado no último minuto.")


def _stats() -> Show:
    with stats():
        rate = Stat(tr("Transactions", "Transações"))
        money = Stat(tr("Money", "Valor"))
        approval = Stat(tr("Approved", "Aprovadas"))
        alerts = Stat(tr("Alerts", "Alertas"))

    def show(found: Figures) -> None:
        rate.show(formats.rate(found.rate), _lately(found.rate))
        money.show(formats.money_rate(found.money), _lately(found.money))
        approval.show(formats.percent(found.approval), _approved(found))
        minute = tr("in the last minute", "no último minuto")
        a_minute = f"{formats.number(found.alerts)}/min"
        known = found.alerts is not None
        alerts.show(a_minute if known else formats.UNKNOWN, minute if known else "")

    return show


def _lately(value: float | None) -> str:
    if value is None:
        return ""
    return tr("over {n} seconds", "em {n} segundos", n=RATE_SECONDS)


def _approved(found: Figures) -> str:
    if not found.count or found.declined is None:
        return ""
    return tr(
        "{n} of {all} in the last minute",
        "{n} de {all} no último minuto",
        n=formats.number(found.count - found.declined),
        all=formats.number(found.count),
    )


def _parts(title: str, named: Callable[[str], str]) -> Callable[[tuple[Part, ...], str], None]:
    with card(title):
        bars = Bars(title, _MOST)

    def show(parts: tuple[Part, ...], nothing: str) -> None:
        bars.show([_bar(part, parts[0], named) for part in _largest(parts)], nothing)

    return show


def _largest(parts: tuple[Part, ...]) -> Sequence[Part]:
    """Return as many parts as are shown, the last being the sum of the rest."""
    if len(parts) <= _MOST:
        return parts
    rest = parts[_MOST - 1 :]
    count, amount = sum(p.count for p in rest), sum(p.amount for p in rest)
    return *parts[: _MOST - 1], Part(OTHER, count, amount, sum(p.share for p in rest))


def _bar(part: Part, largest: Part, named: Callable[[str], str]) -> Bar:
    text = f"{formats.percent(part.share)} · {formats.money(part.amount)}"
    return Bar(named(part.name), min(1.0, part.share / largest.share), text)


def _kind(name: str) -> str:
    return tr("others", "outros") if name == OTHER else kind_text(name)


def _state(name: str) -> str:
    if name == NO_STATE:
        return tr("none named", "não informada")
    return tr("others", "outras") if name == OTHER else name
