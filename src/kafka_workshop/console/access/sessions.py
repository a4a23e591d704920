"""Sessions: a signed token in a cookie, and a list of those that were ended before their time.

The secret is made at the first start and stays in the data folder, so a restart logs nobody out.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from kafka_workshop import clock
from kafka_workshop.console.access.roles import Caller, Role
from kafka_workshop.console.access.users import User, Users

LIFETIME_SECONDS = 12 * 3600
PASS_SECONDS = 60
_SECRET_BYTES = 32
_TOKEN_CHARACTERS = 1_000


def secret_in(folder: Path | None) -> str:
    """Return the secret of a data folder, made at first; without a folder, a new one each time.

    Raises:
        OSError: the folder can't be written.
    """
    if folder is None:
        return secrets.token_hex(_SECRET_BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "session.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        kept = path.read_text().strip()
        if len(kept) >= _SECRET_BYTES:
            return kept
        path.unlink()  # cut short while it was made: nobody has a token of it
        return secret_in(folder)
    made = secrets.token_hex(_SECRET_BYTES)
    with os.fdopen(descriptor, "w") as file:
        file.write(made)
    return made


def local_pass(folder: Path) -> str:
    """Return a pass that the command line shows, which can read the data folder; good for a minute.

    Raises:
        OSError: nobody has ever logged in there, or the folder can't be read.
    """
    return _passes((folder / "session.key").read_text().strip()).dumps("read")


def _passes(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="kafka-workshop.local")


class Ended:
    """The sessions that were logged out and have not run out yet, kept in a file."""

    def __init__(self, path: Path | None, now_ms: Callable[[], int] = clock.now_ms) -> None:
        self._path, self._now_ms, self._lock = path, now_ms, threading.Lock()
        self._until_ms: dict[str, int] = self._kept()

    def __contains__(self, session: str) -> bool:
        return session in self._until_ms

    def add(self, session: str) -> None:
        """End a session.

        Raises:
            OSError: it can't be kept, so a restart would forget it.
        """
        with self._lock:
            now_ms = self._now_ms()
            known = {s: until for s, until in self._until_ms.items() if until > now_ms}
            self._until_ms = known | {session: now_ms + LIFETIME_SECONDS * 1000}
            if self._path is not None:
                fresh = self._path.with_suffix(".new")
                fresh.write_text(json.dumps(self._until_ms))
                fresh.replace(self._path)

    def _kept(self) -> dict[str, int]:
        try:
            found = json.loads(self._path.read_text()) if self._path else {}
            return {str(session): int(until) for session, until in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}


class Sessions:
    """Gives out tokens and says whose they are."""

    def __init__(self, users: Users, secret: str, ended: Ended) -> None:
        self._users, self._ended = users, ended
        self._passes = _passes(secret)
        self._signer = URLSafeTimedSerializer(secret, salt="kafka-workshop.session")

    def open(self, user: User) -> str:
        """Return a token for `user`, good for twelve hours."""
        return self._signer.dumps([user.name, secrets.token_urlsafe(12), user.fingerprint])

    def close(self, token: str) -> None:
        """End the session of a token; one that is none changes nothing."""
        read = self._read(token)
        if read is not None:
            self._ended.add(read[1])

    def caller(self, token: str, *, read_only: bool) -> Caller | None:
        """Return whose session it is, with the role that the file says now; `None` if nobody's."""
        read = self._read(token)
        user = self._users.find(read[0]) if read else None
        if read is None or user is None or read[1] in self._ended or user.fingerprint != read[2]:
            return None
        return Caller(user.name, user.role, read_only)

    def local(self, shown: str) -> Caller | None:
        """Return who shows a pass of the command line: it looks, and changes nothing."""
        try:
            self._passes.loads(shown[:_TOKEN_CHARACTERS], max_age=PASS_SECONDS)
        except BadData:
            return None
        return Caller("local", Role.VIEWER, read_only=True)

    def _read(self, token: str) -> tuple[str, str, str] | None:
        if not token or len(token) > _TOKEN_CHARACTERS:
            return None
        try:
            found = self._signer.loads(token, max_age=LIFETIME_SECONDS)
        except BadData:
            return None
        name, session, fingerprint = found
        return str(name), str(session), str(fingerprint)
