"""Training pictures for the footwear network: boxes from the street photos' masks, kinds from their labels.

The masks tell where shoes are but hardly which ("shoes" is their commonest class); the labels tell the kind of the
main person's pair. A picture without a mask, such as one from elsewhere, can take its boxes from the trained clothing
network.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.clothing import ClothingNetwork
from models.footwear import CLASSES
from models.runtime import cut
from models.training.clothing_data import MASK_CLASSES, main_boxes, mask_names, read_pixels
from models.training.street import SKIPPED, Labelled, part_of
from vision.regions import crops
from vision.types import Box, Image, Pose

SIDE = 320
"""Longest side of the written pictures, in pixels: the network's own."""

GAP = 5
"""Patches nearer than this many mask pixels are one shoe: straps of a sandal, a heel behind a trouser leg."""

LEAST = 0.006
"""A patch smaller than this share of the feet's crop is no shoe but a slip of the mask."""

SURE = 0.4
"""How sure the clothing network must be of a shoe whose box is learned from."""

KEPT = 0.5
"""A box of which less than this share is left in a cut picture is no longer labelled."""

LEFT, RIGHT = (27, 29, 31), (28, 30, 32)
"""Ankle, heel and toe of each foot, by MediaPipe's numbers."""

BOTH = 0.25
"""A patch of which each foot has at least this share is two touching shoes."""

MOST_ROUNDS = 4
"""How often, at most, pictures of a rare kind are taken, each time cut differently."""

Mask: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pair:
    """The shoes of one picture: `boxes` in frame pixels, all of kind `shoe`; `feet` is the crop as in use."""

    key: str
    path: Path
    part: str
    shoe: str
    feet: Box
    boxes: tuple[Box, ...]


def build(
    street: Path,
    out: Path,
    poses: Mapping[str, Pose],
    clothing: ClothingNetwork | None = None,
    seed: int = 0,
    more: Iterable[Labelled] = (),
) -> Path:
    """Writes ``images`` and ``labels`` (``train`` and ``val``) and ``data.yaml`` under `out`; returns the latter.

    `poses` are the main people's landmarks by picture id. With `clothing`, pictures without a mask take part too, and
    beside the street ones those of `more` that are to train on. Calibration pictures are trained on, val ones never.
    The same arguments give the same pictures.

    Raises:
        PictureError: a labelled picture can't be read.
        FileNotFoundError: `street` lacks one of its tables.
    """
    rng = np.random.default_rng(seed)
    pairs = [*_pairs(street, poses, clothing), *(_pairs_of(more, clothing) if clothing else ())]
    counts = Counter(p.shoe for p in pairs if p.part == "train")
    for pair in pairs:
        image = read_pixels(pair.path, cv2.IMREAD_COLOR)
        rounds = _rounds(counts, pair.shoe) if pair.part == "train" else 1
        for i in range(rounds):
            window = _jittered(pair.feet, rng) if pair.part == "train" else pair.feet
            _write(out, pair, f"{pair.key}-{i}", image, window)
    listing = "".join(f"  {i}: {name}\n" for i, name in enumerate(CLASSES))
    text = f"path: {out.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{listing}"
    (out / "data.yaml").write_text(text, encoding="utf-8")
    return out / "data.yaml"


def _rounds(counts: Mapping[str, int], shoe: str) -> int:
    """Rare kinds are taken more often, by the square root of how rare: a plain balance would learn them by heart."""
    rarity = max(counts.values()) / max(1, counts[shoe])
    return int(np.clip(round(float(np.sqrt(rarity))), 1, MOST_ROUNDS))


def _pairs(street: Path, poses: Mapping[str, Pose], clothing: ClothingNetwork | None) -> Iterator[Pair]:
    names = mask_names(street)
    people = main_boxes(street)
    with (street / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key, shoe = row["id"], row["shoe"]
            if shoe not in CLASSES or key in SKIPPED or key not in poses:
                continue
            feet, path = crops(poses[key])["feet"], street / "images" / f"{key}.webp"
            mask = street / "masks" / f"{key}.png"
            boxes: Sequence[Box] = ()
            if mask.is_file():
                boxes = patches(_shoes(read_pixels(mask, cv2.IMREAD_GRAYSCALE), names), feet, poses[key])
            elif clothing is not None and key in people:
                boxes = _seen(clothing, read_pixels(path, cv2.IMREAD_COLOR), people[key], feet)
            if boxes:
                part = "val" if part_of(key, row["split"]) == "val" else "train"
                yield Pair(key, path, part, shoe, feet, tuple(boxes))


def _pairs_of(items: Iterable[Labelled], clothing: ClothingNetwork) -> Iterator[Pair]:
    """The pairs of pictures to train on that have neither masks nor people's boxes."""
    for item in items:
        shoe = item.labels.get("shoe", "")
        if item.part == "train" and shoe in CLASSES:
            feet, person = crops(item.pose)["feet"], _person(item.pose)
            boxes = _seen(clothing, read_pixels(item.path, cv2.IMREAD_COLOR), person, feet)
            if boxes:
                yield Pair(item.key, item.path, "train", shoe, feet, tuple(boxes))


def _person(pose: Pose) -> Box:
    """About the box that a detector would give: landmarks end at the eyes and at the toes."""
    return _around(pose.points[:, :2]).grow(0.1)


def _shoes(mask: Mask, names: Sequence[str]) -> Mask:
    wanted = [names.index(name) for name in MASK_CLASSES["shoe"]]
    return np.asarray(np.isin(mask, wanted), np.uint8)


def patches(shoes: Mask, feet: Box, pose: Pose) -> list[Box]:
    """The boxes of separate shoes in a mask (H, W) of 0 and 1, in its pixels; what lies outside `feet` is left out.

    Patches go to the foot that they are nearest to, so that straps are one shoe and touching shoes are two.
    """
    kernel = np.ones((GAP, GAP), np.uint8)
    count, numbers = cv2.connectedComponents(cv2.morphologyEx(shoes, cv2.MORPH_CLOSE, kernel))
    least = max(LEAST * feet.area, 12.0)
    pixels = [np.argwhere((numbers == i) & (shoes > 0))[:, ::-1] for i in range(1, count)]
    by_foot: dict[int, list[NDArray[np.intp]]] = {0: [], 1: []}
    for points in (p for p in pixels if len(p) >= least):
        for foot, own in enumerate(_halves(points, pose)):
            if len(own):
                by_foot[foot].append(own)
    boxes = [_around(np.concatenate(points)) for points in by_foot.values() if points]
    return [b for b in boxes if b.intersection(feet.grow(0.1)) >= KEPT * b.area]


def _halves(points: NDArray[np.intp], pose: Pose) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A patch's pixels (n, 2) by foot, left then right: divided only if both feet have a good part of it."""
    gaps = [
        np.linalg.norm(points[:, None] - pose.points[None, list(foot), :2], axis=2).min(axis=1)
        for foot in (LEFT, RIGHT)
    ]
    left = gaps[0] <= gaps[1]
    if abs(float(left.mean()) - 0.5) > 0.5 - BOTH:
        left[:] = left.mean() > 0.5
    return points[left], points[~left]


def _around(points: NDArray[Any]) -> Box:
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    return Box(float(x1), float(y1), float(x2 + 1), float(y2 + 1))


def _seen(clothing: ClothingNetwork, image: Image, person: Box, feet: Box) -> list[Box]:
    """The clothing network's shoes on the person's feet; none if more than two, which are not one person's."""
    found = [d.box for d in clothing.find(image, person) if d.label == "shoe" and d.confidence >= SURE]
    on_feet = [b for b in found if b.area >= LEAST * feet.area and b.intersection(feet.grow(0.1)) >= KEPT * b.area]
    return on_feet if len(on_feet) <= 2 else []


def _jittered(feet: Box, rng: np.random.Generator) -> Box:
    """The crop as another picture's landmarks might have placed it; now and then cut at the bottom, as at a door."""
    moved = feet.grow(float(rng.uniform(-0.08, 0.2)), float(rng.uniform(-0.08, 0.2)))
    dx, dy = rng.normal(0.0, 0.05, 2) * (moved.width, moved.height)
    low = moved.height * float(rng.uniform(0.1, 0.3)) if rng.random() < 0.1 else 0.0
    return Box(moved.x1 + dx, moved.y1 + dy, moved.x2 + dx, moved.y2 + dy - low)


def _write(out: Path, pair: Pair, name: str, image: Image, window: Box) -> None:
    part, place = cut(image, window)
    rows = _rows(pair, place)
    if not rows:
        return
    scale = SIDE / max(part.shape[:2])
    size = max(2, round(part.shape[1] * scale)), max(2, round(part.shape[0] * scale))
    picture = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    for folder in ("images", "labels"):
        (out / folder / pair.part).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / "images" / pair.part / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    (out / "labels" / pair.part / f"{name}.txt").write_text("".join(rows), encoding="utf-8")


def _rows(pair: Pair, place: Box) -> list[str]:
    """YOLO rows (class, centre, size; shares of the cut picture) of the shoes that are still in it."""
    rows = []
    for box in pair.boxes:
        left = Box(box.x1 - place.x1, box.y1 - place.y1, box.x2 - place.x1, box.y2 - place.y1)
        left = left.clip(place.width, place.height)
        if left.area >= KEPT * box.area:
            (x, y), w, h = left.centre, place.width, place.height
            values = x / w, y / h, left.width / w, left.height / h
            rows.append(" ".join([str(CLASSES.index(pair.shoe)), *(f"{v:.5f}" for v in values)]) + "\n")
    return rows
