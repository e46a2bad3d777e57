"""Follows the people in front of one camera, says who is to be looked at next, and judges them.

It knows no thread, no page and no database: the door's loop and the check of a video are two ways to drive it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from service.door.open_arrival import Finished, OpenArrival, Wearing
from vision.arrivals import Arrivals
from vision.evidence import Fused
from vision.judge import Judge
from vision.observation import KeyFrame, Observation, sight
from vision.presence import Presence, Rules, Scene
from vision.tracker import Tracker
from vision.types import Image, Outcome, Person, Verdict

log = logging.getLogger(__name__)
NOBODY: Final = 2
"""Looks without a person after which what was found is taken for a thing."""
NEVER_LOOKED: Final = "the person left before the networks could look at them"


@dataclass(frozen=True, slots=True)
class Place:
    """The camera and the door whose arrivals are followed."""

    camera: str
    door: str


class Follow:
    """The people in front of one camera.

    Args:
        place: the camera.
        rules: when somebody is an arrival.
        judge: the dress code.
        wearing: under what somebody of whom nothing is known is judged; asked once for each arrival, since a camera
            runs for weeks and a day has its season.
        rate: frames a second that will come, roughly.
        reply: makes the code by which somebody sees their own arrival; None where there is no such page.
    """

    def __init__(
        self,
        place: Place,
        rules: Rules,
        judge: Judge,
        wearing: Callable[[], Wearing],
        rate: float = 12.0,
        reply: Callable[[], str] | None = None,
    ) -> None:
        self._place, self._rules, self._judge, self._wearing = place, rules, judge, wearing
        self._reply = reply
        self._tracker, self._arrivals = Tracker(rate), Arrivals(rules)
        self._now = float("-inf")
        self.arrivals: dict[int, OpenArrival] = {}
        """the open ones by number"""
        self.scene = Scene((), (), ())

    def see(self, people: Sequence[Person], image: Image, number: int, at: float, when: datetime) -> list[Finished]:
        """Takes the next frame with the people found in it; gives the arrivals that ended.

        A frame whose `at` is before the last one's is taken as of the same moment.
        """
        self._now = max(self._now, at)
        self.scene = self._arrivals.update(self._tracker.update(people), image, self._now, when)
        for new in self.scene.arrived:
            code = self._reply() if self._reply else None
            self.arrivals[new.number or 0] = OpenArrival(new, self._wearing(), secrets.token_urlsafe(16), code)
        for presence in self.scene.present:
            if (arrival := self.of(presence)) and not presence.doubted:
                box = presence.last.box
                others = tuple(p.box for p in people if p.box is not box)
                seen = sight(image, box)
                self._keep(arrival, KeyFrame(number, self._now, when, image, presence.person, seen, others))
        for arrival in self.arrivals.values():
            self._settle(arrival)
        return [self._finish(one) for one in self.scene.ended]

    def of(self, presence: Presence) -> OpenArrival | None:
        """The arrival of somebody in the scene; None while they are none."""
        return self.arrivals.get(presence.number) if presence.number is not None else None

    def next_look(self) -> tuple[int, KeyFrame] | None:
        """Whom to look at now, in which frame: who was looked at least, then who waits longest. It counts as asked."""
        waiting = [a for a in self.arrivals.values() if a.wants(self._now, self._now)]
        if not waiting:
            return None
        chosen = min(waiting, key=lambda a: (len(a.gathered.observations), a.looked_at or 0.0, a.number))
        frame, chosen.spare = chosen.spare, None
        assert frame is not None
        chosen.asked, chosen.looked_at = True, frame.at
        return chosen.number, frame

    def take(self, number: int, answer: Observation | str) -> OpenArrival | None:
        """Takes a look's answer, or the text of what threw; the arrival, None where it has ended meanwhile."""
        arrival = self.arrivals.get(number)
        if arrival is None:
            return None
        if isinstance(answer, str):
            arrival.asked = False
            arrival.errors.append(answer)
            return arrival
        if arrival.looked_at is None or answer.at < arrival.looked_at:  # asked for before "look again"
            arrival.asked = False
            return arrival
        if answer.nobody:
            return self._not_a_person(arrival)
        arrival.take(answer)
        self._judge_anew(arrival)
        return arrival

    def _not_a_person(self, arrival: OpenArrival) -> OpenArrival | None:
        """A look at nobody says nothing; where no look has found somebody and several nobody, it is no arrival."""
        arrival.asked, arrival.nobody = False, arrival.nobody + 1
        if arrival.gathered.looks or arrival.nobody < NOBODY:
            return arrival
        log.info("%s: arrival %d is no person", self._place.camera, arrival.number)
        del self.arrivals[arrival.number]
        self._arrivals.dismiss(arrival.number)
        return None

    def look_again(self, number: int) -> None:
        """Somebody asks to be looked at again."""
        if arrival := self.arrivals.get(number):
            arrival.look_again()
            arrival.looked_at = self._now

    def settle(self, number: int) -> None:
        """Somebody is done: the time to put things right is over."""
        if (arrival := self.arrivals.get(number)) and arrival.verdict is not None:
            arrival.settled = True

    def identify(self, number: int, wearing: Wearing) -> None:
        """Judges an arrival as that of somebody who said who they are."""
        if arrival := self.arrivals.get(number):
            arrival.wearing = wearing
            self._judge_anew(arrival)

    def tick(self, at: float) -> list[Finished]:
        """Time goes on without a frame, as while the camera is lost; gives the arrivals that ended."""
        self._now = max(self._now, at)
        self.scene = Scene((), (), tuple(self._arrivals.tick(self._now)))
        return [self._finish(one) for one in self.scene.ended]

    def close(self) -> list[Finished]:
        """Ends all arrivals: no frame will come any more."""
        return [self._finish(one) for one in self._arrivals.close()]

    def grace_left(self, arrival: OpenArrival) -> float | None:
        """Seconds in which an arrival that did not pass may still put things right; None where none run."""
        if arrival.judged_at is None or arrival.settled or arrival.verdict is None:
            return None
        return max(0.0, arrival.judged_at + self._rules.grace - self._now)

    def _keep(self, arrival: OpenArrival, frame: KeyFrame) -> None:
        """The frame for the next look: the newest of somebody who stands well, else the best of the last second."""
        old = arrival.spare
        stale = old is None or frame.at - old.at > 1.0
        if old is None or stale or frame.sight.score >= 0.9 * old.sight.score:
            arrival.spare = frame

    def _judge_anew(self, arrival: OpenArrival) -> None:
        if arrival.fused is None:
            return
        arrival.verdict = judged(self._judge, arrival.fused, arrival.wearing)
        if arrival.judged_at is None:
            arrival.judged_at = self._now

    def _settle(self, arrival: OpenArrival) -> None:
        """No more looks: after a pass that several looks agree on, or when the time to put things right is over."""
        verdict = arrival.verdict
        if arrival.settled or verdict is None:
            return
        passed = verdict.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) and len(arrival.gathered.observations) >= 3
        arrival.settled = passed or self.grace_left(arrival) == 0.0

    def _finish(self, presence: Presence) -> Finished:
        arrival = self.arrivals.pop(presence.number or 0)
        verdict, fused, error = *self._said(arrival), None
        if verdict is None:
            error = arrival.errors[-1] if arrival.errors else NEVER_LOOKED
        return Finished(
            number=arrival.number,
            key=arrival.key,
            camera=self._place.camera,
            door=self._place.door,
            first_at=presence.first.when,
            last_at=presence.first.when
            + timedelta(seconds=presence.last.at - presence.first.at),  # clocks are set back
            first=presence.first.at,
            last=presence.last.at,
            wearing=arrival.wearing,
            verdict=verdict,
            fused=fused,
            looks=arrival.gathered.looks,
            reply_code=arrival.reply_code,
            error=error,
        )

    def _said(self, arrival: OpenArrival) -> tuple[Verdict | None, Fused | None]:
        """The verdict that stands in the end: who asks for another look and walks off has the one from before it.

        No pass, though, where looking threw since then.
        """
        if arrival.verdict is not None or arrival.earlier is None:
            return arrival.verdict, arrival.fused
        verdict = judged(self._judge, arrival.earlier, arrival.wearing)
        return (None, None) if arrival.errors and verdict.outcome is Outcome.PASS else (verdict, arrival.earlier)


def judged(judge: Judge, fused: Fused, wearing: Wearing) -> Verdict:
    """The verdict on what all looks together say. A judge that throws leaves it unsure, with the error's name."""
    main, errors = fused.main, fused.errors
    try:
        outcome, findings = judge.judged(wearing.occasion, fused.regions, fused.facts, errors)
    except Exception as error:
        log.exception("an arrival could not be judged")
        outcome, findings, errors = Outcome.UNSURE, (), (*errors, f"rules: {type(error).__name__}")
    verdict = Verdict(main.box, main.confidence, outcome, fused.regions, fused.facts, findings, errors)
    return replace(verdict, outcome=Outcome.UNSURE) if errors and outcome is Outcome.PASS else verdict
