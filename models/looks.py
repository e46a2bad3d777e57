"""All networks together: the checker's eyes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models import badge, clothing
from models.attributes import SPECS, AttributeNetwork, Calibration
from models.badge import BadgeNetwork
from models.clothing import ClothingNetwork
from models.cutting import cut_out
from models.examples import ExampleEyes, example_eyes
from models.footwear import FootwearNetwork
from models.landmarks import Landmarks
from models.manifest import Entry, read_manifest, read_thresholds
from models.person import PersonDetector
from models.runtime import Network, cores
from models.side import SideNetwork
from models.yolo import Task, UltralyticsYolo, Yolo, YoloSpec, check_outputs
from vision.checker import Checker, Timings, timed
from vision.config import Config
from vision.facts import own
from vision.policy import Policy
from vision.regions import crops, from_behind, hand_boxes
from vision.types import Alike, Box, Cause, Detection, Image, Looks, Person, Pose, Regions, Scores

log = logging.getLogger(__name__)

HEAD_PIXELS, HAND_PIXELS = 400, 90
"""How high the head's crop, and how long a hand, must be for its landmarks to be worth their time."""

TASKS: dict[str, Task] = {"person": "detect", "clothing": "segment", "footwear": "detect", "badge": "obb"}


NEEDED: Mapping[str, tuple[str, ...]] = {
    "torso": ("torso",),
    "legs": ("legs", "thighs"),
    "head": ("head",),
    "arms": ("forearms", "wrists"),
    "shins": ("ankles", "feet"),
    "waist": ("waist",),
    "feet": ("feet",),
    "neck": ("ears", "neck", "face"),
}
"""By attribute network, the longest first: the regions of which one must be in view for it to be asked."""

LANES = 4
"""Most networks that look at a person side by side: small networks gain little from more threads each."""


class Networks:
    """The networks of a weights folder, as `vision.checker.Eyes`; `examples` compares people with the site's own.

    The networks that look at a person don't need each other: each has its share of the threads and all run side by
    side, on two cores in two thirds of the time of one after another with all threads. Not thread-safe; make one for
    each thread.
    """

    def __init__(self, config: Config, examples: ExampleEyes | None = None) -> None:
        self._config, self._examples = config, examples
        entries = read_manifest(config.weights_dir)
        self._landmarks = Landmarks(config.models.device, config.models.threads)
        self._person = PersonDetector(self._yolo(entries["person"], config.models.threads))
        threads = config.models.threads or cores()
        lanes = min(LANES, threads)
        share = threads // lanes
        self._pool = ThreadPoolExecutor(lanes, "look", _pinning(lanes))
        self._clothing = ClothingNetwork(self._yolo(entries["clothing"], share))
        self._footwear = FootwearNetwork(self._yolo(entries["footwear"], share))
        self._badge = BadgeNetwork(self._yolo(entries["badge"], share), self._side(entries["side"], share))
        self._attributes = {name: self._attribute_network(entries[name], share) for name in SPECS}

    def people(self, image: Image) -> list[Person]:
        """The people in a picture, largest first, with their body landmarks where found."""
        return [self.posed(image, person) for person in self.find(image)]

    def warm_up(self, width: int = 1280, height: int = 720) -> None:
        """Compiles every network for pictures of this size in pixels: the first picture would wait for seconds."""
        image = np.full((height, width, 3), 114, np.uint8)
        box = Box(0.4 * width, 0.1 * height, 0.6 * width, 0.9 * height)
        self.find(image)
        for place in (box, Box(0, 0, width, height)):  # seen whole, and cut off: two ways to find landmarks
            self._landmarks.pose(image, place)
        for network, shapes in ((self._clothing, clothing.SHAPES[:2]), (self._badge, badge.SHAPES)):
            for tall, wide in shapes:  # each is compiled by itself; a standing person's are the narrow ones
                scale = 0.8 * height / max(tall, wide)
                network.find(image, Box(0, 0, scale * wide, scale * tall))
        self._footwear.find(image, box)
        self._badge.warm_up()
        for name, spec in SPECS.items():
            self._attributes[name].read(np.full((1, *spec.size, 3), 114, np.uint8))

    def find(self, image: Image) -> list[Person]:
        """The people in a picture, largest first, as boxes alone: some milliseconds, for each frame of a camera.

        One thread may find while another looks (`posed`, `look`): the two share no network.
        """
        return self._person.find(image, self._config.vision.min_person_height)

    def posed(self, image: Image, person: Person) -> Person:
        """The person with their body landmarks, and those of face and hands where they are large enough."""
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
        """What the networks say of one person; those whose region is out of view are not asked.

        `timings` are each network's own: side by side they add up to more than what the clock says.
        """
        questions = self._questions(image, person, regions)
        asked = [self._pool.submit(_ask, name, question, timings) for name, question in questions.items()]
        answers = dict(zip(questions, (a.result() for a in asked), strict=True))
        errors = {name: answer for name, answer in answers.items() if isinstance(answer, str)}

        def found(name: str) -> tuple[Detection, ...]:
            answer = answers.get(name, ())
            return () if isinstance(answer, str) else tuple(answer)

        said = {name: {} if name in errors else answers[name] for name in SPECS if name in answers}
        alike = self._alike(image, person, found("clothing"), errors, timings)
        return Looks(found("clothing"), found("footwear"), found("badge"), said, errors, alike)

    def _alike(
        self,
        image: Image,
        person: Person,
        garments: Sequence[Detection],
        errors: dict[str, str],
        timings: Timings,
    ) -> Mapping[str, Alike]:
        """How like the site's examples; what was not looked for can't be said not to have been found."""
        eyes = self._examples
        if eyes is None:
            return {}
        if "clothing" in errors:
            return eyes.silent(Cause.ERROR)
        answer = _ask("examples", lambda: eyes.look(image, person, own(garments, person)), timings)
        if isinstance(answer, str):
            errors["examples"] = answer
            return eyes.silent(Cause.ERROR)
        return dict(answer)

    def _questions(self, image: Image, person: Person, regions: Regions) -> dict[str, Callable[[], Any]]:
        """By network, the longest first: so no long one is left alone at the end."""
        questions: dict[str, Callable[[], Any]] = {"clothing": lambda: self.garments(image, person)}
        if person.pose is None:
            return questions
        boxes = crops(person.pose)
        if regions["chest"].visible:
            questions["badge"] = lambda: self._badge.find(image, boxes["torso"])
        if regions["feet"].visible:
            questions["footwear"] = lambda: self._footwear.find(image, boxes["feet"])
        for name, needed in NEEDED.items():
            if any(regions[region].visible for region in needed):
                questions[name] = partial(self._attribute, name, image, person.pose)
        return questions

    def _attribute(self, name: str, image: Image, pose: Pose) -> Mapping[str, Scores]:
        return self._attributes[name].read(cut_out(image, pose, name, *SPECS[name].size)[None])[0]

    def _side(self, entry: Entry, threads: int) -> SideNetwork | None:
        """None beside a badge network of the deployment's own: it learned what the packaged one finds, no other's."""
        own = self._config.network("badge")
        return None if own else SideNetwork(self._network(entry.path, threads), _calibration(entry))

    def _yolo(self, entry: Entry, threads: int) -> Yolo | UltralyticsYolo:
        spec = YoloSpec(entry.classes, TASKS[entry.name], entry.size)
        path = self._config.network(entry.name) or entry.path
        if path.suffix == ".pt":
            return UltralyticsYolo(path, spec)
        network = self._network(path, threads)
        if network.channels is not None:
            check_outputs(network.channels, spec, path)
        return Yolo(network, spec)

    def _attribute_network(self, entry: Entry, threads: int) -> AttributeNetwork:
        return AttributeNetwork(self._network(entry.path, threads), SPECS[entry.name], _calibration(entry))

    def _network(self, path: Path, threads: int) -> Network:
        return Network(path, self._config.models.device, threads)


def _pinning(lanes: int) -> Callable[[], None] | None:
    """What each lane's thread does at first where there is a lane for every core: it stays on a core of its own.

    Left to itself Linux wakes two threads on one core and parts them milliseconds later, when half of the look is done.
    Fewer lanes than cores are not pinned: other processes would share the first cores and leave the rest idle.
    """
    if not hasattr(os, "sched_setaffinity") or not 1 < lanes == cores():
        return None
    each = iter(sorted(os.sched_getaffinity(0)))
    return lambda: os.sched_setaffinity(0, {next(each)})


def _calibration(entry: Entry) -> Calibration:
    return Calibration(entry.temperature, entry.bias)


def _ask(name: str, question: Callable[[], Any], timings: Timings) -> Any:
    """A network's answer; that of one which threw is the error's text."""
    try:
        with timed(timings, name):
            return question()
    except Exception as error:
        log.exception("the network %s failed", name)
        return f"{type(error).__name__}: {error}"


def build_checker(config: Config, policy: Policy) -> Checker:
    """The checker of a deployment.

    Raises:
        WeightsError: weights are missing, damaged or of another kind.
        ExamplesError: the site's examples are damaged, or were given to other networks.
    """
    eyes = Networks(config, example_eyes(config))
    return Checker(eyes, policy, read_thresholds(config.weights_dir), config.vision.min_person_height)
