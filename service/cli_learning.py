"""What ``evaluate --learning-curve`` does: trainings on parts of the data, their table, and the curve on the card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from service.cli_shared import figure, need_extra, say, show, write_json
from vision.config import Config


def learning_curve(
    network: str, settings: Config, data: Path, out: Path, epochs: int | None, on_card: bool, json_file: Path | None
) -> None:
    """Trains, shows the curve, and puts it on the network's card if `on_card`.

    Raises:
        DresscodeError: the train extra is not installed, there is no such card, or the network can't be trained.
    """
    need_extra("evaluate NETWORK --learning-curve")
    from models.training import card_learning, run
    from models.training import learning_curve as curve

    cards = run.cards_of(settings.weights_dir)
    if on_card:
        card_learning.card_of(network, cards)  # said now, not after hours of training
    points = curve.run(network, data, out, settings.weights_dir, epochs)
    show(curve_table(network, points))
    if on_card:
        say(f"The curve is in {out}, and on {card_learning.write_curve(network, out / 'learning.json', cards)}.")
    else:
        say(f"The curve is in {out}; the same command with --card puts it on the network's card.")
    if json_file:
        write_json(json_file, points)


def curve_table(network: str, points: Sequence[dict[str, Any]]) -> Table:
    """By attribute or class with enough val examples, and their mean; a column for each part."""
    from models.training.learning_rows import mean, measure, rows

    columns = ["val", *(f"{p['share']:.0%} ({p['pictures']})" for p in points)]
    table = Table("", *columns, title=f"{network}: {measure(points)} on the val part", title_justify="left")
    for row in (*rows(points), mean(points)):
        table.add_row(row.label, str(row.n), *map(figure, row.figures))
    return table
