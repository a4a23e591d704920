"""A CSV in the Handbook's columns, never seen before: replayed, scored by both stages, reported."""

import json
import os
from pathlib import Path

import pytest

from kafka_workshop.domain.merchant.event import Fraud
from kafka_workshop.domain.risk.model import parse_model
from kafka_workshop.messaging.committed import read
from kafka_workshop.messaging.place_codec import decode_place_event
from kafka_workshop.settings import MERCHANT
from tests.support import command
from tests.support.datasets import csv_of
from tests.support.handbook import simulated_rows
from tests.support.stages import Scene

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]
CUSTOMERS, TERMINALS, DAYS = 240, 240, 27


def told_frauds(scene: Scene) -> int:
    """Return how many labels stage merchant was told."""
    told = scene.told().elements()
    return sum(isinstance(decode_place_event(*said).event, Fraud) for said in told)


def test_a_file_never_seen_before_is_scored_by_the_stream_and_reported(
    scene: Scene, tmp_path: Path
) -> None:
    rows = list(simulated_rows(11, CUSTOMERS, TERMINALS, DAYS))
    path, folder = csv_of(tmp_path, rows), tmp_path / "report"
    names = {"TOPIC": scene.topic, "CONSUMER_GROUP": scene.group, "HOME": os.environ["HOME"]}
    variables = names | {"BOOTSTRAP_SERVERS": ",".join(scene.servers), "WORKSHOP_LANG": "en"}
    account, merchant = scene.member(), scene.member(stage=MERCHANT)
    score = ("monitor", "score", "--protocol", "handbook", "--top", "10", "--into", str(folder))

    early = command.workshop(score, variables)
    assert early.returncode == 2
    assert "no whole day yet" in early.stderr

    # All of it lies there before a stage reads on: the order is theirs to keep, not the pace's.
    words = ("replay", str(path), "--map", "handbook", "--topic", scene.topic)
    assert command.workshop((*words, "--speed", "max"), variables).returncode == 0
    frauds = sum(row.split(",")[7] == "1" for row in rows)
    account.until(lambda: account.stage.done == len(rows), "stage account is done")
    account.until(lambda: told_frauds(scene) == frauds, "stage account has passed the labels on")
    assert account.stage.commit(now=True) == 0
    told = scene.told().total()
    merchant.until(lambda: merchant.stage.done == told, "stage merchant is done")
    account.finish()
    merchant.finish()

    answer = command.workshop((*score, "--json"), variables)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["models"] == {"rules-1": len(rows)}
    assert len(found["days"]) == 7
    assert all(day["looked_at"] == 10 for day in found["days"])
    assert 0 < found["frauds"] < found["transactions"] / 20
    assert found["auc_roc"] > 0.6
    assert found["average_precision"] > 3 * found["frauds"] / found["transactions"]
    assert {Path(file).name for file in found["files"]} == {
        "report.md",
        "report.json",
        "precision-recall.svg",
    }
    assert all(Path(file).read_bytes() for file in found["files"])
    assert "rules-1" in (folder / "report.md").read_text("utf-8")

    lines = tmp_path / "set.jsonl"
    command.workshop(("replay", str(path), "--map", "handbook", "--to", str(lines)), variables)
    compared = command.workshop(("monitor", "score", "--against", str(lines), "--json"), variables)
    assert compared.returncode == 0, compared.stdout
    assert json.loads(compared.stdout)["equal"] == len(rows)
    assert sum(1 for _ in read(scene.servers, scene.topics.scores)) == len(rows)

    model = tmp_path / "trained.json"
    trained = command.workshop(("monitor", "train", str(model)), variables)
    assert trained.returncode == 0, trained.stderr
    assert "trained-" in trained.stdout
    assert parse_model(model.read_bytes()).version in trained.stdout
