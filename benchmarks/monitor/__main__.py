"""What the monitor is capable of, part by part, on a cluster of its own.

    ./workshop bench monitor [PART]... [--transactions 200000] [--seconds S] [--rounds 3]

Without a part, all of them. Everything runs as a person runs it: `consume.py` as a process beside
three brokers. `--bootstrap` measures on brokers that are there already.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException
from rich.console import Console

from benchmarks.monitor import backlog, commit, latency, restore, rival, stages, steady
from benchmarks.monitor.figures import Result, Row, table
from benchmarks.monitor.ground import Ground
from benchmarks.monitor.scale import Scale
from benchmarks.written import write
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
    "stages": stages.run,
    "steady": steady.run,
}
JSON = PROJECT_FOLDER / "results" / "monitor.json"


def measure(
    parts: list[str], scale: Scale, named: str | None, note: Callable[[str, Result], None]
) -> None:
    """Measure part after part, and note what each has found."""
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-monitor-") as folder,
        _brokers(named, Path(folder), console) as servers,
    ):
        ground = Ground(servers, Path(folder), console)
        try:
            for part in parts:
                console.rule(part)
                note(part, PARTS[part](ground, scale))
        finally:
            ground.forget()


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
    """Read the words and measure; the table and the JSON have what was measured until then."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the cluster is stopped all the same
    try:
        apply_language(os.environ)
        parser = _parser()
        options = parser.parse_args()
        parts = _chosen(parser, options.parts)
        scale = Scale(options.transactions, options.seconds, options.rounds)
        code = _measured(parts, scale, options)
    except WorkshopError as error:
        print(error, file=sys.stderr)
        code = error.exit_code
    except KafkaException as error:
        print(error.args[0].str(), file=sys.stderr)
        code = 1
    sys.exit(code)


def _measured(parts: list[str], scale: Scale, options: argparse.Namespace) -> int:
    measured: dict[str, Result] = {}

    def note(part: str, result: Result) -> None:
        measured[part] = result
        write(options.json, _figures(scale, measured))

    write(options.json, _figures(scale, measured))  # what can't be written is said at once
    try:
        measure(parts, scale, options.bootstrap, note)
    finally:
        rows: list[Row] = [row for result in measured.values() for row in result.rows]
        if rows:
            Console().print(table(rows))
    return 0


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


def _figures(scale: Scale, measured: dict[str, Result]) -> dict[str, object]:
    return {
        "benchmark": "monitor",
        **scale._asdict(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "parts": {part: result.figures for part, result in measured.items()},
    }


def _seconds(text: str) -> float:
    allowed = tr("a number of seconds from 5 to 3600", "um número de segundos de 5 a 3600")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 5 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r}: {allowed}")
    return seconds


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
        type=_seconds,
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
