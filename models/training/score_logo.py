"""How well a logo is found on a chest, by its size: ``python -m models.training.score_logo --data DIR``.

The uniforms are composed as in `score_likeness`, on people that nothing was learned from; each picture is made as large
as a camera would see it before it is spoiled. A uniform without its logo and one with another company's are what must
not be taken for it.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np

from models.training import compose_uniforms as uniforms
from models.training.door_conditions import worsen
from models.training.likeness import SPOILED, Dressable, dressable, options, read
from models.training.poses import poses
from models.training.score_likeness import EXAMPLES, UNSEEN
from vision.logos import GONE, SEEN, Logo, Place, find_logo, usual
from vision.regions import Body
from vision.types import Image, Pose

TORSOS: Final = (60, 90, 120, 160, 220)
"""Torso lengths, in pixels, at which each picture is seen."""

OTHER: Final = 900
"""Added to a logo's seed: another company's logo."""


@dataclass(frozen=True, slots=True)
class Row:
    """One search: what was worn (logo, plain, other), how large, and the score."""

    uniform: str
    worn: str
    torso: int
    spoiled: bool
    width: float
    score: float


def measure(data: Path, weights: Path, cache: Path, people: int, seed: int = 7) -> Iterator[Row]:
    """Searches every composed picture for the uniform's logo, where ten others have it. Raises as `likeness.make`."""
    street, rng = data / "street", Random(seed)
    wearers = [w for w in dressable(street, poses(street, cache, weights), UNSEEN) if _frontal(w.pose)]
    for design in uniforms.UNIFORMS:
        logo = picture_of(design.logo or 0)
        some = rng.sample(wearers, min(people + EXAMPLES, len(wearers)))
        place = usual(m for w in some[:EXAMPLES] if (m := find_logo(w.dressed(design, rng), w.pose, logo)))
        print(design.name, place, flush=True)
        for wearer in some[EXAMPLES:]:
            yield from _searched(wearer, design, logo, place, rng)


def _frontal(pose: Pose) -> bool:
    """Whether the chest is seen: from the side no logo is composed."""
    across = pose.points[11, :2] - pose.points[12, :2]
    return abs(float(across[0])) >= 0.25 * Body.of(pose).torso


def picture_of(seed: int) -> Logo:
    """A composed uniform's logo as a site would give it: with transparent ground."""
    colours, ink = uniforms.logo(seed)
    return Logo(colours, ink)


def _searched(
    wearer: Dressable, design: uniforms.Design, logo: Logo, place: Place | None, rng: Random
) -> Iterator[Row]:
    across = wearer.pose.points[11, :2] - wearer.pose.points[12, :2]
    unit = Body.of(wearer.pose).torso
    image = read(wearer.path)
    variants = {"logo": design, "plain": design.plain(), "other": replace(design, logo=(design.logo or 0) + OTHER)}
    for worn, own in variants.items():
        whole = uniforms.dress(image, wearer.mask, wearer.pose, own)
        for torso in TORSOS:
            seen, pose = _sized(whole, wearer.pose, torso / unit)
            spoiled = rng.random() < SPOILED
            found = find_logo(worsen(seen, rng) if spoiled else seen, pose, logo, place)
            if found and torso / unit <= 1.3:
                width = 0.3 * float(np.linalg.norm(across)) * torso / unit
                yield Row(design.name, worn, torso, spoiled, width, found.score)


def _sized(image: Image, pose: Pose, scale: float) -> tuple[Image, Pose]:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    points = pose.points * np.array([scale, scale, 1], np.float32)
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), np.uint8), Pose(points)


def table(rows: list[Row], high: float, low: float) -> str:
    """By torso length: how many are found, not found, and neither, as Markdown."""
    lines = ["| torso (px) | logo (px) | worn | n | found | not there |", "|---|---|---|---|---|---|"]
    for torso in TORSOS:
        for worn in ("logo", "plain", "other"):
            some = [r for r in rows if (r.torso, r.worn) == (torso, worn)]
            if some:
                scores = np.array([r.score for r in some])
                shares = f"{(scores >= high).mean():.3f} | {(scores < low).mean():.3f}"
                lines.append(
                    f"| {torso} | {np.median([r.width for r in some]):.0f} | {worn} | {len(some)} | {shares} |"
                )
    return "\n".join(lines)


def main() -> None:
    """The command line: prints the table."""
    parser: argparse.ArgumentParser = options(__doc__)
    parser.add_argument("--people", type=int, default=25, help="wearers of each uniform")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--rows", type=Path, help="a CSV file for every search")
    args = parser.parse_args()
    rows = list(measure(args.data, args.weights, args.poses, args.people, args.seed))
    if args.rows:
        with args.rows.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([(r.uniform, r.worn, r.torso, r.spoiled, r.width, r.score) for r in rows])
    print(table(rows, SEEN, GONE))


if __name__ == "__main__":
    main()
