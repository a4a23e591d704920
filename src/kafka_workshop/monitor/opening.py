"""Opens a stage of the monitor: its fold, its topics, its place in its group."""

import gc
import secrets
from typing import Any, NamedTuple

from kafka_workshop.domain.alert import Alert
from kafka_workshop.domain.risk import Model
from kafka_workshop.domain.risk.model import BUILT_IN
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.admin import await_everywhere, create_topics, leaders
from kafka_workshop.messaging.client import GiveUp
from kafka_workshop.messaging.factory import ensure_topics, open_stage_reader, open_stage_writer
from kafka_workshop.messaging.topics import MonitorTopics, labels_topic, monitor_topics
from kafka_workshop.monitor import account, merchant
from kafka_workshop.monitor.risk.model import load_model
from kafka_workshop.monitor.rules import load_rules
from kafka_workshop.monitor.stage.failpoints import Failpoint
from kafka_workshop.monitor.stage.passing import Passage
from kafka_workshop.monitor.stage.restore import Source
from kafka_workshop.monitor.stage.stage import Stage
from kafka_workshop.monitor.stage.transaction import AtLeastOnce, ExactlyOnce, Names
from kafka_workshop.monitor.stage.values import Fold
from kafka_workshop.monitor.stage.watchdog import Watchdog
from kafka_workshop.settings import EXACTLY_ONCE, MERCHANT, ConsumerSettings, KafkaSettings

# Whatever the stage, its result is alerts; its events are its own.
MonitorStage = Stage[Any, list[Alert]]
# So many more than were let go, before the collector looks for cycles among them.
_NEW_OBJECTS = 50_000


class Role(NamedTuple):
    """What one stage reads, as which group, and what it does with it."""

    group: str
    names: Names
    fold: Fold[Any, list[Alert]]
    passage: Passage | None = None


def role_of(settings: ConsumerSettings, book: RuleBook, model: Model = BUILT_IN) -> Role:
    """Return the role that the settings ask for, once its topics exist.

    Raises:
        Unavailable: not now; try again later.
    """
    kafka, topics = settings.kafka, MonitorTopics(settings.kafka.topic, settings.group)
    if settings.stage == MERCHANT:
        names = Names(topics.by_merchant, topics.merchant_state)
        return Role(topics.merchant_group, names, merchant.MerchantFold(book, topics, model))
    fold, labels = account.AccountFold(book, topics, model), labels_topic(kafka.topic)
    counts = _partitions(kafka, labels), _partitions(kafka, kafka.topic)
    passage = Passage(labels, fold.labels, *counts)
    return Role(settings.group, Names(kafka.topic, topics.state, labels), fold, passage)


def open_stage(settings: ConsumerSettings, give_up: GiveUp, logger: Logger) -> MonitorStage:
    """Return a stage that has reached the brokers and is about to join its group.

    Raises:
        InvalidRules, InvalidModel: their file says something that is not allowed.
        Unavailable: not now (`BrokersUnavailable`: no broker answered); try again later.
    """
    kafka, book, model = settings.kafka, load_rules(settings.rules), load_model(settings.model)
    ensure_stage_topics(kafka, settings.group)
    role = role_of(settings, book, model)
    await_everywhere(kafka.bootstrap_servers, role.names.topic)
    writer = open_stage_writer(kafka, _transactional_id(settings))
    consumer = open_stage_reader(kafka, role.group, settings.instance)
    exactly_once, watchdog = settings.processing == EXACTLY_ONCE, Watchdog()
    fold, names = role.fold, role.names
    source = Source(
        kafka.bootstrap_servers,
        names.topic,
        names.changelog,
        fold.schema,
        fold.rules,
        offsets_may_lag=not exactly_once,
    )
    store = (ExactlyOnce if exactly_once else AtLeastOnce)(
        writer,
        consumer,
        names,
        Failpoint(*settings.failpoint),
        watchdog.hears(give_up),
    )
    # What a message makes goes with its last reference. So the search for cycles, a seventh of the
    # time it takes to process one, finds nothing: it is made rarely.
    gc.set_threshold(_NEW_OBJECTS)
    stage = Stage(source, fold, consumer, store, watchdog, logger, role.passage)
    stage.join()
    return stage


def ensure_stage_topics(kafka: KafkaSettings, group: str) -> None:
    """Create what is missing of the topics; the changelog has the input's partitions.

    Raises:
        Unavailable: not now; try again later.
    """
    ensure_topics(kafka)
    partitions = _partitions(kafka, kafka.topic)
    specs = monitor_topics(kafka.storage, kafka.topic, group, partitions)
    create_topics(kafka.bootstrap_servers, specs)


def _partitions(kafka: KafkaSettings, topic: str) -> int:
    partitions = len(leaders(kafka.bootstrap_servers, topic))
    if partitions == 0:
        # Somebody has just made it, and this broker has not heard of that.
        raise Unavailable(
            tr(
                "topic {topic} is not known to every broker yet",
                "o tópico {topic} ainda não é conhecido por todos os brokers",
                topic=topic,
            )
        )
    return partitions


def _transactional_id(settings: ConsumerSettings) -> str:
    if settings.processing != EXACTLY_ONCE:
        return ""
    # Without a name of its own each start is an instance of its own: nobody is fenced by chance,
    # and what a killed one left open ends with its time-out.
    instance = settings.instance or secrets.token_hex(8)
    return f"{settings.kafka.topic}.{settings.group}.{settings.stage}.{instance}"
