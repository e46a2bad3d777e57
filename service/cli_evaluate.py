"""The command ``evaluate``: the clauses, one network, or new weights against the tracked ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from service import cli_learning
from service.cli_shared import (
    NAMES,
    DataOption,
    data_folder,
    figure,
    need_extra,
    say,
    show,
    spread,
    watch,
    write_json,
)
from service.options import ConfigOption
from vision.config import Config, ModelsSection, load_config
from vision.errors import DresscodeError
from vision.policy import load_policy

if TYPE_CHECKING:
    from models.training.compare import Comparison
    from models.training.evaluate import Evaluation
    from models.training.scoring import Means, Row

VAL, ELSEWHERE = PARTS = ("val", "elsewhere")
"""What can be scored on: the labels' own split of the street photos, and the held-out violation photos."""

WeightsOption = Annotated[
    Path | None, typer.Option("--weights", metavar="DIR", help="Weights folder in place of the configured one.")
]


def evaluate(
    network: Annotated[
        str | None, typer.Argument(metavar="[NETWORK]", help=f"One of {NAMES}; without it, the clauses.")
    ] = None,
    data: DataOption = None,
    weights: WeightsOption = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DIR", help="Weights folder to compare with, clause by clause.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write it for machines.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="With --against: the table for a commit message.")
    ] = None,
    part: Annotated[
        str,
        typer.Option(
            "--part", metavar="val|elsewhere", help="Street photos that nothing was fitted on, or photos elsewhere."
        ),
    ] = VAL,
    scenes: Annotated[
        list[Path] | None, typer.Option("--scenes", metavar="DIR", help="For person: pictures without people.")
    ] = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Train the network on parts of the data, and score each.")
    ] = False,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs", metavar="N", min=1, max=1000, help="With --learning-curve: in place of the recipe's number."
        ),
    ] = None,
    card: Annotated[
        bool, typer.Option("--card", help="With --learning-curve: put the curve on the network's card.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="For a network's data set; runs/evaluate-NETWORK. Of a learning curve: runs/learning-NETWORK; one "
            "that was cut off goes on there.",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Score the whole check clause by clause, or one network, on a part which nothing was fitted on.

    With --against: exit status 1 if the candidate is worse overall.
    """
    _refuse_mixtures(network, against, markdown, scenes, learning_curve)
    _refuse_part(part, network, learning_curve)
    _refuse_without_curve(learning_curve, epochs, card)
    settings, folder = _with_weights(load_config(config), weights), data_folder(data)
    if against:
        raise typer.Exit(_gate(settings, folder, against, part, json_file, markdown))
    if network is None:
        _clauses(settings, folder, part, json_file)
    elif network == "person":
        _person(settings, folder, scenes or [], json_file)
    elif learning_curve:
        curve_out = out or Path("runs") / f"learning-{network}"
        cli_learning.learning_curve(network, settings, folder, curve_out, epochs, card, json_file)
    else:
        _network(network, settings, folder, out or Path("runs") / f"evaluate-{network}", part, json_file)


def _refuse_mixtures(
    network: str | None, against: Path | None, markdown: Path | None, scenes: list[Path] | None, curve: bool
) -> None:
    if against and network:
        raise DresscodeError(f"--against compares the whole check clause by clause; leave out {network}")
    if markdown and not against:
        raise DresscodeError("--markdown goes with --against")
    if scenes and network != "person":
        raise DresscodeError("--scenes goes with `dresscode evaluate person`")
    if curve and network in (None, "person", "side"):
        raise DresscodeError("--learning-curve goes with a network: any but person and side")


def _refuse_part(part: str, network: str | None, curve: bool) -> None:
    if part not in PARTS:
        raise DresscodeError(f"--part {part}: no such part; known: {', '.join(PARTS)}")
    if part != VAL and (network == "person" or curve):
        raise DresscodeError("--part goes with the clauses and the attribute networks")


def _refuse_without_curve(curve: bool, epochs: int | None, card: bool) -> None:
    if epochs is not None and not curve:
        raise DresscodeError("--epochs goes with --learning-curve")
    if card and not curve:
        raise DresscodeError("--card goes with --learning-curve")


def _with_weights(settings: Config, weights: Path | None) -> Config:
    """The settings with this weights folder; a network of the deployment's own stays in use."""
    if weights is None:
        return settings
    models = settings.models.model_copy(update={"weights": weights.absolute()})
    return settings.model_copy(update={"models": models})


def _clauses(settings: Config, data: Path, part: str, json_file: Path | None) -> None:
    from models.training import evaluate as evaluation
    from models.training.seen import CACHE

    policy = load_policy(settings.policy_path)
    found = evaluation.evaluate(settings, policy, data, watch("evaluating"), CACHE, part)
    show(_clause_table(found.rows, part))
    say(_means(found.means))
    _show_thresholds(settings)
    if json_file:
        write_json(json_file, _as_json(found))


def _as_json(found: Evaluation) -> dict[str, Any]:
    """By clause; under ``mean`` the means of the counted ones."""
    rows = {r.clause: asdict(r) | {"counted": r.counted, "good": r.good} for r in found.rows}
    means = found.means
    whole = {"clauses": means.clauses, "good": means.good, **means.figures, "intervals": dict(means.intervals)}
    return rows | {"mean": whole}


def _clause_table(rows: Sequence[Row], part: str) -> Table:
    table = Table(
        *("clause", "fails", "passes", "precision", "recall", "cleared", "unsure", "F1"),
        title=f"Clauses on the {part} part, with 90 % intervals",
        title_justify="left",
    )
    for r in rows:
        wide = [spread(getattr(r, name), r.intervals.get(name)) for name in ("precision", "recall", "f1")]
        shares = (*wide[:2], figure(r.cleared), figure(r.unsure), wide[2])
        table.add_row(r.clause, str(r.fails), str(r.passes), *shares, style=None if r.counted else "dim")
    return table


def _means(found: Means) -> str:
    """The sentence under the table; a clause that never says fail has precision 0 in the mean."""
    from models.training.scoring import COUNTED

    if not found.clauses:
        return f"No clause has {COUNTED} fails and {COUNTED} passes by the labels."
    shown = ", ".join(
        f"mean {label} {found.figures[name]:.3f} ({found.intervals[name][0]:.3f} to {found.intervals[name][1]:.3f})"
        for name, label in {"f1": "F1", "precision": "precision", "recall": "recall", "unsure": "unsure"}.items()
    )
    return (
        f"{found.good} of {found.clauses} clauses with at least {COUNTED} fails and passes are at precision 0.90 and "
        f"recall 0.80; {shown}."
    )


def _show_thresholds(settings: Config) -> None:
    """The thresholds in use, and what they gave where they were chosen; nothing where nothing was calibrated."""
    from models.manifest import read_toml

    tables = read_toml(settings.weights_dir / "thresholds.toml")
    rows = {clause: t for clause, t in tables.items() if "told" in t}
    if not rows:
        return
    first = next(iter(rows.values()))
    table = Table(
        *("clause", "fails", "passes", "fail from", "pass from", "precision", "lower bound", "recall", "unsure"),
        title=f"Thresholds: {first['data']}, out of fold; {first.get('aim', '')}",
        title_justify="left",
    )
    for clause, t in rows.items():
        shares = (figure(t.get(n)) for n in ("fail", "clear", "precision", "precision_low", "recall", "unsure"))
        table.add_row(clause, str(t["fails"]), str(t["passes"]), *shares)
    show(table)


def _gate(settings: Config, data: Path, against: Path, part: str, json_file: Path | None, markdown: Path | None) -> int:
    from models.training import evaluate as evaluation
    from models.training.compare import Verdict, compare, notes
    from models.training.compare import markdown as as_markdown
    from models.training.seen import CACHE

    policy = load_policy(settings.policy_path)
    tracked = settings.model_copy(update={"models": _plain(settings, against)})
    new = evaluation.evaluate(settings, policy, data, watch("the candidate"), CACHE, part)
    old = evaluation.evaluate(tracked, policy, data, watch("the tracked weights"), CACHE, part)
    found = compare(old, new)
    show(_comparison_table(found, part))
    for sentence in (*notes(found), f"Overall the candidate is {found.overall.verdict}."):
        say(sentence)
    if json_file:
        write_json(json_file, asdict(found))
    if markdown:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(as_markdown(found, "the tracked weights", "the candidate", part), encoding="utf-8")
    return int(found.overall.verdict is Verdict.WORSE)


def _plain(settings: Config, weights: Path) -> ModelsSection:
    """The folder's own networks, none of the deployment's."""
    return ModelsSection(weights=weights.absolute(), device=settings.models.device, threads=settings.models.threads)


def _comparison_table(found: Comparison, part: str) -> Table:
    from models.training.compare import SHOWN, cell

    table = Table(
        *("clause", "fails", "passes", "F1", "precision", "recall", "verdict"),
        title=f"The candidate against the tracked weights, {part} part",
        title_justify="left",
    )
    for c in (*found.clauses, found.overall):
        counts = (str(c.fails), str(c.passes)) if c.fails else ("", "")
        # Its brackets would be read as markup, and a table that elides figures is no table.
        cells = (cell(c.differences[m]).replace("[", "\\[") for m in SHOWN)
        table.add_row(c.name, *counts, *cells, str(c.verdict), style="bold" if c is found.overall else None)
    return table


def _network(network: str, settings: Config, data: Path, out: Path, part: str, json_file: Path | None) -> None:
    need_extra("evaluate NETWORK")
    from models.training import run

    scores = run.score(network, data, out, settings.weights_dir, part)
    show_scores(network, {name: rows for name, rows in scores.items() if name != "cards"}, part)
    if "cards" in scores:
        show(_cards_table(scores["cards"]))
    if json_file:
        write_json(json_file, scores)


def _cards_table(sets: dict[str, Any]) -> Table:
    """What is said of cards as in use, by set; tilt is in degrees off, median and 90th percentile."""
    table = Table(
        *("set", "cards", "precision", "recall", "side", "if sure"),
        *("fronts", "backs", "upright", "turned", "tilt off", "false"),
        title="Cards as they are used, with 90 % intervals",
        title_justify="left",
    )
    for name, r in sets.items():
        wide = [spread(m and m[0], m and m[1:]) for m in (r["precision"], r["recall"], r["side"], r["sure_right"])]
        sides = [f"{right} of {told}" for right, told in r["counts"].values()]
        tilt = f"{figure(r['tilt'])} / {figure(r['tilt_p90'])}"
        table.add_row(name, str(r["n"]), *wide, *sides, tilt, f"{r['false']} of {r['without']}")
    return table


def _person(settings: Config, data: Path, scenes: Sequence[Path], json_file: Path | None) -> None:
    from models.training.finding_people import find_people

    found = find_people(settings, data, scenes, watch("evaluating"))
    for sentence in found.sentences():
        say(sentence)
    if json_file:
        write_json(json_file, asdict(found))


def show_scores(network: str, scores: dict[str, Any], part: str = VAL) -> None:
    """An attribute network's scores are by attribute and value, the others' by set and class."""
    table = Table("", "", "n", "precision", "recall", "", title=f"{network} on the {part} part", title_justify="left")
    for name, rows in scores.items():
        values = rows.get("values", rows)
        whole = f"accuracy {figure(rows['accuracy'])}" if "accuracy" in rows else ""
        table.add_row(name, "", str(rows["n"]) if whole else "", "", "", whole, style="bold")
        for value, row in values.items():
            last = f"AP50 {figure(row['ap50'])}" if "ap50" in row else ""
            table.add_row("", value, str(row["n"]), figure(row["precision"]), figure(row["recall"]), last)
    show(table)
