"""How a service stands is said in the person's language; programs read the same word always."""

import pytest

from kafka_workshop import language
from kafka_workshop.cli.view import View
from kafka_workshop.cluster import states
from kafka_workshop.cluster.states import Status, state_text
from kafka_workshop.doctor.running import Running, Way
from kafka_workshop.doctor.services import judge_services

# Every constant of the module that is a word is a state.
STATES = [
    value for name, value in vars(states).items() if name.isupper() and isinstance(value, str)
]


def status(service: str, state: str) -> Status:
    return Status(service, state, None, (9092,), 0, 3, 0.0, 0)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_word_in_portuguese(state: str) -> None:
    language.use("pt-BR")
    assert state_text(state) != state


def test_there_are_states() -> None:
    assert {"ready", "failed", "orphaned"} <= set(STATES)
    assert len(STATES) == 11


def test_ps_shows_states_in_the_persons_language(capsys: pytest.CaptureFixture[str]) -> None:
    language.use("pt-BR")
    View().ps([status("broker-2", "killed"), status("producer", "failed")], {})
    shown = capsys.readouterr().out
    assert "morto (3)" in shown
    assert "falhou (3)" in shown


def test_the_doctor_says_them_so_too() -> None:
    language.use("pt-BR")
    found = judge_services([status("producer", "failed")], Running(Way.NATIVE, ()))
    assert found[0].text == "producer: falhou"
