"""The commands on networks: train, export, calibrate; ``evaluate`` has a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from service.cli_evaluate import ELSEWHERE, evaluate, show_scores
from service.cli_shared import NAMES, DataOption, data_folder, figure, need_extra, say, show, watch
from service.options import ConfigOption
from vision.config import load_config
from vision.errors import DresscodeError
from vision.policy import Policy, load_policy

if TYPE_CHECKING:
    from models.training.calibrate import Fit

NetworkArgument = Annotated[str, typer.Argument(metavar="NETWORK", help=f"One of {NAMES}.")]
RunOption = Annotated[Path | None, typer.Option("--run", metavar="DIR", help="The run's folder; runs/NETWORK.")]


TRUSTING: Final = (
    "Fitted on the calibration part. Attribute networks that learned from it, as the shipped ones did, look surer and "
    "more often right there than they are: these thresholds are too trusting. --out-of-fold DIR fits them on honest "
    "answers."
)


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (train, evaluate, export, calibrate):
        app.command()(command)


def train(
    network: NetworkArgument,
    data: DataOption = None,
    device: Annotated[str, typer.Option("--device", metavar="cpu|cuda", help="What to train on.")] = "cpu",
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=1, max=1000, help="In place of the recipe's number; but not of new teachers."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The run's folder; runs/NETWORK.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same network, within noise.")] = 0,
    earlier: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Go on from this run of an attribute network."),
    ] = None,
    teach: Annotated[
        bool, typer.Option("--teach", help="With --from: train its teachers anew, too, so that thresholds can follow.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Train a network and score it on the val part. Needs the train extra."""
    need_extra("train")
    from models.training import run

    settings = load_config(config)
    folder = out or Path("runs") / network
    metrics = run.train(network, data_folder(data), folder, device, epochs, seed, settings.weights_dir, earlier, teach)
    show_scores(network, metrics["scores"])
    if ELSEWHERE in metrics:
        show_scores(network, metrics[ELSEWHERE], ELSEWHERE)
    say(f"The run is in {folder}; `dresscode export {network} --run {folder}` takes it into use.")


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
    need_extra("export")
    from models.training import run

    folder = weights or load_config(config).weights_dir
    card = run.export(network, run_folder or Path("runs") / network, folder, data_folder(data), int8)
    say(f"{network} is in {folder}; its card is {card}. Now calibrate and evaluate.")


def calibrate(
    data: DataOption = None,
    precision: Annotated[
        float | None,
        typer.Option("--precision", min=0.5, max=1.0, help="What fails and passes must hold; else traded for recall."),
    ] = None,
    bound: Annotated[
        float | None,
        typer.Option("--bound", min=0.0, max=1.0, help="With --precision: its lower 90 % bound; 0.80."),
    ] = None,
    out_of_fold: Annotated[
        Path | None,
        typer.Option(
            "--out-of-fold",
            metavar="DIR",
            help="A folder of attribute networks' runs, such as runs: what they answered of pictures that they had not "
            "learned from counts in place of what lies beside the networks.",
        ),
    ] = None,
    clause: Annotated[
        list[str] | None,
        typer.Option(
            "--clause",
            metavar="ID",
            help="Fit this clause, again for others; the rest stays.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Fit the clauses' thresholds and write thresholds.toml. Needs the train extra.

    They are fitted on all photos but those held out: what was answered out of fold, and lies beside the networks or in
    runs, stands in for what the networks say. Where any of that is missing, on the calibration part alone: if the
    networks have learned from it, thresholds come out too trusting. One clause needs the answers of those networks
    alone that it reads.
    """
    need_extra("calibrate")
    from models.training import evaluate as evaluation
    from models.training.calibrate import BOUND, Aim
    from models.training.card_clauses import networks_of, write_clauses
    from models.training.run import cards_of
    from models.training.seen import CACHE

    if bound is not None and precision is None:
        raise DresscodeError("--bound goes with --precision")
    settings = load_config(config)
    policy = load_policy(settings.policy_path)
    aim = Aim(precision, BOUND if bound is None else bound)
    networks = networks_of(policy, _assessed(policy, clause)) if clause else None
    given = evaluation.stand_ins(settings, data_folder(data), out_of_fold, networks)
    fits = evaluation.calibrate(
        settings, policy, data_folder(data), watch("calibrating"), CACHE, aim, given, clause or ()
    )
    show(_fit_table(fits))
    if not given:
        say(TRUSTING)
    thresholds = settings.weights_dir / "thresholds.toml"
    cards = write_clauses(cards_of(settings.weights_dir), policy, thresholds)
    say(f"Chosen for: {aim}. Thresholds are in {thresholds}, and on {len(cards)} model cards.")


def _assessed(policy: Policy, ids: Sequence[str]) -> Sequence[str]:
    """The ids. Raises `DresscodeError` where one is of no clause that the program decides."""
    known = {c.id for c in policy.clauses if c.by == "vision"}
    for name in ids:
        if name not in known:
            raise DresscodeError(f"--clause {name}: no clause that is decided by vision has this id")
    return ids


def _fit_table(fits: dict[str, Fit]) -> Table:
    table = Table(
        *("clause", "fails", "passes", "fail from", "pass from", "precision", "lower bound", "recall", "unsure"),
        title="Thresholds, and what they give on pictures that they were not chosen on",
        title_justify="left",
    )
    for clause, f in fits.items():
        figures = (f.threshold.fail, f.threshold.clear, f.precision, f.precision_low, f.recall, f.unsure)
        table.add_row(clause, str(f.fails), str(f.passes), *(figure(v) for v in figures))
    return table
