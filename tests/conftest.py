"""Fixtures that every test may use."""

import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer

from kafka_workshop import language
from tests.support.cluster import RealCluster, test_settings
from tests.support.library_sockets import close_sockets_of_the_library
from tests.support.machine import path_without_servers
from tests.support.systems import BySystem, is_shared, turn

# The same examples in every run, and no deadline: a busy machine is no bug.
hypothesis.settings.register_profile("workshop", deadline=None, derandomize=True)
hypothesis.settings.load_profile("workshop")


NEVER_SKIPPED_IN_CI = ("cluster", "browser")
SHARED_CLUSTER = "WORKSHOP_TEST_BOOTSTRAP"
# xdist says so to its workers.
WORKER = "PYTEST_XDIST_WORKER"
# Needs a right that a machine may rightly refuse: to mount a file system.
SKIPPED_WITH_A_REASON = "mount"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: the tests marked `long` too; `--one-cluster`: one for all workers of xdist."""
    parser.addoption("--long", action="store_true", help="the long forms of tests too")
    parser.addoption("--one-cluster", action="store_true", help="started once, for all workers")


def pytest_configure() -> None:
    """A warning about a socket is about one of ours."""
    close_sockets_of_the_library()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySystem:
    """Each worker has whole systems, whatever `--dist` says; without one, whole files."""
    return BySystem(config, log)


def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto` one worker more than cores: tests wait, too."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """With `--one-cluster` start it here, before there is a worker, and end it after the last."""
    if not session.config.getoption("--one-cluster") or WORKER in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="kafka-"))
    session.config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    shared = RealCluster(test_settings(folder))
    session.config.add_cleanup(shared.stop)
    shared.start()
    os.environ[SHARED_CLUSTER] = ",".join(shared.settings.bootstrap_servers)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put tests in order; leave the long forms out unless they are asked for.

    Mark as `shared` what wants a cluster and leaves its servers alone.
    """
    items.sort(key=lambda item: turn(item.nodeid))
    for item in filter(is_shared, items):
        item.add_marker("shared")
    if config.getoption("--long"):
        return
    longer = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=longer)
    items[:] = [item for item in items if item not in longer]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `CI` is set, a skipped cluster or browser test is a failure: it proved nothing.

    But for one marked `mount`: its reason says what the machine does not allow.
    """
    report = yield
    marked = any(item.get_closest_marker(name) for name in NEVER_SKIPPED_IN_CI)
    if item.get_closest_marker(SKIPPED_WITH_A_REASON):
        return report
    if report.skipped and not hasattr(report, "wasxfail") and marked and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{call.when}: skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _machine_without_servers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take the machine's own Java and PostgreSQL off PATH for the whole run."""
    os.environ["PATH"] = path_without_servers(tmp_path_factory.mktemp("bin"))
    for name in ("JAVA_HOME", "WORKSHOP_LANG", "LC_ALL"):
        os.environ.pop(name, None)
    os.environ["LANG"] = "C.UTF-8"


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A run in the background of a shell ignores Ctrl-C, and so would everything it starts."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test begins in English, whatever the one before spoke."""
    language.use("en")
    yield
    language.use("en")


@pytest.fixture(scope="session")
def cluster_to_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """The real cluster of this run; whoever wants it running takes `cluster`."""
    prepared = RealCluster(test_settings(tmp_path_factory.mktemp("kafka")))
    yield prepared
    prepared.stop()


@pytest.fixture(scope="session")
def cluster(cluster_to_start: RealCluster) -> RealCluster:
    """The real cluster, ZooKeeper and three brokers, started once for the whole run."""
    if not cluster_to_start.started:
        cluster_to_start.start()
    return cluster_to_start


@pytest.fixture(scope="session")
def bootstrap_servers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The brokers of the real cluster, as `host:port`.

    `WORKSHOP_TEST_BOOTSTRAP` names a cluster that runs already: that of `--one-cluster`, or any
    while one works on tests.
    """
    given = os.environ.get(SHARED_CLUSTER)
    if given:
        return tuple(given.split(","))
    running: RealCluster = request.getfixturevalue("cluster")
    return running.settings.bootstrap_servers
