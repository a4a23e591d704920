"""The machine as a newcomer has it: no Java, no PostgreSQL; free ports; processes looked up."""

import os
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path

import psutil

_FIRST_PORT, _LAST_PORT = 12_000, 32_000
HIDDEN = ("java", "jar", "jcmd", "mvn", "psql", "postgres", "initdb", "pg_")


def path_without_servers(folder: Path) -> str:
    """Return a PATH of links to everything that PATH offers but Java, Maven and PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in os.environ["PATH"].split(os.pathsep):
        for program in _programs(Path(part)):
            link = folder / program.name
            if not program.name.startswith(HIDDEN) and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def _programs(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has now, all different.

    They lie below the range from which the kernel takes the ports of outgoing connections: one of
    those would be lent to some client before the server that it was meant for starts. Each worker
    of xdist has ports of its own: another one's server may not have started yet either.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    found: list[int] = []
    while len(found) < count:
        port = secrets.randbelow((_LAST_PORT - _FIRST_PORT) // workers) * workers + worker
        port += _FIRST_PORT
        if port not in found and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listening_ports() -> set[int]:
    """Return the TCP ports on which anything listens."""
    held = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    return {getattr(connection.laddr, "port", 0) for connection in held}


def processes_naming(text: str) -> list[psutil.Process]:
    """Return the living processes whose command line or environment names `text`."""
    return [process for process in psutil.process_iter() if _names(process, text)]


def _names(process: psutil.Process, text: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and (
            any(text in part for part in process.cmdline())
            or any(text in value for value in process.environ().values())
        )
    except psutil.Error:
        return False
