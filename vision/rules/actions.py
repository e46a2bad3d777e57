"""What the person at the door can do about a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vision.rules.base import Decision
from vision.texts import known, text
from vision.types import Cause, Outcome, Text

BY_CAUSE: Final[Mapping[Cause, str]] = {
    Cause.OUT_OF_PICTURE: "action.show-step-back",
    Cause.CUT_OFF: "action.show-step-back",
    Cause.NO_POSE: "action.show-step-back",
    Cause.NOT_FOUND: "action.show-step-back",
    Cause.COVERED: "action.show-uncover",
    Cause.TURNED_AWAY: "action.show-turn",
    Cause.TOO_SMALL: "action.show-closer",
    Cause.TOO_DARK: "action.show-light",
    Cause.TOO_BRIGHT: "action.show-shade",
    Cause.BLURRED: "action.show-still",
    Cause.NOT_RECOGNISED: "action.show-again",
    Cause.NO_EXAMPLES: "action.add-examples",
    Cause.ERROR: "action.show-again",
}

BY_REASON: Final[Mapping[str, str]] = {
    "wearer-unknown": "action.name-wearer",
    "value-undecided": "action.ask-supervisor",
    "inside-uncertainty": "action.ask-supervisor",
    "measure-contradicts": "action.ask-supervisor",
}


def for_cause(cause: Cause, region: str) -> Text:
    """How to bring a region into view."""
    return text(BY_CAUSE[cause], region=region)


def for_clause(clause: str, region: str, decision: Decision) -> Text:
    """What to do about a failing or unsure decision; `region` is where the clause looks first."""
    if decision.outcome is Outcome.FAIL:
        code = f"action.{clause}"
        return text(code if known(code) else "action.put-right")
    if decision.cause and decision.cause is not Cause.NOT_FOUND:
        return for_cause(decision.cause, region)
    return text(BY_REASON.get(decision.reason.code, "action.show-again"), region=region)
