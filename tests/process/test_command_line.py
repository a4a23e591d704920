"""The command line: one sentence for a mistake, both languages, groups, no verb without effect."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_workshop import cli, language
from kafka_workshop.cli.plan import system_plan
from kafka_workshop.cli.view import is_warning
from kafka_workshop.settings import PROJECT_FOLDER, cluster_settings
from tests.support import command
from tests.support.command import Answer


def environment(lang: str, folder: Path | None) -> dict[str, str]:
    return {
        **os.environ,
        "WORKSHOP_LANG": lang,
        "PYTHONPATH": str(PROJECT_FOLDER / "src"),
        "COLUMNS": "100",
        **({"WORKSHOP_DATA": str(folder)} if folder else {}),
    }


def workshop(*words: str, lang: str = "en", folder: Path | None = None) -> Answer:
    return command.workshop(words, environment(lang, folder))


def process(*words: str, lang: str = "en") -> "subprocess.CompletedProcess[str]":
    """Run it in a process of its own, for what is made when it is imported."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "kafka_workshop", *words],
        env=environment(lang, None),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "en", "pt"),
    [
        (["fly"], "There is no verb 'fly'", "Não existe o verbo 'fly'"),
        (["up", "--fast"], "There is no option --fast", "Não existe a opção --fast"),
        (
            ["logs", "--tail", "x"],
            "--tail / -n: not allowed: a whole number is",
            "--tail / -n: não permitido: um número inteiro é",
        ),
        (["logs", "-n", "-1"], "not allowed: 0 or more is", "não permitido: 0 ou mais é"),
        (
            ["monitor", "backtest", "--seed", "99999999999"],
            "--seed: not allowed: 4294967295 or less is",
            "--seed: não permitido: 4294967295 ou menos é",
        ),
        (["up", "all", "now"], "Too many words: all now.", "Palavras a mais: all now."),
        (["up", "--detach=yes"], "--detach takes no value", "--detach não aceita um valor"),
        (["kill"], "SERVICE is missing", "Falta SERVICE"),
        (["test", "some"], "'unit', 'all'", "'unit', 'all'"),
        (
            ["up", "--coordination", "raft"],
            "'raft' is not one of 'zookeeper', 'kraft'",
            "'raft' não é um de 'zookeeper', 'kraft'",
        ),
        (["dlq", "fly"], "There is no verb 'fly'", "Não existe o verbo 'fly'"),
        (["monitor", "fly"], "There is no verb 'fly'", "Não existe o verbo 'fly'"),
        (["dlq", "show"], "PARTITION:OFFSET is missing", "Falta PARTITION:OFFSET"),
        (["dlq", "list", "--class"], "--class needs a value", "--class precisa de um valor"),
        (["dlq", "show", "3-41"], "'3-41' is no position", "'3-41' não é uma posição"),
    ],
)
def test_a_mistake_is_one_sentence_in_both_languages(words: list[str], en: str, pt: str) -> None:
    for lang, sentence in (("en", en), ("pt-BR", pt)):
        answer = workshop(*words, lang=lang)
        assert answer.returncode == 2
        assert sentence in answer.stderr
        assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("lang", "groups"), [("en", ["Run", "Develop"]), ("pt_BR.UTF-8", ["Rodar", "Desenvolver"])]
)
def test_help_shows_the_verbs_in_groups(lang: str, groups: list[str]) -> None:
    answer = process("--help", lang=lang)
    assert answer.returncode == 0
    for word in (
        *groups,
        "up",
        "down",
        "ps",
        "logs",
        "monitor",
        "dlq",
        "check",
        "test",
        "lock",
        "bench",
    ):
        assert word in answer.stdout


@pytest.mark.parametrize("words", [[], ["dlq"]])
def test_without_a_verb_the_help_is_shown(words: list[str]) -> None:
    answer = process(*words)
    assert "Usage" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Usage: ./workshop test [OPTIONS] [scope]", "[default: all]"]),
        ("pt-BR", ["Uso: ./workshop test [OPÇÕES] [scope]", "[padrão: all]"]),
    ],
)
def test_the_help_of_a_verb_has_no_word_of_another_language(lang: str, said: list[str]) -> None:
    shown = process("test", "--help", lang=lang).stdout
    assert [words for words in said if words not in shown] == []


@pytest.mark.parametrize(("lang", "words"), [("en", "Show this help"), ("pt-BR", "Mostra esta")])
def test_the_help_of_a_verb_within_a_verb_speaks_both_languages(lang: str, words: str) -> None:
    assert words in process("dlq", "redrive", "--help", lang=lang).stdout


def test_ps_and_down_where_nothing_runs_say_so(tmp_path: Path) -> None:
    assert "Nothing is running" in workshop("ps", folder=tmp_path).stdout
    assert workshop("ps", "--json", folder=tmp_path).stdout.strip() == "[]"
    stopped = workshop("down", folder=tmp_path)
    assert stopped.returncode == 0
    assert "Nothing was running" in stopped.stdout


@pytest.mark.parametrize(
    ("lang", "advice"), [("en", "looks at disk and folders"), ("pt-BR", "examina disco e pastas")]
)
def test_what_a_full_disk_refuses_is_one_sentence(
    lang: language.Language,
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/run")

    monkeypatch.setattr(cli, "app", full)
    language.use(lang)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert f"/data/run: {os.strerror(errno.ENOSPC)}. ./workshop doctor {advice}" in said


def test_logs_reads_what_is_there(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "producer.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo [not markup]\nthree\n")
    assert workshop("logs", "producer", folder=tmp_path).stdout == log.read_text()
    assert workshop("logs", "-n", "1", "producer", folder=tmp_path).stdout == "three\n"
    both = workshop("logs", "producer", "consumer", folder=tmp_path).stdout
    assert "producer  | two [not markup]" in both


@pytest.mark.parametrize("service", ["consumer-merchant", "consumer-2", "consumer-merchant-3"])
def test_logs_knows_the_second_stage_and_the_instances_that_scale_made(
    tmp_path: Path, service: str
) -> None:
    log = tmp_path / "logs" / f"{service}.log"
    log.parent.mkdir(parents=True)
    log.write_text("one\n")
    assert workshop("logs", service, folder=tmp_path).stdout == "one\n"
    assert "No service" in workshop("logs", "producer-2", folder=tmp_path).stderr


def test_logs_without_a_name_shows_every_service_of_the_plan(tmp_path: Path) -> None:
    names = [service.name for service in system_plan(cluster_settings({})).services]
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in names:
        (logs / f"{name}.log").write_text(f"{name} says so\n")
    shown = workshop("logs", folder=tmp_path).stdout
    assert [line.split("|")[0].strip() for line in shown.splitlines()] == names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-22 18:22:35,728 WARN  [ReplicaFetcher] lost (kafka.server)", True),
        ("2026-11-22 18:22:35,728 ERROR oh (kafka.server)", True),
        ("2026-11-22 18:22:35,728 INFO  [WARN ERROR] fine (kafka.server)", False),
        ("18:36:15Z [warning] waiting for brokers", True),
        ("18:36:15Z [error] refused", True),
        ("18:36:15Z [info] transaction consumed kind=error", False),
        ("Traceback (most recent call last):", True),
    ],
)
def test_a_warning_is_told_from_what_only_mentions_one(line: str, expected: bool) -> None:
    assert is_warning(line) is expected
