"""How much each network's word weighs, fitted on what they say out of fold."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from models.attributes import SPECS
from models.training.errors import TrainingError
from models.training.pool_weights import cost, main, shared, weights
from vision.facts import BARE, told_by

pytest.importorskip("torch")


def logs(truth: np.ndarray, right: float, seed: int) -> np.ndarray:  # type: ignore[type-arg]
    """Logarithms of what a network says that finds the truth in this share of the pictures."""
    rng = np.random.default_rng(seed)
    said = np.where(rng.random(len(truth)) < right, truth, 1 - truth)
    shares = np.full((len(truth), 2), 0.1)
    shares[np.arange(len(truth)), said] = 0.9
    return np.asarray(np.log(shares))


TRUTH = np.random.default_rng(0).integers(0, 2, 600)


def test_who_is_right_more_often_weighs_more() -> None:
    good, poor = logs(TRUTH, 0.9, 1), logs(TRUTH, 0.6, 2)
    found = weights(np.stack([good, poor]), TRUTH)
    assert found[0] > 2 * found[1] > 0
    both = cost(np.stack([good, poor]), TRUTH, found)
    assert both < min(cost(np.stack([good, poor]), TRUTH, np.array(w)) for w in ((1.0, 0.0), (0.0, 1.0), (0.5, 0.5)))


def test_who_says_the_opposite_is_not_heard() -> None:
    assert weights(np.stack([logs(TRUTH, 0.9, 1), logs(TRUTH, 0.2, 2)]), TRUTH)[1] == 0


def test_few_pictures_leave_the_weights_about_alike() -> None:
    few = weights(np.stack([logs(TRUTH, 0.9, 1)[:4], logs(TRUTH, 0.9, 2)[:4]]), TRUTH[:4])
    assert np.abs(few - 0.5).max() < 0.5


def test_facts_of_several_crops_have_one_set_of_values() -> None:
    told = dict(shared())
    assert set(told) == {attribute for attribute, crops in told_by().items() if len(crops) > 1}
    for fact, crops in told.items():
        assert len({SPECS[crop].heads[fact] for crop in crops}) == 1, fact


COUNT = 40


def values_of(number: int) -> dict[str, str]:
    """Of every attribute a value, another for the next picture."""
    heads = {head: values for spec in SPECS.values() for head, values in spec.heads.items() if head != "somebody"}
    return {head: values[number % len(values)] for head, values in heads.items()}


def data(folder: Path) -> Path:
    """A data folder with the labels of some pictures, and without these."""
    rows = []
    for number in range(COUNT):
        worn = values_of(number)
        bare = "+".join(part for part in BARE if worn.pop(f"bare_{part}") == "y") or "none"
        platform = {"n": "0", "y": "1"}[worn.pop("platform")]
        rows.append({"id": f"{number:04d}", "split": "train", **worn, "bare": bare, "platform": platform})
    (folder / "street").mkdir(parents=True)
    with (folder / "street" / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def runs(folder: Path, without: str = "", wrong: str = "") -> Path:
    """Runs of all attribute networks, which say of the pictures what the labels say, but for one that is `wrong`, and
    one that was asked of other pictures."""
    rng = np.random.default_rng(0)
    for name, spec in SPECS.items():
        targets = np.zeros((COUNT, len(spec.heads)), np.int64)
        logits = np.zeros((COUNT, sum(len(values) for values in spec.heads.values())), np.float32)
        start = 0
        for i, (head, values) in enumerate(spec.heads.items()):
            targets[:, i] = [values.index({**values_of(number), "somebody": "y"}[head]) for number in range(COUNT)]
            said = (targets[:, i] + (name == wrong)) % len(values)
            logits[np.arange(COUNT), start + said] = rng.uniform(1, 5, COUNT)
            start += len(values)
        (folder / name).mkdir(parents=True)
        first = 0 if name != without else 5000
        keys = np.array([f"{first + n:04d}" for n in range(COUNT)])
        np.savez(folder / name / "out-of-fold.npz", keys=keys, targets=targets, logits=logits)
    return folder


def fitted(folder: Path, **changes: str) -> None:
    """Fits the weights on runs like that."""
    main(["--data", str(data(folder / "data")), "--out-of-fold", str(runs(folder / "runs", **changes))])


def test_every_shared_fact_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitted(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [fact for fact, _ in shared()]
    assert all(line.endswith(f"{COUNT} pictures") for line in lines)


def test_who_is_wrong_weighs_less(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitted(tmp_path, wrong="arms")
    found = re.findall(r"^(\w+): {'torso': ([0-9.]+), 'arms': ([0-9.]+)}", capsys.readouterr().out, re.MULTILINE)
    assert {fact for fact, _, _ in found} == {"sleeve", "wrist", "tattoo"}
    # Calibrated, who is always wrong says next to nothing: what its weight is hardly matters then.
    assert all(float(torso) > 2 * float(arms) for _, torso, arms in found)


def test_one_fact_needs_the_networks_that_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = runs(tmp_path / "runs")
    (folder / "head" / "out-of-fold.npz").unlink()
    common = ["--data", str(data(tmp_path / "data")), "--out-of-fold", str(folder), "--weights", str(tmp_path)]
    main([*common, "--fact", "tuck", "--fact", "belt"])
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["tuck", "belt"]
    with pytest.raises(TrainingError, match="head"):
        main([*common, "--fact", "ears"])


def test_networks_that_were_asked_of_other_pictures(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no labelled picture of which torso, arms were asked"):
        fitted(tmp_path, without="arms")
