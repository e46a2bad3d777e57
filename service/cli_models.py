"""The commands on networks: train, evaluate, export, calibrate."""

from __future__ import annotations

import importlib.util
import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from vision.config import ROOT, load_config
from vision.errors import DresscodeError
from vision.policy import load_policy

if TYPE_CHECKING:
    from models.training.calibrate import Fit
    from models.training.evaluate import Row
    from models.training.street import Picture

NAMES = "person, clothing, footwear, badge, head, torso, legs or feet"
EXTRA = ("ultralytics", "torch", "matplotlib", "nncf", "tomli_w")

NetworkArgument = Annotated[str, typer.Argument(metavar="NETWORK", help=f"One of {NAMES}.")]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Config file instead of ./config.yaml.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder, with street/; ../shared/data of a checkout.")
]
RunOption = Annotated[Path | None, typer.Option("--run", metavar="DIR", help="The run's folder; runs/NETWORK.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (train, evaluate, export, calibrate):
        app.command()(command)


def train(
    network: NetworkArgument,
    data: DataOption = None,
    device: Annotated[str, typer.Option("--device", metavar="cpu|cuda", help="What to train on.")] = "cpu",
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, max=1000, help="In place of the recipe's number.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The run's folder; runs/NETWORK.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same network, within noise.")] = 0,
    config: ConfigOption = None,
) -> None:
    """Train a network and score it on the val part. Needs the train extra."""
    _need_extra("train")
    from models.training import run

    settings = load_config(config)
    folder = out or Path("runs") / network
    metrics = run.train(network, _data(data), folder, device, epochs, seed, settings.weights_dir)
    _show_scores(network, metrics["scores"])
    _say(f"The run is in {folder}; `dresscode export {network} --run {folder}` takes it into use.")


def evaluate(
    network: Annotated[
        str | None, typer.Argument(metavar="[NETWORK]", help=f"One of {NAMES}; without it, the clauses.")
    ] = None,
    data: DataOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write it for machines.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="For a network's data set; runs/evaluate-NETWORK.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Score the whole check clause by clause, or one network, on the val part, which nothing was fitted on."""
    if network is None:
        _evaluate_clauses(_data(data), json_file, config)
        return
    _need_extra("evaluate NETWORK")
    from models.training import run

    folder = out or Path("runs") / f"evaluate-{network}"
    scores = run.score(network, _data(data), folder, load_config(config).weights_dir)
    _show_scores(network, scores)
    if json_file:
        _write_json(json_file, scores)


def export(
    network: NetworkArgument,
    run_folder: RunOption = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="DIR", help="Weights folder; the configured one.")
    ] = None,
    data: DataOption = None,
    int8: Annotated[bool, typer.Option("--int8/--float", help="Compute in 8 bits, or as trained.")] = True,
    config: ConfigOption = None,
) -> None:
    """Put a trained network into the weights folder: files, manifest entry, model card. Needs the train extra."""
    _need_extra("export")
    from models.training import run

    folder = weights or load_config(config).weights_dir
    card = run.export(network, run_folder or Path("runs") / network, folder, _data(data), int8)
    _say(f"{network} is in {folder}; its card is {card}. Now calibrate and evaluate.")


def calibrate(data: DataOption = None, config: ConfigOption = None) -> None:
    """Fit the clauses' thresholds on the calibration part and write thresholds.toml. Needs the train extra."""
    _need_extra("calibrate")
    from models.training import evaluate as evaluation

    settings = load_config(config)
    policy = load_policy(settings.policy_path)
    fits = evaluation.calibrate(settings, policy, _data(data), watch=_watch("calibrating"))
    _console().print(_fit_table(fits))
    _say(f"Thresholds are in {settings.weights_dir / 'thresholds.toml'}.")


def _evaluate_clauses(data: Path, json_file: Path | None, config: Path | None) -> None:
    from models.training import evaluate as evaluation

    settings = load_config(config)
    policy = load_policy(settings.policy_path)
    rows = evaluation.evaluate(settings, policy, data, watch=_watch("evaluating"))
    _console().print(_clause_table(rows))
    counted = [row for row in rows if row.counted]
    _say(_means(counted, evaluation.COUNTED))
    if json_file:
        _write_json(json_file, {row.clause: asdict(row) | {"counted": row.counted} for row in rows})


def _need_extra(command: str) -> None:
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise DresscodeError(
            f"dresscode {command} needs the train extra ({', '.join(missing)} missing): pip install 'dresscode[train]'"
        )


def _data(given: Path | None) -> Path:
    """The data folder: the given one, or that of the shared folder beside the checkout."""
    folder = given or Path(os.environ.get("DRESSCODE_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        raise DresscodeError(f"{folder}: no such data folder; --data names it")
    return folder


def _watch(what: str) -> Callable[[list[Picture]], Iterable[Picture]]:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    return lambda pictures: track(pictures, what, console=console, disable=not console.is_terminal, transient=True)


def _clause_table(rows: Sequence[Row]) -> Table:
    table = Table(
        *("clause", "fails", "passes", "precision", "recall", "cleared", "unsure", "F1"),
        title="Clauses on the val part",
        title_justify="left",
    )
    for r in rows:
        shares = (_figure(v) for v in (r.precision, r.recall, r.cleared, r.unsure, r.f1))
        table.add_row(r.clause, str(r.fails), str(r.passes), *shares, style=None if r.counted else "dim")
    return table


def _means(rows: Sequence[Row], least: int) -> str:
    """The sentence under the table; a clause that never says fail has precision 0 in the mean."""
    if not rows:
        return f"No clause has {least} fails and {least} passes by the labels."
    good = sum((r.precision or 0) >= 0.9 and (r.recall or 0) >= 0.8 for r in rows)
    f1, precision, unsure = (
        sum(values) / len(rows)
        for values in ([r.f1 for r in rows], [r.precision or 0.0 for r in rows], [r.unsure for r in rows])
    )
    return (
        f"{good} of {len(rows)} clauses with at least {least} fails and passes are at precision 0.90 and recall 0.80; "
        f"mean F1 {f1:.3f}, mean precision {precision:.3f}, mean unsure {unsure:.3f}."
    )


def _fit_table(fits: dict[str, Fit]) -> Table:
    table = Table(
        *("clause", "fails", "passes", "fail from", "pass from", "precision", "recall", "unsure"),
        title="Thresholds, on the calibration part",
        title_justify="left",
    )
    for clause, f in fits.items():
        figures = (f.threshold.fail, f.threshold.clear, f.precision, f.recall, f.unsure)
        table.add_row(clause, str(f.fails), str(f.passes), *(_figure(v) for v in figures))
    return table


def _show_scores(network: str, scores: dict[str, Any]) -> None:
    """An attribute network's scores are by attribute and value, the others' by set and class."""
    table = Table("", "", "n", "precision", "recall", "", title=f"{network} on the val part", title_justify="left")
    for name, rows in scores.items():
        values = rows.get("values", rows)
        whole = f"accuracy {_figure(rows['accuracy'])}" if "accuracy" in rows else ""
        table.add_row(name, "", str(rows["n"]) if whole else "", "", "", whole, style="bold")
        for value, row in values.items():
            last = f"AP50 {_figure(row['ap50'])}" if "ap50" in row else ""
            table.add_row("", value, str(row["n"]), _figure(row["precision"]), _figure(row["recall"]), last)
    _console().print(table)


def _figure(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.2f}"


def _console() -> Console:
    return Console()


def _say(sentence: str) -> None:
    Console(soft_wrap=True, highlight=False, markup=False).print(sentence)


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
