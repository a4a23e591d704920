"""Producing a unit's records, each letter in a form that its topic takes; and when to give up."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import Message as Record

from kafka_workshop.clock import Deadline
from kafka_workshop.errors import Fenced, ServiceFailed, Unavailable, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.client import GiveUp, Headers, beyond_repair
from kafka_workshop.messaging.dlq.letter import Form
from kafka_workshop.messaging.stage_clients.contract import Writer
from kafka_workshop.messaging.topics import DEAD_LETTER_MAX_BYTES
from kafka_workshop.monitor.stage.values import ANY_PARTITION, Change, Output

_FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
_TOO_LARGE = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE)
# Each call to the coordinator is given so long; between two we look whether to give up.
_CALL_S, _POLL_S, _SERVED_EVERY = 1.0, 0.1, 1_000
# After the end is asked for, an outcome is waited for only so long.
_GRACE_S = 2.0
# What a batch and a record need around key, value and headers; generously.
_ENVELOPE, _HEADER = 200, 12
Stuck = Callable[[], None]


class Aborted(Unavailable):
    """The transaction must be aborted: nothing of it counts, and all of it is done again."""


class GaveUp(Unavailable):
    """The end was asked for while the outcome is unknown: the next start finds it out."""


class Sending:
    """The producing that both ways have in common."""

    def __init__(
        self,
        producer: Writer,
        changelog: str,
        give_up: GiveUp,
    ) -> None:
        self._producer = producer
        self._changelog = changelog
        self._give_up = give_up
        self._stuck: Stuck = _say_nothing
        # Which of its forms a letter is sent in, where the first was refused.
        self._form: dict[Hashable, int] = {}
        self._failed: list[KafkaError] = []

    def _send_outputs(self, outputs: list[Output]) -> None:
        self._failed = []
        for output in outputs:
            if output.forms:
                self._send_letter(output)
            else:
                self._produce(
                    output.topic, output.key, output.value, output.headers, output.partition
                )

    def _send_letter(self, letter: Output) -> None:
        chosen = first_fitting(letter.forms, self._form.get(letter.number, 0))
        if chosen >= len(letter.forms):
            raise beyond_repair(f"{letter.topic}: {letter.number}: too large in every form")
        self._form[letter.number] = chosen
        self._produce(
            letter.topic,
            *letter.forms[chosen],
            letter.partition,
            partial(self._letter_answered, letter.number),
        )

    def _letter_answered(self, number: Hashable, error: KafkaError | None, _: Record) -> None:
        if error is None:
            self._form.pop(number, None)
            return
        if error.code() in _TOO_LARGE:  # the next attempt leaves more out
            self._form[number] = self._form.get(number, 0) + 1
        self._failed.append(error)

    def _send_changes(self, changes: list[Change]) -> None:
        produce, topic = self._producer.produce, self._changelog
        for count, (number, key, value) in enumerate(changes, start=1):
            try:
                produce(topic, value, key, number, on_delivery=self._answered)
            except BufferError:
                self._produce(topic, key, value, (), number)
            except KafkaException as error:
                raise translated(error.args[0]) from None
            if count % _SERVED_EVERY == 0:
                self._producer.poll(0)

    def _produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        number: int = ANY_PARTITION,
        answered: Callable[[KafkaError | None, Record], None] | None = None,
    ) -> None:
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    number,
                    on_delivery=answered or self._answered,
                    headers=list(headers),
                )
            except BufferError:
                self._producer.poll(_POLL_S)
                self._give_up()  # a sign of life; what is begun is sent whole
            except KafkaException as error:
                raise translated(error.args[0]) from None
            else:
                return

    def _answered(self, error: KafkaError | None, _: Record) -> None:
        if error is not None:
            self._failed.append(error)

    def _flush(self) -> None:
        """Wait until every record is answered.

        Raises:
            Aborted: one was not stored.
        """
        for _ in self._attempts():
            if not self._producer.flush(_CALL_S):
                break
        if self._failed:
            raise translated(self._failed[0], otherwise=Aborted)

    def _patiently(self, call: Callable[[float], None]) -> None:
        """Make a call again for as long as it may still work: a time-out tells no outcome."""
        for _ in self._attempts():
            try:
                call(_CALL_S)
            except KafkaException as failed:
                if not failed.args[0].retriable():
                    raise translated(failed.args[0]) from None
            else:
                return

    def _attempts(self) -> "Attempts":
        return Attempts(self._give_up, self._stuck)

    def close(self) -> None:
        """See `Store.close`."""
        self._producer.purge()
        self._producer.flush(_POLL_S)


class Attempts:
    """Endless attempts of a second each; ends with `GaveUp` a while after the end is asked for."""

    def __init__(self, give_up: GiveUp, stuck: Stuck) -> None:
        self._give_up = give_up
        self._stuck = stuck
        self._leaving: Deadline | None = None
        self._first = True

    def __iter__(self) -> "Attempts":
        return self

    def __next__(self) -> None:
        if not self._first:
            self._stuck()
        self._first = False
        if self._leaving is None and self._give_up():
            self._leaving = Deadline(_GRACE_S)
        if self._leaving is not None and self._leaving.expired:
            raise GaveUp(tr("brokers don't answer", "brokers não respondem"))


def _say_nothing() -> None:
    """Nobody listens yet."""


# What the dead-letter topic takes of one letter.
_LARGEST = DEAD_LETTER_MAX_BYTES


def first_fitting(forms: Sequence[Form], begin: int = 0) -> int:
    """Return which of a letter's forms, from `begin` on, the dead-letter topic takes."""
    fits = (n for n in range(begin, len(forms)) if size_of(forms[n]) <= _LARGEST)
    return next(fits, max(begin, len(forms) - 1))


def size_of(form: Form) -> int:
    """Return how many bytes a letter takes at most, uncompressed."""
    key, value, headers = form
    inside = sum(len(name) * 4 + len(text or b"") + _HEADER for name, text in headers)
    return _ENVELOPE + len(key or b"") + len(value or b"") + inside


def translated(error: KafkaError, otherwise: type[WorkshopError] = ServiceFailed) -> WorkshopError:
    """Return what the caller has to do about an error of a transaction."""
    if error.code() in _FENCED or (error.fatal() and "fenced" in error.str()):
        return Fenced(
            tr(
                "this instance's transactions were taken over or gave out ({reason}); a fresh "
                "start goes on after the last commit",
                "as transações desta instância foram assumidas por outra ou venceram ({reason}); "
                "uma nova partida continua após o último commit",
                reason=error.str(),
            )
        )
    if error.txn_requires_abort() or otherwise is Aborted or error.code() in _TOO_LARGE:
        return Aborted(error.str())
    return beyond_repair(error.str())
