"""What a plain connection to a server comes to, kept as a value and put into words when shown."""

import socket
from enum import Enum

from kafka_workshop.language import tr

PROBE_SECONDS = 0.5


class Problem(Enum):
    """What a plain connection to one bootstrap server came to."""

    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    NOT_KAFKA = "no-answer"

    def text(self) -> str:
        """Return the sentence for a person."""
        return {
            Problem.REFUSED: tr("nothing listens there", "nada escuta ali"),
            Problem.UNRESOLVED: tr("the name is not known", "o nome não é conhecido"),
            Problem.SILENT: tr("no reply in time", "sem resposta a tempo"),
            Problem.UNREACHABLE: tr("not reachable", "inacessível"),
            Problem.NOT_KAFKA: tr(
                "the port is open, but Kafka does not answer",
                "a porta está aberta, mas o Kafka não responde",
            ),
        }[self]


def probe(server: str, seconds: float = PROBE_SECONDS) -> Problem:
    """Connect to `server` (`host:port`) and return what is wrong with it."""
    host, _, port = server.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds):
            return Problem.NOT_KAFKA
    except ConnectionRefusedError:
        return Problem.REFUSED
    except socket.gaierror:
        return Problem.UNRESOLVED
    except TimeoutError:
        return Problem.SILENT
    except OSError:
        return Problem.UNREACHABLE


def listens(server: str) -> bool:
    """Return whether something accepts connections at `server` (`host:port`)."""
    return probe(server) is Problem.NOT_KAFKA
