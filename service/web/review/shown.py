"""What the pages show of an arrival: texts in the page's language, the picture to begin with, the measure behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.store.detail import Seen, Whole
from service.store.tables import Arrival, FindingRow, Picture
from service.web.language import language
from service.web.site import site
from vision.errors import PolicyError

ORDER: Final = ("fail", "unsure", "review", "pass", "not-applicable")
"""What is wrong first, then what could not be seen, then what waits for an eye."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one outcome, each followed by those that follow from it."""

    outcome: str
    findings: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture for the queue, and the place in it that is meant, xyxy pixels."""

    picture: Picture
    box: Sequence[float] | None


def groups(whole: Whole) -> list[Group]:
    """The findings by outcome, those without any left out."""
    by = {outcome: [seen for seen in whole.findings if seen.said["outcome"] == outcome] for outcome in ORDER}
    return [Group(outcome, found) for outcome, found in by.items() if found]


def thumbnail(arrival: Arrival) -> Thumbnail | None:
    """The picture of the first failed finding that has one, else of an unsure one, else the overview."""
    pictures = {picture.clause: picture for picture in arrival.pictures}
    for outcome in ("fail", "unsure"):
        for finding in listed(arrival.findings, outcome):
            found = pictures.get(finding.clause)
            if found:
                return Thumbnail(found, found.box)
    return Thumbnail(pictures[""], pictures[""].box) if "" in pictures else None


def listed(findings: Sequence[FindingRow], outcome: str) -> list[FindingRow]:
    """Those of an outcome, the surest first; what follows from another clause comes last."""
    return sorted((f for f in findings if f.outcome == outcome), key=lambda f: (bool(f.because_of), -f.confidence))


def clause_text(clause_id: str, other: bool = False) -> str:
    """A clause's wording in the page's language, or in the other one; its id where the code no longer has it."""
    chosen = ("en" if language() == "zh" else "zh") if other else language()
    known = site().clause_texts
    said = known.get((clause_id, chosen))
    if said is None:
        try:
            clause = site().policy.clause(clause_id)
        except (KeyError, PolicyError):
            return clause_id
        said = known[clause_id, chosen] = str(getattr(clause, chosen))
    return said


def measure(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The numbers that a reason speaks of, as name and value: what was measured against what is allowed."""
    params = said["reason"].get("params") or {}
    return [(name, _number(value)) for name, value in params.items() if isinstance(value, (int, float))]


def choices(outcome: str) -> Sequence[str]:
    """What can be decided of a finding."""
    return {"fail": ("confirmed", "overturned"), "unsure": ("pass", "fail"), "review": ("pass", "fail")}.get(
        outcome, ()
    )


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, int) else f"{round(value, 1):g}"
