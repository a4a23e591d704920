"""Where the doctor looks: what the command line knows of the system, handed in."""

from collections.abc import Mapping
from dataclasses import dataclass

from kafka_workshop.cluster.artefacts import Jar, JarCache
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.settings import ClusterSettings, Environment


@dataclass(frozen=True, slots=True)
class Installation:
    """The system as it is installed here.

    Attributes:
        settings: of the native cluster.
        environment: the variables, every one valid.
        ports: service -> port, for every service that listens.
        port_variables: service -> the variable that changes its port.
        brokers: broker id -> service.
        cache: the jars' folder.
        jars: the lock.
    """

    settings: ClusterSettings
    environment: Environment
    ports: Mapping[str, int]
    port_variables: Mapping[str, str]
    brokers: Mapping[int, str]
    cache: JarCache
    jars: tuple[Jar, ...]

    @property
    def folders(self) -> RunFolders:
        """Where a run keeps its things."""
        return RunFolders(self.settings.data)
