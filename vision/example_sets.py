"""A site's examples as they are kept: one small JSON file a kind, with points in a `Space` and no pictures."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from vision.errors import ExamplesError
from vision.example_limits import Measured, Share
from vision.likeness import Floats, Scale, likeness
from vision.logos import Logo, Mark, Place
from vision.pictures import write_whole
from vision.policy import nearest

KINDS: Final = ("uniform", "toolbag")
"""What examples can be given of; each is the name of a fact."""

LEAST: Final = 5
"""How many usable pictures an example set has at least."""

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class ExampleSet:
    """One kind's examples: `points` (k, m) in the space named `space`, their scale, how it was measured and when.
    `mark` is the logo that belongs to them, where the site has given it."""

    kind: str
    space: str
    points: Floats
    scale: Scale
    measured: Measured
    made: datetime
    mark: Mark | None = None

    def probability(self, point: Floats, spread: Floats) -> float:
        """The probability, 0..1, that a point (m,) of the same space is of the examples' design."""
        return self.scale.probability(float(likeness(point[None], self.points, spread)[0]))


def known_kind(kind: str) -> str:
    """The kind itself. Raises `ExamplesError` for one that there is not, with the nearest that there is."""
    if kind in KINDS:
        return kind
    near = nearest(kind, KINDS)
    hint = f"did you mean {near!r}?" if near else f"known: {', '.join(KINDS)}"
    raise ExamplesError(f"{kind!r} is no kind of examples; {hint}")


def path_of(folder: Path, kind: str) -> Path:
    """Where a kind's examples lie."""
    return folder / f"{kind}.json"


def save(folder: Path, examples: ExampleSet) -> Path:
    """Writes an example set, whole or not at all, in place of an earlier one of its kind. Raises `OSError`."""
    path = path_of(folder, examples.kind)
    write_whole(path, (json.dumps(_as_json(examples)) + "\n").encode())
    return path


def load(folder: Path, kind: str, space: str | None = None) -> ExampleSet | None:
    """A kind's examples, None where none are given; `space` is the key of the space that is in use.

    Raises:
        ExamplesError: the file is damaged, or its points belong to another space.
    """
    path = path_of(folder, kind)
    if not path.is_file():
        return None
    try:
        found = _from_json(json.loads(path.read_text(encoding="utf-8")), kind)
    except (KeyError, TypeError, ValueError, cv2.error, binascii.Error) as error:
        raise ExamplesError(f"{path}: damaged; give the examples again (dresscode examples add {kind} DIR)") from error
    if space is not None and found.space != space:
        raise ExamplesError(
            f"{path}: these examples were given to another version of the networks and can't be compared with this "
            f"one's; give them again (dresscode examples add {kind} DIR)"
        )
    return found


def load_all(folder: Path, space: str | None = None) -> dict[str, ExampleSet]:
    """All examples of a folder by kind; raises as `load`."""
    found = ((kind, load(folder, kind, space)) for kind in KINDS)
    return {kind: examples for kind, examples in found if examples}


def files(folder: Path) -> Iterator[Path]:
    """The files of the example sets that there are."""
    return (path for path in (path_of(folder, kind) for kind in KINDS) if path.is_file())


def _as_json(examples: ExampleSet) -> dict[str, Any]:
    mark = {"logo": _mark_as_json(examples.mark)} if examples.mark else {}
    shares = {name: [s.count, s.total] for name, s in _shares(examples.measured).items()}
    return {
        "format": FORMAT,
        "kind": examples.kind,
        "space": examples.space,
        "made": examples.made.isoformat(timespec="seconds"),
        "high": examples.scale.high,
        "low": examples.scale.low,
        "measured": shares,
        "points": [[round(float(v), 4) for v in point] for point in examples.points],
    } | mark


def _mark_as_json(mark: Mark) -> dict[str, Any]:
    done, packed = cv2.imencode(".png", mark.logo.picture())
    if not done:
        raise ExamplesError("the logo's picture can't be kept")
    place = [round(v, 4) for v in (mark.place.x, mark.place.y, mark.place.width)]
    shares = {name: [s.count, s.total] for name, s in (("found", mark.found), ("taken", mark.taken))}
    return {"picture": base64.b64encode(packed.tobytes()).decode(), "place": place} | shares


def _mark_from_json(data: Any) -> Mark | None:
    if data is None:
        return None
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(data["picture"]), np.uint8), cv2.IMREAD_UNCHANGED)
    x, y, width = (float(v) for v in data["place"])
    if picture is None or picture.ndim != 3 or not (np.isfinite([x, y, width]).all() and width > 0):
        raise ValueError("no logo")
    found, taken = (Share(int(count), int(total)) for count, total in (data["found"], data["taken"]))
    return Mark(Logo.of(np.asarray(picture, np.uint8)), Place(x, y, width), found, taken)


def _shares(measured: Measured) -> Mapping[str, Share]:
    return {
        "recall": measured.recall,
        "rejected": measured.rejected,
        "taken": measured.taken,
        "told": measured.told,
    }


def _from_json(data: Any, kind: str) -> ExampleSet:
    points = np.array(data["points"], np.float32)
    if data["format"] != FORMAT or data["kind"] != kind or points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError("another format")
    shares = {name: Share(int(count), int(total)) for name, (count, total) in data["measured"].items()}
    made = datetime.fromisoformat(data["made"])
    scale = Scale(float(data["high"]), float(data["low"]))
    return ExampleSet(
        kind, str(data["space"]), points, scale, Measured(**shares), made, _mark_from_json(data.get("logo"))
    )
