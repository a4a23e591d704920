"""`monitor train`: a model from what the stages wrote, or from a file, for `MONITOR_MODEL`."""

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kafka_workshop.cli import redriving
from kafka_workshop.cli.score_protocol import labels_of_topic, scores_of_topic
from kafka_workshop.cli.view import View
from kafka_workshop.domain.label import Label
from kafka_workshop.domain.risk import Score
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import MonitorTopics
from kafka_workshop.monitor.backtest.lines import events_of
from kafka_workshop.monitor.risk.offline import scores as scores_of
from kafka_workshop.monitor.risk.protocol import Rules, begin_of, day_of
from kafka_workshop.monitor.risk.training import Example, train
from kafka_workshop.monitor.score.words import number
from kafka_workshop.settings import CONSUMER_GROUP, TOPIC, chosen_servers


def train_model(
    into: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL.json",
            help=tr("The file that is written.", "O arquivo que é gravado."),
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr(
                "Learn from a file of JSON lines; without it, from the topic's scores.",
                "Aprende de um arquivo de linhas JSON; sem ele, das pontuações do tópico.",
            ),
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int,
        typer.Option(
            min=1, max=366, help=tr("So many days are learnt from.", "Quantos dias são aprendidos.")
        ),
    ] = Rules().train_days,
) -> None:
    """Train a model for `MONITOR_MODEL`: a logistic regression, by scikit-learn."""
    labels, scores, until = _from_topic() if file is None else _from_file(file)
    examples, first, last = _examples(scores, labels, until, Rules(train_days=days))
    model = train(examples, into.stem if _is_name(into.stem) else "trained")
    _write(into, msgspec.json.format(msgspec.json.encode(model), indent=2))
    view = View()
    view.say(
        tr(
            "{version}: learnt from {n} transactions, {first} to {last}, {frauds} of them fraud",
            "{version}: aprendido de {n} transações, {first} a {last}, {frauds} delas fraude",
            version=model.version,
            n=number(len(examples)),
            first=first,
            last=last,
            frauds=number(sum(example.fraud for example in examples)),
        ),
        "bold",
    )
    view.say(f"MONITOR_MODEL={into}", "cyan")


def _is_name(text: str) -> bool:
    return len(text) <= 15 and all(c.isascii() and (c.isalnum() or c in ".-") for c in text)


def _from_topic() -> tuple[list[Label], Iterable[Score], int]:
    servers, topic = chosen_servers(os.environ), TOPIC.read(os.environ)
    names = MonitorTopics(topic, CONSUMER_GROUP.read(os.environ))
    heard = redriving.Patience(redriving.records_read)
    labels, until = labels_of_topic(servers, topic, heard)
    return list(labels.values()), scores_of_topic(servers, names.scores, heard), until


def _from_file(file: Path) -> tuple[list[Label], Iterable[Score], int]:
    """Return labels and scores; a file has all its labels, so all of it is known."""
    labels = [event for event in events_of(file) if isinstance(event, Label)]
    past = [event for event in events_of(file) if isinstance(event, Transaction)]
    until = max((each.occurred_at for each in past), default=0)
    return labels, scores_of(past, labels, BUILT_IN), until


def _examples(
    scores: Iterable[Score], labels: list[Label], complete_until: int, rules: Rules
) -> tuple[list[Example], str, str]:
    """Return what is learnt from, and its first and last day.

    As the Handbook has it: days that ended the delay before the days of test begin, so that the
    protocol judges the model on days that it has not seen, and every label was there by then.
    """
    frauds = {(label.account_id, label.transaction_id) for label in labels}
    first_test = day_of(complete_until) - timedelta(rules.test_days)
    last = first_test - timedelta(rules.delay_days + 1)
    first = last - timedelta(rules.train_days - 1)
    begin, end = begin_of(first), begin_of(last + timedelta(1))
    examples = [
        Example(score.features, (score.account_id, score.transaction_id) in frauds)
        for score in scores
        if begin <= score.occurred_at < end
    ]
    if not examples:
        raise UserError(
            tr(
                "nothing to learn from: there is no transaction from {first} to {last} "
                "({train} days, then {delay} of delay and {test} of test)",
                "não há o que aprender: não há transação de {first} a {last} "
                "({train} dias, depois {delay} de atraso e {test} de teste)",
                first=first,
                last=last,
                train=rules.train_days,
                delay=rules.delay_days,
                test=rules.test_days,
            )
        )
    return examples, str(first), str(last)


def _write(into: Path, text: bytes) -> None:
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_bytes(text + b"\n")
    except OSError as error:
        raise UserError(
            tr(
                "{file}: cannot be written ({reason})",
                "{file}: não foi possível gravar ({reason})",
                file=into,
                reason=error.strerror or error,
            )
        ) from None
