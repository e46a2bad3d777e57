"""One film played before the door's loop, with what is measured meanwhile."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from service.bench_films import FILMS, Course, courses
from service.door.assembly import Door
from service.door.looking import Answer
from service.door.loop import DoorLoop
from service.door.meter import NoMeter
from service.door.open_arrival import Finished
from service.door.source import Film
from service.walk_ins import WIDTH

CAMERA: Final = "bench"
NEAR: Final = 0.08
"""How far, as a share of the width, somebody may be seen from where the film has them."""


@dataclass(slots=True, eq=False)
class Run(NoMeter):
    """What one film's playing brought. Times are seconds since the first frame was due."""

    courses: list[Course]
    length: float
    times: int
    together: bool
    """whether its people are counted while all of them are there, or while any is"""
    recorder: Callable[[Finished], None]
    done: list[float] = field(default_factory=list)
    verdicts: list[float] = field(default_factory=list)
    ended: int = 0
    source: Film | None = None
    loop: DoorLoop | None = None
    _judged: set[int] = field(default_factory=set)

    @property
    def began(self) -> float:
        """When the first frame was due."""
        return (self.source and self.source.began) or 0.0

    @property
    def expected(self) -> int:
        """The arrivals that the film shows."""
        return len(self.courses) * self.times

    @property
    def fps(self) -> float:
        """Frames done a second while the film's people are in the picture."""
        spans = [(course.enters, course.gone) for course in self.courses]
        if self.together:
            spans = [(max(start for start, _ in spans), min(end for _, end in spans))]
        count = sum(start <= at % self.length < end for at in self.done for start, end in spans)
        return count / (self.times * sum(end - start for start, end in spans))

    def frame(self, dropped: int) -> None:
        """A frame is done."""
        self.done.append(time.monotonic() - self.began)

    def answered(self, answer: Answer, at: float) -> None:
        """Notes, of the first verdict on each arrival, how long ago that person stopped."""
        arrival = self.loop.follow.arrivals.get(answer.number) if self.loop else None
        if arrival is None or arrival.verdict is None or answer.number in self._judged:
            return
        self._judged.add(answer.number)
        x = arrival.presence.last.box.centre[0] / WIDTH
        played = (at - self.began) % self.length
        late = [played - course.stands for course in self.courses if abs(course.stop - x) < NEAR]
        self.verdicts.extend(sorted(seconds for seconds in late if seconds > -1)[:1])

    def record(self, finished: Finished) -> None:
        """Counts an arrival and hands it over to the recorder."""
        self.ended += 1
        self.recorder(finished)


@dataclass(frozen=True, slots=True)
class Played:
    """What is kept of a `Run`: little, since the memory is measured, too."""

    fps: float
    verdicts: tuple[float, ...]
    ended: int
    expected: int


def play(name: str, path: Path, times: int, door: Door, recorder: Callable[[Finished], None]) -> Played:
    """Plays a film `times` times before a loop of its own, with its recorder and the mirror of a kiosk."""
    film = FILMS[name]
    run = Run(courses(path), film.seconds, times, film.people > 1, recorder)
    source = Film(path, CAMERA, times)
    run.source = source
    run.loop = door.loop(CAMERA, source, run.record, meter=run, on_answer=run.answered)
    run.loop.run(threading.Event())
    run.loop = None  # it knows its meter, this run: a door has one loop for ever, and here they would pile up
    gc.collect()
    return Played(run.fps, tuple(run.verdicts), run.ended, run.expected)
