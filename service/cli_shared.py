"""What the commands on networks share: options, the data folder, progress, how figures and sentences are shown."""

from __future__ import annotations

import importlib.util
import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from vision.config import ROOT
from vision.errors import DresscodeError

if TYPE_CHECKING:
    from models.training.street import Picture

NAMES = "person, clothing, footwear, badge, side, head, neck, torso, arms, waist, legs, shins or feet"
TABLE_WIDTH = 160
EXTRA = ("ultralytics", "torch", "matplotlib", "nncf", "tomli_w")

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder, with street/; ../shared/data of a checkout.")
]


def need_extra(command: str) -> None:
    """Raises `DresscodeError`, one sentence, where the train extra is not installed."""
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise DresscodeError(
            f"dresscode {command} needs the train extra ({', '.join(missing)} missing): pip install 'dresscode[train]'"
        )


def data_folder(given: Path | None) -> Path:
    """The data folder: the given one, or that of the shared folder beside the checkout."""
    folder = given or Path(os.environ.get("DRESSCODE_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        raise DresscodeError(f"{folder}: no such data folder; --data names it")
    return folder


def watch(what: str) -> Callable[[Sequence[Picture]], Iterable[Picture]]:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    return lambda pictures: track(pictures, what, console=console, disable=not console.is_terminal, transient=True)


def figure(value: float | None) -> str:
    """Two digits, a dash for a figure over nothing."""
    return "-" if value is None or math.isnan(value) else f"{value:.2f}"


def spread(value: float | None, interval: tuple[float, float] | None) -> str:
    """``0.71 0.62-0.80``: a figure and its interval."""
    return figure(value) + (f" {interval[0]:.2f}-{interval[1]:.2f}" if interval and value is not None else "")


def show(table: Table) -> None:
    """Prints a table; where that is no terminal of known width, wide enough for every figure."""
    console = Console()
    (console if console.is_terminal else Console(width=max(console.width, TABLE_WIDTH))).print(table)


def say(sentence: str) -> None:
    Console(soft_wrap=True, highlight=False, markup=False).print(sentence)


def write_json(path: Path, value: Any) -> None:
    """Writes JSON, with the folders that the path needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
