"""A site's examples with the shipped networks: from a folder of pictures to the finding on the uniform."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import numpy as np
import pytest

from models.example_pictures import ExampleReader, Usable
from models.examples import FILE, read_spaces
from models.looks import Networks, build_checker
from service.examples import learned
from service.report import Stamp, from_row, to_row
from tests.conftest import ROOT
from vision.checker import Checker
from vision.config import Config, read_config
from vision.errors import ExamplesError
from vision.example_sets import KINDS, save
from vision.pictures import find_pictures, read_picture
from vision.policy import load_policy
from vision.types import Alike, Cause, Outcome, Wearer

pytestmark = pytest.mark.weights
WEIGHTS = ROOT / "models" / "weights"
WORN = ("man-shirt-blue", "man-suit", "man-summer", "white-shoes", "woman-suit", "woman-summer")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.yaml").write_text("examples: {folder: kept}\n")
    return read_config(tmp_path / "config.yaml")


def test_the_shipped_spaces_are_small_and_whole() -> None:
    assert (WEIGHTS / FILE).stat().st_size < 1e6
    spaces = read_spaces(WEIGHTS)
    for kind in KINDS:
        space = spaces[kind]
        assert len(space.others) >= 100
        assert space.axes.shape == (len(space.mean), len(space.spread))
        assert space.others.shape[1] == len(space.spread)
        assert all(np.isfinite(a).all() for a in (space.mean, space.axes, space.spread, space.others))


def test_from_pictures_to_a_finding(config: Config, tmp_path: Path) -> None:
    for name in WORN:
        shutil.copy(ROOT / "samples" / f"{name}.jpg", tmp_path)
    reader = ExampleReader(config)
    usable = [a for a in reader.read("uniform", find_pictures([str(tmp_path)])) if isinstance(a, Usable)]
    assert len(usable) >= 5
    space = reader.spaces["uniform"]
    examples = learned("uniform", space, np.stack([u.point for u in usable]))
    save(config.examples_dir, examples)
    policy = load_policy(config.policy_path)
    occasion = policy.occasion("field", Wearer.MAN, Date(2026, 7, 15))
    checker = build_checker(config, policy)
    seen = checker.check(read_picture(ROOT / "samples" / "man-shirt-blue.jpg"), occasion)
    (someone,) = seen.people
    fact = someone.facts["uniform"]
    assert fact.known
    assert fact.box is not None
    assert fact.probability(["y"]) == pytest.approx(examples.probability(usable[0].point, space.spread), abs=0.05)
    finding = next(f for f in someone.findings if f.clause == "company-uniform")
    assert finding.reason.code.startswith("example-")
    assert finding.outcome is not Outcome.NOT_APPLICABLE
    assert "toolbag" not in someone.facts
    row = to_row("x.jpg", seen, Stamp.of(policy), 0.1)
    (stored,) = from_row(row).people
    again = {f.clause: f for f in checker.judged(occasion, stored.regions, stored.facts)[1]}
    assert again["company-uniform"].outcome is finding.outcome  # what is stored suffices to judge anew


def test_examples_of_other_networks_stop_the_program(config: Config) -> None:
    space = replace(read_spaces(WEIGHTS)["uniform"], key="older")
    save(config.examples_dir, learned("uniform", space, space.others[:6]))
    with pytest.raises(ExamplesError, match="dresscode examples add uniform DIR"):
        build_checker(config, load_policy(config.policy_path))


class BrokenEyes:
    """Examples whose comparison throws."""

    def look(self, *_: object) -> dict[str, Alike]:
        raise RuntimeError("lost")

    def silent(self, cause: Cause) -> dict[str, Alike]:
        return {kind: Alike(None, cause=cause) for kind in KINDS}


def test_a_comparison_that_throws_leaves_its_facts_unknown(config: Config) -> None:
    policy = load_policy(config.policy_path)
    checker = Checker(Networks(config, BrokenEyes()), policy, {})  # type: ignore[arg-type]
    occasion = policy.occasion("field", Wearer.MAN, Date(2026, 7, 15))
    someone = checker.check(read_picture(ROOT / "samples" / "man-suit.jpg"), occasion).people[0]
    assert {someone.facts[kind].cause for kind in KINDS} == {Cause.ERROR}
    assert someone.facts["upper"].known
    assert someone.outcome is not Outcome.PASS
