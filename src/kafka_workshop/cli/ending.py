"""The end of a run: a supervisor asked to stop, or what a killed one left behind."""

import time

from kafka_workshop.cli.view import View
from kafka_workshop.clock import Deadline
from kafka_workshop.cluster.control import ControlClient
from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.identity import Identity
from kafka_workshop.cluster.process import resident_bytes
from kafka_workshop.cluster.roll import Entry, end, left_behind
from kafka_workshop.cluster.sole import is_running, sole_supervisor
from kafka_workshop.cluster.states import ORPHANED, STOPPED, Event, Status
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr
from kafka_workshop.settings import ClusterSettings

_LEAVES_S = 30.0
_LOOK_S = 0.05


def stop(settings: ClusterSettings, view: View) -> bool:
    """Stop the system and wait until its supervisor has ended; return whether one was running.

    Raises:
        Unavailable: the supervisor does not end.
    """
    folders = RunFolders(settings.data)
    if not is_running(folders):
        return end_left_behind(folders, view)
    client = ControlClient(folders)
    supervisor = client.presence().identity
    for event in client.down():
        view.event(event)
    await_end(folders, supervisor)
    return True


def end_left_behind(folders: RunFolders, view: View) -> bool:
    """Stop the services of a supervisor that was killed; return whether there were any.

    Raises:
        AlreadyRunning: a supervisor has begun meanwhile: what is on the roll is its own.
    """
    if not left_behind(folders):
        return False
    # Held, so that no supervisor begins between the look at the roll and the signals.
    with sole_supervisor(folders):
        _end(left_behind(folders), view)
    return True


def _end(entries: list[Entry], view: View) -> None:
    view.say(
        tr(
            "Its supervisor was killed; ending what it left behind: {names}",
            "O supervisor foi morto; encerrando o que ele deixou: {names}",
            names=", ".join(entry.service for entry in entries),
        )
    )
    began = time.monotonic()
    end(entries, lambda e: view.event(Event(e.service, STOPPED, time.monotonic() - began)))


def orphans(folders: RunFolders) -> list[Status]:
    """Return what `ps` says of the services of a supervisor that was killed."""
    return [_orphan(entry) for entry in left_behind(folders)]


def _orphan(entry: Entry) -> Status:
    return Status(
        service=entry.service,
        state=ORPHANED,
        pid=entry.identity.pid,
        ports=entry.ports,
        restarts=0,
        exit_code=None,
        since=entry.started,
        memory=resident_bytes(entry.identity.pid),
    )


def await_end(folders: RunFolders, supervisor: Identity) -> None:
    """Wait until a supervisor has ended, process and all.

    Raises:
        Unavailable: it does not end.
    """
    # The lock is free before the process has ended: an interpreter takes a moment to leave.
    deadline = Deadline(_LEAVES_S)
    while is_running(folders) or supervisor.alive:
        if deadline.expired:
            raise Unavailable(
                tr(
                    "The supervisor of {root} has not ended after {seconds:.0f} s",
                    "O supervisor de {root} não terminou após {seconds:.0f} s",
                    root=folders.root,
                    seconds=_LEAVES_S,
                )
            )
        time.sleep(_LOOK_S)
