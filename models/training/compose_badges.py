"""Makes a training set for the badge network: made-up cards on real people.

``python -m models.training.compose_badges --street DIR --out DIR --count N --seed S``

Real badge photos are few, so cards, lanyards and clips are drawn onto the street people of `street` (layout:
``images/ID.webp``, ``people.csv``, ``labels.csv``). Output is ultralytics' oriented-box layout: 416×416 torso
pictures and ``class x1 y1 … x4 y4`` rows, 0 to 1, corners from the card's own top-left, clockwise.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.landmarks import Landmarks
from models.runtime import letterbox
from models.training import fresh_designs, unlike_designs
from models.training.badge_decoys import add_decoy
from models.training.badge_scenes import CLASSES, Body, Label, Scene, wear_badge, wear_lanyard_only
from models.training.card_designs import Designer, Portraits
from models.training.clothing_data import main_boxes
from models.training.door_conditions import worsen
from models.training.wild_designs import any_card
from vision.types import Box

Floats: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]
Composed: TypeAlias = tuple[str, Pixels, list[Label]]
"""Whose torso it is, the picture, and what is in it, in the picture's pixels."""

SIZE = 416
WORK = 512
"""Longer side of the picture in which cards are drawn; a little above `SIZE`, so that shrinking softens edges."""
HELD_OUT = 0.05
NOSE, LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_WRIST, RIGHT_WRIST, LEFT_HIP, RIGHT_HIP = 0, 11, 12, 15, 16, 23, 24
TORSO = (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP)


def compose(street: Path, out: Path, count: int, seed: int, train: bool = True) -> None:
    """Writes ``images``, ``labels`` (``train`` and ``val``) and ``data.yaml`` under `out`.

    The same arguments give the same pictures; without `train` only val is made. Body landmarks are found once and kept
    in ``out/landmarks.npz``.

    Raises:
        FileNotFoundError: `street` lacks ``people.csv`` or ``labels.csv``.
        ValueError: no person of `street` has a torso in view.
    """
    points = _torsos(street, out / "landmarks.npz")
    if not points:
        raise ValueError(f"{street}: nobody with shoulders and hips in view")
    people = sorted(points)
    Random(seed).shuffle(people)
    held = max(1, round(len(people) * HELD_OUT))
    _compose_part(street, out, "val", people[:held], points, max(1, round(count * HELD_OUT)), seed)
    if train:
        _compose_part(street, out, "train", people[held:] or people, points, count, seed)
    write_data_yaml(out)


def compose_training(street: Path, cache: Path, count: int, seed: int) -> Iterator[Composed]:
    """Pictures as `compose` writes them, one after another, on the labels' train people; `cache` keeps landmarks.

    Raises:
        FileNotFoundError: `street` lacks ``people.csv`` or ``labels.csv``.
    """
    points = _torsos(street, cache)
    people = sorted(points)
    Random(seed).shuffle(people)
    return _pictures(street, f"side-{seed}", people, points, count)


def compose_unlike(street: Path, cache: Path, count: int, seed: int) -> Iterator[Composed]:
    """Cards of `unlike_designs` on the labels' val people, on whom no training card hangs: to score on, not to train.

    The same arguments give the same pictures. Body landmarks are found once and kept in `cache`.

    Raises:
        FileNotFoundError: `street` lacks ``people.csv`` or ``labels.csv``.
    """
    return _on_val(street, cache, count, seed, "unlike", unlike_designs.draw_card)


def compose_fresh(street: Path, cache: Path, count: int, seed: int) -> Iterator[Composed]:
    """As `compose_unlike`, with cards of `fresh_designs`, which nothing was chosen by."""
    return _on_val(street, cache, count, seed, "fresh", fresh_designs.draw_card)


def _on_val(street: Path, cache: Path, count: int, seed: int, what: str, designer: Designer) -> Iterator[Composed]:
    points = _torsos(street, cache, "val")
    people = sorted(points)
    Random(seed).shuffle(people)
    return _pictures(street, f"{what}-{seed}", people, points, count, designer)


def write_data_yaml(out: Path) -> None:
    """The data set's description as ultralytics reads it; paths count from the file's own folder."""
    names = "".join(f"  {i}: {name}\n" for i, name in enumerate(CLASSES))
    text = f"path: {out.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{names}"
    (out / "data.yaml").write_text(text, encoding="utf-8")


def write_example(out: Path, part: str, name: str, picture: Pixels, labels: Sequence[Label]) -> None:
    """One picture, letterboxed to `SIZE`, and its label file. Quads are in pixels of `picture`."""
    image, placement = letterbox(picture, SIZE, SIZE)
    scale = np.array([placement.scale_x, placement.scale_y], np.float32)
    shift = np.array([placement.left, placement.top], np.float32)
    rows = []
    for label in labels:
        quad = np.clip((label.quad * scale + shift) / SIZE, 0.0, 1.0)
        rows.append(" ".join([str(CLASSES.index(label.kind)), *(f"{v:.5f}" for v in quad.reshape(-1))]))
    for folder in ("images", "labels"):
        (out / folder / part).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / "images" / part / f"{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
    (out / "labels" / part / f"{name}.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def _compose_part(
    street: Path, out: Path, part: str, people: Sequence[str], points: Mapping[str, Floats], count: int, seed: int
) -> None:
    for made, (person, picture, labels) in enumerate(_pictures(street, f"{part}-{seed}", people, points, count)):
        write_example(out, part, f"{made:05d}-{person}", picture, labels)


def _pictures(
    street: Path,
    seed: str,
    people: Sequence[str],
    points: Mapping[str, Floats],
    count: int,
    designer: Designer = any_card,
) -> Iterator[Composed]:
    made = attempt = 0
    while people and made < count and attempt < 20 * count + 20:
        person = people[attempt % len(people)]
        rng = Random(f"{seed}-{attempt}")
        attempt += 1
        image = cv2.imread(str(street / "images" / f"{person}.webp"))
        if image is None:
            continue
        heads = partial(_head, street, [p for p in people if p != person] or people, points)
        scene = _composed(np.asarray(image, np.uint8), points[person], rng, heads, designer)
        if not scene.spoilt:
            yield person, worsen(scene.picture, rng), scene.labels
            made += 1


def _head(street: Path, people: Sequence[str], points: Mapping[str, Floats], rng: Random) -> Pixels | None:
    """Somebody else's head and shoulders, to be a card's portrait."""
    person = rng.choice(people)
    image = cv2.imread(str(street / "images" / f"{person}.webp"))
    if image is None:
        return None
    nose, shoulders = points[person][NOSE, :2], points[person][[LEFT_SHOULDER, RIGHT_SHOULDER], :2].mean(axis=0)
    half = 0.95 * math.dist(nose, shoulders)
    x, y = float(nose[0]), float(nose[1]) + 0.15 * half
    box = Box(x - half, y - half, x + half, y + 1.2 * half).clip(image.shape[1], image.shape[0])
    part = image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    return np.asarray(part, np.uint8) if min(part.shape[:2]) >= 16 else None


def _composed(
    image: Pixels,
    points: Floats,
    rng: Random,
    portraits: Portraits | None = None,
    designer: Designer = any_card,
) -> Scene:
    scene = _scene(image, points, rng)
    scene.portraits, scene.designer = portraits, designer
    facing = points[LEFT_SHOULDER, 0] > points[RIGHT_SHOULDER, 0]
    kind = rng.random()
    for _ in range(rng.choice((0, 1, 1, 2)) if kind < 0.3 or rng.random() < 0.25 else 0):
        add_decoy(scene)
    if facing and kind >= 0.3:
        if kind < 0.33:
            wear_lanyard_only(scene)
        else:
            wear_badge(scene)
    _keep_inside(scene)
    return scene


def _keep_inside(scene: Scene) -> None:
    """Drops labels that are outside of the picture; a card that is half outside spoils the picture."""
    h, w = scene.picture.shape[:2]
    frame = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    kept = []
    for label in scene.labels:
        common, _ = cv2.intersectConvexConvex(frame, label.quad)
        share = common / max(1.0, abs(float(cv2.contourArea(label.quad))))
        if share >= 0.6:
            kept.append(label)
        elif share >= 0.2 and label.kind != "lanyard":
            scene.spoilt = True
    scene.labels = kept


def _scene(image: Pixels, points: Floats, rng: Random) -> Scene:
    """The torso, cut out with some chance in where and how wide, stretched and mirrored at times."""
    xy = points[:, :2].astype(np.float32)
    box = _torso_box(xy, rng).clip(image.shape[1], image.shape[0])
    x, y = int(box.x1), int(box.y1)
    part = image[y : max(y + 8, int(box.y2)), x : max(x + 8, int(box.x2))]
    stretch = rng.uniform(0.8, 1.35) if rng.random() < 0.4 else 1.0
    scale = WORK / max(part.shape[1] * stretch, part.shape[0])
    size = max(8, round(part.shape[1] * stretch * scale)), max(8, round(part.shape[0] * scale))
    picture = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    moved = (xy - np.array([x, y], np.float32)) * np.array([stretch * scale, scale], np.float32)
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        moved[:, 0] = size[0] - moved[:, 0]
    light = min(1.05, max(0.5, float(np.percentile(picture.max(axis=2), 95)) / 235))
    return Scene(picture, _body(moved, points[:, 2]), rng, light)


def _torso_box(xy: Floats, rng: Random) -> Box:
    """From the chin to a third below the hips, and a third beyond each shoulder; sometimes much wider."""
    torso = xy[list(TORSO)]
    (left, top), (right, low) = torso.min(axis=0), torso.max(axis=0)
    height = float(low - top)
    width = max(float(right - left), 0.5 * height)
    middle = float(left + right) / 2
    box = Box(middle - width * 0.85, float(top) - 0.25 * height, middle + width * 0.85, float(low) + 0.3 * height)
    wider = rng.uniform(0.15, 0.6) if rng.random() < 0.3 else rng.uniform(-0.04, 0.1)
    dx, dy = rng.gauss(0, 0.04) * width, rng.gauss(0, 0.04) * height
    box = box.grow(wider, wider * rng.uniform(0.3, 1.0))
    return Box(box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2 + dy)


def _body(xy: Floats, visibility: Floats) -> Body:
    shoulders = sorted((xy[LEFT_SHOULDER], xy[RIGHT_SHOULDER]), key=lambda p: float(p[0]))
    hips = sorted((xy[LEFT_HIP], xy[RIGHT_HIP]), key=lambda p: float(p[0]))
    wrists = tuple(xy[i] for i in (LEFT_WRIST, RIGHT_WRIST) if visibility[i] > 0.5)
    return Body(shoulders[0], shoulders[1], hips[0], hips[1], wrists)


def _torsos(street: Path, cache: Path, split: str = "train") -> dict[str, Floats]:
    """Landmarks, (33, 3) x, y, visibility in pixels, of a split's people whose torso is in view."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    if cache.is_file():
        with np.load(cache) as stored:
            found = {name: np.asarray(stored[name], np.float32) for name in stored.files}
    else:
        found = _find_landmarks(street, split)
        np.savez(cache, **found)
    return {name: points for name, points in found.items() if _usable(points)}


def _usable(points: Floats) -> bool:
    torso = points[list(TORSO)]
    tall = math.dist(torso[:2, :2].mean(axis=0), torso[2:, :2].mean(axis=0))
    return bool((torso[:, 2] > 0.5).all()) and tall > 60


def _find_landmarks(street: Path, split: str) -> dict[str, Floats]:
    landmarks, found = Landmarks(), {}
    for name, box in _main_people(street, split).items():
        image = cv2.imread(str(street / "images" / f"{name}.webp"))
        pose = None if image is None else landmarks.pose(np.asarray(image, np.uint8), box)
        if pose is not None:
            found[name] = pose.points
    return found


def _main_people(street: Path, split: str) -> dict[str, Box]:
    """The main person of a split's pictures."""
    with (street / "labels.csv").open(encoding="utf-8") as file:
        wanted = {row["id"] for row in csv.DictReader(file) if row["split"] == split}
    return {name: box for name, box in main_boxes(street).items() if name in wanted}


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a training set for the badge network.")
    parser.add_argument("--street", type=Path, required=True, help="folder with images/, people.csv, labels.csv")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=2000, help="training pictures to make")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    compose(given.street, given.out, given.count, given.seed)


if __name__ == "__main__":
    main()
