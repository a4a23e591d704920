"""The real consumers kill themselves inside their transactions: nothing is lost or said twice."""

import signal
from collections.abc import Sequence

import psutil
import pytest

from kafka_workshop.monitor.stage.failpoints import AFTER_OFFSETS, AFTER_PRODUCE
from kafka_workshop.settings import ACCOUNT, MERCHANT
from kafka_workshop.settings.parse import FAILPOINTS
from tests.support.programs import Program, Programs
from tests.support.stages import CONFLUENT, KAFKA_PYTHON, Scene
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
# Each life of a consumer has so many new messages: two batches, all partitions in each.
A_LIFE = 1_000
DONE_S = 30.0
long = pytest.mark.long


# The engine is the same: stage merchant's short proof is the kill at each point.
both_stages = pytest.mark.parametrize(
    "scene", [ACCOUNT, pytest.param(MERCHANT, marks=long)], indirect=True
)
default_client_first = pytest.mark.parametrize(
    "kafka_client", [CONFLUENT, pytest.param(KAFKA_PYTHON, marks=long)]
)


def died(program: Program) -> None:
    """Check that the failpoint fired."""
    assert program.result(DONE_S) == -signal.SIGKILL, program.errors


def committed(scene: Scene) -> int:
    """Return how many messages the group says to have done."""
    return sum(tally.count for tally in scene.tallies())


def finish(programs: Programs, scene: Scene, count: int, **settings: str) -> None:
    """Let a consumer do the rest, and end cleanly."""
    last = programs.start("consumer", **settings)
    wait_until(lambda: committed(scene) >= count, DONE_S, "all is committed")
    assert last.end() == 0, last.errors


@pytest.mark.parametrize(
    ("scene", "places", "kafka_client"),
    [
        pytest.param(ACCOUNT, FAILPOINTS * 2, CONFLUENT, id="account"),
        pytest.param(MERCHANT, (AFTER_PRODUCE, AFTER_OFFSETS), CONFLUENT, id="merchant"),
        pytest.param(ACCOUNT, FAILPOINTS * 25, CONFLUENT, id="account-long", marks=long),
        pytest.param(MERCHANT, FAILPOINTS * 25, CONFLUENT, id="merchant-long", marks=long),
        pytest.param(ACCOUNT, FAILPOINTS * 2, KAFKA_PYTHON, id="kafka-python", marks=long),
    ],
    indirect=["scene"],
)
def test_killed_at_each_point_of_a_transaction_nothing_is_lost_or_said_twice(
    places: Sequence[str], scene: Scene, programs: Programs
) -> None:
    lives = len(places)
    everything = scene.history((lives + 1) * A_LIFE)
    for life, place in enumerate(places):
        scene.fill(everything[life * A_LIFE : (life + 1) * A_LIFE])
        died(programs.start("consumer", FAILPOINT=place))
    scene.fill(everything[lives * A_LIFE :])
    finish(programs, scene, len(everything))
    judged = scene.judged()
    assert judged.processed == len(everything)
    scene.assert_exactly_once(judged)
    assert scene.alert_ids("read_uncommitted").total() > judged.alerts.total(), "nothing aborted"


def stood_still(program: Program) -> bool:
    return psutil.Process(program.process.pid).status() == psutil.STATUS_STOPPED


@both_stages
@default_client_first
@pytest.mark.parametrize("place", [AFTER_PRODUCE, AFTER_OFFSETS])
@pytest.mark.parametrize(
    "instance", [pytest.param("", id="same"), pytest.param("other", marks=long)]
)
def test_one_that_stood_still_while_another_took_over_commits_nothing(
    place: str, instance: str, scene: Scene, programs: Programs
) -> None:
    scene.fill(scene.history(2_000)[:1_000])
    zombie = programs.start("consumer", FAILPOINT=f"{place}:1:stop")
    wait_until(lambda: stood_still(zombie), DONE_S, "it stands still inside its transaction")
    scene.fill(scene.history(2_000)[1_000:])
    named = {"INSTANCE": f"{instance}-{scene.topic}"} if instance else {}
    # Another name waits for the end of the session and of the transaction; the same for neither.
    heir = programs.start("consumer", **named)
    heir.wait_for("partitions assigned", seconds=DONE_S)
    wait_until(lambda: committed(scene) == 2_000, DONE_S, "the heir has done everything")
    zombie.process.send_signal(signal.SIGCONT)
    assert zombie.result(DONE_S) == 1, "it is fenced"
    assert heir.end() == 0, heir.errors
    scene.assert_exactly_once(scene.judged())


@default_client_first
def test_of_two_with_one_name_the_older_ends_in_words(scene: Scene, programs: Programs) -> None:
    scene.fill(scene.history(1_000))
    older = programs.start("consumer")
    wait_until(lambda: committed(scene) >= 1_000, DONE_S, "it has a place, and works")
    younger = programs.start("consumer")
    # The same as for one that displaced itself, and that has to be started again.
    assert older.result(DONE_S) == 1, older.errors
    assert "the same INSTANCE" in older.errors
    assert "Traceback" not in older.errors
    younger.wait_for("partitions assigned", seconds=DONE_S)
    assert younger.end() == 0, younger.errors


@both_stages
def test_the_same_at_least_once_says_something_twice(scene: Scene, programs: Programs) -> None:
    scene.fill(scene.history(2_000))
    died(programs.start("consumer", PROCESSING="at_least_once", FAILPOINT="after_produce"))
    finish(programs, scene, 2_000, PROCESSING="at_least_once")
    raised, judged = scene.alert_ids(), scene.judged()
    assert set(raised) == set(judged.alerts), "nothing is lost"
    assert raised.total() > judged.alerts.total(), "without a duplicate the test above is void"
