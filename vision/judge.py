"""Regions and facts to findings and outcome, measured now or stored earlier: needs neither picture nor network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vision.policy import Policy
from vision.rules import judge, overall
from vision.types import Facts, Finding, Occasion, Outcome, PictureVerdict, Regions, Threshold, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A dress code with the `thresholds` of its clauses: how sure a verdict must be."""

    policy: Policy
    thresholds: Mapping[str, Threshold]

    def judged(
        self, occasion: Occasion, places: Regions, said: Facts, errors: Sequence[str] = ()
    ) -> tuple[Outcome, tuple[Finding, ...]]:
        """The outcome and the findings; `errors` names the networks that threw."""
        findings = judge(self.policy, occasion, places, said, self.thresholds)
        outcome = overall(self.policy, occasion, findings)
        if errors and outcome is Outcome.PASS:
            outcome = Outcome.UNSURE  # what was not looked at can't have passed
        return outcome, findings

    def again(self, verdict: PictureVerdict, occasion: Occasion) -> PictureVerdict:
        """What is said of a picture's people on this occasion, by the regions and facts of an earlier verdict."""
        people = tuple(self._anew(person, occasion) for person in verdict.people)
        return replace(verdict, occasion=occasion, people=people)

    def _anew(self, person: Verdict, occasion: Occasion) -> Verdict:
        outcome, findings = self.judged(occasion, person.regions, person.facts, person.errors)
        return replace(person, outcome=outcome, findings=findings)
