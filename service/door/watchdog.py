"""Restarts a stage that is stuck or dead and says so; where that does not help, the process ends."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vision.errors import DresscodeError

log = logging.getLogger(__name__)
RESTARTS: Final = 5
WITHIN: Final = 300.0
"""Stages are started anew so many times in so many seconds, all together."""
EVERY: Final = 1.0
STATUS: Final = 75
"""The exit status of a process that gave up (EX_TEMPFAIL: try again), for systemd to start it anew."""


class GaveUpError(DresscodeError):
    """Stages had to be started anew too often."""


@dataclass(slots=True)
class Stage:
    """A stage that is watched: `restart` starts it anew, `patience` are the seconds without a beat after which it is
    stuck, `alive` says whether its thread still runs."""

    name: str
    restart: Callable[[], None]
    patience: float = 10.0
    alive: Callable[[], bool] = lambda: True
    beaten: float = field(default=0.0)


class Watchdog:
    """Watches stages.

    Args:
        restarted: told the name of each stage that was started anew.
        gave_up: called once, when nothing helps any more.
        well: called at each check that found nothing, so that systemd hears of it.
        clock: monotonic seconds: a clock that is set must not look like a stage that hangs.
    """

    def __init__(
        self,
        restarted: Callable[[str], None] = lambda stage: None,
        gave_up: Callable[[], None] = lambda: None,
        well: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._restarted, self._gave_up, self._well, self._clock = restarted, gave_up, well, clock
        self._stages: dict[str, Stage] = {}
        self._starts: deque[float] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.over = False
        """whether it gave up"""

    def watch(self, stage: Stage) -> Callable[[], None]:
        """Watches a stage from now on; gives what the stage has to call now and then."""
        stage.beaten = self._clock()
        self._stages[stage.name] = stage

        def beat() -> None:
            stage.beaten = self._clock()

        return beat

    def ages(self) -> dict[str, float]:
        """Seconds since each stage's last beat."""
        now = self._clock()
        return {name: max(0.0, now - stage.beaten) for name, stage in self._stages.items()}

    @property
    def healthy(self) -> bool:
        """Whether no stage is stuck or dead."""
        return not self.over and not self.stuck()

    def stuck(self) -> tuple[str, ...]:
        """The names of the stages that are stuck or dead."""
        return tuple(name for name, stage in self._stages.items() if self._trouble(stage))

    def check(self) -> None:
        """Starts anew what is stuck or dead. Raises `GaveUpError` where that was done too often."""
        for stage in self._stages.values():
            trouble = self._trouble(stage)
            if trouble is None:
                continue
            self._spend(stage.name)
            log.error("stage %s is %s and is started anew", stage.name, trouble)
            stage.beaten = self._clock()
            try:
                stage.restart()
            except Exception:  # it stays without a beat, so it is tried again
                log.exception("stage %s could not be started anew", stage.name)
            self._restarted(stage.name)

    def start(self) -> None:
        """Checks every second in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops checking."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2 * EVERY)

    def _trouble(self, stage: Stage) -> str | None:
        if not stage.alive():
            return "dead"
        return "stuck" if self._clock() - stage.beaten > stage.patience else None

    def _spend(self, name: str) -> None:
        now = self._clock()
        while self._starts and self._starts[0] < now - WITHIN:
            self._starts.popleft()
        if len(self._starts) >= RESTARTS:
            self.over = True
            raise GaveUpError(f"stages were started anew {RESTARTS} times in {WITHIN / 60:.0f} minutes, now {name}")
        self._starts.append(now)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self.check()
                if self.healthy:
                    self._well()
            except GaveUpError as error:
                log.critical("%s; this process ends", error)
                self._gave_up()
                return
