"""What a setting may be: refused here with the value and what is allowed, before a broker is asked.

Kafka has the last word. What it leaves open, or says in terms of its own code, is said here.
"""

import math
import re
from dataclasses import dataclass

from kafka_workshop.console.managing.settings import Kind, Setting
from kafka_workshop.console.outgoing import NotAllowed
from kafka_workshop.language import tr

_LONGEST = 1_000
_WHOLE = {"SHORT": 2**15 - 1, "INT": 2**31 - 1, "LONG": 2**63 - 1}
# Lowest and highest value, both allowed; without a highest it is that of the type.
_RANGES: dict[str, tuple[int, int | None]] = {
    "delete.retention.ms": (0, None),
    "file.delete.delay.ms": (0, None),
    "flush.messages": (1, None),
    "flush.ms": (0, None),
    "index.interval.bytes": (0, None),
    "max.compaction.lag.ms": (1, None),
    "max.message.bytes": (0, None),
    "message.timestamp.after.max.ms": (0, None),
    "message.timestamp.before.max.ms": (0, None),
    "min.compaction.lag.ms": (0, None),
    "min.insync.replicas": (1, None),
    "retention.bytes": (-1, None),
    "retention.ms": (-1, None),
    "segment.bytes": (2**20, None),  # Kafka 4's; 3.9 would take 14 bytes, and a file a message
    "segment.index.bytes": (4, None),
    "segment.jitter.ms": (0, None),
    "segment.ms": (1, None),
}
_CHOICES = {
    "cleanup.policy": ("delete", "compact"),
    "compression.type": ("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"),
    "message.timestamp.type": ("CreateTime", "LogAppendTime"),
}
# With a wrong one of these nobody can reach the broker any more, to set it right again either.
_UNTOUCHED = re.compile(r"(advertised\.)?listener|.*\bssl\.|.*\bsasl\.|principal\.|password\.")


@dataclass(frozen=True)
class Change:
    """A setting of `name` (a topic, or a broker's id) as asked for; `None` takes its value away.

    `replicas` is how many replicas a partition of the topic has.
    """

    kind: Kind
    name: str
    setting: str
    value: str | None
    replicas: int | None = None

    @property
    def label(self) -> str:
        """What is asked for, on one line.

        >>> Change("topic", "orders", "retention.ms", None).label
        'orders: retention.ms removed'
        """
        wish = "removed" if self.value is None else f"= {self.value}"
        return f"{self.name}: {self.setting} {wish}"


def editable(kind: Kind, setting: Setting) -> bool:
    """Return whether it may be changed here."""
    if kind == "topic":
        return not setting.sensitive
    return not (setting.read_only or setting.sensitive or _UNTOUCHED.match(setting.name))


def check(setting: Setting, value: str, replicas: int | None = None) -> None:
    """Refuse a value that the setting can't have.

    Raises:
        NotAllowed: the text names the setting, the value and what is allowed.
    """
    if len(value) > _LONGEST or not value.isprintable():
        said = tr(
            "at most {n} characters, none of them invisible",
            "no máximo {n} caracteres, nenhum deles invisível",
            n=_LONGEST,
        )
        raise _refused(setting.name, value[:40], said)
    if setting.name in _CHOICES:
        _check_choice(setting, value)
    elif setting.type == "BOOLEAN":
        _one_of(setting.name, value, ("true", "false"))
    elif setting.type in _WHOLE:
        _check_whole(setting, value, replicas)
    elif setting.type == "DOUBLE":
        _check_number(setting.name, value)


def _check_choice(setting: Setting, value: str) -> None:
    several = setting.type == "LIST"
    for each in value.split(",") if several else (value,):
        _one_of(setting.name, each.strip() if several else each, _CHOICES[setting.name])


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise _refused(name, value, ", ".join(allowed))


def _check_whole(setting: Setting, value: str, replicas: int | None) -> None:
    low, high = _RANGES.get(setting.name, (-_WHOLE[setting.type] - 1, None))
    most = _WHOLE[setting.type] if high is None else high
    if setting.name == "min.insync.replicas" and replicas:
        most = replicas  # beyond that nobody who wants `acks=all` could write
    if re.fullmatch(r"-?[0-9]{1,19}", value) and low <= int(value) <= most:
        return
    said = tr(
        "a whole number from {low} to {high}",
        "um número inteiro de {low} a {high}",
        low=low,
        high=most,
    )
    if low == -1:
        said = tr("{range} (-1: no limit)", "{range} (-1: sem limite)", range=said)
    raise _refused(setting.name, value, said)


def _check_number(name: str, value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    share = name.endswith(".ratio")
    if not math.isfinite(number):
        raise _refused(name, value, tr("a number", "um número"))
    if share and not 0 <= number <= 1:
        raise _refused(name, value, tr("a number from 0 to 1", "um número de 0 a 1"))


def _refused(name: str, value: str, allowed: str) -> NotAllowed:
    return NotAllowed(
        tr(
            "{name}={value} is not allowed. Allowed: {allowed}.",
            "{name}={value} não é permitido. Permitido: {allowed}.",
            name=name,
            value=value,
            allowed=allowed,
        )
    )
