"""Making a network's arithmetic 8 bits wide, after training: half the memory and most of the time.

NNCF watches the network at work on pictures and chooses the ranges of its numbers from what it sees there. The last
layers of YOLO networks, which make boxes, stay as they are: their numbers differ too much in size.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.runtime import letterbox
from models.training.errors import TrainingError

PICTURES = 300
"""Pictures that suffice to find the ranges of activations."""

KEPT = ("Sigmoid", "Softmax", "Subtract", "Divide")
"""Operations that lose more in accuracy than they gain in time."""


def quantise(xml: Path, pictures: Sequence[NDArray[np.uint8]]) -> None:
    """Rewrites an OpenVINO network (``.xml`` and ``.bin``) with 8-bit weights and activations.

    Args:
        xml: the network, with float inputs (N, 3, H, W), RGB 0..1.
        pictures: (H, W, 3) uint8 BGR, as they enter the network in use; sizes may differ where the network allows it.
    """
    import nncf
    import openvino as ov

    nncf.set_log_level(logging.ERROR)
    model = ov.Core().read_model(xml)
    found = nncf.quantize(
        model,
        nncf.Dataset(pictures, _as_input),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=min(PICTURES, len(pictures)),
        fast_bias_correction=True,
        ignored_scope=nncf.IgnoredScope(types=list(KEPT), patterns=_box_head(model), validate=False),
    )
    with TemporaryDirectory(dir=xml.parent) as folder:  # the network is still read from its own files
        made = Path(folder) / xml.name
        ov.save_model(found, made, compress_to_fp16=True)
        del found, model
        for suffix in (".bin", ".xml"):
            made.with_suffix(suffix).replace(xml.with_suffix(suffix))


def write_inputs(folder: Path, pictures: Iterable[NDArray[np.uint8]]) -> None:
    """Keeps pictures, BGR as they enter a network, for a later `quantise`."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{i:04}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])


def read_inputs(folder: Path, size: tuple[int, int] | None = None) -> list[NDArray[np.uint8]]:
    """At most `PICTURES` of a folder's pictures, evenly taken; letterboxed to `size` (height, width) where given.

    Raises:
        TrainingError: there are none.
    """
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        raise TrainingError(f"{folder}: no pictures to find the ranges of 8 bits with; `--float` does without")
    found = (cv2.imread(str(path)) for path in paths[:: max(1, len(paths) // PICTURES)][:PICTURES])
    pictures = [np.asarray(picture, np.uint8) for picture in found if picture is not None]
    return [letterbox(picture, *size)[0] for picture in pictures] if size else pictures


def _as_input(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(picture[None, ..., ::-1].transpose(0, 3, 1, 2)).astype(np.float32) / 255


def _box_head(model: Any) -> list[str]:
    """What turns a YOLO network's distances into boxes; nothing in a network that has no such part."""
    heads = {name.rsplit(".dfl", 1)[0] for op in model.get_ops() if ".dfl" in (name := op.get_friendly_name())}
    return [f"{re.escape(head)}(/aten::(add|mul|sub|div)|[.]dfl).*" for head in sorted(heads)]
