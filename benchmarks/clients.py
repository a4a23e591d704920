"""Compares the two client libraries: the same transactions, the same promises, one run.

    ./workshop bench clients [--bootstrap 127.0.0.1:9091] [--messages 50000] [--json FILE]

Without `--bootstrap` it starts a cluster of its own, with nothing else on it, and stops it.

Each library first warms up, then three rounds alternate between them, so that neither gets the
quieter minute; the median of the rounds counts. Produced means acknowledged by every in-sync
replica; consumed means fetched, decoded by nobody, marked as processed and committed.
"""

import argparse
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import ModuleType

from confluent_kafka.admin import AdminClient
from rich.console import Console
from rich.table import Table

from kafka_workshop import language
from kafka_workshop.clock import Deadline, now_ms
from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging import confluent, kafka_python
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.config import LIBRDKAFKA_LOG, confluent_common
from kafka_workshop.messaging.topics import bounded
from kafka_workshop.settings import BOOTSTRAP_SERVERS
from kafka_workshop.simulator.population import build_population
from kafka_workshop.simulator.stream import Simulator
from tests.support.cluster import RealCluster, test_settings

LIBRARIES: dict[str, ModuleType] = {"confluent-kafka": confluent, "kafka-python": kafka_python}
ROUNDS = 3
BATCH = 500
SEED = 7
_HOUR_MS = 3_600_000
_TIME_OUT_S = 180.0
Record = tuple[bytes, bytes]
Rates = dict[str, dict[str, list[float]]]


def run(bootstrap_servers: tuple[str, ...], messages: int) -> dict[str, object]:
    """Return what each library produced and consumed a second, and the ratios."""
    records = _records(messages)
    topic = f"benchmark-clients-{secrets.token_hex(4)}"
    create_topics(bootstrap_servers, [bounded(topic, 6, 2_000_000_000, _HOUR_MS)])
    try:
        rates = _rounds(bootstrap_servers, topic, records)
    finally:
        _delete(bootstrap_servers, topic)
    return _result(messages, rates)


def _records(count: int) -> list[Record]:
    simulator = Simulator(build_population(SEED, 2_000), SEED)
    transactions = simulator.transactions(iter([now_ms()] * count))
    return [(t.account_id.encode(), encode(t)) for t in transactions]


def _rounds(servers: tuple[str, ...], topic: str, records: list[Record]) -> Rates:
    warm_up = records  # brokers get faster for their first hundred thousand messages
    for library in LIBRARIES.values():
        _produce(library, servers, topic, warm_up)
        _consume(library, servers, topic, len(warm_up))
    rates: Rates = {name: {"produced": [], "consumed": []} for name in LIBRARIES}
    for _ in range(ROUNDS):
        for name, library in LIBRARIES.items():
            rates[name]["produced"].append(_produce(library, servers, topic, records))
            rates[name]["consumed"].append(_consume(library, servers, topic, len(records)))
    return rates


def _produce(
    library: ModuleType, servers: tuple[str, ...], topic: str, records: list[Record]
) -> float:
    producer = library.open_producer(servers, 10.0)
    timer = Deadline(_TIME_OUT_S)
    for key, value in records:
        producer.send(topic, key, value)
        producer.poll()
    missing = producer.flush(Deadline(timer.remaining))
    seconds = timer.elapsed
    producer.close()
    assert missing == 0, f"{missing} not acknowledged after {_TIME_OUT_S:.0f} s"
    return len(records) / seconds


def _consume(library: ModuleType, servers: tuple[str, ...], topic: str, count: int) -> float:
    """Read `count` messages from the beginning; the clock starts with the first batch."""
    consumer = library.open_consumer(servers, topic, f"benchmark-{secrets.token_hex(4)}", 10.0)
    timer = Deadline(_TIME_OUT_S)
    started, first, read = 0.0, 0, 0
    while read < count and not timer.expired:
        batch = consumer.fetch(BATCH, 0.1)
        for message in batch:
            consumer.processed(message)
        consumer.commit()
        if batch and not first:
            started, first = timer.elapsed, len(batch)
        read += len(batch)
    seconds = timer.elapsed - started
    consumer.close()
    assert read >= count, f"{read} of {count} read after {_TIME_OUT_S:.0f} s"
    return (read - first) / seconds


def _delete(servers: tuple[str, ...], topic: str) -> None:
    admin = AdminClient(confluent_common(servers, "admin"), logger=LIBRDKAFKA_LOG)
    for deleted in admin.delete_topics([topic]).values():
        deleted.result()


def _result(messages: int, rates: Rates) -> dict[str, object]:
    medians = {n: {what: median(r) for what, r in rates[n].items()} for n in rates}
    ours, theirs = (medians[name] for name in LIBRARIES)
    return {
        "messages": messages,
        "rounds": ROUNDS,
        "per_second": {n: {what: round(r) for what, r in medians[n].items()} for n in medians},
        "ratio": {what: round(ours[what] / theirs[what], 1) for what in ours},
        "each_round": {
            name: {what: [round(r) for r in rates[name][what]] for what in rates[name]}
            for name in rates
        },
    }


@contextmanager
def _brokers(named: str | None) -> Iterator[tuple[str, ...]]:
    """Yield the brokers that were named, or those of a cluster for this run alone."""
    if named:
        yield BOOTSTRAP_SERVERS.read({BOOTSTRAP_SERVERS.name: named})
        return
    with tempfile.TemporaryDirectory(prefix="bench-clients-") as folder:
        cluster = RealCluster(test_settings(Path(folder)))
        cluster.start()
        try:
            yield cluster.settings.bootstrap_servers
        finally:
            cluster.stop()


def main() -> None:
    """Print the table, and write the JSON where asked to."""
    language.use(language.from_environment(os.environ))
    parser = argparse.ArgumentParser(
        prog="./workshop bench clients",
        description=tr(
            "Compare the two client libraries in one run.",
            "Compara as duas bibliotecas cliente na mesma execução.",
        ),
    )
    parser.add_argument("--bootstrap", help="host:port,…")
    parser.add_argument(
        "--messages",
        type=int,
        default=50_000,
        choices=range(1_000, 1_000_001),
        metavar="1000..1000000",
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        with _brokers(options.bootstrap) as servers:
            result = run(servers, options.messages)
    except WorkshopError as error:
        parser.exit(error.exit_code, f"{error}\n")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    _print(result)


def _print(result: dict[str, object]) -> None:
    per_second, ratio = result["per_second"], result["ratio"]
    assert isinstance(per_second, dict)
    assert isinstance(ratio, dict)
    table = Table(title="./workshop bench clients")
    table.add_column(tr("messages a second", "mensagens por segundo"))
    table.add_column(tr("produced", "produzidas"), justify="right")
    table.add_column(tr("consumed", "consumidas"), justify="right")
    for name, rates in per_second.items():
        table.add_row(name, f"{rates['produced']:,}", f"{rates['consumed']:,}")
    table.add_row(tr("ratio", "razão"), f"{ratio['produced']} x", f"{ratio['consumed']} x")
    Console().print(table)


if __name__ == "__main__":
    main()
