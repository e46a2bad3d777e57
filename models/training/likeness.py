"""Makes ``likeness.npz`` of the weights folder: where things are compared, and other people's torsos and bags there.

Run as ``python -m models.training.likeness --data DIR``, and again whenever the person network is exported anew: what
was made with another one is refused. No pictures are kept: at most the colours of a torso in 24 coarse cells can be
worked out of a point.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import cv2
import numpy as np

from models.examples import FILE, Features, bag_patches, network_key, uniform_patch
from models.manifest import sha256
from models.training import compose_uniforms as uniforms
from models.training.door_conditions import worsen
from models.training.errors import TrainingError
from models.training.likeness_space import axes
from models.training.packaged import clothing_network, person_detector
from models.training.poses import poses
from models.training.street import pictures
from vision.example_sets import KINDS
from vision.facts import own
from vision.likeness import Floats
from vision.patches import Patch
from vision.pictures import write_whole
from vision.types import Cause, Detection, Image, Mask, Person, Pose

DESIGNS, WEARERS = 40, 6
"""How many composed uniforms the scatter within a design is learned from, and on how many people each."""

SPOILED: Final = 0.5
"""The share of composed pictures that look as through a door's camera."""


class Eyes:
    """The networks that features need, and the main person of each street picture."""

    def __init__(self, street: Path, weights: Path, cache: Path) -> None:
        clothing = clothing_network(weights)
        if clothing is None:
            raise TrainingError(f"{weights}: there is no clothing network, whose masks are needed")
        self._clothing, self._people = clothing, person_detector(weights)
        self.features, self.poses = Features(weights), poses(street, cache, weights)

    def wearer(self, key: str, image: Image) -> tuple[Person, list[Detection]] | None:
        """The main person and their garments."""
        found = self._people.find(image)
        if not found or key not in self.poses:
            return None
        person = Person(found[0].box, found[0].confidence, self.poses[key])
        return person, list(own(self._clothing.find(image, person.box), person))

    def torso(self, key: str, image: Image) -> Floats | None:
        """The features of the main person's torso."""
        seen = self.wearer(key, image)
        patch = uniform_patch(image, *seen) if seen else None
        return self.features.of(patch) if isinstance(patch, Patch) else None

    def bags(self, key: str, image: Image) -> list[Floats]:
        """The features of the main person's bags."""
        seen = self.wearer(key, image)
        return [self.features.of(patch) for patch in bag_patches(image, seen[1])] if seen else []


@dataclass(frozen=True, slots=True, eq=False)
class Dressable:
    """A street picture whose main person can be dressed in a composed uniform."""

    key: str
    path: Path
    pose: Pose
    mask: Mask

    def dressed(self, design: uniforms.Design, rng: Random) -> Image:
        """The picture in a uniform, half of the time as a door's camera would see it."""
        image = uniforms.dress(read(self.path), self.mask, self.pose, design)
        return worsen(image, rng) if rng.random() < SPOILED else image


def dressable(street: Path, found: Mapping[str, Pose], parts: Sequence[str]) -> Iterator[Dressable]:
    """The pictures of some parts that have a mask of a top that can be recoloured."""
    for item in pictures(street):
        path = street / "masks" / f"{item.key}.png"
        if item.part in parts and item.key in found and path.is_file():
            mask = uniforms.upper_mask(np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8))
            if mask.any() and uniforms.fits(read(item.path), mask, found[item.key]):
                yield Dressable(item.key, item.path, found[item.key], mask)


def make(data: Path, weights: Path, cache: Path, most: int, seed: int = 0) -> Path:
    """Writes ``likeness.npz`` and ``likeness.toml``; at most `most` street pictures of the train part are others.

    Raises:
        TrainingError: there is no clothing network.
        WeightsError: there is no person network, or it is no YOLO.
    """
    street, rng = data / "street", Random(seed)
    eyes = Eyes(street, weights, cache)
    keys = [(p.key, p.path) for p in pictures(street) if p.part == "train"]
    rng.shuffle(keys)
    torsos, bags = _others(eyes, keys[:most])
    wearers = list(dressable(street, eyes.poses, ("train",)))
    designs = [_design(eyes, rng.sample(wearers, WEARERS), uniforms.drawn(rng), rng) for _ in range(DESIGNS)]
    return write(weights, space(torsos, bags, [d for d in designs if len(d) > 1]), len(keys[:most]))


def _others(eyes: Eyes, keys: Sequence[tuple[str, Path]]) -> tuple[Floats, Floats]:
    """Torsos (n, features) and bags (k, features) of street pictures."""
    torsos, bags = [], []
    for number, (key, path) in enumerate(keys):
        image = read(path)
        seen = eyes.wearer(key, image)
        patch = uniform_patch(image, *seen) if seen else Cause.NOT_FOUND
        if isinstance(patch, Patch):
            torsos.append(eyes.features.of(patch))
        bags += [eyes.features.of(bag) for bag in bag_patches(image, seen[1])] if seen else []
        if number % 100 == 0:
            print(f"{number} of {len(keys)} pictures", flush=True)
    return np.stack(torsos), np.stack(bags)


def _design(eyes: Eyes, wearers: Sequence[Dressable], design: uniforms.Design, rng: Random) -> Floats:
    found = (eyes.torso(w.key, w.dressed(design, rng)) for w in wearers)
    return np.array([f for f in found if f is not None], np.float32)


def space(torsos: Floats, bags: Floats, designs: Sequence[Floats]) -> dict[str, Floats]:
    """The arrays of ``likeness.npz``: common axes, and by kind the mean, the spread and others' points.

    What scatters within a design was learned of uniforms; for bags the same is assumed.
    """
    turned, _ = axes(torsos, designs)
    arrays = {"axes": turned}
    for kind, features in zip(KINDS, (torsos, bags), strict=True):
        mean = features.mean(axis=0)
        points = (features - mean) @ turned
        spread = np.maximum(points.var(axis=0) - 1, 1e-2)  # what differs includes what scatters within a design
        arrays |= {f"{kind}_mean": mean, f"{kind}_spread": spread, f"{kind}_others": points.astype(np.float16)}
    return {name: a if a.dtype == np.float16 else a.astype(np.float32) for name, a in arrays.items()}


def write(weights: Path, arrays: Mapping[str, Floats], pictures_read: int) -> Path:
    """Writes the space and, beside it, where it comes from and which network it belongs to."""
    path, packed = weights / FILE, io.BytesIO()
    np.savez_compressed(packed, **dict(arrays))  # type: ignore[arg-type]
    write_whole(path, packed.getvalue())
    about = {
        "file": FILE,
        "sha256": sha256(path),
        "network": network_key(weights),
        "data": f"street photos (train part, {pictures_read} pictures): points of torsos and bags, no pictures",
        "made_by": "python -m models.training.likeness",
        "licence": "AGPL-3.0-or-later",
    } | {kind: len(arrays[f"{kind}_others"]) for kind in KINDS}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in about.items())
    write_whole(path.with_suffix(".toml"), lines.encode())
    return path


def read(path: Path) -> Image:
    """A data set's picture, BGR. Raises `TrainingError` where it can't be read."""
    image = cv2.imread(str(path))
    if image is None:
        raise TrainingError(f"{path}: no picture that can be read")
    return np.asarray(image, np.uint8)


def options(about: str | None) -> argparse.ArgumentParser:
    """The options that making and scoring have in common."""
    parser = argparse.ArgumentParser(description=about)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--data", type=Path, required=True, help="the data folder, with street/")
    parser.add_argument("--weights", type=Path, default=root / "models" / "weights")
    parser.add_argument("--poses", type=Path, default=Path("runs/poses-street.npz"), help="landmarks, once found")
    return parser


def main() -> None:
    """The command line."""
    parser = options(__doc__)
    parser.add_argument("--most", type=int, default=900, help="street pictures for the points of others")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(make(args.data, args.weights, args.poses, args.most, args.seed))


if __name__ == "__main__":
    main()
