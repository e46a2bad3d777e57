"""The part of a model card that tells what more pictures bring: the network's learning curve.

Beside the card lie ``NETWORK-learning.json``, which the section is made of whenever the card is written, and
``NETWORK-learning.png``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from models.training import card_clauses, plots
from models.training.card_clauses import placed
from models.training.errors import TrainingError
from models.training.learning_rows import FEWEST, Row, mean, rows
from models.training.learning_yolo import FROZEN as YOLO_FROZEN

TITLE: Final = "## What more pictures bring"
FOLLOWING: Final = (card_clauses.TITLE, card_clauses.FAILURES)
EXPLAINED: Final = (
    "Trained on nested parts of the training pictures that keep sittings together, each for about as many steps as "
    "{epochs} over all of them, and scored on val: one training each, {how}. So much is frozen that "
    "figures are below the network's own; single lines rise and fall by chance, too, the mean is steadier."
)
ATTRIBUTES: Final = (
    "from labels alone, the backbone as ImageNet left it. Figures are the mean F1 over an attribute's "
    f"values with at least {FEWEST} val pictures; *val* counts the labelled val pictures"
)
CLASSES: Final = (
    f"from labels alone, the first {YOLO_FROZEN} layers as COCO left them. Figures are the AP at IoU 0.5 of classes "
    f"with at least {FEWEST} things in val; *val* counts the things"
)
BADGE: Final = " Pictures are those of the people on whom the cards hang; a part has its share of the cards, too."


def write_curve(network: str, curve: Path, cards: Path) -> Path:
    """Puts a ``learning.json`` of `learning_curve.run` on a network's card, in place of an earlier one.

    Returns the card.

    Raises:
        TrainingError: the folder `cards` has no card of the network.
    """
    card = card_of(network, cards)
    shutil.copyfile(curve, cards / f"{network}-learning.json")
    plots.learning(json.loads(curve.read_text(encoding="utf-8"))["points"], cards / f"{network}-learning.png")
    card.write_text(with_curve(card.read_text(encoding="utf-8"), network, cards), encoding="utf-8")
    return card


def card_of(network: str, cards: Path) -> Path:
    """The network's card. Raises `TrainingError` where there is none."""
    card = cards / f"{network}.md"
    if not card.is_file():
        raise TrainingError(f"{card}: missing; `dresscode export {network}` makes it")
    return card


def with_curve(card: str, network: str, cards: Path) -> str:
    """A card's text with the curve that is kept in `cards`; as it is where none is."""
    kept = cards / f"{network}-learning.json"
    if not kept.is_file():
        return card
    section = _section(network, json.loads(kept.read_text(encoding="utf-8")))
    return placed(card, section, TITLE, FOLLOWING)


def _section(network: str, curve: Mapping[str, Any]) -> str:
    points, epochs = curve["points"], curve["settings"]["recipe"]["epochs"]
    how, of = (ATTRIBUTES, "attribute") if "heads" in points[0] else (CLASSES, "class")
    explained = EXPLAINED.format(epochs="one epoch" if epochs == 1 else f"{epochs} epochs", how=how)
    explained += BADGE if network == "badge" else ""
    parts = [f"{p['share']:.0%}: {p['pictures']} pictures" for p in points]
    head = [f"| {' | '.join([of, 'val', *parts])} |", "|" + "---|" * (len(parts) + 2)]
    picture = f"![What more pictures bring]({network}-learning.png)"
    return "\n".join([TITLE, "", explained, "", *head, *map(_line, [*rows(points), mean(points)]), "", picture]) + "\n"


def _line(row: Row) -> str:
    cells = ("–" if value is None else f"{value:.2f}" for value in row.figures)
    return f"| {' | '.join([row.label, str(row.n), *cells])} |"
