"""Whether memory stays the same: one process, 5,000 transactions a second, for minutes."""

import threading
import time

from benchmarks.monitor.figures import Result, Row, grown, number
from benchmarks.monitor.ground import Asker, Ground, Process, new_group
from benchmarks.monitor.live import send_live
from benchmarks.monitor.scale import Scale
from kafka_workshop.language import tr
from tests.support.topics import delete_topics

PER_SECOND, SECONDS = 5_000, 60.0
FULL_SECONDS = 600
_EVERY_S, _CAUGHT_UP_S = 1.0, 30.0


class Watcher:
    """Notes the memory of a process each second, in a thread of its own."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.rss: list[int] = []

    def _watch(self) -> None:
        while not self._process.ended and not self._end.wait(_EVERY_S):
            self.rss.append(self._process.rss)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def run(ground: Ground, scale: Scale) -> Result:
    """Send at an even rate, watch, and see that the process has kept up."""
    seconds = scale.seconds or SECONDS
    ground.say_rate(PER_SECOND, seconds)
    topic, group = ground.new_topic(), new_group()
    with ground.ready(topic, group) as process, Watcher(process) as watcher:
        sent = send_live(ground.servers, topic, PER_SECOND, seconds)
        behind = _behind(ground, process, (topic, group), sent)
    delete_topics(ground.servers, topic)
    return _result(watcher.rss, seconds, behind)


def _behind(ground: Ground, process: Process, names: tuple[str, str], sent: int) -> float:
    """Return the seconds until all that was sent is committed."""
    asker, began = Asker(ground.servers, *names), time.monotonic()
    with asker.opened():
        ground.wait(lambda: asker.done() >= sent, _CAUGHT_UP_S, process)
    return time.monotonic() - began


def _result(rss: list[int], seconds: float, behind: float) -> Result:
    more = grown(rss)
    figures: dict[str, object] = {
        "seconds": seconds,
        "per_second": PER_SECOND,
        "rss_bytes": rss,
        "grown_bytes": more,
        "behind_s": round(behind, 2),
    }
    name = tr(
        "memory after {seconds} s at {rate} a second; growth in the second half",
        "memória após {seconds} s a {rate} por segundo; crescimento na segunda metade",
        seconds=number(seconds),
        rate=number(PER_SECOND),
    )
    measured = f"{number(rss[-1] / 1e6)} MB; {number(more / 1e6, 1)} MB"
    return Result(figures, [Row(name, measured, tr("flat", "estável"))])
