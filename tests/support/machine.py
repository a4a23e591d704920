"""The machine as a newcomer has it: no Java, no PostgreSQL; free ports; processes looked up."""

import os
import socket
from collections.abc import Iterable
from pathlib import Path

import psutil

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
    """Return ports that nobody has now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


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
