"""What the models of a policy alone cannot see: names that must be known elsewhere in the file, days, circles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date as Date
from itertools import combinations
from typing import Protocol

from pydantic import ValidationError

from vision.clauses import LIMIT, Clause
from vision.policy import Policy
from vision.policy_file import Source
from vision.profiles import Override, Profile
from vision.rules.registry import kinds
from vision.seasons import Seasons, Span, days_of_year
from vision.vocabulary import FACTS, REGIONS
from vision.yaml_lines import Place

NEEDS_A_RULE = ("assessed", "parameters", "look", "glimpse")
"""What a profile can say of no clause that is never assessed."""


class Dated(Protocol):
    """What has a first and a last day; None is an open end."""

    @property
    def since(self) -> Date | None: ...

    @property
    def until(self) -> Date | None: ...


class Checks:
    """Refuses, with file and line, a policy whose parts do not fit together."""

    def __init__(self, source: Source, policy: Policy) -> None:
        self.source, self.policy = source, policy
        self.ids = list(dict.fromkeys(c.id for c in policy.clauses))

    def run(self) -> None:
        self.source.check_name(("profile",), "profile", self.policy.profile, self.policy.profiles)
        for name, condition in self.policy.conditions.items():
            self._values(("conditions", name), condition.fact, condition.values)
        for index, clause in enumerate(self.policy.clauses):
            self._clause(("clauses", index), clause)
        self._dates()
        self._circles()
        for name, profile in self.policy.profiles.items():
            self._profile(("profiles", name), profile)
        for name, profile in self.policy.profiles.items():  # only now, as they need the names of the ones they extend
            for clause_id in profile.clauses:
                self._overridden(("profiles", name, "clauses", clause_id), name, clause_id)

    def _clause(self, place: Place, clause: Clause) -> None:
        self._names(place, clause)
        self._texts(place, clause.zh, clause.en, "limit" in clause.parameters)
        self._limit(place, clause.parameters)
        if clause.rule:
            self.source.check_name((*place, "rule"), "kind of rule", clause.rule, kinds())
            self._rule(place, clause.resolved(self.policy.parameters))

    def _names(self, place: Place, clause: Clause) -> None:
        self._known(place, "profiles", "profile", clause.profiles, list(self.policy.profiles))
        self._known(place, "because_of", "clause", clause.because_of, self.ids)
        self._applies(place, clause)

    def _applies(self, place: Place, words: Clause | Override) -> None:
        """The names by which a clause, or a profile for it, says when it applies and where to look."""
        for key, kind, known in (
            ("when", "condition", list(self.policy.conditions)),
            ("hidden_by", "condition", list(self.policy.conditions)),
            ("look", "region", list(REGIONS)),
            ("glimpse", "region", list(REGIONS)),
        ):
            self._known(place, key, kind, getattr(words, key) or (), known)

    def _known(self, place: Place, key: str, kind: str, names: Sequence[str], known: Sequence[str]) -> None:
        for name in names:
            self.source.check_name((*place, key), kind, name, known)

    def _texts(self, place: Place, zh: str | None, en: str | None, has_limit: bool) -> None:
        """What stands in braces in a clause's texts: the limit, where the rule has one, and nothing else."""
        for key, text in (("zh", zh), ("en", en)):
            for name in re.findall(r"\{[^{}]*\}", text or ""):
                self.source.check_name((*place, key), "placeholder", name, [LIMIT])
                if not has_limit:
                    self.source.refuse((*place, key), "the clause's rule has no limit to put in", name)

    def _limit(self, place: Place, parameters: Mapping[str, object]) -> None:
        limit = parameters.get("limit")
        if isinstance(limit, str):
            self.source.check_name((*place, "parameters", "limit"), "parameter", limit, self.policy.parameters)

    def _rule(self, place: Place, clause: Clause) -> None:
        try:
            rule = clause.test
        except ValidationError as error:
            self.source.refuse_first(error, (*place, "parameters"), kinds()[clause.rule or ""])
        for fact, values in rule.reads():
            self._values((*place, "parameters"), fact, values)
        for name in rule.uses():
            self.source.check_name((*place, "parameters"), "condition", name, self.policy.conditions)

    def _values(self, place: Place, fact: str, values: Sequence[str]) -> None:
        self.source.check_name((*place, "fact"), "fact", fact, FACTS)
        for value in values:
            self.source.check_name(place, f"value of {fact}", value, FACTS[fact])

    def _profile(self, place: Place, profile: Profile) -> None:
        for key, names in (("add", profile.add), ("remove", profile.remove)):
            for clause_id in names:
                self.source.check_name((*place, key), "clause", clause_id, self.ids)
        for clause_id in set(profile.add) & set(profile.remove):
            self.source.refuse((*place, "remove"), "the clause is both added and removed", clause_id)
        for parameter in profile.parameters:
            self.source.check_name((*place, "parameters", parameter), "parameter", parameter, self.policy.parameters)
        for clause_id, override in profile.clauses.items():
            here = (*place, "clauses", clause_id)
            self.source.check_name(here, "clause", clause_id, self.ids)
            self._override(here, clause_id, override)

    def _override(self, place: Place, clause_id: str, override: Override) -> None:
        self._limit(place, override.parameters)
        self._applies(place, override)
        for clause in (c for c in self.policy.clauses if c.id == clause_id):
            self._texts(place, override.zh, override.en, "limit" in clause.parameters)
            asked = next((name for name in NEEDS_A_RULE if getattr(override, name)), None)
            if clause.by == "never" and asked:
                self.source.refuse((*place, asked), "the clause has no rule, so that nothing can assess it")

    def _overridden(self, place: Place, profile: str, clause_id: str) -> None:
        for clause in self.policy.every_version(profile):
            if clause.id == clause_id and clause.rule:
                self._rule(place, clause)

    def _dates(self) -> None:
        for (_, one), (index, other) in combinations(enumerate(self.policy.clauses), 2):
            if one.id == other.id and _overlap(one, other):
                self.source.refuse(("clauses", index, "id"), "the clause stands here twice for the same days", other.id)
        for (_, first), (index, second) in combinations(enumerate(self.policy.versions), 2):
            if _overlap(first, second):
                problem = f"its days overlap those of version {first.version}"
                self.source.refuse(("versions", index), problem, second.version)
        self._summer((), self.policy.seasons)
        for name, profile in self.policy.profiles.items():
            self._summer(("profiles", name), profile.seasons or Seasons(summer=()))

    def _summer(self, place: Place, seasons: Seasons) -> None:
        for (_, span), (index, later) in combinations(enumerate(seasons.summer), 2):
            if shared := _shared_day(span, later):
                here = (*place, "seasons", "summer", index)
                self.source.refuse(here, "the spans of summer overlap", f"{shared:%m-%d}")

    def _circles(self) -> None:
        follows = {c.id: c.because_of for c in self.policy.clauses}
        for index, clause in enumerate(self.policy.clauses):
            if clause.id in _ancestors(clause.id, follows):
                self.source.refuse(("clauses", index, "because_of"), "the clause follows from itself", clause.id)


def _overlap(one: Dated, other: Dated) -> bool:
    first = max(one.since or Date.min, other.since or Date.min)
    return first <= min(one.until or Date.max, other.until or Date.max)


def _shared_day(one: Span, other: Span) -> Date | None:
    return next((day for day in days_of_year() if one.has(day) and other.has(day)), None)


def _ancestors(clause: str, follows: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    left = list(follows.get(clause, ()))
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left.extend(follows.get(name, ()))
    return found
