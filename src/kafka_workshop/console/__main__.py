"""`python -m kafka_workshop.console`: the Kafka UI."""

import os
import sys

from kafka_workshop import logs, settings
from kafka_workshop.console.application import serve
from kafka_workshop.errors import WorkshopError


def main() -> int:
    """Serve the console as the environment says; return the exit code."""
    try:
        chosen = settings.console_settings(os.environ)
        serve(chosen, logs.configure(chosen.log, "kafka-ui"))
    except WorkshopError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
