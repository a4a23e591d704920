"""The one place that reads the environment: variables, their readers, and small frozen values."""

from kafka_workshop.settings.read import (
    apply_language,
    cluster_settings,
    console_settings,
    consumer_settings,
    log_settings,
    producer_settings,
)
from kafka_workshop.settings.values import (
    ClusterSettings,
    ConsoleSettings,
    ConsumerSettings,
    KafkaSettings,
    LogSettings,
    ProducerSettings,
)
from kafka_workshop.settings.variables import (
    BOOTSTRAP_SERVERS,
    BROKER_PORTS,
    CONSOLE_PORT,
    CONSUMER_GROUP,
    PROJECT_FOLDER,
    STORAGE,
    TOPIC,
    VARIABLES,
    WORKSHOP_DATA,
    ZOOKEEPER_PORT,
    Environment,
    Variable,
)

__all__ = [
    "BOOTSTRAP_SERVERS",
    "BROKER_PORTS",
    "CONSOLE_PORT",
    "CONSUMER_GROUP",
    "PROJECT_FOLDER",
    "STORAGE",
    "TOPIC",
    "VARIABLES",
    "WORKSHOP_DATA",
    "ZOOKEEPER_PORT",
    "ClusterSettings",
    "ConsoleSettings",
    "ConsumerSettings",
    "Environment",
    "KafkaSettings",
    "LogSettings",
    "ProducerSettings",
    "Variable",
    "apply_language",
    "cluster_settings",
    "console_settings",
    "consumer_settings",
    "log_settings",
    "producer_settings",
]
