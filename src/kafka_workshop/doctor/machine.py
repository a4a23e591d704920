"""The machine: Python, memory, disk."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from kafka_workshop.doctor.finding import Finding, ok, problem, warning
from kafka_workshop.language import tr

PYTHON, MEMORY, DISK = "python", "memory", "disk"
_OLDEST, _NEWEST = (3, 11), (3, 13)
# What `./workshop bench start` measured as the most that everything together takes.
NEEDED_MEMORY = 1_100_000_000
# Below this, a machine on which everything runs already is about to swap or to kill.
_SCARCE_MEMORY = 200_000_000
# A broker halts when a write fails; below this nobody should wait for it.
_SCARCE_DISK = 500_000_000
_MB, _GB = 1_000_000, 1_000_000_000


def judge_python(version: tuple[int, int]) -> Finding:
    """Judge the Python that runs this."""
    name = ".".join(map(str, version))
    if _OLDEST <= version <= _NEWEST:
        return ok(PYTHON, tr("Python {name}", "Python {name}", name=name))
    return warning(
        PYTHON,
        tr(
            "Python {name} is not one that this project was tried with: 3.11 to 3.13",
            "Python {name} não é uma versão com que o projeto foi testado: 3.11 a 3.13",
            name=name,
        ),
        tr(
            "delete the folder .venv and run ./workshop up with such a Python on PATH, or with uv",
            "apague a pasta .venv e rode ./workshop up com um Python desses no PATH, ou com uv",
        ),
    )


def judge_memory(available: int, runs: bool) -> Finding:
    """Judge the memory, in bytes, that is available beside what runs already."""
    needed = _SCARCE_MEMORY if runs else NEEDED_MEMORY
    if available >= needed:
        return ok(
            MEMORY,
            tr("Memory: {gb:.1f} GB available", "Memória: {gb:.1f} GB livres", gb=available / _GB),
        )
    return problem(
        MEMORY,
        tr(
            "Memory: {mb:.0f} MB available, {needed:.0f} MB needed",
            "Memória: {mb:.0f} MB livres, {needed:.0f} MB necessários",
            mb=available / _MB,
            needed=needed / _MB,
        ),
        tr(
            "end other programs, or give the brokers less: BROKER_HEAP=256MB ./workshop up",
            "encerre outros programas, ou dê menos aos brokers: BROKER_HEAP=256MB ./workshop up",
        ),
    )


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system of a folder; bytes. `used` is what the cluster's data take of it already."""

    folder: Path
    free: int
    used: int = 0
    writable: bool = True


def look_at_disk(folder: Path, data: Path | None = None) -> Disk:
    """Return the facts about the disk of `folder`, which need not exist yet."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    used = _size(data) if data else 0
    free = shutil.disk_usage(existing).free
    return Disk(folder, free, used, os.access(existing, os.W_OK))


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).lstat().st_size
            except OSError:
                continue  # deleted since: brokers delete segments
    return total


def judge_data_disk(disk: Disk, storage: int) -> Finding:
    """Judge whether the topics' budget, `storage` bytes, fits beside everything else."""
    if not disk.writable:
        return _unwritable(disk.folder, "WORKSHOP_DATA")
    if disk.free >= max(storage - disk.used, _SCARCE_DISK):
        return ok(
            DISK,
            tr(
                "Disk: {free:.1f} GB free; topics: {used:.1f} of {storage:.1f} GB (STORAGE)",
                "Disco: {free:.1f} GB livres; tópicos: {used:.1f} de {storage:.1f} GB (STORAGE)",
                free=disk.free / _GB,
                used=disk.used / _GB,
                storage=storage / _GB,
            ),
        )
    return problem(
        DISK,
        tr(
            "Disk: {free:.1f} GB free in {folder}, but topics may grow by {more:.1f} GB (STORAGE)",
            "Disco: {free:.1f} GB livres em {folder}, mas os tópicos podem crescer {more:.1f} GB "
            "(STORAGE)",
            free=disk.free / _GB,
            folder=disk.folder,
            more=max(0, storage - disk.used) / _GB,
        ),
        tr(
            "free some space, or start with a smaller budget: STORAGE=500MB ./workshop up",
            "libere espaço, ou inicie com um limite menor: STORAGE=500MB ./workshop up",
        ),
    )


def judge_cache_disk(disk: Disk, missing: int) -> Finding | None:
    """Judge whether `missing` bytes of jars fit into the cache; None if they do."""
    if not missing:
        return None
    if not disk.writable:
        return _unwritable(disk.folder, "WORKSHOP_CACHE")
    if disk.free > 2 * missing:  # each is fetched beside its place first
        return None
    return problem(
        DISK,
        tr(
            "Disk: {free:.0f} MB free in {folder}, {needed:.0f} MB of jars are to be downloaded",
            "Disco: {free:.0f} MB livres em {folder}, há {needed:.0f} MB de jars a baixar",
            free=disk.free / _MB,
            folder=disk.folder,
            needed=missing / _MB,
        ),
        tr(
            "free some space, or use another folder: WORKSHOP_CACHE=… ./workshop up",
            "libere espaço, ou use outra pasta: WORKSHOP_CACHE=… ./workshop up",
        ),
    )


def _unwritable(folder: Path, variable: str) -> Finding:
    return problem(
        DISK,
        tr("{folder} can't be written to", "Não é possível gravar em {folder}", folder=folder),
        tr(
            "make it yours (chown), or use another folder: {variable}=… ./workshop up",
            "torne-a sua (chown), ou use outra pasta: {variable}=… ./workshop up",
            variable=variable,
        ),
    )


def python_version() -> tuple[int, int]:
    """Return major and minor version of the Python that runs this."""
    return sys.version_info[:2]


def available_memory() -> int:
    """Return the bytes that programs can have without swapping."""
    return int(psutil.virtual_memory().available)
