"""The command line, mostly without a process of its own: half a second less for each question."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest.mock import patch

from kafka_workshop import cli, language
from kafka_workshop.settings import PROJECT_FOLDER


class Answer(NamedTuple):
    """What a verb printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def workshop(words: tuple[str, ...], variables: Mapping[str, str]) -> Answer:
    """Run `./workshop WORDS` with this environment, here.

    The help alone is made in the language of the import: ask a process for it.
    """
    out, err = _file(), _file()
    before = language.current()
    with (
        patch.dict(os.environ, variables, clear=True),
        patch.object(sys, "argv", ["./workshop", *words]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        language.use(language.from_environment(variables))
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        finally:
            language.use(before)
    assert isinstance(code, int)
    return Answer(code, _text(out), _text(err))


def begun(words: tuple[str, ...], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Run `./workshop WORDS` beside the test, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kafka_workshop", *words],
        env={**variables, "PYTHONPATH": str(PROJECT_FOLDER / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _file() -> io.TextIOWrapper:
    # Some output is bytes: a JSON, for example.
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(file: io.TextIOWrapper) -> str:
    file.seek(0)
    return file.read()
