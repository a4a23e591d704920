"""The ledger in one line, for the end of `up`: asked of the console, which keeps it warm."""

import asyncio
import http.client
import time

import msgspec

from kafka_workshop.console.access.sessions import local_pass
from kafka_workshop.language import tr
from kafka_workshop.ledger import words
from kafka_workshop.ledger.balance import Balance
from kafka_workshop.settings import ClusterSettings

_ASK_S = 2.0


async def ledger_line(settings: ClusterSettings) -> str:
    """Return the ledger in one line for the end of `up`, within two seconds.

    The console keeps it warm: ask between the end of producer and consumer and its own.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(_asked, settings), _ASK_S)
    except (OSError, http.client.HTTPException, msgspec.DecodeError, TimeoutError):
        return tr(
            "The ledger could not be taken; with the system up ./workshop ledger shows it.",
            "Não foi possível fazer a conferência; com o sistema no ar, ./workshop ledger mostra.",
        )


class _Answer(msgspec.Struct):
    """The console's `/api/ledger`, as far as it is needed here."""

    ledger: Balance | None
    fresh: bool


_decoder = msgspec.json.Decoder(_Answer)


def _pass(settings: ClusterSettings) -> dict[str, str]:
    """Return what lets us in where the console has a login."""
    try:
        return {"Authorization": f"Bearer {local_pass(settings.data / 'console')}"}
    except OSError:
        return {}


def _asked(settings: ClusterSettings) -> str:
    connection = http.client.HTTPConnection(settings.host, settings.console_port, timeout=_ASK_S)
    try:
        connection.request("GET", "/api/ledger?fresh=true", headers=_pass(settings))
        answer = _decoder.decode(connection.getresponse().read())
    finally:
        connection.close()
    if answer.ledger is None:
        return tr("There is nothing in the ledger yet.", "Ainda não há nada a conferir.")
    text = words.line(answer.ledger)
    if answer.fresh:
        return text
    seconds = round(time.time() - answer.ledger.at_ms / 1000)
    return text + tr(" ({n} s ago)", " (há {n} s)", n=seconds)
