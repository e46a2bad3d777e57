"""Learning curves: nested parts of the pictures, going on after a stop, the table, the picture and the card."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.training import plots
from models.training.card import write_card
from models.training.card_learning import TITLE, with_curve, write_curve
from models.training.errors import TrainingError
from models.training.learning_parts import nested, rings, shuffled
from models.training.learning_rows import mean, measure, rows
from models.training.street import sitting
from tests.figures import texture

SHARES = (0.25, 0.5, 1.0)
IMAGES = {  # how training images are named
    "clothing": "{round}_{key}_{next}",
    "footwear": "{key}-{round}",
    "badge": "0{round}{key}-{key}",
}


def keys_from(first: int, end: int) -> list[str]:
    return [f"{n:04d}" for n in range(first, end)]


def point(share: float, **figures: Any) -> dict[str, Any]:
    return {"share": share, "pictures": round(100 * share), **figures}


def class_points(by_class: dict[str, tuple[int, Sequence[float]]], part: str = "classes") -> list[dict[str, Any]]:
    """Points with these things in val and AP50s by class."""
    return [
        point(share, **{part: {name: {"n": n, "ap50": ap[i]} for name, (n, ap) in by_class.items()}})
        for i, share in enumerate(SHARES)
    ]


def write_points(path: Path, points: Sequence[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"settings": {"recipe": {"epochs": 4}}, "points": points}))
    return path


def test_smaller_parts_are_the_start_of_larger_ones() -> None:
    keys = [*keys_from(0, 40), "v7", "v8"]
    order = [keys[i] for i in shuffled(keys, 0)]
    assert sorted(order) == sorted(keys)
    sittings = [sitting(k) if k.isdigit() else k for k in order]
    assert sum(a != b for a, b in itertools.pairwise(sittings)) == len(set(sittings)) - 1


def test_parts_are_nested_and_of_whole_sittings() -> None:
    keys = keys_from(2, 39)
    parts = nested(keys, (1.0, 0.25, 0.5), 0)
    assert parts[0] < parts[1] < parts[2] == set(keys)
    for part, share in zip(parts, SHARES, strict=True):
        assert share * len(keys) - 0.5 <= len(part) < share * len(keys) + 4
        assert not {sitting(k) for k in part} & {sitting(k) for k in set(keys) - part}


def test_rings_make_up_the_parts() -> None:
    keys = keys_from(0, 32)
    found = rings(keys, (0.25, 0.5), 0)
    quarter, half = nested(keys, (0.25, 0.5), 0)
    assert [set(ring) for ring in found] == [quarter, half - quarter, set(keys) - half]
    assert rings(keys, (1.0,), 0) == [keys]


@pytest.fixture
def dressed(tmp_path: Path) -> Path:
    """A street folder of a few made-up pictures with masks."""
    from models.training.clothing_data import MASK_CLASSES

    for folder in ("images", "masks"):
        (tmp_path / "street" / folder).mkdir(parents=True)
    names = ["null", *(name for group in MASK_CLASSES.values() for name in group)]
    (tmp_path / "street" / "mask_classes.txt").write_text("".join(f"{i} {name}\n" for i, name in enumerate(names)))
    labels, people = ["id,split\n"], ["id,x1,y1,x2,y2,confidence\n"]
    mask = np.zeros((160, 90), np.uint8)
    mask[30:90, 20:70] = names.index("shirt")
    for key in keys_from(0, 20):
        labels.append(f"{key},{'val' if int(key) < 4 else 'train'}\n")
        people.append(f"{key},10,5,80,155,0.9\n")
        cv2.imwrite(str(tmp_path / "street" / "images" / f"{key}.webp"), texture(160, 90, seed=int(key)))
        cv2.imwrite(str(tmp_path / "street" / "masks" / f"{key}.png"), mask)
    (tmp_path / "street" / "labels.csv").write_text("".join(labels))
    (tmp_path / "street" / "people.csv").write_text("".join(people))
    return tmp_path / "street"


@pytest.mark.train
def test_nobody_stands_beside_somebody_of_a_larger_part(dressed: Path, tmp_path: Path) -> None:
    from models.training.clothing_data import build
    from models.training.listings import keys_of

    listing = build(dressed, tmp_path / "data", rounds=3, shares=(0.5, 1.0))
    half = nested(keys_from(4, 20), (0.5,), 0)[0]
    tiles = [set(keys_of("clothing", path)) for path in (listing.parent / "images" / "train").iterdir()]
    assert len(tiles) == 3 * 8
    assert all(len(tile & half) in {0, 2} for tile in tiles)
    assert sum(tile <= half for tile in tiles) == 3 * len(half) // 2


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was trained on, and for how long, in place of training; the third one is cut off."""
    from models.training import learning_yolo, yolo, yolo_run

    done: list[dict[str, Any]] = []

    def build(name: str, data: Path, out: Path, seed: int, weights: Path, shares: Sequence[float]) -> Path:
        done.append({"built": name})
        folder = out / "data" / "images" / "train"
        folder.mkdir(parents=True)
        keys = keys_from(0, 32)
        for i, ring in enumerate(rings(keys, shares, seed)):
            for j, key in enumerate(ring if name != "clothing" else ring[::2]):
                for number in range(1 + (i > 0)):
                    named = IMAGES[name].format(round=number, key=key, next=ring[(2 * j + 1) % len(ring)])
                    (folder / f"{named}.jpg").touch()
        (out / "data" / "data.yaml").write_text("path: x\ntrain: images/train\nval: images/val\nnames: {0: shoe}\n")
        return out / "data" / "data.yaml"

    def train(start: Path, listing: Path, recipe: yolo.YoloRecipe, out: Path) -> Path:
        if len(done) == 3:
            done.append({"stopped": True})
            raise KeyboardInterrupt
        done.append({"images": (out / "train.txt").read_text().split(), "epochs": recipe.epochs, **recipe.extra})
        return out / "last.pt"

    def scored(name: str, network: Path, listing: Path, *_: object) -> dict[str, Any]:
        row = {"shoe": {"n": 9, "precision": 1.0, "recall": 1.0, "ap50": 0.5}}
        return {"val": row, **({"real": row} if name == "badge" else {})}

    monkeypatch.setattr(yolo_run, "build", build)
    monkeypatch.setattr(yolo, "train", train)
    monkeypatch.setattr(yolo_run, "scored", scored)
    monkeypatch.setattr(learning_yolo, "checkpoint", lambda data, out: out / "yolo11n.pt")
    return done


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A data folder with a table of labels, for fakes that read no more."""
    (tmp_path / "street").mkdir()
    (tmp_path / "street" / "labels.csv").write_text("id,split\n")
    return tmp_path


@pytest.mark.train
@pytest.mark.parametrize("name", ["clothing", "footwear", "badge"])
def test_a_yolo_curve_goes_on_after_a_stop(name: str, labelled: Path, trainings: list[dict[str, Any]]) -> None:
    from models.training import learning_curve
    from models.training.listings import keys_of

    out = labelled / "run"
    with pytest.raises(KeyboardInterrupt):
        learning_curve.run(name, labelled, out, labelled, epochs=2)
    assert [p["share"] for p in json.loads((out / "learning.json").read_text())["points"]] == [0.25, 0.5]
    found = learning_curve.run(name, labelled, out, labelled, epochs=2)
    assert [p["pictures"] for p in found] == [8, 16, 32]
    assert found[0]["classes"] == {"shoe": {"n": 9, "ap50": 0.5}}
    assert ("real" in found[0]) == (name == "badge")
    assert sum("built" in step for step in trainings) == 1
    parts = [step for step in trainings if "images" in step]
    images = [set(part["images"]) for part in parts]
    assert images[0] < images[1] < images[2]
    steps = [len(part["images"]) * part["epochs"] for part in parts]
    assert max(steps) / min(steps) < 1.1
    kept = {key for image in images[0] for key in keys_of(name, Path(image))}
    assert not kept & {key for image in images[2] - images[0] for key in keys_of(name, Path(image))}


@pytest.mark.train
def test_a_curve_of_other_settings_is_not_gone_on_with(labelled: Path, trainings: list[dict[str, Any]]) -> None:
    from models.training import learning_curve

    learning_curve.run("footwear", labelled, labelled / "run", labelled, shares=[1.0])
    with pytest.raises(TrainingError, match="other data or settings"):
        learning_curve.run("footwear", labelled, labelled / "run", labelled, epochs=2, shares=[1.0])
    (labelled / "street" / "labels.csv").write_text("id,split\n0001,val\n")
    with pytest.raises(TrainingError, match="other data or settings"):
        learning_curve.run("footwear", labelled, labelled / "run", labelled, shares=[1.0])


@pytest.mark.train
def test_first_and_last_epochs_are_stretched_along() -> None:
    from models.training.learning_yolo import stretched
    from models.training.yolo import YoloRecipe

    recipe = stretched(YoloRecipe("yolo11n.yaml", 320, 4, extra={"close_mosaic": 2, "freeze": 4}), 4.1)
    assert (recipe.epochs, recipe.extra) == (16, {"close_mosaic": 8, "freeze": 4, "warmup_epochs": 4.1})


def test_rows_have_what_has_enough_examples() -> None:
    points = class_points({"shoe": (9, (0.2, 0.3, 0.4)), "tie": (1, (0, 0, 0)), "bag": (7, (0.4, 0.5, 0.6))})
    real = class_points({"bag": (6, (0.1, 0.1, 0.1))}, "real")
    both = [{**p, "real": r["real"]} for p, r in zip(points, real, strict=True)]
    assert [(row.label, row.n) for row in rows(both)] == [("shoe", 9), ("bag", 7), ("bag, real photos", 6)]
    assert mean(both).figures == pytest.approx((0.3, 0.4, 0.5))
    heads = {"hair": {"n": 9, "accuracy": 0.9, "f1": 0.7}, "hat": {"n": 2, "accuracy": 1.0, "f1": None}}
    assert [row.name for row in rows([point(1.0, heads=heads)])] == ["hair"]
    assert (measure(both), measure([point(1.0, heads=heads)])) == ("AP50", "mean F1 over values")


@pytest.mark.parametrize(
    ("heights", "moved"),
    [([0.1, 0.5], [0.1, 0.5]), ([0.5, 0.5], [0.5, 0.6]), ([0.95, 0.98, 1.0], [0.8, 0.9, 1.0])],
)
def test_names_of_lines_do_not_overlap(heights: list[float], moved: list[float]) -> None:
    assert plots.spaced(heights, 0.1) == pytest.approx(moved)


@pytest.mark.train
def test_a_curve_with_many_classes_or_none_is_drawn(tmp_path: Path) -> None:
    many = {f"class {i}": (5 + i, (0.1, 0.2, 0.3 + 0.01 * i)) for i in range(17)}
    for by_class in (many, {}):
        plots.learning(class_points(by_class), tmp_path / "learning.png")
        image = cv2.imread(str(tmp_path / "learning.png"))
        assert image is not None
        assert image.shape[1] <= 1000


@pytest.mark.train
def test_the_cards_section_is_replaced_and_kept(tmp_path: Path) -> None:
    card = tmp_path / "footwear.md"
    card.write_text("# footwear\n\n## Clauses that read it\n\nTable.\n\n## Known failures\n\n- Some.\n")
    for ap in (0.4, 0.7):
        points = class_points({"heels": (9, (0.1, 0.2, ap)), "boots": (2, (0.1, 0.2, ap))})
        write_curve("footwear", write_points(tmp_path / "learning.json", points), tmp_path)
    text = card.read_text()
    assert text.count(TITLE) == text.count("| heels | 9 | 0.10 | 0.20 | 0.70 |") == 1
    assert "| class | val | 25%: 25 pictures | 50%: 50 pictures | 100%: 100 pictures |" in text
    assert "steps as 4 epochs" in text
    assert "boots" not in text
    assert "](footwear-learning.png)" in text
    assert (tmp_path / "footwear-learning.png").is_file()
    assert text.index(TITLE) < text.index("## Clauses that read it") < text.index("## Known failures")
    anew = write_card("footwear", {"data": "made-up people"}, tmp_path / "run", tmp_path).read_text()
    assert anew.count(TITLE) == anew.count("| heels | 9 |") == 1
    assert anew.index(TITLE) < anew.index("## Known failures")


def test_a_card_without_a_curve_stays_as_it_is(tmp_path: Path) -> None:
    assert with_curve("# feet\n", "feet", tmp_path) == "# feet\n"
    with pytest.raises(TrainingError, match=r"feet\.md: missing; `dresscode export feet`"):
        write_curve("feet", tmp_path / "learning.json", tmp_path)
