"""What the messages' page shows, as the query of its address: a link can be shared and reloaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import quote, urlencode

from kafka_workshop.console.filtering import FilterMistake, Path, parse_path, printed_path

Mode = Literal["newest", "offset", "time", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)
COUNTS = (20, 50, 100, 200, 500)
MAX_COLUMNS = 8
_DEFAULT_COUNT = 50
_MAX_OFFSET = 2**63 - 1
# What a filter may have and a little more: its own sentence tells whoever pastes too much.
_MAX_TEXT = 2_100


@dataclass(frozen=True)
class View:
    """Which messages and columns; `time` is a local time as a browser's field writes it."""

    mode: Mode = "newest"
    partition: int | None = None
    offset: int = 0
    time: str = ""
    count: int = _DEFAULT_COUNT
    filter: str = ""
    columns: tuple[Path, ...] = ()


def read_view(query: Mapping[str, str]) -> View:
    """Return what an address asks for; anything in it that is not ours counts as not said."""
    mode: Mode = next((m for m in MODES if m == query.get("show")), "newest")
    count = _whole(query.get("count", ""), max(COUNTS))
    view = View(mode, _whole(query.get("partition", ""), 1_000_000))
    return replace(
        view,
        offset=_whole(query.get("offset", ""), _MAX_OFFSET) or 0,
        time=query.get("time", "")[:32],
        count=count if count in COUNTS else _DEFAULT_COUNT,
        filter=query.get("filter", "")[:_MAX_TEXT],
        columns=_columns(query.get("columns", "")),
    )


def address(topic: str, view: View) -> str:
    """Return the address of `view`; what is as always is left out.

    >>> address("a b", View(filter="value.amount > 5", columns=(("merchant", "city"),)))
    '/topics/a%20b?filter=value.amount+%3E+5&columns=merchant.city'
    """
    said = {
        "show": view.mode if view.mode != "newest" else "",
        "partition": "" if view.partition is None else str(view.partition),
        "offset": str(view.offset) if view.mode == "offset" else "",
        "time": view.time if view.mode == "time" else "",
        "count": str(view.count) if view.count != _DEFAULT_COUNT else "",
        "filter": view.filter,
        "columns": "~".join(map(printed_path, view.columns)),
    }
    query = urlencode({name: text for name, text in said.items() if text})
    return f"/topics/{quote(topic, safe='')}" + (f"?{query}" if query else "")


def _whole(text: str, most: int) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)):
        return None
    return int(text) if int(text) <= most else None


def _columns(text: str) -> tuple[Path, ...]:
    found: list[Path] = []
    for part in text[:_MAX_TEXT].split("~"):
        path = _path(part)
        if path and path not in found:
            found.append(path)
    return tuple(found[:MAX_COLUMNS])


def _path(text: str) -> Path:
    try:
        return parse_path(text) if text else ()
    except FilterMistake:
        return ()
