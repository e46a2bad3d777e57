"""How like a site's examples a person's torso and bags are: the person network's backbone and colours, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.backbone import Backbone
from models.manifest import read_toml, sha256
from vision.config import Config
from vision.errors import WeightsError
from vision.example_sets import KINDS, ExampleSet, load_all
from vision.likeness import Space, colours
from vision.logos import Mark
from vision.patches import Patch, bag_patch, torso_patch
from vision.regions import from_behind
from vision.types import Alike, Cause, Detection, Image, Person

Floats = NDArray[np.float32]
FILE: Final = "likeness.npz"
NETWORK: Final = "person.xml"
"""The network whose backbone gives the features: it is trained on far more than clothes, and changes least."""


class Features:
    """The numbers by which patches are compared, from the packaged person network of a weights folder.

    A network that the config names in its place is not asked: points of different networks can't be compared.
    """

    def __init__(self, weights: Path, device: str = "CPU", threads: int = 0) -> None:
        self._backbone = Backbone(weights / NETWORK, device, threads)

    def of(self, patch: Patch) -> Floats:
        """A patch's features, (n,): colours under its mask, and the backbone's maps averaged there."""
        maps = self._backbone.maps(patch.image)
        return np.concatenate([colours(patch), *(pooled(m, patch) for m in maps)]).astype(np.float32)


def pooled(maps: Floats, patch: Patch) -> Floats:
    """A feature map (channels, h, w) averaged under the patch's mask: (channels,)."""
    share = cv2.resize(patch.mask.astype(np.float32), maps.shape[:0:-1], interpolation=cv2.INTER_AREA)
    return np.asarray((maps * share).sum(axis=(1, 2)) / max(float(share.sum()), 1e-3), np.float32)


def network_key(weights: Path) -> str:
    """A digest of the network that features come from. Raises `WeightsError` where it is missing."""
    path = weights / NETWORK
    try:
        return f"{sha256(path)[:16]}-{sha256(path.with_suffix('.bin'))[:16]}"
    except OSError as error:
        raise WeightsError(f"{path}: no such network; is the weights folder complete?") from error


def read_spaces(weights: Path) -> dict[str, Space]:
    """The spaces of a weights folder by kind of examples.

    Raises:
        WeightsError: they are missing, damaged, or were made with another person network than the folder's.
    """
    path = weights / FILE
    about = read_toml(path.with_suffix(".toml"))
    if about.get("network") != network_key(weights):
        raise WeightsError(
            f"{path}: made with another person network than {weights / NETWORK}, so that likeness to examples can't be "
            "told; make it anew (python -m models.training.likeness)"
        )
    if not path.is_file() or sha256(path) != about.get("sha256"):
        raise WeightsError(f"{path}: missing, or not the one that {path.stem}.toml means")
    try:
        with np.load(path) as stored:
            arrays = {name: np.asarray(stored[name], np.float32) for name in stored.files}
        return {kind: _space(arrays, kind, str(about["sha256"])) for kind in KINDS}
    except (KeyError, ValueError, OSError) as error:
        raise WeightsError(f"{path}: damaged ({error})") from error


def _space(arrays: Mapping[str, Floats], kind: str, key: str) -> Space:
    return Space(key, arrays[f"{kind}_mean"], arrays["axes"], arrays[f"{kind}_spread"], arrays[f"{kind}_others"])


@dataclass(frozen=True, slots=True, eq=False)
class ExampleEyes:
    """Compares people with the examples that a site has given: `sets` by kind, each in its space."""

    sets: Mapping[str, ExampleSet]
    spaces: Mapping[str, Space]
    features: Features

    def look(self, image: Image, person: Person, garments: Iterable[Detection]) -> dict[str, Alike]:
        """How like each kind's examples a person is; `garments` are their own. Kinds without examples are left out."""
        garments = list(garments)
        answers = {"uniform": self._uniform, "toolbag": self._toolbag}
        said = {kind: answers[kind](image, person, garments) for kind in self.sets}
        if mark := self._mark:
            said["logo"] = mark.seen(image, person.pose) if person.pose else Alike(None, cause=Cause.NO_POSE)
        return said

    @property
    def _mark(self) -> Mark | None:
        return self.sets["uniform"].mark if "uniform" in self.sets else None

    def silent(self, cause: Cause) -> dict[str, Alike]:
        """The answer where nobody could look."""
        said = [*self.sets, "logo"] if self._mark else list(self.sets)
        return {kind: Alike(None, cause=cause) for kind in said}

    def _uniform(self, image: Image, person: Person, garments: list[Detection]) -> Alike:
        patch = uniform_patch(image, person, garments)
        return Alike(None, cause=patch) if isinstance(patch, Cause) else self._compared("uniform", [patch])

    def _toolbag(self, image: Image, person: Person, garments: list[Detection]) -> Alike:
        patches = bag_patches(image, garments)
        return self._compared("toolbag", patches) if patches else Alike(None, cause=Cause.NOT_FOUND)

    def _compared(self, kind: str, patches: list[Patch]) -> Alike:
        """The likeliest of several things."""
        space, examples = self.spaces[kind], self.sets[kind]
        points = [space.place(self.features.of(patch)) for patch in patches]
        found = [examples.probability(point, space.spread) for point in points]
        best = int(np.argmax(found))
        return Alike(found[best], patches[best].box)


def uniform_patch(image: Image, person: Person, garments: Iterable[Detection]) -> Patch | Cause:
    """A person's torso to compare, or why there is none. A back has no logo on its chest: it is not compared."""
    if person.pose is None:
        return Cause.NO_POSE
    if from_behind(person.pose):
        return Cause.TURNED_AWAY
    return torso_patch(image, person.pose, list(garments)) or Cause.NOT_FOUND


def bag_patches(image: Image, garments: Iterable[Detection]) -> list[Patch]:
    """The bags that were found on a person, to compare."""
    patches = (bag_patch(image, g) for g in garments if g.label == "bag")
    return [patch for patch in patches if patch]


def example_eyes(config: Config) -> ExampleEyes | None:
    """The eyes for a deployment's examples, None where it has none.

    Raises:
        WeightsError: the spaces are missing or do not fit the person network.
        ExamplesError: stored examples are damaged or belong to another space.
    """
    if not load_all(config.examples_dir):
        return None
    spaces = read_spaces(config.weights_dir)
    sets = load_all(config.examples_dir, next(iter(spaces.values())).key)
    features = Features(config.weights_dir, config.models.device, config.models.threads)
    return ExampleEyes(sets, spaces, features)
