"""Many looks become one: the vote, the best frames, what overturns what, and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from walks import START

from vision.evidence import Gathered, fuse, weighted_median
from vision.observation import Observation
from vision.types import Box, Cause, Fact, Region

IMAGE = np.zeros((8, 8, 3), np.uint8)


def hat(p: float, box: Box | None = None) -> Fact:
    return Fact("hat", "hat" if p > 0.5 else "none", max(p, 1 - p), scores={"hat": p, "none": round(1 - p, 4)}, box=box)


def look(
    number: int, quality: float = 0.5, errors: tuple[str, ...] = (), box: Box | None = None, **facts: Fact
) -> Observation:
    box = box or Box(0, 0, 100, 200)
    head = Region("head", True, None, Box(box.x1 + 10, box.y1, box.x1 + 50, box.y1 + 40))
    return Observation(number, number, START, IMAGE, box, 0.9, quality, {"head": head}, facts, errors)


def test_one_look_stays_what_it_is() -> None:
    fused = fuse([look(3, hat=hat(0.8))])
    assert fused.facts["hat"].scores == {"hat": 0.8, "none": 0.2}
    assert fused.evidence["hat"].frame == 3
    assert (fused.evidence["hat"].frames_seen, fused.evidence["hat"].frames_visible) == (1, 1)


def test_one_outlier_among_several_moves_little() -> None:
    fused = fuse([look(n, hat=hat(p)) for n, p in enumerate((0.1, 0.99, 0.15, 0.12, 0.1))])
    assert fused.facts["hat"].value == "none"
    assert fused.facts["hat"].scores["hat"] < 0.2


def test_frames_that_agree_are_not_surer_than_each_is() -> None:
    fused = fuse([look(n, hat=hat(0.7)) for n in range(5)])
    assert fused.facts["hat"].scores["hat"] == pytest.approx(0.7, abs=1e-3)


def test_quality_weighs() -> None:
    sharp, blurred = 0.9, 0.1
    fused = fuse([look(0, blurred, hat=hat(0.8)), look(1, sharp, hat=hat(0.2)), look(2, blurred, hat=hat(0.8))])
    assert fused.facts["hat"].value == "none"


def test_a_change_that_lasts_overturns_what_was_before() -> None:
    before = [look(n, 0.9, hat=hat(0.95)) for n in range(3)]
    assert fuse([*before, look(3, 0.5, hat=hat(0.1))]).facts["hat"].value == "hat"
    assert fuse([*before, look(3, 0.5, hat=hat(0.1)), look(4, 0.5, hat=hat(0.1))]).facts["hat"].value == "none"


def test_only_the_newest_looks_count_and_old_pictures_are_let_go() -> None:
    gathered = Gathered(kept=3)
    for n in range(10):
        gathered.add(look(n, hat=hat(0.9)))
    assert [o.number for o in gathered.observations] == [7, 8, 9]
    assert gathered.looks == 10
    gathered.clear()
    assert gathered.fused() is None


def worn(number: int, value: str, whole: bool) -> Observation:
    """A look at somebody near (legs cut off) or far, and what is said of the lower garment."""
    scores = {"shorts": 0.05, "trousers": 0.05} | {value: 0.95}
    one = look(number, bottom=Fact("bottom", value, 0.95, scores=scores))
    legs = Region("legs", whole, None if whole else Cause.CUT_OFF)
    return replace(one, regions={**one.regions, "legs": legs, "thighs": Region("thighs", True)})


@pytest.mark.parametrize(("before", "after"), [("shorts", "trousers"), ("trousers", "shorts")])
def test_a_glimpse_does_not_overturn_what_was_seen_whole(before: str, after: str) -> None:
    far, near = [worn(n, before, True) for n in range(2)], [worn(n, after, False) for n in range(2, 5)]
    assert fuse([*far, *near]).facts["bottom"].value == before
    assert fuse(near).facts["bottom"].value == after


def near(number: int, value: str | None, quality: float = 0.5) -> Observation:
    """A look at somebody whose legs are cut off; of None the glimpse showed nothing."""
    one = worn(number, value or "shorts", False)
    unknown = Fact("bottom", "u", 0.0, cause=Cause.CUT_OFF)
    return replace(one, quality=quality, facts=one.facts if value else {"bottom": unknown})


def test_one_glimpse_among_several_that_show_nothing_is_not_believed() -> None:
    nothing = [near(n, None) for n in range(3)]
    assert fuse([*nothing, near(3, "shorts")]).facts["bottom"].cause is Cause.CUT_OFF
    assert fuse([*nothing, *(near(n, "shorts", 0.9) for n in range(3, 6))]).facts["bottom"].value == "shorts"
    assert fuse([near(0, "shorts")]).facts["bottom"].value == "shorts"


def test_a_whole_look_that_says_nothing_is_not_filled_in_by_a_glimpse() -> None:
    whole = replace(worn(0, "shorts", True), facts={"bottom": Fact("bottom", "u", 0.0, cause=Cause.NOT_FOUND)})
    assert fuse([whole, near(1, "skirt"), near(2, "skirt")]).facts["bottom"].cause is Cause.NOT_FOUND


def measure(value: float, uncertainty: float = 2.0) -> Fact:
    return Fact("hem_cm", value, 0.8, "cm", uncertainty)


def test_numbers_by_weighted_median_with_the_spread_between_frames() -> None:
    fact = fuse([look(n, hem_cm=measure(v)) for n, v in enumerate((10.0, 11.0, 40.0, 12.0, 11.0))]).facts["hem_cm"]
    assert fact.value == pytest.approx(11.0, abs=0.5)
    assert fact.uncertainty is not None
    assert 2.0 < fact.uncertainty < 4.0


def test_a_number_that_changed_and_stays_overturns() -> None:
    fused = fuse([look(n, hem_cm=measure(v)) for n, v in enumerate((20.0, 21.0, 20.0, 3.0, 2.5))])
    assert fused.facts["hem_cm"].value == pytest.approx(2.75, abs=0.3)


def test_unknown_where_no_look_knew_and_an_error_goes_before_other_causes() -> None:
    unknown = Fact("hat", "u", 0.0, cause=Cause.TOO_DARK)
    failed = Fact("hat", "u", 0.0, cause=Cause.ERROR)
    assert fuse([look(0, hat=unknown), look(1, hat=unknown)]).facts["hat"].cause is Cause.TOO_DARK
    assert fuse([look(0, hat=unknown), look(1, hat=failed)]).facts["hat"].cause is Cause.ERROR
    assert fuse([look(0, hat=unknown), look(1, hat=hat(0.9))]).facts["hat"].value == "hat"


def test_looks_in_which_a_network_threw_count_only_alone() -> None:
    bad = look(0, 0.9, ("head",), hat=Fact("hat", "u", 0.0, cause=Cause.ERROR))
    assert fuse([bad]).errors == ("head",)
    assert fuse([bad, look(1, 0.2, hat=hat(0.9))]).errors == ()


def test_parts_are_joined_anew() -> None:
    def bare(midriff: float, shoulder: float) -> Fact:
        return Fact("bare", "midriff", midriff, scores={"midriff": midriff, "shoulder": shoulder, "none": 0.1})

    fact = fuse([look(n, bare=bare(0.9, s)) for n, s in enumerate((0.7, 0.8, 0.1))]).facts["bare"]
    assert fact.value == "midriff+shoulder"


def test_each_finding_keeps_its_own_best_frame_and_boxes_move_with_the_person() -> None:
    near, far = Box(50, 20, 250, 420), Box(0, 0, 100, 200)
    unknown = Fact("hat", "u", 0.0, cause=Cause.TURNED_AWAY)
    fused = fuse([look(0, 0.5, box=far, hat=hat(0.95, Box(10, 0, 50, 40))), look(1, 0.9, box=near, hat=unknown)])
    assert fused.main.number == 1
    assert fused.facts["hat"].box == Box(70, 20, 150, 100)
    assert fused.evidence["hat"].frame == 0
    assert fused.evidence["hat"].frames_visible == 1
    shown, there = fused.shown(fused.facts["hat"].box)
    assert (shown.number, there) == (0, Box(10, 0, 50, 40))
    assert fused.shown(None) == (fused.main, None)


@pytest.mark.parametrize(
    ("values", "weights", "median"),
    [([1], [5], 1), ([1, 3], [1, 1], 2), ([1, 2, 9], [1, 1, 1], 2), ([1, 2, 9], [0.1, 0.1, 9], 9)],
)
def test_weighted_median(values: list[float], weights: list[float], median: float) -> None:
    found = weighted_median(np.array(values, float), np.array(weights, float))
    assert found == pytest.approx(median, abs=0.2)


def test_facts_is_a_mapping() -> None:
    assert isinstance(fuse([look(0, hat=hat(0.9))]).facts, Mapping)
