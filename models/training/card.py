"""Model cards: what a network was trained on, how good it is by class, and where it is known to fail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import yaml
from jinja2 import Environment, StrictUndefined

from models.attributes import EVERY
from models.training.card_learning import with_curve
from models.training.publish import licence

FAILURES: Final = Path(__file__).with_name("known_failures.yaml")
WIDEST: Final = 1000
"""Pictures on cards are at most this wide, in pixels: they are part of the repository."""

TITLES: Final = {"curves": "Training", "confusion": "Confusion"}

TEMPLATE: Final = """\
# {{ network }}

{{ about.what }}

## Data

{{ m.data | sentence }}.
{% if m.pictures %}

Pictures: {{ m.pictures | parts }}. {{ m.split }}
{% endif %}
{% if m.arithmetic == "int8" %}

It computes in 8 bits (post-training quantisation with NNCF).
{%- if m.scores %} The figures by class are those of the run, in floats;
{% if network == "side" %}
what 8 bits give is on the badge network's card.
{%- else %}
by clause, 8 bits changed nothing beyond noise.
{%- endif %}
{%- endif %}

{% endif %}
{% if m.recipe %}

## Recipe

Trained from {{ start }} on {{ m.device }} in {{ m.minutes }} minutes, seed {{ m.seed }}:
{{ m.recipe | settings }}
{% endif %}
{% if 'val' in m.scores %}

## Quality on the val part

Precision and recall at the best F1; AP at IoU 0.5.
{% for part, rows in m.scores.items() %}

| {{ "real photos" if part == "real" else "val" }} | things | precision | recall | AP50 |
|---|---|---|---|---|
{% for name, row in rows.items() %}
| {{ name }} | {{ row.n }} | {{ row.precision | share }} | {{ row.recall | share }} | {{ row.ap50 | share }} |
{% endfor %}
{% endfor %}
{% if m.cards %}

## Cards as they are used

As packaged, with 90 % intervals: the surest card on a torso, said from a probability of a half on, right from an IoU of
0.5 on. Sides, tops and tilts (degrees off, by the card's sides alone) are of the cards found; turned are those that
hang on their side or upside down. A side is decided on where it is sure to 0.8; the rest is unsure. No training card
looks like the unlike and the fresh composed ones; nothing was chosen by the fresh ones.

| set | cards | precision | recall | side right | sure | right where sure | fronts | backs | \
tops of upright | of turned | tilt off: median / p90 | false of cardless |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
{% for name, r in m.cards.items() %}
| {{ name }} | {{ r.n }} | {{ r.precision | spread }} | {{ r.recall | spread }} | {{ r.side | spread }} |
{#- #} {{ (r.sure[0] if r.sure else none) | share }} | {{ r.sure_right | spread }} |
{#- #} {{ r.counts.front | of }} | {{ r.counts.back | of }} | {{ r.counts.upright | of }} |
{#- #} {{ r.counts.turned | of }} | {{ r.tilt | share }} / {{ r.tilt_p90 | share }} |
{#- #} {{ r.false }} of {{ r.without }} |
{% endfor %}
{% endif %}
{% elif m.scores %}

## Quality on the val part

| attribute | value | pictures | precision | recall |
|---|---|---|---|---|
{% for name, head in m.scores.items() %}
| **{{ name }}** | accuracy {{ head.accuracy | share }} | {{ head.n }} | | |
{% for value, row in head['values'].items() %}
| | {{ value }} | {{ row.n }} | {{ row.precision | share }} | {{ row.recall | share }} |
{% endfor %}
{% endfor %}
{% if m.elsewhere %}

## Quality elsewhere

On the held-out fifth of a second kind of photos; values with at least 5 of them.

| attribute | value | pictures | precision | recall |
|---|---|---|---|---|
{% for name, head in m.elsewhere.items() if head.n %}
| **{{ name }}** | accuracy {{ head.accuracy | share }} | {{ head.n }} | | |
{% for value, row in head['values'].items() if row.n >= 5 %}
| | {{ value }} | {{ row.n }} | {{ row.precision | share }} | {{ row.recall | share }} |
{% endfor %}
{% endfor %}
{% endif %}
{% endif %}
{% for title, file in pictures.items() %}

![{{ title }}]({{ file }})
{% endfor %}

## Known failures

{% for line in about.failures %}
- {{ line }}
{% endfor %}

## Licence

{{ licence }}
"""


def write_card(network: str, metrics: Mapping[str, Any], run: Path, cards: Path) -> Path:
    """Writes ``NETWORK.md`` and its pictures to `cards`; returns the card's path.

    A learning curve that is kept there stays on the card.
    """
    cards.mkdir(parents=True, exist_ok=True)
    pictures = {}
    for name, title in TITLES.items():
        source = run / f"{name}.png"
        image = cv2.imread(str(source)) if source.is_file() else None
        if image is not None:
            scale = min(1.0, WIDEST / image.shape[1])
            small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(cards / f"{network}-{name}.png"), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
            pictures[title] = f"{network}-{name}.png"
    path = cards / f"{network}.md"
    path.write_text(with_curve(card_text(network, metrics, pictures), network, cards), encoding="utf-8")
    return path


def card_text(network: str, metrics: Mapping[str, Any], pictures: Mapping[str, str]) -> str:
    """The card as Markdown; `pictures` is title → file."""
    blank: dict[str, Any] = {
        "pictures": {},
        "recipe": {},
        "scores": {},
        "cards": {},
        "arithmetic": "float",
        "elsewhere": {},
    }
    return _template().render(
        network=network,
        m={**blank, **metrics},
        about=_about(network),
        pictures=pictures,
        start=("an earlier run, which began with " if metrics.get("earlier") else "")
        + ("EfficientNet-Lite0's ImageNet weights" if network in EVERY else "YOLO11n's COCO weights"),
        licence=licence(metrics),
    )


def _about(network: str) -> Mapping[str, Any]:
    """What the network is for, and its failures, as written by hand."""
    found = yaml.safe_load(FAILURES.read_text(encoding="utf-8"))[network]
    return dict(found)


def _template() -> Any:
    env = Environment(  # Markdown for a repository, not a page: nothing to escape
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    env.filters["share"] = lambda v: "–" if v is None else f"{v:.2f}"
    env.filters["spread"] = lambda v: "–" if v is None else f"{v[0]:.2f} ({v[1]:.2f} to {v[2]:.2f})"
    env.filters["of"] = lambda counts: f"{counts[0]} of {counts[1]}"
    env.filters["parts"] = lambda counts: ", ".join(f"{part} {n}" for part, n in counts.items())
    env.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    env.filters["settings"] = lambda recipe: ", ".join(f"{k} {v}" for k, v in _flat(recipe).items()) + "."
    return env.from_string(TEMPLATE)


def _flat(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in recipe.items() if k not in ("extra", "seed")} | dict(recipe.get("extra", {}))
