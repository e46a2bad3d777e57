"""The benchmark's arithmetic, with a checker without networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeChecker

from models import reference
from service import bench, check
from vision.checker import Timings
from vision.config import Config
from vision.pictures import write_picture
from vision.types import Image, Occasion, PictureVerdict


class Staged(FakeChecker):
    """Tells of one stage."""

    def check(self, image: Image, occasion: Occasion, timings: Timings | None = None) -> PictureVerdict:
        if timings is not None:
            timings["people"] = 0.002
        return super().check(image, occasion)


@pytest.mark.parametrize(("checker", "stages"), [(Staged, {"people": 2.0}), (FakeChecker, {})])
@pytest.mark.parametrize("extra", [True, False])
def test_times_and_ratio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checker: type[FakeChecker], stages: dict[str, float], extra: bool
) -> None:
    write_picture(tmp_path / "a.jpg", np.full((64, 48, 3), 128, np.uint8))
    monkeypatch.setattr(check, "_build", lambda config, policy: checker())
    monkeypatch.setattr(reference, "plain_yolo", lambda: (lambda image: image) if extra else None)
    timed = bench.measure(tmp_path / "a.jpg", 3, Config(), start=1.0, peak=200.0)
    assert (timed.width, timed.height, timed.people, timed.stages_ms) == (48, 64, 1, stages)
    assert timed.check_ms > 0
    plain = (timed.ratio, timed.yolo_ms, timed.ratio_square, timed.yolo_square_ms)
    assert all((number is None) == (not extra) for number in plain)


def test_a_fresh_process_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho first\necho '{\"peak_mib\": 321.5}'\n")
    python.chmod(0o755)
    monkeypatch.setattr(bench.sys, "executable", str(python))
    seconds, peak = bench._fresh(tmp_path / "a.jpg", Config())
    assert peak == 321.5
    assert seconds > 0


def test_a_failing_process_is_an_error_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Traceback' >&2\necho 'WeightsError: none' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(bench.sys, "executable", str(python))
    with pytest.raises(bench.DresscodeError, match="WeightsError: none"):
        bench._fresh(tmp_path / "a.jpg", Config())
