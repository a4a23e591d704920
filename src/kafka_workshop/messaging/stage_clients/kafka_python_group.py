"""Membership in a group by kafka-python: which partitions come and go, and since when.

The library runs its callbacks on the thread that sends heartbeats, while the caller waits in
`poll`. A stage commits a transaction in them, so they run on a thread beside it.

A member that was thrown out of its group must neither commit what it had begun nor claim what it
had: others have that now. The library calls `on_partitions_lost` then, but not if it happens while
it joins again; and it goes on claiming. Each new membership begins where the library states what
it owns without being a member, so that is where it is noted.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError as LibraryError

from kafka_workshop.clock import Deadline
from kafka_workshop.messaging.kafka_python import LEFT_OUT_S
from kafka_workshop.messaging.stage_clients.contract import OnRebalance
from kafka_workshop.messaging.stage_clients.library_errors import of_reading, place_taken

_KNOWN_S, _AGAIN_S, _LOOK_S = 5.0, 0.1, 0.005
_CLOSE_MS = 1_000


class Callbacks(NamedTuple):
    """What happens when partitions are given to us, are taken from us, or were taken already."""

    assigned: OnRebalance
    revoked: OnRebalance
    lost: OnRebalance


class Membership:
    """One member of a group, by a consumer that reads nothing itself.

    Attributes:
        held: the partitions that were given to us, and not taken away yet.
    """

    def __init__(self, member: Any) -> None:
        self.held: set[Any] = set()
        self._member = member
        self._coordinator = member._coordinator
        self._assignor = self._coordinator._assignors[CooperativeStickyAssignor.name]
        self._claims = self._assignor.metadata
        self._assignor.metadata = self._stated
        self._topics: list[str] = []
        self._callbacks: Callbacks | None = None
        self._told_to: object = None
        self._fallen_out = self._joined = self._leaving = False
        self._raised: BaseException | None = None
        self._left_out = Deadline(LEFT_OUT_S)
        self._beside = ThreadPoolExecutor(1, "rebalance")

    def join(self, reader: object, topics: list[str], callbacks: Callbacks) -> None:
        """Join the group, once the topics' partitions are known; callbacks hear of `reader`.

        A leader that shares out a topic before it knows its partitions gives everybody nothing.
        """
        self._told_to, self._topics, self._callbacks = reader, topics, callbacks
        known = Deadline(_KNOWN_S)
        while not all(map(self._member.partitions_for_topic, topics)) and not known.expired:
            time.sleep(_AGAIN_S)
        self._subscribe()

    def _subscribe(self) -> None:
        self._left_out = Deadline(LEFT_OUT_S)
        self._member.subscribe(self._topics, listener=_Listener(self))

    def serve(self, seconds: float) -> None:
        """Go on with whatever the group wants of us, for so long at most.

        Raises:
            KafkaException: this member is done for.
        """
        self._join_again_if_left_out()
        try:
            self._member.poll(int(seconds * 1000), 1)
        except LibraryError as error:
            self._raise_from_callback()
            if not error.retriable:
                raise KafkaException(of_reading(error)) from None
        self._raise_from_callback()
        self._refuse_if_displaced()
        self._settle()

    def _join_again_if_left_out(self) -> None:
        """Leave and join if we have had nothing for long; in a large group that may be right."""
        if self.held:
            self._left_out = Deadline(LEFT_OUT_S)
        elif self._left_out.expired:
            self._member.unsubscribe()
            self._subscribe()

    def _raise_from_callback(self) -> None:
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def _refuse_if_displaced(self) -> None:
        """Refuse to go on if another one has joined with our name.

        The library hears of that with a heartbeat, sends no more of them, and says nothing.
        """
        coordinator = self._coordinator
        if coordinator.group_instance_id is None or coordinator._join_task is not None:
            return
        if coordinator.stable() and not coordinator._heartbeat_enabled:
            raise KafkaException(place_taken())

    def _settle(self) -> None:
        """Take what the group has given us meanwhile."""
        if self._fallen_out:
            self.lose()
        if not self._coordinator.stable():
            return
        gained = self._member.assignment() - self.held
        if gained or not self._joined:
            self._joined = True
            self.held |= gained
            # An answer that came too late for an earlier time says nothing of this one.
            self._coordinator._offset_fetch_futures.clear()
            self._tell(lambda callbacks: callbacks.assigned, gained)

    def _tell(self, which: Callable[[Callbacks], OnRebalance], places: Iterable[Any]) -> None:
        if self._callbacks is not None and not self._leaving:
            named = [TopicPartition(place.topic, place.partition) for place in sorted(places)]
            which(self._callbacks)(self._told_to, named)

    def lose(self) -> None:
        """Let go of everything: others may have it already."""
        self._fallen_out = False
        lost, self.held = self.held, set()
        if lost:
            self._tell(lambda callbacks: callbacks.lost, lost)

    def give_away(self, revoked: Iterable[Any]) -> None:
        """Let go of partitions that are ours until this returns."""
        if self._fallen_out:
            self.lose()
            return
        gone = self.held.intersection(revoked)
        self.held -= gone
        if gone:
            self._tell(lambda callbacks: callbacks.revoked, gone)

    def rest(self, given: Iterable[Any]) -> None:
        """Keep the library from reading partitions, or asking where to; another consumer does."""
        for place in given:
            self._member.seek(place, 0)
            self._member.pause(place)

    async def beside(self, call: Callable[[], None]) -> None:
        """Run a call on a thread of its own, so that heartbeats go on; `serve` raises its error."""
        running = self._beside.submit(call)
        while not running.done():
            await self._member._net.sleep(_LOOK_S)
        self._raised = running.exception()

    def _stated(self, topics: Any) -> Any:
        if self._coordinator._generation.is_lost():
            self._fallen_out = True
            self._assignor.member_assignment = None
        return self._claims(topics)

    def identity(self) -> Any:
        """Return what a commit is tied to.

        Raises:
            KafkaException: we are no member now, and what we began must not count.
        """
        identity = self._member.group_metadata()
        # In this order: a new membership is noted before it has a generation.
        if identity.generation_id < 0 or not identity.member_id or self._fallen_out:
            text = "not a member of the group"
            raise KafkaException(
                KafkaError(KafkaError.UNKNOWN_MEMBER_ID, text, txn_requires_abort=True)
            )
        return identity

    def leave(self) -> None:
        """Begin to leave: no callback is called any more."""
        self._leaving = True

    def close(self) -> None:
        """Leave the group, a static member too, and let go of the connections."""
        self._leaving = True
        # A static member would keep its partitions from the others until its session ends.
        self._coordinator.is_dynamic_member = _yes
        with suppress(LibraryError):
            self._member.close(autocommit=False, timeout_ms=_CLOSE_MS)
        self._beside.shutdown(wait=False)


class _Listener:
    """What the library calls on its own thread."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """See the library. The stage hears of it when `serve` goes on."""
        self._membership.rest(assigned)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """See the library."""
        await self._membership.beside(partial(self._membership.give_away, revoked))

    async def on_partitions_lost(self, _lost: Any) -> None:
        """See the library."""
        await self._membership.beside(self._membership.lose)


# The library asks for one of these; it ships no types to derive from.
AsyncConsumerRebalanceListener.register(_Listener)


def _yes() -> bool:
    return True
