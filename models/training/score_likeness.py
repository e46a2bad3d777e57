"""How well likeness to examples tells composed uniforms of other people: ``python -m models.training.score_likeness``.

The people are those that neither the space nor its points come from (val and calibration parts), the uniforms are none
of those that it was learned from. A uniform's examples and its tests are on different people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from models.examples import read_spaces
from models.training import compose_uniforms as uniforms
from models.training.door_conditions import worsen
from models.training.likeness import SPOILED, Dressable, Eyes, dressable, options, read
from models.training.street import pictures
from vision.example_limits import Share, limits
from vision.likeness import Floats, Space, likeness
from vision.types import Image

UNSEEN: Final = ("val", "calibration")
EXAMPLES, WORN = 10, 50
HARD, NEAR, FAR = 10, 15.0, 30.0
"""Hard cases: so many of each, and how far their colour is from the uniform's, in CIELAB units."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group of pictures under one uniform: those said to be alike, and those said to be unlike."""

    uniform: str
    group: str
    alike: Share
    unlike: Share


def score(space: Space, name: str, examples: Floats, tests: Mapping[str, Floats]) -> list[Row]:
    """What is said of groups of points (n, m), by the limits that a site with these examples (k, m) would have."""
    scale, _ = limits(examples, space, space.others)
    rows = []
    for group, points in tests.items():
        values = likeness(points, examples, space.spread)
        alike, unlike = (Share(int(v.sum()), len(v)) for v in (values >= scale.high, values <= scale.low))
        rows.append(Row(name, group, alike, unlike))
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows, and their sum over all uniforms, as Markdown."""
    lines = ["| uniform | pictures of | n | alike | unlike |", "|---|---|---|---|---|"]
    groups = dict.fromkeys(row.group for row in rows)
    sums = [_sum(group, [row for row in rows if row.group == group]) for group in groups]
    for row in [*rows, *sums]:
        low, high = row.alike.interval
        told = f"{row.alike.value:.3f} ({low:.3f}–{high:.3f})"
        lines.append(f"| {row.uniform} | {row.group} | {row.alike.total} | {told} | {row.unlike.value:.3f} |")
    return "\n".join(lines)


def _sum(group: str, rows: Sequence[Row]) -> Row:
    def added(shares: Sequence[Share]) -> Share:
        return Share(sum(s.count for s in shares), sum(s.total for s in shares))

    return Row("**all**", group, added([r.alike for r in rows]), added([r.unlike for r in rows]))


def measure(data: Path, weights: Path, cache: Path, seed: int = 5) -> list[Row]:
    """Composes the test uniforms, reads them as a check would, and scores them. Raises as `likeness.make`."""
    street, rng = data / "street", Random(seed)
    eyes, space = Eyes(street, weights, cache), read_spaces(weights)["uniform"]
    wearers = list(dressable(street, eyes.poses, UNSEEN))
    strangers = _points(space, (eyes.torso(key, image) for key, image in _strangers(street, rng)))
    rows = []
    for design in uniforms.UNIFORMS:
        found = _groups(eyes, space, rng.sample(wearers, len(wearers)), design, rng)
        rows += score(space, design.name, found.pop("examples"), found | {"others": strangers})
    return rows


def _strangers(street: Path, rng: Random) -> Iterator[tuple[str, Image]]:
    """People in their own clothes, half of them as a door's camera would see them."""
    for item in pictures(street):
        if item.part in UNSEEN:
            image = read(item.path)
            yield item.key, worsen(image, rng) if rng.random() < SPOILED else image


def _groups(
    eyes: Eyes, space: Space, wearers: Sequence[Dressable], design: uniforms.Design, rng: Random
) -> dict[str, Floats]:
    """The points of a uniform's examples, of its tests and of the hard cases, each on other people."""
    plan = {
        "examples": [design] * EXAMPLES,
        "the uniform": [design] * WORN,
        "the uniform without its logo": [design.plain()] * HARD,
        f"a colour {NEAR:g} away, no logo": [design.near(NEAR, rng) for _ in range(HARD)],
        f"a colour {FAR:g} away, no logo": [design.near(FAR, rng) for _ in range(HARD)],
    }
    people = iter(wearers)
    return {
        group: _points(space, (eyes.torso(w.key, w.dressed(d, rng)) for d, w in zip(designs, people, strict=False)))
        for group, designs in plan.items()
    }


def _points(space: Space, features: Iterable[Floats | None]) -> Floats:
    return space.place(np.stack([f for f in features if f is not None]))


def main() -> None:
    """The command line: prints the table."""
    parser = options(__doc__)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    print(table(measure(args.data, args.weights, args.poses, args.seed)))


if __name__ == "__main__":
    main()
