"""The kiosk's state of one moment, from what the door's loop knows."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, Final

from service.door.follow import Follow
from service.door.guidance import guidance, outline
from service.door.open_arrival import OpenArrival
from service.door.placing import placing
from service.door.state import CameraState, KioskState, Phase, Shown, ShownFinding
from service.texts import text
from vision.policy import Policy
from vision.presence import Presence
from vision.types import Finding, Image, Outcome, Text

ORDER: Final = (Outcome.FAIL, Outcome.UNSURE, Outcome.REVIEW, Outcome.PASS)
PICTOGRAMS: Final = {
    "head": "head", "face": "head", "ears": "head", "neck": "head", "chest": "top", "torso": "top", "back": "top",
    "waist": "top", "forearms": "hands", "wrists": "hands", "hands": "hands", "thighs": "bottom", "legs": "bottom",
    "knees": "bottom", "ankles": "feet", "feet": "feet", "body": "top",
}  # fmt: skip
BADGE: Final = "badge"
LARGER: Final = 1.5
"""By how much larger somebody else must be, in area, for the kiosk to turn to them."""
SHOWN: Final = (Outcome.FAIL, Outcome.UNSURE, Outcome.PASS)
"""What is for the supervisor alone, and what does not apply, is not shown at the door."""


class Showing:
    """Makes the states of one camera, numbered. `policy` has the clauses' texts, `zone` is the site's."""

    def __init__(self, camera: str, policy: Policy, grace: float, zone: tzinfo | None = None) -> None:
        self._camera, self._policy, self._grace, self._number = camera, policy, grace, 0
        self._zone = zone
        self._placed: tuple[object, dict[str, Any]] = (None, {})
        self._subject: Presence | None = None
        self.unknown_code: int | None = None
        """the number of the arrival that gave a code that nobody has"""

    def subject(self, follow: Follow) -> Presence | None:
        """Whom the kiosk speaks to: the largest of the arrivals in the picture, else the largest who is in the zone.

        Whom it spoke to before stays that while they are about as large: of two side by side now the one and now the
        other is larger by a little.
        """
        present = follow.scene.present
        near = [p for p in present if p.arrived] or [p for p in present if p.in_zone]
        kept = next((p for p in near if p is self._subject), None)
        largest = near[0] if near else None
        stays = kept and largest and largest.last.box.area <= LARGER * kept.last.box.area
        self._subject = kept if stays else largest
        return self._subject

    def dark(self, state: CameraState, since: datetime, now: datetime) -> KioskState:
        """While the camera shows nothing that can be judged."""
        code = f"door.camera-{state}"
        clock = f"{since.astimezone(self._zone):%H:%M}"
        return self._state(
            now, state, Phase.IDLE, note=text(code) if state is CameraState.STARTING else text(code, since=clock)
        )

    def of(self, follow: Follow, image: Image, now: datetime) -> KioskState:
        """While the camera is well; knows nothing of people who are not in the picture."""
        subject = self.subject(follow)
        if subject is None or subject.number != self.unknown_code:
            self.unknown_code = None
        if subject is None:
            self._placed = (None, {})  # nothing is kept of who has left
            return self._state(now, CameraState.OK, Phase.IDLE, people=len(follow.scene.present))
        arrival = follow.of(subject)
        others = [p for p in follow.scene.present if p is not subject]
        left = follow.grace_left(arrival) if arrival else None
        height, width = image.shape[:2]
        box = subject.last.box.clip(width, height)
        return self._state(
            now,
            CameraState.OK,
            phase(arrival),
            outline=outline(subject, image),
            guidance=guidance(subject, arrival, others, image),
            person=(box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height),
            people=len(follow.scene.present),
            arrival=arrival.key if arrival else None,
            result=self.shown(arrival) if arrival else None,
            grace_left=None if left is None else round(left, 1),
            grace_of=None if left is None else self._grace,
            note=text("door.unknown-code") if self.unknown_code else None,
            extra=self._placing(arrival),
        )

    def _placing(self, arrival: OpenArrival | None) -> dict[str, Any]:
        """What the view for placing the camera shows; the kiosk's page is not told."""
        if arrival is None or not arrival.gathered.observations:
            return {}
        newest, occasion = arrival.gathered.observations[-1], arrival.wearing.occasion
        if self._placed[0] is not newest:
            known = self._policy.effective(occasion.profile, occasion.date)
            clauses = tuple(clause for clause in known if occasion.profile in clause.profiles)
            self._placed = (newest, {"placing": placing(newest, clauses)})
        return self._placed[1]

    def shown(self, arrival: OpenArrival) -> Shown | None:
        """The verdict for the kiosk; None while there is none. Fails first, then unsure, then what is well.

        An arrival that could not be looked at is unsure without a finding.
        """
        verdict, known = arrival.verdict, arrival.wearing.staff is not None
        if verdict is None:
            return Shown(arrival.key, Outcome.UNSURE, (), known, arrival.reply_code) if arrival.failed else None
        findings = sorted((f for f in verdict.findings if f.outcome in SHOWN), key=lambda f: ORDER.index(f.outcome))
        shown = tuple(self._finding(finding, arrival) for finding in findings)
        return Shown(arrival.key, verdict.outcome, shown, known, arrival.reply_code)

    def _finding(self, finding: Finding, arrival: OpenArrival) -> ShownFinding:
        occasion = arrival.wearing.occasion
        clause = self._policy.clause(finding.clause, occasion.date, occasion.profile)
        picture = BADGE if clause.id.startswith(BADGE) else PICTOGRAMS.get(clause.look[0], "top")
        title = Text(clause.id, clause.zh, clause.en)
        return ShownFinding(
            clause.id, finding.outcome, title, finding.reason, finding.action, picture, finding.because_of
        )

    def _state(self, now: datetime, camera: CameraState, stage: Phase, **more: object) -> KioskState:
        self._number += 1
        return KioskState(self._number, self._camera, now, camera, stage, **more)  # type: ignore[arg-type]


def phase(arrival: OpenArrival | None) -> Phase:
    """Where somebody in the picture stands."""
    if arrival is None:
        return Phase.APPROACH
    if arrival.verdict is None and not arrival.failed:
        return Phase.LOOKING
    return Phase.DONE if arrival.settled else Phase.RESULT
