"""From facts to findings, and from findings to the outcome.

A clause is asked in this order: is the wearer a visitor; is the clause in force, in the profile, in season, for this
wearer; is the wearer exempt from it; are its conditions met; is an outer layer in the way; does its rule lack examples;
are its regions in view; and only then its rule. The first that says no decides. A rule's pass needs both sides of a
paired region, such as the wrists; one suffices for a fail. Where the picture's edge hides a region, the sight of a
clause's `glimpse` suffices for its rule's fail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING, Final

from vision.rules.actions import for_cause, for_clause
from vision.rules.base import Case, Decision
from vision.rules.conditions import Condition, Met
from vision.rules.origins import with_origins
from vision.rules.value import likeliest
from vision.texts import text
from vision.types import AT_THE_EDGE, Box, Cause, Facts, Finding, Occasion, Outcome, Region, Regions, Text, Threshold

if TYPE_CHECKING:
    from vision.policy import Clause, Policy

log = logging.getLogger(__name__)

MEASURED: Final[Mapping[Cause, tuple[str, set[str]]]] = {
    Cause.TOO_SMALL: ("region-too-small", {"size", "needed"}),
    Cause.TOO_DARK: ("region-too-dark", {"light", "needed"}),
    Cause.TOO_BRIGHT: ("region-too-bright", {"blown", "most"}),
    Cause.BLURRED: ("region-blurred", {"sharpness", "needed"}),
}
"""Causes that a number and a limit explain: the sentence's code, and the numbers' names in `Region.detail`."""

NEEDS_ACTION: Final = (Outcome.FAIL, Outcome.UNSURE)


@dataclass(frozen=True, slots=True)
class _Question:
    """One clause asked of one person."""

    clause: Clause
    occasion: Occasion
    regions: Regions
    case: Case


def judge(
    policy: Policy, occasion: Occasion, regions: Regions, facts: Facts, thresholds: Mapping[str, Threshold]
) -> tuple[Finding, ...]:
    """One finding for every clause that is assessed (by vision or review), in the policy's order.

    A region that is missing from `regions` is not in view, a fact that is missing from `facts` is unknown, a clause
    that is missing from `thresholds` has the default `Threshold`. A rule that raises gives an unsure finding.
    """
    findings, version = [], policy.version_on(occasion.date)
    for clause in policy.assessed(occasion.date, occasion.profile):
        case = Case(facts, occasion.wearer, thresholds.get(clause.id, Threshold()), policy.conditions)
        findings.append(_finding(_Question(clause, occasion, regions, case), version))
    return with_origins(findings, {c.id: c.because_of for c in policy.assessed(occasion.date, occasion.profile)})


def overall(policy: Policy, occasion: Occasion, findings: Sequence[Finding]) -> Outcome:
    """What is said of the person: fail, unsure or pass; not-applicable of a visitor.

    Only clauses of the profile's failing severities count. Findings for review never do; an unsure finding does not
    where its clause is opportunistic, or where only the wearer's being a man or a woman is not known.
    """
    if occasion.visitor:
        return Outcome.NOT_APPLICABLE
    clauses = {c.id: c for c in policy.assessed(occasion.date, occasion.profile)}
    counting = [(clauses[f.clause], f) for f in findings if policy.outcome_fails(occasion.profile, clauses[f.clause])]
    if any(f.outcome is Outcome.FAIL for _, f in counting):
        return Outcome.FAIL
    return Outcome.UNSURE if any(_doubt(c, f) for c, f in counting) else Outcome.PASS


def _doubt(clause: Clause, finding: Finding) -> bool:
    if finding.outcome is not Outcome.UNSURE or clause.by != "vision" or clause.opportunistic:
        return False
    return clause.binds == "all" or finding.reason.code != "wearer-unknown"


def _finding(question: _Question, version: str) -> Finding:
    clause = question.clause
    try:
        decision = next(d for d in _answers(question) if d is not None)
        action = _action(clause, decision)
    except Exception:
        log.exception("clause %s could not be judged", clause.id)
        decision = Decision(Outcome.UNSURE, 0.0, text("rule-error", cause=Cause.ERROR.value))
        action = for_cause(Cause.ERROR, clause.look[0])
    box = decision.box or _region_box(question)
    return Finding(
        clause.id, decision.outcome, decision.confidence, decision.reason, action,
        box=box, source=clause.source, version=version,
    )  # fmt: skip


def _answers(question: _Question) -> Iterator[Decision | None]:
    checks: Sequence[Callable[[_Question], Decision | None]] = (
        _visit,
        _scope,
        _conditions,
        _outer_layer,
        _lacks,
        _view,
        _rule,
    )
    return (check(question) for check in checks)


def _visit(question: _Question) -> Decision | None:
    return _not_applicable("visitor") if question.occasion.visitor else None


def _scope(question: _Question) -> Decision | None:
    """Date, profile, season, wearer and exemptions."""
    clause, occasion = question.clause, question.occasion
    if not clause.in_force(occasion.date):
        return _not_applicable("not-in-force", date=occasion.date.isoformat())
    if occasion.profile not in clause.profiles:
        return _not_applicable("not-in-profile", profile=occasion.profile)
    if clause.season not in (None, occasion.season):
        return _not_applicable("not-in-season", season=occasion.season)
    bound = clause.binds_wearer(occasion.wearer)
    if bound is False:
        return _not_applicable("not-for-wearer", wearer=occasion.wearer.value)
    if until := _exempt_until(clause, occasion):
        return _not_applicable("exempt", date=until.isoformat())
    if bound is None and clause.by == "vision":
        return Decision(Outcome.UNSURE, 0.0, text("wearer-unknown", wearer=occasion.wearer.value))
    return None


def _exempt_until(clause: Clause, occasion: Occasion) -> Date | None:
    """The last day of the wearer's exemption from a clause, of several that hold the longest; None without one."""
    return max((e.last for e in occasion.exempt if e.clause == clause.id and e.holds(occasion.date)), default=None)


def _conditions(question: _Question) -> Decision | None:
    """The clause's conditions: one that is not met outweighs one in doubt. A reviewer is asked in doubt.

    What is in doubt because its region is not in view is told so.
    """
    layered = _outer_layer(question) is not None
    named = [(name, question.case.conditions[name]) for name in question.clause.when]
    named = [(name, condition) for name, condition in named if not (layered and condition.under_layer)]
    met = [(name, condition, condition.met(question.case.facts)) for name, condition in named]
    for name, condition, answer in met:
        if answer is Met.NO:
            return _not_met(name, condition, question.case)
    for name, condition, answer in met:
        if answer is Met.DOUBTFUL and question.clause.by == "vision":
            return _out_of_view(question) or _unclear(name, condition, question.case)
    return None


def _not_met(name: str, condition: Condition, case: Case) -> Decision:
    fact = case.fact(condition.fact)
    value = likeliest(fact, (*fact.scores, *condition.values)) if fact.scores else str(fact.value)
    reason = text("condition-not-met", condition=name, fact=fact.name, value=value)
    return Decision(Outcome.NOT_APPLICABLE, 1.0 - (condition.probability(case.facts) or 0.0), reason, box=fact.box)


def _unclear(name: str, condition: Condition, case: Case) -> Decision:
    fact = case.fact(condition.fact)
    cause = None if fact.known else fact.cause or Cause.NOT_RECOGNISED
    confidence = condition.probability(case.facts) or 0.0
    reason = text("condition-unclear", condition=name, fact=fact.name)
    return Decision(Outcome.UNSURE, confidence, reason, box=fact.box, cause=cause)


def _outer_layer(question: _Question) -> Decision | None:
    """Whether the clause is hidden under a layer that can be opened."""
    case, names = question.case, question.clause.hidden_by
    if not names or not all(case.conditions[name].possible(case.facts) for name in names):
        return None
    condition = case.conditions[names[0]]
    fact = case.fact(condition.fact)
    reason = text("under-outer-layer", fact=fact.name, value=likeliest(fact, condition.values))
    confidence = condition.probability(case.facts) or 0.0
    return Decision(Outcome.UNSURE, confidence, reason, text("action.open-layer"), fact.box)


def _lacks(question: _Question) -> Decision | None:
    return question.clause.test.lacks(question.case)


def _view(question: _Question) -> Decision | None:
    """What to say where not all of the clause's regions are in view.

    Where nothing but the picture's edge cuts them off, what is seen may break the clause already: a pass needs the
    whole, a fail no more than the clause's `glimpse`.
    """
    if _glimpsed(question):
        decision = question.clause.test.decide(question.case)
        if decision.outcome is Outcome.FAIL:
            return decision
    return _out_of_view(question)


def _glimpsed(question: _Question) -> bool:
    """Whether the picture's edge, and nothing else, hides what the clause looks at, and its glimpse is in view."""
    looked, glimpsed = (
        [question.regions.get(name) or _missing(name) for name in names]
        for names in (question.clause.look, question.clause.glimpse)
    )
    hidden = [r for r in looked if not r.visible]
    cut = bool(hidden) and all(r.cause in AT_THE_EDGE for r in hidden)
    return cut and bool(glimpsed) and all(r.visible for r in glimpsed)


def _out_of_view(question: _Question) -> Decision | None:
    """The first of the clause's regions that is not in view; one that is only covered comes last."""
    regions = [question.regions.get(name) or _missing(name) for name in question.clause.look]
    hidden = sorted((r for r in regions if not r.visible), key=lambda r: r.cause is Cause.COVERED)
    if not hidden:
        return None
    region = hidden[0]
    cause = region.cause or Cause.NOT_FOUND
    if cause is Cause.COVERED and question.clause.covered != "unsure":
        return _covered(question.clause, region.name, region.box)
    reason = text(_measured(cause, region), **{**region.detail, "region": region.name, "cause": cause.value})
    return Decision(Outcome.UNSURE, 0.0, reason, for_cause(cause, region.name), region.box)


def _measured(cause: Cause, region: Region) -> str:
    """The code of the sentence: with the measured number and the limit where there are any."""
    code, numbers = MEASURED.get(cause, ("", {"none"}))
    return code if numbers <= region.detail.keys() else "region-not-visible"


def _rule(question: _Question) -> Decision:
    clause = question.clause
    decision = clause.test.decide(question.case)
    if decision.cause is Cause.COVERED and clause.covered != "unsure" and not _covered_elsewhere(question):
        decision = _covered(clause, clause.look[0], decision.box)
    return (_other_side(question) or decision) if decision.outcome is Outcome.PASS else decision


def _covered_elsewhere(question: _Question) -> bool:
    """Whether a region is covered where the clause does not look: an unknown fact may have its cause from there."""
    return any(r.cause is Cause.COVERED for n, r in question.regions.items() if n not in question.clause.look)


def _other_side(question: _Question) -> Decision | None:
    """The first paired region of which only one side is in view, unless that suffices for the clause."""
    regions = (question.regions.get(name) for name in question.clause.look)
    half = next((r for r in regions if r and r.detail.get("sides") == 1), None)
    if half is None or question.clause.one_side:
        return None
    reason = text("region-half-visible", region=half.name)
    return Decision(Outcome.UNSURE, 0.0, reason, text("action.show-both", region=half.name), half.box)


def _covered(clause: Clause, region: str, box: Box | None) -> Decision:
    """The wearer's own clothes cover the place: nothing shows there, or nothing has to be worn in sight there."""
    outcome = Outcome(clause.covered)
    code = "covered-nothing-shows" if outcome is Outcome.PASS else "covered-not-seen"
    return Decision(outcome, 1.0, text(code, region=region, cause=Cause.COVERED.value), box=box)


def _not_applicable(code: str, **params: str) -> Decision:
    return Decision(Outcome.NOT_APPLICABLE, 1.0, text(code, **params))


def _missing(name: str) -> Region:
    return Region(name, False, Cause.NOT_FOUND)


def _action(clause: Clause, decision: Decision) -> Text | None:
    if decision.action or decision.outcome not in NEEDS_ACTION:
        return decision.action
    return for_clause(clause.id, clause.look[0], decision)


def _region_box(question: _Question) -> Box | None:
    regions = (question.regions.get(name) for name in question.clause.look)
    return next((region.box for region in regions if region and region.box), None)
