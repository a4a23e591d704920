"""Detection quality: how much of the fraud the alerts caught, and how many of them were right."""

from collections.abc import Callable

from nicegui import ui

from kafka_workshop.console import formats
from kafka_workshop.console.frame import Console, ConsolePage, frame, title_row
from kafka_workshop.console.keeper import Seen
from kafka_workshop.console.pages.as_of import as_of
from kafka_workshop.console.scoring import Scored
from kafka_workshop.console.state import View
from kafka_workshop.console.widgets import Column, Row, Stat, Table, card, muted, stats
from kafka_workshop.language import tr
from kafka_workshop.monitor.score import words
from kafka_workshop.monitor.score.judge import LOOKED_AT
from kafka_workshop.monitor.score.result import BudgetScore, RuleScore, ScenarioScore, Score

Show = Callable[[Seen[Scored]], None]
# Whoever writes alerts chooses the names of their rules: there may be any number.
_RULES_SHOWN = 50


def register(console: Console) -> None:
    """Serve the page."""

    @ConsolePage("/score")
    def score() -> None:
        title = tr("Detection quality", "Qualidade da detecção")
        with frame(console, title, "/score") as live:
            with title_row(title):
                pass
            shown = [_when(), _figures(), _words(console), _budgets(), _scenarios(), _rules()]
            muted(
                tr(
                    "The alerts held against the labels, which come up to seven days of event time "
                    "later; only what is complete counts. Rules of policy are limits to keep, no "
                    "signs of fraud: they catch nothing, and are left out of the precision above.",
                    "Os alertas confrontados com os rótulos, que chegam até sete dias depois, no "
                    "tempo dos eventos; só conta o que está completo. Regras de política são "
                    "limites a cumprir, não sinais de fraude: nada detectam, e ficam fora da "
                    "precisão acima.",
                )
            )

            def show(_: View) -> None:
                for part in shown:
                    part(console.score.seen)

            live.on_tick(show)


def _when() -> Show:
    return as_of(
        tr(
            "Reading alerts and labels for the first time…",
            "Lendo alertas e rótulos pela primeira vez…",
        ),
        tr(
            "Nothing could be read yet; trying again every few seconds.",
            "Nada pôde ser lido ainda; nova tentativa a cada poucos segundos.",
        ),
        lambda since, at: tr(
            "No new score since {since}. This is what was known at {at}.",
            "Sem nova avaliação desde {since}. Isto é o que se sabia às {at}.",
            since=since,
            at=at,
        ),
    )


def _figures() -> Show:
    with stats():
        recall = Stat(tr("Episode recall", "Recall de episódios"))
        precision = Stat(tr("Alert precision", "Precisão dos alertas"))
        rate = Stat(tr("Alerts a day", "Alertas por dia"))
        cards = Stat(tr("Card precision at {k}", "Precisão das {k} primeiras contas", k=LOOKED_AT))
        waiting = Stat(tr("Waiting alerts", "Alertas em espera"))

    def show(seen: Seen[Scored]) -> None:
        if seen.value is None:
            return
        score = seen.value.score
        recall.show(_share(score.recall), _caught(score))
        precision.show(_share(score.precision), _right(score))
        rate.show(formats.number(score.a_day(score.alerts), 2), _days(score))
        cards.show(_share(score.cards.precision), _looked_at(score))
        waiting.show(formats.number(score.waiting), _complete(score))

    return show


def _share(value: float | None) -> str:
    return formats.number(value, 3)


def _caught(score: Score) -> str:
    return tr(
        "{n} of {all} episodes caught",
        "{n} de {all} episódios detectados",
        n=formats.number(sum(each.caught for each in score.scenarios)),
        all=formats.number(sum(each.episodes for each in score.scenarios)),
    )


def _right(score: Score) -> str:
    return tr(
        "{n} of {all} right, policies apart",
        "{n} de {all} certos, políticas à parte",
        n=formats.number(score.right),
        all=formats.number(score.alerts),
    )


def _days(score: Score) -> str:
    days = formats.number(score.days, 1)
    return tr("{days} days of event time", "{days} dias no tempo dos eventos", days=days)


def _looked_at(score: Score) -> str:
    return tr(
        "{n} of {all} accounts defrauded that day; days with alerts: {days}",
        "{n} de {all} contas com fraude no dia; dias com alertas: {days}",
        n=formats.number(score.cards.defrauded),
        all=formats.number(score.cards.looked_at),
        days=formats.number(score.cards.days),
    )


def _complete(score: Score) -> str:
    if not score.complete_until:
        return tr("no labels are complete yet", "nenhum rótulo está completo ainda")
    until = formats.minute(score.complete_until)
    return tr("labels complete until {until}", "rótulos completos até {until}", until=until)


def _words(console: Console) -> Show:
    with card(tr("In words", "Em palavras")):
        text = ui.label("").classes("kw-card-foot").style("white-space:pre-line;border:0")

    def show(seen: Seen[Scored]) -> None:
        lines = _lines(seen.value, _lag(console)) if seen.value else [formats.UNKNOWN]
        text.set_text("\n".join(lines))

    return show


def _lines(scored: Scored, lag: int) -> list[str]:
    score = scored.score
    lines: list[str | None] = [words.missing(n, n == scored.labels) for n in scored.missing]
    if score.is_mature:
        lines += [words.line(score), words.too_new(score)]
    elif not scored.missing:
        lines.append(words.nothing_yet(score))
    lines += [words.behind(lag), words.undecodable(scored.undecodable)]
    return [line for line in lines if line is not None]


def _lag(console: Console) -> int:
    """Return how many messages the monitor has not seen yet, as far as that is known."""
    snapshot, settings = console.state.view.snapshot, console.settings
    groups = snapshot.groups if snapshot else ()
    return sum(
        place.lag or 0
        for group in groups
        if group.id == settings.group
        for place in group.partitions
        if place.topic == settings.topic
    )


def _budgets() -> Show:
    title = tr("Alert budget", "Orçamento de alertas")
    with card(title):
        table = Table(
            [
                Column("per_day", tr("Alerts a day, at most", "Alertas por dia, no máximo")),
                Column("looked_at", tr("Looked at", "Vistos"), "shown", right=True),
                Column("precision", tr("Precision", "Precisão"), "shown", right=True),
                Column(
                    "caught", tr("Episodes caught", "Episódios detectados"), "shown", right=True
                ),
                Column("recall", "Recall", "shown", right=True),
            ],
            label=title,
        )
        muted(
            tr(
                "What people catch who look at the alerts with a day's highest scores.",
                "O que detecta quem só olha os alertas com as maiores pontuações de cada dia.",
            )
        )

    def show(seen: Seen[Scored]) -> None:
        found = seen.value.score.budgets if seen.value else ()
        nothing = tr("No alert can be judged yet.", "Nenhum alerta pode ser julgado ainda.")
        table.show([_budget(each) for each in found if each.looked_at], nothing)

    return show


def _budget(found: BudgetScore) -> Row:
    return {
        "id": found.per_day,
        "per_day": found.per_day,
        **_figure("looked_at", found.looked_at),
        **_figure("precision", found.precision, 3),
        **_figure("caught", found.caught),
        **_figure("recall", found.recall, 3),
    }


def _scenarios() -> Show:
    title = tr("By scenario", "Por cenário")
    with card(title):
        table = Table(
            [
                Column("scenario", tr("Scenario", "Cenário")),
                Column("episodes", tr("Episodes", "Episódios"), "shown", right=True),
                Column("caught", tr("Caught", "Detectados"), "shown", right=True),
                Column("recall", "Recall", "shown", right=True),
                Column("by", tr("By", "Por"), wide=True),
            ],
            label=title,
        )

    def show(seen: Seen[Scored]) -> None:
        found = seen.value.score.scenarios if seen.value else ()
        nothing = tr("No episode is complete yet.", "Nenhum episódio está completo ainda.")
        table.show([_scenario(each) for each in found], nothing)

    return show


def _scenario(found: ScenarioScore) -> Row:
    rules = list(found.by_rule.items())[:_RULES_SHOWN]
    return {
        "id": found.scenario,
        "scenario": found.scenario,
        "by": ", ".join(f"{words.harmless(rule)} {formats.number(n)}" for rule, n in rules),
        **_figure("episodes", found.episodes),
        **_figure("caught", found.caught),
        **_figure("recall", found.recall, 3),
    }


def _rules() -> Show:
    title = tr("By rule", "Por regra")
    with card(title):
        table = Table(
            [
                Column("rule", tr("Rule", "Regra")),
                Column("kind", tr("Kind", "Tipo"), "badge"),
                Column("alerts", tr("Alerts", "Alertas"), "shown", right=True),
                Column("right", tr("Right", "Certos"), "shown", right=True),
                Column("precision", tr("Precision", "Precisão"), "shown", right=True),
                Column("alone", tr("Caught by it alone", "Só ela detectou"), "shown", right=True),
            ],
            label=title,
        )

    def show(seen: Seen[Scored]) -> None:
        found = seen.value.score.rules[:_RULES_SHOWN] if seen.value else ()
        nothing = tr("No alert can be judged yet.", "Nenhum alerta pode ser julgado ainda.")
        table.show([_rule(each) for each in found], nothing)

    return show


def _rule(found: RuleScore) -> Row:
    return {
        "id": f"{found.rule} {found.policy}",
        "rule": words.harmless(found.rule),
        "kind": tr("policy", "política") if found.policy else "",
        "kind_tone": "",
        **_figure("alerts", found.alerts),
        **_figure("right", found.right),
        **_figure("precision", found.precision, 3),
        **_figure("alone", found.alone),
    }


def _figure(name: str, value: float | None, decimals: int = 0) -> Row:
    """Return the cells of a number: what is sorted by, and what is shown."""
    shown = formats.number(value, decimals)
    return {name: -1 if value is None else value, f"{name}_text": shown}
