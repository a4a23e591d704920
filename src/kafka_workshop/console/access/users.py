"""The file of users: a line each, `name:role:password` as `passwords.hashed` writes it.

The console reads it again whenever it has changed, so who is taken out of it is out at once.
"""

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kafka_workshop.console.access import passwords
from kafka_workshop.console.access.roles import Role
from kafka_workshop.errors import InvalidSetting, UserError
from kafka_workshop.language import tr

NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
SETTING = "CONSOLE_USERS"
_MAX_BYTES = 1_000_000
_ROLES = {role.word: role for role in Role}


class WrongUser(UserError):
    """There is no such user, a name is not allowed, or a line of the file is none."""


@dataclass(frozen=True)
class User:
    """One user; `password` is what is kept of it, never shown."""

    name: str
    role: Role
    password: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What changes with the password: a session of an earlier one has ended."""
        return hashlib.sha256(self.password.encode()).hexdigest()[:16]


def parse(text: str) -> dict[str, User]:
    """Return the users of a file by name; empty lines and those with `#` are passed over.

    Raises:
        WrongUser: a line is none; the text names its number, not what stands there.
    """
    found: dict[str, User] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        role, _, password = rest.partition(":")
        good = NAME.fullmatch(name) and role in _ROLES and passwords.readable(password)
        if not good or name in found:
            raise WrongUser(
                tr(
                    "Line {number} of the users' file is no name:role:password of its own.",
                    "A linha {number} do arquivo de usuários não é um nome:papel:senha próprio.",
                    number=number,
                )
            )
        found[name] = User(name, _ROLES[role], password)
    return found


def rendered(users: Iterable[User]) -> str:
    """Return the file of `users`."""
    ordered = sorted(users, key=lambda user: user.name)
    return "".join(f"{user.name}:{user.role.word}:{user.password}\n" for user in ordered)


def read(path: Path) -> dict[str, User]:
    """Return the users of a file; none if there is no such file.

    Raises:
        WrongUser: a line is none, or the file can't be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return parse(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUser(f"{path}: {error}") from None


def write(path: Path, users: Iterable[User]) -> None:
    """Replace the file as a whole; nobody but its owner may read it.

    Raises:
        WrongUser: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".users-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(rendered(users))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise WrongUser(f"{path}: {error}") from None


def required(path: Path) -> None:
    """Refuse to start with a file that lets nobody in.

    Raises:
        InvalidSetting: it names the setting and how to make the file.
    """
    try:
        found = read(path)
    except WrongUser as error:
        raise InvalidSetting(SETTING, str(path), str(error)) from None
    if not found:
        allowed = tr(
            "a file with a user; make one: ./workshop user add NAME --role operator",
            "um arquivo com um usuário; crie um: ./workshop user add NOME --role operator",
        )
        raise InvalidSetting(SETTING, str(path), allowed)


class Users:
    """The users of a file as it is now; a file that can't be read lets nobody in."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._found: dict[str, User] = {}

    def find(self, name: str) -> User | None:
        """Return the user of this name, or `None`."""
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp, self._found = stamp, self._read(stamp)
            return self._found.get(name)

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _read(self, stamp: tuple[int, int, int] | None) -> dict[str, User]:
        try:
            return read(self._path) if stamp else {}
        except WrongUser:
            return {}
