"""What `replay` says: how far it is, what it sent, and which commands go on from there."""

import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from kafka_workshop.cli.view import View
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.monitor.score.words import number
from kafka_workshop.replay.rejects import Rejects
from kafka_workshop.replay.run import Journey
from kafka_workshop.settings import BOOTSTRAP_SERVERS

_MINUTE_MS = 60_000


def _instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}Z"


def progress(journey: Journey, share: float, rejected: int, rate: float) -> str:
    """Return how far a replay is, `rate` in rows a second."""
    return tr(
        "{percent:.0f} % of the file, {rows} rows, {rejected} rejected, {rate} a second; event "
        "time {at}",
        "{percent:.0f} % do arquivo, {rows} linhas, {rejected} rejeitadas, {rate} por segundo; "
        "tempo dos eventos {at}",
        percent=share * 100,
        rows=number(journey.rows),
        rejected=number(rejected),
        rate=number(round(rate)),
        at=_instant(journey.latest),
    )


def say_sent(view: View, journey: Journey, target: str, labels: str | None, s: float) -> None:
    """Say what went where; without a topic of `labels` they stand beside the transactions."""
    rate = number(round(journey.transactions / s)) if s else "–"
    view.say(
        tr(
            "{target}: {n} transactions in {s:.1f} s, {rate} a second",
            "{target}: {n} transações em {s:.1f} s, {rate} por segundo",
            target=target,
            n=number(journey.transactions),
            s=s,
            rate=rate,
        ),
        "bold",
    )
    view.say(
        tr(
            "{target}: {n} labels",
            "{target}: {n} rótulos",
            target=labels or target,
            n=number(journey.labels),
        )
    )
    if journey.rows:
        view.say(
            tr(
                "event time from {first} to {latest}",
                "tempo dos eventos de {first} a {latest}",
                first=_instant(journey.first),
                latest=_instant(journey.latest),
            )
        )


def say_rows(view: View, journey: Journey, rejects: Rejects) -> None:
    """Say what was not well with the rows."""
    if rejects.count:
        view.say(
            tr(
                "{n} rows rejected; line and reason of each: {path}",
                "{n} linhas rejeitadas; linha e motivo de cada uma: {path}",
                n=number(rejects.count),
                path=rejects.path,
            ),
            "yellow",
        )
    else:
        view.say(tr("no row rejected", "nenhuma linha rejeitada"))
    if journey.late:
        view.say(
            tr(
                "{n} rows are earlier than one before them, by up to {m} min: sent where they "
                "stand",
                "{n} linhas são anteriores a alguma que vem antes, em até {m} min: enviadas onde "
                "estão",
                n=number(journey.late),
                m=number(-(-journey.most_late_ms // _MINUTE_MS)),
            ),
            "yellow",
        )


def say_rest(view: View, missing: int, line: int) -> None:
    """Say that not all of the file went, and how many messages nobody confirmed."""
    if missing:
        view.say(
            tr(
                "{n} messages are not confirmed: they may be stored or not",
                "{n} mensagens sem confirmação: podem ter sido gravadas ou não",
                n=number(missing),
            ),
            "red",
        )
    view.say(
        tr(
            "Not the whole file: up to line {line}.",
            "Não foi o arquivo inteiro: até a linha {line}.",
            line=line,
        ),
        "yellow",
    )


def used(topic: str, count: int) -> str:
    """Say that a topic can't be taken, because it holds something."""
    return tr(
        "topic {topic} holds {n} messages already: --topic NAME takes another, --after-line N goes "
        "on with a replay that was interrupted",
        "o tópico {topic} já tem {n} mensagens: --topic NOME usa outro, --after-line N continua um "
        "replay interrompido",
        topic=topic,
        n=number(count),
    )


def nothing_before(topic: str, line: int) -> str:
    """Say that a topic holds nothing of what is said to have been sent."""
    return tr(
        "topic {topic} holds nothing: there is no replay to go on with behind line {line}",
        "o tópico {topic} está vazio: não há replay a continuar depois da linha {line}",
        topic=topic,
        line=line,
    )


def no_brokers(error: WorkshopError) -> str:
    """Say that there is nothing to send to, and what to do."""
    return tr(
        "{reason}. ./workshop up starts the cluster; --to FILE.jsonl needs none.",
        "{reason}. ./workshop up inicia o cluster; --to FILE.jsonl dispensa um.",
        reason=error,
    )


def _variables(servers: tuple[str, ...], **variables: str) -> str:
    """Return what stands before a command; the brokers only where they are not the default's."""
    if servers != BOOTSTRAP_SERVERS.read({}):
        variables["BOOTSTRAP_SERVERS"] = ",".join(servers)
    return "".join(f"{name}={shlex.quote(value)} " for name, value in variables.items())


def go_on(
    file: Path, options: Iterable[str], topic: str, line: int, servers: tuple[str, ...]
) -> str:
    """Return the command that sends the rest."""
    words = ["replay", str(file), *options, "--topic", topic, "--after-line", str(line)]
    return f"    {_variables(servers)}./workshop {shlex.join(words)}"


def say_next(view: View, topic: str, servers: tuple[str, ...]) -> None:
    """Say the commands that run the monitor on a topic, and the score."""
    own = _variables(servers, TOPIC=topic, CONSUMER_GROUP=topic)
    view.say(
        tr(
            "The monitor on it, each stage in a terminal of its own, and then its score:",
            "O monitor sobre ele, cada estágio em um terminal, e depois a avaliação:",
        )
    )
    view.say(f"    ACTION=consumer {own}./run.sh")
    view.say(f"    ACTION=consumer STAGE=merchant {own}./run.sh")
    view.say(f"    {own}./workshop monitor score")


def say_backtest(view: View, target: Path) -> None:
    """Say the command that judges a file."""
    view.say(f"    ./workshop monitor backtest --file {shlex.quote(str(target))}")
