"""What is right by the letter of a policy and still looks like a mistake: clauses that can never fire, words unread."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from vision.clauses import Clause
from vision.policy import Policy
from vision.policy_words import title
from vision.profiles import Effect
from vision.rules.conditions import Condition
from vision.seasons import Seasons, days_of_year
from vision.texts import compose, listed
from vision.types import Text
from vision.vocabulary import FACTS, SEASONS
from vision.yaml_lines import Place

SEVERAL = ("bare",)
"""Facts that have several of their values at once, so that conditions on them do not exclude each other."""


@dataclass(frozen=True, slots=True)
class Note:
    """A finding at a place of the policy file. One that is `wrong` must be put right, the others are hints."""

    place: Place
    text: Text
    wrong: bool = False


def audit(policy: Policy, delivered: Collection[str]) -> tuple[Note, ...]:
    """Everything that looks like a mistake; `delivered` are the facts that some network or measurement says."""
    notes = [*_seasons(policy), *_unread(policy), *_profiles(policy), *_limits_in_texts(policy)]
    for index, clause in enumerate(policy.clauses):
        place: Place = ("clauses", index)
        notes += [Note(place, text) for text in _never(policy, clause)]
        notes += [Note(place, text, wrong=True) for text in _undelivered(policy, clause, delivered)]
    return tuple(notes)


def _seasons(policy: Policy) -> Iterator[Note]:
    own: list[tuple[Place, Seasons | None]] = [(("profiles", n), p.seasons) for n, p in policy.profiles.items()]
    for place, seasons in [((), policy.seasons), *own]:
        found = {seasons.of(day) for day in days_of_year()} if seasons and seasons.fixed is None else set(SEASONS)
        for season, code in (("summer", "note.no-summer"), ("cold", "note.no-cold")):
            if season not in found:
                yield Note((*place, "seasons", "summer"), compose(code))


def _limits_in_texts(policy: Policy) -> Iterator[Note]:
    """Clauses whose texts state another number than their limit, as they stand or as a profile has them."""
    for index, plain in enumerate(policy.every_version()):
        if _other_number(plain):
            yield Note(("clauses", index), compose("note.text-limit", limit=_limit(plain)))
            continue
        for name in policy.profiles_of(plain):
            clause = policy.every_version(name)[index]
            if _other_number(clause):
                place = _origin(policy, name, clause)
                whose = title(policy, name)
                yield Note(place, compose("note.text-limit-in", clause=clause.id, profile=whose, limit=_limit(clause)))


def _other_number(clause: Clause) -> bool:
    limit = clause.parameters.get("limit")
    if not isinstance(limit, (int, float)):
        return False
    said = [{float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)} for text in (clause.zh, clause.en)]
    return any(numbers and not numbers & {float(limit), round(limit * 100, 6)} for numbers in said)


def _limit(clause: Clause) -> str:
    return f"{clause.parameters['limit']:g}"


def _origin(policy: Policy, name: str, clause: Clause) -> Place:
    """Where a profile, or one that it extends, sets the clause's limit or text."""
    for at, profile in reversed(Effect.of(name, policy.profiles).chain):
        if clause.id in profile.clauses:
            return ("profiles", at, "clauses", clause.id)
        written = next(c for c in policy.clauses if c.id == clause.id)
        if written.limit_name in profile.parameters:
            return ("profiles", at, "parameters", str(written.limit_name))
    return ("profiles", name)


def _unread(policy: Policy) -> Iterator[Note]:
    named = {c.limit_name for c in policy.clauses}
    for profile in policy.profiles.values():
        named |= {o.parameters.get("limit") for o in profile.clauses.values() if "limit" in o.parameters}
    for name in policy.parameters:
        if name not in named:
            yield Note(("parameters", name), compose("note.number"))
    asked = {name for c in policy.every_version() for name in _conditions_of(c)}
    asked |= {name for p in policy.profiles for c in policy.every_version(p) for name in _conditions_of(c)}
    for name in policy.conditions:
        if name not in asked:
            yield Note(("conditions", name), compose("note.condition"))


def _conditions_of(clause: Clause) -> tuple[str, ...]:
    return (*clause.when, *clause.hidden_by, *(clause.test.uses() if clause.rule else ()))


def _profiles(policy: Policy) -> Iterator[Note]:
    """Overrides of clauses that the profile does not have, and removals of what the extended profile lacks."""
    for name, profile in policy.profiles.items():
        lost = {c.id for c in policy.every_version() if name not in c.profiles}
        for clause_id in profile.clauses:
            if clause_id in lost:
                place = ("profiles", name, "clauses", clause_id)
                yield Note(place, compose("note.absent", profile=title(policy, name)))
        written = {c.id for c in policy.clauses if name in c.profiles}
        inherited = {c.id for c in policy.every_version() if profile.extends in c.profiles}
        for clause_id in profile.remove:
            if clause_id not in written | inherited:
                where = title(policy, profile.extends or name)
                yield Note(("profiles", name, "remove"), compose("note.not-removed", clause=clause_id, profile=where))


def _never(policy: Policy, clause: Clause) -> Iterator[Text]:
    """Why a clause that is written to be assessed never is, or never fails."""
    if clause.by == "never":
        return
    profiles = policy.profiles_of(clause)
    if not profiles:
        yield compose("never.no-profile")
    elif all(policy.clause(clause.id, clause.since, name).by == "never" for name in profiles):
        yield compose("never.not-assessed")
    if clause.since and clause.until and clause.until < clause.since:
        yield compose("never.dates", since=clause.since.isoformat(), until=clause.until.isoformat())
    elif clause.season and not any(clause.season in _seasons_of(clause, s) for s in _all_seasons(policy, profiles)):
        yield compose("never.season", season=compose(f"season.{clause.season}"))
    yield from _by_conditions(clause.resolved(policy.parameters), policy.conditions)


def _all_seasons(policy: Policy, profiles: Iterable[str]) -> list[Seasons]:
    """The seasons of the profiles that have a clause; the policy's where none has."""
    return [policy.seasons_of(name) for name in profiles] or [policy.seasons]


def _seasons_of(clause: Clause, seasons: Seasons) -> set[str]:
    """The seasons that the clause's days lie in."""
    if clause.since is None or clause.until is None or (clause.until - clause.since).days >= 366:
        return {seasons.of(day) for day in days_of_year()}
    span = (clause.until - clause.since).days
    return {seasons.of(clause.since + timedelta(days=n)) for n in range(span + 1)}


def _by_conditions(clause: Clause, conditions: Mapping[str, Condition]) -> Iterator[Text]:
    left: dict[str, set[str]] = {}
    for condition in (conditions[name] for name in clause.when):
        if condition.fact not in SEVERAL:
            values = left.get(condition.fact, set(FACTS[condition.fact]))
            named = set(condition.values)
            left[condition.fact] = values & named if condition.any else values - named
    for fact in (fact for fact, values in left.items() if not values):
        words = (conditions[name].words for name in clause.when if conditions[name].fact == fact)
        yield compose("never.conditions", conditions=listed(words))
    forbidden = [(fact, set(values)) for fact, values in clause.test.forbids() if values]
    if forbidden and all(left.get(fact) and not values & left[fact] for fact, values in forbidden):
        yield compose("never.fail")


def _undelivered(policy: Policy, clause: Clause, delivered: Collection[str]) -> Iterator[Text]:
    """The facts that the clause asks for, as it stands or as a profile has it, and nobody says."""
    facts: list[str] = []
    for profile in (None, *policy.profiles_of(clause)):
        for version in (c for c in policy.every_version(profile) if c.id == clause.id and c.rule):
            facts += [fact for fact, _ in version.test.reads()]
            facts += [policy.conditions[name].fact for name in _conditions_of(version)]
    for fact in dict.fromkeys(facts):
        if fact not in delivered:
            yield compose("note.fact", fact=compose(f"fact.{fact}"))
