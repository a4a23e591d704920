"""How the tests are shared out: none is forgotten, none meets another one's servers."""

import re
from pathlib import Path

import pytest

from kafka_workshop.cli.develop import SERVED_FOLDERS
from kafka_workshop.settings import PROJECT_FOLDER
from tests.support.machine import free_ports
from tests.support.systems import UNITS, unit

TESTS = sorted((PROJECT_FOLDER / "tests").rglob("test_*.py"))


def name(path: Path) -> str:
    return path.relative_to(PROJECT_FOLDER).as_posix()


def test_whatever_wants_a_server_or_a_browser_is_where_it_is_looked_for() -> None:
    marked = [name(p) for p in TESTS if re.search(r"mark\.(cluster|browser)\b", p.read_text())]
    assert len(marked) > 30
    assert [each for each in marked if not each.startswith(SERVED_FOLDERS)] == []


def test_each_unit_has_tests() -> None:
    begun = [beginning for beginnings in UNITS for beginning in beginnings]
    named = {beginning.partition("::")[0] for beginning in begun}
    assert {each for each in named if not (PROJECT_FOLDER / each).exists()} == set()
    assert len(begun) == len(set(begun))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/faults/test_disk.py::a[short]", "tests/faults/test_brokers.py::b", True),
        ("tests/cluster/test_life.py::a", "tests/cluster/test_life.py::b", True),
        ("tests/cluster/test_life.py::a", "tests/cluster/test_kraft.py::b", False),
        ("tests/unit/test_pace.py::a", "tests/unit/test_pace.py::b[1-::]", True),
        ("tests/unit/test_pace.py::a", "tests/unit/test_ports.py::a", False),
    ],
)
def test_a_worker_has_a_whole_system_or_a_whole_file(
    one: str, other: str, *, together: bool
) -> None:
    assert (unit(one) == unit(other)) is together


def test_workers_never_choose_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    chosen = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        chosen.append({port % 3 for port in free_ports(20)})
    assert all(len(each) == 1 for each in chosen)
    assert set.union(*chosen) == {0, 1, 2}
