"""Training pictures for the clothing network, from the street photos' pixel masks.

A person's crop is twice as tall as wide, and training tiles are square: two people stand side by side in each
tile, so that no pixel is spent on padding.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.clothing import CLASSES, MARGIN, SIZE
from models.runtime import GREY
from models.training.learning_parts import rings
from models.training.street import SKIPPED, part_of
from vision.errors import PictureError
from vision.types import Box, Image

MASK_CLASSES: Mapping[str, tuple[str, ...]] = {
    "top": ("blouse", "bodysuit", "hoodie", "jumper", "shirt", "sweater", "sweatshirt", "t-shirt", "top", "bra"),
    "outerwear": ("blazer", "cape", "cardigan", "coat", "jacket", "suit", "vest"),
    "dress": ("dress", "romper"),
    "trousers": ("jeans", "pants"),
    "shorts": ("shorts",),
    "skirt": ("skirt",),
    "legwear": ("leggings", "socks", "stockings", "tights"),
    "shoe": (
        *("boots", "clogs", "flats", "heels", "loafers"),
        *("pumps", "sandals", "shoes", "sneakers", "wedges"),
    ),
    "hair": ("hair",),
    "skin": ("skin",),
    "belt": ("belt",),
    "tie": ("tie",),
    "scarf": ("scarf",),
    "bag": ("bag", "purse", "wallet"),
    "hat": ("hat",),
    "glasses": ("glasses",),
    "sunglasses": ("sunglasses",),
}
APART = {"shoe", "skin", "legwear", "bag"}
"""Classes whose separate patches are separate things; any other class is one thing a person."""

ROUNDS = 10
"""How often every picture is part of an epoch, each time beside another and cut otherwise."""

Instance = tuple[int, list[NDArray[np.float32]]]


def main_boxes(folder: Path) -> dict[str, Box]:
    """The main person's box by picture: largest area times confidence."""
    best: dict[str, tuple[float, Box]] = {}
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            box = Box(*(float(row[k]) for k in ("x1", "y1", "x2", "y2")))
            weight = box.area * float(row["confidence"])
            if weight > best.get(row["id"], (0.0, box))[0]:
                best[row["id"]] = (weight, box)
    return {k: box for k, (_, box) in best.items()}


def mask_names(street: Path) -> list[str]:
    """The names of the masks' class ids."""
    return [
        line.split(maxsplit=1)[1]
        for line in (street / "mask_classes.txt").read_text(encoding="utf-8").splitlines()
        if line
    ]


def grouped(mask: NDArray[np.uint8], names: Sequence[str]) -> NDArray[np.uint8]:
    """The data's class ids as ours plus one; 0 is nothing."""
    table = np.zeros(256, np.uint8)
    for i, label in enumerate(CLASSES):
        for name in MASK_CLASSES[label]:
            table[names.index(name)] = i + 1
    return np.asarray(table[mask], np.uint8)


def instances(mask: NDArray[np.uint8]) -> Iterator[Instance]:
    """Things in a grouped mask, each with its outlines (n, 2) in mask pixels."""
    for i, label in enumerate(CLASSES):
        binary = (mask == i + 1).astype(np.uint8)
        least = max(12.0, mask.size * 4e-5)
        found, _ = cv2.findContours(binary, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_KCOS)
        outlines = [c.reshape(-1, 2).astype(np.float32) for c in found if cv2.contourArea(c) >= least and len(c) > 2]
        if label in APART:
            yield from ((i, [c]) for c in outlines)
        elif outlines:
            yield i, outlines


def window_of(box: Box, rng: np.random.Generator, shape: tuple[int, ...], loose: bool) -> Box:
    """The person's crop as in use; `loose` varies its place and size and sometimes cuts people off."""
    grown = box.grow(MARGIN)
    if loose:
        dx, dy = rng.normal(0, 0.04, 2) * (grown.width, grown.height)
        grown = grown.grow(float(rng.uniform(-0.04, 0.15)))
        grown = Box(grown.x1 + dx, grown.y1 + dy, grown.x2 + dx, grown.y2 + dy)
        if rng.random() < 0.3:  # upper or lower half only, as near a door
            cut = grown.y1 + grown.height * rng.uniform(0.45, 0.75)
            upper = rng.random() < 0.6
            grown = Box(grown.x1, grown.y1 if upper else cut, grown.x2, cut if upper else grown.y2)
    return grown.clip(shape[1], shape[0])


def fitted(image: Image, mask: NDArray[np.uint8], part: Box) -> tuple[Image, NDArray[np.uint8]]:
    """The crop and its mask, letterboxed to the network's input."""
    x1, y1 = int(part.x1), int(part.y1)
    x2, y2 = max(x1 + 8, int(part.x2)), max(y1 + 8, int(part.y2))
    image, mask = image[y1:y2, x1:x2], mask[y1:y2, x1:x2]
    scale = min(SIZE[0] / mask.shape[0], SIZE[1] / mask.shape[1])
    w, h = max(2, round(mask.shape[1] * scale)), max(2, round(mask.shape[0] * scale))
    left, top = (SIZE[1] - w) // 2, (SIZE[0] - h) // 2
    picture, labels = np.full((*SIZE, 3), GREY, np.uint8), np.zeros(SIZE, np.uint8)
    picture[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA)
    labels[top : top + h, left : left + w] = cv2.resize(mask, (w, h), interpolation=cv2.INTER_NEAREST)
    return picture, labels


def label_rows(mask: NDArray[np.uint8], left: int, width: int) -> list[str]:
    """YOLO segmentation rows of one half of a tile; outlines of one thing are joined by a thin line."""
    from ultralytics.data.converter import merge_multi_segment

    rows = []
    for label, outlines in instances(mask):
        one = outlines[0] if len(outlines) == 1 else np.concatenate(merge_multi_segment(outlines))
        flat = ((one + np.array([left, 0])) / [width, mask.shape[0]]).clip(0, 1)
        rows.append(" ".join([str(label), *(f"{v:.5f}" for v in flat.reshape(-1))]))
    return rows


def build(
    street: Path,
    out: Path,
    rounds: int = ROUNDS,
    seed: int = 0,
    shares: Sequence[float] = (1.0,),
    presumed: Path | None = None,
) -> Path:
    """Writes tiles for training (`rounds` differently paired and cut sets) and val, and ``data.yaml``, whose path
    is returned. Only pictures with a mask take part, and those whose mask `clothing_tags` wrote to `presumed`;
    calibration pictures are trained on, val ones never.

    Nobody stands beside somebody of a larger part: each of the parts that `learning_parts.nested` makes for `shares`
    has tiles of its own, as many for every picture.
    """
    parts = _parts(street, main_boxes(street))
    parts["train"] += sorted(path.stem for path in presumed.glob("*.png")) if presumed else []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        groups = rings(parts["train"], shares, seed)
        sets = [("train", ring, i) for ring in groups for i in range(rounds)] + [("val", parts["val"], 0)]
        made = [pool.submit(_tiles, street, out, part, keys, seed, i, presumed) for part, keys, i in sets]
        for one in made:
            one.result()
    listing = "\n".join(f"  {i}: {label}" for i, label in enumerate(CLASSES))
    (out / "data.yaml").write_text(f"path: {out}\ntrain: images/train\nval: images/val\nnames:\n{listing}\n")
    return out / "data.yaml"


def _parts(street: Path, boxes: Mapping[str, Box]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {"train": [], "val": []}
    with (street / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["id"]
            if key not in SKIPPED and key in boxes and (street / "masks" / f"{key}.png").exists():
                parts["val" if part_of(key, row["split"]) == "val" else "train"].append(key)
    return parts


def read_pixels(path: Path, mode: int) -> NDArray[np.uint8]:
    """A picture or mask as OpenCV reads it in this mode. Raises `PictureError` where it can't."""
    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise PictureError(f"{path}: can't be read")
    return np.asarray(picture, np.uint8)


def _mask(street: Path, key: str, names: Sequence[str], presumed: Path | None) -> NDArray[np.uint8]:
    path = street / "masks" / f"{key}.png"
    if presumed is None or path.exists():
        return grouped(read_pixels(path, cv2.IMREAD_GRAYSCALE), names)
    return read_pixels(presumed / f"{key}.png", cv2.IMREAD_GRAYSCALE)


def _tiles(
    street: Path, out: Path, part: str, keys: Sequence[str], seed: int, number: int, presumed: Path | None
) -> None:
    """One round of tiles, named by its number and their two pictures; val ones are cut as in use and stand in the order
    of `keys`."""
    images, labels = out / "images" / part, out / "labels" / part
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    rng, names, boxes = np.random.default_rng((seed, number)), mask_names(street), main_boxes(street)
    train = part == "train"
    order = list(rng.permutation(keys)) if train else keys
    for pair in range(0, len(order) - 1, 2):
        halves, rows = [], []
        for side, key in enumerate(order[pair : pair + 2]):
            image = read_pixels(street / "images" / f"{key}.webp", cv2.IMREAD_COLOR)
            mask = _mask(street, key, names, presumed)
            picture, fitted_mask = fitted(image, mask, window_of(boxes[key], rng, image.shape, train))
            halves.append(picture)
            rows += label_rows(fitted_mask, side * SIZE[1], 2 * SIZE[1])
        name = f"{number}_{order[pair]}_{order[pair + 1]}"
        cv2.imwrite(str(images / f"{name}.jpg"), np.hstack(halves), [cv2.IMWRITE_JPEG_QUALITY, 92])
        (labels / f"{name}.txt").write_text("\n".join(rows) + "\n")
