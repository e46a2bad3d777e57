"""A YOLO model of the user's own: a ``.pt`` file through ultralytics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.yolo import UltralyticsYolo, YoloSpec
from vision.errors import WeightsError

pytestmark = pytest.mark.train
SPEC = YoloSpec(("person",), "detect", (320, 320))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ultralytics = pytest.importorskip("ultralytics")
    path = tmp_path_factory.mktemp("own") / "own.pt"
    ultralytics.YOLO("yolo11n.yaml").save(str(path))
    return path


def test_untrained_model_runs_and_keeps_to_the_picture(checkpoint: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (400, 300, 3), dtype=np.uint8)
    found = UltralyticsYolo(checkpoint, YoloSpec(tuple(COCO_LIKE), "detect", (320, 320))).find(image, 0.0)
    assert found, "at confidence 0 a network says something"
    assert all(-1 <= d.box.x1 <= d.box.x2 <= 301 and -1 <= d.box.y1 <= d.box.y2 <= 401 for d in found)


COCO_LIKE = [str(i) for i in range(80)] + ["person"]
"""An untrained model's classes are numbers."""


def test_model_without_the_wanted_classes_is_refused(checkpoint: Path) -> None:
    with pytest.raises(WeightsError, match="is needed"):
        UltralyticsYolo(checkpoint, SPEC)


def test_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(WeightsError, match="not an ultralytics model"):
        UltralyticsYolo(tmp_path / "junk.pt", SPEC)
