"""A clause in words: what it says, how it is decided, for whom and when, and how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date as Date
from typing import NamedTuple

from vision.clauses import Clause
from vision.policy import Policy
from vision.seasons import Seasons
from vision.texts import as_is, compose, listed
from vision.types import Text


class Item(NamedTuple):
    """One part of an explanation: a heading and what stands below it, never nothing."""

    heading: Text
    lines: tuple[Text, ...]


def explain(policy: Policy, clause: Clause, profile: str, day: Date) -> tuple[Item, ...]:
    """The parts of a clause's explanation; the clause is as the profile has it."""
    parts: Iterable[tuple[str, Iterable[Text]]] = (
        ("explain.text", [Text("clause", clause.zh, clause.en)]),
        ("explain.source", [as_is(clause.source)]),
        ("explain.version", dates(policy, clause, day)),
        ("explain.decided", decided(policy, clause)),
        ("explain.view", in_view(clause)),
        ("explain.binds", [compose(f"binds.{clause.binds}")]),
        ("explain.when", [*when(policy, clause), *_summer_here(policy, clause, profile)]),
        ("explain.profiles", _profiles(policy, clause, profile)),
        ("explain.weight", _weight(policy, clause, profile)),
        ("explain.follows", [Text("clause", *_title(policy, other, day)) for other in clause.because_of]),
    )
    items = (Item(compose(code), tuple(lines)) for code, lines in parts)
    return tuple(item for item in items if item.lines)


def dates(policy: Policy, clause: Clause, day: Date) -> Iterator[Text]:
    """The code's version on a day, and the clause's own days."""
    yield compose("explain.in-version", version=policy.version_on(day))
    if clause.since:
        yield compose("explain.since", day=clause.since.isoformat())
    if clause.until:
        yield compose("explain.until", day=clause.until.isoformat())
    if not clause.in_force(day):
        yield compose("explain.not-yet", day=day.isoformat())


def decided(policy: Policy, clause: Clause) -> Iterator[Text]:
    """By whom or what the clause is decided, and how its rule does it."""
    if clause.by == "never":
        yield compose("decides.never")
        return
    yield compose(f"by.{clause.by}")
    yield from clause.test.explain(policy.conditions)


def in_view(clause: Clause) -> Iterator[Text]:
    """The regions that must be in view, and what it means that they are not."""
    if clause.look:
        yield from needed(clause)
        yield compose(f"covered.{clause.covered}")
    if clause.one_side:
        yield compose("explain.one-side")
    if clause.opportunistic:
        yield compose("explain.opportunistic")


def needed(clause: Clause) -> Iterator[Text]:
    """The regions that must be in view, and those that suffice for a fail at the picture's edge."""
    yield _regions(clause.look)
    if clause.glimpse:
        yield compose("explain.glimpse", regions=_regions(clause.glimpse))


def _regions(names: Iterable[str]) -> Text:
    return listed(compose(f"region.{name}") for name in names)


def when(policy: Policy, clause: Clause) -> Iterator[Text]:
    """Season and conditions; "always" without any."""
    if clause.season:
        yield compose("explain.season", season=compose(f"season.{clause.season}"))
    for name in clause.when:
        yield compose("explain.condition", condition=policy.conditions[name].words)
    if not clause.season and not clause.when:
        yield compose("explain.always")
    if clause.hidden_by:
        words = listed(policy.conditions[name].words for name in clause.hidden_by)
        yield compose("explain.hidden", conditions=words)


def summer(seasons: Seasons) -> Text:
    """The days of summer."""
    if seasons.fixed:
        return compose("diff.fixed", season=compose(f"season.{seasons.fixed}"))
    spans = [compose("diff.span", first=span.first, last=span.last) for span in seasons.summer]
    return listed(spans) if spans else compose("none")


def _summer_here(policy: Policy, clause: Clause, profile: str) -> Iterator[Text]:
    if clause.season:
        yield compose("explain.own-summer", summer=summer(policy.seasons_of(profile)))


def title(policy: Policy, profile: str) -> Text:
    """A profile's title."""
    found = policy.profiles[profile].title
    return Text(profile, found.zh, found.en)


def _profiles(policy: Policy, clause: Clause, profile: str) -> Iterator[Text]:
    if clause.profiles:
        yield listed(title(policy, name) for name in clause.profiles)
    if profile not in clause.profiles:
        yield compose("explain.not-here", profile=title(policy, profile))


def _weight(policy: Policy, clause: Clause, profile: str) -> Iterator[Text]:
    counts = policy.outcome_fails(profile, clause) and clause.by == "vision"
    severity = compose(f"severity.{clause.severity.value}")
    yield compose("explain.severity" if counts else "explain.severity-advisory", severity=severity)
    if clause.points:
        yield compose("explain.points", points=clause.points)


def _title(policy: Policy, clause_id: str, day: Date) -> tuple[str, str]:
    clause = policy.clause(clause_id, day)
    return f"{clause_id}：{clause.zh}", f"{clause_id}: {clause.en}"
