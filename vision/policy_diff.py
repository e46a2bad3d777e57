"""What differs between two policies, in words for the people who decide about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

from vision.clauses import Clause
from vision.policy import Policy
from vision.policy_words import summer, title
from vision.seasons import Seasons
from vision.texts import as_is, compose, listed, quantity, values_of
from vision.types import Text, Wearer
from vision.vocabulary import FACTS

Path: TypeAlias = tuple[str, ...]
WEARERS: Final = tuple(w.value for w in Wearer)
LISTS: Final = ("fail", "pass", "review")


class Change(NamedTuple):
    """What has changed of one thing: the code as a whole, a profile, a clause, a clause as a profile has it."""

    subject: Text
    items: tuple[Text, ...]


def compare(old: Policy, new: Policy) -> tuple[Change, ...]:
    """All changes from one policy to another; nothing where they say the same."""
    changes = [Change(compose("diff.code"), tuple(_code(old, new))), *_profiles(old, new)]
    changes += [*_clauses(old, new), *_overrides(old, new)]
    return tuple(change for change in changes if change.items)


def _code(old: Policy, new: Policy) -> Iterator[Text]:
    yield from _field("name", Text("", old.name.zh, old.name.en), Text("", new.name.zh, new.name.en))
    yield from _field("version", as_is(old.version), as_is(new.version))
    yield from _field("versions", _earlier(old), _earlier(new))
    yield from _field("profile", title(old, old.profile), title(new, new.profile))
    yield from _field("wearer", compose(f"wearer.{old.wearer}"), compose(f"wearer.{new.wearer}"))
    yield from _field("summer", summer(old.seasons), summer(new.seasons))
    yield from _field("review-sample", *(as_is(f"{p.review_sample:.3g}") for p in (old, new)))
    for name in {**old.parameters, **new.parameters}:
        numbers = (_or_none(p.parameters.get(name), lambda n: as_is(f"{n:g}")) for p in (old, new))
        yield from _field("number", *numbers, name=name)
    for name in {**old.conditions, **new.conditions}:
        words = (_or_none(p.conditions.get(name), lambda c: c.words) for p in (old, new))
        yield from _field("condition", *words, name=name)


def _profiles(old: Policy, new: Policy) -> Iterator[Change]:
    for name in {**old.profiles, **new.profiles}:
        policy = new if name in new.profiles else old
        yield Change(compose("diff.profile", title=title(policy, name), name=name), tuple(_profile(old, new, name)))


def _profile(old: Policy, new: Policy, name: str) -> Iterator[Text]:
    if name not in old.profiles or name not in new.profiles:
        yield compose("diff.added" if name in new.profiles else "diff.removed")
        if name in new.profiles and (other := new.profiles[name].extends):
            yield compose("diff.extends", title=title(new, other))
            yield from _besides(new, other, name)
        if name in new.profiles and (own := new.profiles[name].seasons):
            yield from _field("summer", compose("diff.no-own-seasons"), summer(own))
        return
    yield from _field("title", title(old, name), title(new, name))
    extended = ((p, p.profiles[name].extends) for p in (old, new))
    yield from _field("extends", *(title(p, other) if other else compose("none") for p, other in extended))
    severities = (p.profiles[name].failing for p in (old, new))
    yield from _field("summer", *(_own_summer(p.profiles[name].seasons) for p in (old, new)))
    yield from _field("failing", *(listed(compose(f"severity.{s.value}") for s in own) for own in severities))


def _besides(policy: Policy, extended: str, name: str) -> Iterator[Text]:
    """Which clauses a profile has more or less than the one that it extends."""
    lists = ([c.id for c in policy.effective(name, None) if p in c.profiles] for p in (extended, name))
    gone, come = _gone_and_come(*lists)
    for code, clauses in (("diff.besides", come), ("diff.without", gone)):
        if clauses:
            yield compose(code, clauses=listed(map(as_is, clauses)))


def _clauses(old: Policy, new: Policy) -> Iterator[Change]:
    """The clauses as they stand. Of several versions the last ones are compared, then those before them."""
    for clause_id in dict.fromkeys(c.id for p in (old, new) for c in p.clauses):
        before, after = ([c for c in p.every_version() if c.id == clause_id][::-1] for p in (old, new))
        shown = (after or before)[0]
        subject = compose("diff.clause", clause=clause_id, text=Text("", shown.zh, shown.en))
        if not before or not after:
            yield Change(subject, tuple(_come_or_gone(new, after)))
            continue
        items = list(_clause(old, new, before[0], after[0]))
        for one, other in zip_longest(before[1:], after[1:]):
            items += _earlier_clause(old, new, one, other)
        yield Change(subject, tuple(items))


def _come_or_gone(new: Policy, after: list[Clause]) -> Iterator[Text]:
    yield compose("diff.added" if after else "diff.removed")
    if after and after[0].since:
        yield compose("diff.since", day=after[0].since.isoformat())
    if after:
        yield compose("diff.profiles-added", profiles=listed(title(new, p) for p in after[0].profiles))


def _earlier_clause(old: Policy, new: Policy, before: Clause | None, after: Clause | None) -> Iterator[Text]:
    """What has changed in a version that is not the last."""
    if before and after:
        for item in _clause(old, new, before, after):
            yield compose("diff.earlier", day=str(after.until or ""), rest=item)
    else:
        yield compose("diff.earlier-added" if after else "diff.earlier-removed")


def _overrides(old: Policy, new: Policy) -> Iterator[Change]:
    """What has changed for a profile only: what its clauses' own changes do not say already.

    A new profile is compared with the one that it extends.
    """
    for name, profile in new.profiles.items():
        base = (old, name) if name in old.profiles else (new, profile.extends)
        plain_old, plain_new = ({c.id: c for c in p.effective(None, None)} for p in (base[0], new))
        before, after = ({c.id: c for c in p.effective(of, None)} for p, of in (base, (new, name)))
        for clause_id in (i for i in after if i in before and name in after[i].profiles):
            said = {item.en for item in _clause(base[0], new, plain_old[clause_id], plain_new[clause_id])}
            items = [i for i in _clause(base[0], new, before[clause_id], after[clause_id]) if i.en not in said]
            yield Change(compose("diff.in-profile", title=title(new, name), name=name, clause=clause_id), tuple(items))


def _clause(old: Policy, new: Policy, before: Clause, after: Clause) -> Iterator[Text]:
    yield from _text(before, after)
    yield from _field("source", as_is(before.source), as_is(after.source))
    if before.by != after.by:
        yield compose("diff.by", new=compose(f"by.{after.by}"))
    if "never" in (before.by, after.by):
        yield from _dates(before, after)
        return
    yield from _field("rule", as_is(before.rule), as_is(after.rule))
    yield from _parameters(before, after)
    if before.severity is not after.severity:
        words = (compose(f"severity.{c.severity.value}") for c in (before, after))
        yield compose("diff.severity", **dict(zip(("old", "new"), words, strict=True)))
    yield from _field("points", *(as_is(f"{c.points:g}") for c in (before, after)))
    yield from _scope(old, new, before, after)
    yield from _view(old, new, before, after)
    yield from _dates(before, after)


def _text(before: Clause, after: Clause) -> Iterator[Text]:
    """What the texts say anew; of a limit that they only put in, its own line tells."""
    zh, en = (one != other for one, other in zip(before.written, after.written, strict=True))
    if zh and en:
        yield compose("diff.text", old=Text("", before.zh, before.en), new=Text("", after.zh, after.en))
    elif zh:
        yield compose("diff.text-zh", old=before.zh, new=after.zh)
    elif en:
        yield compose("diff.text-en", old=before.en, new=after.en)


def _scope(old: Policy, new: Policy, before: Clause, after: Clause) -> Iterator[Text]:
    """For whom, when and in which profiles."""
    if before.binds != after.binds:
        yield compose("diff.binds", new=compose(f"binds.{after.binds}"))
    if before.season != after.season:
        season = compose(f"season.{after.season}") if after.season else ""
        yield compose("diff.season", season=season) if after.season else compose("diff.all-year")
    gone, come = _gone_and_come(before.when, after.when)
    if come:
        yield compose("diff.when-added", conditions=listed(new.conditions[n].words for n in come))
    if gone:
        yield compose("diff.when-removed", conditions=listed(old.conditions[n].words for n in gone))
    both = [[p for p in c.profiles if p in old.profiles and p in new.profiles] for c in (before, after)]
    gone, come = _gone_and_come(*both)  # of a profile that is new or gone, its own entry tells
    if come:
        yield compose("diff.profiles-added", profiles=listed(title(new, n) for n in come))
    if gone:
        yield compose("diff.profiles-removed", profiles=listed(title(old, n) for n in gone))


def _view(old: Policy, new: Policy, before: Clause, after: Clause) -> Iterator[Text]:
    """What must be in view, and the rarer settings."""
    pairs = ((old, before), (new, after))
    yield from _field("look", *(listed(compose(f"region.{n}") for n in c.look) for _, c in pairs))
    yield from _field("glimpse", *(_words(compose(f"region.{n}") for n in c.glimpse) for _, c in pairs))
    yield from _field("hidden_by", *(_words(p.conditions[n].words for n in c.hidden_by) for p, c in pairs))
    yield from _field("covered", *(compose(f"covered.{c.covered}") for _, c in pairs))
    yield from _field("one_side", *(compose("yes" if c.one_side else "no") for _, c in pairs))
    yield from _field("opportunistic", *(compose("yes" if c.opportunistic else "no") for _, c in pairs))
    yield from _field("because_of", *(_words(map(as_is, c.because_of)) for _, c in pairs))


def _dates(before: Clause, after: Clause) -> Iterator[Text]:
    if before.since != after.since:
        yield compose("diff.since", day=str(after.since)) if after.since else compose("diff.since-ever")
    if before.until != after.until:
        yield compose("diff.until", day=str(after.until)) if after.until else compose("diff.until-ever")


def _parameters(before: Clause, after: Clause) -> Iterator[Text]:
    old, new = dict(_flat(before.parameters)), dict(_flat(after.parameters))
    for path in (path for path in {**old, **new} if old.get(path) != new.get(path)):
        end = path[-2] if path[-1] in WEARERS and len(path) > 1 else path[-1]
        beside = (*path[: path.index(end)], "fact")
        facts = {side[beside] for side in (old, new) if beside in side}
        fact = facts.pop() if len(facts) == 1 else None  # two where another part has come to stand in its place
        if end in LISTS and fact in FACTS:
            yield from _values(end, str(fact), path[-1], old.get(path) or (), new.get(path) or ())
        elif end == "limit" and fact and path in old and path in new:
            sizes = {"old": quantity(str(fact), float(old[path])), "new": quantity(str(fact), float(new[path]))}
            yield compose("diff.limit", **sizes)
        else:
            shown = (_or_none(side.get(path), _setting) for side in (old, new))
            yield from _field("setting", *shown, name=".".join(path))


def _values(end: str, fact: str, last: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Text]:
    gone, come = _gone_and_come(before, after)
    for how, values in (("added", come), ("removed", gone)):
        if values:
            said = compose(f"diff.values-{end}-{how}", values=values_of(fact, values))
            yield compose("diff.for", wearer=compose(f"wearer.{last}"), rest=said) if last in WEARERS else said


def _flat(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The ends of nested mappings, and of lists of mappings, by their path."""
    nested = value if isinstance(value, Mapping) else None
    if isinstance(value, (list, tuple)) and any(isinstance(v, Mapping) for v in value):
        nested = {str(number): v for number, v in enumerate(value, 1)}
    if nested is None:
        yield path, tuple(value) if isinstance(value, list) else value
        return
    for key, inner in nested.items():
        yield from _flat(inner, (*path, str(key)))


def _field(code: str, old: Text, new: Text, **names: str) -> Iterator[Text]:
    if (old.zh, old.en) != (new.zh, new.en):
        yield compose("diff.field", what=compose(f"field.{code}", **names), old=old, new=new)


def _words(parts: Iterable[Text]) -> Text:
    parts = list(parts)
    return listed(parts) if parts else compose("none")


def _or_none(value: Any, words: Callable[[Any], Text]) -> Text:
    return compose("none") if value is None else words(value)


def _setting(value: Any) -> Text:
    return as_is(", ".join(map(str, value)) if isinstance(value, tuple) else value)


def _gone_and_come(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    before, after = list(before), list(after)
    return [v for v in before if v not in after], [v for v in after if v not in before]


def _own_summer(seasons: Seasons | None) -> Text:
    return summer(seasons) if seasons else compose("diff.no-own-seasons")


def _earlier(policy: Policy) -> Text:
    return _words(as_is(f"{v.version} ({v.since or ''} – {v.until or ''})") for v in policy.versions)
