"""The commands on networks: train, evaluate, export, calibrate; on made-up data, with fakes where they will do."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from models.attributes import SPECS
from models.manifest import read_thresholds, read_toml
from models.training import elsewhere
from service import cli_models
from tests.figures import NEAT, attributes, person, texture, upright
from vision.errors import DresscodeError
from vision.types import Image, Looks, Person, Regions

VAL, CALIBRATION = range(16, 28), range(96, 124)
TRAIN = range(32, 40)
"""Picture ids; a calibration id is one of every seventh run of four."""


class FakeNetworks:
    """Sees one neat person, with a moustache where the picture's corner is white."""

    def __init__(self, config: object) -> None:
        del config

    def people(self, image: Image) -> list[Person]:
        return [person(upright(1.0), 1.0)]

    def look(self, image: Image, someone: Person, regions: Regions, timings: MutableMapping[str, float]) -> Looks:
        beard = "moustache" if image[0, 0, 0] > 128 else "none"
        return Looks(attributes=attributes({**NEAT, "beard": beard}))


def beard_of(number: int) -> str:
    return "moustache" if number % 2 else "none"


def paint(path: Path, number: int) -> None:
    picture = texture(580, 480, seed=number)
    picture[:8, :8] = 255 if number % 2 else 0
    cv2.imwrite(str(path), picture)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of a few made-up people: odd numbers have a moustache."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "street" / "images").mkdir(parents=True)
    labels = {**{k: v for k, v in NEAT.items() if not k.startswith("bare_")}, "bare": "none", "platform": "0"}
    rows = []
    for number in (*VAL, *TRAIN, *(n for n in CALIBRATION if n // 4 % 7 == 3)):
        key = f"{number:04d}"
        rows.append({"id": key, "split": "val" if number in VAL else "train", **labels, "beard": beard_of(number)})
        paint(folder / "street" / "images" / f"{key}.webp", number)
    with (folder / "street" / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config file whose weights folder is `tmp_path`'s own, with a threshold for one clause."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "thresholds.toml").write_text("[shaven]\nfail = 0.8\nclear = 0.8\n")
    (tmp_path / "config.yaml").write_text("models: {weights: weights}\n")
    return tmp_path / "config.yaml"


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fake networks, in a folder of its own: what is seen is kept in ``runs``."""
    monkeypatch.setattr("models.looks.Networks", FakeNetworks)
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    app = typer.Typer()
    cli_models.register(app)
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "160"})


@pytest.mark.usefixtures("fakes")
def test_evaluate_lists_clauses_with_their_figures(data: Path, config: Path, tmp_path: Path) -> None:
    result = run("evaluate", "--data", data, "--json", tmp_path / "out.json", "--config", config)
    assert result.exit_code == 0, result.output
    assert "shaven" in result.output
    row = json.loads((tmp_path / "out.json").read_text())["shaven"]
    assert (row["fails"], row["passes"], row["precision"], row["recall"]) == (6, 6, 1.0, 1.0)
    assert (row["cleared"], row["unsure"], row["f1"], row["counted"]) == (1.0, 0.0, 1.0, True)


@pytest.mark.usefixtures("fakes")
def test_evaluate_uses_the_tracked_thresholds(data: Path, config: Path, tmp_path: Path) -> None:
    (tmp_path / "weights" / "thresholds.toml").write_text("[shaven]\nfail = 1.01\nclear = 0.8\n")
    run("evaluate", "--data", data, "--json", tmp_path / "out.json", "--config", config)
    row = json.loads((tmp_path / "out.json").read_text())["shaven"]
    assert (row["precision"], row["recall"], row["cleared"], row["unsure"]) == (None, 0.0, 1.0, 0.5)


@pytest.mark.usefixtures("fakes")
def test_evaluate_needs_no_train_extra(data: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert run("evaluate", "--data", data, "--config", config).exit_code == 0


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_calibrate_counts_a_picture_once(data: Path, config: Path, tmp_path: Path) -> None:
    result = run("calibrate", "--data", data, "--config", config)
    assert result.exit_code == 0, result.output
    assert "--out-of-fold" in result.output
    table = read_toml(tmp_path / "weights" / "thresholds.toml")["shaven"]
    assert table["data"] == "street photos, calibration part"
    pictures = [n for n in CALIBRATION if n // 4 % 7 == 3]
    assert (table["fails"], table["passes"]) == (len(pictures) // 2, len(pictures) // 2)
    assert table["precision"] == 1.0
    assert "shaven" in read_thresholds(tmp_path / "weights")


def out_of_fold(folder: Path, wrong: bool) -> Path:
    """Runs of all attribute networks, whose teachers told moustaches from none, or took one for the other."""
    from models.training.street import part_of

    keys = [f"{n:04d}" for n in (*TRAIN, *CALIBRATION) if n in TRAIN or part_of(str(n), "train") == "calibration"]
    for name, spec in SPECS.items():
        targets = np.zeros((len(keys), len(spec.heads)), np.int64)
        logits = np.zeros((len(keys), sum(len(v) for v in spec.heads.values())), np.float32)
        start = 0
        for i, (head, values) in enumerate(spec.heads.items()):
            for row, key in enumerate(keys):
                truth = beard_of(int(key)) if head == "beard" else {**NEAT, "somebody": "y"}.get(head, values[0])
                targets[row, i] = values.index(truth)
                said = beard_of(int(key) + wrong) if head == "beard" else truth
                logits[row, start + values.index(said)] = 6.0
            start += len(values)
        (folder / name).mkdir(parents=True)
        np.savez(folder / name / "out-of-fold.npz", keys=np.array(keys), targets=targets, logits=logits)
    return folder


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_calibrate_on_out_of_fold_answers(data: Path, config: Path, tmp_path: Path) -> None:
    from models.training.out_of_fold import pack

    found = []
    for wrong in (False, True):  # the cache is the same folder: other answers are looked at anew
        runs = out_of_fold(tmp_path / f"runs-{wrong}", wrong)
        result = run("calibrate", "--data", data, "--out-of-fold", runs, "--config", config)
        assert result.exit_code == 0, result.output
        assert "too trusting" not in result.output
        found.append(read_toml(tmp_path / "weights" / "thresholds.toml")["shaven"])
    right, wrong_ones = found
    assert right["data"] == "street photos but val, out of fold"
    assert (right["fails"], right["passes"]) == (6, 6)  # the train part's and the calibration part's
    assert (right["precision"], right["recall"]) == (1.0, 1.0)
    assert wrong_ones["recall"] == 0.0  # what the network itself says would be right

    for name in SPECS:  # beside the networks lies the same, and nothing else need be named
        pack(name, tmp_path / "runs-False" / name, tmp_path / "weights")
    result = run("calibrate", "--data", data, "--config", config)
    assert "too trusting" not in result.output
    again = read_toml(tmp_path / "weights" / "thresholds.toml")["shaven"]
    assert {**again, "fail": 0, "clear": 0} == {**right, "fail": 0, "clear": 0}
    assert again["fail"] == pytest.approx(right["fail"], abs=2e-3)


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_calibrate_one_clause(data: Path, config: Path, tmp_path: Path) -> None:
    from models.training.out_of_fold import FOLDER, pack

    weights, runs = tmp_path / "weights", out_of_fold(tmp_path / "runs", False)
    for name in ("head", "neck"):  # those that see beards are enough
        pack(name, runs / name, weights)
    (weights / "thresholds.toml").write_text("[shaven]\nfail = 0.9\nclear = 0.9\n[no-hat]\nfail = 0.7\nclear = 0.6\n")
    result = run("calibrate", "--clause", "shaven", "--data", data, "--config", config)
    assert result.exit_code == 0, result.output
    assert "too trusting" not in result.output
    tables = read_toml(weights / "thresholds.toml")
    assert set(tables) == {"shaven", "no-hat"}
    assert tables["no-hat"] == {"fail": 0.7, "clear": 0.6}
    assert (tables["shaven"]["data"], tables["shaven"]["recall"]) == ("street photos but val, out of fold", 1.0)

    (weights / FOLDER / "neck.npz").unlink()
    result = run("calibrate", "--clause", "shaven", "--data", data, "--config", config)
    assert "neck.npz: missing; `dresscode train neck`" in str(result.exception)
    assert read_toml(weights / "thresholds.toml") == tables
    result = run("calibrate", "--clause", "shavn", "--data", data, "--config", config)
    assert "--clause shavn: no clause" in str(result.exception)


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_answers_of_other_data_do_not_stand_in(data: Path, config: Path, tmp_path: Path) -> None:
    from models.training.out_of_fold import FOLDER, pack

    runs = out_of_fold(tmp_path / "runs", False)
    for name in SPECS:
        pack(name, runs / name, tmp_path / "weights")
        path = tmp_path / "weights" / FOLDER / f"{name}.npz"
        with np.load(path) as kept:
            tables = {key: kept[key] for key in kept.files}
        tables["keys"] = np.array([f"9{key}" for key in tables["keys"]])
        np.savez(path, **tables)
    result = run("calibrate", "--data", data, "--config", config)
    assert "too trusting" in result.output
    assert read_toml(tmp_path / "weights" / "thresholds.toml")["shaven"]["data"] == "street photos, calibration part"
    result = run("calibrate", "--clause", "shaven", "--data", data, "--config", config)
    assert "other pictures than those that were answered" in str(result.exception)


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_calibrate_names_out_of_fold_answers_that_lack(data: Path, config: Path, tmp_path: Path) -> None:
    (out_of_fold(tmp_path / "runs", False) / "legs" / "out-of-fold.npz").unlink()
    result = run("calibrate", "--data", data, "--out-of-fold", tmp_path / "runs", "--config", config)
    assert "legs" in str(result.exception)
    assert "dresscode train legs" in str(result.exception)


@pytest.mark.parametrize("command", [("train", "feet"), ("export", "feet"), ("evaluate", "feet"), ("calibrate",)])
def test_without_the_train_extra_one_sentence(
    command: tuple[str, ...], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = run(*command, "--data", data)
    assert isinstance(result.exception, DresscodeError)
    assert "pip install 'dresscode[train]'" in str(result.exception)


def test_a_missing_data_folder_is_named(config: Path, tmp_path: Path) -> None:
    result = run("evaluate", "--data", tmp_path / "nowhere", "--config", config)
    assert isinstance(result.exception, DresscodeError)
    assert "nowhere" in str(result.exception)


@pytest.mark.usefixtures("fakes")
def test_a_data_folder_without_labels_is_named(config: Path, tmp_path: Path) -> None:
    result = run("evaluate", "--data", tmp_path, "--config", config)
    assert "labels.csv" in str(result.exception)


@pytest.mark.train
@pytest.mark.parametrize(("network", "hint"), [("person", "export person"), ("hats", "known: person")])
def test_what_can_not_be_trained(network: str, hint: str, data: Path, config: Path, tmp_path: Path) -> None:
    result = run("train", network, "--data", data, "--out", tmp_path / "run", "--config", config)
    assert hint in str(result.exception)


@pytest.mark.train
def test_export_names_a_missing_run(data: Path, config: Path, tmp_path: Path) -> None:
    result = run("export", "feet", "--run", tmp_path / "none", "--data", data, "--config", config)
    assert "metrics.json" in str(result.exception)


@pytest.fixture(scope="module")
def start(data: Path) -> Path:
    """A checkpoint of random weights in the data folder, and everybody's landmarks beside the run."""
    pytest.importorskip("ultralytics")
    import torch
    from ultralytics import YOLO

    (data / "weights").mkdir(exist_ok=True)
    torch.save({"model": YOLO("yolo11n.yaml").model}, data / "weights" / "yolo11n.pt")
    return data


@pytest.mark.train
def test_train_export_and_evaluate_an_attribute_network(start: Path, config: Path, tmp_path: Path) -> None:
    points = upright(1.0).points
    keys = [p.stem for p in (start / "street" / "images").iterdir()]
    np.savez(tmp_path / "poses-street.npz", **{f"p_{key}": points for key in keys})  # type: ignore[arg-type]
    folder = tmp_path / "run"
    common: tuple[Any, ...] = ("--data", start, "--config", config)

    trained = run("train", "feet", "--epochs", 1, "--out", folder, *common)
    assert trained.exit_code == 0, trained.output
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["pictures"] == {"train": 8, "calibration": 4, "val": 12}
    assert metrics["recipe"]["teachers"] == ["lite0"]  # on a CPU the shipped trunk alone teaches
    assert {"curves.png", "confusion.png", "network.pt"} <= {p.name for p in folder.iterdir()}
    with np.load(folder / "out-of-fold.npz") as kept:
        assert set(kept.files) == {"keys", "targets", "logits", "lite0"}
        assert (len(kept["keys"]), kept["targets"].shape, kept["logits"].shape) == (12, (12, 5), (12, 25))
        assert not set(kept["keys"]) & {f"{n:04d}" for n in VAL}

    exported = run("export", "feet", "--run", folder, *common)
    assert exported.exit_code == 0, exported.output
    entry = read_toml(tmp_path / "weights" / "weights.toml")["feet"]
    assert set(entry["temperature"]) == set(entry["bias"]) == {"shoe", "shoe_tone", "platform", "leg", "cuff"}
    with np.load(tmp_path / "weights" / "out-of-fold" / "feet.npz") as packed:
        assert set(packed["keys"]) == {f"{n:04d}" for n in (*TRAIN, *CALIBRATION) if n in TRAIN or n // 4 % 7 == 3}
        assert packed["shares"].shape == (12, 25)
    card = (tmp_path / "weights" / "cards" / "feet.md").read_text()
    assert "## Known failures" in card
    assert "feet-confusion.png" in card

    further = run("train", "feet", "--from", folder, "--epochs", 1, "--out", tmp_path / "further", *common)
    assert further.exit_code == 0, further.output
    with np.load(folder / "out-of-fold.npz") as before, np.load(tmp_path / "further" / "out-of-fold.npz") as after:
        assert np.array_equal(before["lite0"], after["lite0"])  # nobody was asked anew
    run("export", "feet", "--run", tmp_path / "further", *common)
    assert "Trained from an earlier run" in (tmp_path / "weights" / "cards" / "feet.md").read_text()

    taught = run("train", "feet", "--from", folder, "--teach", "--seed", 1, "--out", tmp_path / "taught", *common)
    assert taught.exit_code == 0, taught.output
    with np.load(folder / "out-of-fold.npz") as before, np.load(tmp_path / "taught" / "out-of-fold.npz") as after:
        assert not np.allclose(before["lite0"], after["lite0"])  # teachers of another seed
        assert np.array_equal(before["keys"], after["keys"])
    assert "with new teachers" in json.loads((tmp_path / "taught" / "metrics.json").read_text())["split"]

    (folder / "out-of-fold.npz").unlink()
    lacking = run("export", "feet", "--run", folder, *common)
    assert "out-of-fold.npz: missing; `dresscode train feet" in str(lacking.exception)

    scored = run("evaluate", "feet", "--json", tmp_path / "e.json", "--out", tmp_path / "evaluated", *common)
    assert scored.exit_code == 0, scored.output
    shipped = json.loads((tmp_path / "e.json").read_text())
    assert shipped["shoe"]["n"] == metrics["scores"]["shoe"]["n"] == 12


def test_footwear_boxes_go_to_the_nearer_foot() -> None:
    pytest.importorskip("models.training.footwear_data")
    from models.training.footwear_data import patches
    from vision.regions import crops

    pose, shoes = upright(1.0), np.zeros((580, 480), np.uint8)
    right, left = (int(x) for x in sorted(pose.points[i, 0] for i in (27, 28)))
    shoes[515:530, right - 12 : left + 12] = 1  # touching shoes
    shoes[500:508, left - 6 : left + 6] = 1  # a strap of one of them
    boxes = sorted(patches(shoes, crops(pose)["feet"], pose), key=lambda b: b.x1)
    assert len(boxes) == 2
    assert boxes[0].x2 == boxes[1].x1
    assert (boxes[0].y1, boxes[1].y1) == (515, 500)


@pytest.mark.train
def test_a_footwear_set_has_boxes_in_the_cut_pictures(data: Path, tmp_path: Path) -> None:
    from models.training.footwear_data import build

    pose, street = upright(1.0), data / "street"
    (street / "masks").mkdir(exist_ok=True)
    (street / "mask_classes.txt").write_text("".join(f"{i} {name}\n" for i, name in enumerate(_mask_names())))
    (street / "people.csv").write_text("id,x1,y1,x2,y2,confidence\n")
    mask = np.zeros((580, 480), np.uint8)
    for i in (27, 28):
        x = int(pose.points[i, 0])
        mask[510:530, x - 10 : x + 10] = _mask_names().index("shoes")
    poses = {f"{n:04d}": pose for n in (*VAL, *TRAIN)}
    for key in poses:
        cv2.imwrite(str(street / "masks" / f"{key}.png"), mask)
    listing = build(street, tmp_path / "set", poses)
    assert "0: leather" in listing.read_text()
    rows = (tmp_path / "set" / "labels" / "val" / "0016-0.txt").read_text().splitlines()
    assert [row.split()[0] for row in rows] == ["0", "0"]
    assert all(0 <= float(v) <= 1 for row in rows for v in row.split()[1:])
    assert len(list((tmp_path / "set" / "images" / "train").iterdir())) == len(TRAIN)


def _mask_names() -> list[str]:
    from models.training.clothing_data import MASK_CLASSES

    return ["null", *(name for names in MASK_CLASSES.values() for name in names)]


@pytest.mark.usefixtures("fakes")
def test_the_gate_compares_two_folders(data: Path, config: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "thresholds.toml").write_text("[shaven]\nfail = 1.01\nclear = 0.8\n")
    out = ("--json", tmp_path / "gate.json", "--markdown", tmp_path / "gate.md")
    result = run("evaluate", "--data", data, "--against", old, *out, "--config", config)
    assert result.exit_code == 0, result.output
    shaven = next(c for c in json.loads((tmp_path / "gate.json").read_text())["clauses"] if c["name"] == "shaven")
    assert (shaven["differences"]["recall"]["old"], shaven["differences"]["recall"]["new"]) == (0.0, 1.0)
    assert "| shaven | 6/6 |" in (tmp_path / "gate.md").read_text()
    assert "better overall" in result.output or "is better" in result.output
    worse = run("evaluate", "--data", data, "--weights", old, "--against", tmp_path / "weights", "--config", config)
    assert worse.exit_code == 1, worse.output


@pytest.mark.usefixtures("fakes")
def test_what_was_seen_is_kept_until_something_changes(
    data: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run("evaluate", "--data", data, "--json", tmp_path / "a.json", "--config", config)
    assert first.exit_code == 0, first.output
    monkeypatch.setattr("models.looks.Networks", None)  # calling it would raise
    (tmp_path / "weights" / "thresholds.toml").write_text("[shaven]\nfail = 1.01\nclear = 0.8\n")
    again = run("evaluate", "--data", data, "--json", tmp_path / "b.json", "--config", config)
    assert again.exit_code == 0, again.output
    assert json.loads((tmp_path / "b.json").read_text())["shaven"]["recall"] == 0.0
    (tmp_path / "weights" / "weights.toml").write_text("[head]\n")
    assert run("evaluate", "--data", data, "--config", config).exit_code == 1


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("head", "--against", "x"), "leave out head"),
        (("--markdown", "x.md"), "--against"),
        (("--scenes", "x"), "evaluate person"),
        (("person", "--learning-curve"), "any but person and side"),
        (("side", "--learning-curve"), "any but person and side"),
        (("--learning-curve",), "any but person and side"),
        (("head", "--epochs", "2"), "--epochs goes with --learning-curve"),
        (("head", "--card"), "--card goes with --learning-curve"),
        (("--part", "street"), "no such part; known: val, elsewhere"),
        (("person", "--part", "elsewhere"), "the clauses and the attribute networks"),
        (("feet", "--learning-curve", "--part", "elsewhere"), "the clauses and the attribute networks"),
    ],
)
def test_options_that_do_not_go_together(options: tuple[str, ...], hint: str, data: Path) -> None:
    result = run("evaluate", *options, "--data", data)
    assert isinstance(result.exception, DresscodeError)
    assert hint in str(result.exception)


@pytest.mark.train
@pytest.mark.parametrize(
    ("network", "out", "hint"),
    [
        ("badge", "run", "only head, neck, torso, arms, waist, legs, shins, feet go on"),
        ("feet", "run", "metrics.json: missing"),
        ("feet", "earlier", "would be overwritten"),
    ],
)
def test_runs_that_can_not_be_gone_on_from(network: str, out: str, hint: str, start: Path, tmp_path: Path) -> None:
    result = run("train", network, "--from", tmp_path / "earlier", "--out", tmp_path / out, "--data", start)
    assert hint in str(result.exception)
    taught = run("train", network, "--teach", "--out", tmp_path / out, "--data", start)
    assert "--teach goes with --from" in str(taught.exception)


@pytest.mark.usefixtures("fakes")
def test_clauses_on_photos_from_elsewhere(
    data: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"k{n}" for n in range(30)]
    held = [key for key in keys if elsewhere.part_of(key) == elsewhere.ELSEWHERE]
    monkeypatch.setattr(elsewhere, "labels", lambda: {key: {"beard": "none"} for key in keys})
    (data / "violations" / "images").mkdir(parents=True)
    for i, key in enumerate(keys):
        paint(data / "violations" / "images" / f"{key}.webp", i)
    out = ("--part", "elsewhere", "--json", tmp_path / "out.json", "--config", config)
    result = run("evaluate", "--data", data, *out)
    shutil.rmtree(data / "violations")
    assert "Clauses on the elsewhere part" in result.output
    row = json.loads((tmp_path / "out.json").read_text())["shaven"]
    assert (row["fails"], row["passes"]) == (0, len(held))


def test_people_found_and_false_alarms(
    data: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fixed:
        """Finds one person in pictures whose corner is white."""

        def find(self, image: Image, min_height: float = 0.0) -> list[Person]:
            return [person(upright(1.0), 1.0)] if image[0, 0, 0] > 128 else []

    monkeypatch.setattr("models.training.finding_people.person_detector", lambda weights: Fixed())
    box = person(None, 1.0).box
    rows = [f"{n:04d},{box.x1},{box.y1},{box.x2},{box.y2},0.9\n" for n in VAL]
    (data / "street" / "people.csv").write_text("id,x1,y1,x2,y2,confidence\n" + "".join(rows))
    for name, numbers in {"halls": (2, 4, 6), "posters": (1, 2)}.items():
        (tmp_path / name).mkdir()
        for number in numbers:
            paint(tmp_path / name / f"{number}.png", number)
    scenes = ("--scenes", tmp_path / "halls", "--scenes", tmp_path / "posters", "--json", tmp_path / "p.json")
    result = run("evaluate", "person", "--data", data, *scenes, "--config", config)
    assert result.exit_code == 0, result.output
    assert "6 of 12" in result.output
    assert "halls: somebody found in 0 of 3" in result.output
    assert "posters: somebody found in 1 of 2" in result.output
    assert json.loads((tmp_path / "p.json").read_text())["missed"] == [f"{n:04d}" for n in VAL if n % 2 == 0]


@pytest.mark.train
def test_a_learning_curve(start: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.training import attributes, learning_curve

    points = upright(1.0).points
    keys = [p.stem for p in (start / "street" / "images").iterdir()]
    np.savez(tmp_path / "poses-street.npz", **{f"p_{key}": points for key in keys})  # type: ignore[arg-type]
    found = learning_curve.run("feet", start, tmp_path / "run", tmp_path / "weights", epochs=1, shares=(0.5, 1.0))
    assert [(p["share"], p["pictures"]) for p in found] == [(0.5, 4), (1.0, 8)]
    assert set(found[0]["heads"]) == {"shoe", "shoe_tone", "platform", "leg", "cuff"}
    assert 0 <= found[1]["heads"]["shoe"]["accuracy"] <= 1
    assert (tmp_path / "run" / "learning.png").is_file()
    monkeypatch.setattr(attributes, "ready", None)  # calling it would raise
    again = learning_curve.run("feet", start, tmp_path / "run", tmp_path / "weights", epochs=1, shares=(0.5, 1.0))
    assert again == found


@pytest.mark.train
def test_the_curve_goes_on_the_card(start: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.training import learning_attributes

    asked: list[int] = []

    def trainer(name: str, data: Path, out: Path, weights: Path, recipe: Any) -> Callable[[float], dict[str, Any]]:
        asked.append(recipe.epochs)
        head = {"n": 12, "accuracy": 0.9, "f1": 0.8}
        return lambda share: {"share": share, "pictures": round(8 * share), "heads": {"shoe": head}}

    monkeypatch.setattr(learning_attributes, "trainer", trainer)
    command = ("evaluate", "feet", "--learning-curve", "--epochs", 3, "--card", "--out", tmp_path / "curve")
    common = ("--data", start, "--config", config)
    assert "feet.md: missing" in str(run(*command, *common).exception)
    assert not asked  # no training for a card that is not there
    (tmp_path / "weights" / "cards").mkdir()
    (tmp_path / "weights" / "cards" / "feet.md").write_text("# feet\n\n## Known failures\n\n- Some.\n")
    result = run(*command, *common)
    assert result.exit_code == 0, result.output
    assert asked == [3]
    card = (tmp_path / "weights" / "cards" / "feet.md").read_text()
    assert "| shoe | 12 | 0.80 | 0.80 | 0.80 | 0.80 |" in card
    assert "steps as 3 epochs" in card


@pytest.mark.train
@pytest.mark.usefixtures("fakes")
def test_calibrate_writes_the_clauses_on_the_cards(data: Path, config: Path, tmp_path: Path) -> None:
    cards = tmp_path / "weights" / "cards"
    cards.mkdir()
    (cards / "head.md").write_text("# head\n\n## Known failures\n\n- Some.\n")
    (cards / "person.md").write_text("# person\n")
    for _ in range(2):
        assert run("calibrate", "--data", data, "--config", config).exit_code == 0
    text = (cards / "head.md").read_text()
    assert text.count("## Clauses that read it") == text.count("| shaven |") == 1
    assert text.index("Clauses that read it") < text.index("Known failures")
    assert (cards / "person.md").read_text() == "# person\n"
    strict = run("calibrate", "--data", data, "--precision", 0.95, "--config", config)
    assert strict.exit_code == 0, strict.output
    table = read_toml(tmp_path / "weights" / "thresholds.toml")["shaven"]
    assert table["aim"] == "precision 0.95, lower bound 0.80"
    assert table["fail"] > 1  # two right answers are too few for that bound
