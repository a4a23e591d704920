"""Stage account: the detector as the fold of a stage, and what the stage is opened with."""

import secrets
from collections.abc import Iterable, Mapping

from confluent_kafka import Consumer, KafkaException, Producer
from msgspec import Struct, msgpack, structs

from kafka_workshop.domain.alert import Alert, Source
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.profile import SCHEMA, TIME_TO_LIVE_MS
from kafka_workshop.domain.rulebook import RuleBook
from kafka_workshop.domain.transaction import Transaction
from kafka_workshop.errors import Unavailable, Undecodable
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging import config
from kafka_workshop.messaging.admin import PROBE_S, create_topics, leaders
from kafka_workshop.messaging.alert_codec import encode_alert
from kafka_workshop.messaging.client import GiveUp, Message, no_broker
from kafka_workshop.messaging.factory import ensure_topics
from kafka_workshop.messaging.topics import MonitorTopics, monitor_topics
from kafka_workshop.monitor.classes import FROM_THE_FUTURE
from kafka_workshop.monitor.kpis import AccountCounts
from kafka_workshop.monitor.rules import load_rules
from kafka_workshop.monitor.stage import restore
from kafka_workshop.monitor.stage.failpoints import Failpoint
from kafka_workshop.monitor.stage.stage import Stage
from kafka_workshop.monitor.stage.transaction import AtLeastOnce, ExactlyOnce
from kafka_workshop.monitor.stage.values import Output
from kafka_workshop.monitor.stage.watchdog import Watchdog
from kafka_workshop.settings import EXACTLY_ONCE, ConsumerSettings, KafkaSettings

AccountStage = Stage[Transaction, list[Alert]]
# An event so far ahead of its sending would make every later one of the account late.
MOST_AHEAD_MS = 24 * 3600 * 1000


class _Latest(Struct, array_like=True):
    """The first field of a profile, the rest unread."""

    latest: int


_decoder = msgpack.Decoder(_Latest)


class AccountFold:
    """Folds transactions into the profiles of their accounts."""

    schema = SCHEMA

    def __init__(self, book: RuleBook, topics: MonitorTopics) -> None:
        self._detector = Detector(book)
        self._topics = topics
        self.rules = book.rules_version

    def key(self, event: Transaction) -> bytes:
        """Return the account."""
        return event.account_id.encode()

    def fold(
        self, state: bytes | None, event: Transaction, message: Message
    ) -> tuple[bytes, list[Alert]]:
        """Return the account's new profile and the alerts, which name their source.

        Raises:
            Undecodable: the event's own time is over a day ahead of its sending.
        """
        ahead = event.occurred_at - message.timestamp_ms
        if ahead > MOST_AHEAD_MS:
            reason = f"occurred_at is {ahead // 1000} s ahead of the record's timestamp"
            raise Undecodable(FROM_THE_FUTURE, reason)
        encoded, alerts = self._detector.fold_encoded(state, event)
        if alerts:
            at = Source(message.topic, message.partition, message.offset)
            alerts = [structs.replace(alert, source=at) for alert in alerts]
        return encoded, alerts

    def obsolete(self, states: Mapping[bytes, bytes]) -> list[bytes]:
        """Return the accounts that were silent for twice the time to live of a profile.

        Their next transaction finds a fresh profile, with or without the old one; only one that is
        over `TIME_TO_LIVE_MS` late in its partition could tell.
        """
        latest = {key: _decoder.decode(state).latest for key, state in states.items()}
        oldest = max(latest.values(), default=0) - 2 * TIME_TO_LIVE_MS
        return [key for key, at in latest.items() if at < oldest]

    def outputs(self, result: list[Alert]) -> Iterable[Output]:
        """Return the alerts' records, keyed by account."""
        return [
            Output(self._topics.alerts, alert.account_id.encode(), encode_alert(alert))
            for alert in result
        ]

    def counts(self) -> AccountCounts:
        """Return fresh counts."""
        return AccountCounts(self._topics.kpis)


def open_stage(settings: ConsumerSettings, give_up: GiveUp, logger: Logger) -> AccountStage:
    """Return a stage that has reached the brokers and is about to join its group.

    Raises:
        InvalidRules: the rules' file says something that is not allowed.
        Unavailable: not now (`BrokersUnavailable`: no broker answered); try again later.
    """
    kafka, topics = settings.kafka, MonitorTopics(settings.kafka.topic, settings.group)
    fold = AccountFold(load_rules(settings.rules), topics)
    ensure_stage_topics(kafka, settings.group)
    consumer = _consumer(kafka, settings)
    exactly_once, watchdog = settings.processing == EXACTLY_ONCE, Watchdog()
    source = restore.Source(
        kafka.bootstrap_servers, kafka.topic, topics.state, SCHEMA, fold.rules, not exactly_once
    )
    store = (ExactlyOnce if exactly_once else AtLeastOnce)(
        _producer(settings),
        consumer,
        (kafka.topic, topics.state),
        Failpoint(*settings.failpoint),
        watchdog.hears(give_up),
    )
    stage = Stage(source, fold, consumer, store, watchdog, logger)
    stage.join()
    return stage


def ensure_stage_topics(kafka: KafkaSettings, group: str) -> None:
    """Create what is missing of the topics; the changelog has the input's partitions.

    Raises:
        Unavailable: not now; try again later.
    """
    ensure_topics(kafka)
    partitions = len(leaders(kafka.bootstrap_servers, kafka.topic))
    if partitions == 0:
        # Somebody has just made it, and this broker has not heard of that.
        raise Unavailable(
            tr(
                "topic {topic} is not known to every broker yet",
                "o tópico {topic} ainda não é conhecido por todos os brokers",
                topic=kafka.topic,
            )
        )
    specs = monitor_topics(kafka.storage, kafka.topic, group, partitions)
    create_topics(kafka.bootstrap_servers, specs)


def _consumer(kafka: KafkaSettings, settings: ConsumerSettings) -> Consumer:
    member = config.stage_consumer(kafka.bootstrap_servers, settings.group, settings.instance)
    consumer = Consumer(member, logger=config.LIBRDKAFKA_LOG)
    try:
        consumer.list_topics(timeout=PROBE_S)
    except KafkaException:
        consumer.close()
        raise no_broker(kafka.bootstrap_servers) from None
    return consumer


def _producer(settings: ConsumerSettings) -> Producer:
    servers = settings.kafka.bootstrap_servers
    if settings.processing != EXACTLY_ONCE:
        return Producer(config.confluent_producer(servers), logger=config.LIBRDKAFKA_LOG)
    # Without a name of its own each start is an instance of its own: nobody is fenced by chance,
    # and what a killed one left open ends with its time-out.
    instance = settings.instance or secrets.token_hex(8)
    name = f"{settings.kafka.topic}.{settings.group}.account.{instance}"
    transactional = config.confluent_transactional(servers, name)
    return Producer(transactional, logger=config.LIBRDKAFKA_LOG)
