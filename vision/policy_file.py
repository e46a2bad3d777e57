"""Reads ``dress_code.yaml``; every complaint names file, line, key and value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vision.clauses import Clause, Title
from vision.errors import PolicyError
from vision.policy import Policy, nearest
from vision.profiles import Override, Profile
from vision.rules.base import Rule
from vision.rules.conditions import Condition
from vision.scoring import Limit, Scoring
from vision.seasons import Seasons, Span, Version
from vision.yaml_lines import Place, load_lines


def read_policy(path: Path) -> Policy:
    """The policy in a file; see `vision.policy.load_policy`."""
    return read_source(path)[0]


def read_source(path: Path) -> tuple[Policy, Source]:
    """The policy in a file, and where in the file what stands. Raises as `vision.policy.load_policy`."""
    from vision.policy_checks import Checks

    source = Source(path)
    source.inherit()
    try:
        policy = Policy.model_validate(source.data)
    except ValidationError as error:
        source.refuse_first(error)
    Checks(source, policy).run()
    return policy, source


class Source:
    """A YAML file: its data and the line of every key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data, lines = load_lines(path, PolicyError)
        self.lines: dict[Place, int] = {(): 1, **lines}
        if not isinstance(self.data, dict):
            self.refuse((), "a mapping of keys is expected")

    def inherit(self) -> None:
        """Gives a profile that extends another the title and the failing severities that it does not say itself."""
        profiles = self.data.get("profiles")
        for name, own in (profiles if isinstance(profiles, dict) else {}).items():
            for other in self._extended(name, profiles):
                for key in ("title", "failing"):
                    if isinstance(own, dict) and isinstance(other, dict) and key in other:
                        own.setdefault(key, other[key])

    def _extended(self, name: str, profiles: dict[str, Any]) -> Iterator[Any]:
        """The profiles that a profile extends, nearest first."""
        seen = [name]
        while isinstance(profiles[seen[-1]], dict) and isinstance(profiles[seen[-1]].get("extends"), str):
            place, other = ("profiles", seen[-1], "extends"), profiles[seen[-1]]["extends"]
            self.check_name(place, "profile", other, [p for p in profiles if isinstance(p, str)])
            if other in seen:
                self.refuse(place, "the profile extends itself", " > ".join((*seen[seen.index(other) :], other)))
            seen.append(other)
            yield profiles[other]

    def check_name(self, place: Place, kind: str, name: str, known: Iterable[str]) -> None:
        if name not in (names := list(known)):
            self.refuse(place, f"unknown {kind}", name, names)

    def refuse_first(self, error: ValidationError, prefix: Place = (), rule: type[Rule] | None = None) -> NoReturn:
        """Raises the first thing that a model did not like; a mistyped key or value before what it leaves out.

        What is written there comes before what a profile has from another one.
        """
        errors = sorted(error.errors(include_url=False), key=lambda e: self._rank(prefix, e))
        first = errors[0]
        place = self._written(prefix + tuple(first["loc"]))
        if first["type"] == "extra_forbidden":
            self.refuse(place, "unknown key", str(place[-1]), _keys(place, rule))
        known = re.findall(r"'([^']*)'", str(first.get("ctx", {}).get("expected", "")))
        value = first["input"]
        self.refuse(place, first["msg"], None if isinstance(value, (dict, list)) else value, known)

    def refuse(self, place: Place, problem: str, value: object = None, known: Sequence[str] = ()) -> NoReturn:
        got = "" if value is None else f", got {str(value)!r}"
        guess = nearest(str(value), known)
        hint = f"; did you mean {guess!r}?" if guess else f"; known: {', '.join(known)}" if known else ""
        raise PolicyError(f"{self.where(place)}: {problem}{got}{hint}")

    def where(self, place: Place) -> str:
        """File, line and key of a place."""
        key = ".".join(str(self._title(place[: i + 1])) for i in range(len(place))) or "file"
        return f"{self.path}:{self.line(place)}: {key}"

    def line(self, place: Place) -> int:
        """The line, from 1, of a key, or of the nearest one above it that is written."""
        return next(self.lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self.lines)

    def _rank(self, prefix: Place, error: ErrorDetails) -> tuple[bool, bool, bool]:
        place = self._written(prefix + tuple(error["loc"]))
        return error["type"] != "extra_forbidden", place[:-1] not in self.lines, error["type"] == "missing"

    def _written(self, place: Place) -> Place:
        """The place without the steps that only the model has, such as the number of a lone span of days."""
        node, found = self.data, list[str | int]()
        for step in place:
            try:
                node = node[step]
            except (LookupError, TypeError):
                if step is not place[-1]:
                    continue
            found.append(step)
        return tuple(found)

    def _title(self, place: Place) -> str | int:
        """A clause's id in place of its number in the list."""
        if len(place) == 2 and place[0] == "clauses" and isinstance(self.data, dict):
            clause = self.data["clauses"][place[1]]
            return str(clause.get("id", place[1])) if isinstance(clause, dict) else place[1]
        return place[-1]


def _keys(place: Place, rule: type[Rule] | None) -> list[str]:
    """The keys that are known where an unknown one stands."""
    model = rule if rule and place[-2] == "parameters" else _model(place[:-1])
    return list(_aliases(model)) if model else []


def _model(place: Place) -> type[BaseModel] | None:
    match place:
        case ():
            return Policy
        case ("name",) | ("profiles", _, "title"):
            return Title
        case ("seasons",) | ("profiles", _, "seasons"):
            return Seasons
        case ("seasons", "summer", *_) | ("profiles", _, "seasons", "summer", *_):
            return Span
        case ("versions", int()):
            return Version
        case ("profiles", _):
            return Profile
        case ("profiles", _, "clauses", _):
            return Override
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
