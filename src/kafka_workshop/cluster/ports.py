"""Ports: whether each is free, and who has it if not."""

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import suppress

import psutil

from kafka_workshop.errors import PortTaken
from kafka_workshop.language import tr

_LOOK_S = 1.0


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen on `host`:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As Java does: a port whose last connections linger in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(host: str, ports: Mapping[str, int], variables: Mapping[str, str]) -> None:
    """Check every port before anything starts.

    Args:
        host: the address that the services bind.
        ports: service name -> port.
        variables: service name -> the setting that changes its port.

    Raises:
        PortTaken: names each taken port, its service, its owner where known, and what to do.
    """
    taken = {service: port for service, port in ports.items() if not is_free(host, port)}
    if taken:
        lines = [_describe(service, port, variables[service]) for service, port in taken.items()]
        raise PortTaken("\n".join([*lines, _advice(host, ports)]))


def _describe(service: str, port: int, variable: str) -> str:
    return tr(
        "Port {port} of {service} is taken{owner}. Another port: {variable}=…",
        "A porta {port} de {service} está ocupada{owner}. Outra porta: {variable}=…",
        port=port,
        service=service,
        variable=variable,
        owner=_owner_phrase(port),
    )


def _owner_phrase(port: int) -> str:
    name = owner(port)
    return tr(" by {name}", " por {name}", name=name) if name else ""


def owner(port: int) -> str | None:
    """Return `name (pid N)` of the process that listens on `port`; None if it cannot be known."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and getattr(connection.laddr, "port", None) == port:
                return _process_name(connection.pid)
    return None


def _process_name(pid: int | None) -> str | None:
    if pid is None:
        return None
    with suppress(psutil.Error):
        return f"{psutil.Process(pid).name()} (pid {pid})"
    return f"pid {pid}"


def _advice(host: str, ports: Mapping[str, int]) -> str:
    runs = running_as(host, ports.get("kafka-ui", 0))
    if runs == "compose":
        return tr(
            "This project is running under Docker Compose: docker-compose down ends it.",
            "Este projeto está rodando no Docker Compose: docker-compose down o encerra.",
        )
    if runs == "native":
        return tr(
            "This project is running from another folder: ./workshop down ends it there.",
            "Este projeto está rodando a partir de outra pasta: ./workshop down o encerra lá.",
        )
    if published_by_docker(ports):
        return tr(
            "Docker publishes it, docker ps shows for which container; if it is this project's, "
            "docker-compose down ends it.",
            "O Docker a publica, docker ps mostra para qual contêiner; se for deste projeto, "
            "docker-compose down o encerra.",
        )
    return tr(
        "Nothing was started. End that program, or choose another port.",
        "Nada foi iniciado. Encerre esse programa ou escolha outra porta.",
    )


def published_by_docker(ports: Mapping[str, int]) -> set[str]:
    """Return the services whose ports Docker has, for a container of whatever project.

    A person without the right to see Docker's processes sees none.
    """
    return {service for service, port in ports.items() if "docker" in (owner(port) or "")}


def running_as(host: str, port: int) -> str | None:
    """Return how the Kafka UI at `host`:`port` says it runs: `native`, `compose`, or None."""
    connection = http.client.HTTPConnection(host, port, timeout=_LOOK_S)
    try:
        connection.request("GET", "/livez")
        answer = json.loads(connection.getresponse().read(10_000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    ours = isinstance(answer, dict) and answer.get("service") == "kafka-workshop"
    return str(answer.get("run")) if ours else None
