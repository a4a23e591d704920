"""The archive of Java's classes, made by the wheel's own Java of what a real run has noted."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from kafka_workshop.cluster import java
from kafka_workshop.cluster.class_archive import ClassArchive, class_archive, loaded


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """An empty jar (the 22 bytes of an archive's end) in a folder as Brazilians have it."""
    path = tmp_path / "Área de Trabalho" / "a.jar"
    path.parent.mkdir()
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    return path


def archive_of(jar: Path) -> ClassArchive:
    return class_archive(jar.parent, java.executable(), str(jar), (java.COLLECTOR,))


def say_version(archive: ClassArchive, *options: str) -> str:
    """Run Java with the archive's class path; return all that it prints."""
    runtime = java.Runtime(archive.java, archive.classpath, archive.using)
    command = runtime.command([java.COLLECTOR, *options], "-version")
    ran = subprocess.run(
        command,
        env={**os.environ, **java.ENVIRONMENT},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout


def left(jar: Path) -> list[str]:
    """Return what stands beside the jar."""
    return sorted(path.name for path in jar.parent.iterdir() if path != jar)


def test_a_run_notes_its_classes_and_the_next_one_maps_them(jar: Path, tmp_path: Path) -> None:
    archive, classes, log = archive_of(jar), tmp_path / "classes", tmp_path / "log"
    say_version(archive, *archive.noting(classes))
    asyncio.run(archive.make(classes, log))
    assert archive.path.exists(), log.read_text()
    assert archive.noting(classes) == ()
    assert (left(jar), classes.exists()) == ([archive.path.name], False)
    told = say_version(archive, "-Xlog:class+load", "-Xshare:on")
    assert told.count("source: shared objects file") > 300


def test_java_runs_without_an_archive_and_warns_of_a_broken_one(jar: Path) -> None:
    archive = archive_of(jar)
    assert say_version(archive) == ""
    archive.path.write_bytes(b"no archive")
    assert say_version(archive).count("[warning][cds]") == 1


def test_what_cannot_be_made_is_told_in_the_log_and_leaves_nothing(
    jar: Path, tmp_path: Path
) -> None:
    archive, classes, log = archive_of(jar), tmp_path / "classes", tmp_path / "log"
    jar.write_bytes(b"no jar")
    classes.write_text("java/lang/Object id: 0\n")
    wrong = ClassArchive(archive.path, archive.java, archive.classpath, ("-XX:+NoSuchOption",))
    asyncio.run(wrong.make(classes, log))
    assert "NoSuchOption" in log.read_text()
    assert (left(jar), classes.exists()) == ([], False)


def test_who_is_stopped_meanwhile_leaves_nothing(jar: Path, tmp_path: Path) -> None:
    archive, classes = archive_of(jar), tmp_path / "classes"
    say_version(archive, *archive.noting(classes))

    async def begin_and_stop() -> None:
        making = asyncio.create_task(archive.make(classes, tmp_path / "log"))
        while not (tmp_path / "log").exists():
            await asyncio.sleep(0)
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)

    asyncio.run(begin_and_stop())
    assert (left(jar), classes.exists()) == ([], False)


def test_the_oldest_archives_make_room(jar: Path, tmp_path: Path) -> None:
    archive, classes = archive_of(jar), tmp_path / "classes"
    for age in range(1, 6):
        old = jar.parent / f"classes-{age}.jsa"
        old.touch()
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    say_version(archive, *archive.noting(classes))
    asyncio.run(archive.make(classes, tmp_path / "log"))
    assert left(jar) == sorted(
        [archive.path.name, "classes-1.jsa", "classes-2.jsa", "classes-3.jsa"]
    )


def test_another_jar_has_another_archive(jar: Path) -> None:
    before = archive_of(jar).path
    assert archive_of(jar).path == before
    jar.write_bytes(jar.read_bytes() + b" ")
    assert archive_of(jar).path != before


def test_only_whole_lines_of_classes_with_no_source_of_their_own_count(tmp_path: Path) -> None:
    noted = tmp_path / "classes"
    noted.write_text(
        "# NOTE\njava/lang/Object id: 0\n@lambda-proxy kafka/Kafka run\n"
        "a/B id: 1 super: 0 source: /b.jar\nkafka/Kafka id: 2\nkafka/serv"
    )
    assert list(loaded(noted)) == ["java/lang/Object", "kafka/Kafka"]
