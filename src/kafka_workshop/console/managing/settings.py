"""What a topic or a broker is set to, where each value comes from, and what it would be without.

Asked through kafka-python: librdkafka's Python client folds the values of one name into one, so the
broker's own value would be lost behind Kafka's default.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from confluent_kafka import KafkaError as ClientError
from kafka.admin import ConfigResource
from kafka.errors import KafkaError

from kafka_workshop.console.diagnosis import refusal
from kafka_workshop.console.managing.question import ask

Kind = Literal["topic", "broker"]
# Nearest first: the topic itself, one broker while it runs, all brokers while they run, the
# broker's properties file, Kafka.
Source = Literal["topic", "broker", "brokers", "file", "default", ""]
_SOURCES: dict[str, Source] = {
    "DYNAMIC_TOPIC_CONFIG": "topic",
    "DYNAMIC_BROKER_CONFIG": "broker",
    "DYNAMIC_DEFAULT_BROKER_CONFIG": "brokers",
    "STATIC_BROKER_CONFIG": "file",
    "DEFAULT_CONFIG": "default",
}
_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
# Brokers have several names for these, each with a unit, and then tell a topic nothing of them.
INHERITED: dict[str, tuple[tuple[str, int], ...]] = {
    "retention.ms": (
        ("log.retention.ms", 1),
        ("log.retention.minutes", _MINUTE_MS),
        ("log.retention.hours", _HOUR_MS),
    ),
    "segment.ms": (("log.roll.ms", 1), ("log.roll.hours", _HOUR_MS)),
    "segment.jitter.ms": (("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", _HOUR_MS)),
    "flush.ms": (("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)),
}


@dataclass(frozen=True)
class Setting:
    """One setting of a topic or a broker.

    `value` is `None` where it is secret or not set. `otherwise` is what it would be without the
    value that is set here, and `otherwise_from` where that comes from: both empty if not known.
    `type` is Kafka's word for what it may hold, like `LONG`.
    """

    name: str
    value: str | None
    source: Source
    otherwise: str | None = None
    otherwise_from: Source = ""
    read_only: bool = False
    sensitive: bool = False
    type: str = "STRING"

    @property
    def own(self) -> bool:
        """Whether it is set here: only then can it be taken away."""
        return self.source in {"topic", "broker"}


def topic_settings(servers: tuple[str, ...], topic: str, broker: int | None) -> tuple[Setting, ...]:
    """Return all settings of a topic; `broker` is one that is online, asked for what it inherits.

    Raises:
        Refused: there is no such topic, or no broker answered in time.
    """
    return ask(servers, partial(_topic_settings, topic, broker))


def broker_settings(servers: tuple[str, ...], broker: int) -> tuple[Setting, ...]:
    """Return all settings of a broker.

    Raises:
        Refused: that broker did not answer in time.
    """
    return ask(servers, partial(_broker_settings, broker))


def _topic_settings(topic: str, broker: int | None, admin: Any) -> tuple[Setting, ...]:
    settings = _described(admin, "topic", topic)
    if not settings:
        raise refusal(ClientError(ClientError.UNKNOWN_TOPIC_OR_PART))
    if broker is None:
        return settings
    names = [name for names in INHERITED.values() for name, _ in names]
    with suppress(KafkaError):  # it dies at this moment: then what is inherited stays unknown
        settings = inherit(settings, _described(admin, "broker", str(broker), names))
    return settings


def _broker_settings(broker: int, admin: Any) -> tuple[Setting, ...]:
    return _described(admin, "broker", str(broker))


def _described(
    admin: Any, kind: Kind, name: str, only: Sequence[str] | None = None
) -> tuple[Setting, ...]:
    wanted = [ConfigResource(kind.upper(), name, only)]
    found = admin.describe_configs(wanted, include_synonyms=True, config_filter="all")
    return settings_of(kind, found.get(kind, {}).get(name, {}))


def settings_of(kind: Kind, described: Mapping[str, Mapping[str, Any]]) -> tuple[Setting, ...]:
    """Return the settings that a broker described, by name."""
    return tuple(_setting(kind, name, told) for name, told in sorted(described.items()))


def _setting(kind: Kind, name: str, told: Mapping[str, Any]) -> Setting:
    secret = bool(told.get("is_sensitive"))
    values = [
        (_SOURCES.get(each["source"], ""), None if secret else each["value"])
        for each in told.get("synonyms") or ()
    ]
    source = _SOURCES.get(told["config_source"], "")
    # A broker's own levels are its file and what was changed while it runs: beside these stands
    # what Kafka itself would choose.
    above = ("topic",) if kind == "topic" else ("broker", "brokers", "file")
    below = next((v for v in values if v[0] not in above), None)
    if below is None and source == "default":
        below = (source, None if secret else told["value"])
    return Setting(
        name,
        None if secret else told["value"],
        source,
        below[1] if below else None,
        below[0] if below else "",
        bool(told.get("read_only")),
        secret,
        str(told.get("config_type") or "STRING"),
    )


def inherit(settings: Iterable[Setting], brokers: Iterable[Setting]) -> tuple[Setting, ...]:
    """Return a topic's settings, filled up with what only a broker's names tell."""
    known = {setting.name: setting for setting in brokers}
    return tuple(_inherited(setting, known) for setting in settings)


def _inherited(setting: Setting, brokers: Mapping[str, Setting]) -> Setting:
    if setting.otherwise_from and setting.source != "default":
        return setting
    for name, factor in INHERITED.get(setting.name, ()):
        found = brokers.get(name)
        if found is not None and found.value is not None and found.value.lstrip("-").isdigit():
            value = int(found.value)
            shown = str(value * factor if value > 0 else value)
            source = found.source
            changed = replace(setting, otherwise=shown, otherwise_from=source)
            return changed if setting.own else replace(changed, source=source)
    return setting
