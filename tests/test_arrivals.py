"""Who is an arrival: who stood still near enough, once, however often they step out for a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from walks import (
    GREEN_BLACK,
    HEIGHT,
    RED_BLUE,
    START,
    WHITE_GREY,
    WIDTH,
    Colours,
    Path,
    box_at,
    draw,
    frame,
    moments,
    passes,
    stands,
)

from vision.arrivals import Arrivals
from vision.presence import Presence, Rules
from vision.tracker import Tracked, Tracker
from vision.types import Box, Image, Person

RULES = Rules(grace=10.0)


def followed(
    walks: Mapping[Path, Colours], seconds: float, rules: Rules = RULES, tall: float = 280
) -> tuple[list[Presence], list[Presence]]:
    """The arrivals in the order in which they came, and those that ended before the last frame."""
    tracker, arrivals = Tracker(10.0), Arrivals(rules)
    arrived: list[Presence] = []
    ended: list[Presence] = []
    for _, at, when in moments(seconds):
        people, image = frame(at, walks, tall)
        scene = arrivals.update(tracker.update(people), image, at, when)
        arrived += scene.arrived
        ended += scene.ended
    return arrived, ended


def test_somebody_who_stands_is_one_arrival() -> None:
    arrived, ended = followed({stands(3, 7): RED_BLUE}, 24)
    assert [p.number for p in arrived] == [1]
    assert ended == arrived
    assert arrived[0].stood_at == pytest.approx(3.5, abs=0.35)
    assert arrived[0].first.at == pytest.approx(1.4, abs=0.4)
    assert arrived[0].last.at == pytest.approx(8.6, abs=0.4)


def test_nobody_is_no_arrival() -> None:
    assert followed({}, 3) == ([], [])


@pytest.mark.parametrize(
    ("walks", "rules", "tall"),
    [
        ({passes(1): RED_BLUE}, RULES, 280),
        ({stands(3, 7): RED_BLUE}, RULES, 100),  # stays far away
        ({stands(3, 7): RED_BLUE}, replace(RULES, zone=((0.7, 0), (1, 0), (1, 1), (0.7, 1))), 280),
        ({stands(3, 3.2): RED_BLUE}, RULES, 280),  # stops for less than the rules ask
    ],
)
def test_passers_by_are_none(walks: Mapping[Path, Colours], rules: Rules, tall: float) -> None:
    assert followed(walks, 12, rules, tall) == ([], [])


def test_several_people_are_several_arrivals() -> None:
    walks = {
        stands(3, 7, 120): RED_BLUE,
        stands(3.5, 6, 330, side=700): GREEN_BLACK,
        stands(4, 8, 520, side=700): WHITE_GREY,
    }
    arrived, _ = followed(walks, 24)
    assert [p.number for p in arrived] == [1, 2, 3]


def test_who_steps_back_within_the_grace_is_the_same() -> None:
    arrived, ended = followed({stands(3, 5): RED_BLUE, stands(11, 14): RED_BLUE}, 30)
    assert [p.number for p in arrived] == [1]
    assert ended[0].last.at > 14


def test_who_comes_back_after_the_grace_is_another() -> None:
    arrived, _ = followed({stands(3, 5): RED_BLUE, stands(21, 24): RED_BLUE}, 26)
    assert [p.number for p in arrived] == [1, 2]


def test_another_in_other_clothes_is_another() -> None:
    arrived, ended = followed({stands(3, 5): RED_BLUE, stands(10, 13): GREEN_BLACK}, 40)
    assert [p.number for p in arrived] == [1, 2]
    assert [p.number for p in ended] == [1, 2]


def test_the_next_in_the_same_uniform_who_comes_from_elsewhere_is_another() -> None:
    out_right = {stands(3, 5, side=700): RED_BLUE, stands(10, 13, side=-60): RED_BLUE}
    arrived, _ = followed(out_right, 20)
    assert [p.number for p in arrived] == [1, 2]


def test_who_comes_in_where_another_leaves_takes_over_the_track_and_is_another() -> None:
    """ByteTrack joins boxes by place alone, so at the picture's side one's track goes on with the next."""
    arrivals = Arrivals(RULES)
    xs = [320.0] * 12 + [320 - 34 * n for n in range(1, 11)] + [-10 + 34 * n for n in range(10)] + [320.0] * 12
    arrived: list[Presence] = []
    for n, x in enumerate(xs):
        clothes = RED_BLUE if n < 22 else GREEN_BLACK
        box = box_at(x).clip(WIDTH, HEIGHT)
        scene = arrivals.update([Tracked(1, Person(box, 0.9))], draw([(box, clothes)]), n / 10, START)
        arrived += scene.arrived
    assert [p.number for p in arrived] == [1, 2]
    assert arrived[0] is not arrived[1] or len({id(p) for p in arrivals.open}) == 2


def half(box: Box, one: Colours, other: Colours) -> Image:
    """Somebody whose left half wears the one, and whose right half the other: half alike to both."""
    image = draw([(box, one)])
    middle = int((box.x1 + box.x2) / 2)
    image[:, middle:] = draw([(box, other)])[:, middle:]
    return image


@pytest.mark.parametrize(("other", "numbers"), [(RED_BLUE, [1]), (WHITE_GREY, [1, 2])])
def test_who_stands_there_after_the_camera_was_lost_is_the_same_in_the_same_clothes_alone(
    other: Colours, numbers: list[int]
) -> None:
    arrivals, box = Arrivals(RULES), box_at(320)
    arrived: list[int | None] = []
    for n in range(40):
        at, clothes = (n / 10, RED_BLUE) if n < 20 else (n / 10 + 5, other)
        scene = arrivals.update([Tracked(1, Person(box, 0.9))], half(box, RED_BLUE, clothes), at, START)
        arrived += [p.number for p in scene.arrived]
    assert arrived == numbers


def test_two_half_alike_whose_tracks_are_exchanged_are_told_apart() -> None:
    arrivals = Arrivals(RULES)
    for n in range(40):
        left, right = box_at(250), box_at(320 if 20 <= n < 25 else 390)  # in each other's way for a moment
        image = half(left, RED_BLUE, GREEN_BLACK) if n < 20 else draw([(left, RED_BLUE)])
        image[:, 320:] = (draw([(right, RED_BLUE)]) if n < 20 else half(right, RED_BLUE, GREEN_BLACK))[:, 320:]
        tracked = [Tracked(1, Person(left, 0.9)), Tracked(2, Person(right, 0.9))]
        scene = arrivals.update(tracked, image, n / 10, START)
        there = {p.last.box: p.number for p in scene.present}
        if n == 19:
            before = there[left], there[right]
    assert (there[right], there[left]) == before


def test_two_who_cross_stay_who_they_are_where_their_tracks_are_exchanged() -> None:
    """ByteTrack joins boxes by place alone: of two who walk past each other, one's track goes on with the other."""
    arrivals = Arrivals(RULES)
    ways = [150.0] * 15 + [150 + 34.0 * n for n in range(11)] + [490.0] * 15
    arrived: list[int | None] = []
    for n, x in enumerate(ways):
        mine, other = box_at(x), box_at(WIDTH - x)
        first, second = (1, 2) if x < WIDTH / 2 else (2, 1)
        tracked = [Tracked(first, Person(mine, 0.9)), Tracked(second, Person(other, 0.9))]
        scene = arrivals.update(tracked, draw([(other, GREEN_BLACK), (mine, RED_BLUE)]), n / 10, START)
        arrived += [p.number for p in scene.arrived]
        there = {p.last.box: p.number for p in scene.present}
        if n == 14:
            before = there[mine], there[other]
    assert arrived == [1, 2]
    assert (there[mine], there[other]) == before
    assert [p.first.at for p in arrivals.close()] == [0.0, 0.0]


def test_a_coat_that_is_taken_off_in_view_changes_nobody() -> None:
    arrivals = Arrivals(RULES)
    numbers = []
    for n in range(40):
        clothes = WHITE_GREY if n < 20 else RED_BLUE
        box = box_at(320)
        scene = arrivals.update([Tracked(1, Person(box, 0.9))], draw([(box, clothes)]), n / 10, START)
        numbers += [p.number for p in scene.arrived]
    assert numbers == [1]


def test_a_short_gap_of_the_detector_ends_nothing() -> None:
    tracker, arrivals = Tracker(10.0), Arrivals(RULES)
    numbers = []
    for n, at, when in moments(12):
        people, image = frame(at, {stands(2, 20): RED_BLUE})
        scene = arrivals.update(tracker.update([] if 50 <= n < 75 else people), image, at, when)
        numbers += [p.number for p in scene.arrived]
        assert not scene.ended
    assert numbers == [1]


def test_time_without_frames_ends_arrivals() -> None:
    arrivals = Arrivals(RULES)
    image = draw([(box_at(320), RED_BLUE)])
    for n in range(10):
        arrivals.update([Tracked(1, Person(box_at(320), 0.9))], image, n / 10, START)
    assert arrivals.tick(5.0) == []
    assert [p.number for p in arrivals.tick(20.0)] == [1]
    assert arrivals.open == ()


def test_close_ends_all() -> None:
    arrivals = Arrivals(RULES)
    image = draw([(box_at(320), RED_BLUE)])
    for n in range(10):
        arrivals.update([Tracked(1, Person(box_at(320), 0.9))], image, n / 10, START)
    assert [p.number for p in arrivals.close()] == [1]
    assert arrivals.close() == ()


def ids(tracked: Sequence[Tracked]) -> list[int]:
    return [one.track for one in tracked]


def test_tracks_last_and_carry_their_person() -> None:
    tracker = Tracker(10.0)
    seen = []
    for n in range(8):
        people = [Person(box_at(100 + 6 * n), 0.9), Person(box_at(520 - 6 * n), 0.6)]
        tracked = tracker.update(people)
        assert {id(one.person) for one in tracked} <= {id(person) for person in people}
        seen.append(dict(zip(ids(tracked), (one.person.box.x1 for one in tracked), strict=True)))
    first, last = seen[1], seen[-1]
    assert set(first) == set(last)
    assert len(last) == 2
    assert tracker.update([]) == []
