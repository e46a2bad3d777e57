"""What networks said of pictures that they did not learn from, kept and used: the attribute networks' teachers
(`cross_fit`), and footwear networks of half the people (`footwear_folds`).

The shipped networks learn from every photo that is not held out: of these, their own answers are too good to be true.
Where thresholds are fitted on them, what was answered out of fold stands in for the networks' own answers. A run keeps
logits; beside the shipped networks lie calibrated probabilities, so that thresholds can be fitted anew without runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.attributes import SPECS
from models.training import footwear_folds
from models.training.crop_table import Crops
from models.training.errors import TrainingError
from models.training.scaling import Scaling, scaling
from vision.checker import Eyes, Timings
from vision.types import Detection, Image, Looks, Person, Regions, Scores

FILE: Final = "out-of-fold.npz"
FOLDER: Final = "out-of-fold"
"""In a weights folder: by network, a file of calibrated probabilities."""

Said = Mapping[str, Mapping[str, Scores]]
"""What is said of one person: network → attribute → value → probability."""


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in for the networks' own answers on one person; no shoes where no other network looked for them."""

    attributes: Said
    shoes: tuple[Detection, ...] = ()


Answers = Mapping[str, Given]
"""By a picture's key."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a network's teachers answered.

    keys: the pictures (n,). shares: calibrated probabilities (n, sum of classes). unasked: the pictures that the
    network learned from, though no teacher was asked of them.
    """

    keys: NDArray[np.str_]
    shares: NDArray[np.float32]
    unasked: NDArray[np.str_]


def write(run: Path, crops: Crops, by_trunk: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Keeps a network's out-of-fold logits (n, sum of classes) in its run's folder; gives the mean over the trunks.

    NaN stands for no answer; the mean is over the trunks that have one.
    """
    stacked = np.stack(list(by_trunk.values()))
    count = np.isfinite(stacked).sum(axis=0)
    mean = np.where(count > 0, np.nansum(stacked, axis=0) / np.maximum(count, 1), np.nan)
    narrow = {name: logits.astype(np.float16) for name, logits in {**by_trunk, "logits": mean}.items()}
    np.savez_compressed(run / FILE, keys=np.array(crops.keys), targets=crops.targets, **narrow)  # type: ignore[arg-type]
    return np.asarray(mean, np.float32)


def kept(name: str, earlier: Path, crops: Crops) -> dict[str, NDArray[np.float32]]:
    """By trunk: what the run `earlier` kept of crops (n, sum of classes).

    NaN where it kept nothing, or where a crop has had other labels since: who was taught otherwise can't be asked.

    Raises:
        TrainingError: the run has no out-of-fold answers.
    """
    with _opened(name, earlier) as stored:
        marks = _marks(stored["keys"].tolist(), stored["targets"])
        by_trunk = {k: stored[k].astype(np.float32) for k in stored.files if k not in ("keys", "targets", "logits")}
    places = {mark: i for i, mark in enumerate(marks)}
    rows = np.array([places.get(mark, -1) for mark in _marks(crops.keys, crops.targets)])
    return {trunk: np.where(rows[:, None] < 0, np.nan, logits[rows]) for trunk, logits in by_trunk.items()}


def _marks(keys: Iterable[str], targets: NDArray[np.int64]) -> list[tuple[object, ...]]:
    """What tells crops apart: of one picture there may be another without a head."""
    return [(key, *row) for key, row in zip(keys, targets.tolist(), strict=True)]


def scalings(name: str, run: Path, whose: str) -> dict[str, Scaling]:
    """By attribute: temperature and bias for the logits of one trunk.

    Raises:
        TrainingError: the run has no out-of-fold answers, or none of that trunk.
    """
    targets, logits = _read(name, run, whose)[1:]
    return {head: scaling(part, targets[:, i]) for i, (head, part) in enumerate(_by_head(name, logits).items())}


def of_run(name: str, run: Path) -> Answered:
    """What the teachers of a run answered.

    Raises:
        TrainingError: the run has no out-of-fold answers.
    """
    keys, targets, logits = _read(name, run, "logits")
    people = _of_people(name, targets)
    tables = [_probabilities(z, scaling(z, targets[:, i])) for i, z in enumerate(_by_head(name, logits).values())]
    return Answered(keys[people], np.concatenate(tables, axis=1)[people], _never_asked(name, run))


def pack(name: str, run: Path, weights: Path) -> None:
    """Puts what a run's teachers answered into a weights folder. Raises `TrainingError` as `of_run`."""
    found = of_run(name, run)
    (weights / FOLDER).mkdir(exist_ok=True)
    tables = {"keys": found.keys, "shares": found.shares.astype(np.float16), "unasked": found.unasked}
    np.savez_compressed(weights / FOLDER / f"{name}.npz", **tables)  # type: ignore[arg-type]


def packed(name: str, weights: Path) -> Answered | None:
    """What `pack` put into a weights folder; None where it has nothing of this network."""
    path = weights / FOLDER / f"{name}.npz"
    if not path.is_file():
        return None
    with np.load(path) as stored:
        return Answered(stored["keys"], stored["shares"].astype(np.float32), stored["unasked"])


def has_answers(weights: Path, networks: Iterable[str] = tuple(SPECS)) -> bool:
    """Whether a weights folder has out-of-fold answers of all these networks."""
    return all((weights / FOLDER / f"{name}.npz").is_file() for name in networks)


def answered(name: str, weights: Path, runs: Path | None = None) -> Answered:
    """What a network's teachers answered, by its run in `runs`, if there is one, else as it lies in the weights folder.

    Raises:
        TrainingError: neither has it.
    """
    if runs and (runs / name / FILE).is_file():
        return of_run(name, runs / name)
    found = packed(name, weights)
    if found is None:
        raise TrainingError(
            f"{(runs / name / FILE) if runs else weights / FOLDER / f'{name}.npz'}: missing; "
            f"`dresscode train {name}` makes it, and `dresscode export {name}` puts it beside the network"
        )
    return found


def answers(weights: Path, runs: Path | None = None, networks: Iterable[str] = tuple(SPECS)) -> dict[str, Given]:
    """What stands in for the networks' answers on each picture, by its key: calibrated probabilities of the attribute
    networks' teachers, and the shoes that a network of the other half of the people found. Pictures that a network
    learned from, and of which its teachers were not asked, are left out.

    `runs` has some networks' runs as ``dresscode train`` leaves them; of others `weights` has it. That of footwear may
    be missing: nobody has found shoes then, and what the crops say of them stands alone.

    Raises:
        TrainingError: a network's out-of-fold answers are missing.
    """
    said: dict[str, dict[str, dict[str, Scores]]] = {}
    never = set[str]()
    for name in networks:
        spec, found = SPECS[name], answered(name, weights, runs)
        never |= set(found.unasked.tolist())
        tables = _by_head(name, found.shares)
        for row, key in enumerate(found.keys.tolist()):
            said.setdefault(key, {})[name] = {
                head: dict(zip(spec.heads[head], table[row].tolist(), strict=True)) for head, table in tables.items()
            }
    shoes = _shoes(weights, runs)
    return {key: Given(by_network, shoes.get(key, ())) for key, by_network in said.items() if key not in never}


def _shoes(weights: Path, runs: Path | None) -> dict[str, tuple[Detection, ...]]:
    of_the_run = footwear_folds.found_in(runs / "footwear" / footwear_folds.FILE) if runs else {}
    return of_the_run or footwear_folds.found_in(weights / FOLDER / footwear_folds.PACKED)


def said_of(name: str, found: Answered, head: str) -> dict[str, list[float]]:
    """By picture: a network's calibrated probabilities of one attribute's values out of fold."""
    return dict(zip(found.keys.tolist(), _by_head(name, found.shares)[head].tolist(), strict=True))


class InPlace:
    """Eyes for one picture, as `vision.checker.Eyes`: of the main person the networks say what is given.

    Networks that are not asked, because what they look at is out of view, those that throw, and those of which nothing
    is given, stay silent: what they would say may have been learned from this very picture.
    """

    def __init__(self, eyes: Eyes, given: Given) -> None:
        self._eyes, self._given = eyes, given
        self._main: Person | None = None

    def find(self, image: Image) -> list[Person]:
        """The people as boxes alone; the first is the main one, whom the labels are about."""
        return self._noted(self._eyes.find(image))

    def people(self, image: Image) -> list[Person]:
        """The people with their landmarks; the first is the main one."""
        return self._noted(self._eyes.people(image))

    def posed(self, image: Image, person: Person) -> Person:
        """As the networks find their landmarks."""
        return self._eyes.posed(image, person)

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        """What the networks say, of the main person with the given answers."""
        looks = self._eyes.look(image, person, regions, timings)
        if self._main is None or person.box != self._main.box:
            return looks
        said, shoes = self._given.attributes, self._given.shoes
        given = {n: {} if n in looks.errors else said.get(n, {}) for n in looks.attributes}
        in_view = "feet" in regions and regions["feet"].visible
        found = shoes if in_view and "footwear" not in looks.errors else ()
        return replace(looks, attributes=given, shoes=found)

    def _noted(self, people: list[Person]) -> list[Person]:
        self._main = people[0] if people else None
        return people


def _read(name: str, run: Path, whose: str) -> tuple[NDArray[np.str_], NDArray[np.int64], NDArray[np.float32]]:
    """The keys, targets and answers of the pictures that were answered."""
    with _opened(name, run) as stored:
        if whose not in stored.files:
            raise TrainingError(f"{run / FILE}: nothing of {whose}; `dresscode train {name} --out {run}` makes it anew")
        logits = stored[whose].astype(np.float32)
        answered = np.isfinite(logits).all(axis=1)
        return stored["keys"][answered], stored["targets"][answered], logits[answered]


def _never_asked(name: str, run: Path) -> NDArray[np.str_]:
    """The pictures of which a run has no answer, though its network learned from them."""
    with _opened(name, run) as stored:
        return np.asarray(stored["keys"][~np.isfinite(stored["logits"]).all(axis=1)])


def _opened(name: str, run: Path) -> Any:
    path = run / FILE
    if not path.is_file():
        raise TrainingError(f"{path}: missing; `dresscode train {name} --out {run}` makes it")
    return np.load(path)


def _by_head(name: str, logits: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    heads = SPECS[name].heads
    ends = np.cumsum([len(values) for values in heads.values()])[:-1]
    return dict(zip(heads, np.split(logits, ends, axis=1), strict=True))


def _probabilities(logits: NDArray[np.float32], fitted: Scaling) -> NDArray[np.float32]:
    z = logits / fitted.temperature + np.array(fitted.bias, np.float32)
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _of_people(name: str, targets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which crops are the pictures' own: `headless` makes others, of nobody, and they have their pictures' keys."""
    heads = SPECS[name].heads
    if "somebody" not in heads:
        return np.ones(len(targets), np.bool_)
    return np.asarray(targets[:, list(heads).index("somebody")] != heads["somebody"].index("n"), np.bool_)
