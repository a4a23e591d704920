"""The ready file is there exactly while the program works."""

from pathlib import Path

from kafka_workshop.ready import ReadyFile


def test_it_appears_with_work_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run" / "ready"
    ready = ReadyFile(path)
    assert not path.parent.exists(), "the constructor does nothing"
    ready.work()
    ready.work()
    assert path.exists()
    ready.clear()
    assert not path.exists()


def test_what_a_killed_predecessor_left_is_cleared(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    path.touch()
    ReadyFile(path).clear()
    assert not path.exists()


def test_without_a_path_nothing_happens() -> None:
    ready = ReadyFile(None)
    ready.clear()
    ready.work()
