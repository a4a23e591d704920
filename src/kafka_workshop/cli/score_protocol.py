"""`monitor score --protocol handbook`: how well the scores of single transactions tell fraud."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec
import typer

from kafka_workshop.cli import redriving
from kafka_workshop.cli.view import View
from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.domain.risk import Score
from kafka_workshop.errors import Undecodable, UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import end_offsets
from kafka_workshop.messaging.committed import Read, read
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.risk_codec import decode_score
from kafka_workshop.messaging.topics import MonitorTopics, labels_topic
from kafka_workshop.monitor.risk import plot, report
from kafka_workshop.monitor.risk.protocol import Found, NoDay, OneClass, Rules, Scored, evaluate
from kafka_workshop.monitor.score.words import number
from kafka_workshop.settings import CONSUMER_GROUP, PROJECT_FOLDER, TOPIC, chosen_servers

TABLE, FIGURES, PICTURE = "report.md", "report.json", "precision-recall.svg"


class Protocol(StrEnum):
    """By whose rules."""

    HANDBOOK = "handbook"


def protocol(rules: Rules, into: Path | None, json: bool) -> None:
    """Judge the scores, write the report's files, and name them.

    Raises:
        UserError: nothing can be judged, or the files cannot be written.
    """
    servers, topic = chosen_servers(os.environ), TOPIC.read(os.environ)
    group = CONSUMER_GROUP.read(os.environ)
    names = MonitorTopics(topic, group)
    heard = redriving.Patience(redriving.records_read)
    labels, complete_until = labels_of_topic(servers, topic, heard)
    models = Counter[str]()
    scores = scores_of_topic(servers, names.scores, heard)
    found = _evaluate(names, _counted(scores, models), labels, complete_until, rules)
    folder = into or PROJECT_FOLDER / "results" / f"handbook-{topic}.{group}"
    told = report.figures(found, rules, topic, models)
    files = _write(
        folder, found, msgspec.json.encode(told), report.markdown(found, rules, topic, models)
    )
    if json:
        typer.echo(msgspec.json.encode(told | {"files": [str(file) for file in files]}))
    else:
        _show(View(), found, models, files)


def labels_of_topic(
    servers: tuple[str, ...], topic: str, on_read: Read
) -> tuple[dict[str, Label], int]:
    """Return the labels by transaction, and up to when they are complete, milliseconds UTC.

    Raises:
        UserError: there is no such topic.
    """
    name = labels_topic(topic)
    complete = dict.fromkeys(end_offsets(servers, name), 0)
    if not complete:
        raise UserError(_no_topic(name))
    labels = dict[str, Label]()
    for record in read(servers, name, on_read=on_read):
        try:
            said = decode_label(record.value)
        except Undecodable:
            continue
        if isinstance(said, Label):
            labels[f"{said.account_id} {said.transaction_id}"] = said
        elif isinstance(said, CompleteUntil):
            complete[record.partition] = max(said.until, complete[record.partition])
    return labels, min(complete.values())


def scores_of_topic(servers: tuple[str, ...], topic: str, on_read: Read) -> Iterator[Score]:
    """Yield what the stages wrote.

    Raises:
        UserError: there is no such topic.
    """
    if not end_offsets(servers, topic):
        raise UserError(_no_topic(topic))
    for record in read(servers, topic, on_read=on_read):
        try:
            yield decode_score(record.value)
        except Undecodable:
            continue


def _counted(scores: Iterable[Score], models: Counter[str]) -> Iterator[Scored]:
    """Yield what the protocol needs of scores; `models` counts whose they are."""
    for score in scores:
        models[score.model] += 1
        yield Scored(score.transaction_id, score.account_id, score.occurred_at, score.score)


def _no_topic(name: str) -> str:
    return tr(
        "there is no topic {name}: TOPIC and CONSUMER_GROUP say whose scores are judged",
        "não existe o tópico {name}: TOPIC e CONSUMER_GROUP dizem de quem são as pontuações",
        name=name,
    )


def _evaluate(
    names: MonitorTopics,
    scores: Iterator[Scored],
    labels: dict[str, Label],
    complete_until: int,
    rules: Rules,
) -> Found:
    try:
        return evaluate(scores, labels.values(), complete_until, rules)
    except NoDay:
        raise UserError(
            tr(
                "{topic}: no whole day yet whose scores and labels are complete (labels come up to "
                "seven days late)",
                "{topic}: ainda nenhum dia inteiro com pontuações e rótulos completos (rótulos "
                "chegam até sete dias depois)",
                topic=names.scores,
            )
        ) from None
    except OneClass:
        raise UserError(
            tr(
                "{topic}: on the days judged there is no labelled fraud, or nothing else: nothing "
                "can be told apart",
                "{topic}: nos dias avaliados não há fraude rotulada, ou só há fraude: não há o que "
                "distinguir",
                topic=names.scores,
            )
        ) from None


def _write(folder: Path, found: Found, figures: bytes, table: str) -> list[Path]:
    title = tr("Precision and recall of the scores", "Precisão e recall das pontuações")
    legend = tr(
        "scores, average {precision}",
        "pontuações, média {precision}",
        precision=report.share(found.average_precision),
    )
    rate = found.frauds / found.transactions
    contents = {
        TABLE: table.encode(),
        FIGURES: figures + b"\n",
        PICTURE: plot.precision_recall(found.curve, rate, title, legend).encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UserError(
            tr(
                "--into {folder}: cannot be written ({reason})",
                "--into {folder}: não foi possível gravar ({reason})",
                folder=folder,
                reason=error.strerror or error,
            )
        ) from None
    return [folder / name for name in contents]


def _show(view: View, found: Found, models: Counter[str], files: list[Path]) -> None:
    view.say(report.headline(found), "bold")
    view.say(report.basis(found))
    for name, n in models.most_common():
        view.say(
            tr(
                "model {name}: {n} scores",
                "modelo {name}: {n} pontuações",
                name=name,
                n=number(n),
            )
        )
    for file in files:
        view.say(str(file), "cyan")
