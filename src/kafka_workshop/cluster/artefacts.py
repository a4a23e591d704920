"""Kafka's and ZooKeeper's jars: a lock, a cache, checksums.

The lock names every jar by its Maven coordinates, sha256 and size, so installing resolves nothing:
it fetches what the cache lacks, several at a time, through jgo's Maven layer.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_workshop.errors import ArtefactError
from kafka_workshop.language import tr

THREADS = 8
NETWORK_TIMEOUT_S = 30

Progress = Callable[[int], None]
"""Called with the number of bytes that have just arrived, from any thread."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar of the lock; `size` in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """Name in the cache; the checksum in it keeps two locks from sharing a wrong file."""
        return f"{self.artifact}-{self.version}-{self.sha256[:12]}.jar"

    @property
    def coordinates(self) -> str:
        """Maven's `group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"


def read_lock(path: Path) -> tuple[Jar, ...]:
    """Read a jar lock: a line a jar, `group:artifact:version sha256 bytes`; `#` comments.

    Raises:
        ArtefactError: the file is not a jar lock.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(_parse_line(line) for line in lines if line and not line.startswith("#"))
    except (OSError, ValueError) as error:
        raise ArtefactError(
            tr(
                "{path} is not a readable jar lock: {error}",
                "{path} não é um lock de jars legível: {error}",
                path=path,
                error=error,
            )
        ) from error


def _parse_line(line: str) -> Jar:
    coordinates, sha256, size = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256, int(size))


class JarCache:
    """A `folder` of checked jars, shared by every cluster of this user.

    `repositories` maps names to Maven repositories; None means the one that jgo has built in.
    """

    def __init__(self, folder: Path, repositories: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._repositories = dict(repositories) if repositories else None

    def path(self, jar: Jar) -> Path:
        """Where `jar` is, or will be."""
        return self.folder / jar.filename

    def classpath(self, jars: tuple[Jar, ...]) -> str:
        """Return Java's class path for `jars`."""
        return os.pathsep.join(str(self.path(jar)) for jar in jars)

    def missing(self, jars: tuple[Jar, ...]) -> tuple[Jar, ...]:
        """Return the jars that are absent or do not match their checksum."""
        with ThreadPoolExecutor(THREADS) as pool:
            good = pool.map(lambda jar: _matches(self.path(jar), jar), jars)
            return tuple(jar for jar, ok in zip(jars, good, strict=True) if not ok)

    def install(self, jars: tuple[Jar, ...], progress: Progress = lambda _: None) -> None:
        """Fetch what is missing. Another install under way is waited for, then its work is used.

        Raises:
            ArtefactError: no network, no room, or a jar that keeps failing its checksum.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _locked(self.folder / ".lock"), self._scratch() as scratch:
                self._fetch_all(self.missing(jars), scratch, progress)
        except OSError as error:
            raise _explained(error, self.folder) from error

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        # Only the holder of the lock is here, so any other scratch folder is an interrupted one.
        for left_over in self.folder.glob("partial-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="partial-", dir=self.folder) as name:
            yield Path(name)

    def _fetch_all(self, jars: tuple[Jar, ...], scratch: Path, progress: Progress) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            futures = [pool.submit(self._fetch, jar, scratch, progress) for jar in jars]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch(self, jar: Jar, scratch: Path, progress: Progress) -> None:
        for attempt in ("first", "second"):
            fetched = self._download(jar, scratch / attempt, progress)
            if _matches(fetched, jar):
                fetched.replace(self.path(jar))
                return
        raise ArtefactError(
            tr(
                "{jar} was fetched twice and did not match its checksum: "
                "the mirror or a proxy changes it",
                "{jar} foi baixado duas vezes e não confere com o checksum: "
                "o espelho ou um proxy o altera",
                jar=jar.coordinates,
            )
        )

    def _download(self, jar: Jar, folder: Path, progress: Progress) -> Path:
        # Imported here: a start that finds every jar in the cache needs none of it.
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

        resolver = PythonResolver(progress_callback=lambda _name, _size: _reporting(progress))
        context = MavenContext(
            resolver=resolver,
            repo_cache=folder,
            remote_repos=self._repositories,
            timeout=NETWORK_TIMEOUT_S,
        )
        component: Any = context.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            return Path(component.artifact().resolve())
        except RuntimeError as error:
            raise ArtefactError(
                tr(
                    "{jar} is not in the Maven repository",
                    "{jar} não está no repositório Maven",
                    jar=jar.coordinates,
                )
            ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _matches(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


@contextmanager
def _reporting(progress: Progress) -> Iterator[Progress]:
    yield progress


def _explained(error: OSError, folder: Path) -> ArtefactError:
    """Tell the network's failure (requests' exceptions are OSErrors too) from the disk's."""
    if type(error).__module__.startswith(("requests", "urllib3")):
        return ArtefactError(
            tr(
                "No network: the Kafka jars could not be fetched. "
                "The first start needs the Maven repository; try again once it is reachable "
                "(behind a proxy set HTTPS_PROXY).",
                "Sem rede: os jars do Kafka não puderam ser baixados. "
                "A primeira partida precisa do repositório Maven; tente de novo quando houver "
                "acesso (atrás de um proxy defina HTTPS_PROXY).",
            )
        )
    return ArtefactError(
        tr(
            "The jar cache {folder} cannot be written: {error}",
            "O cache de jars {folder} não pode ser gravado: {error}",
            folder=folder,
            error=error,
        )
    )
