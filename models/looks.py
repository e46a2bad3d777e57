"""All networks together: the checker's eyes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from models.attributes import SPECS, AttributeNetwork, Calibration
from models.badge import BadgeNetwork
from models.clothing import ClothingNetwork
from models.examples import ExampleEyes, example_eyes
from models.footwear import FootwearNetwork
from models.landmarks import Landmarks
from models.manifest import Entry, read_manifest, read_thresholds
from models.person import PersonDetector
from models.runtime import Network
from models.yolo import Task, UltralyticsYolo, Yolo, YoloSpec, check_outputs
from vision.checker import Checker, Timings, timed
from vision.config import Config
from vision.facts import own
from vision.policy import Policy
from vision.regions import crops, from_behind, hand_boxes
from vision.types import Alike, Box, Cause, Detection, Image, Looks, Person, Regions, Scores

log = logging.getLogger(__name__)
T = TypeVar("T")

HEAD_PIXELS, HAND_PIXELS = 400, 90
"""How high the head's crop, and how long a hand, must be for its landmarks to be worth their time."""

TASKS: dict[str, Task] = {"person": "detect", "clothing": "segment", "footwear": "detect", "badge": "obb"}


class _Questions:
    """The questions about one person: how long each took, and what went wrong."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self.errors: dict[str, str] = {}

    def ask(self, name: str, question: Callable[[], T], silent: T) -> T:
        """The answer to a question, or `silent` and a note in `errors` where it throws."""
        try:
            with timed(self._timings, name):
                return question()
        except Exception as error:
            log.exception("the network %s failed", name)
            self.errors[name] = f"{type(error).__name__}: {error}"
            return silent


class Networks:
    """The networks of a weights folder, as `vision.checker.Eyes`; `examples` compares people with the site's own."""

    def __init__(self, config: Config, examples: ExampleEyes | None = None) -> None:
        self._config, self._examples = config, examples
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

    def garments(self, image: Image, person: Person) -> list[Detection]:
        """What the clothing network finds on one person, surest first."""
        return self._clothing.find(image, person.box)

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        """What the networks say of one person; those whose region is out of view are not asked."""
        questions = _Questions(timings)
        ask, errors = questions.ask, questions.errors
        nothing: list[Detection] = []
        silence: Mapping[str, Scores] = {}
        garments = ask("clothing", lambda: self.garments(image, person), nothing)
        alike = self._alike(questions, image, person, garments)
        if person.pose is None:
            return Looks(tuple(garments), errors=errors, alike=alike)
        boxes = crops(person.pose)
        seen = {name: box for name, box in boxes.items() if regions[name].visible}
        said = {name: ask(name, partial(self._attribute, name, image, box), silence) for name, box in seen.items()}
        shoes, badges = nothing, nothing
        if "feet" in seen:
            shoes = ask("footwear", lambda: self._footwear.find(image, boxes["feet"]), nothing)
        if regions["chest"].visible:
            badges = ask("badge", lambda: self._badge.find(image, boxes["torso"]), nothing)
        return Looks(tuple(garments), tuple(shoes), tuple(badges), said, errors, alike)

    def _alike(
        self, questions: _Questions, image: Image, person: Person, garments: Sequence[Detection]
    ) -> Mapping[str, Alike]:
        """How like the site's examples; what was not looked for can't be said not to have been found."""
        eyes = self._examples
        if eyes is None:
            return {}
        silent = eyes.silent(Cause.ERROR)
        if "clothing" in questions.errors:
            return silent
        return questions.ask("examples", lambda: eyes.look(image, person, own(garments, person)), silent)

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
        ExamplesError: the site's examples are damaged, or were given to other networks.
    """
    eyes = Networks(config, example_eyes(config))
    return Checker(eyes, policy, read_thresholds(config.weights_dir), config.vision.min_person_height)
