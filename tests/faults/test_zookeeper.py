"""ZooKeeper dead: producing and consuming go on, and everything is as before once it is back."""

import time

import pytest

from kafka_workshop.errors import WorkshopError
from tests.faults.forms import forms
from tests.faults.results import Results
from tests.faults.scene import Scene
from tests.faults.trial import Trial, make_topic
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.zookeeper, pytest.mark.timeout(300)]

# Acknowledgements came in every such time of its death.
UNBROKEN_S = 4.0


@forms("seconds", short=12, long=60)
def test_producing_goes_on_while_zookeeper_is_dead(
    seconds: int, scene: Scene, results: Results
) -> None:
    with Trial("zookeeper", 1, scene, results) as trial:
        with scene.without_zookeeper():
            died = time.monotonic()
            read = len(trial.member.events)
            wait_until(lambda: time.monotonic() - died > seconds, seconds + 5, "the time is over")
            assert trial.load.longest_silence_of_all(died) < UNBROKEN_S
            assert len(trial.member.events) > read, "the group reads on"
        trial.await_recovery()
        wait_until(lambda: can_make_topics(scene), 30, "topics can be made again")


def can_make_topics(scene: Scene) -> bool:
    """Try to make one, which needs ZooKeeper and the controller."""
    try:
        make_topic(scene)
    except WorkshopError:
        return False
    return True
