"""Reads znodes through kazoo: one client while somebody looks, and nothing is ever written."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoNodeError
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.retry import KazooRetry

from kafka_workshop import clock
from kafka_workshop.clock import Deadline
from kafka_workshop.console.zookeeper.znodes import (
    CONTROLLER,
    EPOCH,
    IDS,
    KEPT_BYTES,
    MOST_CHILDREN,
    MOST_OPEN,
    MOST_ROWS,
    ROOT,
    Change,
    Election,
    Found,
    Tree,
    Znode,
    child,
    in_order,
    tree_of,
)
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr

_CONNECT_SECONDS, _LOOK_SECONDS, _SESSION_SECONDS = 1.5, 2.0, 6.0
# It connects again by itself: whoever looks meanwhile need not wait, and holds no thread.
_AGAIN_SECONDS = 0.1
_LOST_SECONDS = 4.0
_KEPT_CHANGES = 20
# The library tells a lost connection in its log, again and again; the page says it once.
_SILENT = logging.getLogger("kafka_workshop.kazoo")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Znodes:
    """The tree of one ZooKeeper; `open` and `release` count who looks.

    `changes` are the elections that looks have seen, the newest first: of all who look together,
    so that a page which is loaded anew has them too. A method may be called from any thread, and
    blocks for a few seconds at most.
    """

    def __init__(self, servers: tuple[str, ...]) -> None:
        self._servers = servers
        self._lock = threading.Lock()
        self._lookers = 0
        self._client: Any = None
        self._alive = threading.Event()
        self._patience = _CONNECT_SECONDS
        self._election: Election | None = None
        self._compared = 0.0
        self._lost: Deadline | None = None
        self.changes: tuple[Change, ...] = ()

    def open(self) -> None:
        """Somebody begins to look."""
        with self._lock:
            self._lookers += 1

    def release(self) -> None:
        """Somebody has stopped looking; the last one lets go of the connection."""
        with self._lock:
            self._lookers -= 1
            last = self._lookers <= 0
        if last:
            self.close()

    def close(self) -> None:
        """Let go of the connection, whoever looks; nobody waits for that."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            threading.Thread(target=_end, args=(client,), name="znodes-end", daemon=True).start()

    def look(self, opened: Iterable[str] = (), chosen: str = ROOT) -> Tree:
        """Return the tree with the children of `opened`, and the znode `chosen`.

        Raises:
            Unavailable: ZooKeeper does not answer.
        """
        began = time.monotonic()
        shown = {ROOT, *sorted(opened)[:MOST_OPEN]}
        client = self._connected()
        try:
            found = _found(client, {IDS, *shown}, {chosen, CONTROLLER, EPOCH})
        except (KazooException, KazooTimeoutError):
            raise self._silent() from None
        tree = tree_of(found, shown, chosen)
        self._compare(tree.election, began)
        return tree

    def _compare(self, election: Election, began: float) -> None:
        with self._lock:
            if began < self._compared:
                return  # another look began later and is compared already: this one is older
            self._compared = began
            before, self._election = self._election, election
            if before is not None and before != election:
                new = Change(clock.now_ms(), before, election)
                self.changes = (new, *self.changes)[:_KEPT_CHANGES]

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client, self._patience = _client(self._servers), _CONNECT_SECONDS
                # It connects in a thread of its own, and again whenever it was lost.
                self._alive = self._client.start_async()
            client, alive = self._client, self._alive
            patience, self._patience = self._patience, _AGAIN_SECONDS
        if alive.wait(patience):
            self._lost = None
            return client
        self._lost = self._lost or Deadline(_LOST_SECONDS)
        if self._lost.expired:
            # A session may be gone for good: the next look begins a new one.
            self._lost = None
            self.close()
        raise self._silent()

    def _silent(self) -> Unavailable:
        return Unavailable(
            tr(
                "ZooKeeper does not answer at {servers}.",
                "O ZooKeeper não responde em {servers}.",
                servers=", ".join(self._servers),
            )
        )


def _client(servers: tuple[str, ...]) -> Any:
    return KazooClient(
        hosts=",".join(servers),
        timeout=_SESSION_SECONDS,
        connection_retry=KazooRetry(max_tries=-1, delay=0.1, max_delay=1.0),
        command_retry=KazooRetry(max_tries=0),
        logger=_SILENT,
    )


def _end(client: Any) -> None:
    client.stop()
    client.close()


def _found(client: Any, opened: set[str], wanted: set[str]) -> Found:
    """Ask for all at once, then take the answers: a look costs two round trips."""
    deadline = Deadline(_LOOK_SECONDS)
    asked = {path: client.get_children_async(path) for path in opened}
    children: dict[str, tuple[str, ...]] = {}
    for path, answer in asked.items():
        names = _answer(answer, deadline)
        if names is not None:
            children[path] = in_order(names)[:MOST_CHILDREN]
    below = [child(path, name) for path, names in children.items() for name in names]
    paths = {*below[: 2 * MOST_ROWS], *opened, *wanted}
    answers = {path: client.get_async(path) for path in paths}
    znodes: dict[str, Znode] = {}
    for path, answer in answers.items():
        got = _answer(answer, deadline)
        if got is not None:
            znodes[path] = _znode(path, *got)
    return Found(znodes, children)


def _answer(answer: Any, deadline: Deadline) -> Any:
    """Return an answer, `None` if there is no such znode (any more)."""
    try:
        return answer.get(timeout=max(0.05, deadline.remaining))
    except NoNodeError:
        return None


def _znode(path: str, found: bytes | None, stat: Any) -> Znode:
    data = found or b""  # Kafka makes the inner ones of its tree with no data at all
    znode = Znode(
        path,
        data[:KEPT_BYTES],
        len(data),
        stat.ephemeralOwner,
        stat.numChildren,
        stat.version,
        stat.ctime,
        stat.mtime,
        stat.mzxid,
    )
    # What is secret does not even get as far as a page.
    return znode if not znode.secret else Znode(path, b"", len(data), *_stat(znode))


def _stat(znode: Znode) -> tuple[int, int, int, int, int, int]:
    return (
        znode.owner,
        znode.children,
        znode.version,
        znode.made_ms,
        znode.changed_ms,
        znode.changed_by,
    )
