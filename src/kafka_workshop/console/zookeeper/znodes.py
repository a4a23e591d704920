"""What is known of ZooKeeper's tree: frozen values, bounded in bytes and in number."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

ROOT = "/"
CONTROLLER, EPOCH, IDS = "/controller", "/controller_epoch", "/brokers/ids"
KEPT_BYTES = 64 * 1024
MOST_CHILDREN, MOST_OPEN, MOST_ROWS, MAX_PATH = 200, 40, 1_000, 1_000
# Hashes of passwords, and of tokens: ZooKeeper shows them to whoever asks, this console does not.
_SECRET = re.compile(r"/(config/users|delegation_token)(/.*)?")


@dataclass(frozen=True)
class Znode:
    """A znode: the beginning of its data, `size` bytes in all, and its stat.

    Attributes:
        owner: the session that an ephemeral znode ends with; 0: it is not ephemeral.
        children: how many it has.
        version: how often its data was changed.
        made_ms, changed_ms: when it was made, and its data last changed (ms UTC).
        changed_by: the transaction (zxid) that did that.
    """

    path: str
    data: bytes = b""
    size: int = 0
    owner: int = 0
    children: int = 0
    version: int = 0
    made_ms: int = 0
    changed_ms: int = 0
    changed_by: int = 0

    @property
    def secret(self) -> bool:
        """Whether its data is nobody's to read."""
        return _SECRET.fullmatch(self.path) is not None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2] or ROOT


@dataclass(frozen=True)
class Election:
    """Who leads, as ZooKeeper has it: the controller, its epoch, the brokers that are registered.

    `since_ms` is when the controller was elected. What is not there is `None`.
    """

    controller: int | None = None
    epoch: int | None = None
    brokers: tuple[int, ...] = ()
    since_ms: int | None = None


@dataclass(frozen=True)
class Change:
    """The election was one thing and is another; `at_ms` is when that was seen."""

    at_ms: int
    before: Election
    after: Election


@dataclass(frozen=True)
class Row:
    """A line of the tree; `more` children of an open one are left out."""

    znode: Znode
    depth: int
    open: bool
    more: int = 0


@dataclass(frozen=True)
class Tree:
    """The lines of the tree, the znode that was chosen (`None`: it is not there), the election."""

    rows: tuple[Row, ...] = ()
    chosen: Znode | None = None
    election: Election = Election()


@dataclass(frozen=True)
class Found:
    """What one look found: znodes by path, and the names of the children of those that are open."""

    znodes: Mapping[str, Znode] = field(default_factory=dict)
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def child(path: str, name: str) -> str:
    """Return the path of a child.

    >>> child("/", "brokers"), child("/brokers", "ids")
    ('/brokers', '/brokers/ids')
    """
    return f"{path.rstrip('/')}/{name}"


def parents(path: str) -> tuple[str, ...]:
    """Return the paths above a znode, from the root on.

    >>> parents("/brokers/ids/1")
    ('/', '/brokers', '/brokers/ids')
    """
    parts = path.strip("/").split("/")
    return (ROOT, *("/" + "/".join(parts[:n]) for n in range(1, len(parts))))


def is_path(text: str) -> bool:
    """Return whether there can be a znode of this path.

    >>> is_path("/brokers"), is_path("/brokers/"), is_path("brokers"), is_path("/a/../b")
    (True, False, False, False)
    """
    if text == ROOT:
        return True
    parts = text.split("/")
    short = len(text) <= MAX_PATH and text.isprintable()
    return short and parts[0] == "" and all(p not in ("", ".", "..") for p in parts[1:])


def in_order(names: list[str]) -> tuple[str, ...]:
    """Return names with numbers as numbers.

    >>> in_order(["10", "9", "b", "a"])
    ('9', '10', 'a', 'b')
    """
    return tuple(
        sorted(names, key=lambda n: (not n.isdecimal(), len(n) if n.isdecimal() else 0, n))
    )


def tree_of(found: Found, opened: Collection[str], chosen: str) -> Tree:
    """Return the tree that was found, with the children of those that are `opened`."""
    rows: list[Row] = []
    _add(rows, found, opened, ROOT)
    return Tree(tuple(rows[:MOST_ROWS]), found.znodes.get(chosen), election_of(found))


def _add(rows: list[Row], found: Found, opened: Collection[str], path: str) -> None:
    znode = found.znodes.get(path)
    if znode is None or len(rows) >= MOST_ROWS:
        return
    names = found.children.get(path, ()) if path in opened else ()
    more = max(0, znode.children - len(names)) if path in opened else 0
    rows.append(Row(znode, len(parents(path)) if path != ROOT else 0, path in opened, more))
    for name in names:
        _add(rows, found, opened, child(path, name))


def election_of(found: Found) -> Election:
    """Return what the znodes say of the election; anything else in them counts as not said."""
    leader, epoch = found.znodes.get(CONTROLLER), found.znodes.get(EPOCH)
    ids = (int(n) for n in found.children.get(IDS, ()) if n.isdecimal() and len(n) < 10)
    return Election(
        _number(leader.data, "brokerid") if leader else None,
        _number(epoch.data) if epoch else None,
        tuple(sorted(ids)),
        leader.made_ms if leader else None,
    )


def _number(data: bytes, name: str = "") -> int | None:
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    number = said.get(name) if name and isinstance(said, dict) else said
    return number if isinstance(number, int) and not isinstance(number, bool) else None
