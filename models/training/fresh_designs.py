"""A third designer of made-up identity cards, to score the badge network on designs kept apart from training.

For evaluation only: not to be trained or tuned on. The cards are modelled on kinds that people wear, of offices, web
firms, hospitals, public offices, congresses, transport, works, data centres, universities. Layouts, holders and words
are others than those of `card_designs`, from which it takes no more than type and print, and of `unlike_designs`.
Nothing here is a real person, company or number.
"""

from __future__ import annotations

from random import Random
from typing import Final

from PIL import Image

from models.training.card_designs import PX, Card, Portraits, Side, printed
from models.training.fresh_backs import BACKS
from models.training.fresh_fronts import LYING, UPRIGHT
from models.training.fresh_holders import hold
from models.training.fresh_parts import PAPER, Sheet
from models.training.fresh_portraits import bust

FORMATS: Final = ((5.4, 8.56), (5.4, 8.56), (6.0, 9.0), (7.0, 10.0), (7.4, 10.5))
"""Short and long sides in centimetres: a bank card's, and the larger paper cards that go into pouches."""


def draw_card(rng: Random, side: Side, portraits: Portraits | None = None) -> Card:
    """A new design each time; the same `rng` state gives the same card. Fronts show one of `portraits` where given."""
    lying, (short, long) = rng.random() < 0.25, rng.choice(FORMATS)
    size = (round(long * PX), round(short * PX)) if lying else (round(short * PX), round(long * PX))
    sheet = Sheet(Image.new("RGB", size, PAPER))
    if side == "front":
        rng.choice(LYING if lying else UPRIGHT)(rng, sheet, _portrait(rng, portraits))
    else:
        rng.choice(BACKS)(rng, sheet)
    return hold(rng, printed(rng, sheet.card), side)


def _portrait(rng: Random, portraits: Portraits | None) -> Image.Image:
    shot = portraits(rng) if portraits is not None else None
    return bust(rng) if shot is None else Image.fromarray(shot[..., ::-1].copy())
