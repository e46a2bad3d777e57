"""Answers out of fold, and the training that learns from them: really done, on very little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.attributes import SPECS
from models.training.crop_table import Crops
from tests.test_training import FEET, MARGIN, crops
from vision.types import Box, Detection

pytestmark = pytest.mark.train
CLASSES = sum(len(values) for values in FEET.heads.values())


def silent(_: str) -> None:
    """Logs nothing."""


@pytest.fixture(autouse=True)
def torch() -> Any:
    return pytest.importorskip("torch")


def recipe(**changes: Any) -> Any:
    from models.training.batches import Recipe

    return Recipe(**{"epochs": 1, "batch": 8, "variants": 1, "margin": MARGIN, **changes})


def test_on_a_cpu_the_shipped_trunk_alone_teaches() -> None:
    assert recipe().on("cpu").teachers == ("lite0",)
    assert recipe().on("cuda").teachers == ("yolo11n", "lite0")


def test_pictures_of_one_sitting_are_in_one_fold() -> None:
    from models.training.cross_fit import fold

    for folds in (3, 5):
        assert len({fold(f"{n:04d}", folds) for n in range(8, 12)}) == 1
        assert {fold(f"{n:04d}", folds) for n in range(4 * folds)} == set(range(folds))
        assert {fold(f"v{n}", folds) for n in range(50)} == set(range(folds))


def test_nobody_is_asked_about_what_it_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.training import attributes, cross_fit

    learned, made = [], []

    def train(name: str, crops: Crops, *rest: Any, batches: Any) -> list[str]:
        assert batches.rows.tolist() == [int(key) for key in crops.keys]
        assert batches.features is made[0].features  # computed once, not once for every fold
        learned.append(crops.keys)
        return crops.keys

    def predict(net: list[str], crops: Crops, *rest: Any) -> dict[str, Any]:
        assert not set(net) & set(crops.keys)
        numbers = np.array([[float(key)] for key in crops.keys], np.float32)
        return {head: np.repeat(numbers, len(values), axis=1) for head, values in FEET.heads.items()}

    def ready(*arguments: Any) -> Any:
        made.append(attributes.ready(*arguments))
        return made[-1]

    for fake in (train, predict, ready):
        monkeypatch.setattr(cross_fit, fake.__name__, fake)
    found = cross_fit.cross_fitted("feet", crops(24), None, recipe(), silent)
    assert list(found) == ["lite0"]
    assert found["lite0"].tolist() == [[float(n)] * CLASSES for n in range(24)]  # each in its own place
    assert len(learned) == 3
    assert len(made) == 1


def test_one_fold_is_too_few() -> None:
    from models.training.cross_fit import cross_fitted
    from models.training.errors import TrainingError

    with pytest.raises(TrainingError, match="too few pictures"):
        cross_fitted("feet", crops(4), None, recipe(), silent)


@pytest.mark.parametrize("kind", ["Stored", "Live"])
def test_a_part_of_the_batches_is_of_its_crops_alone(kind: str, torch: Any) -> None:
    from models.training import batches
    from models.training.attributes import untrained
    from models.training.trunks import TRUNKS

    table = crops(8)
    table.pictures[:] = (np.arange(8) * 30)[:, None, None, None]  # each of one grey
    net, frozen = untrained("feet", "lite0", None), TRUNKS["lite0"].frozen
    whole = getattr(batches, kind)(net, table, FEET, recipe(live_batch=8, live_epochs=3), frozen)
    part = whole.part(np.array([1, 6]), epochs=4)
    assert (whole.batch, part.batch, part.epochs) == (8, 2, 4)
    assert sorted(part.order().tolist()) == [0, 1]
    some = part.take(torch.tensor([1, 0])).float().mean(dim=(1, 2, 3))
    of_all = whole.take(torch.tensor([6, 1])).float().mean(dim=(1, 2, 3))
    assert part.take(torch.tensor([0])).shape[1:] == whole.take(torch.tensor([0])).shape[1:]
    if kind == "Stored":
        assert torch.equal(some, of_all)
        assert part.features is whole.features
    else:
        assert part.pictures is whole.pictures
    assert whole.rows.tolist() == list(range(8))


def test_a_network_learns_from_answers_where_no_label_speaks(torch: Any) -> None:
    from models.training.attribute_loss import soft_loss
    from models.training.attributes import predict, train

    table = crops()
    taught = np.zeros((16, CLASSES), np.float32)
    taught[:, FEET.heads["shoe"].index("boot")] = 8.0
    unlabelled = Crops(table.pictures, np.full_like(table.targets, -1), table.keys)
    net = train("feet", unlabelled, None, recipe(epochs=8, rate=5e-3), silent, taught=taught)
    plain = train("feet", unlabelled, None, recipe(epochs=1), silent, taught=taught)
    losses = [
        float(soft_loss(torch.from_numpy(np.concatenate(list(said.values()), axis=1)), torch.from_numpy(taught), FEET))
        for said in (predict(one, table, FEET, MARGIN) for one in (net, plain))
    ]
    assert losses[0] < losses[1]


SHOE = Detection("boot", 0.9, Box(1, 2, 3, 4))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Runs of all attribute networks, and of footwear, which kept what was answered of 60 pictures."""
    from models.training import footwear_folds
    from models.training.out_of_fold import write

    rng = np.random.default_rng(0)
    for name, spec in SPECS.items():
        n, width = 60, sum(len(values) for values in spec.heads.values())
        targets = np.stack([rng.integers(0, len(values), n) for values in spec.heads.values()], axis=1)
        keys = [f"{i:04d}" for i in range(n)]
        logits = rng.normal(0, 2, (n, width)).astype(np.float32)
        if name == "head":  # crops of nobody, with the keys of the pictures that they were made of
            targets[:, -1] = 1
            nobody = np.full((5, len(spec.heads)), -1)
            nobody[:, -1] = 0
            targets, keys = np.concatenate([targets, nobody]), [*keys, *keys[:5]]
            logits = np.concatenate([logits, np.full((5, width), 9.0, np.float32)])
        (tmp_path / "runs" / name).mkdir(parents=True)
        table = Crops(np.zeros((len(keys), 1, 1, 3), np.uint8), targets, keys)
        mean = write(tmp_path / "runs" / name, table, {"yolo11n": logits + 1, "lite0": logits - 1})
        assert mean == pytest.approx(logits, abs=1e-5)
    (tmp_path / "runs" / "footwear").mkdir()
    footwear_folds.write(tmp_path / "runs" / "footwear", {"0003": [SHOE]})
    return tmp_path / "runs"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """An empty weights folder."""
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def test_answers_are_kept_and_read_as_probabilities(runs: Path, weights: Path) -> None:
    from models.training.out_of_fold import answers, scalings

    with np.load(runs / "feet" / "out-of-fold.npz") as kept:
        assert set(kept.files) == {"keys", "targets", "logits", "yolo11n", "lite0"}
        first = kept["logits"][0].astype(np.float32)
    found = answers(weights, runs)
    assert len(found) == 60
    assert [d.label for d in found["0003"].shoes] == ["boot"]
    assert found["0000"].shoes == ()  # the network itself may know this picture: it is not believed
    assert {name: set(said) for name, said in found["0003"].attributes.items()} == {
        n: set(s.heads) for n, s in SPECS.items()
    }
    fitted = scalings("feet", runs / "feet", "logits")["shoe"]
    z = np.exp(first[:8] / fitted.temperature + np.array(fitted.bias))
    assert list(found["0000"].attributes["feet"]["shoe"].values()) == pytest.approx(z / z.sum(), abs=1e-4)
    hair = list(found["0000"].attributes["head"]["hair"].values())
    assert max(hair) - min(hair) > 1e-3  # not that of nobody, whose logits are all alike
    assert scalings("feet", runs / "feet", "lite0")["shoe"].temperature > 0


def test_pictures_that_nobody_was_asked_of_are_left_out(runs: Path, weights: Path) -> None:
    from models.training.out_of_fold import FILE, answers, pack

    with np.load(runs / "legs" / FILE) as kept:
        tables = {name: kept[name] for name in kept.files}
    tables["logits"][7] = np.nan
    np.savez(runs / "legs" / FILE, **tables)
    asked = {f"{i:04d}" for i in range(60)} - {"0007"}  # its legs were learned from
    assert set(answers(weights, runs)) == asked
    for name in SPECS:
        pack(name, runs / name, weights)
    assert set(answers(weights)) == asked


def test_what_lies_beside_the_networks_stands_in_for_runs(runs: Path, weights: Path) -> None:
    from models.training import footwear_folds
    from models.training.errors import TrainingError
    from models.training.out_of_fold import FILE, FOLDER, answers, has_answers, pack

    assert not has_answers(weights)
    found = answers(weights, runs)
    for name in SPECS:
        pack(name, runs / name, weights)
    assert has_answers(weights)
    (runs / "legs" / FILE).unlink()
    for of_all in (answers(weights), answers(weights, runs)):  # without runs, and where one run is missing
        assert set(of_all) == set(found)
        for head, shares in found["0003"].attributes["legs"].items():
            assert of_all["0003"].attributes["legs"][head] == pytest.approx(shares, abs=1e-3)
    assert answers(weights)["0003"].shoes == ()
    footwear_folds.pack(runs / "footwear", weights / FOLDER)
    (runs / "footwear" / footwear_folds.FILE).unlink()
    for of_all in (answers(weights), answers(weights, runs)):
        assert [(d.label, d.confidence, d.box) for d in of_all["0003"].shoes] == [("boot", 0.9, SHOE.box)]
    (weights / FOLDER / "legs.npz").unlink()
    for some in (None, runs):
        with pytest.raises(TrainingError, match=r"(legs\.npz|out-of-fold\.npz): missing; `dresscode train legs"):
            answers(weights, some)


def test_a_trunk_that_did_not_teach_is_named(tmp_path: Path) -> None:
    from models.training.errors import TrainingError
    from models.training.out_of_fold import scalings, write

    write(tmp_path, crops(6), {"lite0": np.zeros((6, CLASSES), np.float32)})
    with pytest.raises(TrainingError, match="nothing of yolo11n; `dresscode train feet"):
        scalings("feet", tmp_path, "yolo11n")
