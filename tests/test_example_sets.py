"""A site's examples as files: what is kept, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from vision.errors import ExamplesError
from vision.example_limits import Measured, Share
from vision.example_sets import ExampleSet, files, known_kind, load, load_all, path_of, save
from vision.likeness import Scale

MADE = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def examples(kind: str = "uniform", space: str = "here") -> ExampleSet:
    points = np.arange(20, dtype=np.float32).reshape(5, 4)
    measured = Measured(Share(4, 5), Share(0, 5), Share(1, 300), Share(200, 300))
    return ExampleSet(kind, space, points, Scale(7.5, -2.0), measured, MADE)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = save(tmp_path / "new", examples())
    assert path.suffix == ".json"
    found = load(tmp_path / "new", "uniform", "here")
    assert found
    assert found.points.tolist() == examples().points.tolist()
    assert (found.scale, found.measured, found.made) == (examples().scale, examples().measured, MADE)
    assert list(load_all(tmp_path / "new")) == ["uniform"]
    assert list(files(tmp_path / "new")) == [path]
    assert [p.name for p in path.parent.iterdir()] == ["uniform.json"]


def test_none_given(tmp_path: Path) -> None:
    assert load(tmp_path, "toolbag") is None
    assert load_all(tmp_path / "nowhere") == {}


def test_examples_of_another_space_are_refused_with_the_command(tmp_path: Path) -> None:
    save(tmp_path, examples("toolbag"))
    with pytest.raises(ExamplesError, match="dresscode examples add toolbag DIR"):
        load(tmp_path, "toolbag", "there")


@pytest.mark.parametrize(
    "change", [{"points": [[1, 2], [3]]}, {"points": [1]}, {"format": 9}, {"high": "much"}, {"kind": "x"}]
)
def test_damaged_examples(tmp_path: Path, change: dict[str, object]) -> None:
    path = save(tmp_path, examples())
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ExamplesError, match="damaged"):
        load(tmp_path, "uniform")
    path_of(tmp_path, "uniform").write_text("{")
    with pytest.raises(ExamplesError, match="damaged"):
        load(tmp_path, "uniform")


def test_kinds() -> None:
    assert known_kind("uniform") == "uniform"
    with pytest.raises(ExamplesError, match="did you mean 'toolbag'"):
        known_kind("tool-bag")
    with pytest.raises(ExamplesError, match="known: uniform, toolbag"):
        known_kind("hat")
