"""`monitor backtest`: the detector offline, over seeds, a file or the topic's past."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from kafka_workshop.cli import redriving, score_table
from kafka_workshop.cli.backtest_pasts import MAX_SEED, Source, WrongCall, pasts, seeds_of
from kafka_workshop.cli.view import View
from kafka_workshop.domain.rulebook import RuleBook, parse
from kafka_workshop.language import tr
from kafka_workshop.monitor.backtest.changes import changed, text_of
from kafka_workshop.monitor.backtest.run import Backtest
from kafka_workshop.monitor.backtest.simulated import Simulation
from kafka_workshop.monitor.score.combine import combined
from kafka_workshop.monitor.score.judge import judge
from kafka_workshop.monitor.score.result import Score, as_json
from kafka_workshop.monitor.score.words import number

_LIVE = Simulation().live


def backtest(  # noqa: PLR0913 - each is an option of the command line
    *,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MAX_SEED,
            help=tr("A simulated seed, with its labels.", "Uma semente simulada, com rótulos."),
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="N-M",
            help=tr("Several seeds, scored together.", "Várias sementes, avaliadas juntas."),
            show_default=False,
        ),
    ] = None,
    transactions: Annotated[
        int,
        typer.Option(
            min=0,
            max=100_000_000,
            help=tr(
                "Live transactions of a seed, after its history.",
                "Transações ao vivo de uma semente, depois do histórico.",
            ),
        ),
    ] = _LIVE,
    file: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "A file of JSON lines: transactions, and labels if there are any.",
                "Um arquivo de linhas JSON: transações, e rótulos se houver.",
            ),
            show_default=False,
        ),
    ] = None,
    topic: Annotated[
        bool, typer.Option("--topic", help=tr("The topic's messages.", "As mensagens do tópico."))
    ] = False,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="OFFSET|TIME",
            help=tr(
                "With --topic: from this offset of each partition, or this time.",
                "Com --topic: a partir deste offset de cada partição, ou desta hora.",
            ),
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="OFFSET|TIME|committed",
            help=tr(
                "With --topic: up to there, that left out; committed: what the group has read.",
                "Com --topic: até ali, exclusive; committed: o que o grupo já leu.",
            ),
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr("Rules from a file.", "Regras de um arquivo."),
            show_default=False,
        ),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="RULE.PARAMETER=VALUE",
            help=tr(
                "Run with this changed as well, side by side; may be repeated.",
                "Roda também com esta mudança, lado a lado; pode ser repetida.",
            ),
            show_default=False,
        ),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr(
                "Write the ids of the accounts' alerts, sorted, one a line (without --set's).",
                "Grava os ids dos alertas das contas, ordenados, um por linha (sem os de --set).",
            ),
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help=tr("As JSON, for programs.", "Em JSON, para programas."))
    ] = False,
) -> None:
    """Run the detector over the past."""
    text = text_of(rules)
    books = [parse(text), *([changed(text, change)] if change else [])]
    chosen = pasts(seeds_of(seed, seeds), transactions, file, topic, (begin, end))
    _check_writable(ids)
    runs = [_run(past, books) for past in chosen]
    if ids is not None:
        _write_ids(ids, runs)
    scores = [
        combined([judge(run.trials[place].known) for run in runs]) for place in range(len(books))
    ]
    if json:
        typer.echo(score_table.dump(_as_json(books, runs, scores)))
    else:
        _show(View(), books, runs, scores)


def _run(source: Source, books: list[RuleBook]) -> Backtest:
    run = Backtest(books)

    def told(count: int, seconds: float) -> str:
        return tr(
            "{name}: {n} transactions, {s:.0f} s",
            "{name}: {n} transações, {s:.0f} s",
            name=source.name,
            n=number(count),
            s=seconds,
        )

    run.run(source.events, redriving.Patience(told))
    _say_limits(source)
    return run


def _say_limits(source: Source) -> None:
    """Say, on standard error, in what this run is not the stream's."""
    if source.cut:
        redriving.aside(
            tr(
                "It begins in the middle, with accounts that it does not know: alerts may differ "
                "from the stream's.",
                "Começa no meio, sem conhecer as contas: os alertas podem diferir dos do fluxo.",
            )
        )
    if source.past is not None and source.past.undecodable:
        redriving.aside(
            tr(
                "no transactions, and left out as in the stream: {n}",
                "não são transações e ficaram de fora, como no fluxo: {n}",
                n=number(source.past.undecodable),
            )
        )


def _check_writable(ids: Path | None) -> None:
    """Say now, and not after minutes, that the ids can't be written."""
    if ids is not None and not ids.parent.is_dir():
        raise _unwritable(ids, tr("there is no such folder", "a pasta não existe"))
    if ids is not None and ids.is_dir():
        raise _unwritable(ids, tr("it is a folder", "é uma pasta"))


def _write_ids(ids: Path, runs: list[Backtest]) -> None:
    found = sorted(alert.alert_id for run in runs for alert in run.trials[0].alerts)
    try:
        ids.write_text("".join(f"{each}\n" for each in found), encoding="ascii")
    except OSError as error:
        raise _unwritable(ids, error.strerror or "") from None


def _unwritable(path: Path, why: str) -> WrongCall:
    return WrongCall(
        tr(
            "--ids {path} can't be written: {why}",
            "não é possível gravar --ids {path}: {why}",
            path=path,
            why=why,
        )
    )


def _show(view: View, books: list[RuleBook], runs: list[Backtest], scores: list[Score]) -> None:
    count, labelled = (sum(run.transactions for run in runs), sum(run.labelled for run in runs))
    view.say(
        tr(
            "{n} transactions, rules {versions}",
            "{n} transações, regras {versions}",
            n=number(count),
            versions=" → ".join(book.rules_version for book in books),
        )
    )
    if labelled and scores[0].is_mature:
        view.say(
            tr(
                "{n} of them labelled as fraud: {share}",
                "{n} delas rotuladas como fraude: {share}",
                n=number(labelled),
                share=score_table.share(labelled / count),
            )
        )
        score_table.show_score(view, scores)
        return
    view.say(
        tr(
            "No labels are known of them: alerts, but no score.",
            "Não há rótulos conhecidos: alertas, mas sem avaliação.",
        ),
        "yellow",
    )
    view.console.print(score_table.counts([_counts(runs, place) for place in range(len(books))]))


def _counts(runs: list[Backtest], place: int) -> Counter[tuple[str, bool]]:
    trials = [run.trials[place] for run in runs]
    alerts = (alert for each in trials for alert in (*each.alerts, *each.place_alerts))
    return Counter((alert.rule, alert.policy) for alert in alerts)


def _as_json(books: list[RuleBook], runs: list[Backtest], scores: list[Score]) -> dict[str, Any]:
    return {
        "transactions": sum(run.transactions for run in runs),
        "labelled": sum(run.labelled for run in runs),
        "runs": [
            {
                "rules_version": book.rules_version,
                "alerts": {rule: n for (rule, _), n in sorted(_counts(runs, place).items())},
                "score": as_json(scores[place]) if scores[place].is_mature else None,
            }
            for place, book in enumerate(books)
        ],
    }
