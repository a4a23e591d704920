"""How long a start takes: from the command to the first transaction consumed; memory; stopping.

`python -m benchmarks.start` starts the whole system several times on free ports with data of its
own, the jars and packages in place. `--empty-caches` does it once as a newcomer: a fresh copy of
the project, an empty HOME, every download included.

There is no rival to run beside it: this is the one figure that stands alone.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from kafka_workshop import language
from kafka_workshop.language import tr
from kafka_workshop.settings import KRAFT, ZOOKEEPER
from tests.support.checkout import Checkout, fresh_copy
from tests.support.waiting import wait_until

CONSUMED = "partition="
LONGEST_S = 600.0
SETTLE_S = 15.0


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


def show(result: dict[str, object]) -> None:
    """Print the table."""
    table = Table(title=f"./workshop bench start --coordination {result['coordination']}")
    table.add_column(tr("what", "o quê"))
    table.add_column(tr("measured", "medido"), justify="right")
    memory = result["memory_bytes"]
    assert isinstance(memory, float)
    for name, value in (
        (
            tr("command → first transaction consumed", "comando → primeira transação consumida"),
            f"{result['first_consumed_s']} s",
        ),
        (tr("command → everything ready", "comando → tudo pronto"), f"{result['all_ready_s']} s"),
        (tr("memory of everything, largest", "memória de tudo, a maior"), f"{memory / 1e9:.2f} GB"),
        (tr("down → no process left", "down → nenhum processo"), f"{result['stop_s']} s"),
    ):
        table.add_row(name, value)
    Console().print(table)


def main() -> None:
    """Read the arguments, measure, print the table and write the JSON."""
    language.use(language.from_environment(os.environ))
    parser = argparse.ArgumentParser(prog="./workshop bench start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 11), metavar="1..10")
    choices = (ZOOKEEPER, KRAFT)
    parser.add_argument("--coordination", default=ZOOKEEPER, choices=choices)
    parser.add_argument("--empty-caches", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    result = run(arguments.rounds, arguments.empty_caches, arguments.coordination)
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
