"""Takes lag and throughput from what the poller has learnt, and saves them now and then."""

from pathlib import Path

from kafka_workshop.clock import Deadline
from kafka_workshop.console.history import store
from kafka_workshop.console.history.series import History
from kafka_workshop.console.keeper import Rhythm
from kafka_workshop.console.model import Snapshot
from kafka_workshop.console.state import ClusterState
from kafka_workshop.logs import Logger

# More often than the poller looks, so that no step of five seconds is missed by a hair.
RHYTHM = Rhythm(seconds=1.0)
SAVE_SECONDS = 60.0


class Recorder:
    """Fills `history` from `state`; without a `path` it outlives nothing."""

    def __init__(
        self, state: ClusterState, history: History, path: Path | None, logger: Logger
    ) -> None:
        self._state, self._history, self._path, self._logger = state, history, path, logger
        self._measured_ms: int | None = None
        self._save_due: Deadline | None = None
        self._complained = False

    def look(self, _stopping: object) -> int | None:
        """Keep what is new; return when that was measured (ms since the epoch)."""
        if self._save_due is None:  # the first look
            self._restore()
            self._save_due = Deadline(SAVE_SECONDS)
        view = self._state.view
        snapshot = view.snapshot
        if snapshot is not None and view.answering and snapshot.measured_ms != self._measured_ms:
            self._measured_ms = snapshot.measured_ms
            self._record(snapshot, view.rates)
        if self._save_due.expired:
            self.save()
            self._save_due = Deadline(SAVE_SECONDS)
        return self._measured_ms

    def _record(self, snapshot: Snapshot, rates: dict[str, float]) -> None:
        at_ms = snapshot.measured_ms
        if at_ms is None or not snapshot.cluster_id:  # without it, it would be another cluster's
            return
        lags = {group.id: float(group.lag) for group in snapshot.groups if group.lag is not None}
        self._history.record(snapshot.cluster_id, "topic", at_ms, rates)
        self._history.record(snapshot.cluster_id, "group", at_ms, lags)

    def _restore(self) -> None:
        if self._path is None:
            return
        try:
            store.restore(self._history, self._path)
        except (store.Unreadable, OSError) as error:
            self._logger.warning("history_not_read", file=str(self._path), error=str(error))

    def save(self) -> None:
        """Write all histories, if there are any; say once if that can't be done, and go on."""
        if self._path is None or self._save_due is None or not self._history.all():
            return
        try:
            store.save(self._history, self._path)
        except OSError as error:
            if not self._complained:
                self._logger.warning("history_not_saved", file=str(self._path), error=str(error))
            self._complained = True
        else:
            self._complained = False
