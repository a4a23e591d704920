"""A data set through real topics: both hold exactly what the file says; wall-clock timestamps."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_workshop.domain.label import CompleteUntil, Label
from kafka_workshop.messaging.client import Message
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.committed import read
from kafka_workshop.messaging.label_codec import decode_label
from kafka_workshop.messaging.topics import PARTITIONS, labels_topic
from kafka_workshop.replay.convert import converted
from kafka_workshop.replay.mapping import load_mapping
from kafka_workshop.replay.opening import open_rows
from tests.contract.conftest import random_name
from tests.support import command
from tests.support.datasets import csv_of, handbook_rows
from tests.support.topics import delete_topics

pytestmark = pytest.mark.cluster
COUNT = 600


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    name = random_name("replay")
    yield name
    delete_topics(bootstrap_servers, name)


def partitions_by_key(records: list[Message]) -> dict[bytes, set[int]]:
    found: dict[bytes, set[int]] = {}
    for record in records:
        if record.key is not None:
            found.setdefault(record.key, set()).add(record.partition)
    return found


def test_a_file_in_the_handbooks_columns_is_replayed_with_one_command(
    bootstrap_servers: tuple[str, ...], topic: str, tmp_path: Path
) -> None:
    path = csv_of(tmp_path, [*handbook_rows(COUNT), "torn"])
    variables = {**os.environ, "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers)}
    words = ("replay", str(path), "--map", "handbook", "--topic", topic)
    began = time.time() * 1000
    answer = command.workshop(words, variables)
    assert answer.returncode == 0, answer.stderr
    assert f"TOPIC={topic} CONSUMER_GROUP={topic}" in answer.stdout
    assert "1 rows rejected" in answer.stdout

    mapping = load_mapping("handbook")
    rows = [row for _, row in open_rows(path) if isinstance(row, dict)]
    said = [converted(row, mapping) for row in rows]
    stored = list(read(bootstrap_servers, topic))
    assert Counter(str(decode(record.value)) for record in stored) == Counter(
        str(transaction) for transaction, _ in said
    )
    assert all(record.timestamp_ms >= began - 1000 for record in stored)

    told = list(read(bootstrap_servers, labels_topic(topic)))
    records = [decode_label(record.value) for record in told]
    labels = [record for record in records if isinstance(record, Label)]
    assert Counter(map(str, labels)) == Counter(str(label) for _, label in said if label)
    keys = partitions_by_key(stored)
    assert partitions_by_key(told).items() <= keys.items()
    assert all(len(partitions) == 1 for partitions in keys.values())
    last = max(transaction.occurred_at for transaction, _ in said)
    complete = Counter(r.until for r in records if isinstance(r, CompleteUntil))
    assert complete[last] == PARTITIONS

    score = ("monitor", "score", "--json")
    judged = command.workshop(score, variables | {"TOPIC": topic, "CONSUMER_GROUP": topic})
    assert judged.returncode == 0, judged.stderr
    assert '"scenario":"large_amount","episodes":20' in judged.stdout

    again = command.workshop(words, variables)
    assert again.returncode == 2
    assert "messages already: --topic NAME takes another" in again.stderr
