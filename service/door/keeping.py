"""What runs beside a camera's loop: the recorder, its figures and health, the watchdog, the daily purge."""

from __future__ import annotations

import logging
import os
import time
from types import TracebackType
from typing import Final

from service.door.ailing import DEMANDS, Findings, reasons
from service.door.health import Health, HealthServer
from service.door.link_wire import run_folder
from service.door.metrics import DoorMetrics
from service.door.recorder import Recorder
from service.door.watchdog import STATUS, Stage, Watchdog
from service.notify import notify
from service.store.daily import Daily
from service.store.engine import WRITERS_CACHE
from service.store.opening import Store, open_store
from service.store.room import free_bytes
from service.store.spool import Spool
from vision.config import Config
from vision.policy import Policy

log = logging.getLogger(__name__)
LOOP_PATIENCE: Final = 20.0
"""Seconds for the loop to go round once: a look that hangs is given up after 15."""
RECORDER_PATIENCE: Final = 120.0
"""Another writer may hold the database for 15 seconds, and a full disk is cleared in between."""


HURRY: Final = 10.0
"""Seconds for the recorder to end where nobody waits for it, as at the end of a film."""
LEAST: Final = 0.5
"""And what it has however late it is."""
EXTRA: Final = 1.5
"""What an arrival that is nowhere but in memory is worth beyond that, on a machine that is overloaded."""


def door_store(config: Config) -> Store:
    """The store as a camera's process opens it, which adds arrivals for weeks and must not grow meanwhile.

    Raises as `open_store`.
    """
    return open_store(config, WRITERS_CACHE)


class Keeping:
    """Opens all of it for one camera, and closes it at the end of a ``with`` block."""

    def __init__(self, camera: str, config: Config, policy: Policy, store: Store) -> None:
        self._camera, self._config, self._store = camera, config, store
        self.end_by: float | None = None
        """until when to have ended, monotonic seconds; None: there is no hurry"""
        self.metrics = DoorMetrics(camera)
        self.watchdog = Watchdog(self.metrics.restarted, self._end, lambda: notify("WATCHDOG=1"))
        beat = self.watchdog.watch(
            Stage("recorder", self._restart_recorder, RECORDER_PATIENCE, lambda: self.recorder.alive)
        )
        self.recorder = Recorder(store, config, policy, self.metrics.recorded, beat)
        self._spool = Spool(store)
        self._daily = Daily(store, config)
        self.metrics.watch_store(lambda: self.recorder.pending, self._spool.damaged, lambda: free_bytes(store.pictures))

    def __enter__(self) -> Keeping:
        self.recorder.start()
        folder = run_folder(self._config.store_dir)
        self._server = HealthServer(
            folder, self._camera, self.health, self.metrics.text, self._config.door.metrics_port
        )
        self._daily.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        notify("STOPPING=1")
        self.watchdog.close()
        self._daily.close(0.1)
        left = HURRY if self.end_by is None else max(LEAST, self.end_by - time.monotonic())
        if not self.recorder.close(left):
            if self.recorder.spooled(EXTRA):
                log.warning("%d arrivals wait in the spool for the next start", self.recorder.pending)
            else:
                log.error("%d arrivals could not be written in time and are lost", self.recorder.pending)
        self._server.close()

    def begin(self) -> None:
        """The loop is about to run: from now on it is watched, and systemd is told."""
        self.metrics.beat = self.watchdog.watch(Stage("loop", self._end, LOOP_PATIENCE))
        self.watchdog.start()
        notify("READY=1", f"STATUS=watching {self._camera}")

    def health(self) -> Health:
        """How the door is now."""
        since = self.metrics.since.astimezone(self._store.zone)
        found = Findings(
            self.metrics.state, since, self.watchdog.stuck(), self.recorder.stalled, self.recorder.pending,
            self._spool.damaged(), free_bytes(self._store.pictures),
        )  # fmt: skip
        alive, said = self.watchdog.healthy, reasons(found)
        return Health(
            self._camera, found.camera_state.value, alive, alive and {one.code for one in said} <= DEMANDS,
            round(self.metrics.fps(), 2), _rounded(self.metrics.age), found.pending, found.damaged, found.free,
            {name: round(age, 2) for name, age in self.watchdog.ages().items()}, said,
        )  # fmt: skip

    def _restart_recorder(self) -> None:
        if self.recorder.alive:  # it hangs in the disk or the database: a second one would hang beside it
            self._end()
        self.recorder.revive()

    def _end(self) -> None:
        """Ends this process at once, for its keeper to start it anew; what was handed over is given time to be spooled.

        A thread that hangs cannot be ended in any other way.
        """
        log.critical("this process ends with status %d to be started anew", STATUS)
        began = time.monotonic()
        self.recorder.close(1.0)
        notify("STOPPING=1", f"STATUS=ended by the watchdog after {time.monotonic() - began:.1f} s")
        logging.shutdown()
        os._exit(STATUS)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
