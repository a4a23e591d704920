"""The supervisor of the native run, through its socket: what runs, and orders; never a process."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.protocol import PS, Refused, Reply, Request, ask, socket_of
from kafka_workshop.cluster.states import Status
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr

_ANSWER_SECONDS = 2.0
# An order goes on without us: a broker needs many seconds to start, and its state tells of it.
_PATIENCE_SECONDS = 2.0
_BROKER = "broker-"


@dataclass(frozen=True)
class System:
    """What the supervisor said last; `foreign`: its brokers are not those of this console."""

    services: tuple[Status, ...] = ()
    foreign: bool = False

    def status(self, service: str) -> Status | None:
        """Return what is said of one service."""
        return next((each for each in self.services if each.service == service), None)


class Supervision:
    """Speaks to whoever supervises the data folder `data`; `servers` are the console's brokers."""

    def __init__(self, data: Path | None, servers: tuple[str, ...]) -> None:
        self._folders = RunFolders(data) if data is not None else None
        self._ports = {int(server.rpartition(":")[2]) for server in servers}

    def look(self, _stopping: object = None) -> System:
        """Return what runs.

        Raises:
            Unavailable: nobody supervises, or does not answer.
        """
        try:
            answer = next(ask(self._socket(), Request(PS), _ANSWER_SECONDS))
            services = msgspec.json.decode(answer, type=tuple[Status, ...])
        except (OSError, StopIteration, msgspec.DecodeError):
            raise nobody() from None
        brokers = [each for each in services if each.service.startswith(_BROKER)]
        if any(not self._ports.isdisjoint(each.ports) for each in brokers):
            return System(services)
        return System(foreign=True)

    def order(self, request: Request) -> bool:
        """Give an order; return whether it is done: after two seconds it goes on by itself.

        Raises:
            Refused: it is not carried out; with the supervisor's reason.
            Unavailable: nobody supervises our brokers.
        """
        if self.look().foreign:
            raise nobody()
        patience = Deadline(_PATIENCE_SECONDS)
        try:
            for line in ask(self._socket(), request, _PATIENCE_SECONDS):
                reply = msgspec.json.decode(line, type=Reply)
                if reply.event is None:
                    if reply.refused:
                        raise Refused(reply)
                    return True
                if patience.expired:
                    return False
        except TimeoutError:
            return False
        except (OSError, msgspec.DecodeError):
            raise nobody() from None
        raise nobody()

    def _socket(self) -> str:
        if self._folders is None:
            raise FileNotFoundError
        return socket_of(self._folders)


def nobody() -> Unavailable:
    """Return the reason why there is nobody to give orders to."""
    return Unavailable(
        tr(
            "No supervisor of these brokers answers: was the system started by ./workshop up?",
            "Nenhum supervisor destes brokers responde: o sistema foi iniciado por ./workshop up?",
        )
    )
