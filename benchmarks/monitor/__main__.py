"""What the monitor is capable of, part by part, on a cluster of its own.

    ./workshop bench monitor [PART]... [--transactions 200000] [--seconds S] [--rounds 3]

Without a part, all of them. Everything runs as a person runs it: `consume.py` as a process beside
three brokers. `--bootstrap` measures on brokers that are there already.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException
from rich.console import Console

from benchmarks.monitor import backlog, commit, latency, restore, rival, steady
from benchmarks.monitor.figures import Result, Row, table
from benchmarks.monitor.ground import Ground
from benchmarks.monitor.scale import Scale
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.settings import BOOTSTRAP_SERVERS, PROJECT_FOLDER, apply_language
from tests.support.cluster import RealCluster, test_settings

PARTS: dict[str, Callable[[Ground, Scale], Result]] = {
    "backlog": backlog.run,
    "rival": rival.run,
    "latency": latency.run,
    "commit": commit.run,
    "restore": restore.run,
    "steady": steady.run,
}
JSON = PROJECT_FOLDER / "results" / "monitor.json"


def measure(parts: list[str], scale: Scale, named: str | None) -> dict[str, Result]:
    """Return what each part has measured."""
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-monitor-") as folder,
        _brokers(named, Path(folder), console) as servers,
    ):
        ground = Ground(servers, Path(folder), console)
        try:
            return {part: _part(part, ground, scale) for part in parts}
        finally:
            ground.forget()


def _part(part: str, ground: Ground, scale: Scale) -> Result:
    ground.console.rule(part)
    result = PARTS[part](ground, scale)
    for row in result.rows:
        ground.say(f"{row.what}: {row.measured}")
    return result


@contextmanager
def _brokers(named: str | None, folder: Path, console: Console) -> Iterator[tuple[str, ...]]:
    """Yield the brokers that were named, or those of a cluster for this run alone."""
    if named:
        yield BOOTSTRAP_SERVERS.read({BOOTSTRAP_SERVERS.name: named})
        return
    cluster = RealCluster(test_settings(folder))
    console.print(tr("starting a cluster of its own", "iniciando um cluster próprio"))
    try:
        cluster.start()
        yield cluster.settings.bootstrap_servers
    finally:
        cluster.stop()


def main() -> None:
    """Read the words, measure, print the table and write the JSON."""
    parser = _parser()
    try:
        apply_language(os.environ)
        parser = _parser()
        options = parser.parse_args()
        scale = Scale(options.transactions, options.seconds, options.rounds)
        measured = measure(_chosen(parser, options.parts), scale, options.bootstrap)
        _write(options.json, scale, measured)
    except WorkshopError as error:
        parser.exit(error.exit_code, f"{error}\n")
    except KafkaException as error:
        parser.exit(1, f"{error.args[0].str()}\n")
    rows: list[Row] = [row for result in measured.values() for row in result.rows]
    Console().print(table(rows))


def _chosen(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    for word in words:
        if word not in PARTS:
            parser.error(
                tr(
                    "{word!r} is no part; there are: {all}",
                    "{word!r} não é uma parte; existem: {all}",
                    word=word,
                    all=", ".join(PARTS),
                )
            )
    return [part for part in PARTS if part in words] or list(PARTS)


def _write(file: Path, scale: Scale, measured: dict[str, Result]) -> None:
    figures = {
        "benchmark": "monitor",
        **scale._asdict(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "parts": {part: result.figures for part, result in measured.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./workshop bench monitor",
        description=tr(
            "Measure the monitor, on a cluster of its own.",
            "Mede o monitor, em um cluster próprio.",
        ),
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=", ".join(PARTS) + tr("; all", "; todas")
    )
    parser.add_argument(
        "--transactions",
        type=int,
        default=200_000,
        choices=range(10_000, 1_000_001),
        metavar="10000..1000000",
        help=tr(
            "in a backlog; as many profiles to restore",
            "na fila acumulada; tantos perfis a restaurar",
        ),
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help=tr(
            "of latency (30) and steady (60; 600 for the published figure)",
            "de latency (30) e steady (60; 600 para o número publicado)",
        ),
    )
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11), metavar="1..10")
    parser.add_argument("--bootstrap", help="host:port,…")
    parser.add_argument("--json", type=Path, default=JSON)
    return parser


if __name__ == "__main__":
    main()
