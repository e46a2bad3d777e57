"""The heavy networks in a thread of their own: one look at a time, so that the camera's frames don't wait for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from vision.checker import Timings
from vision.observation import KeyFrame, Observation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """One look: what was observed, and the badge codes that could be read."""

    observation: Observation
    codes: Sequence[str] = ()


Look = Callable[[KeyFrame, Timings], Looked]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of a look at an arrival: what was seen, or the text of what threw; seconds by stage."""

    number: int
    said: Looked | str
    timings: Timings


@dataclass(slots=True)
class _Slot:
    """What one thread shares with the loop; a thread that hangs is left behind with its slot."""

    job: SimpleQueue[tuple[int, KeyFrame] | None]
    answers: SimpleQueue[Answer]
    busy_since: float | None = None
    number: int | None = None


class Looker:
    """One look at a time. `ask` is refused while one runs: nothing queues up.

    Args:
        make: makes what looks; called in the thread, anew when the thread has to be replaced, since networks are no
            thread's but their own.
        clock: monotonic seconds.
    """

    NEW: Final = "the look was given up: it took too long"

    def __init__(self, make: Callable[[], Look], clock: Callable[[], float] = time.monotonic) -> None:
        self._make, self._clock = make, clock
        self._slot = self._start()

    @property
    def free(self) -> bool:
        """Whether a look can be asked for."""
        return self._slot.number is None

    @property
    def busy_for(self) -> float:
        """Seconds that the look under way has taken, 0 without one."""
        since = self._slot.busy_since
        return 0.0 if since is None else max(0.0, self._clock() - since)

    def ask(self, number: int, frame: KeyFrame) -> None:
        """Starts a look at an arrival. Raises `RuntimeError` where one is under way."""
        if not self.free:
            raise RuntimeError("a look is under way")
        self._slot.number, self._slot.busy_since = number, self._clock()
        self._slot.job.put((number, frame))

    def answer(self, timeout: float = 0.0) -> Answer | None:
        """The answer of the look that was asked for, once; None while there is none."""
        try:
            answer = self._slot.answers.get(timeout > 0, timeout or None)
        except Empty:
            return None
        self._slot.number = self._slot.busy_since = None
        return answer

    def forget(self, timeout: float = 10.0) -> None:
        """Drops the answer of a look that somebody else asked for."""
        if not self.free:
            self.answer(timeout)

    def replace(self) -> Answer | None:
        """Leaves a thread that hangs to itself and starts another; the answer that its look gets in its place."""
        number = self._slot.number
        self._slot.job.put(None)
        self._slot = self._start()
        return None if number is None else Answer(number, self.NEW, {})

    def stop(self, seconds: float) -> None:
        """Ends the thread, waiting at most so long; one that hangs does not keep the process (it is a daemon)."""
        self._slot.job.put(None)
        self._thread.join(seconds)

    def _start(self) -> _Slot:
        slot = _Slot(SimpleQueue(), SimpleQueue())
        self._thread = threading.Thread(target=_serve, args=(slot, self._make), name="look", daemon=True)
        self._thread.start()
        return slot


def _serve(slot: _Slot, make: Callable[[], Look]) -> None:
    look: Look | None = None
    try:
        look = make()  # before the first job: networks take seconds to load
    except Exception:
        log.exception("the networks could not be loaded; it is tried again with the next look")
    while (job := slot.job.get()) is not None:
        number, frame = job
        timings: Timings = {}
        try:
            look = look or make()
            said: Looked | str = look(frame, timings)
        except Exception as error:
            log.exception("the look at arrival %d failed", number)
            said = f"{type(error).__name__}: {error}"
        slot.answers.put(Answer(number, said, timings))
