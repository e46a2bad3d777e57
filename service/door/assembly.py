"""Puts a camera's loop together, as a config describes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from datetime import datetime

from models.examples import example_eyes
from models.looks import Networks
from models.manifest import read_thresholds
from service.check import find_directory
from service.door.codes import CodeReader, code_places
from service.door.ended import ended
from service.door.follow import Follow, Place
from service.door.identity import Identities, Renewal
from service.door.link import Mirror
from service.door.link_wire import run_folder
from service.door.looking import Answer, Look, Looked, Looker
from service.door.loop import DoorLoop, Ends
from service.door.meter import Meter, NoMeter
from service.door.mirror_server import MirrorServer
from service.door.open_arrival import Finished
from service.door.rows import finished_row
from service.door.rules import rules_of
from service.door.showing import Showing
from service.door.source import Source
from service.report import Stamp
from service.store.opening import site_zone
from service.store.sampling import is_sampled
from service.texts import words
from vision.checker import Timings, observe, timed
from vision.config import CameraSection, Config
from vision.errors import ConfigError
from vision.judge import Judge
from vision.observation import KeyFrame
from vision.policy import Policy, nearest
from vision.texts import LANGUAGES, catalogue
from vision.tracker import Tracker
from vision.types import Box, Image

Codes = Callable[[Image, Sequence[Box]], Sequence[str]]
"""Reads the badge codes in a frame, at these places."""


def camera_of(config: Config, name: str) -> CameraSection:
    """The camera of this name. Raises `ConfigError` where there is none."""
    if name not in config.cameras:
        raise ConfigError(unknown_camera(config, name))
    return config.cameras[name]


def unknown_camera(config: Config, name: str) -> str:
    """What is wrong about the name of a camera, and which are known."""
    near, file = nearest(name, config.cameras), config.source or "the config"
    if not config.cameras:
        return f"no camera {name!r}: {file} names none; add it under cameras"
    hint = f"; did you mean {near!r}?" if near else ""
    return f"no camera {name!r} under cameras in {file}; known: {', '.join(config.cameras)}{hint}"


def identities_of(config: Config, policy: Policy) -> Identities:
    """Under what arrivals are judged. Raises `PeopleError` for a directory that is wrong."""
    zone = site_zone(config)

    def today() -> Date:
        return datetime.now(zone).date()

    return Identities(policy, config.service.profile, config.service.wearer, find_directory(config, policy), today)


class Door:
    """What the loops of a deployment share: networks, policy, judge. `record` takes arrivals that ended.

    Raises `DresscodeError` for weights, policy or lists that are wrong.
    """

    def __init__(self, config: Config, policy: Policy, codes: Codes | None = None) -> None:
        self.config, self.policy, self._codes = config, policy, codes
        self.judge = Judge(policy, read_thresholds(config.weights_dir))
        self.identities = identities_of(config, policy)
        self._networks = self._load()
        self._warm_up()
        self._unused: Networks | None = self._networks
        self._renewal: Renewal | None = None
        self._looker = Looker(self._look)  # one that has to be replaced gets networks of its own

    def close(self, seconds: float = 0.5) -> None:
        """Ends the threads that look and that read the directory."""
        if self._renewal:
            self._renewal.close()
        self._looker.stop(seconds)

    def keep_up(self) -> None:
        """Reads the directory anew now and then, until the door is closed."""
        self._renewal = Renewal(self.identities, lambda: find_directory(self.config, self.policy))
        self._renewal.start()

    def loop(
        self,
        name: str,
        source: Source,
        record: Callable[[Finished], None],
        mirror: Mirror | None = None,
        meter: Meter | None = None,
        reply: Callable[[], str] | None = None,
        on_answer: Callable[[Answer, float], None] = lambda answer, at: None,
    ) -> DoorLoop:
        """The loop of a camera that the config has; without a `mirror` it serves its own to the kiosk's page.

        One loop at a time.
        """
        camera = camera_of(self.config, name)
        rules = rules_of(self.config, camera)
        place = Place(name, camera.door or name)
        follow = Follow(place, rules, self.judge, self.identities.nobody, reply=reply)
        showing = Showing(name, self.policy, rules.grace, site_zone(self.config))
        mirror = mirror or MirrorServer(
            run_folder(self.config.store_dir), name, self.config.door.mirror_fps, self.config.door.mirror_side
        )
        ends = Ends(
            source, self._networks.find, self._looker, follow, showing, record, self.identities, mirror,
            meter or NoMeter(),
        )  # fmt: skip
        return DoorLoop(ends, on_answer)

    def _warm_up(self) -> None:
        """What would keep the first person waiting: networks to compile, catalogues to read, a tracker to import."""
        self._networks.warm_up()
        Tracker()
        words()
        for language in LANGUAGES:
            catalogue(language)

    def _load(self) -> Networks:
        return Networks(self.config, example_eyes(self.config))

    def _look(self) -> Look:
        networks, self._unused = self._unused or self._load(), None
        codes = self._codes or CodeReader().read

        def look(frame: KeyFrame, timings: Timings) -> Looked:
            observation = observe(networks, frame, timings)
            with timed(timings, "codes"):
                said = codes(frame.image, code_places(observation)) if self.identities.reads_badges else ()
            return Looked(observation, said)

        return look


def recorder_of(record: Callable[..., None], policy: Policy) -> Callable[[Finished], None]:
    """Hands arrivals over to a store's recorder as it takes them."""
    stamp = Stamp.of(policy)

    def hand_over(finished: Finished) -> None:
        row = finished_row(finished, f"{finished.door}/{finished.key}", stamp)
        sampled = is_sampled(finished.key, row, policy.review_sample)
        record(ended(finished, row, finished.key, finished.reply_code, sampled))

    return hand_over
