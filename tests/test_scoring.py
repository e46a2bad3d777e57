"""Counting, intervals and the gate for new weights: against figures worked out by hand and against score.py's own."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from models.training.compare import Verdict, compare, markdown
from models.training.evaluate import Evaluation
from models.training.scoring import Answer, Draws, means, row
from models.training.truths import FILE, criteria
from vision.types import Outcome, Wearer

PASS, FAIL, UNSURE, REVIEW = Outcome.PASS, Outcome.FAIL, Outcome.UNSURE, Outcome.REVIEW


def answers(pairs: list[tuple[Outcome, Outcome]]) -> list[Answer]:
    return [Answer(f"{i:04d}", true, said) for i, (true, said) in enumerate(pairs)]


def test_a_row_by_hand() -> None:
    said = [(FAIL, FAIL)] * 6 + [(FAIL, PASS)] * 2 + [(FAIL, UNSURE)] * 2
    said += [(PASS, PASS)] * 15 + [(PASS, FAIL)] * 2 + [(PASS, REVIEW)] * 3
    found = row("c", answers(said))
    assert (found.fails, found.passes) == (10, 20)
    assert found.precision == pytest.approx(6 / 8)
    assert found.recall == pytest.approx(6 / 10)
    assert found.cleared == pytest.approx(15 / 20)
    assert found.unsure == pytest.approx(5 / 30)
    assert found.f1 == pytest.approx((12 / 18 + 30 / 37) / 2)
    assert not found.good


def test_a_clause_that_never_fails_has_no_precision_and_counts_as_none() -> None:
    said = answers([(FAIL, UNSURE)] * 5 + [(PASS, PASS)] * 5)
    found = row("c", said)
    assert found.precision is None
    assert found.recall == 0.0
    whole = means([found], {"c": said}, Draws(a.picture for a in said))
    assert whole.figures["precision"] == 0.0
    assert (whole.clauses, whole.good) == (1, 0)


def test_clauses_with_too_few_or_that_labels_do_not_decide_are_not_counted() -> None:
    few = answers([(FAIL, FAIL)] * 4 + [(PASS, PASS)] * 50)
    enough = answers([(FAIL, FAIL)] * 5 + [(PASS, PASS)] * 5)
    assert not row("c", few).counted
    assert row("c", enough).counted
    assert not row("c", enough, scored=False).counted
    assert means([row("c", few)], {"c": few}, Draws(["1"])).clauses == 0


def random_answers(n: int, right: float, seed: int) -> list[Answer]:
    rng = np.random.default_rng(seed)
    true = [FAIL if rng.random() < 0.4 else PASS for _ in range(n)]
    other = {FAIL: PASS, PASS: FAIL}
    return answers([(t, t if rng.random() < right else other[t]) for t in true])


def test_intervals_cover_and_shrink() -> None:
    hits = 0
    for seed in range(60):
        said = random_answers(150, 0.8, seed)
        low, high = row("c", said, Draws(a.picture for a in said)).intervals["f1"]
        hits += low <= 0.79 <= high  # the mean of both F1, with four fails in ten and eight of ten answers right
    assert 46 <= hits <= 60  # 90 % of 60 is 54
    widths = []
    for n in (60, 600):
        said = random_answers(n, 0.8, 1)
        low, high = row("c", said, Draws(a.picture for a in said)).intervals["recall"]
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_the_same_pictures_give_the_same_intervals() -> None:
    said = random_answers(80, 0.7, 2)
    one, two = (row("c", said, Draws(a.picture for a in said)) for _ in range(2))
    assert one == two


def evaluation(said: dict[str, list[Answer]]) -> Evaluation:
    draws = Draws(a.picture for rows in said.values() for a in rows)
    rows = [row(c, rows, draws) for c, rows in said.items()]
    return Evaluation(rows, means(rows, said, draws), said)


def test_the_gate_says_better_worse_and_neither() -> None:
    weak, strong = random_answers(200, 0.6, 3), random_answers(200, 0.95, 3)
    other = [Answer(a.picture, a.true, a.said if i > 3 else UNSURE) for i, a in enumerate(strong)]
    was = evaluation({"up": weak, "down": strong, "even": strong})
    now = evaluation({"up": strong, "down": weak, "even": strong})
    found = compare(was, now)
    assert [c.verdict for c in found.clauses] == [Verdict.BETTER, Verdict.WORSE, Verdict.UNCLEAR]
    assert found.overall.verdict is Verdict.UNCLEAR
    assert compare(was, evaluation({"up": strong, "down": strong, "even": other})).overall.verdict is Verdict.BETTER
    assert compare(now, evaluation({"up": weak, "down": weak, "even": strong})).overall.verdict is Verdict.WORSE


def test_a_paired_interval_is_narrower_than_either() -> None:
    was = random_answers(150, 0.8, 4)
    now = [Answer(a.picture, a.true, a.true if i < 12 else a.said) for i, a in enumerate(was)]
    found = compare(evaluation({"c": was}), evaluation({"c": now})).clauses[0].differences["f1"]
    low, high = row("c", was, Draws(a.picture for a in was)).intervals["f1"]
    assert found.interval is not None
    assert found.interval[1] - found.interval[0] < high - low


def test_the_markdown_is_a_table() -> None:
    found = compare(evaluation({"c": random_answers(60, 0.6, 5)}), evaluation({"c": random_answers(60, 0.9, 5)}))
    lines = markdown(found, "old", "new").splitlines()
    assert lines[0].startswith("New against old") or lines[0].startswith("new against old")
    table = [line for line in lines if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert table[-1].startswith("| **mean** |")


def test_criteria_by_hand() -> None:
    table = criteria()
    assert table["no-bare-midriff"].of({"bare": "lowneck+midriff"}) is FAIL
    assert table["no-bare-midriff"].of({"bare": "lowneck"}) is None
    assert table["no-platform-shoes"].of({"platform": "1"}) is table["no-platform-shoes"].of({"platform": "y"}) is FAIL
    assert table["dark-socks"].of({"leg": "skin", "shoe": "heel"}) is None
    assert table["dark-socks"].of({"leg": "skin", "shoe": "flat"}) is FAIL
    assert table["tied-hair"].wearer is Wearer.WOMAN
    assert table["cold-season-suit"].date.month == 12
    assert table["shaven"].of({}) is None


def score_py(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", shared / "acceptance" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
def test_the_truth_is_that_of_the_acceptance(shared: Path) -> None:
    theirs = yaml.safe_load((shared / "acceptance" / "truth.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(FILE.read_text(encoding="utf-8")) == theirs


@pytest.mark.shared
def test_the_figures_are_those_of_score_py(shared: Path) -> None:
    from models.training.street import codes

    score, rng = score_py(shared), np.random.default_rng(6)
    with (shared / "data" / "street" / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = [r for r in csv.DictReader(file) if r["split"] == "val"]
    table = yaml.safe_load((shared / "acceptance" / "truth.yaml").read_text(encoding="utf-8"))
    outcomes = ["fail", "pass", "unsure", "review", "not-applicable"]
    said = {r["id"]: {c: str(rng.choice(outcomes, p=[0.35, 0.35, 0.2, 0.05, 0.05])) for c in table} for r in labels}
    nobody = {r["id"] for r in labels[::17]}
    rows = {r["id"]: report(r["id"], said[r["id"]], r["id"] in nobody) for r in labels}
    names = [f"{wearer}-{day}/r" for wearer in ("man", "woman") for day in ("2026-07-15", "2026-12-15")]
    theirs = score.score(labels, [(name, rows) for name in names], table, 5)
    for clause, criterion in criteria().items():
        known = [(r["id"], criterion.of(codes(r))) for r in labels]
        heard = [
            Answer(key, true, UNSURE if key in nobody else Outcome(said[key][clause])) for key, true in known if true
        ]
        ours = row(clause, heard) if heard else None
        assert (ours is not None and ours.counted) is (clause in theirs), clause
        if ours and clause in theirs:
            for name in ("fails", "passes", "precision", "recall", "cleared", "unsure", "f1"):
                assert getattr(ours, name) == pytest.approx(theirs[clause][name], abs=6e-4), (clause, name)


def report(key: str, said: dict[str, str], nobody: bool) -> dict[str, Any]:
    """One row of a report: the main person with these outcomes, and a smaller one with all fails."""
    small = {"box": [0, 0, 10, 10], "confidence": 0.9, "findings": [{"clause": c, "outcome": "fail"} for c in said]}
    large = {
        "box": [0, 0, 99, 99],
        "confidence": 0.5,
        "findings": [{"clause": c, "outcome": o} for c, o in said.items()],
    }
    return {"image": f"{key}.webp", "error": None, "people": [] if nobody else [small, large]}
