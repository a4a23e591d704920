"""The topic of a data set: named after its file, or as somebody wants."""

import re
from pathlib import Path

from kafka_workshop.errors import UserError
from kafka_workshop.language import tr
from kafka_workshop.messaging.topics import TRANSACTIONS

# Kafka takes 249 characters; the monitor's topics are named after the topic and its group, which
# is named after the topic as well.
MAX_TOPIC = 100
_NAME = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_TOPIC}}}")


class InvalidTopic(UserError):
    """A data set can't have this topic."""


def topic_of(path: Path) -> str:
    """Return the topic that a file gets if nobody names one.

    >>> topic_of(Path("data/Fraud train (1).csv")), topic_of(Path("données.csv"))
    ('replay-Fraud-train-1', 'replay-donn-es')
    """
    name = re.sub(r"[^A-Za-z0-9_]+", "-", path.stem).strip("-")
    return f"replay-{name}"[:MAX_TOPIC].strip("-")


def checked(topic: str) -> str:
    """Return a topic's name if a data set may have it.

    Raises:
        InvalidTopic: it may not.
    """
    if topic == TRANSACTIONS:
        raise InvalidTopic(
            tr(
                "--topic {topic}: the producer's own topic; a data set has one of its own",
                "--topic {topic}: é o tópico do producer; um conjunto de dados tem o seu próprio",
                topic=topic,
            )
        )
    if not _NAME.fullmatch(topic) or topic in {".", ".."}:
        raise InvalidTopic(
            tr(
                "--topic {topic!r} is not allowed: 1 to {most} letters, digits, '.', '_' or '-'",
                "--topic {topic!r} não é permitido: de 1 a {most} letras, dígitos, '.', '_' ou '-'",
                topic=topic,
                most=MAX_TOPIC,
            )
        )
    return topic
