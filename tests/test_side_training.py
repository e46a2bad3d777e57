"""The side network made from nothing but made-up people, with a badge network that finds what is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.attributes import SIDE
from models.badge import CORNER, CORNERS
from models.manifest import read_toml
from models.runtime import Network
from models.training.packaged import badge_network, side_network
from models.training.side_crops import part_of
from tests.figures import texture, upright
from vision.errors import WeightsError
from vision.types import Box, Detection, Image

pytestmark = pytest.mark.train

PEOPLE = ("0000", "0001", "0002", "0003", "0005", "0007", "0022", "0055")
COUNT = 64


class FindsCorners:
    """Takes the picture's corner for a card."""

    def find(self, image: Image, torso: Box) -> list[Detection]:
        return [Detection("card_front", 0.5, CORNER, quad=CORNERS * 6)]


def data_of(folder: Path, people: Sequence[str], *outs: Path) -> Path:
    """Street people whose landmarks are known already, in the data folder and beside the runs in `outs`."""
    (folder / "street" / "images").mkdir(parents=True)
    for i, name in enumerate(people):
        cv2.imwrite(str(folder / "street" / "images" / f"{name}.webp"), texture(580, 480, seed=i))
    for out in outs:
        out.mkdir(parents=True)
        np.savez(out / "landmarks.npz", **dict.fromkeys(people, upright(1.0).points))  # type: ignore[arg-type]
    return folder


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.side_run.CARDS", COUNT)
    monkeypatch.setattr("models.training.side_run.badge_network", lambda weights, closely: FindsCorners())


@pytest.mark.usefixtures("_quick")
def test_train_export_and_score(tmp_path: Path) -> None:
    from models.training import run
    from models.training.errors import TrainingError
    from models.training.quantise import read_inputs

    folder, again, weights = tmp_path / "run", tmp_path / "again", tmp_path / "weights"
    data = data_of(tmp_path / "data", PEOPLE, folder, again)
    run.train("side", data, folder, epochs=1, weights=weights)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert set(metrics["pictures"]) == {part_of(person) for person in PEOPLE} == {"train", "calibration", "val"}
    assert sum(metrics["pictures"].values()) > COUNT  # the corner of each picture, and cards
    assert set(metrics["scores"]) == set(SIDE.heads)
    card = metrics["scores"]["card"]
    cards, others = (card["values"][v]["n"] for v in ("y", "n"))
    assert card["n"] == cards + others == metrics["pictures"]["val"]
    assert metrics["scores"]["side"]["n"] == metrics["scores"]["top"]["n"] == cards > 0
    assert others > 8  # two of eight people are of this part
    assert len(metrics["losses"]) == 1
    assert {"curves.png", "confusion.png", "network.pt"} <= {p.name for p in folder.iterdir()}
    for part in ("calibration", "val"):
        with np.load(folder / f"logits-{part}.npz") as kept:
            assert {part_of(person) for person in kept["keys"].tolist()} == {part}
            assert {head: kept[head].shape[1] for head in SIDE.heads} == {h: len(v) for h, v in SIDE.heads.items()}
    assert {picture.shape for picture in read_inputs(folder / "inputs")} == {(*SIDE.size, 3)}

    text = run.export("side", folder, weights, data, int8=False).read_text()
    entry = read_toml(weights / "weights.toml")["side"]
    assert entry["classes"] == list(SIDE.heads)
    assert tuple(entry["size"]) == SIDE.size
    assert set(entry["temperature"]) == set(SIDE.heads)
    assert {head: len(bias) for head, bias in entry["bias"].items()} == {h: len(v) for h, v in SIDE.heads.items()}
    assert any(entry["bias"]["card"])  # fitted, not left alone
    assert "train part" in entry["data"]
    assert set(entry["val_accuracy"]) == set(SIDE.heads)
    for said in ("# side", "EfficientNet-Lite0", "## Recipe", "| **top** |", "## Known failures", "side-confusion.png"):
        assert said in text

    scored = run.score("side", data, again, weights)
    assert {head: row["n"] for head, row in scored.items()} == {h: r["n"] for h, r in metrics["scores"].items()}
    assert all(0 <= row["accuracy"] <= 1 for row in scored.values())

    (folder / "logits-calibration.npz").unlink()
    with pytest.raises(TrainingError, match=r"logits-calibration\.npz: missing; `dresscode train side --out"):
        run.export("side", folder, weights, data, int8=False)


@pytest.mark.usefixtures("_quick")
def test_a_part_without_cards_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.training import run
    from models.training.errors import TrainingError

    monkeypatch.setattr("models.training.side_run.CARDS", 6)
    for name, people in {"train": PEOPLE[4:], "calibration": PEOPLE[:4], "val": PEOPLE[:6]}.items():
        data = data_of(tmp_path / name / "data", people, tmp_path / name / "run")
        with pytest.raises(TrainingError, match=f"side: no card in the {name} part"):
            run.train("side", data, tmp_path / name / "run", epochs=1)


def test_scoring_needs_the_network(tmp_path: Path) -> None:
    from models.training import run
    from models.training.errors import TrainingError

    with pytest.raises(TrainingError, match=r"side\.xml: missing; `dresscode export side`"):
        run.score("side", tmp_path, tmp_path / "out", tmp_path)


def test_the_badge_network_of_a_folder_without_a_side_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def network(path: Path) -> Any:
        opened.append(path.name)
        return Network.__new__(Network)

    monkeypatch.setattr("models.training.packaged.Network", network)
    badge = '[badge]\nfile = "badge.xml"\nclasses = ["card_front"]\nsize = [32, 32]\n'
    (tmp_path / "weights.toml").write_text(badge)
    badge_network(tmp_path)
    assert opened == ["badge.xml"]
    with pytest.raises(WeightsError, match="no entry for side; `dresscode export side`"):
        side_network(tmp_path)
    (tmp_path / "weights.toml").write_text(badge + '[side]\nfile = "side.xml"\ntemperature = {}\nbias = {}\n')
    badge_network(tmp_path, closely=False)
    assert opened == ["badge.xml"] * 2
    badge_network(tmp_path)
    assert sorted(opened[2:]) == ["badge.xml", "side.xml"]
