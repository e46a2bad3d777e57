"""Plays the door for tests of the kiosk: a process that serves sample pictures and states, as it is told on stdin.

Each line is the name of a scene (`SCENES`); what the page asks for is printed, one command a line.
"""

# ruff: noqa: E501 - scenes read best one a line
from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
from fakes import policy

from service.door.link_wire import run_folder
from service.door.mirror_server import MirrorServer
from service.door.placing import placing
from service.door.state import CameraState, Guide, KioskState, Outline, Phase, Shown, ShownFinding
from service.texts import text as words
from vision.observation import Observation
from vision.texts import text
from vision.types import Box, Cause, Image, Outcome, Region, Text

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CODE, CODE_SHOWN, KEY = "K7QF3MXDH2PW", "K7QF-3MXD-H2PW", "arrival-key"
PARTS = {
    "badge": ("badge-worn", "badge-on-chest", "badge-upright"),
    "head": ("no-sunglasses", "shaven", "short-hair"),
    "bottom": ("no-shorts", "no-mini-skirt", "long-dark-trousers"),
    "feet": ("leather-shoes", "dark-shoes", "dark-socks", "no-open-shoes", "no-slippers", "no-sneakers"),
}


def _finding(clause: str, outcome: Outcome, reason: Text, action: str | None = None, **more: str) -> ShownFinding:
    entry = next(c for c in policy().clauses if c.id == clause)
    part = next((name for name, ids in PARTS.items() if clause in ids), "top")
    because = more.pop("because_of", None)
    does = text(action, **more) if action else None
    return ShownFinding(clause, outcome, Text(clause, entry.zh, entry.en), reason, does, part, because)


def _fail(clause: str, fact: str, value: str, because_of: str | None = None) -> ShownFinding:
    reason = text("value-forbidden", fact=fact, value=value)
    found = _finding(clause, Outcome.FAIL, reason, f"action.{clause}")
    return found if because_of is None else ShownFinding(*_fields(found)[:-1], because_of)


def _fields(found: ShownFinding) -> tuple[object, ...]:
    return (found.clause, found.outcome, found.title, found.reason, found.action, found.pictogram, found.because_of)


def _unseen(clause: str, region: str) -> ShownFinding:
    reason = text("region-not-visible", region=region, cause="out-of-picture")
    return _finding(clause, Outcome.UNSURE, reason, "action.show-step-back", region=region)


def _fine(*clauses: str) -> tuple[ShownFinding, ...]:
    reason = text("value-allowed", fact="upper", value="shirt")
    return tuple(_finding(clause, Outcome.PASS, reason) for clause in clauses)


RIGHT = _fine(
    "badge-worn", "badge-on-chest", "no-sunglasses", "no-sleeveless", "no-bare-midriff", "not-open-chested",
    "no-draped-coat", "no-rolled-sleeves", "long-dark-trousers", "no-open-shoes",
)  # fmt: skip
NAMELESS = tuple(
    _finding(c, Outcome.UNSURE, text("wearer-unknown"), "action.name-wearer") for c in ("shirt-tucked", "short-hair")
)
FAILS = (
    _fail("no-shorts", "bottom", "shorts"),
    _fail("long-dark-trousers", "bottom", "shorts", because_of="no-shorts"),
    _finding(
        "badge-upright",
        Outcome.FAIL,
        text("measure.badge_tilt.fail", measured=24.0, limit=15.0),
        "action.badge-upright",
    ),
)
MANY = (
    *FAILS,
    _fail("no-sleeveless", "sleeve", "none"),
    _fail("no-sunglasses", "glasses", "sun"),
    _fail("no-sneakers", "shoe", "sneaker"),
    _fail("no-bare-midriff", "bare", "midriff"),
    _fail("not-open-chested", "front", "undone"),
)
SHOES = tuple(_unseen(c, "feet") for c in ("leather-shoes", "dark-shoes", "dark-socks", "no-slippers"))
DARK = (
    _finding(
        "shaven",
        Outcome.UNSURE,
        text("region-too-dark", region="face", cause="too-dark", light=31, needed=45),
        "action.show-light",
        region="face",
    ),
    _finding(
        "no-rolled-sleeves",
        Outcome.UNSURE,
        text("region-not-visible", region="forearms", cause="covered"),
        "action.show-uncover",
        region="forearms",
    ),
    _finding("badge-upright", Outcome.UNSURE, text("fact-unknown", fact="badge", cause="covered"), "action.show-card"),
)


def _shown(outcome: Outcome, findings: tuple[ShownFinding, ...], identified: bool = False) -> Shown:
    return Shown(KEY, outcome, findings, identified, CODE)


def _placing() -> Mapping[str, object]:
    regions = {
        "chest": Region("chest", True, None, Box(240, 300, 480, 480)),
        "feet": Region("feet", False, Cause.OUT_OF_PICTURE),
        "face": Region("face", False, Cause.TOO_SMALL, Box(330, 150, 390, 220)),
        "back": Region("back", False, Cause.TURNED_AWAY),
    }
    image = np.zeros((1280, 720, 3), np.uint8)
    seen = Observation(1, 0.0, datetime.now(timezone.utc), image, Box(0, 0, 720, 1280), 0.9, 1.0, regions, {})
    return placing(seen, policy().effective("hall", None))


ASIDE = (0.06, 0.1, 0.31, 0.96)
"""Where somebody stands in a picture that lies, as shares of it."""
Made = Mapping[str, object]
SCENES: Mapping[str, tuple[str, Made]] = {
    "idle": ("hall", {"phase": Phase.IDLE}),
    "approach": ("woman-suit", {"phase": Phase.APPROACH, "outline": Outline.NONE, "people": 1, "guidance": (Guide(words("guide.step-closer"), "step-closer"),)}),
    "partial": ("sweater-no-feet", {"phase": Phase.APPROACH, "outline": Outline.PARTIAL, "people": 1, "guidance": (Guide(words("guide.step-back-feet"), "step-back"), Guide(words("guide.turn-badge"), "badge"))}),
    "ready": ("man-summer", {"phase": Phase.APPROACH, "outline": Outline.READY, "people": 1, "guidance": (Guide(words("guide.stand-still"), "still"),)}),
    "several": ("woman-suit", {"phase": Phase.APPROACH, "outline": Outline.PARTIAL, "people": 3, "guidance": (Guide(words("guide.one-at-a-time"), "person"), Guide(words("guide.step-back-head"), "step-back"))}),
    "aside": ("man-suit in a hall", {"phase": Phase.LOOKING, "outline": Outline.READY, "people": 2, "person": ASIDE}),
    "looking": ("man-summer", {"phase": Phase.LOOKING, "outline": Outline.READY, "people": 1}),
    "another": ("woman-suit", {"phase": Phase.LOOKING, "outline": Outline.READY, "people": 2, "arrival": "another-key"}),
    "placing": ("sweater-no-feet", {"phase": Phase.LOOKING, "outline": Outline.PARTIAL, "people": 1, "extra": {"placing": _placing()}}),
    "pass": ("man-summer", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.PASS, RIGHT, True), "grace_of": 20.0}),
    "fail": ("shorts-bright", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.FAIL, (*FAILS, *SHOES, *NAMELESS, *RIGHT)), "grace_of": 20.0}),
    "many": ("tank-shorts-sandals", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.FAIL, (*MANY, *SHOES, *DARK, *NAMELESS, *RIGHT)), "grace_of": 20.0}),
    "unsure": ("sweater-no-feet", {"phase": Phase.RESULT, "outline": Outline.PARTIAL, "people": 1, "result": _shown(Outcome.UNSURE, (*SHOES, *DARK, *NAMELESS, *RIGHT[:5])), "grace_of": 20.0}),
    "visitor": ("woman-summer", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.NOT_APPLICABLE, ()), "grace_of": 20.0}),
    "one": ("shorts-bright", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 3, "result": _shown(Outcome.FAIL, (*FAILS[:2], *RIGHT), True), "grace_of": 20.0}),
    "not-checked": ("man-summer", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.UNSURE, ())}),
    "unknown": ("man-summer", {"phase": Phase.RESULT, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.UNSURE, (*NAMELESS, *RIGHT)), "grace_of": 20.0, "note": words("door.unknown-code")}),
    "done": ("shorts-bright", {"phase": Phase.DONE, "outline": Outline.READY, "people": 1, "result": _shown(Outcome.FAIL, (*FAILS, *RIGHT))}),
    **{
        f"camera-{state}": ("", {"phase": Phase.IDLE, "camera_state": state, "note": words(f"door.camera-{state}", since="08:12") if state is not CameraState.STARTING else None})
        for state in CameraState if state is not CameraState.OK
    },
}  # fmt: skip


STUCK = "stuck"


def hall(width: int, height: int) -> Image:
    """An empty room."""
    rows = np.linspace(150, 215, height, dtype=np.uint8)
    return np.repeat(np.repeat(rows[:, None, None], width, 1), 3, 2)


def picture(name: str) -> Image | None:
    """A scene's picture; the hall is an empty room."""
    if name == "hall":
        return hall(720, 1280)
    if name.endswith(" in a hall"):
        lying, (x1, y1, x2, y2) = hall(1280, 720), ASIDE
        left, top, right, bottom = round(x1 * 1280), round(y1 * 720), round(x2 * 1280), round(y2 * 720)
        person = cv2.imread(str(SAMPLES / f"{name.removesuffix(' in a hall')}.jpg"))
        lying[top:bottom, left:right] = cv2.resize(person, (right - left, bottom - top))
        return lying
    return cv2.imread(str(SAMPLES / f"{name}.jpg")) if name else None  # type: ignore[return-value]


class Stage:
    """Shows the scene that was asked for last, over and over, as the loop does; when `STUCK`, without new pictures."""

    def __init__(self, store: Path, camera: str, pause: float = 0.08) -> None:
        self.mirror = MirrorServer(run_folder(store), camera)
        self._camera, self._pause, self._number = camera, pause, 0
        self._grace_until = 0.0
        self._image: Image | None = None
        self._stuck = False
        self._scene = SCENES["idle"][1]
        self.play("idle")
        self.running = True

    def play(self, name: str) -> None:
        self._stuck = name == STUCK
        if self._stuck:
            return
        image, scene = SCENES[name]
        self._image, self._scene = picture(image), scene
        self._grace_until = time.monotonic() + float(scene.get("grace_of", 0.0))  # type: ignore[arg-type]

    def state(self) -> KioskState:
        self._number += 1
        made = {"camera_state": CameraState.OK, **self._scene}
        if "result" in made or made["phase"] is Phase.LOOKING:
            made.setdefault("arrival", KEY)
        if "grace_of" in made:
            made["grace_left"] = max(0.0, round(self._grace_until - time.monotonic(), 1))
        return KioskState(self._number, self._camera, datetime.now(timezone.utc), **made)  # type: ignore[arg-type]

    def run(self, heard: Callable[[str], None]) -> None:
        while self.running:
            if self._image is not None and not self._stuck:
                self._image = self._image.copy()  # each frame is a new one
            self.mirror.show(self._image, self.state())
            for command in self.mirror.commands():
                heard(" ".join(filter(None, (str(command.wish), command.code, command.arrival))))
            time.sleep(self._pause)
        self.mirror.close()


def main() -> None:
    stage = Stage(Path(sys.argv[1]), sys.argv[2])
    threading.Thread(target=stage.run, args=(lambda said: print(said, flush=True),), daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        stage.play(line.strip())
        print(f"plays {line.strip()}", flush=True)
    stage.running = False


if __name__ == "__main__":
    main()
