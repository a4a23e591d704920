"""Brokers killed, paused, cut off: nothing acknowledged is lost, none is there twice, in order."""

import pytest

from tests.faults.forms import forms
from tests.faults.results import Results
from tests.faults.scene import BROKERS, HEALTHY_S, MOVED_S, Scene
from tests.faults.trial import SILENCE_S, Trial
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]


@forms("times", short=1, long=10)
def test_leaders_are_killed_under_load(times: int, scene: Scene, results: Results) -> None:
    with Trial("leader", times, scene, results) as trial:
        for _ in range(times):
            victim = scene.leader(trial.topic)
            before = scene.restarts(victim)
            with trial.recovery():
                scene.kill(victim)
                await_new_leader(trial, victim)
                wait_until(lambda: scene.restarts(victim) > before, 30, "it is started again")  # noqa: B023


@forms("times", short=1, long=10)
def test_leaders_are_stopped_under_load(times: int, scene: Scene) -> None:
    # An order, not a fault: nothing of it is measured for the document.
    with Trial("leader", times, scene, Results("none")) as trial:
        for _ in range(times):
            victim = scene.leader(trial.topic)
            with trial.recovery(), scene.stopped(victim):
                await_new_leader(trial, victim)
                trial.load.wait_for_each_partition(SILENCE_S, more=20)


@forms("times", short=1, long=3)
def test_a_leader_is_paused_past_its_session(times: int, scene: Scene, results: Results) -> None:
    with Trial("paused", times, scene, results) as trial:
        for _ in range(times):
            victim = scene.leader(trial.topic)
            with scene.paused(victim):
                await_new_leader(trial, victim)
                trial.load.wait_for_each_partition(SILENCE_S, more=20)
            trial.await_recovery()


@forms("times", short=1, long=3)
def test_a_leader_is_cut_off_the_network(times: int, scene: Scene, results: Results) -> None:
    with Trial("cut", times, scene, results) as trial:
        for _ in range(times):
            # A leader that moves back by itself before the cut would not be the victim's any more.
            wait_until(scene.is_balanced, MOVED_S, "every partition is led by its preferred broker")
            victim = scene.leader(trial.topic)
            with scene.cut_off(victim):
                await_new_leader(trial, victim)
                trial.load.wait_for_each_partition(SILENCE_S, more=20)
                assert scene.leader(trial.topic, told_by=victim) == victim, "it has heard nothing"
            trial.await_recovery()


@forms("times", short=1, long=3)
def test_all_brokers_are_killed(times: int, scene: Scene, results: Results) -> None:
    with Trial("all", times, scene, results, silence_s=HEALTHY_S) as trial:
        for _ in range(times):
            before = {name: scene.restarts(name) for name in BROKERS}
            with trial.recovery():
                for name in BROKERS:
                    scene.kill(name)
                wait_until(
                    lambda: all(scene.restarts(name) > n for name, n in before.items()),  # noqa: B023
                    30,
                    "all of them are started again",
                )


def await_new_leader(trial: Trial, victim: str) -> None:
    """Wait until the others say that `victim` leads nothing any more."""
    wait_until(
        lambda: trial.scene.has_moved(victim, trial.topic),
        MOVED_S,
        f"another broker leads what {victim} led",
    )
