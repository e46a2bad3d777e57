"""Looks, verdicts and ends of arrivals, with made-up looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from walks import GREEN_BLACK, RED_BLUE, START, Colours, Path, frame, moments, stands

from service.door.follow import NEVER_LOOKED, NOBODY, Follow, Place
from service.door.open_arrival import TRIES, Finished, Wearing
from vision.observation import KeyFrame, Observation
from vision.presence import Rules
from vision.types import Fact, Facts, Finding, Occasion, Outcome, Region, Regions, Text, Wearer

OCCASION = Occasion("hall", "summer", Wearer.UNKNOWN, date(2026, 7, 15))
RULES = Rules(grace=8.0)
NO_TEXT = Text("none", "无", "none")


class HatJudge:
    """Fails whoever wears a hat; a wearer who is a woman may."""

    def judged(
        self, occasion: Occasion, places: Regions, said: Facts, errors: tuple[str, ...] = ()
    ) -> tuple[Outcome, tuple[Finding, ...]]:
        fact = said["hat"]
        if occasion.wearer is Wearer.WOMAN or fact.value == "none":
            outcome = Outcome.PASS
        else:
            outcome = Outcome.FAIL if fact.known else Outcome.UNSURE
        return outcome, (Finding("plain-hair-ornament", outcome, fact.confidence, NO_TEXT, box=fact.box),)


class BrokenJudge:
    def judged(self, *_: object) -> tuple[Outcome, tuple[Finding, ...]]:
        raise ZeroDivisionError


def observed(key: KeyFrame, hat: bool = False, errors: tuple[str, ...] = ()) -> Observation:
    scores = {"hat": 0.9, "none": 0.1} if hat else {"hat": 0.1, "none": 0.9}
    fact = Fact("hat", "hat" if hat else "none", 0.9, scores=scores, box=key.person.box)
    region = Region("head", True, None, key.person.box)
    return Observation(
        key.number, key.at, key.when, key.image, key.person.box, 0.9, 0.5, {"head": region}, {"hat": fact}, errors
    )


def follow(judge: object = None, rules: Rules = RULES) -> Follow:
    return Follow(Place("c", "North"), rules, judge or HatJudge(), lambda: Wearing(OCCASION), 10.0)  # type: ignore[arg-type]


Look = Callable[[KeyFrame], Observation | str]


def play(
    follow: Follow,
    walks: Mapping[Path, Colours],
    seconds: float,
    look: Look = observed,
    also: Callable[[float], None] = lambda at: None,
    close: bool = True,
) -> list[Finished]:
    ended: list[Finished] = []
    for number, at, when in moments(seconds):
        people, image = frame(at, walks)
        ended += follow.see(people, image, number, at, when)
        while (job := follow.next_look()) is not None:
            follow.take(job[0], look(job[1]))
        also(at)
    return ended + (follow.close() if close else [])


@pytest.mark.parametrize(("hat", "outcome"), [(True, Outcome.FAIL), (False, Outcome.PASS)])
def test_one_arrival_one_verdict(hat: bool, outcome: Outcome) -> None:
    (ended,) = play(follow(), {stands(3, 7): RED_BLUE}, 24, lambda key: observed(key, hat))
    assert ended.outcome is outcome
    assert ended.error is None
    assert ended.door == "North"
    assert ended.fused is not None
    assert ended.fused.shown(ended.verdict.findings[0].box)[0].number >= 30  # type: ignore[union-attr]
    assert ended.first_at == START + timedelta(seconds=ended.first)
    assert ended.last - ended.first == pytest.approx(7, abs=1)


def test_looks_are_few_and_end_after_a_pass() -> None:
    looks: list[float] = []

    def look(key: KeyFrame) -> Observation:
        looks.append(key.at)
        return observed(key)

    play(follow(), {stands(3, 20): RED_BLUE}, 24, look)
    assert len(looks) == 3
    assert looks[2] - looks[1] >= 0.7


def test_who_puts_it_right_is_seen_to_pass_and_it_is_one_arrival() -> None:
    (ended,) = play(follow(), {stands(3, 10): RED_BLUE}, 24, lambda key: observed(key, hat=key.at < 6))
    assert ended.outcome is Outcome.PASS


def test_after_the_grace_nothing_is_put_right_but_look_again_helps() -> None:
    walks = {stands(3, 30): RED_BLUE}
    late = lambda key: observed(key, hat=key.at < 16)  # noqa: E731
    (ended,) = play(follow(), walks, 40, late)
    assert ended.outcome is Outcome.FAIL
    door = follow()
    asked = lambda at: door.look_again(1) if at == 18.0 else None  # noqa: E731
    (ended,) = play(door, walks, 40, late, asked)
    assert ended.outcome is Outcome.PASS


def test_a_look_that_was_asked_for_before_look_again_does_not_count() -> None:
    door = follow()
    held: list[tuple[int, KeyFrame]] = []
    for number, at, when in moments(6):
        people, image = frame(at, {stands(3, 30): RED_BLUE})
        door.see(people, image, number, at, when)
        if not held and (job := door.next_look()):
            held.append(job)
    door.look_again(1)
    door.take(1, observed(held[0][1], hat=True))
    assert door.arrivals[1].verdict is None
    assert not door.arrivals[1].asked


@pytest.mark.parametrize(
    ("hat", "throws", "outcome"),
    [(True, False, Outcome.FAIL), (True, True, Outcome.FAIL), (False, False, Outcome.PASS), (False, True, None)],
)
def test_who_asks_for_another_look_and_walks_off_keeps_what_was_said(
    hat: bool, throws: bool, outcome: Outcome | None
) -> None:
    door = follow()

    def look(key: KeyFrame) -> Observation | str:
        return observed(key, hat) if key.at < 7 else "RuntimeError"

    def ask(at: float) -> None:
        if at == 7.0:
            door.look_again(1)
            if throws:
                door.take(1, "RuntimeError")

    (ended,) = play(door, {stands(3, 7): RED_BLUE}, 24, look, ask)
    assert ended.outcome is outcome
    assert (ended.error is None) is (outcome is not None)
    assert (ended.fused is None) is (outcome is None)


def test_a_known_wearer_is_judged_anew() -> None:
    door = follow()
    woman = Wearing(replace(OCCASION, wearer=Wearer.WOMAN), "w7", "Sales", "badge")
    tell = lambda at: door.identify(1, woman) if at == 6.0 else None  # noqa: E731
    (ended,) = play(door, {stands(3, 7): RED_BLUE}, 24, lambda key: observed(key, True), tell)
    assert ended.outcome is Outcome.PASS
    assert (ended.wearing.staff, ended.wearing.identified_by) == ("w7", "badge")


def test_several_people_take_turns() -> None:
    turns: list[int] = []
    door = follow()
    walks = {stands(3, 8, 150): RED_BLUE, stands(3, 8, 450, side=700): GREEN_BLACK}
    for number, at, when in moments(8):
        people, image = frame(at, walks)
        door.see(people, image, number, at, when)
        if (job := door.next_look()) is not None:
            turns.append(job[0])
            door.take(job[0], observed(job[1], True))
    assert set(turns[:2]) == {1, 2}
    assert len(door.close()) == 2


def test_what_throws_is_never_a_pass() -> None:
    (ended,) = play(follow(), {stands(3, 7): RED_BLUE}, 24, lambda key: "ValueError: lost its mind")
    assert ended.verdict is None
    assert ended.outcome is None
    assert ended.error == "ValueError: lost its mind"


def test_a_look_that_throws_is_tried_again_a_few_times() -> None:
    tries: list[float] = []

    def look(key: KeyFrame) -> Observation | str:
        tries.append(key.at)
        return "RuntimeError" if len(tries) < TRIES else observed(key)

    (ended,) = play(follow(), {stands(3, 9): RED_BLUE}, 24, look)
    assert ended.outcome is Outcome.PASS
    tries.clear()
    play(follow(), {stands(3, 20): RED_BLUE}, 24, lambda key: tries.append(key.at) or "RuntimeError")
    assert len(tries) == TRIES


def test_a_network_that_throws_leaves_it_unsure() -> None:
    (ended,) = play(follow(), {stands(3, 7): RED_BLUE}, 24, lambda key: observed(key, errors=("head",)))
    assert ended.outcome is Outcome.UNSURE
    assert ended.verdict is not None
    assert ended.verdict.errors == ("head",)


def test_a_judge_that_throws_leaves_it_unsure() -> None:
    (ended,) = play(follow(BrokenJudge()), {stands(3, 7): RED_BLUE}, 24)
    assert ended.outcome is Outcome.UNSURE
    assert ended.verdict is not None
    assert ended.verdict.errors == ("rules: ZeroDivisionError",)


def test_a_coat_on_a_hanger_is_looked_at_twice_and_no_arrival() -> None:
    looks: list[int] = []

    def look(key: KeyFrame) -> Observation:
        looks.append(key.number)
        return replace(observed(key), nobody=True)

    door = follow()
    assert play(door, {stands(1, 30, 320): RED_BLUE}, 30, look) == []
    assert len(looks) == NOBODY
    assert door.scene.present == ()


def test_somebody_who_is_once_taken_for_nobody_is_an_arrival() -> None:
    seen: list[int] = []

    def look(key: KeyFrame) -> Observation:
        seen.append(key.number)
        return replace(observed(key), nobody=len(seen) == 1)

    (one,) = play(follow(), {stands(1, 12, 320): RED_BLUE}, 16, look)
    assert one.outcome is Outcome.PASS
    assert one.looks == len(seen) - 1


def test_a_coat_that_somebody_carries_away_is_looked_at_again() -> None:
    looks: list[float] = []

    def look(key: KeyFrame) -> Observation:
        looks.append(key.at)
        return replace(observed(key), nobody=len(looks) <= NOBODY)

    door = follow()
    ended = play(door, {stands(1, 30, 200): RED_BLUE}, 10, look, close=False)
    assert ended == []
    moved = {stands(0, 10, 420, side=200): RED_BLUE}
    for number, at, when in moments(12):
        people, image = frame(at, moved)
        later = at + 10
        ended += door.see(people, image, 200 + number, later, when + timedelta(seconds=10))
        while (job := door.next_look()) is not None:
            door.take(job[0], look(job[1]))
    assert len(ended + door.close()) == 1


def test_who_leaves_before_their_turn_is_looked_at_all_the_same() -> None:
    door = follow()
    for number, at, when in moments(5.2):
        people, image = frame(at, {stands(3, 4): RED_BLUE})
        door.see(people, image, number, at, when)  # the networks are busy with somebody else all the while
    job = door.next_look()
    assert job is not None
    door.take(job[0], observed(job[1]))
    (ended,) = door.close()
    assert ended.outcome is Outcome.PASS


def test_who_was_never_looked_at_is_recorded_as_that() -> None:
    door = follow()
    for number, at, when in moments(5):
        people, image = frame(at, {stands(3, 4): RED_BLUE})
        door.see(people, image, number, at, when)
    (ended,) = door.close()
    assert (ended.outcome, ended.error) == (None, NEVER_LOOKED)


def test_a_clock_that_is_set_back_ends_and_doubles_nothing() -> None:
    door, ended = follow(), []
    for number, at, when in moments(30):
        people, image = frame(at, {stands(3, 9): RED_BLUE})
        clock = when - timedelta(hours=2) if at > 5 else when
        ended += door.see(people, image, number, at, clock)
        while (job := door.next_look()) is not None:
            door.take(job[0], observed(job[1]))
    (one,) = ended
    assert one.first_at <= one.last_at
    assert (one.last_at - one.first_at).total_seconds() == pytest.approx(one.last - one.first)


def test_frames_whose_time_runs_backwards_are_taken_as_of_the_same_moment() -> None:
    door = follow()
    for number, at, when in moments(6):
        people, image = frame(at, {stands(3, 9): RED_BLUE})
        assert door.see(people, image, number, at - 1000 if at > 5 else at, when) == []
    assert len(door.arrivals) == 1


def test_grace_runs_down_and_settles() -> None:
    door = follow()
    left: list[float | None] = []
    note = lambda at: left.append(door.grace_left(door.arrivals[1]) if 1 in door.arrivals else None)  # noqa: E731
    play(door, {stands(3, 20): RED_BLUE}, 16, lambda key: observed(key, True), note, close=False)
    running = [value for value in left if value is not None]
    assert running == sorted(running, reverse=True)
    assert running[0] == pytest.approx(RULES.grace)
    assert door.arrivals[1].settled
    assert left[-1] is None
