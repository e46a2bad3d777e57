"""All networks together: the checker's eyes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from models.attributes import SPECS, AttributeNetwork, Calibration
from models.badge import BadgeNetwork
from models.clothing import ClothingNetwork
from models.footwear import FootwearNetwork
from models.landmarks import Landmarks
from models.manifest import Entry, read_manifest, read_thresholds
from models.person import PersonDetector
from models.runtime import Network
from models.yolo import Task, UltralyticsYolo, Yolo, YoloSpec, check_outputs
from vision.checker import Checker, Timings, timed
from vision.config import Config
from vision.policy import Policy
from vision.regions import crops, from_behind, hand_boxes
from vision.types import Box, Detection, Image, Looks, Person, Regions, Scores

log = logging.getLogger(__name__)
T = TypeVar("T")

HEAD_PIXELS, HAND_PIXELS = 400, 90
"""How high the head's crop, and how long a hand, must be for its landmarks to be worth their time."""

TASKS: dict[str, Task] = {"person": "detect", "clothing": "segment", "footwear": "detect", "badge": "obb"}


class Networks:
    """The networks of a weights folder, as `vision.checker.Eyes`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        entries = read_manifest(config.weights_dir)
        self._landmarks = Landmarks(config.models.device, config.models.threads)
        self._person = PersonDetector(self._yolo(entries["person"]))
        self._clothing = ClothingNetwork(self._yolo(entries["clothing"]))
        self._footwear = FootwearNetwork(self._yolo(entries["footwear"]))
        self._badge = BadgeNetwork(self._yolo(entries["badge"]))
        self._attributes = {name: self._attribute_network(entries[name]) for name in SPECS}

    def people(self, image: Image) -> list[Person]:
        """The people in a picture, largest first, with their body landmarks where found."""
        found = self._person.find(image, self._config.vision.min_person_height)
        return [self._with_landmarks(image, p) for p in found]

    def _with_landmarks(self, image: Image, person: Person) -> Person:
        pose = self._landmarks.pose(image, person.box)
        if pose is None:
            return person
        head = crops(pose)["head"]
        face = None
        if head.height >= HEAD_PIXELS and not from_behind(pose):
            face = self._landmarks.face(image, head)
        hands = [h for box in hand_boxes(pose, HAND_PIXELS) for h in self._landmarks.hands(image, box)]
        return Person(person.box, person.confidence, pose, face, tuple(hands))

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        """What the networks say of one person; those whose region is out of view are not asked."""
        errors: dict[str, str] = {}
        nothing: list[Detection] = []
        silence: Mapping[str, Scores] = {}

        def ask(name: str, question: Callable[[], T], silent: T) -> T:
            try:
                with timed(timings, name):
                    return question()
            except Exception as error:
                log.exception("the network %s failed", name)
                errors[name] = f"{type(error).__name__}: {error}"
                return silent

        garments = ask("clothing", lambda: self._clothing.find(image, person.box), nothing)
        if person.pose is None:
            return Looks(tuple(garments), errors=errors)
        boxes = crops(person.pose)
        seen = {name: box for name, box in boxes.items() if regions[name].visible}
        said = {name: ask(name, partial(self._attribute, name, image, box), silence) for name, box in seen.items()}
        shoes, badges = nothing, nothing
        if "feet" in seen:
            shoes = ask("footwear", lambda: self._footwear.find(image, boxes["feet"]), nothing)
        if regions["chest"].visible:
            badges = ask("badge", lambda: self._badge.find(image, boxes["torso"]), nothing)
        return Looks(tuple(garments), tuple(shoes), tuple(badges), said, errors)

    def _attribute(self, name: str, image: Image, box: Box) -> Mapping[str, Scores]:
        return self._attributes[name].look(image, [box])[0]

    def _yolo(self, entry: Entry) -> Yolo | UltralyticsYolo:
        spec = YoloSpec(entry.classes, TASKS[entry.name], entry.size)
        path = self._config.network(entry.name) or entry.path
        if path.suffix == ".pt":
            return UltralyticsYolo(path, spec)
        network = self._network(path)
        if network.channels is not None:
            check_outputs(network.channels, spec, path)
        return Yolo(network, spec)

    def _attribute_network(self, entry: Entry) -> AttributeNetwork:
        return AttributeNetwork(self._network(entry.path), SPECS[entry.name], Calibration(entry.temperature))

    def _network(self, path: Path) -> Network:
        return Network(path, self._config.models.device, self._config.models.threads)


def build_checker(config: Config, policy: Policy) -> Checker:
    """The checker of a deployment.

    Raises:
        WeightsError: weights are missing, damaged or of another kind.
    """
    return Checker(Networks(config), policy, read_thresholds(config.weights_dir), config.vision.min_person_height)
