"""Footwear networks of half the people, with a fake in place of training and of the networks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from models.training import footwear_folds
from models.training.recipes import RECIPES
from models.training.street import Labelled
from models.training.yolo import YoloRecipe
from tests.figures import upright
from vision.types import Box, Detection

KEYS = [f"{n:04d}" for n in range(1, 25)]


def test_what_was_found_is_read_again(tmp_path: Path) -> None:
    found = {"0001": [Detection("boot", 0.91236, Box(1.04, 2, 3, 4))], "0002": []}
    footwear_folds.write(tmp_path, found)
    footwear_folds.pack(tmp_path, tmp_path / "packed")
    again = footwear_folds.found_in(tmp_path / "packed" / "footwear.json")
    assert [(d.label, d.confidence, d.box) for d in again["0001"]] == [("boot", 0.9124, Box(1.0, 2, 3, 4))]
    assert again["0002"] == ()
    footwear_folds.pack(tmp_path / "nothing", tmp_path / "empty")
    assert footwear_folds.found_in(tmp_path / "empty" / "footwear.json") == {}


def test_nobody_is_looked_at_by_a_network_that_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = tmp_path / "data" / "images" / "train"
    images.mkdir(parents=True)
    parts = dict.fromkeys(KEYS, "train") | dict.fromkeys(KEYS[:3], "val") | {KEYS[3]: "elsewhere"}
    people = [Labelled(key, tmp_path / key, part, upright(1.0), {}) for key, part in parts.items()]
    for key in KEYS[4:]:
        (images / f"{key}-0.jpg").touch()
    listing = tmp_path / "data" / "data.yaml"
    listing.write_text("path: x\ntrain: images/train\nval: images/val\nnames: {0: boot}\n")
    known: dict[Path, set[str]] = {}

    def train(start: Path, part: Path, recipe: YoloRecipe, out: Path, device: str) -> Path:
        lines = Path(yaml.safe_load(part.read_text())["train"]).read_text().splitlines()
        known[out] = {Path(line).stem.split("-")[0] for line in lines}
        return out

    def find(network: Path, asked: Iterable[Labelled]) -> dict[str, list[Detection]]:
        keys = {item.key for item in asked}
        assert not known[network] & keys
        return {key: [] for key in keys}

    monkeypatch.setattr(footwear_folds.yolo, "train", train)
    monkeypatch.setattr(footwear_folds, "find", find)
    recipe = RECIPES["footwear"]
    assert isinstance(recipe, YoloRecipe)
    footwear_folds.cross_fit(tmp_path / "coco.pt", listing, recipe, people, tmp_path, "cpu")
    assert set(footwear_folds.found_in(tmp_path / footwear_folds.FILE)) == set(KEYS[4:])
    assert len(known) == 2
    assert sorted(key for keys in known.values() for key in keys) == KEYS[4:]
