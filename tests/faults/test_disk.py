"""One broker's disk full: that broker halts, the others serve, nothing acknowledged is lost."""

import pytest

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


@forms("times", short=1, long=1)
def test_a_brokers_disk_is_full(times: int, scene: Scene, results: Results) -> None:
    if scene.disk.missing:
        pytest.skip(scene.disk.missing)
    with Trial("disk", times, scene, results) as trial:
        for _ in range(times):
            before = scene.restarts(ON_THE_SMALL_DISK)
            with scene.full_disk():
                wait_until(lambda: scene.restarts(ON_THE_SMALL_DISK) > before, 60, "it halts")  # noqa: B023
                await_new_leader(trial, ON_THE_SMALL_DISK)
                trial.load.wait_for_each_partition(SILENCE_S, more=20)
            trial.await_recovery()
