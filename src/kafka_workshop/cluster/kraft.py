"""KRaft's storage: each node's folder is formatted once, before its first start.

A node is formatted beside its place and moved there in one step, so a format that was interrupted
leaves nothing that a node would take for its own.
"""

import asyncio
import base64
import os
import re
import shutil
import uuid
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kafka_workshop.cluster.folders import RunFolders
from kafka_workshop.cluster.java import ENVIRONMENT
from kafka_workshop.errors import ServiceFailed, UserError
from kafka_workshop.language import tr

# Kafka writes it last: a folder that has it is formatted.
_MARK = "meta.properties"
# A controller writes it at its first start.
STARTED = Path("__cluster_metadata-0", "quorum-state")
_CLUSTER_ID = re.compile(r"^cluster\.id=(\S+)$", re.MULTILINE)
_LAST_CHARACTERS = 1_000


class StrayData(UserError):
    """A node's folder holds something, but no node of ours has formatted it."""


class MajorityLost(UserError):
    """Most nodes' folders are gone: formatted anew, they would outvote the one that remembers."""


@dataclass(frozen=True, slots=True)
class Storage:
    """What a node's storage is formatted with.

    Attributes:
        name: of its service.
        folder: where its data will be.
        config: renders its configuration for a given data folder.
    """

    name: str
    folder: Path
    config: Callable[[Path], str]


FormatCommand = Callable[[str, Path], list[str]]
"""Returns the command that formats, from the cluster's id and a configuration file."""


async def format_all(
    storages: Iterable[Storage], folders: RunFolders, command: FormatCommand
) -> None:
    """Format what is not formatted yet, the nodes side by side; about two seconds the first time.

    Raises:
        StrayData: a folder holds data, but is not formatted.
        MajorityLost: most folders are gone, and the others have been in use.
        ServiceFailed: Kafka's tool refused; with what it said.
    """
    all_storages = tuple(storages)
    wanted = [storage for storage in all_storages if not is_formatted(storage.folder)]
    for storage in wanted:
        _refuse_stray_data(storage)
    _refuse_to_outvote(all_storages, wanted)
    cluster = _cluster_id(all_storages) or new_cluster_id()
    tasks = [asyncio.create_task(_format(storage, folders, cluster, command)) for storage in wanted]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def is_formatted(folder: Path) -> bool:
    """Whether a node may start on `folder`."""
    return (folder / _MARK).exists()


def new_cluster_id() -> str:
    """Return a random id as Kafka writes them: 22 characters, none of them a leading hyphen."""
    encoded = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return new_cluster_id() if encoded.startswith("-") else encoded


def _cluster_id(storages: Iterable[Storage]) -> str | None:
    """Return the id that a formatted node has: a node whose folder was lost joins the others."""
    for storage in storages:
        if is_formatted(storage.folder):
            found = _CLUSTER_ID.search((storage.folder / _MARK).read_text(encoding="utf-8"))
            if found:
                return found[1]
    return None


def _refuse_stray_data(storage: Storage) -> None:
    if storage.folder.exists() and any(storage.folder.iterdir()):
        raise StrayData(
            tr(
                "{folder} holds data but no {mark}: it is not {name}'s any more. Move it away, "
                "or delete every topic and message with ./workshop down --volumes.",
                "{folder} contém dados, mas não {mark}: não é mais de {name}. Mova a pasta, "
                "ou apague todos os tópicos e mensagens com ./workshop down --volumes.",
                folder=storage.folder,
                mark=_MARK,
                name=storage.name,
            )
        )


def _refuse_to_outvote(storages: Collection[Storage], wanted: Collection[Storage]) -> None:
    in_use = [storage.name for storage in storages if (storage.folder / STARTED).exists()]
    if in_use and 2 * len(wanted) > len(storages):
        raise MajorityLost(
            tr(
                "The data of {lost} is gone. Begun anew, they would outvote {left} and every topic "
                "would be lost: put their folders back, or ./workshop down --volumes.",
                "Os dados de {lost} sumiram. Começando do zero, eles venceriam {left} na votação e "
                "todos os tópicos se perderiam: devolva as pastas, ou ./workshop down --volumes.",
                lost=", ".join(storage.name for storage in wanted),
                left=", ".join(in_use),
            )
        )


async def _format(
    storage: Storage, folders: RunFolders, cluster: str, command: FormatCommand
) -> None:
    scratch = storage.folder.with_name(f"{storage.name}.formatting")
    shutil.rmtree(scratch, ignore_errors=True)  # of a format that was interrupted
    scratch.mkdir(parents=True)
    config = folders.config / f"{storage.name}.format.properties"
    config.write_text(storage.config(scratch), encoding="utf-8")
    await _run(command(cluster, config), storage.name)
    config.unlink()
    with suppress(FileNotFoundError):
        storage.folder.rmdir()
    scratch.rename(storage.folder)


async def _run(command: list[str], name: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **ENVIRONMENT},
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ServiceFailed(
            tr(
                "The storage of {name} could not be formatted:\n    {lines}",
                "O armazenamento de {name} não pôde ser formatado:\n    {lines}",
                name=name,
                lines=output.decode(errors="replace").strip()[-_LAST_CHARACTERS:],
            )
        )
