"""Data sets as ultralytics reads them: whose pictures are in an image, and parts of a set as sets of their own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml


def keys_of(name: str, image: Path) -> tuple[str, ...]:
    """The street pictures that a training image was made of, by its file's name: two in a tile of ``clothing``.

    The portrait on a made-up card is of somebody else, but too small to learn clothes or cards from.
    """
    if name == "clothing":
        return tuple(image.stem.split("_")[1:])
    return (image.stem.split("-")[1 if name == "badge" else 0],)


def listed(listing: Path, images: Sequence[Path], folder: Path) -> Path:
    """A ``data.yaml`` in `folder`, emptied before, that trains on these images alone; val is that of `listing`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "train.txt").write_text("".join(f"{image.resolve()}\n" for image in images), encoding="utf-8")
    about = yaml.safe_load(listing.read_text(encoding="utf-8")) | {"train": str((folder / "train.txt").resolve())}
    (folder / "data.yaml").write_text(yaml.safe_dump(about, sort_keys=False), encoding="utf-8")
    return folder / "data.yaml"
