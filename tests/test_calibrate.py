"""Thresholds, fitted on made-up answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.training.calibrate import Aim, Said, at, chosen, fit, measured, wilson
from vision.types import Outcome, Threshold

PASS, FAIL, UNSURE = Outcome.PASS, Outcome.FAIL, Outcome.UNSURE


def answers(n: int, seed: int, honest: bool = True) -> list[Said]:
    """What a calibrated check says: right with the stated probability (or, if not honest, less often)."""
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(n):
        leaning, other = (FAIL, PASS) if rng.random() < 0.4 else (PASS, FAIL)
        p = float(rng.uniform(0.5, 1.0))
        right = rng.random() < (p if honest else 2.2 * p - 1.2)
        said.append(Said(leaning, p, leaning if right else other))
    return said


@pytest.mark.parametrize("wanted", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("honest", [True, False])
def test_the_wanted_precision_is_kept(wanted: float, honest: bool) -> None:
    found = fit(answers(1500, 3, honest), Aim(wanted, 0.5))
    assert measured(answers(1500, 3, honest), found.threshold).precision >= wanted - 0.01
    fresh = measured(answers(1500, 4, honest), found.threshold)
    assert fresh.precision >= wanted - 0.05
    assert fresh.clear_precision >= wanted - 0.05


def test_more_precision_costs_recall() -> None:
    said = answers(1500, 5)
    loose, strict = fit(said, Aim(0.8)), fit(said, Aim(0.95))
    assert loose.threshold.fail < strict.threshold.fail
    assert loose.recall > strict.recall
    assert loose.unsure < strict.unsure


def test_a_bound_that_few_answers_can_not_give_is_never_reached() -> None:
    ten = [Said(FAIL, 0.95, FAIL)] * 10 + [Said(PASS, 0.95, PASS)] * 40
    found = fit(ten, Aim(0.95, 0.80)).threshold
    assert found.fail > 1  # ten right answers of ten: their lower bound is 0.79
    assert found.clear == 0.95
    assert fit([*ten, Said(FAIL, 0.95, FAIL)], Aim(0.95, 0.80)).threshold.fail == 0.95


def test_a_traded_threshold_leaves_out_the_doubtful_tail() -> None:
    sure = [Said(FAIL, 0.9, FAIL)] * 20 + [Said(PASS, 0.9, PASS)] * 60
    tail = [Said(FAIL, 0.6, FAIL)] * 2 + [Said(FAIL, 0.6, PASS)] * 8
    assert chosen([*sure, *tail]).fail == 0.9
    worthwhile = [Said(FAIL, 0.6, FAIL)] * 18 + [Said(FAIL, 0.6, PASS)] * 2
    assert chosen([*sure, *worthwhile]).fail == 0.6


def test_one_lucky_answer_is_not_enough() -> None:
    said = [Said(FAIL, 0.6, FAIL), *[Said(PASS, 0.9, PASS)] * 50, *[Said(PASS, 0.9, FAIL)] * 10]
    assert chosen(said).fail == 0.9
    assert chosen([Said(FAIL, 0.6, FAIL), *said]).fail == 0.9
    assert chosen([*[Said(FAIL, 0.6, FAIL)] * 2, *said]).fail == 0.6


def test_no_fail_below_the_floor_however_well_it_went() -> None:
    said = [Said(FAIL, 0.49, FAIL)] * 50 + [Said(PASS, 0.9, PASS)] * 50
    assert chosen(said).fail == 0.9
    assert chosen([Said(FAIL, 0.51, FAIL)] * 50).fail == 0.51


def test_more_precision_than_enough_is_worth_nothing_against_recall() -> None:
    sure = [Said(FAIL, 0.9, FAIL)] * 100 + [Said(PASS, 0.9, PASS)] * 100
    tail = [Said(FAIL, 0.6, FAIL)] * 5 + [Said(FAIL, 0.6, PASS)] * 5  # all together hold 105 of 110: 0.955
    assert chosen([*sure, *tail]).fail == 0.6


def test_precision_that_a_fail_must_hold_goes_before_recall() -> None:
    sure = [Said(FAIL, 0.9, FAIL)] * 20
    tail = [Said(FAIL, 0.6, FAIL)] * 60 + [Said(FAIL, 0.6, PASS)] * 25  # 0.76 at most
    assert chosen([*sure, *tail]).fail == 0.9
    assert chosen(tail).fail == 0.6  # nothing better is there


@pytest.mark.parametrize(
    ("right", "told", "low", "high"), [(0, 0, 0, 1), (10, 10, 0.787, 1.0), (8, 10, 0.541, 0.931), (0, 10, 0, 0.213)]
)
def test_wilson(right: int, told: int, low: float, high: float) -> None:
    assert wilson(right, told) == pytest.approx((low, high), abs=2e-3)


def test_figures_are_of_pictures_that_the_threshold_was_not_chosen_on() -> None:
    rng = np.random.default_rng(8)
    noise = [Said(FAIL, float(rng.uniform(0.5, 1)), FAIL if rng.random() < 0.5 else PASS) for _ in range(200)]
    in_sample = measured(noise, chosen(noise))
    assert fit(noise).precision <= in_sample.precision


def test_a_sitting_is_not_split_between_folds() -> None:
    said = [Said(FAIL, 0.8, FAIL)] * 8
    one = fit(said, groups=[0] * 8)  # one sitting: nothing to hold out
    assert one.precision == 1.0
    assert (one.told, one.fails) == (8, 8)


def test_doubtful_truths_do_not_count() -> None:
    said = answers(300, 6)
    doubtful = [Said(FAIL, 0.99, UNSURE), Said(FAIL, 0.98, Outcome.NOT_APPLICABLE)] * 50
    assert fit([*said, *doubtful]).threshold == fit(said).threshold
    assert fit([*said, *doubtful]).fails == fit(said).fails


def test_equal_confidences_stand_or_fall_together() -> None:
    said = [Said(FAIL, 0.7, PASS)] * 10 + [Said(FAIL, 0.7, FAIL)] * 30 + [Said(FAIL, 0.9, FAIL)] * 30
    assert chosen(said, Aim(0.9)).fail == 0.9


def test_a_fit_without_pictures_is_careful() -> None:
    found = fit([])
    assert min(found.threshold.fail, found.threshold.clear) >= 0.8
    assert np.isnan(found.precision)
    assert (found.fails, found.passes) == (0, 0)


def test_measured() -> None:
    rows: Sequence[Said] = [
        Said(FAIL, 0.9, FAIL),
        Said(FAIL, 0.8, PASS),
        Said(FAIL, 0.6, FAIL),
        Said(PASS, 0.95, PASS),
        Said(UNSURE, 0.0, FAIL),
    ]
    found = measured(rows, Threshold(0.7, 0.9))
    assert (found.fails, found.passes) == (3, 2)
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(1 / 3)
    assert found.unsure == pytest.approx(2 / 5)


def test_at() -> None:
    limits = Threshold(fail=0.7, clear=0.9)
    assert at(Said(FAIL, 0.7, FAIL), limits) is FAIL
    assert at(Said(FAIL, 0.69, FAIL), limits) is UNSURE
    assert at(Said(PASS, 0.8, PASS), limits) is UNSURE
    assert at(Said(PASS, 0.9, FAIL), limits) is PASS
    assert at(Said(Outcome.REVIEW, 0.1, FAIL), limits) is Outcome.REVIEW
    assert at(Said(UNSURE, 1.0, FAIL), limits) is UNSURE
