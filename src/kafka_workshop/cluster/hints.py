"""What to do about a service that keeps ending: its last lines tell the common reasons."""

import re
from collections.abc import Sequence

from kafka_workshop.language import tr


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
