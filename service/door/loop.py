"""The door's loop of one camera: frame → people → arrivals → looks → verdict → kiosk, and the record at the end."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Final

from service.door.follow import Follow
from service.door.identity import BADGE, BUTTON, Identities
from service.door.link import Command, Mirror, NoMirror, Wish
from service.door.looking import Answer, Looker
from service.door.meter import Meter, NoMeter
from service.door.open_arrival import Finished, OpenArrival
from service.door.showing import Showing
from service.door.source import SeenFrame, Source
from service.door.state import CameraState
from vision.errors import DresscodeError
from vision.types import Image, Person

log = logging.getLogger(__name__)

WAIT: Final = 0.25
"""Seconds to wait for a frame before the camera's state and a stop are looked at."""
STUCK: Final = 15.0
"""Seconds after which a look hangs: on slow machines one takes three."""
RESTARTS: Final = 5
WITHIN: Final = 300.0
"""So many times in so many seconds a stage is started anew; then the process ends, for its keeper to start it."""
BLIND: Final = 50
"""Frames in a row in which the person detector may throw."""
LAST_SECONDS: Final = 1.0
"""For what is under way when the process has to end."""


class DoorError(DresscodeError):
    """The door's loop cannot go on; whoever keeps the process starts it anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """What a loop is put together of; the mirror and the meter may be none."""

    source: Source
    find: Callable[[Image], list[Person]]
    looker: Looker
    follow: Follow
    showing: Showing
    record: Callable[[Finished], None]
    """takes an arrival that ended, at once; what it raises is logged, and the arrival is lost"""
    identities: Identities
    mirror: Mirror = field(default_factory=NoMirror)
    meter: Meter = field(default_factory=NoMeter)


class DoorLoop:
    """One camera's loop. `on_answer` is told of each look that came in, for benchmarks."""

    def __init__(self, ends: Ends, on_answer: Callable[[Answer, float], None] = lambda answer, at: None) -> None:
        self._ends, self._on_answer = ends, on_answer
        self._state: CameraState | None = None
        self._glass = threading.Lock()
        self._heard: Image | None = None
        """the newest picture that came, for the mirror: it goes on while a frame is worked at"""
        self._blind = 0
        self._restarts: deque[float] = deque()
        self.frames = 0
        """processed"""

    @property
    def follow(self) -> Follow:
        """The people before the camera."""
        return self._ends.follow

    def run(self, stop: threading.Event) -> None:
        """Runs until `stop` is set or the source has ended. What is open then is recorded as far as it was seen.

        Raises `DoorError` where a stage fails again and again.
        """
        source = self._ends.source
        self._ends.looker.forget()
        source.listen(self._hear)
        try:
            while not stop.is_set() and not source.ended:
                frame = source.next(WAIT)
                self._ends.meter.alive()
                self._note_state()
                if frame is None:
                    self._without_frame()
                elif self._state is CameraState.OK:
                    self.step(frame)
                else:
                    self._unseen()
        finally:
            self._close()

    def step(self, frame: SeenFrame) -> None:
        """One frame's way."""
        self._answers()
        people = self._find(frame.image)
        if people is None:
            return
        began = time.perf_counter()
        self._record(self._ends.follow.see(people, frame.image, frame.number, frame.monotonic, frame.at))
        self._ends.meter.stage("track", time.perf_counter() - began)
        self._ask()
        self._obey(self._ends.mirror.commands())
        self._show(frame)
        self.frames += 1
        self._ends.meter.frame(self._ends.source.dropped)

    def _find(self, image: Image) -> list[Person] | None:
        """The people in a frame; None where the detector threw: such a frame was not seen at all."""
        began = time.perf_counter()
        try:
            people = self._ends.find(image)
        except Exception as error:
            log.exception("nobody could be looked for")
            self._ends.meter.failed("find")
            self._blind += 1
            if self._blind >= BLIND:
                raise DoorError(f"the person network failed {BLIND} times in a row: {error}") from error
            return None
        self._blind = 0
        self._ends.meter.stage("find", time.perf_counter() - began)
        return people

    def _without_frame(self) -> None:
        """No frame came: looks are taken all the same, and the kiosk is told why nothing moves."""
        self._unseen()
        if self._state is not CameraState.OK:
            self._show_dark()

    def _unseen(self) -> None:
        """Nobody is looked for, as while the view is frozen or dark: who stands in a frozen picture may be long gone.

        Arrivals end when the time is over.
        """
        self._answers()
        self._obey(self._ends.mirror.commands())
        if self._state not in (CameraState.OK, CameraState.STARTING):
            self._record(self._ends.follow.tick(time.monotonic()))

    def _hear(self, image: Image) -> None:
        """A picture that came, in the source's thread: the mirror stays smooth while the loop works at another."""
        with self._glass:
            if self._state is CameraState.OK:
                self._heard = image
                self._ends.mirror.picture(image)

    def _show(self, frame: SeenFrame) -> None:
        state = self._ends.showing.of(self._ends.follow, frame.image, frame.at)
        with self._glass:  # never an older picture after a newer one
            self._ends.mirror.show(frame.image if self._heard is None else self._heard, state)

    def _note_state(self) -> None:
        state = self._ends.source.state
        if state is self._state:
            return
        (log.info if state is CameraState.OK else log.warning)("camera %s", state)
        with self._glass:
            self._state, self._heard = state, None
        self._ends.meter.camera(state)
        if state is not CameraState.OK:
            self._show_dark()

    def _show_dark(self) -> None:
        now = datetime.now(timezone.utc)
        self._ends.mirror.show(None, self._ends.showing.dark(self._ends.source.state, self._ends.source.since, now))

    def _ask(self) -> None:
        looker = self._ends.looker
        if looker.busy_for > STUCK:
            self._replace(looker)
        if not looker.free:
            return
        if (job := self._ends.follow.next_look()) is not None:
            looker.ask(*job)

    def _replace(self, looker: Looker) -> None:
        """Starts the look anew, at most `RESTARTS` times in `WITHIN` seconds."""
        now = time.monotonic()
        while self._restarts and self._restarts[0] < now - WITHIN:
            self._restarts.popleft()
        if len(self._restarts) >= RESTARTS:
            raise DoorError(f"looks hung {RESTARTS + 1} times in {WITHIN / 60:.0f} minutes")
        self._restarts.append(now)
        log.error("a look hangs for %.0f seconds and is given up", looker.busy_for)
        self._ends.meter.failed("look")
        if answer := looker.replace():
            self._take(answer)

    def _answers(self) -> None:
        if answer := self._ends.looker.answer():
            self._take(answer)

    def _take(self, answer: Answer) -> None:
        for name, seconds in answer.timings.items():
            self._ends.meter.stage(name, seconds)
        if isinstance(answer.said, str):
            self._ends.meter.failed("look")
            self._ends.follow.take(answer.number, answer.said)
        else:
            for network in answer.said.observation.errors:
                self._ends.meter.failed(network)
            self._first(self._ends.follow.take(answer.number, answer.said.observation))
            self._identify(answer.number, answer.said.codes, BADGE)
        self._on_answer(answer, time.monotonic())

    def _first(self, arrival: OpenArrival | None) -> None:
        """Logs the first verdict on an arrival."""
        if arrival and arrival.verdict and arrival.gathered.looks == 1:
            log.info("arrival %s was looked at: %s", arrival.key, arrival.verdict.outcome)

    def _identify(self, number: int, codes: Sequence[str], by: str) -> bool:
        """Judges an arrival as that of whoever has one of the codes; whether anybody has."""
        arrival = self._ends.follow.arrivals.get(number)
        if arrival is None:
            return False
        for code in codes:
            wearing = self._ends.identities.of(code, by, arrival.wearing.occasion.date)
            if wearing is None:
                continue
            if wearing.staff != arrival.wearing.staff:
                self._ends.follow.identify(number, wearing)
            return True
        return False

    def _obey(self, commands: Sequence[Command]) -> None:
        """What somebody at the kiosk asks for is about whom the page spoke to; about nobody it is nothing."""
        for command in commands:
            number = self._meant(command)
            if number is None:
                continue
            if command.wish is Wish.LOOK_AGAIN:
                self._ends.follow.look_again(number)
            elif command.wish is Wish.CANCEL:
                self._ends.follow.settle(number)
            else:
                known = self._identify(number, [command.code], BUTTON)
                self._ends.showing.unknown_code = None if known else number

    def _meant(self, command: Command) -> int | None:
        """The number of the arrival that a command is about; None where they have gone or nobody is there."""
        if command.arrival:
            open_ones = self._ends.follow.arrivals.values()
            return next((one.number for one in open_ones if one.key == command.arrival), None)
        subject = self._ends.showing.subject(self._ends.follow)
        return subject.number if subject else None

    def _record(self, ended: Sequence[Finished]) -> None:
        for arrival in ended:
            self._ends.meter.arrival(str(arrival.outcome or "error"))
            log.info("arrival %s ended: %s", arrival.key, arrival.outcome or arrival.error)
            try:
                self._ends.record(arrival)
            except Exception:
                log.exception("arrival %s could not be recorded", arrival.key)
                self._ends.meter.failed("record")

    def _close(self) -> None:
        """Takes the look under way, ends all arrivals and hands them over, in `LAST_SECONDS` at most."""
        ends = self._ends
        if not ends.looker.free and (answer := ends.looker.answer(LAST_SECONDS)):
            self._take(answer)
        self._record(ends.follow.close())  # first: the recorder works while the camera is closed
        ends.source.close()
        ends.mirror.close()
