"""Fixtures that every test may use."""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from kafka_workshop import language
from tests.support.cluster import RealCluster, test_settings
from tests.support.machine import path_without_servers

# The same examples in every run, and no deadline: a busy machine is no bug.
hypothesis.settings.register_profile("workshop", deadline=None, derandomize=True)
hypothesis.settings.load_profile("workshop")


NEVER_SKIPPED_IN_CI = ("cluster", "browser")
# Needs a right that a machine may rightly refuse: to mount a file system.
SKIPPED_WITH_A_REASON = "mount"


# These start whole systems, as a newcomer does; the others share one cluster, or break the one for
# faults. `./workshop test` runs the two parts side by side: both wait more than they work.
SYSTEMS = {
    "test_life.py",  # first: it is a newcomer's first start
    "test_break_it.py",
    "test_brokers_come_and_go.py",
    "test_kraft.py",
    "test_readme.py",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: the tests marked `long` too; `--part`: one of two parts that may run at once."""
    parser.addoption("--long", action="store_true", help="the long forms of tests too")
    parser.addoption("--part", choices=("systems", "cluster"), help="whole systems, or the rest")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the first start first; leave out the other part, and long forms nobody asked for."""
    items.sort(key=lambda item: item.path.name != "test_life.py")
    part, long = config.getoption("--part"), config.getoption("--long")

    def left_out(item: pytest.Item) -> bool:
        of_systems = item.path.name in SYSTEMS
        other_part = part is not None and of_systems is not (part == "systems")
        return other_part or (not long and item.get_closest_marker("long") is not None)

    unwanted = [item for item in items if left_out(item)]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if not left_out(item)]


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
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """The real cluster, ZooKeeper and three brokers, started once for the whole run."""
    running = RealCluster(test_settings(_short(tmp_path_factory)))
    running.start()
    yield running
    running.stop()


def _short(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("kafka")


@pytest.fixture(scope="session")
def bootstrap_servers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The brokers of the real cluster, as `host:port`.

    `WORKSHOP_TEST_BOOTSTRAP` names a cluster that runs already, while one works on tests.
    """
    given = os.environ.get("WORKSHOP_TEST_BOOTSTRAP")
    if given:
        return tuple(given.split(","))
    running: RealCluster = request.getfixturevalue("cluster")
    return running.settings.bootstrap_servers
