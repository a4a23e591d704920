"""Why Kafka does not answer, or refused, in words a person can act on.

What went wrong is kept as a value and put into words when it is shown, because two browsers may
read it in two languages.
"""

from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException

from kafka_workshop.errors import WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.messaging.reach import Problem, probe


@dataclass(frozen=True)
class Failure:
    """Why the cluster could not be read: each bootstrap server and what came of it."""

    servers: tuple[tuple[str, Problem], ...]
    error: str

    def text(self) -> str:
        """Return one sentence for a person, in the language of this context."""
        return "; ".join(f"{server}: {problem.text()}" for server, problem in self.servers)


def diagnose(servers: tuple[str, ...], error: Exception) -> Failure:
    """Return why none of `servers` could be used, by connecting to each."""
    return Failure(tuple((server, probe(server)) for server in servers), str(error))


class Refused(WorkshopError):
    """Kafka refused what a person asked for, or did not confirm it in time."""


def refusal(error: KafkaError) -> Refused:
    """Return `error` as a sentence for a person; Kafka's own words where we know none."""
    sentence = _sentences().get(error.code())
    if sentence is not None:
        return Refused(sentence)
    return Refused(tr("Kafka refused: {reason}", "O Kafka recusou: {reason}", reason=error.str()))


def unread(error: KafkaError) -> Refused:
    """Return why something could not be read, as a sentence for a person."""
    if error.code() in _NO_ANSWER:
        return Refused(
            tr(
                "No broker answered in time; nothing was read.",
                "Nenhum broker respondeu a tempo; nada foi lido.",
            )
        )
    return refusal(error)


def kafka_error(exception: KafkaException) -> KafkaError:
    """Return the error that `exception` carries."""
    error = exception.args[0]
    return error if isinstance(error, KafkaError) else KafkaError(KafkaError.UNKNOWN, str(error))


_NO_ANSWER = frozenset(
    {
        KafkaError._TIMED_OUT,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT_QUEUE,
    }
)


def _sentences() -> dict[int, str]:
    return _said_about_answers() | _said_about_topics()


def _said_about_answers() -> dict[int, str]:
    silence = tr(
        "The brokers did not answer in time. Nothing is known about whether it was done.",
        "Os brokers não responderam a tempo. Não se sabe se a operação foi feita.",
    )
    return dict.fromkeys(_NO_ANSWER, silence) | {
        KafkaError._MSG_TIMED_OUT: tr(
            "No broker confirmed the message in time; it may still arrive.",
            "Nenhum broker confirmou a mensagem a tempo; ela ainda pode chegar.",
        ),
        KafkaError.NOT_ENOUGH_REPLICAS: tr(
            "Too few replicas are in sync: the topic's min.insync.replicas protects it.",
            "Poucas réplicas em sincronia: o min.insync.replicas do tópico o protege.",
        ),
        KafkaError.MSG_SIZE_TOO_LARGE: tr(
            "The message is larger than the topic allows (max.message.bytes).",
            "A mensagem é maior do que o tópico permite (max.message.bytes).",
        ),
        KafkaError.TOPIC_AUTHORIZATION_FAILED: tr(
            "Not allowed on this topic.",
            "Sem permissão neste tópico.",
        ),
    }


def _said_about_topics() -> dict[int, str]:
    return {
        KafkaError.TOPIC_ALREADY_EXISTS: tr(
            "A topic of this name exists already.",
            "Já existe um tópico com este nome.",
        ),
        KafkaError.UNKNOWN_TOPIC_OR_PART: tr(
            "This topic does not exist (any more).",
            "Este tópico não existe (mais).",
        ),
        KafkaError._UNKNOWN_TOPIC: tr(
            "This topic does not exist (any more).",
            "Este tópico não existe (mais).",
        ),
        KafkaError._UNKNOWN_PARTITION: tr(
            "The topic has no such partition.",
            "O tópico não tem essa partição.",
        ),
        KafkaError.LEADER_NOT_AVAILABLE: tr(
            "The partition has no leader at present; nothing was read.",
            "A partição está sem líder no momento; nada foi lido.",
        ),
        KafkaError.INVALID_REPLICATION_FACTOR: tr(
            "There are fewer brokers online than the replication factor asks for.",
            "Há menos brokers no ar do que o fator de replicação pede.",
        ),
    }
