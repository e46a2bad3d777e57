"""What "97 % sure" rests on: how the certainty was calibrated, and how often the clause was right then and since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.figures import Figures, read_figures
from service.store.detail import Whole
from service.web.language import say
from vision.errors import WeightsError

SAID = ("pass", "fail")
"""Outcomes that come with a certainty; what is unsure says in its reason how likely it is."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """What is known of the clauses. `figures` are those of the calibration, `agreed` confirmed and decided fails."""

    figures: Mapping[str, Figures]
    agreed: Mapping[str, tuple[int, int]]

    def percent(self, said: Mapping[str, Any]) -> int | None:
        """How sure a finding is, in percent; None where there is nothing to be sure of."""
        return round(said["confidence"] * 100) if said["outcome"] in SAID else None

    def rests_on(self, said: Mapping[str, Any]) -> list[str]:
        """Sentences about what a finding's certainty rests on, in the page's language."""
        clause, outcome = said["clause"], said["outcome"]
        lines, share, count = [say("review.rests.photos")], None, 0
        if figures := self.figures.get(clause):
            fails = outcome == "fail"
            share = figures.precision if fails else figures.clear_precision
            count = figures.told if fails else figures.cleared
        if share is not None and count:
            lines.append(say(f"review.rests.{outcome}", right=round(share * count), count=count))
        else:
            lines.append(say("review.rests.unmeasured"))
        if outcome == "fail" and clause in self.agreed:
            right, count = self.agreed[clause]
            lines.append(say("review.rests.use", right=right, count=count))
        return lines


def asked_of(whole: Whole) -> list[str]:
    """The clauses that an arrival fails."""
    return [seen.said["clause"] for seen in whole.findings if seen.said["outcome"] == "fail"]


def figures_of(folder: Path) -> Mapping[str, Figures]:
    """The figures of the calibration; none where there are no weights, or broken ones."""
    try:
        return _read(folder, (folder / "thresholds.toml").stat().st_mtime_ns)
    except (OSError, WeightsError):
        return {}


@lru_cache(maxsize=2)
def _read(folder: Path, changed: int) -> Mapping[str, Figures]:
    return read_figures(folder)
