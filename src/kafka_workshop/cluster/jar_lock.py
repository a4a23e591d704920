"""Makes the jar lock: resolves Kafka's and ZooKeeper's jars once, for the developer's `lock`.

Installing never comes here: it reads the lock.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kafka_workshop.cluster.artefacts import THREADS, Jar

KAFKA_VERSION = "3.9.2"
ZOOKEEPER_VERSION = "3.8.6"
# Kafka logs through slf4j 1.7 and reload4j; this is the one backend on the class path.
BACKEND = ("org.slf4j:slf4j-reload4j:1.7.36", "ch.qos.reload4j:reload4j:1.2.25")
KAFKA = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", *BACKEND)
ZOOKEEPER = (f"org.apache.zookeeper:zookeeper:{ZOOKEEPER_VERSION}",)
# A second slf4j backend would make every broker log at DEBUG; the others are test libraries that
# ZooKeeper's POM declares by mistake.
EXCLUDED_GROUPS = {"ch.qos.logback", "net.bytebuddy", "org.mockito", "org.objenesis"}
PINNED = {"org.slf4j:slf4j-api": "1.7.36"}


def resolve() -> tuple[Jar, ...]:
    """Resolve, download and hash every jar; takes about a minute and needs the network."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - only developers come here

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=60)
        # ZooKeeper is resolved apart: Kafka pins an older one, the newest version of each wins.
        chosen = _newest([*_resolve(context, KAFKA), *_resolve(context, ZOOKEEPER)])
        with ThreadPoolExecutor(THREADS) as pool:
            return tuple(sorted(pool.map(_hashed, chosen), key=lambda jar: jar.coordinates))


def _resolve(context: Any, coordinates: Iterable[str]) -> list[Any]:
    inputs, transitive = context.resolver.resolve(
        [context.create_dependency(each) for each in coordinates]
    )
    return [*inputs, *transitive]


def _newest(dependencies: Iterable[Any]) -> list[Any]:
    chosen: dict[str, Any] = {}
    for dependency in dependencies:
        name = f"{dependency.groupId}:{dependency.artifactId}"
        if dependency.groupId in EXCLUDED_GROUPS or _unpinned(name, dependency.version):
            continue
        if name not in chosen or _order(dependency) > _order(chosen[name]):
            chosen[name] = dependency
    return list(chosen.values())


def _unpinned(name: str, version: str) -> bool:
    return PINNED.get(name, version) != version


def _order(dependency: Any) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", dependency.version)]


def _hashed(dependency: Any) -> Jar:
    path = Path(dependency.artifact.resolve())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Jar(
        dependency.groupId,
        dependency.artifactId,
        dependency.version,
        digest,
        path.stat().st_size,
    )


def render(jars: Iterable[Jar]) -> str:
    """Return the lock's text."""
    header = (
        "# Made by: ./workshop lock\n"
        f"# Kafka {KAFKA_VERSION} with ZooKeeper {ZOOKEEPER_VERSION}. "
        "Each line: group:artifact:version sha256 bytes\n"
    )
    return header + "".join(f"{jar.coordinates} {jar.sha256} {jar.size}\n" for jar in jars)
