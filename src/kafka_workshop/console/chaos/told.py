"""Services, their states and what happened, in words."""

from kafka_workshop.cluster.states import (
    FAILED,
    KILLED,
    PAUSED,
    READY,
    RESTARTING,
    STARTING,
    STOPPED,
    STOPPING,
    WAITING,
    Status,
    state_text,
)
from kafka_workshop.console import formats
from kafka_workshop.console.chaos.orders import KAFKA_UI, Verb
from kafka_workshop.console.chaos.trail import Happening
from kafka_workshop.console.widgets import Tone
from kafka_workshop.language import tr

_TONES: dict[str, Tone] = {
    READY: "good",
    STARTING: "warn",
    RESTARTING: "warn",
    STOPPING: "warn",
    PAUSED: "warn",
    KILLED: "bad",
    FAILED: "bad",
    STOPPED: "bad",
}
_MOVING = (WAITING, STOPPING)
# A restart of a broker that just starts would wait behind it: kill is what helps.
_LIVING: dict[str, tuple[Verb, ...]] = {
    READY: ("kill", "restart", "pause", "stop"),
    STARTING: ("kill", "stop"),
    RESTARTING: ("start", "stop"),
    PAUSED: ("unpause", "kill"),
}
_ICONS: dict[Verb, str] = {
    "kill": "bolt",
    "pause": "pause",
    "unpause": "play_arrow",
    "stop": "stop",
    "start": "play_arrow",
    "restart": "restart_alt",
}


def state_tone(state: str) -> Tone:
    """Return how bad a state is."""
    return _TONES.get(state, "")


def verb_text(verb: Verb) -> str:
    """Return an order as a button says it."""
    return {
        "kill": tr("Kill", "Matar"),
        "pause": tr("Pause", "Pausar"),
        "unpause": tr("Unpause", "Retomar"),
        "stop": tr("Stop", "Parar"),
        "start": tr("Start", "Iniciar"),
        "restart": tr("Restart", "Reiniciar"),
    }[verb]


def verb_icon(verb: Verb) -> str:
    """Return the sign of an order."""
    return _ICONS[verb]


def verbs_for(status: Status) -> tuple[Verb, ...]:
    """Return the orders that make sense for a service as it is now."""
    if status.state in _MOVING:
        return ()
    verbs = _LIVING.get(status.state, ("start",))
    if status.service == KAFKA_UI:
        return tuple(verb for verb in verbs if verb in ("kill", "restart"))
    return verbs


def since_text(status: Status, now_ms: int) -> str:
    """Return for how long a service has been in its state, and how often it came back."""
    lasting = formats.duration(max(0.0, now_ms / 1000 - status.since))
    if not status.restarts:
        return tr("for {lasting}", "há {lasting}", lasting=lasting)
    return tr(
        "for {lasting} · restarted by itself: {n}",
        "há {lasting} · reiniciado sozinho: {n}",
        lasting=lasting,
        n=formats.number(status.restarts),
    )


def happening_text(happening: Happening) -> str:
    """Return what happened, as a sentence."""
    before, after, subject = happening.before, happening.after, happening.subject
    if happening.kind == "service":
        return f"{subject}: {state_text(before)} → {state_text(after)}"
    if happening.kind == "controller":
        return tr("controller: {a} → {b}", "controller: {a} → {b}", a=before, b=after)
    if happening.kind == "broker" and after == "offline":
        return tr("the others lost {who}", "os outros perderam {who}", who=subject)
    if happening.kind == "broker":
        return tr("the others see {who} again", "os outros veem {who} de novo", who=subject)
    if happening.kind == "replication":
        return tr(
            "under-replicated partitions: {a} → {b}",
            "partições sub-replicadas: {a} → {b}",
            a=before,
            b=after,
        )
    return tr(
        "partitions without a leader: {a} → {b}",
        "partições sem líder: {a} → {b}",
        a=before,
        b=after,
    )


def happening_tone(happening: Happening) -> Tone:
    """Return whether that is bad news or good."""
    if happening.kind == "service":
        return state_tone(happening.after)
    if happening.kind == "controller":
        return "accent"
    if happening.kind == "broker":
        return "bad" if happening.after == "offline" else "good"
    return "good" if happening.after == "0" else "warn"
