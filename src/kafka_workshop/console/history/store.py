"""The file that a console's histories outlive it in: small, checked, and replaced as a whole."""

import os
import zlib
from pathlib import Path

import msgspec

from kafka_workshop.console.history.ring import Ring
from kafka_workshop.console.history.series import (
    COARSE_MS,
    COARSE_SIZE,
    FINE_MS,
    FINE_SIZE,
    MAX_SERIES,
    History,
    Kind,
    Series,
)

_VERSION = 1
# Twice as many series of 8.6 kB as there may be, and their names.
_MOST_BYTES = 8_000_000
_LONGEST_NAME = 1_000


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    kind: Kind
    name: str
    fine_newest: int
    fine: bytes
    coarse_newest: int
    coarse: bytes


class _File(msgspec.Struct, frozen=True):
    version: int
    cluster: str
    series: tuple[_Saved, ...]


class Unreadable(Exception):
    """The file holds no histories of this version; the text says what is wrong with it."""


def save(history: History, path: Path) -> None:
    """Write all histories to `path`; whoever is interrupted leaves the file as it was.

    Raises:
        OSError: the folder can't be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    saved = tuple(_saved(name, series) for name, series in history.all())
    packed = zlib.compress(msgspec.msgpack.encode(_File(_VERSION, history.cluster, saved)), 1)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def restore(history: History, path: Path) -> None:
    """Read what was saved into `history`; without a file it stays as it is.

    Raises:
        Unreadable: the file is none of ours, damaged, or of another version.
        OSError: it can't be read.
    """
    if not path.exists():
        return
    try:
        found = msgspec.msgpack.decode(_unpacked(path), type=_File)
        if found.version != _VERSION or len(found.series) > 2 * MAX_SERIES:
            raise ValueError(f"version {found.version}, {len(found.series)} series")
        series = [(_checked(each.name), _series(each)) for each in found.series]
    except (ValueError, zlib.error, msgspec.MsgspecError) as error:
        raise Unreadable(str(error)) from None
    history.restore(found.cluster, series)


def _unpacked(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(_MOST_BYTES + 1)
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, _MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("too long, or cut off")
    return data


def _saved(name: str, series: Series) -> _Saved:
    fine, coarse = series.fine, series.coarse
    return _Saved(series.kind, name, fine.newest, fine.dump(), coarse.newest, coarse.dump())


def _series(saved: _Saved) -> Series:
    fine = Ring.load(FINE_MS, FINE_SIZE, saved.fine_newest, saved.fine)
    return Series(
        saved.kind, fine, Ring.load(COARSE_MS, COARSE_SIZE, saved.coarse_newest, saved.coarse)
    )


def _checked(name: str) -> str:
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"a name of {len(name)} characters")
    return name
