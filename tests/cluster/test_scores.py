"""A data set is replayed while both stages run: they score it as it is scored without Kafka."""

import json
import os
from pathlib import Path

import pytest

from kafka_workshop.domain.risk import FEATURES
from kafka_workshop.messaging.risk_codec import decode_score
from kafka_workshop.settings import MERCHANT
from tests.support import command
from tests.support.datasets import csv_of, handbook_rows
from tests.support.programs import Programs
from tests.support.stages import Scene
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.long]
# Nineteen days; a quarter of one each second: labels are read within the hour in which they come.
COUNT, SPEED = 900, 21_600


def test_a_replay_that_both_programs_follow_is_scored_as_its_file(
    scene: Scene, programs: Programs, tmp_path: Path
) -> None:
    path, lines = csv_of(tmp_path, handbook_rows(COUNT)), tmp_path / "set.jsonl"
    servers = {"BOOTSTRAP_SERVERS": ",".join(scene.servers), "HOME": os.environ["HOME"]}
    variables = servers | {"TOPIC": scene.topic, "CONSUMER_GROUP": scene.group}
    words = ("replay", str(path), "--map", "handbook")
    assert command.workshop((*words, "--to", str(lines)), variables).returncode == 0
    stages = [programs.start("consumer")]
    stages.append(programs.start("consumer", STAGE=MERCHANT, INSTANCE=f"two-of-{scene.topic}"))
    for stage in stages:
        stage.wait_for("partitions assigned")
    sent = (*words, "--topic", scene.topic, "--speed", str(SPEED))
    answer = command.workshop(sent, variables)
    assert answer.returncode == 0, answer.stderr
    wait_until(lambda: scene.scores().total() >= COUNT, 30, "every transaction has its score")
    for stage in stages:
        assert stage.end() == 0, stage.errors

    compared = command.workshop(("monitor", "score", "--against", str(lines), "--json"), variables)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    found = json.loads(compared.stdout)
    assert (found["equal"], found["missing"]) == (COUNT, 0)
    risk = FEATURES.index("place_risk_7d")
    scores = [decode_score(value) for _, value in scene.scores()]
    assert sum(score.features[risk] > 0 for score in scores) > 20, "labels were in time to count"
