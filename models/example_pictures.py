"""A site's pictures, one person each, as points to compare: what is usable, and why the rest is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.examples import Features, bag_patches, read_spaces, uniform_patch
from models.looks import Networks
from vision.config import Config
from vision.errors import PictureError
from vision.facts import own
from vision.likeness import Space
from vision.logos import Logo, Match, find_logo
from vision.patches import Patch
from vision.pictures import Found, read_picture
from vision.regions import regions
from vision.types import Cause, Image, Person

Floats = NDArray[np.float32]

SAME: Final = 1.0
"""Points nearer than this (one standard deviation within a design, along all axes together) are one picture twice."""

CROWD: Final = 0.5
"""A second person this large, as a share of the largest one's height, leaves open who is meant."""


@dataclass(frozen=True, slots=True, eq=False)
class Usable:
    """A picture's point (m,) in the space of its kind; of several bags the largest. `logo` is its likeliest place,
    where one was looked for."""

    name: str
    point: Floats
    logo: Match | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A picture that can't be used: `code` is unreadable, nobody, crowd, no-bag, same, or the `Cause` of a torso that
    is not in view; `detail` the sentence or the name that the code speaks of."""

    name: str
    code: str
    detail: str = ""


class ExampleReader:
    """Reads example pictures with the networks of a deployment.

    Raises:
        WeightsError: networks or spaces are missing, or do not belong together.
    """

    def __init__(self, config: Config) -> None:
        self.spaces: Mapping[str, Space] = read_spaces(config.weights_dir)
        self._networks = Networks(config)
        self._features = Features(config.weights_dir, config.models.device, config.models.threads)
        self._megapixels = config.vision.max_megapixels

    def read(
        self, kind: str, pictures: Iterable[Found], distinct: bool = True, logo: Logo | None = None
    ) -> Iterator[Usable | Refused]:
        """Each picture's point, or why it has none; where they must be `distinct`, one nearly like another has none.

        A `logo` is looked for on the whole chest.
        """
        kept: list[Usable] = []
        for picture in pictures:
            answer = self._one(kind, picture, logo)
            twin = _twin(answer, kept) if distinct and isinstance(answer, Usable) else None
            if twin:
                answer = Refused(picture.name, "same", twin)
            if isinstance(answer, Usable):
                kept.append(answer)
            yield answer

    def _one(self, kind: str, picture: Found, logo: Logo | None) -> Usable | Refused:
        try:
            image = read_picture(Path(picture.given), self._megapixels)
        except PictureError as error:
            return Refused(picture.name, "unreadable", str(error))
        people = self._networks.people(image)
        if not people:
            return Refused(picture.name, "nobody")
        if len(people) > 1 and people[1].box.height > CROWD * people[0].box.height:
            return Refused(picture.name, "crowd")
        patch = self._patch(kind, image, people[0])
        if isinstance(patch, str):
            return Refused(picture.name, patch)
        pose = people[0].pose
        match = find_logo(image, pose, logo) if logo and pose else None
        return Usable(picture.name, self.spaces[kind].place(self._features.of(patch)), match)

    def _patch(self, kind: str, image: Image, person: Person) -> Patch | str:
        garments = own(self._networks.garments(image, person), person)
        if kind == "toolbag":
            bags = bag_patches(image, garments)
            return max(bags, key=lambda bag: bag.box.area) if bags else "no-bag"
        torso = regions(person, image)["torso"]
        if not torso.visible:
            return str(torso.cause or Cause.NOT_FOUND)
        patch = uniform_patch(image, person, garments)
        return str(patch) if isinstance(patch, Cause) else patch


def _twin(one: Usable, others: Iterable[Usable]) -> str | None:
    return next((o.name for o in others if float(np.linalg.norm(one.point - o.point)) < SAME), None)
