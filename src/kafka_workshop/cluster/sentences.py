"""What is said of a service that did not start or keeps ending, and what to do about it."""

import re
from collections.abc import Sequence

from kafka_workshop.language import tr


def not_ready(service: str, seconds: float) -> str:
    """Say that it was not ready in time."""
    return tr(
        "{service} was not ready within {seconds:.0f} s",
        "{service} não ficou pronto em {seconds:.0f} s",
        service=service,
        seconds=seconds,
    )


def not_begun(service: str, error: OSError) -> str:
    """Say that it could not even be executed, and why."""
    return tr(
        "{service} could not be started: {reason}",
        "{service} não pôde ser iniciado: {reason}",
        service=service,
        reason=str(error),
    )


def ended(service: str, code: int | None) -> str:
    """Say that it ended, with which exit code."""
    return tr(
        "{service} ended with code {code}",
        "{service} terminou com código {code}",
        service=service,
        code=code,
    )


def start_stopped(service: str) -> str:
    """Say that somebody stopped it while it was starting."""
    return tr(
        "{service} was stopped while it was starting",
        "{service} foi parado enquanto iniciava",
        service=service,
    )


def still_known(service: str) -> str:
    """Say why a broker's start is tried again."""
    return tr(
        "{service}: ZooKeeper still knows it from before it was killed",
        "{service}: o ZooKeeper ainda o conhece de antes de ser morto",
        service=service,
    )


def what_to_do(service: str, lines: Sequence[str]) -> str:
    """Return one sentence of advice for `service`, whose last log lines are given."""
    text = "\n".join(lines)
    for words, advice in _reasons():
        if re.search(words, text):
            return f"{advice} {_then(service)}"
    return tr(
        "./workshop logs {s} shows all it said; {then}",
        "./workshop logs {s} mostra tudo o que disse; {then}",
        s=service,
        then=_then(service),
    )


def _then(service: str) -> str:
    return tr("./workshop start {s} tries again.", "./workshop start {s} tenta de novo.", s=service)


def _reasons() -> tuple[tuple[str, str], ...]:
    return (
        (
            "No space left on device|all log dirs .* have failed",
            tr(
                "The disk is full: free some space, or lower STORAGE.",
                "O disco está cheio: libere espaço ou reduza STORAGE.",
            ),
        ),
        (
            "OutOfMemoryError",
            tr("It needs more memory: raise BROKER_HEAP.", "Falta memória: aumente BROKER_HEAP."),
        ),
        (
            "Address already in use",
            tr(
                "Another program has its port: ./workshop doctor names it.",
                "Outro programa usa sua porta: ./workshop doctor diz qual.",
            ),
        ),
        (
            "NodeExistsException",
            tr(
                "ZooKeeper still knows a broker of this id: wait ten seconds.",
                "O ZooKeeper ainda conhece um broker com este id: espere dez segundos.",
            ),
        ),
        (
            "InconsistentClusterIdException|doesn't match stored clusterId",
            tr(
                "Its data belong to another cluster: ./workshop down --volumes deletes them.",
                "Seus dados são de outro cluster: ./workshop down --volumes os apaga.",
            ),
        ),
    )
