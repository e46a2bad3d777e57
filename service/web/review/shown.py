"""What the pages show of an arrival: texts in the page's language, the picture to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.store.detail import Seen, Whole
from service.store.tables import Arrival, FindingRow, Picture
from service.web.language import language
from service.web.site import site
from vision.errors import PolicyError

ORDER: Final = ("fail", "unsure", "review", "wearer", "pass", "not-applicable")
"""What is wrong first, then what could not be seen, then what waits for an eye; `wearer` waits for who it is."""


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
    """The findings by outcome, those without any left out; what is unsure since nobody knows whom the code addresses
    is a group of its own, unless something was said against it or decided."""
    by: dict[str, list[Seen]] = {outcome: [] for outcome in ORDER}
    for seen in whole.findings:
        by["wearer" if _waits_for_wearer(seen) else seen.said["outcome"]].append(seen)
    return [Group(outcome, found) for outcome, found in by.items() if found]


def profile_title(name: str) -> str:
    """A profile's title in the page's language; its name where the code no longer has it."""
    profile = site().policy.profiles.get(name)
    return str(getattr(profile.title, language())) if profile else name


def thumbnail(arrival: Arrival) -> Thumbnail | None:
    """The picture of the first failed finding that has one, of an unsure one, of one for review, else the overview."""
    pictures = {picture.clause: picture for picture in arrival.pictures}
    for outcome in ("fail", "unsure", "review"):
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


def choices(outcome: str) -> Sequence[str]:
    """What can be decided of a finding."""
    return {"fail": ("confirmed", "overturned"), "unsure": ("pass", "fail"), "review": ("pass", "fail")}.get(
        outcome, ()
    )


def _waits_for_wearer(seen: Seen) -> bool:
    said = seen.said
    touched = seen.contests or (seen.row is not None and seen.row.decision is not None)
    return said["outcome"] == "unsure" and said["reason"]["code"] == "wearer-unknown" and not touched
