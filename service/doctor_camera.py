"""``dresscode doctor --camera``: what a camera shows for some seconds, and what can be decided from where it hangs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.examples import example_eyes
from models.looks import Networks
from service.doctor_camera_words import show, show_json
from service.door.assembly import unknown_camera
from service.door.capture import SOURCES, address_of
from service.door.opening import open_camera
from service.door.reach import fault_of, silent
from service.door.source import SeenFrame, Source
from service.door.state import CameraState
from service.store.opening import site_zone
from vision.checker import observe
from vision.clauses import Clause
from vision.config import CameraSection, Config, load_config
from vision.errors import ConfigError
from vision.observation import KeyFrame, Observation, sight
from vision.policy import Policy, load_policy
from vision.redact import redacted
from vision.regions import sharpness
from vision.types import Box, Image, Person, Text

START_SECONDS: Final = 15.0
"""So long a camera may take to give its first frame."""
WAIT: Final = 0.5


@dataclass(slots=True)
class Sample:
    """What a camera showed: sizes in pixels, `light` and `sharp` of the last frame (grey 0..255, `sharpness`).

    `best` is the frame that shows a person best, `look` what the networks said of it.
    """

    name: str
    state: CameraState = CameraState.STARTING
    seconds: float = 0.0
    frames: int = 0
    width: int = 0
    height: int = 0
    fps: float | None = None
    light: float = 0.0
    sharp: float = 0.0
    people: int = 0
    best: KeyFrame | None = None
    look: Observation | None = None
    fault: Text | None = None
    """why no picture came, where that is known"""


def examine_camera(camera: str, seconds: float, config_file: Path | None, as_json: bool) -> int:
    """Prints what a camera shows. Exit status 0 where a person is in view and all clauses can be decided, else 1.

    `camera` is a name of the config, or a source as the config would have it. Raises `DresscodeError` for a source
    that nothing reads, and for weights or a policy that are wrong.
    """
    config = load_config(config_file)
    section = section_of(config, camera)
    name = camera if camera in config.cameras else redacted(camera)
    policy = load_policy(config.policy_path)
    stored = Path(section.source)
    live = None if stored.is_dir() or stored.is_file() else address_of(name, section)
    if live is not None and (fault := fault_of(live)):
        return (show_json if as_json else show)(Sample(name, CameraState.LOST, fault=fault), ())
    networks = Networks(config, example_eyes(config))
    spoken = logging.getLogger("service.door.live")
    level = spoken.level
    spoken.setLevel(logging.ERROR)  # what it would say stands in the answer
    source = open_camera(name, section, config.vision.max_megapixels)
    try:
        sample = watch(name, source, networks, seconds)
    finally:
        source.close()
        spoken.setLevel(level)
    if live is not None and not sample.frames:
        sample.fault = silent(live)
    if sample.best is not None:
        sample.look = observe(networks, sample.best, {})
    return (show_json if as_json else show)(sample, clauses_of(config, policy))


def section_of(config: Config, camera: str) -> CameraSection:
    """The camera of this name, or one whose source that is. Raises `ConfigError` for what is neither."""
    if camera in config.cameras:
        return config.cameras[camera]
    if camera.isdecimal() or "://" in camera or "/" in camera or (camera and Path(camera).exists()):
        return CameraSection(source=camera)
    raise ConfigError(f"{unknown_camera(config, camera)}; or give {SOURCES} that is there")


def clauses_of(config: Config, policy: Policy) -> tuple[Clause, ...]:
    """Those of the config's profile that are assessed today."""
    profile = config.service.profile or policy.profile
    assessed = policy.assessed(datetime.now(site_zone(config)).date(), profile)
    return tuple(clause for clause in assessed if profile in clause.profiles)


def watch(name: str, source: Source, networks: Networks, seconds: float) -> Sample:
    """Takes a camera's frames for some seconds from the first; without any it waits for `START_SECONDS`."""
    sample, end = Sample(name), time.monotonic() + START_SECONDS
    first: SeenFrame | None = None
    while time.monotonic() < end and not source.ended:
        frame = source.next(WAIT)
        if frame is None:
            continue
        if first is None:
            first, end = frame, time.monotonic() + seconds
        _take(sample, frame, networks.find(frame.image))
        sample.seconds = frame.monotonic - first.monotonic
        if frame.number > first.number and sample.seconds > 0:
            sample.fps = (frame.number - first.number) / sample.seconds
        if sample.seconds >= seconds:
            break
    sample.state = source.state
    return sample


def _take(sample: Sample, frame: SeenFrame, people: Sequence[Person]) -> None:
    image = frame.image
    sample.frames += 1
    sample.height, sample.width = image.shape[:2]
    sample.light = _light(image)
    whole = Box(0, 0, sample.width, sample.height)
    sample.sharp = sharpness(image, people[0].box if people else whole)
    sample.people = max(sample.people, len(people))
    if not people:
        return
    seen = sight(image, people[0].box)
    if sample.best is None or seen.score >= sample.best.sight.score:
        others = tuple(person.box for person in people[1:])
        sample.best = KeyFrame(frame.number, frame.monotonic, frame.at, image, people[0], seen, others)


def _light(image: Image) -> float:
    return float(cv2.cvtColor(np.ascontiguousarray(image[::4, ::4]), cv2.COLOR_BGR2GRAY).mean())
