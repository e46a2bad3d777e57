"""What deduction points add up to: the sums at which the supervisor is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Limit(BaseModel):
    """A sum of points within some calendar months, the last one included, that is worth a warning."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    points: float = Field(gt=0)
    months: int = Field(ge=1, le=24)


class Scoring(BaseModel):
    """The policy's section ``scoring``; the points themselves stand with the clauses."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    warnings: tuple[Limit, ...] = ()

    @model_validator(mode="after")
    def _rising(self) -> Scoring:
        spans = [limit.months for limit in self.warnings]
        if len(set(spans)) < len(spans):
            raise ValueError("two warnings for the same number of months")
        return self
