"""Dead letters on the real cluster: followed, sent back each once, edited into a new message."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kafka_workshop import logs
from kafka_workshop.console.actions import Actions, NotAllowed, Refused
from kafka_workshop.console.application import LETTERS_RHYTHM
from kafka_workshop.console.dlq.following import LetterFollower
from kafka_workshop.console.dlq.known import Letters, condition_of
from kafka_workshop.console.dlq.redriving import Progress, Redriving, counting, survey_of
from kafka_workshop.console.kafka import ClusterGateway
from kafka_workshop.console.keeper import Keeper, Kept, stop
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.client import Headers
from kafka_workshop.messaging.dlq.letter import EDITED, Letter, Source
from kafka_workshop.messaging.topics import (
    dead_letter_topic,
    labels_topic,
    ledger_topic,
    redriven_topic,
    workshop_topics,
)
from kafka_workshop.settings import LogSettings
from tests.support.letters import everything, plant, send
from tests.support.waiting import wait_until

pytestmark = pytest.mark.cluster
LOGGER = logs.configure(LogSettings("ERROR", "json", 1), "test")
STORAGE = 2_000_000_000
HEADERS: Headers = (("trace", b"7"),)


@pytest.fixture
def actions(bootstrap_servers: tuple[str, ...]) -> Actions:
    return Actions(ClusterGateway(bootstrap_servers), LOGGER)


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...], actions: Actions) -> Iterator[str]:
    """A topic with four messages, of which the first three are dead letters."""
    name = f"letters-{secrets.token_hex(4)}"
    create_topics(bootstrap_servers, workshop_topics(STORAGE, name))
    values = (b"{", b"[", b"\xff", b"{}")
    stored = send(bootstrap_servers, name, [(b"A1", value, HEADERS) for value in values])
    plant(bootstrap_servers, name, stored[:2])
    plant(bootstrap_servers, name, stored[2:3], "oversize")
    yield name
    made = (name, dead_letter_topic(name), ledger_topic(name), labels_topic(name))
    for each in (*made, redriven_topic(name)):
        try:
            actions.delete_topic(each, each)
        except Refused:
            assert each == redriven_topic(name)  # only a redrive makes it


@contextmanager
def followed(servers: tuple[str, ...], topic: str) -> Iterator[Kept[Letters]]:
    kept = Kept[Letters]()
    follower = LetterFollower(servers, lambda: (topic,))
    keeper = Keeper("letters", kept, follower.look, LETTERS_RHYTHM, LOGGER, close=follower.close)
    keeper.start()
    try:
        yield kept
    finally:
        stop(keeper)


def conditions(kept: Kept[Letters], topic: str) -> list[str]:
    """How the letters that are known stand, in alphabetical order."""
    survey = (kept.seen.value or Letters()).boxes.get(topic)
    return sorted(condition_of(x, survey) for x in survey.of_class(None)) if survey else []


def values(servers: tuple[str, ...], topic: str) -> list[bytes | None]:
    return sorted((m.value for m in everything(servers, topic)), key=lambda v: v or b"")


def the_letter(servers: tuple[str, ...], topic: str, error_class: str) -> Letter:
    (letter, *_) = survey_of(servers, topic, counting()).of_class(error_class)
    return letter


def test_a_class_goes_back_once_and_is_shown_as_redriven(
    bootstrap_servers: tuple[str, ...], topic: str, actions: Actions
) -> None:
    servers = bootstrap_servers
    with followed(servers, topic) as kept:
        wait_until(lambda: len(conditions(kept, topic)) == 3, 30, "three letters are known")
        planned = Redriving(survey_of(servers, topic, counting()), STORAGE, "not-json")
        assert actions.redrive(planned, Progress()).outcome.sent == 2
        # What was previewed before somebody else sent it finds nothing left to send.
        assert actions.redrive(planned, Progress()).outcome.sent == 0
        redriven = ["redriven", "redriven", "waiting"]
        wait_until(lambda: conditions(kept, topic) == redriven, 30, "two are redriven")
    assert values(servers, topic) == [b"[", b"[", b"{", b"{", b"{}", b"\xff"]
    again = Redriving(survey_of(servers, topic, counting()), STORAGE, "not-json")
    with pytest.raises(NotAllowed, match="nothing to send back"):
        actions.redrive(again, Progress())


def test_a_selection_goes_back_and_the_rest_stays(
    bootstrap_servers: tuple[str, ...], topic: str, actions: Actions
) -> None:
    servers = bootstrap_servers
    only = frozenset({the_letter(servers, topic, "oversize").source, Source(0, 999)})
    survey = survey_of(servers, topic, counting())
    sent = actions.redrive(Redriving(survey, STORAGE, only=only), Progress())
    assert (sent.outcome.sent, len(sent.final.letters)) == (1, 1)
    assert values(servers, topic) == [b"[", b"{", b"{}", b"\xff", b"\xff"]


def test_an_edited_letter_is_a_new_message_once(
    bootstrap_servers: tuple[str, ...], topic: str, actions: Actions
) -> None:
    servers, letter = bootstrap_servers, the_letter(bootstrap_servers, topic, "oversize")
    edited = (b"A2", b'{"mended": true}', HEADERS)
    assert actions.redrive_edited(STORAGE, topic, letter, edited).sent == 1
    (new,) = (m for m in everything(servers, topic) if m.value == b'{"mended": true}')
    assert new.key == b"A2"
    assert new.headers[:2] == (*HEADERS, EDITED)
    with pytest.raises(Refused, match="redriven meanwhile"):
        actions.redrive_edited(STORAGE, topic, letter, edited)
    assert values(servers, topic).count(b'{"mended": true}') == 1
    left = Redriving(survey_of(servers, topic, counting()), STORAGE).choose()
    assert {each.error_class for each in left.letters} == {"not-json"}


def test_a_count_that_is_cancelled_ends(bootstrap_servers: tuple[str, ...], topic: str) -> None:
    progress = counting()
    progress.cancel.set()
    with pytest.raises(Refused, match="Stopped at your word"):
        survey_of(bootstrap_servers, topic, progress)
