"""REST: who leads, as ZooKeeper has it, and one znode, as JSON; nothing is written."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query

from kafka_workshop.console.payload import show
from kafka_workshop.console.zookeeper.reading import Znodes
from kafka_workshop.console.zookeeper.znodes import MAX_PATH, ROOT, Tree, Znode, child, is_path
from kafka_workshop.errors import Unavailable
from kafka_workshop.language import tr

_Path = Annotated[str, Query(max_length=MAX_PATH)]


def znodes_router(znodes: Znodes) -> APIRouter:
    """Return the routes over `znodes`."""
    routes = APIRouter()

    @routes.get("/api/zookeeper")
    def znode(path: _Path = ROOT) -> dict[str, Any]:
        """The election, and the znode of a path with the names of its children."""
        if not is_path(path):
            raise HTTPException(422, tr("This is no path.", "Isto não é um caminho."))
        tree = _look(znodes, path)
        if tree.chosen is None:
            raise HTTPException(404, tr("There is no such znode.", "Este znode não existe."))
        prefix = child(path, "")
        names = [
            row.znode.name
            for row in tree.rows
            if row.znode.path.startswith(prefix) and "/" not in row.znode.path[len(prefix) :]
        ]
        told = _told(tree.chosen) | {"names": [name for name in names if name != ROOT]}
        return {"election": msgspec.to_builtins(tree.election), "znode": told}

    return routes


def _look(znodes: Znodes, path: str) -> Tree:
    znodes.open()
    try:
        return znodes.look({path}, path)
    except Unavailable as silent:
        raise HTTPException(503, str(silent)) from None
    finally:
        znodes.release()


def _told(znode: Znode) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(znode, builtin_types=(bytes,))
    shown = show(znode.data)
    return told | {"data": shown.text, "kind": shown.kind, "secret": znode.secret}
