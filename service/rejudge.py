"""Judges one stored arrival anew as somebody's, by its regions and facts: for when a supervisor says who it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from models.manifest import read_thresholds
from service.directory import Member
from service.report import Row, Stamp, from_row, to_row
from vision.config import Config
from vision.judge import Judge
from vision.policy import load_policy
from vision.types import Occasion, Visitor, Wearer


@dataclass(frozen=True, slots=True)
class Rejudging:
    """Gives the row that is said of a person; as `service.store.identity` asks for it.

    `wearer` holds where the directory says none, and for nobody. The day and the profile stay those of the arrival; the
    season, the exemptions and the clauses' version follow from them.
    """

    judge: Judge
    wearer: Wearer

    def __call__(self, row: Mapping[str, Any], member: Member | None) -> Row:
        """The new row. Raises `PolicyError` for a profile that the dress code no longer has."""
        who: Row = {"staff": member.staff if member else None, "notes": []}
        if row["error"] is not None:
            return {**row, **who}
        verdict = from_row(row)
        again = self.judge.again(verdict, self._occasion(verdict.occasion, member))
        return {**row, **to_row(row["image"], again, Stamp.of(self.judge.policy), row["seconds"]), **who}

    def _occasion(self, stored: Occasion, member: Member | None) -> Occasion:
        wearer = (member.wearer if member else None) or self.wearer
        anew = self.judge.policy.occasion(stored.profile, wearer, stored.date)
        visitor = (stored.visitor or Visitor()) if member and member.visits else None
        return replace(anew, exempt=member.exempt if member else (), visitor=visitor)


def make_rejudging(config: Config) -> Rejudging:
    """By the config's dress code, thresholds and wearer. Raises `PolicyError` and `WeightsError`."""
    policy = load_policy(config.policy_path)
    return Rejudging(Judge(policy, read_thresholds(config.weights_dir)), config.service.wearer or policy.wearer)
