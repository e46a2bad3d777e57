"""``dresscode bench``: how long a whole check of one photo takes, and what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from service.check import make_factory
from service.work import PictureChecker
from vision.config import ROOT, Config, load_config, packaged
from vision.errors import ConfigError, DresscodeError
from vision.pictures import read_picture, write_whole
from vision.policy import load_policy
from vision.types import Image, Occasion

WARM_UP = 3
REST = 0.1
"""Seconds between two timings: the threads of the one still spin for a while when it is done, beside the other."""

STAGES = ("people", "regions", "look", "facts", "rules")
"""What is done one after another; the networks of the stage "look" run side by side."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What was measured. Times in milliseconds (medians), memory in MiB, start in seconds.

    `yolo_ms` and `ratio` are of a plain prediction on the same picture, of whose 640×640 pixels ultralytics leaves the
    padding out; `yolo_square_ms` and `ratio_square` of one on all 640×640.
    """

    picture: str
    width: int
    height: int
    people: int
    repeat: int
    check_ms: float
    stages_ms: dict[str, float]
    yolo_ms: float | None
    ratio: float | None
    yolo_square_ms: float | None
    ratio_square: float | None
    peak_mib: float
    start_s: float


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds of a check, of its stages, and of plain predictions: on the picture, and on a square one."""

    check: float
    stages: dict[str, float]
    plain: Sequence[float]


def run_bench(picture: Path | None, repeat: int, json_file: Path | None, config_file: Path | None) -> Timed:
    """Measures, prints a table, and writes `json_file` if given. Raises `DresscodeError` when it cannot."""
    config = load_config(config_file)
    path = picture or default_picture()
    start, peak = _fresh(path, config)
    result = measure(path, repeat, config, start, peak)
    Console().print(_table(result))
    if json_file:
        write_whole(json_file, (json.dumps(asdict(result), indent=2) + "\n").encode())
    return result


def default_picture() -> Path:
    """A photo of one person that comes with the program."""
    for path in (packaged("bench.jpg"), ROOT / "samples" / "man-suit.jpg"):
        if path.is_file():
            return path
    raise ConfigError("no sample picture is here; name one with --picture")


def measure(path: Path, repeat: int, config: Config, start: float, peak: float) -> Timed:
    """Times checks and plain predictions in turn, so that both meet the machine in the same state."""
    from models.reference import plain_yolo

    image, occasion = read_picture(path, config.vision.max_megapixels), _occasion(config)
    checker, yolo = make_factory(config, load_policy(config.policy_path))(), plain_yolo()
    rounds = [_round(checker, image, occasion, yolo) for _ in range(WARM_UP + repeat)][WARM_UP:]
    verdict = checker.check(image, occasion)
    check = median(r.check for r in rounds)
    plain, square = (median(r.plain[i] for r in rounds) if yolo else None for i in range(2))
    stages = {name: median(r.stages.get(name, 0.0) for r in rounds) * 1000 for name in _in_order(rounds[-1].stages)}
    return Timed(
        picture=path.name,
        width=verdict.width,
        height=verdict.height,
        people=len(verdict.people),
        repeat=repeat,
        check_ms=check * 1000,
        stages_ms=stages,
        yolo_ms=plain and plain * 1000,
        ratio=plain and check / plain,
        yolo_square_ms=square and square * 1000,
        ratio_square=square and check / square,
        peak_mib=peak,
        start_s=start,
    )


def _in_order(stages: Iterable[str]) -> list[str]:
    """Stages in their order, those within another after it."""
    names = list(stages)
    within = [name for name in names if name not in STAGES]
    return [n for stage in STAGES if stage in names for n in (stage, *(within if stage == "look" else ()))] or names


def _round(checker: PictureChecker, image: Image, occasion: Occasion, yolo: Callable[[Image], object] | None) -> _Round:
    stages: dict[str, float] = {}
    check = _seconds(lambda: checker.check(image, occasion, stages))
    plain = [_seconds(partial(yolo, picture)) for picture in (image, _squared(image))] if yolo else []
    return _Round(check, stages, plain)


def _seconds(work: Callable[[], object]) -> float:
    time.sleep(REST)
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _squared(image: Image) -> Image:
    side = max(image.shape[:2])
    return np.asarray(
        cv2.copyMakeBorder(image, 0, side - image.shape[0], 0, side - image.shape[1], cv2.BORDER_REPLICATE), np.uint8
    )


def _occasion(config: Config) -> Occasion:
    return load_policy(config.policy_path).occasion(None, None, Date.today())


def _fresh(path: Path, config: Config) -> tuple[float, float]:
    """Seconds from the start of a process to its first result, and the most memory that it took, in MiB."""
    command = [sys.executable, "-m", "service.bench_first", str(path), str(config.source or "")]
    begin = time.perf_counter()
    with TemporaryFile("w+") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            seconds = time.perf_counter() - begin
            rest = process.stdout.read()  # not communicate(), which forgets what came along with the first line
        errors.seek(0)
        said = errors.read().strip().splitlines()
    if process.returncode or not rest:
        last = (said or [line.strip()])[-1]
        raise DresscodeError(f"the check of {path} in a fresh process failed: {last}")
    return seconds, json.loads(rest)["peak_mib"]


def _table(result: Timed) -> Table:
    size = f"{result.picture}, {result.width}x{result.height}, people: {result.people}"
    table = Table("", "median of " + str(result.repeat), title=size, title_justify="left")
    for name, value in result.stages_ms.items():
        row = f"  {name}" if name in STAGES else f"    {name}, beside others"
        table.add_row(row, f"{value:.1f} ms", style="dim")
    table.add_row("check, all networks and rules", f"{result.check_ms:.1f} ms", style="bold")
    table.add_row("plain YOLO11n, PyTorch, 640", _or_dash(result.yolo_ms, "{:.1f} ms", "needs the train extra"))
    table.add_row("ratio", _or_dash(result.ratio, "{:.2f}", "-"), style="bold")
    table.add_row("  on all of 640x640 pixels", _or_dash(result.yolo_square_ms, "{:.1f} ms", "-"), style="dim")
    table.add_row("  ratio", _or_dash(result.ratio_square, "{:.2f}", "-"), style="dim")
    table.add_row("start to first result", f"{result.start_s:.1f} s")
    table.add_row("peak memory", f"{result.peak_mib:.0f} MiB")
    return table


def _or_dash(value: float | None, form: str, missing: str) -> str:
    return missing if value is None else form.format(value)
