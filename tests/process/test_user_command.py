"""`./workshop user`: the file of those who may log in to the Kafka UI."""

import stat
from pathlib import Path

import pytest

from kafka_workshop.console.access.passwords import matches
from kafka_workshop.console.access.roles import Role
from kafka_workshop.console.access.users import read
from tests.support import command
from tests.support.command import Answer


def user(path: Path | None, *words: str, lang: str = "en") -> Answer:
    users = {} if path is None else {"CONSOLE_USERS": str(path)}
    return command.workshop(("user", *words), {"WORKSHOP_LANG": lang, **users})


def test_a_generated_password_is_printed_once_and_is_the_one_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "users"
    told = user(path, "add", "ana", "--role", "analyst", "--generate")
    assert (told.returncode, told.stderr) == (0, "")
    password = told.stdout.splitlines()[-1].removeprefix("Password (not kept): ")
    (ana,) = read(path).values()
    assert (ana.name, ana.role) == ("ana", Role.ANALYST)
    assert matches(password, ana.password)
    assert password not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_users_are_listed_changed_and_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "users"
    for words in (("olga", "--role", "operator"), ("ana",), ("ana", "--role", "operator")):
        assert user(path, "add", *words, "--generate").returncode == 0
    assert user(path, "list").stdout == "ana\toperator\nolga\toperator\n"
    assert user(path, "remove", "ana", lang="pt-BR").stdout == "ana foi removido.\n"
    assert [*read(path)] == ["olga"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("remove", "nobody"), "There is no user 'nobody'."),
        (("add", "a b", "--generate"), "'a b' is no name"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    told = user(tmp_path / "users", *words)
    assert told.returncode == 2
    assert said in told.stderr
    assert not (tmp_path / "users").exists()


def test_without_a_file_it_says_which_setting_names_one() -> None:
    told = user(None, "add", "ana", "--generate")
    assert told.returncode == 2
    assert "CONSOLE_USERS" in told.stderr
    assert "Password" not in told.stdout
