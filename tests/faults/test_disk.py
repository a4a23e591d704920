"""One broker's disk full: that broker halts, the others serve, nothing acknowledged is lost."""

import json
from pathlib import Path

import pytest

from tests.console.running import RunningConsole, console
from tests.faults.disk import ON_THE_SMALL_DISK
from tests.faults.forms import forms
from tests.faults.results import Results
from tests.faults.scene import Scene
from tests.faults.test_brokers import await_new_leader
from tests.faults.trial import SILENCE_S, Trial
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.mount,
    pytest.mark.zookeeper,
    pytest.mark.timeout(300),
]
SAID_S = 30.0


@forms("times", short=1, long=1)
def test_a_brokers_disk_is_full(times: int, scene: Scene, results: Results, tmp_path: Path) -> None:
    if scene.disk.missing:
        pytest.skip(scene.disk.missing)
    with (
        Trial("disk", times, scene, results) as trial,
        console(scene.servers, tmp_path) as shown,
    ):
        wait_until(lambda: online(shown) == {1: True, 2: True, 3: True}, 30, "all are shown")
        for _ in range(times):
            before = scene.restarts(ON_THE_SMALL_DISK)
            with scene.full_disk():
                wait_until(lambda: scene.restarts(ON_THE_SMALL_DISK) > before, 60, "it halts")  # noqa: B023
                wait_until(lambda: not online(shown)[2], SAID_S, "the console says so")
                await_new_leader(trial, ON_THE_SMALL_DISK)
                trial.load.wait_for_each_partition(SILENCE_S, more=20)
            trial.await_recovery()


def online(shown: RunningConsole) -> dict[int, bool]:
    """Return broker -> whether the console shows it as online."""
    brokers = json.loads(shown.get("/api/brokers")[1])["brokers"]
    return {broker["id"]: broker["online"] for broker in brokers}
