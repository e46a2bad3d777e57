"""The whole check on real photos: the two that ultralytics ships."""

from __future__ import annotations

from datetime import date as Date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from models.looks import build_checker
from service.report import Stamp, schema, to_row
from vision.config import read_config
from vision.pictures import read_picture
from vision.policy import load_policy
from vision.types import Cause, Outcome, PictureVerdict, Wearer

pytestmark = [pytest.mark.weights, pytest.mark.train]
ROOT = Path(__file__).resolve().parent.parent


@cache
def checked(name: str) -> PictureVerdict:
    spec = find_spec("ultralytics")
    assert spec is not None
    assert spec.origin is not None
    config = read_config(ROOT / "config.yaml")
    policy = load_policy(config.policy_path)
    image = read_picture(Path(spec.origin).parent / "assets" / name)
    return build_checker(config, policy).check(image, policy.occasion("hall", Wearer.MAN, Date(2026, 7, 15)))


@pytest.mark.parametrize(("name", "least"), [("bus.jpg", 3), ("zidane.jpg", 2)])
def test_everyone_large_is_found(name: str, least: int) -> None:
    assert len(checked(name).people) >= least


def test_feet_out_of_the_picture_leave_shoes_unsure() -> None:
    for person in checked("zidane.jpg").people:
        assert not person.regions["feet"].visible
        assert person.regions["feet"].cause in (Cause.OUT_OF_PICTURE, Cause.CUT_OFF, Cause.NOT_FOUND, Cause.NO_POSE)
        shoes = next(f for f in person.findings if f.clause == "leather-shoes")
        assert shoes.outcome is Outcome.UNSURE
        assert shoes.action is not None


def test_one_finding_a_clause_and_an_honest_outcome() -> None:
    for name in ("bus.jpg", "zidane.jpg"):
        for person in checked(name).people:
            clauses = [f.clause for f in person.findings]
            assert len(clauses) == len(set(clauses)) == 57
            assert person.outcome is not Outcome.PASS, "nobody in these photos wears a badge that can be seen whole"


def test_row_keeps_to_the_schema() -> None:
    policy = load_policy(read_config(ROOT / "config.yaml").policy_path)
    row = to_row("bus.jpg", checked("bus.jpg"), Stamp.of(policy), 0.1)
    jsonschema.validate(row, schema())
