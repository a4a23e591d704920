"""The container image, laid out in a folder by the Dockerfile's own instructions.

There may be no container engine where tests run. So the instructions that matter are carried out
here, word for word: the install from the lock, the copying, the environment. What only an engine
can do (the base image, the user) is checked as text.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENV, APP = "/opt/venv", "/app"
_OFFLINE = ("Connection", "Temporary failure in name resolution", "Network is unreachable")


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile, and the number of its stage from 0."""

    name: str
    argument: str
    stage: int


@cache
def instructions() -> tuple[Instruction, ...]:
    """Return the Dockerfile's instructions, lines joined, comments left out."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    joined = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    found: list[Instruction] = []
    stage = -1
    for line in filter(str.strip, joined.splitlines()):
        name, argument = line.split(maxsplit=1)
        stage += name == "FROM"
        found.append(Instruction(name, " ".join(argument.split()), stage))
    return tuple(found)


def arguments(name: str, stage: int) -> list[str]:
    """Return the arguments of each instruction `name` of a stage."""
    return [one.argument for one in instructions() if (one.name, one.stage) == (name, stage)]


def environment() -> dict[str, str]:
    """Return what ENV sets in the last stage."""
    pairs = shlex.split(" ".join(arguments("ENV", 1)))
    return dict(pair.split("=", 1) for pair in pairs)


def ignored(path: str) -> bool:
    """Return whether .dockerignore keeps `path` out: the last matching line decides."""
    verdict = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").removeprefix("**/")
            parents = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
            names = parents + [Path(one).name for one in parents if "**/" in line]
            if any(fnmatch(name, pattern) for name in names):
                verdict = not line.startswith("!")
    return verdict


@dataclass(frozen=True)
class Image:
    """The image's file system, under a folder."""

    folder: Path

    @property
    def app(self) -> Path:
        """The working folder."""
        return self.folder / APP[1:]

    def moved(self, text: str) -> str:
        """Return `text` with the image's folders as they are here."""
        moved = text.replace(VENV, str(self.folder / VENV[1:]))
        return re.sub(rf"(?<![\w/]){APP}\b", str(self.app), moved)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables of a container of this image, nothing of this machine's."""
        own = {name: self.moved(value) for name, value in environment().items()}
        return {
            **own,
            "PATH": own["PATH"].replace("$PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder),
            "NICEGUI_STORAGE_PATH": str(self.folder / "nicegui"),
            **more,
        }

    def run(
        self, command: list[str], *, seconds: float = 60, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as a container would."""
        own = self.environment(**variables)
        return subprocess.run(
            [self._program(command[0], own), *command[1:]],
            cwd=self.app,
            env=own,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @contextmanager
    def started(self, command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Start `command` as a container would; whatever still runs at the end is killed."""
        own = self.environment(**variables)
        with subprocess.Popen(
            [self._program(command[0], own), *command[1:]],
            cwd=self.app,
            env=own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def _program(self, name: str, own: dict[str, str]) -> str:
        return shutil.which(name, path=own["PATH"]) or str(self.app / name)


@cache
def _built(folder: Path) -> Image:
    image = Image(folder)
    image.app.mkdir(parents=True)
    shutil.copy(ROOT / "requirements.lock", folder)
    for command in arguments("RUN", 0):
        _install(image.moved(command), folder)
    for sources in arguments("COPY", 1):
        if not sources.startswith("--from="):
            _copy(sources.split(), image.app)
    return image


def _install(command: str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "CI" not in os.environ and any(word in done.stderr for word in _OFFLINE):
        pytest.skip("the image's libraries cannot be fetched: no network")
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _copy(sources_and_target: list[str], app: Path) -> None:
    *sources, target = sources_and_target
    for source in sources:
        found = ROOT / source
        if found.is_dir():
            shutil.copytree(found, app / target, ignore=_left_out)
        else:
            assert not ignored(source), f".dockerignore keeps {source} out"
            shutil.copy(found, app / target)


def _left_out(folder: str, names: list[str]) -> set[str]:
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names if ignored(str(inside / name))}


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built once for the whole run."""
    return _built(tmp_path_factory.getbasetemp() / "image")
