"""The violation photos as pictures to learn from, and as a part to score on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.attributes import SPECS
from models.footwear import CLASSES
from models.training import elsewhere, footwear_data, out_of_fold
from models.training.crop_table import MISSING, Crops
from models.training.elsewhere import ELSEWHERE, labelled, labels, part_of, pictures
from models.training.errors import TrainingError
from models.training.street import Labelled, sitting
from tests.figures import upright
from vision.types import Box, Detection, Image
from vision.vocabulary import FACTS

POSE = upright(1.0)
"""A body in a picture of 480×580, as the photos' sides are 640."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All have a box of shorts on the legs; ``b`` is of no use, ``c`` has no labels, and ``a`` is held out."""
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    hips = POSE.points[[23, 24], :2].mean(axis=0) / elsewhere.SIDE
    for key in "abcdef":
        cv2.imwrite(str(tmp_path / "images" / f"{key}.webp"), np.zeros((8, 8, 3), np.uint8))
        (tmp_path / "labels" / f"{key}.txt").write_text(f"2 {hips[0]:.4f} {hips[1] + 0.1:.4f} 0.1 0.1\n")
    known = {"a": {"shoe": "sneaker", "bottom": "skirt"}, "b": {}, "d": {"hair": "long"}, "e": {"shoe": "sneaker"}}
    known["f"] = known["a"]
    monkeypatch.setattr(elsewhere, "labels", lambda: known)
    return tmp_path


def test_labels_are_codes_that_the_networks_know() -> None:
    known = {name: set(values) for spec in SPECS.values() for name, values in spec.heads.items()}
    told = labels()
    assert len(told) > 1000
    for worn in told.values():
        for name, value in worn.items():
            assert name in known or name in FACTS or name == "bare", name
            if name in known:
                assert value in known[name], (name, value)


def test_one_in_five_is_held_out_whatever_else_there_is() -> None:
    parts = [part_of(key) for key in labels()]
    assert 0.15 < parts.count(ELSEWHERE) / len(parts) < 0.25
    assert set(parts) == {ELSEWHERE, "train"}


def test_labels_go_before_boxes_and_useless_pictures_are_left_out(folder: Path) -> None:
    found = {item.key: item.labels for item in labelled(folder, dict.fromkeys("abcdef", POSE))}
    assert found["f"] == {"shoe": "sneaker", "bottom": "skirt"}  # the box says shorts: it is not believed
    assert found["a"] == {"shoe": "sneaker", "bottom": "skirt"}
    assert found["e"] == {"shoe": "sneaker", "bottom": "shorts", "cuff": "na", "leg": "skin"}
    assert found["c"] == {"bottom": "shorts", "cuff": "na", "leg": "skin"}
    assert "b" not in found
    assert found["d"]["somebody"] == "y"  # a head of which nothing is told may be cut off
    assert [p.key for p in pictures(folder)] == ["a", "d", "e", "f"]


def test_nobody_without_landmarks_is_learned_from(folder: Path) -> None:
    assert [item.key for item in labelled(folder, {"c": POSE})] == ["c"]


def test_other_pictures_are_each_a_sitting_of_their_own() -> None:
    assert sitting("0008") == sitting("0011") != sitting("0012")
    assert sitting("a1") == sitting("a1") != sitting("a2")


class Clothing:
    """Finds a shoe in the middle of the feet."""

    def find(self, image: Image, person: Box) -> list[Detection]:
        feet = POSE.points[27:33, :2].mean(axis=0)
        return [Detection("shoe", 0.9, Box(feet[0] - 30, feet[1] - 15, feet[0] + 30, feet[1] + 15))]


def test_footwear_learns_from_them_but_not_from_those_held_out(tmp_path: Path) -> None:
    street, path = tmp_path / "street", tmp_path / "x.png"
    street.mkdir()
    (street / "mask_classes.txt").write_text("0 background\n" + "".join(f"{i} {n}\n" for i, n in SHOES))
    (street / "people.csv").write_text("id,x1,y1,x2,y2,confidence\n")
    (street / "labels.csv").write_text("id,split,shoe\n")
    cv2.imwrite(str(path), np.zeros((700, 640, 3), np.uint8))
    items = [Labelled(k, path, p, POSE, {"shoe": "sneaker"}) for k, p in (("a", "train"), ("b", ELSEWHERE))]
    listing = footwear_data.build(street, tmp_path / "out", {}, Clothing(), 0, items)  # type: ignore[arg-type]
    made = sorted((listing.parent / "images").rglob("*.jpg"))
    assert {p.stem.split("-")[0] for p in made} == {"a"}
    row = (listing.parent / "labels" / "train" / f"{made[0].stem}.txt").read_text().split()
    assert int(row[0]) == CLASSES.index("sneaker")


SHOES = list(enumerate((n for names in footwear_data.MASK_CLASSES.values() for n in names), start=1))


def test_what_was_answered_before_stands_unless_labels_have_changed(tmp_path: Path) -> None:
    spec = SPECS["feet"]
    width = sum(len(values) for values in spec.heads.values())
    targets = np.full((4, len(spec.heads)), MISSING)
    crops = Crops(np.zeros((4, 2, 2, 3), np.uint8), targets, ["0001", "0002", "0003", "new"])
    answers = np.repeat(np.array([[3], [2], [1]], np.float32), width, axis=1)
    out_of_fold.write(tmp_path, crops.part(np.array([2, 1, 0])), {"lite0": answers, "yolo11n": answers + 10})
    crops.targets[1, 0] = 0
    found = out_of_fold.kept("feet", tmp_path, crops)
    assert {name: rows[[0, 2], 0].tolist() for name, rows in found.items()} == {"lite0": [1, 3], "yolo11n": [11, 13]}
    assert all(np.isnan(rows[[1, 3]]).all() for rows in found.values())
    out_of_fold.write(tmp_path, crops, found)
    assert (
        out_of_fold.scalings("feet", tmp_path, "lite0")["shoe"].bias == (0.0,) * 8
    )  # read again without the unanswered
    with pytest.raises(TrainingError, match=r"out-of-fold\.npz: missing"):
        out_of_fold.kept("feet", tmp_path / "nothing", crops)


def test_the_mean_is_over_the_trunks_that_answered(tmp_path: Path) -> None:
    spec = SPECS["feet"]
    width = sum(len(values) for values in spec.heads.values())
    crops = Crops(np.zeros((2, 2, 2, 3), np.uint8), np.full((2, len(spec.heads)), MISSING), ["0001", "0002"])
    nobody = np.full((1, width), np.nan, np.float32)
    some = np.concatenate([nobody, np.full((1, width), 4, np.float32)])
    mean = out_of_fold.write(tmp_path, crops, {"lite0": np.full((2, width), 2, np.float32), "yolo11n": some})
    assert mean[:, 0].tolist() == [2, 3]
    mean = out_of_fold.write(tmp_path, crops, {"lite0": some})
    assert np.isnan(mean[0]).all()
    assert (mean[1] == 4).all()


def test_thresholds_can_be_fitted_on_those_that_are_not_held_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "FOLDER", folder.name)
    assert {p.key for p in elsewhere.of_part(folder.parent, "train")} == {"d", "e", "f"}
    assert [p.key for p in elsewhere.of_part(folder.parent, ELSEWHERE)] == ["a"]
    assert elsewhere.of_part(folder / "nothing", "train") == []


@pytest.mark.train
def test_what_nobody_answered_is_learned_from_labels_alone() -> None:
    torch = pytest.importorskip("torch")
    from models.training.attribute_loss import soft_loss

    spec = SPECS["feet"]
    width = sum(len(values) for values in spec.heads.values())
    logits, taught = torch.randn(3, width, requires_grad=True), torch.randn(3, width)
    taught[1] = float("nan")
    soft_loss(logits, taught, spec).backward()
    assert logits.grad[1].abs().sum() == 0
    assert logits.grad[[0, 2]].abs().sum(1).min() > 0
    assert float(soft_loss(logits, taught * float("nan"), spec)) == 0
