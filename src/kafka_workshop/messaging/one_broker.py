"""A kafka-python admin client for one broker: what each broker alone can tell.

Groups and transactions are asked through kafka-python, because librdkafka's admin client ends the
process when a coordinator moves: it dereferences NULL on NOT_COORDINATOR (librdkafka #5040, a
sibling in #3663).
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import NetworkSelector

_REQUEST_MS, _CONNECT_MS, _BACKOFF_MS, _CLOSE_MS = 2000, 2000, 500, 1000


def silence_library() -> None:
    """Keep the library from saying line by line what its callers say in words."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class BrokerConnection:
    """An admin client whose first broker is one of our choice."""

    admin: Any  # KafkaAdminClient: the library ships no types
    loop: Any  # NetworkSelector

    def close(self) -> None:
        """End it, whatever state it is in."""
        # The loop first: the library closes its sockets under a loop that still reads them.
        with suppress(Exception):
            self.loop.stop(timeout_ms=_CLOSE_MS)
        # Also if the loop did not stop in time: else the sockets are left to the garbage collector.
        with suppress(Exception):
            self.admin.close()


def connect(servers: Iterable[str], client_id: str) -> BrokerConnection:
    """Connect to the first that answers of `servers` (`host:port`).

    Raises:
        KafkaError: none answered in time.
    """
    # With a loop of ours, since a client that finds no broker leaves its own running for good.
    loop = NetworkSelector(client_id=client_id)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=list(servers),
            client_id=client_id,
            request_timeout_ms=_REQUEST_MS,
            bootstrap_timeout_ms=_CONNECT_MS,
            reconnect_backoff_max_ms=_BACKOFF_MS,
            kafka_client=partial(KafkaNetClient, loop),
        )
    except KafkaError:
        loop.close()
        raise
    return BrokerConnection(admin, loop)
