"""Three roles, and the mark that every function carries which changes something.

Buttons are a courtesy: what a browser sends over its websocket can ask for anything. So the check
is in the function that writes, in whatever module it lives:

    @needs(Role.OPERATOR, target="name")
    def delete_topic(self, name: str, typed: str) -> None: ...

Who asks is told by a context variable, set for each request and each websocket before it is
handled, and carried into threads by `asyncio.to_thread`. Where nobody has set it, nobody is asking,
and nothing may be written.
"""

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce, wraps
from typing import Literal, ParamSpec, TypeVar

from kafka_workshop.errors import UserError, WorkshopError
from kafka_workshop.language import tr

P = ParamSpec("P")
T = TypeVar("T")
Outcome = Literal["done", "refused", "failed"]
_TARGET_CHARACTERS = 300


class Role(IntEnum):
    """Each may do what the ones before it may: look; triage and export; change the system."""

    VIEWER = 1
    ANALYST = 2
    OPERATOR = 3

    @property
    def word(self) -> str:
        """The role as settings, files and REST write it."""
        return self.name.lower()


@dataclass(frozen=True)
class Caller:
    """Who asks; with `read_only` nobody may change anything, whatever the role."""

    name: str
    role: Role
    read_only: bool = False


@dataclass(frozen=True)
class Attempt:
    """One call of a marked function, as the audit log tells it; `detail` is why it failed."""

    who: str
    role: str
    action: str
    target: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True)
class Session:
    """Who is asking now, looked up each time (they may have logged out), and who writes it down."""

    caller: Callable[[], Caller | None]
    record: Callable[[Attempt], None] = lambda _: None


@dataclass(frozen=True)
class Need:
    """What a marked function needs; without `writes` it changes nothing and read-only allows it."""

    role: Role
    writes: bool = True


class Forbidden(UserError):
    """Whoever asks may not do this; the text says what it needs."""


LOCAL = Caller("local", Role.OPERATOR)
_NOBODY = Session(lambda: None)
_session: ContextVar[Session] = ContextVar("session", default=_NOBODY)
# Every marked function by `module.qualified_name`: what a test walks through.
MARKED: dict[str, Need] = {}


def use(session: Session) -> None:
    """Let `session` be asking in this context from now on."""
    _session.set(session)


def caller() -> Caller | None:
    """Return who is asking in this context, or `None` for nobody."""
    return _session.get().caller()


def may(role: Role, *, writes: bool = True) -> bool:
    """Return whether whoever asks may do what needs `role`: whether to offer it at all."""
    return not why_not(caller(), Need(role, writes))


def why_not(asking: Caller | None, need: Need) -> str:
    """Return why `asking` may not do what has this need, or nothing.

    >>> why_not(Caller("ana", Role.VIEWER), Need(Role.ANALYST))
    'This needs the role analyst; ana is viewer.'
    """
    if asking is None:
        return tr("Log in first.", "Entre primeiro.")
    if asking.role < need.role:
        return tr(
            "This needs the role {role}; {name} is {own}.",
            "Isto exige o papel {role}; {name} é {own}.",
            role=need.role.word,
            name=asking.name,
            own=asking.role.word,
        )
    if need.writes and asking.read_only:
        return tr(
            "Nothing can be changed here: CONSOLE_READ_ONLY=1.",
            "Aqui nada pode ser alterado: CONSOLE_READ_ONLY=1.",
        )
    return ""


def needs(
    role: Role, target: str = "", *, writes: bool = True
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a function: only `role` or a higher one may call it, and each call is written down.

    Args:
        role: the least role.
        target: which arguments say what is changed, as in `name`, `wish.name` or `verb service`.
        writes: whether it changes anything, so that read-only mode refuses it.

    Raises:
        Forbidden: (the marked function) whoever asks may not do this.
    """

    def mark(function: Callable[P, T]) -> Callable[P, T]:
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"{function.__qualname__}: mark what it runs in a thread instead")
        need, signature = Need(role, writes), inspect.signature(function)

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            about = _target(signature.bind(*args, **kwargs).arguments, target)
            with_session = _Call(_session.get(), function.__name__, about)
            with_session.refuse_without(need)
            return with_session.run(lambda: function(*args, **kwargs))

        MARKED[f"{function.__module__}.{function.__qualname__}"] = need
        return guarded

    return mark


class _Call:
    """One call of a marked function."""

    def __init__(self, session: Session, action: str, target: str) -> None:
        self._session, self._action, self._target = session, action, target
        self._caller = session.caller()

    def refuse_without(self, need: Need) -> None:
        reason = why_not(self._caller, need)
        if reason:
            self._record("refused", reason)
            raise Forbidden(reason)

    def run(self, work: Callable[[], T]) -> T:
        try:
            outcome = work()
        except WorkshopError as error:
            self._record("failed", str(error))
            raise
        except BaseException as error:
            self._record("failed", type(error).__name__)
            raise
        self._record("done", "")
        return outcome

    def _record(self, outcome: Outcome, detail: str) -> None:
        who = self._caller.name if self._caller else ""
        role = self._caller.role.word if self._caller else ""
        self._session.record(Attempt(who, role, self._action, self._target, outcome, detail))


def _target(arguments: dict[str, object], path: str) -> str:
    """Return what each of some paths leads to among a call's arguments, as one bounded text."""
    steps = [each.split(".") for each in path.split()]
    found = (reduce(getattr, rest, arguments.get(name, "")) for name, *rest in steps)
    return " ".join(map(str, found))[:_TARGET_CHARACTERS]
