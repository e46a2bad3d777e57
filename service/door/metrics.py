"""The figures of one camera, for Prometheus and for the health pages."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from service.door.state import CameraState

BUCKETS: Final = (0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.4, 0.6, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds of a stage: the frame's stages take 10 to 80 ms, a look up to two seconds."""
THROWING: Final = ("find", "look", "record")
WATCHED: Final = ("loop", "recorder")
"""Stages that throw, and that the watchdog starts anew; networks that throw come with their first time."""
WINDOW: Final = 10.0
"""Seconds over which frames a second are counted."""


class DoorMetrics:
    """`service.door.meter.Meter` with a registry of its own: several cameras, and tests, don't share any state.

    Labels are the camera's name, stages, outcomes and states: nothing of a person.
    """

    def __init__(self, camera: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.camera_name, self._clock = camera, clock
        self.registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._frames: deque[float] = deque()
        self._dropped = 0
        self._last: float | None = None
        self._state = CameraState.STARTING
        self.since = datetime.now(timezone.utc)
        """when the camera's state began"""
        self.beat: Callable[[], None] = lambda: None
        """set by whoever watches the loop; called each time it goes round"""
        self._make()

    def _make(self) -> None:
        one = ["camera"]

        def counter(name: str, said: str, more: tuple[str, ...] = ()) -> Counter:
            return Counter(f"dresscode_{name}", said, [*one, *more], registry=self.registry)

        def gauge(name: str, said: str, more: tuple[str, ...] = ()) -> Gauge:
            return Gauge(f"dresscode_{name}", said, [*one, *more], registry=self.registry)

        self._seen = counter("frames_seen", "Frames that the camera gave.")
        self._processed = counter("frames_processed", "Frames in which people were looked for.")
        self._lost = counter("frames_dropped", "Frames that were too late and passed over.")
        self._fps = gauge("frames_per_second", f"Processed frames a second, over {WINDOW:.0f} seconds.")
        self._age = gauge("last_frame_age_seconds", "Seconds since the last processed frame; NaN before the first.")
        self._stages = Histogram(
            "dresscode_stage_seconds", "Seconds that a stage took.", [*one, "stage"], buckets=BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self._arrivals = counter("arrivals", "Arrivals that ended, by outcome.", ("outcome",))
        self._recorded = counter("arrivals_recorded", "Arrivals whose row stands, by outcome.", ("outcome",))
        self._camera = gauge("camera_state", "1 for the state that the camera is in.", ("state",))
        self._failures = counter("stage_failures", "Stages that threw or had to be given up.", ("stage",))
        self._restarts = counter("stage_restarts", "Stages that were started anew.", ("stage",))
        self._queue = gauge("queue", "Arrivals whose row does not stand yet.")
        self._damaged = gauge("spool_damaged", "Entries of the spool that cannot be used.")
        self._disk = gauge("disk_free_bytes", "Free bytes of the disk with the pictures.")
        self._begin_at_zero()
        self._fps.labels(self.camera_name).set_function(self.fps)
        self._age.labels(self.camera_name).set_function(lambda: self.age if self.age is not None else float("nan"))
        self.camera(self._state)

    def _begin_at_zero(self) -> None:
        """Prometheus sees no increase in a series that begins with its first event."""
        for started in (self._seen, self._processed, self._lost):
            started.labels(self.camera_name)
        for stage in THROWING:
            self._failures.labels(self.camera_name, stage)
        for stage in WATCHED:
            self._restarts.labels(self.camera_name, stage)

    def alive(self) -> None:
        """The loop goes round, with or without a frame."""
        self.beat()

    def frame(self, dropped: int) -> None:
        """A frame was processed; `dropped` counts those that were not, since the start."""
        now = self._clock()
        with self._lock:
            lost, self._dropped = max(0, dropped - self._dropped), dropped
            self._last = now
            self._frames.append(now)
            self._forget(now)
        self._processed.labels(self.camera_name).inc()
        self._lost.labels(self.camera_name).inc(lost)
        self._seen.labels(self.camera_name).inc(1 + lost)

    def stage(self, name: str, seconds: float) -> None:
        """How long a stage took."""
        self._stages.labels(self.camera_name, name).observe(max(0.0, seconds))

    def arrival(self, outcome: str) -> None:
        """An arrival ended."""
        self._arrivals.labels(self.camera_name, outcome).inc()

    def recorded(self, outcome: str) -> None:
        """An arrival's row stands."""
        self._recorded.labels(self.camera_name, outcome).inc()

    def camera(self, state: CameraState) -> None:
        """How the camera is."""
        if state is not self._state:
            self._state, self.since = state, datetime.now(timezone.utc)
        for each in CameraState:
            self._camera.labels(self.camera_name, each.value).set(each is state)

    def failed(self, stage: str) -> None:
        """A stage threw, or had to be given up."""
        self._failures.labels(self.camera_name, stage).inc()

    def restarted(self, stage: str) -> None:
        """A stage was started anew."""
        self._restarts.labels(self.camera_name, stage).inc()

    def watch_store(self, pending: Callable[[], int], damaged: Callable[[], int], free: Callable[[], int]) -> None:
        """Asks for the store's figures whenever somebody wants them; what raises is told as NaN."""
        for gauge, ask in ((self._queue, pending), (self._damaged, damaged), (self._disk, free)):
            gauge.labels(self.camera_name).set_function(_or_nan(ask))

    @property
    def state(self) -> CameraState:
        """How the camera is."""
        return self._state

    @property
    def age(self) -> float | None:
        """Seconds since the last processed frame."""
        last = self._last
        return None if last is None else max(0.0, self._clock() - last)

    def fps(self) -> float:
        """Processed frames a second."""
        with self._lock:
            self._forget(self._clock())
            return len(self._frames) / WINDOW

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)

    def _forget(self, now: float) -> None:
        while self._frames and self._frames[0] < now - WINDOW:
            self._frames.popleft()


def _or_nan(ask: Callable[[], int]) -> Callable[[], float]:
    def asked() -> float:
        try:
            return float(ask())
        except Exception:  # a scrape must show everything else all the same
            return float("nan")

    return asked
