"""The page of every clause on both sets of photos, on figures that are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.training import accuracy_page, agreement, scoring
from models.training.evaluate import Evaluation
from models.training.scoring import Answer, Draws
from vision.config import Config
from vision.policy import load_policy
from vision.types import Outcome


def evaluation(clause: str, fails: int) -> Evaluation:
    """A clause of which every fail and five passes were told rightly."""
    told = [(Outcome.FAIL, f"f{n}") for n in range(fails)] + [(Outcome.PASS, f"p{n}") for n in range(5)]
    answers = {clause: [Answer(key, true, true) for true, key in told]}
    draws = Draws(key for _, key in told)
    rows = [scoring.row(clause, answers[clause], draws)]
    return Evaluation(rows, scoring.means(rows, answers, draws), answers)


def test_a_clause_is_shown_where_either_set_tells_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = {"val": evaluation("no-sneakers", 2), "elsewhere": evaluation("no-sneakers", 9)}
    monkeypatch.setattr(accuracy_page, "evaluate", lambda *rest, part, cache: sets[part])
    labels = evaluation("tied-hair", 6)
    monkeypatch.setattr(agreement, "agreement", lambda data: (labels.rows, labels.means))
    config = Config()
    text = accuracy_page.page(config, load_policy(config.policy_path), Path("nowhere"))
    lines = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("|")}
    assert lines["no-sneakers"] == (
        "| no-sneakers | 2/5 | – | – | – | – | 9/5 | 1.00 | 1.00 | 0.00 | 1.00 | – | – | – |"
    )
    assert "tied-hair" not in lines
    assert "14 photos from other sources" in text
    assert "0 of 0 on the street, 1 of 1 elsewhere" in text
