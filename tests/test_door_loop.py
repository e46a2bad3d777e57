"""The loop of one camera, its thread that looks and what the kiosk is shown; networks and camera are made up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from test_follow import OCCASION, HatJudge, observed
from walks import GREEN_BLACK, RED_BLUE, START, Colours, Path, frame, moments, stands

from service.directory import Directory, Member
from service.door.follow import Follow, Place
from service.door.identity import Identities, Renewal
from service.door.link import Command, Wish
from service.door.looking import Looked, Looker
from service.door.loop import BLIND, DoorError, DoorLoop, Ends
from service.door.open_arrival import Finished, Wearing
from service.door.showing import Showing
from service.door.source import FilmFrame
from service.door.state import CameraState, KioskState, Outline, Phase
from vision.checker import Timings
from vision.config import packaged
from vision.observation import KeyFrame, sight
from vision.policy import load_policy
from vision.presence import Rules
from vision.types import Exemption, Image, Outcome, Person, Wearer

RULES = Rules(grace=8.0)


@dataclass
class Camera:
    """Gives frames one after the other, and in between what `gaps` says by frame number: a state without a frame."""

    walks: Mapping[Path, Colours]
    seconds: float
    gaps: Mapping[int, CameraState] = field(default_factory=dict)
    state: CameraState = CameraState.OK
    since: datetime = START
    dropped: int = 0
    ended: bool = False
    closed: bool = False

    def __post_init__(self) -> None:
        self._frames = self._all()

    def _all(self) -> Iterator[FilmFrame | None]:
        for number, at, when in moments(self.seconds):
            if number in self.gaps:
                self.state = self.gaps[number]
                yield None
                self.state = CameraState.OK
            _, image = frame(at, self.walks)
            yield FilmFrame(image, number, when, at, "north")
        self.ended = True
        yield None

    def next(self, timeout: float) -> FilmFrame | None:
        return next(self._frames, None)

    def listen(self, heard: Callable[[Image], None]) -> None:
        self.heard = heard

    def close(self) -> None:
        self.closed = True


@dataclass
class Glass:
    """A mirror that keeps what it was shown, and gives commands at some frames."""

    commands_at: Mapping[int, Command] = field(default_factory=dict)
    states: list[KioskState] = field(default_factory=list)
    pictures: list[bool] = field(default_factory=list)
    images: list[Image | None] = field(default_factory=list)
    between: list[Image] = field(default_factory=list)
    closed: bool = False
    _count: int = 0

    def show(self, image: Image | None, state: KioskState) -> None:
        self.states.append(state)
        self.pictures.append(image is not None)
        self.images.append(image)

    def picture(self, image: Image) -> None:
        self.between.append(image)

    def commands(self) -> list[Command]:
        self._count += 1
        command = self.commands_at.get(self._count)
        return [command] if command else []

    def close(self) -> None:
        self.closed = True


@dataclass
class Meter:
    failures: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    cameras: list[CameraState] = field(default_factory=list)

    def alive(self) -> None: ...
    def frame(self, dropped: int) -> None: ...
    def stage(self, name: str, seconds: float) -> None: ...

    def arrival(self, outcome: str) -> None:
        self.outcomes.append(outcome)

    def camera(self, state: CameraState) -> None:
        self.cameras.append(state)

    def failed(self, stage: str) -> None:
        self.failures.append(stage)


@dataclass
class Door:
    """A loop, put together of made-up parts. Looks are waited for, so that nothing depends on the machine's speed."""

    camera: Camera
    look: Callable[[KeyFrame], Looked] = lambda key: Looked(observed(key, True))
    glass: Glass = field(default_factory=Glass)
    meter: Meter = field(default_factory=Meter)
    find: Callable[[Image], list[Person]] | None = None
    recorded: list[Finished] = field(default_factory=list)
    record: Callable[[Finished], None] | None = None

    def run(self, stop: threading.Event | None = None) -> list[Finished]:
        looker = Looker(lambda: lambda key, timings: self.look(key))
        policy = load_policy(packaged("dress_code.yaml"))
        staff = Directory({"w7": Member("w7", "Ann", "Sales", Wearer.WOMAN, "B-7")})
        identities = Identities(policy, "hall", None, staff, lambda: date(2026, 7, 16))  # it is past midnight
        follow = Follow(Place("north", "North"), RULES, HatJudge(), lambda: Wearing(OCCASION), 10.0)  # type: ignore[arg-type]
        showing = Showing("north", policy, RULES.grace, timezone(timedelta(hours=8)))
        ends = Ends(
            self.camera, self.find or self._find, looker, follow, showing,
            self.record or self.recorded.append, identities, self.glass, self.meter,
        )  # fmt: skip
        loop = DoorLoop(ends)
        step = loop.step

        def patient(seen: FilmFrame) -> None:
            while not looker.free and looker._slot.answers.empty():
                time.sleep(0.001)
            self._now = seen.monotonic
            step(seen)

        loop.step = patient  # type: ignore[method-assign, assignment]
        try:
            loop.run(stop or threading.Event())
        finally:
            looker.stop(1.0)
        return self.recorded

    def _find(self, image: Image) -> list[Person]:
        people, _ = frame(self._now, self.camera.walks)
        return people

    def phases(self) -> list[Phase]:
        seen: list[Phase] = []
        for state in self.glass.states:
            if not seen or seen[-1] is not state.phase:
                seen.append(state.phase)
        return seen


def test_from_the_first_step_to_the_record() -> None:
    door = Door(Camera({stands(3, 8): RED_BLUE}, 24))
    (ended,) = door.run()
    assert ended.outcome is Outcome.FAIL
    phases = door.phases()
    assert phases[:2] == [Phase.IDLE, Phase.APPROACH]
    assert Phase.RESULT in phases
    assert phases[-1] is Phase.IDLE
    assert door.meter.outcomes == ["fail"]
    assert door.camera.closed
    assert door.glass.closed
    numbers = [state.number for state in door.glass.states]
    assert numbers == sorted(set(numbers))


def test_the_kiosk_shows_nothing_of_who_left() -> None:
    door = Door(Camera({stands(3, 6): RED_BLUE}, 12))
    door.run()
    last = door.glass.states[-1]
    assert (last.phase, last.result, last.person, last.grace_left) == (Phase.IDLE, None, None, None)
    result = next(s for s in door.glass.states if s.result)
    assert result.result is not None
    assert result.result.findings[0].pictogram == "head"
    assert result.grace_of == RULES.grace
    assert result.outline is Outline.READY
    assert result.as_json()["result"]["outcome"] == "fail"


def test_a_badge_s_code_says_whose_it_is() -> None:
    door = Door(Camera({stands(3, 8): RED_BLUE}, 12), lambda key: Looked(observed(key, True), ["x", "B-7"]))
    (ended,) = door.run()
    assert (ended.wearing.staff, ended.wearing.identified_by) == ("w7", "badge")
    assert ended.wearing.department == "Sales"
    assert ended.outcome is Outcome.PASS


def test_who_came_before_midnight_is_judged_by_that_day() -> None:
    days = [date(2026, 4, 30), date(2026, 5, 1)]
    exempt = Exemption("plain-hair-ornament", None, days[0])
    staff = Directory({"w7": Member("w7", badge="B-7", exempt=(exempt,))})
    identities = Identities(load_policy(packaged("dress_code.yaml")), "hall", None, staff, lambda: days[-1])
    wearing = identities.of("B-7", "badge", days[0])
    assert wearing is not None
    assert wearing.occasion.date == days[0]
    assert wearing.occasion.season == identities.nobody(days[0]).occasion.season
    door = Door(Camera({stands(3, 8): RED_BLUE}, 12), lambda key: Looked(observed(key, True), ["B-7"]))
    (ended,) = door.run()
    assert ended.wearing.occasion.date == OCCASION.date


def test_who_is_new_in_the_directory_is_known_without_a_restart() -> None:
    identities = Identities(load_policy(packaged("dress_code.yaml")), "hall", None, None)
    assert not identities.reads_badges
    assert identities.of("w7", "button") is None
    readings: list[Directory | None] = [None, Directory({"w7": Member("w7", badge="B-7")}), Directory({})]
    read, go = threading.Semaphore(0), threading.Semaphore(0)

    def reading() -> Directory | None:
        read.release()
        go.acquire()
        if readings[0] is None:
            readings.pop(0)
            raise OSError("it is being written")
        return readings.pop(0)

    renewal = Renewal(identities, reading, 0.001)
    renewal.start()
    for known in (False, True):  # one that cannot be read changes nothing
        read.acquire()
        assert identities.of("w7", "button") is None
        go.release()
        read.acquire()
        assert identities.reads_badges is known
        read.release()
    assert identities.of("B-7", "badge") is not None
    renewal.close()
    go.release()
    renewal.close(60)
    assert identities.of("w7", "button") is None


def test_the_button_says_it_too_and_a_wrong_code_is_said_to_be_wrong() -> None:
    commands = {45: Command(Wish.WHO, "nobody"), 55: Command(Wish.WHO, "w7")}
    door = Door(Camera({stands(3, 8): RED_BLUE}, 12), glass=Glass(commands))
    (ended,) = door.run()
    assert (ended.wearing.staff, ended.wearing.identified_by) == ("w7", "button")
    notes = [state.note.code for state in door.glass.states if state.note]
    assert set(notes) == {"door.unknown-code"}
    assert door.glass.states[-1].note is None


def test_what_the_kiosk_is_told_is_about_whom_it_spoke_to_and_nobody_else() -> None:
    """Somebody types their number; meanwhile somebody larger stands before the camera, or they have left."""
    glass = Glass()
    walks = {stands(3, 12, 150): RED_BLUE, stands(6, 12, 450, side=700): GREEN_BLACK}
    door = Door(Camera(walks, 14), glass=glass)
    keys: dict[float, str] = {}

    def commands() -> list[Command]:
        now = round(door._now, 1)
        if door.glass.states and (key := door.glass.states[-1].arrival):
            keys.setdefault(now, key)
        if now == 5.0:
            return [Command(Wish.WHO, "w7", "a-key-of-long-ago")]
        return [Command(Wish.WHO, "w7", keys[4.9])] if now == 9.0 else []

    glass.commands = commands  # type: ignore[method-assign]
    ended = door.run()
    assert {one.wearing.staff for one in ended if one.key == keys[4.9]} == {"w7"}
    assert {one.wearing.staff for one in ended if one.key != keys[4.9]} == {None}


def test_a_wrong_code_is_said_to_whom_gave_it_alone() -> None:
    walks = {stands(3, 6, 150): RED_BLUE, stands(3, 12, 450, side=700): GREEN_BLACK}
    door = Door(Camera(walks, 14), glass=Glass({50: Command(Wish.WHO, "nobody")}))
    door.run()
    told = {state.arrival for state in door.glass.states if state.note}
    assert len(told) == 1
    assert len({state.arrival for state in door.glass.states if state.arrival}) == 2


def test_of_two_side_by_side_the_kiosk_speaks_to_one() -> None:
    walks = {stands(3, 10, 150): RED_BLUE, stands(3, 10, 450, side=700): GREEN_BLACK}
    door = Door(Camera(walks, 12))

    def find(image: Image) -> list[Person]:
        people = door._find(image)
        odd = round(door._now * 10) % 2
        return [replace(p, box=p.box.grow(0.02 if (p.box.x1 > 300) is bool(odd) else 0)) for p in people]

    door.find = find
    door.run()
    spoken = [state.arrival for state in door.glass.states if state.people == 2 and state.arrival]
    assert len(spoken) > 60
    assert len(set(spoken)) == 1


def test_cancel_settles_and_look_again_begins_anew() -> None:
    door = Door(Camera({stands(3, 10): RED_BLUE}, 14), glass=Glass({50: Command(Wish.CANCEL)}))
    door.run()
    assert Phase.DONE in door.phases()
    again = Door(
        Camera({stands(3, 14): RED_BLUE}, 20),
        lambda key: Looked(observed(key, key.at < 12.5)),
        glass=Glass({126: Command(Wish.LOOK_AGAIN)}),
    )
    (ended,) = again.run()
    assert ended.outcome is Outcome.PASS


def test_commands_without_anybody_are_nothing() -> None:
    door = Door(Camera({}, 2), glass=Glass({5: Command(Wish.LOOK_AGAIN), 6: Command(Wish.WHO, "w7")}))
    assert door.run() == []


def test_looks_that_throw_end_as_not_checked_and_the_loop_goes_on() -> None:
    def look(key: KeyFrame) -> Looked:
        raise ValueError("the network lost its mind")

    door = Door(Camera({stands(3, 8): RED_BLUE}, 12), look)
    (ended,) = door.run()
    assert ended.outcome is None
    assert ended.error == "ValueError: the network lost its mind"
    assert door.meter.outcomes == ["error"]
    (told,) = {s.result for s in door.glass.states if s.result}
    assert (told.outcome, told.findings) == (Outcome.UNSURE, ())
    assert {s.phase for s in door.glass.states if s.result} == {Phase.RESULT}


def test_a_detector_that_throws_now_and_then_is_got_over() -> None:
    calls = [0]

    def find(image: Image) -> list[Person]:
        calls[0] += 1
        if calls[0] % 5 == 0:
            raise RuntimeError("out of memory")
        return door._find(image)

    door = Door(Camera({stands(3, 8): RED_BLUE}, 24), find=find)
    assert len(door.run()) == 1
    assert "find" in door.meter.failures


def test_a_detector_that_always_throws_ends_the_process() -> None:
    def find(image: Image) -> list[Person]:
        raise RuntimeError("no such device")

    door = Door(Camera({}, 20), find=find)
    with pytest.raises(DoorError, match="no such device"):
        door.run()
    assert len(door.meter.failures) == BLIND
    assert door.glass.closed


def test_a_recorder_that_throws_does_not_stop_the_door() -> None:
    def record(finished: Finished) -> None:
        raise OSError("no space left")

    door = Door(Camera({stands(3, 5): RED_BLUE}, 24), record=record)
    door.run()
    assert door.meter.failures == ["record"]


@pytest.mark.parametrize("state", [s for s in CameraState if s is not CameraState.OK])
def test_a_camera_that_shows_nothing_is_said_so_and_shown_nothing_in_its_place(state: CameraState) -> None:
    door = Door(Camera({}, 3, {10: state}))
    door.run()
    dark = [
        (s, shown) for s, shown in zip(door.glass.states, door.glass.pictures, strict=True) if s.camera_state is state
    ]
    assert dark
    assert not any(shown for _, shown in dark)
    assert all(s.note and s.note.code == f"door.camera-{state}" for s, _ in dark)
    if state is not CameraState.STARTING:  # the site's time, wherever the machine thinks that it is
        assert all(s.note and "16:00" in s.note.en for s, _ in dark)
    assert door.meter.cameras == [CameraState.OK, state, CameraState.OK]


def test_pictures_that_nobody_looks_at_keep_the_mirror_smooth_and_never_go_back() -> None:
    newer = np.full((360, 640, 3), 7, np.uint8)
    door = Door(Camera({}, 3, {10: CameraState.COVERED}))

    def find(image: Image) -> list[Person]:
        door.camera.heard(newer)
        return []

    door.find = find
    door.run()
    assert len(door.glass.between) == len([image for image in door.glass.images if image is not None])
    assert all(image is None or image is newer for image in door.glass.images)


def test_a_picture_that_comes_while_the_view_is_dark_is_not_shown() -> None:
    class Late(Glass):
        def show(self, image: Image | None, state: KioskState) -> None:
            super().show(image, state)
            if image is None:
                door.camera.heard(np.zeros((360, 640, 3), np.uint8))

    door = Door(Camera({}, 1, {4: CameraState.COVERED}), glass=Late())
    door.run()
    assert False in door.glass.pictures
    assert door.glass.between == []


def test_a_stop_records_who_stands_there() -> None:
    stop = threading.Event()

    def look(key: KeyFrame) -> Looked:
        stop.set()
        return Looked(observed(key, True))

    door = Door(Camera({stands(3, 60): RED_BLUE}, 60), look)
    (ended,) = door.run(stop)
    assert ended.outcome is Outcome.FAIL
    assert ended.last < 10


def test_one_look_at_a_time_and_a_thread_that_hangs_is_left_behind() -> None:
    release = threading.Event()
    made: list[int] = []

    def make() -> Callable[[KeyFrame, Timings], Looked]:
        made.append(len(made))
        hangs = len(made) == 1

        def look(key: KeyFrame, timings: Timings) -> Looked:
            if hangs:
                release.wait(30)
            return Looked(observed(key))

        return look

    clock = [0.0]
    looker = Looker(make, lambda: clock[0])
    _, image = frame(5.0, {stands(3, 8): RED_BLUE})
    people, _ = frame(5.0, {stands(3, 8): RED_BLUE})
    key = KeyFrame(1, 5.0, datetime.now(timezone.utc), image, people[0], sight(image, people[0].box))
    looker.ask(1, key)
    assert not looker.free
    with pytest.raises(RuntimeError):
        looker.ask(2, key)
    clock[0] = 20.0
    assert looker.busy_for == 20.0
    answer = looker.replace()
    assert answer is not None
    assert (answer.number, answer.said) == (1, Looker.NEW)
    assert looker.free
    looker.ask(2, key)
    second = looker.answer(30.0)
    assert second is not None
    assert second.number == 2
    assert isinstance(second.said, Looked)
    release.set()
    looker.stop(5.0)
    assert len(made) == 2


def test_networks_that_cannot_be_loaded_are_an_error_of_each_look() -> None:
    def make() -> Callable[[KeyFrame, Timings], Looked]:
        raise OSError("weights are gone")

    looker = Looker(make)
    people, image = frame(5.0, {stands(3, 8): RED_BLUE})
    looker.ask(1, KeyFrame(1, 5.0, START + timedelta(seconds=5), image, people[0], sight(image, people[0].box)))
    answer = looker.answer(30.0)
    assert answer is not None
    assert answer.said == "OSError: weights are gone"
    looker.stop(5.0)
