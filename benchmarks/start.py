"""How long a start takes: from the command to the first transaction consumed; memory; stopping.

`python -m benchmarks.start` starts the whole system several times on free ports with data of its
own, the jars and packages in place. `--empty-caches` does it once as a newcomer: a fresh copy of
the project, an empty HOME, every download included.

There is no rival to run beside it: what is promised on two cores stands beside it instead.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.written import write
from kafka_workshop import language
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.settings import KRAFT, ZOOKEEPER
from tests.support.checkout import Checkout, fresh_copy
from tests.support.waiting import wait_until

CONSUMED = "partition="
LONGEST_S = 600.0
SETTLE_S = 15.0
# What is promised on two cores: with packages and jars in place, with everything to download on a
# fast network, of everything together, and from Ctrl-C or `down` to the last process.
WARM_S, COLD_S, MEMORY_GB, STOP_S = 25.0, 150.0, 2.5, 15.0


def run(rounds: int, empty_caches: bool, coordination: str) -> dict[str, object]:
    """Start and stop `rounds` times; return the seconds, the bytes and where it was measured."""
    with _checkout(empty_caches, coordination) as checkout:
        if not empty_caches:
            _measure(checkout)  # packages and jars come here, unmeasured
        measured = [_measure(checkout) for _ in range(1 if empty_caches else rounds)]
    return {
        "benchmark": "start",
        "coordination": coordination,
        "empty_caches": empty_caches,
        "rounds": len(measured),
        "first_consumed_s": _median(measured, "first_consumed_s"),
        "all_ready_s": _median(measured, "all_ready_s"),
        "memory_bytes": _median(measured, "memory_bytes"),
        "stop_s": _median(measured, "stop_s"),
        "cpus": os.cpu_count(),
    }


@contextmanager
def _checkout(empty_caches: bool, coordination: str) -> Iterator[Checkout]:
    with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
        caches = {"PIP_NO_CACHE_DIR": "1"} if empty_caches else {}
        checkout = fresh_copy(Path(folder), COORDINATION=coordination, **caches)
        try:
            yield checkout
        finally:
            checkout.run("down")


def _measure(checkout: Checkout) -> dict[str, float]:
    began = time.monotonic()
    started = checkout.run("up", "-d", seconds=LONGEST_S)
    if started.returncode:
        raise SystemExit(started.stdout + started.stderr)
    ready = time.monotonic() - began
    wait_until(lambda: CONSUMED in checkout.log("consumer"), 60, "a transaction is consumed")
    consumed = time.monotonic() - began
    memory = _settled_memory(checkout)
    stopping = time.monotonic()
    checkout.run("down", "--volumes")
    return {
        "first_consumed_s": consumed,
        "all_ready_s": ready,
        "memory_bytes": memory,
        "stop_s": time.monotonic() - stopping,
    }


def _settled_memory(checkout: Checkout) -> float:
    """Return the largest sum seen while the history is written and read."""
    end, largest = time.monotonic() + SETTLE_S, 0
    while time.monotonic() < end:
        largest = max(largest, sum(status["memory"] for status in checkout.ps()))
        time.sleep(0.5)
    return float(largest)


def _median(measured: list[dict[str, float]], key: str) -> float:
    return round(statistics.median(each[key] for each in measured), 2)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as it is shown; `promised` is what a machine of two cores must stay below."""

    name: str
    measured: float
    promised: float | None
    unit: str

    @property
    def kept(self) -> bool:
        """Whether it is within what is promised."""
        return self.promised is None or self.measured < self.promised


def lines(result: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the figures of `run` beside what is promised of each."""
    start = COLD_S if result["empty_caches"] else WARM_S
    consumed = tr("command → first transaction consumed", "comando → primeira transação consumida")
    ready = tr("command → everything ready", "comando → tudo pronto")
    memory = tr("memory of everything, largest", "memória de tudo, a maior")
    stop = tr("down → no process left", "down → nenhum processo")
    return (
        Line(consumed, result["first_consumed_s"], start, "s"),
        Line(ready, result["all_ready_s"], None, "s"),
        Line(memory, round(result["memory_bytes"] / 1e9, 2), MEMORY_GB, "GB"),
        Line(stop, result["stop_s"], STOP_S, "s"),
    )


def show(result: Mapping[str, Any]) -> bool:
    """Print the table; return whether each figure is within what is promised."""
    table = Table(title=f"./workshop bench start --coordination {result['coordination']}")
    table.add_column(tr("what", "o quê"))
    table.add_column(tr("measured", "medido"), justify="right")
    table.add_column(tr("promised", "prometido"), justify="right")
    shown = lines(result)
    for line in shown:
        promised = "" if line.promised is None else f"< {line.promised:g} {line.unit}"
        measured = f"{line.measured} {line.unit}"
        table.add_row(line.name, measured, promised, style="" if line.kept else "red")
    Console().print(table)
    return all(line.kept for line in shown)


def main() -> None:
    """Run from the command line; the exit code is 1 if a figure is beyond what is promised."""
    try:
        sys.exit(_run_from(sys.argv[1:]))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _run_from(words: list[str]) -> int:
    language.use(language.from_environment(os.environ))
    parser = argparse.ArgumentParser(
        prog="./workshop bench start",
        description=tr(
            "How long a start takes, how much memory, how long an end; beside what is promised.",
            "Quanto demora uma partida, quanta memória, quanto o fim; ao lado do que é prometido.",
        ),
    )
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11), metavar="1..10")
    choices = (ZOOKEEPER, KRAFT)
    parser.add_argument("--coordination", default=ZOOKEEPER, choices=choices)
    parser.add_argument("--empty-caches", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args(words)
    result = run(arguments.rounds, arguments.empty_caches, arguments.coordination)
    kept = show(result)
    if arguments.json:
        write(arguments.json, result)
    return 0 if kept else 1


if __name__ == "__main__":
    main()
