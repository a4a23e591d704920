"""How long a restart takes whose state is large: profiles from a changelog nobody compacted.

The changelog of ten minutes at 1,000 transactions a second: each of 200,000 profiles three times,
as other accounts' real profiles. It has one replica, for writing it is not what is measured.
"""

import json
from dataclasses import replace
from itertools import chain

from benchmarks.monitor.figures import Result, Row, number
from benchmarks.monitor.ground import CONSUME, STORAGE, Ground, Process, history, new_group
from benchmarks.monitor.scale import Scale
from kafka_workshop.clock import Deadline
from kafka_workshop.domain.detector import Detector
from kafka_workshop.domain.rulebook import default_rules
from kafka_workshop.errors import ServiceFailed
from kafka_workshop.language import tr
from kafka_workshop.messaging import confluent
from kafka_workshop.messaging.admin import create_topics
from kafka_workshop.messaging.codec import decode
from kafka_workshop.messaging.topics import PARTITIONS, MonitorTopics, monitor_topics
from tests.support.topics import delete_topics

TIMES = 3  # each profile stands in the changelog
AIM_S, AIM_MB = 10, 500
_FOLDED_ACCOUNTS, _FOLDED = 1_000, 40_000
_FIRST = 1_000
_LONGEST_S = 120.0
_RESTORED = "state restored"


def run(ground: Ground, scale: Scale) -> Result:
    """Let a consumer begin, write the changelog behind it, and let it begin again."""
    profiles = scale.transactions
    ground.say(
        tr(
            "writing a changelog of {n} profiles, {times} times each",
            "gravando um changelog de {n} perfis, {times} vezes cada",
            n=number(profiles),
            times=TIMES,
        )
    )
    topic, group = ground.filled(_FOLDED_ACCOUNTS, _FIRST), new_group()
    _create(ground, topic, group)
    with ground.running(CONSUME, topic, group) as process:
        ground.follow(process, topic, group, _FIRST)
    size = _write(ground, MonitorTopics(topic, group).state, profiles)
    ground.say(tr("restoring it", "restaurando"))
    with ground.running(CONSUME, topic, group) as process:
        seconds, rss, keys = _restored(ground, process)
    delete_topics(ground.servers, f"{topic}.{group}")
    return _result(profiles, size, (seconds, rss, keys))


def _create(ground: Ground, topic: str, group: str) -> None:
    spec = monitor_topics(STORAGE, topic, group)[-1]
    own = {"min.insync.replicas": "1", "min.compaction.lag.ms": "3600000"}
    create_topics(ground.servers, [replace(spec, replication_factor=1, config=spec.config | own)])


def _write(ground: Ground, changelog: str, profiles: int) -> int:
    """Write every profile several times; return the bytes."""
    states, size = _states(), 0
    producer = confluent.open_producer(ground.servers, 10.0)
    for number_ in chain.from_iterable(range(profiles) for _ in range(TIMES)):
        state = states[number_ % len(states)]
        producer.send(changelog, b"P%07d" % number_, state, partition=number_ % PARTITIONS)
        producer.poll()
        size += len(state)
    missing = producer.flush(Deadline(_LONGEST_S))
    producer.close()
    if missing:
        raise ServiceFailed(tr("{n} not acknowledged", "{n} sem confirmação", n=missing))
    return size


def _states() -> list[bytes]:
    """Return the profiles of accounts with some forty transactions each."""
    detector, states = Detector(default_rules()), dict[bytes, bytes]()
    for key, value in history(_FOLDED_ACCOUNTS, _FOLDED):
        states[key], _ = detector.fold_encoded(states.get(key), decode(value))
    return list(states.values())


def _restored(ground: Ground, process: Process) -> tuple[float, int, int]:
    """Return the seconds that it tells, the largest resident memory in bytes, and the keys."""
    rss: list[int] = []

    def told() -> bool:
        rss.append(process.rss)
        return _RESTORED in process.said

    ground.wait(told, _LONGEST_S, process)
    rss.append(process.rss)
    line = next(line for line in process.said.splitlines() if _RESTORED in line)
    event = json.loads(line)
    return float(event["seconds"]), max(rss), int(event["keys"])


def _result(profiles: int, size: int, found: tuple[float, int, int]) -> Result:
    seconds, rss, keys = found
    if keys < profiles:
        raise ServiceFailed(f"{keys} < {profiles}")
    megabytes = rss / 1e6
    figures: dict[str, object] = {
        "profiles": profiles,
        "records": TIMES * profiles,
        "state_bytes": size,
        "seconds": seconds,
        "rss_bytes": rss,
    }
    return Result(
        figures,
        [
            Row(
                tr(
                    "restore of {n} profiles from {records} records",
                    "restauração de {n} perfis a partir de {records} registros",
                    n=number(profiles),
                    records=number(TIMES * profiles),
                ),
                f"{number(seconds, 1)} s",
                f"≤ {AIM_S} s",
            ),
            Row(
                tr("memory of the process after it", "memória do processo depois disso"),
                f"{number(megabytes)} MB",
                f"≤ {AIM_MB} MB",
            ),
        ],
    )
