"""Beside Quix Streams, exactly once, with the same codec, commit interval and rule function.

Quix Streams gets an environment of its own in the cache folder, made here. Both read the same
topic, one after the other in alternating order, and must raise the same alerts, by id. The work is
the same: alerts, state and offsets. What stage account tells stage merchant is left out on both
sides.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.monitor.figures import Result, Row, middle, number, rate
from benchmarks.monitor.ground import PROGRAM, STORAGE, Ground, new_group
from benchmarks.monitor.scale import Scale
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.language import tr
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.topics import MonitorTopics, monitor_topics
from kafka_workshop.monitor.stage.policy import BACKLOG_S
from kafka_workshop.settings import cluster_settings

VERSION = "3.28.1"
ACCOUNTS = 5_000
OURS, QUIX = "kafka-workshop", "quixstreams"
MINIMAL, ALL = "minimal", "all"
_WORDS = {MINIMAL: "--minimal", ALL: "--alone"}
_AIMS = {MINIMAL: 3.0, ALL: 1.5}
_INSTALL_S = 600


def run(ground: Ground, scale: Scale) -> Result:
    """Measure both with the minimal rule, then with all."""
    python, count = _environment(ground), 2 * scale.transactions
    topic = ground.filled(ACCOUNTS, count)
    measured = {rules: _compared(ground, (python, topic, count), rules, scale) for rules in _AIMS}
    figures = {
        rules: {engine: [round(r) for r in rates] for engine, rates in engines.items()}
        | {"ratio": _ratio(engines)}
        for rules, engines in measured.items()
    }
    return Result(
        {"version": VERSION, "transactions": count, "per_second": figures},
        [_row(rules, engines) for rules, engines in measured.items()],
    )


def _compared(
    ground: Ground, what: tuple[Path, str, int], rules: str, scale: Scale
) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {OURS: [], QUIX: []}
    for engines in _orders(scale.rounds):
        alerts = []
        for engine in engines:
            ground.say(
                tr(
                    "{engine}, rules: {rules}",
                    "{engine}, regras: {rules}",
                    engine=engine,
                    rules=_name(rules),
                )
            )
            measure = _ours if engine == OURS else _quix
            group = new_group()
            rates[engine].append(measure(ground, what, group, rules))
            alerts.append(ground.alert_ids(what[1], group))
        if alerts[0] != alerts[1] or not alerts[0]:
            raise ServiceFailed(
                tr(
                    "the engines raised different alerts: {a} and {b}",
                    "os motores emitiram alertas diferentes: {a} e {b}",
                    a=alerts[0].total(),
                    b=alerts[1].total(),
                )
            )
    return rates


def _orders(rounds: int) -> Iterator[tuple[str, str]]:
    for number_ in range(rounds):
        yield (OURS, QUIX) if number_ % 2 == 0 else (QUIX, OURS)


def _ours(ground: Ground, what: tuple[Path, str, int], group: str, rules: str) -> float:
    _, topic, count = what
    with ground.running((*PROGRAM, _WORDS[rules]), topic, group) as process:
        return rate(ground.follow(process, topic, group, count))


def _quix(ground: Ground, what: tuple[Path, str, int], group: str, rules: str) -> float:
    python, topic, count = what
    create_topics(ground.servers, monitor_topics(STORAGE, topic, group)[:1])
    environment = {
        "BENCH_SERVERS": ",".join(ground.servers),
        "BENCH_TOPIC": topic,
        "BENCH_ALERTS": MonitorTopics(topic, group).alerts,
        "BENCH_GROUP": group,
        "BENCH_RULES": rules,
        "BENCH_COMMIT_S": str(BACKLOG_S),
        "BENCH_STATE": str(ground.folder / group),
    }
    with ground.process([str(python), "-m", "benchmarks.monitor.quix"], environment) as process:
        return rate(ground.follow(process, topic, group, count))


def _environment(ground: Ground) -> Path:
    """Return the interpreter that has Quix Streams; make its environment if it is not there."""
    folder = cluster_settings(os.environ).cache / "benchmarks" / f"quixstreams-{VERSION}"
    python, made = folder / "bin" / "python", folder / "made"
    if not made.exists():
        ground.say(
            tr(
                "installing Quix Streams {version} into {folder}",
                "instalando Quix Streams {version} em {folder}",
                version=VERSION,
                folder=folder,
            )
        )
        uv = (sys.executable, "-m", "uv")
        _install(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
        packages = (f"quixstreams=={VERSION}", "msgspec", "tzdata")
        _install(*uv, "pip", "install", "--quiet", "--python", str(python), *packages)
        made.touch()
    return python


def _install(*command: str) -> None:
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_INSTALL_S)
    if ran.returncode:
        raise ServiceFailed(
            tr(
                "Quix Streams can't be installed: {why}",
                "não foi possível instalar o Quix Streams: {why}",
                why=ran.stderr.strip()[-500:],
            )
        )


def _ratio(engines: dict[str, list[float]]) -> float:
    return round(middle(engines[OURS]) / middle(engines[QUIX]), 2)


def _name(rules: str) -> str:
    return tr("one, minimal", "uma, mínima") if rules == MINIMAL else tr("all", "todas")


def _row(rules: str, engines: dict[str, list[float]]) -> Row:
    ours, theirs = (number(middle(engines[engine])) for engine in (OURS, QUIX))
    return Row(
        tr(
            "exactly once, rules: {rules}; transactions a second, Quix Streams beside it",
            "exatamente uma vez, regras: {rules}; transações por segundo, ao lado do Quix Streams",
            rules=_name(rules),
        ),
        f"{ours}; {theirs} ({number(_ratio(engines), 1)} x)",
        f"≥ {number(_AIMS[rules], 1)} x",
    )
