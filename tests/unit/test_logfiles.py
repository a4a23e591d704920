"""Log files: bounded, and read while they are written."""

from pathlib import Path

from kafka_workshop.cluster import logfiles


def test_a_small_file_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("line\n")
    assert not logfiles.rotate(log, max_bytes=100)
    assert log.read_text() == "line\n"


def test_a_large_file_turns_and_its_writer_goes_on_at_the_new_end(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 50)
        assert logfiles.rotate(log, max_bytes=100)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert logfiles.previous(log).read_bytes() == b"old\n" * 50


def test_tail_reads_across_the_rotated_part(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    logfiles.previous(log).write_text("1\n2\n")
    log.write_text("3\n")
    assert logfiles.tail(log, None) == ["1", "2", "3"]
    assert logfiles.tail(log, 2) == ["2", "3"]
    assert logfiles.tail(log, 0) == []


def test_tail_of_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert logfiles.tail(tmp_path / "none.log", 5) == []


def test_a_follower_sees_only_what_comes_and_only_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("before\n")
    follower = logfiles.Follower(log)
    with log.open("a") as writer:
        writer.write("one\ntw")
        writer.flush()
        assert list(follower.new_lines()) == ["one"]
        writer.write("o\n")
        writer.flush()
        assert list(follower.new_lines()) == ["two"]


def test_a_follower_goes_on_after_rotation_and_absence(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    follower = logfiles.Follower(log)
    assert list(follower.new_lines()) == []
    log.write_text("a long first line\n")
    assert list(follower.new_lines()) == ["a long first line"]
    logfiles.rotate(log, max_bytes=1)
    log.write_text("b\n")
    assert list(follower.new_lines()) == ["b"]


def test_bytes_that_are_no_text_do_not_stop_a_reader(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"\xff\xfe ok\n")
    assert "ok" in logfiles.tail(log, None)[0]
