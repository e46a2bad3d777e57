"""What is read of rendered people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.training import rendered
from models.training.badge_figures import look_at_rendered
from models.training.packaged import badge_network

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "models" / "weights"
QUAD = [[10.0, 20.0], [30.0, 20.0], [30.0, 50.0], [10.0, 50.0]]


def write(folder: Path, name: str, *people: dict[str, Any]) -> None:
    (folder / "images").mkdir(exist_ok=True)
    (folder / "images" / f"{name}.json").write_text(json.dumps({"people": people}), encoding="utf-8")


@pytest.mark.parametrize(
    ("badge", "kinds"),
    [
        ({"quad": QUAD, "side": "back", "pixels": 600}, ["card_back"]),
        ({"quad": QUAD, "side": "front", "pixels": 60}, ["card_front"]),
        ({"quad": QUAD, "side": "front", "pixels": 59}, None),
        ({"quad": None}, []),
        (None, []),
    ],
)
def test_the_card_of_a_rendered_person(tmp_path: Path, badge: dict[str, Any] | None, kinds: list[str] | None) -> None:
    write(tmp_path, "a", {"badge": badge})
    found = rendered.badges(tmp_path)
    assert ([label.kind for label in found["a"]] if "a" in found else None) == kinds
    for label in found.get("a", []):
        assert np.array_equal(label.quad, np.asarray(QUAD, np.float32))


def test_pictures_of_several_people_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "two", {"badge": None}, {"badge": None})
    write(tmp_path, "one", {"badge": None})
    assert [name for name, _ in rendered.people(tmp_path)] == ["one"]


@pytest.mark.weights
def test_a_rendered_person_is_looked_at_as_in_use(tmp_path: Path) -> None:
    for name in ("no-badge", "man-suit"):
        write(tmp_path, name, {"badge": None})
        shutil.copyfile(ROOT / "samples" / f"{name}.jpg", tmp_path / "images" / f"{name}.jpg")
        (tmp_path / "images" / f"{name}.mask.png").write_bytes(b"not a picture to look at")
    found = {seen.name: seen for seen in look_at_rendered(badge_network(WEIGHTS), tmp_path, tmp_path, WEIGHTS)}
    assert found["no-badge"].said is None
    worn = found["man-suit"].said
    assert worn is not None
    assert worn.there > 0.5
    assert worn.back < 0.5
