"""Both stages on the real cluster score as the same file is scored without them."""

import json
import os
from pathlib import Path

import pytest
from msgspec import structs

from kafka_workshop.domain.label import Label
from kafka_workshop.domain.risk import FEATURES
from kafka_workshop.domain.risk.model import RULES_1
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.messaging.codec import encode
from kafka_workshop.messaging.label_codec import encode_label
from kafka_workshop.messaging.risk_codec import decode_score
from kafka_workshop.settings import MERCHANT
from tests.support import command
from tests.support.stages import DAY, Member, Scene, history, labels_of

pytestmark = pytest.mark.cluster
COUNT = 2_000
# No partition gets ahead of another by more than the scores bear.
SLICE_MS = 6 * DAY


def written(path: Path, given: tuple[Transaction, ...], labels: list[Label]) -> Path:
    lines = [*map(encode_label, labels), *map(encode, given)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def caught_up(scene: Scene, account: Member, merchant: Member, count: int) -> None:
    account.until(lambda: account.stage.done == count, "stage account is done")
    assert account.stage.commit(now=True) == 0
    told = scene.told().total()
    merchant.until(lambda: merchant.stage.done == told, "stage merchant is done")


def test_the_scores_of_a_run_are_those_of_the_file(scene: Scene, tmp_path: Path) -> None:
    given = history(COUNT)
    labels = labels_of(given)
    path = written(tmp_path / "set.jsonl", given, labels)
    file = tmp_path / "model.json"
    file.write_text(json.dumps(structs.asdict(RULES_1) | {"version": "file-1"}))
    account, merchant = scene.member(model=file), scene.member(stage=MERCHANT, model=file)
    scene.fill(labels)
    begin, count = given[0].occurred_at, 0
    while count < COUNT:
        begin += SLICE_MS
        part = [each for each in given[count:] if each.occurred_at < begin]
        scene.fill(part)
        count += len(part)
        caught_up(scene, account, merchant, count)
    account.finish()
    merchant.finish()

    names = {"TOPIC": scene.topic, "CONSUMER_GROUP": scene.group, "HOME": os.environ["HOME"]}
    variables = names | {"BOOTSTRAP_SERVERS": ",".join(scene.servers), "MONITOR_MODEL": str(file)}
    words = ("monitor", "score", "--against", str(path))
    answer = command.workshop((*words, "--json"), variables)
    assert answer.returncode == 0, answer.stderr + answer.stdout
    found = json.loads(answer.stdout)
    assert (found["equal"], found["differing"], found["missing"], found["twice"]) == (
        COUNT,
        0,
        0,
        0,
    )
    assert found["other_model"] == 0
    scores = [decode_score(value) for _, value in scene.scores()]
    assert {score.model for score in scores} == {"file-1"}
    risk = FEATURES.index("place_risk_30d")
    assert sum(score.features[risk] > 0 for score in scores) > 5, "both sides are there"

    shorter = written(tmp_path / "shorter.jsonl", given[:-3], [])
    told = command.workshop((*words[:-1], str(shorter)), variables | {"WORKSHOP_LANG": "en"})
    assert told.returncode == 1
    assert "3 scored that are not in the file" in told.stdout
    assert "place_risk_" in told.stdout
