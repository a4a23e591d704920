"""Transactions generated and encoded a second on one core, beside Faker for every field.

    python -m benchmarks.generate [--seconds N] [--json FILE]

The rival makes the same fields the way a first sketch does: a call of Faker for every field of
every message, then `json.dumps`. Both run in this process, one after the other, in rounds.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from random import Random

from faker import Faker

from benchmarks.written import write
from kafka_workshop.clock import Deadline
from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.codec import encode
from kafka_workshop.settings import apply_language
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator

ROUNDS = 3
ACCOUNTS = 5_000
SEED = 7
_START_MS = 1_760_000_000_000
_STEP_MS = 20  # 50 a second, as live
_BATCH = 50  # messages between two looks at the clock
_WARM_UP_SHARE, _OURS_SHARE, _RIVAL_SHARE = 0.1, 0.5, 0.3  # of the seconds; the rest: population


def run(seconds: float) -> dict[str, object]:
    """Measure for about `seconds` and return the figures.

    Rates are messages a second on one core, medians of `ROUNDS` warm rounds; sizes are bytes.
    """
    started = time.perf_counter()
    population = build_population(SEED, ACCOUNTS)
    built = time.perf_counter() - started
    ours, rival = _simulated(Simulator(population, SEED)), _faked()
    sizes = _Sizes()
    _rate(ours, seconds * _WARM_UP_SHARE / 2, sizes.add)
    _rate(rival, seconds * _WARM_UP_SHARE / 2, len)
    rates = [_rate(ours, seconds * _OURS_SHARE / ROUNDS, sizes.add) for _ in range(ROUNDS)]
    faked = [_rate(rival, seconds * _RIVAL_SHARE / ROUNDS, len) for _ in range(ROUNDS)]
    return {
        "benchmark": "generate",
        "rate": round(statistics.median(rates)),
        "rates": [round(rate) for rate in rates],
        "rival": "Faker for every field, json.dumps",
        "rival_rate": round(statistics.median(faked)),
        "rival_rates": [round(rate) for rate in faked],
        "ratio": round(statistics.median(rates) / statistics.median(faked), 1),
        "mean_bytes": round(sizes.total / sizes.count, 1),
        "max_bytes": sizes.maximum,
        "accounts": ACCOUNTS,
        "population_seconds": round(built, 3),
        "python": platform.python_version(),
        "cpu_count": os.cpu_count(),
    }


class _Sizes:
    """Sums the sizes of the messages while they are measured."""

    def __init__(self) -> None:
        self.count = self.total = self.maximum = 0

    def add(self, payload: bytes) -> None:
        size = len(payload)
        self.count += 1
        self.total += size
        self.maximum = max(self.maximum, size)


def _rate(messages: Iterator[bytes], seconds: float, take: Callable[[bytes], object]) -> float:
    deadline, made = Deadline(seconds), 0
    while made == 0 or not deadline.expired:
        for payload in islice(messages, _BATCH):
            take(payload)
            made += 1
    return made / deadline.elapsed


def _simulated(simulator: Simulator) -> Iterator[bytes]:
    return map(encode, simulator.transactions(count(_START_MS, _STEP_MS)))


def _faked() -> Iterator[bytes]:
    faker, random = Faker("pt_BR"), Random(SEED)
    faker.seed_instance(SEED)
    return (json.dumps(_fake(faker, random)).encode() for _ in count())


def _fake(faker: Faker, random: Random) -> dict[str, object]:
    return {
        "schema_version": 1,
        "transaction_id": faker.uuid4(),
        "occurred_at": int(faker.date_time_this_month().timestamp() * 1000),
        "account_id": faker.bothify("A#######"),
        "kind": faker.random_element(("pix", "card_present", "card_not_present", "transfer")),
        "amount": round(random.lognormvariate(8.7, 1.2)),
        "currency": "BRL",
        "channel": faker.random_element(("app", "web", "pos")),
        "status": faker.random_element(("approved", "declined")),
        "holder": {"name": faker.name(), "cpf": f"***.{faker.cpf()[4:11]}-**"},
        "merchant": {
            "id": faker.bothify("M#####"),
            "name": faker.company(),
            "mcc": faker.bothify("####"),
            "city": faker.city(),
        },
        "device_id": faker.bothify("d#######"),
        "ip": faker.ipv4_public(),
        "location": {
            "city": faker.city(),
            "uf": faker.estado_sigla(),
            "lat": float(faker.latitude()),
            "lon": float(faker.longitude()),
        },
        "card": {"bin": faker.bothify("######"), "last_four": faker.bothify("####")},
    }


def _table(figures: dict[str, object]) -> str:
    rows = (
        (
            tr("generated and encoded a second", "geradas e codificadas por segundo"),
            f"{figures['rate']:,}",
        ),
        (
            tr("Faker for every field, json.dumps", "Faker em cada campo, json.dumps"),
            f"{figures['rival_rate']:,}",
        ),
        (tr("ratio", "razão"), f"{figures['ratio']}"),
        (tr("mean bytes", "bytes em média"), f"{figures['mean_bytes']}"),
        (tr("largest, bytes", "maior, bytes"), f"{figures['max_bytes']}"),
        (
            tr("seconds to build the population", "segundos para criar a população"),
            f"{figures['population_seconds']}",
        ),
        ("Python, CPUs", f"{figures['python']}, {figures['cpu_count']}"),
    )
    return "\n".join(f"{name:<36}{value:>12}" for name, value in rows)


def _positive(text: str) -> float:
    allowed = tr("a number of seconds from 0.1 to 600", "um número de segundos de 0.1 a 600")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r}: {allowed}")
    return seconds


def main() -> None:
    """Run from the command line."""
    try:
        _run_from(sys.argv[1:])
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _run_from(words: list[str]) -> None:
    apply_language(os.environ)
    arguments = _parser().parse_args(words)
    figures = run(arguments.seconds)
    print(_table(figures))
    if arguments.json:
        write(arguments.json, figures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generate",
        description=tr(
            "Transactions generated and encoded a second on one core.",
            "Transações geradas e codificadas por segundo em um núcleo.",
        ),
    )
    parser.add_argument(
        "--seconds", type=_positive, default=10.0, help=tr("about how long", "duração aproximada")
    )
    parser.add_argument(
        "--json", type=Path, help=tr("write the figures here", "gravar os números aqui")
    )
    return parser


if __name__ == "__main__":
    main()
