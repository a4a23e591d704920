"""What `monitor score` and `monitor backtest` print: one score, or two side by side."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec
from rich.table import Table
from rich.text import Text

from kafka_workshop.cli.view import View
from kafka_workshop.language import current, tr
from kafka_workshop.monitor.score import words
from kafka_workshop.monitor.score.result import RuleScore, ScenarioScore, Score, in_order
from kafka_workshop.monitor.score.words import number

Column = tuple[str, Literal["left", "right"]]


def share(value: float | None) -> str:
    """Return a share with three decimals, a dash for none."""
    text = "–" if value is None else f"{value:.3f}"
    return text.replace(".", ",") if current() == "pt-BR" else text


def rate(value: float | None) -> str:
    """Return a rate with two decimals, a dash for none."""
    text = "–" if value is None else f"{value:.2f}"
    return text.replace(".", ",") if current() == "pt-BR" else text


def _day(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant / 1000, UTC):%Y-%m-%d %H:%M}Z"


def show_score(view: View, scores: Sequence[Score]) -> None:
    """Show a score; of two, each number before and after."""
    first = scores[0]
    view.say(
        tr(
            "{days} days of events, labels complete until {until}",
            "{days} dias de eventos, rótulos completos até {until}",
            days=rate(first.days),
            until=_day(first.complete_until),
        )
    )
    for line in _totals(scores):
        view.say(line, "bold")
    view.say()
    view.console.print(_scenarios(scores))
    view.say()
    view.console.print(_rules(scores))
    waiting = words.too_new(first)
    if waiting is not None:
        view.say(waiting, "dim")


def _totals(scores: Sequence[Score]) -> Iterable[str]:
    yield tr(
        "episode recall {recall}, alert precision {precision} (policies apart), "
        "{rate} alerts a day",
        "recall de episódios {recall}, precisão dos alertas {precision} (políticas à parte), "
        "{rate} alertas por dia",
        recall=_each(scores, lambda score: share(score.recall)),
        precision=_each(scores, lambda score: share(score.precision)),
        rate=_each(scores, lambda score: rate(score.a_day(score.alerts))),
    )
    yield tr(
        "card precision at {k} {precision}: of {all} accounts looked at on {days} days, {n} were "
        "defrauded that day",
        "precisão das {k} primeiras contas {precision}: de {all} contas vistas em {days} dias, "
        "{n} sofreram fraude no dia",
        k=scores[0].cards.k,
        precision=_each(scores, lambda score: share(score.cards.precision)),
        all=_each(scores, lambda score: number(score.cards.looked_at)),
        days=_each(scores, lambda score: number(score.cards.days)),
        n=_each(scores, lambda score: number(score.cards.defrauded)),
    )


def _each(scores: Sequence[Score], told: Callable[[Score], str]) -> str:
    return " → ".join(told(score) for score in scores)


def _scenarios(scores: Sequence[Score]) -> Table:
    columns: tuple[Column, ...] = (
        (tr("SCENARIO", "CENÁRIO"), "left"),
        (tr("EPISODES", "EPISÓDIOS"), "right"),
        (tr("CAUGHT", "DETECTADOS"), "right"),
        ("RECALL", "right"),
        (tr("BY", "POR"), "left"),
    )
    found = [{row.scenario: row for row in score.scenarios} for score in scores]
    names = list(dict.fromkeys(name for rows in found for name in rows))
    empty = {name: ScenarioScore(name, 0, 0, {}) for name in names}
    return _table(
        columns, [_scenario_row([rows.get(name, empty[name]) for rows in found]) for name in names]
    )


def _scenario_row(rows: list[ScenarioScore]) -> tuple[str, ...]:
    last = rows[-1]
    by = ", ".join(f"{words.harmless(rule)} {n}" for rule, n in last.by_rule.items())
    return (
        last.scenario,
        number(last.episodes),
        _joined(number(row.caught) for row in rows),
        _joined(share(row.recall) for row in rows),
        by,
    )


def _rules(scores: Sequence[Score]) -> Table:
    columns: tuple[Column, ...] = (
        (tr("RULE", "REGRA"), "left"),
        (tr("ALERTS", "ALERTAS"), "right"),
        (tr("A DAY", "POR DIA"), "right"),
        (tr("RIGHT", "CERTOS"), "right"),
        (tr("PRECISION", "PRECISÃO"), "right"),
        (tr("IT ALONE", "SÓ ELA"), "right"),
    )
    found = [{(row.rule, row.policy): row for row in score.rules} for score in scores]
    keys = sorted({key for rows in found for key in rows}, key=in_order)
    rows = [[each.get(key, RuleScore(*key, 0, 0)) for each in found] for key in keys]
    return _table(columns, [_rule_row(scores, row) for row in rows])


def counts(found: Sequence[Counter[tuple[str, bool]]]) -> Table:
    """Return the table of alerts by rule, where nothing is known of right and wrong."""
    columns: tuple[Column, ...] = (
        (tr("RULE", "REGRA"), "left"),
        (tr("ALERTS", "ALERTAS"), "right"),
    )
    keys = sorted({key for each in found for key in each}, key=in_order)
    return _table(
        columns, [(words.named(*key), _joined(number(each[key]) for each in found)) for key in keys]
    )


def _rule_row(scores: Sequence[Score], rows: list[RuleScore]) -> tuple[str, ...]:
    return (
        words.named(rows[0].rule, rows[0].policy),
        _joined(number(row.alerts) for row in rows),
        _joined(rate(score.a_day(row.alerts)) for score, row in zip(scores, rows, strict=True)),
        _joined(number(row.right) for row in rows),
        _joined(share(row.precision) for row in rows),
        _joined(number(row.alone) for row in rows),
    )


def _joined(texts: Iterable[str]) -> str:
    return " → ".join(texts)


def _table(columns: Iterable[Column], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for header, justify in columns:
        table.add_column(header, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def dump(value: object) -> str:
    """Return a value as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
