"""What the networks see of labelled pictures, kept: judging it again, by other thresholds or rules, takes a second.

A cache's name is a hash of all that can change what is seen: the networks, the source of `vision`, `models` and
`out_of_fold`, the pictures, and the answers that stand in for networks' own. Other training code and thresholds are not
part of it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from models.training import out_of_fold
from models.training.out_of_fold import Answers, InPlace
from models.training.street import Picture
from models.training.truths import SUMMER
from vision.checker import Checker, Eyes
from vision.config import NETWORKS, ROOT, Config
from vision.errors import PictureError
from vision.pictures import read_picture
from vision.policy import Policy
from vision.types import Box, Facts, Regions, Wearer

CACHE: Final = Path("runs") / "facts"
"""Where caches go, from the folder where a command runs."""

NONE: Final[Answers] = MappingProxyType({})

Watch = Callable[[Sequence[Picture]], Iterable[Picture]]
"""Hands pictures on one by one, and may show how far it is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The main person of one picture: their box in frame pixels, regions and facts."""

    picture: str
    box: Box
    regions: Regions
    facts: Facts


def see(
    config: Config,
    policy: Policy,
    pictures: Sequence[Picture],
    watch: Watch = iter,
    cache: Path | None = None,
    answers: Answers = NONE,
) -> dict[str, Seen]:
    """What is seen of each picture by its key; pictures that can't be read or show nobody are missing.

    Args:
        policy: only names the occasion; what is seen does not depend on it.
        cache: the folder of caches; None looks anew and keeps nothing.
        answers: what the attribute networks are taken to say of the main person, instead of what they do say.

    Raises:
        WeightsError: networks are missing.
    """
    kept = cache and cache / f"{fingerprint(config, pictures, answers)}.pkl"
    if kept and kept.is_file():
        found: dict[str, Seen] = pickle.loads(kept.read_bytes())  # written below, and named by its contents' origin
        return found
    from models.looks import Networks

    found = {seen.picture: seen for seen in _looked(Networks(config), config, policy, watch(pictures), answers)}
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(found))
    return found


def _looked(
    eyes: Eyes, config: Config, policy: Policy, pictures: Iterable[Picture], answers: Answers
) -> Iterator[Seen]:
    checker = Checker(eyes, policy, {}, config.vision.min_person_height)
    occasion = policy.occasion("hall", Wearer.MAN, SUMMER)
    for picture in pictures:
        try:
            image = read_picture(picture.path, config.vision.max_megapixels)
        except PictureError:
            continue
        checker.eyes = InPlace(eyes, answers[picture.key]) if picture.key in answers else eyes
        for person in checker.check(image, occasion).people[:1]:  # the first is the largest by box times confidence
            yield Seen(picture.key, person.box, person.regions, person.facts)


def fingerprint(config: Config, pictures: Sequence[Picture], answers: Answers = NONE) -> str:
    """A name for what these networks, or these answers, and this code see of these pictures, 24 hex digits."""
    mark = sha256(repr((config.vision.min_person_height, config.vision.max_megapixels)).encode())
    for path in _sources(config):
        mark.update(path.name.encode() + path.read_bytes())
    for picture in pictures:
        mark.update(repr((picture.key, str(picture.path), _version(picture.path))).encode())
    if answers:
        mark.update(repr(sorted(answers.items())).encode())
    return mark.hexdigest()[:24]


def _sources(config: Config) -> list[Path]:
    weights = sorted(p for p in config.weights_dir.iterdir() if p.suffix in (".xml", ".bin"))
    manifest = config.weights_dir / "weights.toml"
    own = [path for name in NETWORKS if (path := config.network(name))]
    code = [p for folder in ("vision", "models") for p in sorted((ROOT / folder).glob("*.py"))]
    return [p for p in (*weights, manifest, *own, *code, Path(out_of_fold.__file__)) if p.is_file()]


def _version(path: Path) -> Any:
    if not path.is_file():
        return None
    about = path.stat()
    return about.st_size, about.st_mtime_ns
