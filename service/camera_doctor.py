"""``dresscode doctor --camera``: what a camera shows, and which clauses can be decided from where it stands."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console

from models.looks import Networks
from service.texts import text
from vision.config import CameraSection, Config, load_config
from vision.placement import Decidable, decidable, pixels, region_words
from vision.policy import load_policy
from vision.regions import FINE_SHARP, SHARP, regions, sharpness
from vision.sources import CameraState, Frame, open_source, redact
from vision.types import Regions, Text

SHOWN = ("head", "chest", "feet", "body")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came in some seconds: the last frame, the rate, the spread of the times between frames in ms."""

    frame: Frame | None
    state: CameraState
    problem: str | None
    frames: int
    fps: float
    jitter: float


def report_camera(camera: str, config_file: Path | None, seconds: float, as_json: bool) -> int:
    """Prints it; 0 if every clause can be decided, 1 if not or if there is no picture or nobody in it.

    Raises `SourceError` for a source that can never work.
    """
    config = load_config(config_file)
    section = config.cameras.get(camera) or CameraSection(source=camera)
    name = camera if camera in config.cameras else redact(camera)
    row, lines, good = examine(watched(name, section, seconds), config)
    if as_json:
        print(json.dumps({"camera": name, "good": good, **row}, ensure_ascii=False, indent=2))
    else:
        console = Console(soft_wrap=True, highlight=False, markup=False)
        for line in lines:
            console.print(f"{line.zh}\n{line.en}")
    return 0 if good else 1


def watched(name: str, section: CameraSection, seconds: float) -> Seen:
    """Looks through a camera for some seconds; a recording ends earlier."""
    times, last = [], None
    with open_source(name, section) as source:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not source.ended:
            if frame := source.next(0.25):
                times.append(frame.monotonic)
                last = frame
        state, problem, read = source.state, source.problem, source.counts.read
    gaps = np.diff(times)
    fps = 1 / float(gaps.mean()) if len(gaps) and gaps.mean() > 0 else 0.0
    return Seen(last, state, problem, read, fps, float(gaps.std()) * 1000 if len(gaps) else 0.0)


def examine(seen: Seen, config: Config) -> tuple[dict[str, Any], list[Text], bool]:
    """The row for machines, the lines for people, and whether every clause can be decided."""
    row: dict[str, Any] = {"state": str(seen.state), "problem": seen.problem, "frames": seen.frames}
    lines = [text("camera.state", state=str(seen.state))]
    if seen.frame is None:
        return row, [*lines, text("camera.none", problem=seen.problem or str(seen.state))], False
    image = seen.frame.image
    light = float(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).mean())
    row |= {"width": image.shape[1], "height": image.shape[0], "fps": round(seen.fps, 1)}
    row |= {"jitter_ms": round(seen.jitter, 1), "brightness": round(light)}
    numbers = {k: row[k] for k in ("width", "height", "fps")}
    lines += [text("camera.picture", **numbers, jitter=row["jitter_ms"]), text("camera.light", light=round(light))]
    people = [p for p in Networks(config).people(image) if p.box.height >= config.vision.min_person_height]
    row["people"] = len(people)
    if not people:
        return row, [*lines, text("camera.nobody")], False
    sharp = sharpness(image, people[0].box)
    row["sharpness"] = round(sharp, 1)
    lines.append(text("camera.sharp", sharp=round(sharp, 1), needed=SHARP, fine=FINE_SHARP))
    more, said, good = _view(regions(people[0], image), config)
    return row | more, lines + said, good and seen.state is CameraState.OK


def _view(places: Regions, config: Config) -> tuple[dict[str, Any], list[Text], bool]:
    policy = load_policy(config.policy_path)
    occasion = policy.occasion(config.service.profile, config.service.wearer, date.today())
    sizes, found = pixels(places), decidable(places, policy, occasion)
    lines = [
        _joined("", text("camera.pixels", region="{0}", has=round(s.has), needs=s.needs), region=region_words(s.region))
        for s in sizes
        if s.region in SHOWN
    ]
    names = {c.id: Text(c.id, c.zh, c.en) for c in policy.assessed(occasion.date, occasion.profile)}
    lines += [_line(names[d.clause], d) for d in found]
    row = {
        "regions": {s.region: {"pixels": round(s.has), "needed": s.needs, "visible": s.visible} for s in sizes},
        "clauses": [_clause_row(d) for d in found],
    }
    return row, lines, all(d.decidable for d in found)


def _joined(mark: str, said: Text, region: Text) -> Text:
    return Text(said.code, mark + said.zh.format(region.zh), mark + said.en.format(region.en))


def _line(name: Text, d: Decidable) -> Text:
    parts = [text("camera.can" if d.decidable else "camera.cannot"), d.reason, d.action]
    parts += [text("camera.person")] if d.person else []
    zh, en = ("; ".join(p for p in side if p) for side in (
        [p.zh for p in parts if p], [p.en for p in parts if p],
    ))  # fmt: skip
    mark = "✓" if d.decidable else "✗"
    return Text(d.clause, f"{mark} {name.zh}：{zh}", f"{mark} {name.en}: {en}")


def _clause_row(d: Decidable) -> dict[str, Any]:
    def both(said: Text | None) -> dict[str, str] | None:
        return {"zh": said.zh, "en": said.en} if said else None

    cause = str(d.cause) if d.cause else None
    return {"clause": d.clause, "decidable": d.decidable, "region": d.region, "cause": cause, "by_person": d.person,
            "reason": both(d.reason), "action": both(d.action)}  # fmt: skip
