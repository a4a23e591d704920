"""What the Dockerfile says; tests/cluster/test_image.py carries it out."""

import json
import re

import pytest

from tests.image import arguments, environment, ignored, instructions
from tests.unit.repository import services


def test_both_stages_start_from_the_same_python_pinned_to_its_patch() -> None:
    first, second = (arguments("FROM", stage)[0] for stage in (0, 1))
    assert first == f"{second} AS builder"
    assert re.fullmatch(r"python:3\.1[1-9]\.\d+-slim-bookworm", second)


def test_the_libraries_come_from_the_lock_with_their_hashes_and_as_wheels() -> None:
    installs = [command for command in arguments("RUN", 0) if "pip install" in command]
    assert installs == [
        "/opt/venv/bin/pip install --require-hashes --only-binary=:all: -r requirements.lock"
    ]
    assert not [command for command in arguments("RUN", 1) if "install" in command]


def test_the_last_stage_takes_from_the_builder_only_the_libraries() -> None:
    taken = [copy for copy in arguments("COPY", 1) if copy.startswith("--from=")]
    assert taken == ["--from=builder /opt/venv /opt/venv"]


def test_the_container_does_not_run_as_root() -> None:
    names = [one.name for one in instructions()]
    assert arguments("USER", 1) == ["workshop"]
    assert "--uid 10001" in " ".join(arguments("RUN", 1))
    assert not {"COPY", "RUN", "ADD"} & set(names[names.index("USER") :])


def test_the_user_may_write_where_compose_mounts_the_kafka_uis_volume() -> None:
    # A new volume takes over the owner of the image's folder.
    (volume,) = services()["kafka-ui"]["volumes"]
    folder = volume.rpartition(":")[2]
    assert arguments("RUN", 1)[0].endswith(f"&& mkdir {folder} && chown workshop {folder}")


def test_run_sh_is_the_start_command() -> None:
    assert [json.loads(command) for command in arguments("CMD", 1)] == [["./run.sh"]]
    assert not arguments("ENTRYPOINT", 1)


def test_there_is_no_java_and_no_address_of_a_registry() -> None:
    everything = " ".join(one.argument for one in instructions()).lower()
    assert not re.search(r"java|jdk|jre|maven|https?://|apt-get", everything)


def test_no_instruction_needs_more_than_the_classic_builder() -> None:
    # docker-compose 1.29 builds without BuildKit: no --mount, no --chmod, no here-documents.
    assert not [one for one in instructions() if re.search(r"--mount|--chmod|<<", one.argument)]


def test_the_environment_finds_the_programs_and_prints_at_once() -> None:
    assert environment() == {
        "PATH": "/opt/venv/bin:$PATH",
        "PYTHONPATH": "/app/src",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "HOME": "/tmp",  # noqa: S108 - a memory file system of the container's own
        "NICEGUI_STORAGE_PATH": "/tmp/nicegui",  # noqa: S108
    }


LEFT_OUT = """
    .git/config  .venv/bin/python  .workshop/data/broker-1  .env  README.md  tests/image.py
    requirements-dev.lock  src/kafka_workshop/__pycache__/settings.cpython-312.pyc
"""


@pytest.mark.parametrize("path", LEFT_OUT.split())
def test_the_build_context_leaves_out_what_the_image_does_not_need(path: str) -> None:
    assert ignored(path)


@pytest.mark.parametrize(
    "path", ["requirements.lock", "run.sh", "produce.py", "src/kafka_workshop/settings/read.py"]
)
def test_the_build_context_has_what_the_image_needs(path: str) -> None:
    assert not ignored(path)
