"""Footwear networks of half the people, with a fake in place of training and of the networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from models.training import footwear_folds
from models.training.recipes import RECIPES
from models.training.yolo import YoloRecipe
from tests.figures import upright
from vision.types import Box, Detection

KEYS = [f"{n:04d}" for n in range(1, 25)]


def test_what_was_found_is_read_again(tmp_path: Path) -> None:
    found = {"0001": [Detection("boot", 0.91236, Box(1.04, 2, 3, 4))], "0002": []}
    footwear_folds.write(tmp_path, found)
    again = footwear_folds.read(tmp_path)
    assert [(d.label, d.confidence, d.box) for d in again["0001"]] == [("boot", 0.9124, Box(1.0, 2, 3, 4))]
    assert again["0002"] == ()
    assert footwear_folds.read(tmp_path / "nothing") == {}


def test_nobody_is_looked_at_by_a_network_that_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    street, images = tmp_path / "street", tmp_path / "data" / "images" / "train"
    (street / "images").mkdir(parents=True)
    images.mkdir(parents=True)
    rows = [f"{key},{'val' if key in KEYS[:4] else 'train'},u\n" for key in KEYS]
    (street / "labels.csv").write_text("".join(["id,split,bare\n", *rows]))
    for key in KEYS:
        cv2.imwrite(str(street / "images" / f"{key}.webp"), np.zeros((8, 8, 3), np.uint8))
    for key in KEYS[4:]:
        (images / f"{key}-0.jpg").touch()
    listing = tmp_path / "data" / "data.yaml"
    listing.write_text("path: x\ntrain: images/train\nval: images/val\nnames: {0: boot}\n")
    known: dict[Path, set[str]] = {}

    def train(start: Path, part: Path, recipe: YoloRecipe, out: Path, device: str) -> Path:
        lines = Path(yaml.safe_load(part.read_text())["train"]).read_text().splitlines()
        known[out] = {Path(line).stem.split("-")[0] for line in lines}
        return out

    def find(network: Path, pictures: Mapping[str, Path], poses: Any) -> dict[str, list[Detection]]:
        assert not known[network] & set(pictures)
        return {key: [] for key in pictures}

    monkeypatch.setattr(footwear_folds.yolo, "train", train)
    monkeypatch.setattr(footwear_folds, "find", find)
    poses = {key: upright(1.0) for key in KEYS if key != KEYS[-1]}
    recipe = RECIPES["footwear"]
    assert isinstance(recipe, YoloRecipe)
    footwear_folds.cross_fit(tmp_path / "coco.pt", listing, recipe, street, poses, tmp_path, "cpu")
    assert set(footwear_folds.read(tmp_path)) == set(KEYS[4:-1])
    assert len(known) == 2
    assert sorted(key for keys in known.values() for key in keys) == KEYS[4:]
