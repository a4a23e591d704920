"""Java's archive of loaded classes: read and verified once, mapped by every start after that.

The wheel's Java has none, so each server would read, parse and verify some 5,000 classes from jars
whenever it starts: about a third of its processor time until it is ready. Which classes a broker
loads is only known once one has run. So the first run of a cache notes them, and when everything is
ready Java makes the archive of them, in the background. Java itself checks that an archive fits
(version, class path, collector) and does without one that does not.

Source: JEP 310 and JEP 350; `java -Xshare:dump` in the manual of Java 21.
"""

import asyncio
import hashlib
import os
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from kafka_workshop.cluster.java import ENVIRONMENT

_LOWEST_PRIORITY = 19
_HEAP = "-Xmx256m"
# Sixty megabytes each; two copies of the project, each with ZooKeeper and KRaft, need so many.
_KEPT = 4


@dataclass(frozen=True, slots=True)
class ClassArchive:
    """The archive for one Java and one class path.

    Attributes:
        path: where it is, or will be.
        java: the executable.
        classpath: of all servers; an archive serves no other.
        options: the ones that decide whether an archive fits.
    """

    path: Path
    java: Path
    classpath: str
    options: tuple[str, ...]

    @property
    def using(self) -> tuple[str, ...]:
        """The options of a server: use the archive if it is there by then."""
        return (f"-XX:SharedArchiveFile={self.path}",)

    def noting(self, classes: Path) -> tuple[str, ...]:
        """Return the options of a server that notes in `classes` what it loads."""
        return () if self.path.exists() else (f"-XX:DumpLoadedClassList={classes}",)

    async def make(self, classes: Path, log: Path) -> None:
        """Make it of the classes that a server has noted so far, if it is not there yet.

        Takes four seconds of processor time, which everything else has first. A failure is told in
        `log` and changes nothing else.
        """
        if self.path.exists() or not classes.exists():
            return
        names = classes.with_suffix(".names")
        names.write_text("".join(f"{name}\n" for name in loaded(classes)), encoding="utf-8")
        scratch = self.path.with_suffix(f".{os.getpid()}")
        try:
            if await self._dump(names, scratch, log) == 0:
                scratch.replace(self.path)
                self._forget_the_oldest()
        finally:
            for left in (scratch, names, classes):
                left.unlink(missing_ok=True)

    def _forget_the_oldest(self) -> None:
        made = sorted(self.path.parent.glob("classes-*.jsa"), key=lambda each: each.stat().st_mtime)
        for old in made[:-_KEPT]:
            old.unlink(missing_ok=True)

    async def _dump(self, names: Path, archive: Path, log: Path) -> int:
        with log.open("ab") as told:
            process = await asyncio.create_subprocess_exec(
                *(str(self.java), "-Xshare:dump", _HEAP, *self.options),
                *(f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={archive}"),
                *("-cp", self.classpath),
                env={**os.environ, **ENVIRONMENT},
                stdin=DEVNULL,
                stdout=told,
                stderr=STDOUT,
                start_new_session=True,
            )
        try:
            with suppress(psutil.Error):
                psutil.Process(process.pid).nice(_LOWEST_PRIORITY)
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def class_archive(
    folder: Path, java: Path, classpath: str, options: tuple[str, ...]
) -> ClassArchive:
    """Return the archive in `folder` for this Java, these jars, these options: there or not yet."""
    known = [*_state(java.parent.parent / "lib" / "modules"), *options]
    for jar in classpath.split(os.pathsep):
        known += _state(Path(jar))
    key = hashlib.sha256("\n".join(known).encode()).hexdigest()[:12]
    return ClassArchive(folder / f"classes-{key}.jsa", java, classpath, options)


def _state(file: Path) -> list[str]:
    """Return what Java compares: name, size and age."""
    try:
        found = file.stat()
    except OSError:
        return [str(file)]
    return [str(file), str(found.st_size), str(found.st_mtime_ns)]


def loaded(classes: Path) -> Iterator[str]:
    """Yield the names of the classes from jars and from Java that a server has noted.

    What stands after the last line break was being written; what has a source of its own, or is no
    class but a call site, is found by no name.
    """
    text = classes.read_text(encoding="utf-8", errors="replace")
    for line in text[: text.rfind("\n") + 1].splitlines():
        name, _, rest = line.partition(" ")
        if name and not name.startswith(("#", "@")) and "source:" not in rest:
            yield name
