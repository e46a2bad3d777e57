"""The manifest of the networks, and the networks that the project ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.attributes import EVERY
from models.looks import TASKS
from models.manifest import NAMES, read_manifest, read_thresholds, sha256, tomllib
from models.training.calibrate import FLOOR, NEVER
from models.training.card import FAILURES
from models.yolo import EXTRA
from service import cli_shared
from tests.conftest import ROOT
from vision.errors import WeightsError
from vision.policy import load_policy
from vision.types import Outcome

WEIGHTS = ROOT / "models" / "weights"


def entry(name: str) -> dict[str, Any]:
    return {"file": f"{name}.xml", "classes": ["a", "b"], "size": [64, 32]}


def folder(path: Path, tables: dict[str, Any]) -> Path:
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        for key, value in table.items():
            inner = "{" + ", ".join(f"{k} = {v}" for k, v in value.items()) + "}" if isinstance(value, dict) else ""
            lines.append(f"{key} = {inner or json.dumps(value)}")
    (path / "weights.toml").write_text("\n".join(lines), encoding="utf-8")
    return path


def test_entries(tmp_path: Path) -> None:
    tables = {name: entry(name) for name in NAMES}
    tables["head"]["temperature"] = {"hair": 1.5}
    tables["head"]["bias"] = {"ears": [0.2, -0.2]}
    found = read_manifest(folder(tmp_path, tables))
    assert tuple(found) == NAMES
    assert found["badge"].path == tmp_path / "badge.xml"
    assert found["badge"].classes == ("a", "b")
    assert found["badge"].size == (64, 32)
    assert found["head"].temperature == {"hair": 1.5}
    assert found["head"].bias == {"ears": (0.2, -0.2)}
    assert found["torso"].temperature == {}
    assert found["torso"].bias == {}


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"weights\.toml: missing"):
        read_manifest(tmp_path)
    with pytest.raises(WeightsError, match=r"thresholds\.toml: missing"):
        read_thresholds(tmp_path)


@pytest.mark.parametrize("content", [b"[person\nfile =", b"\xff\xfe\x00"])
def test_a_broken_manifest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights.toml").write_bytes(content)
    with pytest.raises(WeightsError, match="not valid TOML"):
        read_manifest(tmp_path)


def test_a_network_without_an_entry_is_named(tmp_path: Path) -> None:
    tables = {name: entry(name) for name in NAMES if name not in ("badge", "feet")}
    with pytest.raises(WeightsError, match="badge, feet"):
        read_manifest(folder(tmp_path, tables))


@pytest.mark.parametrize(
    "change", [{"classes": None}, {"file": None}, {"size": [64]}, {"size": 64}, {"size": ["wide", 3]}]
)
def test_an_incomplete_entry(tmp_path: Path, change: dict[str, Any]) -> None:
    tables = {name: entry(name) for name in NAMES}
    tables["legs"] = {k: v for k, v in (tables["legs"] | change).items() if v is not None}
    with pytest.raises(WeightsError, match="incomplete entry"):
        read_manifest(folder(tmp_path, tables))


def test_thresholds(tmp_path: Path) -> None:
    (tmp_path / "thresholds.toml").write_text("[no-shorts]\nfail = 0.7\nclear = 1\nfails = 3\n")
    found = read_thresholds(tmp_path)
    assert (found["no-shorts"].fail, found["no-shorts"].clear) == (0.7, 1.0)


def test_sha256_is_what_sha256sum_says(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def shipped() -> dict[str, Any]:
    manifest = WEIGHTS / "weights.toml"
    return tomllib.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}


@pytest.mark.weights
@pytest.mark.parametrize("name", list(shipped()))
def test_a_shipped_network_is_the_one_that_the_manifest_means(name: str) -> None:
    assert name in NAMES
    said = shipped()[name]
    xml = WEIGHTS / said["file"]
    assert sha256(xml) == said["sha256"]
    assert sha256(xml.with_suffix(".bin")) == said["sha256_bin"]
    assert said["licence"]
    assert said["data"]


@pytest.mark.weights
@pytest.mark.parametrize("name", list(shipped()))
def test_a_shipped_network_has_the_outputs_that_the_code_reads(name: str) -> None:
    import openvino as ov

    said = shipped()[name]
    outputs = ov.Core().read_model(WEIGHTS / said["file"]).outputs
    channels = outputs[0].get_partial_shape()[1].get_length()
    if name in EVERY:
        assert said["classes"] == list(EVERY[name].heads)
        assert tuple(said["size"]) == EVERY[name].size
        assert channels == sum(len(values) for values in EVERY[name].heads.values())
        assert set(said["temperature"]) <= set(EVERY[name].heads)
        assert all(0.2 < t < 5 for t in said["temperature"].values())
        assert {head: len(bias) for head, bias in said["bias"].items()} == {
            head: len(values) for head, values in EVERY[name].heads.items()
        }
    else:
        assert channels == 4 + len(said["classes"]) + EXTRA[TASKS[name]]
        assert len(outputs) == (2 if TASKS[name] == "segment" else 1)
        assert all(side % 32 == 0 for side in said["size"])


@pytest.mark.weights
def test_the_weights_are_small_and_all_are_listed() -> None:
    files = [path for path in WEIGHTS.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 60e6
    listed = {Path(said["file"]).stem for said in shipped().values()}
    assert {path.stem for path in files if path.suffix in (".xml", ".bin")} == listed


def test_every_network_is_named_and_has_known_failures() -> None:
    assert set(NAMES) == {*TASKS, *EVERY}
    assert cli_shared.NAMES.replace(" or ", ", ").split(", ") == list(NAMES)
    about = yaml.safe_load(FAILURES.read_text(encoding="utf-8"))
    assert set(about) == set(NAMES)
    assert all(
        isinstance(row["what"], str) and all(isinstance(f, str) for f in row["failures"]) for row in about.values()
    )


@pytest.mark.weights
@pytest.mark.skipif(not (WEIGHTS / "thresholds.toml").is_file(), reason="no thresholds are fitted yet")
def test_the_thresholds_are_of_known_clauses() -> None:
    found = read_thresholds(WEIGHTS)
    known = {clause.id for clause in load_policy(ROOT / "dress_code.yaml").clauses}
    assert found
    assert set(found) <= known
    assert all(
        FLOOR[Outcome.FAIL] <= t.fail <= NEVER and FLOOR[Outcome.PASS] <= t.clear <= NEVER for t in found.values()
    )
