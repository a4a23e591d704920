"""What `produce.py` and `consume.py` share around their loops."""

import os
import sys
from collections.abc import Callable, Mapping

from kafka_workshop.errors import Unavailable, WorkshopError
from kafka_workshop.language import tr
from kafka_workshop.logs import Logger
from kafka_workshop.messaging.backoff import Backoff
from kafka_workshop.shutdown import Stop

Program = Callable[[Mapping[str, str], Stop], int]


def run(program: Program) -> int:
    """Run a program with the environment; return its exit code.

    What goes wrong on purpose (`WorkshopError`) is one sentence on standard error, no traceback.
    """
    try:
        with Stop() as stop:
            return program(os.environ, stop)
    except WorkshopError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there may be no logger yet
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our lines (`| head`) has gone; Python would complain while it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def wait_and_retry(reason: Unavailable, backoff: Backoff, stop: Stop, logger: Logger) -> None:
    """Say what is being waited for and wait, less if the end is asked for."""
    seconds = backoff.next()
    logger.warning(
        tr("waiting: {reason}", "aguardando: {reason}", reason=reason), seconds=round(seconds, 1)
    )
    stop.wait(seconds)
