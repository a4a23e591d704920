"""`python -m kafka_workshop.cli.background`: the process that `up -d` leaves behind."""

import os
import sys

from kafka_workshop.cli import session
from kafka_workshop.cli.view import fail
from kafka_workshop.errors import WorkshopError
from kafka_workshop.settings import cluster_settings


def main() -> int:
    """Supervise the system until it is asked to stop; return the exit code."""
    try:
        return session.run_in_background(cluster_settings(os.environ))
    except WorkshopError as error:
        fail(str(error))
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
