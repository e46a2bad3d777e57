"""Head crops without a head, for the head network's attribute ``somebody``.

The person detector takes some coats on hangers for people, and landmarks are then found on them, too: the head is
where it would be. What shows there is wall and collar. Such crops are made from the street photos: the head is erased
by its mask and filled in from its surroundings, or the window lies on the clothes, or beside the person. Elsewhere
people stand so close that what is beside one may be another's head.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.attributes import AttributeSpec
from models.clothing import CLASSES
from models.runtime import window
from models.training.clothing_data import grouped, mask_names
from models.training.crop_table import MISSING, Crops
from models.training.street import Labelled
from vision.regions import Body, crops
from vision.types import Box, Image, Pose

SHARE: Final = 0.4
"""Of the pictures, those from which a crop is made."""
PARTS: Final = ("hair", "skin", "hat", "glasses", "sunglasses")
"""Classes of the masks that make up a head."""
WIDER: Final = 0.03
"""What is erased around them, in torso lengths: masks end inside of the hair."""


def load(items: Iterable[Labelled], spec: AttributeSpec, margin: float, seed: int) -> Crops:
    """Crops whose only label is that nobody is there; the same arguments give the same crops."""
    rng = np.random.default_rng(seed)
    target = [values.index("n") if head == "somebody" else MISSING for head, values in spec.heads.items()]
    cuts, keys = [], []
    for item in items:
        drawn, kind = rng.random(), rng.random()
        image = cv2.imread(str(item.path)) if drawn < SHARE else None
        if image is None:
            continue
        made = _made(np.asarray(image, np.uint8), item, kind, rng)
        if made is not None:
            cuts.append(window(made[0], made[1], *spec.size, margin))
            keys.append(item.key)
    pictures = np.stack(cuts) if cuts else np.zeros((0, *_stored(spec, margin), 3), np.uint8)
    return Crops(pictures, np.array([target] * len(keys), np.int64).reshape(-1, len(target)), keys)


def _stored(spec: AttributeSpec, margin: float) -> tuple[int, int]:
    return round(spec.size[0] * (1 + margin)), round(spec.size[1] * (1 + margin))


def _made(image: Image, item: Labelled, kind: float, rng: np.random.Generator) -> tuple[Image, Box] | None:
    """A picture and where to cut it; half of them with the head erased, where there is a mask."""
    head = crops(item.pose)["head"]
    mask = item.path.parent.parent / "masks" / f"{item.key}.png"
    if kind < 0.5 and mask.is_file():
        return _erased(image, item.pose, mask), head
    place = _on_clothes if kind < 0.75 else _beside
    box = place(item.pose, head, image, rng)
    return None if box is None else (image, box)


def _erased(image: Image, pose: Pose, mask: Path) -> Image:
    body, head = Body.of(pose), crops(pose)["head"].clip(image.shape[1], image.shape[0])
    labels = grouped(np.asarray(cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE), np.uint8), mask_names(mask.parent.parent))
    x1, y1, x2, y2 = (int(v) for v in (head.x1, head.y1, head.x2, head.y2))
    gone = np.isin(labels[y1:y2, x1:x2], [CLASSES.index(part) + 1 for part in PARTS]).astype(np.uint8)
    reach = max(1, round(WIDER * body.torso))
    gone = cv2.dilate(gone, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(np.uint8)
    made = image.copy()
    made[y1:y2, x1:x2] = cv2.inpaint(image[y1:y2, x1:x2], gone, 5, cv2.INPAINT_TELEA)
    return made


def _on_clothes(pose: Pose, head: Box, image: Image, rng: np.random.Generator) -> Box | None:
    """Below the chin: chest, waist, legs."""
    body = Body.of(pose)
    x, y = (float(v) for v in body.from_shoulders(float(rng.uniform(0.6, 1.6))))
    half = 0.5 * head.width * float(rng.uniform(0.7, 1.2))
    return Box(x - half, y - half, x + half, y + half)


def _beside(pose: Pose, head: Box, image: Image, rng: np.random.Generator) -> Box | None:
    """Somewhere in the picture where the person is not; None where they fill it."""
    (left, top), (right, bottom) = pose.points[:, :2].min(axis=0), pose.points[:, :2].max(axis=0)
    side = head.width * float(rng.uniform(0.7, 1.2))
    around = Box(float(left), float(top), float(right), float(bottom)).grow(0.2, 0.1)
    for _ in range(20):
        x, y = rng.uniform(0, max(1.0, image.shape[1] - side)), rng.uniform(0, max(1.0, image.shape[0] - side))
        box = Box(float(x), float(y), float(x) + side, float(y) + side)
        if box.intersection(around) <= 0.05 * box.area:
            return box
    return None
