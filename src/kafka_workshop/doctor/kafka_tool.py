"""Commands of Kafka's administration for what no verb of ours does."""

import os
import shlex
import sys
from pathlib import Path

from kafka_workshop.settings import PROJECT_FOLDER


def admin_command(servers: tuple[str, ...], *words: str) -> str:
    """Return the line that runs kafka-python's admin tool, which is installed with us."""
    return shlex.join([_python(), "-m", "kafka.admin", "-b", servers[0], *words])


def _python() -> str:
    """Return this Python, from the project's folder where it lies inside."""
    python = Path(sys.executable)
    if python.is_relative_to(PROJECT_FOLDER):
        return os.path.relpath(python, PROJECT_FOLDER)
    return str(python)
