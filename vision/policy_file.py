"""Reads ``dress_code.yaml``; every complaint names file, line, key and value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from itertools import combinations
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel, ValidationError

from vision.errors import PolicyError
from vision.policy import Clause, Policy, Profile, Seasons, Span, Title, nearest
from vision.rules.base import Rule
from vision.rules.conditions import Condition
from vision.rules.registry import kinds
from vision.scoring import Limit, Scoring
from vision.vocabulary import FACTS, REGIONS
from vision.yaml_lines import Place, load_lines


def read_policy(path: Path) -> Policy:
    """The policy in a file; see `vision.policy.load_policy`."""
    source = _Source(path)
    source.fill_limits()
    try:
        policy = Policy.model_validate(source.data)
    except ValidationError as error:
        source.refuse_first(error)
    _Checks(source, policy).run()
    return policy


class _Source:
    """A YAML file: its data and the line of every key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data, lines = load_lines(path, PolicyError)
        self.lines: dict[Place, int] = {(): 1, **lines}
        if not isinstance(self.data, dict):
            self.refuse((), "a mapping of keys is expected")

    def fill_limits(self) -> None:
        """Puts the numbers of the policy's parameters where a clause's limit names one."""
        clauses, numbers = self.data.get("clauses"), self.data.get("parameters")
        for index, clause in enumerate(clauses if isinstance(clauses, list) else []):
            own = clause.get("parameters") if isinstance(clause, dict) else None
            limit = own.get("limit") if isinstance(own, dict) else None
            if isinstance(own, dict) and isinstance(limit, str):
                known = numbers if isinstance(numbers, dict) else {}
                self.check_name(("clauses", index, "parameters", "limit"), "parameter", limit, known)
                own["limit"] = known[limit]

    def check_name(self, place: Place, kind: str, name: str, known: Iterable[str]) -> None:
        if name not in (names := list(known)):
            self.refuse(place, f"unknown {kind}", name, names)

    def refuse_first(self, error: ValidationError, prefix: Place = (), rule: type[Rule] | None = None) -> NoReturn:
        """Raises the first thing that a model did not like; a mistyped key before the one that it leaves out."""
        errors = error.errors(include_url=False)
        first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
        place = prefix + tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            self.refuse(place, "unknown key", str(place[-1]), _keys(place, rule))
        known = re.findall(r"'([^']*)'", str(first.get("ctx", {}).get("expected", "")))
        value = first["input"]
        self.refuse(place, first["msg"], None if isinstance(value, (dict, list)) else value, known)

    def refuse(self, place: Place, problem: str, value: object = None, known: Sequence[str] = ()) -> NoReturn:
        key = ".".join(str(self._title(place[: i + 1])) for i in range(len(place))) or "file"
        got = "" if value is None else f", got {str(value)!r}"
        guess = nearest(str(value), known)
        hint = f"; did you mean {guess!r}?" if guess else f"; known: {', '.join(known)}" if known else ""
        raise PolicyError(f"{self.path}:{self._line(place)}: {key}: {problem}{got}{hint}")

    def _line(self, place: Place) -> int:
        return next(self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines)

    def _title(self, place: Place) -> str | int:
        """A clause's id in place of its number in the list."""
        if len(place) == 2 and place[0] == "clauses" and isinstance(self.data, dict):
            clause = self.data["clauses"][place[1]]
            return str(clause.get("id", place[1])) if isinstance(clause, dict) else place[1]
        return place[-1]


class _Checks:
    """What the models alone cannot see: names that must be known elsewhere in the file."""

    def __init__(self, source: _Source, policy: Policy) -> None:
        self.source, self.policy = source, policy

    def run(self) -> None:
        self.source.check_name(("profile",), "profile", self.policy.profile, self.policy.profiles)
        for name, condition in self.policy.conditions.items():
            self._values(("conditions", name), condition.fact, condition.values)
        for index, clause in enumerate(self.policy.clauses):
            self._names(("clauses", index), clause)
            if clause.rule:
                self._rule(("clauses", index), clause)
        self._versions()
        self._circles()

    def _names(self, place: Place, clause: Clause) -> None:
        ids = [c.id for c in self.policy.clauses]
        for key, kind, names, known in (
            ("profiles", "profile", clause.profiles, list(self.policy.profiles)),
            ("when", "condition", clause.when, list(self.policy.conditions)),
            ("hidden_by", "condition", clause.hidden_by, list(self.policy.conditions)),
            ("look", "region", clause.look, list(REGIONS)),
            ("because_of", "clause", clause.because_of, ids),
        ):
            for name in names:
                self.source.check_name((*place, key), kind, name, known)

    def _rule(self, place: Place, clause: Clause) -> None:
        self.source.check_name((*place, "rule"), "kind of rule", clause.rule or "", kinds())
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

    def _versions(self) -> None:
        for (_, one), (index, other) in combinations(enumerate(self.policy.clauses), 2):
            if one.id == other.id and _overlap(one, other):
                self.source.refuse(("clauses", index, "id"), "the clause stands here twice for the same days", other.id)

    def _circles(self) -> None:
        follows = {c.id: c.because_of for c in self.policy.clauses}
        for index, clause in enumerate(self.policy.clauses):
            if clause.id in _ancestors(clause.id, follows):
                self.source.refuse(("clauses", index, "because_of"), "the clause follows from itself", clause.id)


def _overlap(one: Clause, other: Clause) -> bool:
    first = max(one.since or Date.min, other.since or Date.min)
    return first <= min(one.until or Date.max, other.until or Date.max)


def _ancestors(clause: str, follows: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    left = list(follows.get(clause, ()))
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left.extend(follows.get(name, ()))
    return found


def _keys(place: Place, rule: type[Rule] | None) -> list[str]:
    """The keys that are known where an unknown one stands."""
    model = rule if place[2:-1] == ("parameters",) else _model(place[:-1])
    return list(_aliases(model)) if model else []


def _model(place: Place) -> type[BaseModel] | None:
    match place:
        case ():
            return Policy
        case ("name",) | ("profiles", _, "title"):
            return Title
        case ("seasons",):
            return Seasons
        case ("seasons", _):
            return Span
        case ("profiles", _):
            return Profile
        case ("conditions", _):
            return Condition
        case ("scoring",):
            return Scoring
        case ("scoring", "warnings", int()):
            return Limit
        case ("clauses", int()):
            return Clause
    return None


def _aliases(model: type[BaseModel]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())
