"""Makes the jar locks: resolves the servers' jars once, for the developer's `lock`.

Installing never comes here: it reads the locks.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_workshop.cluster.artefacts import THREADS, Jar


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a jar lock is made of.

    Attributes:
        title: what it holds, for the lock's head.
        roots: coordinates, each tuple resolved apart; the newest version of each jar wins.
        excluded: groups, or `group:artifact`, left out with no harm to a broker.
        pinned: `group:artifact` -> the one version that is taken.
    """

    title: str
    roots: tuple[tuple[str, ...], ...]
    excluded: frozenset[str]
    pinned: dict[str, str]


ZOOKEEPER_RECIPE = Recipe(
    title="Kafka 3.9.2 with ZooKeeper 3.8.6",
    roots=(
        (
            "org.apache.kafka:kafka_2.13:3.9.2",
            # Kafka logs through slf4j 1.7 and reload4j; this is the one backend on the class path.
            "org.slf4j:slf4j-reload4j:1.7.36",
            "ch.qos.reload4j:reload4j:1.2.25",
        ),
        # Resolved apart: Kafka pins an older one.
        ("org.apache.zookeeper:zookeeper:3.8.6",),
    ),
    # A second slf4j backend would make every broker log at DEBUG; the others are test libraries
    # that ZooKeeper's POM declares by mistake.
    excluded=frozenset({"ch.qos.logback", "net.bytebuddy", "org.mockito", "org.objenesis"}),
    pinned={"org.slf4j:slf4j-api": "1.7.36"},
)
KRAFT_RECIPE = Recipe(
    title="Kafka 4.4.0 with KRaft",
    roots=(
        ("org.apache.kafka:kafka_2.13:4.4.0",),
        # The one slf4j backend, of the version of log4j that Kafka brings.
        ("org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",),
    ),
    # Only for a log4j configuration in YAML: ours are properties.
    excluded=frozenset({"com.fasterxml.jackson.dataformat", "org.yaml"}),
    pinned={"org.slf4j:slf4j-api": "1.7.36"},
)


def resolve(recipe: Recipe) -> tuple[Jar, ...]:
    """Resolve, download and hash every jar; takes about a minute and needs the network."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - only developers come here

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=60)
        found = [jar for roots in recipe.roots for jar in _resolve(context, roots)]
        with ThreadPoolExecutor(THREADS) as pool:
            hashed = pool.map(_hashed, _chosen(found, recipe))
            return tuple(sorted(hashed, key=lambda jar: jar.coordinates))


def _resolve(context: Any, coordinates: Iterable[str]) -> list[Any]:
    inputs, transitive = context.resolver.resolve(
        [context.create_dependency(each) for each in coordinates]
    )
    return [*inputs, *transitive]


def _chosen(dependencies: Iterable[Any], recipe: Recipe) -> list[Any]:
    chosen: dict[str, Any] = {}
    for dependency in dependencies:
        name = f"{dependency.groupId}:{dependency.artifactId}"
        unwanted = recipe.excluded & {dependency.groupId, name}
        if unwanted or recipe.pinned.get(name, dependency.version) != dependency.version:
            continue
        if name not in chosen or _order(dependency) > _order(chosen[name]):
            chosen[name] = dependency
    return list(chosen.values())


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


def render(jars: Iterable[Jar], title: str) -> str:
    """Return the lock's text."""
    header = (
        f"# Made by: ./workshop lock\n# {title}. Each line: group:artifact:version sha256 bytes\n"
    )
    return header + "".join(f"{jar.coordinates} {jar.sha256} {jar.size}\n" for jar in jars)
