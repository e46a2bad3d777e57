"""When a policy holds what: the days of summer, and the versions of the whole code by date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from vision.clauses import Section, holds

LEAP: Final = 2028
"""A year that has every day of the calendar."""


def _in_calendar(text: str) -> str:
    try:
        Date.fromisoformat(f"{LEAP}-{text}")
    except ValueError as error:
        raise ValueError("a day that no calendar has") from error
    return text


MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), AfterValidator(_in_calendar)]


class Span(Section):
    """Days of every year, first and last included; it may run over the turn of the year."""

    first: MonthDay = Field(alias="from")
    last: MonthDay = Field(alias="to")

    def has(self, day: Date) -> bool:
        key = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


class Seasons(Section):
    """The days of summer, one span or several; the rest of the year is cold. `fixed` is set by hand and outweighs them.

    No span at all (``summer: []``) is a year without summer.
    """

    summer: tuple[Span, ...] = ()
    fixed: Literal["summer", "cold"] | None = None

    @field_validator("summer", mode="before")
    @classmethod
    def _one_span(cls, value: Any) -> Any:
        return (value,) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _something_said(self) -> Seasons:
        if self.fixed is None and "summer" not in self.model_fields_set:
            raise ValueError("give summer, its first and last day, or fixed, one of the two seasons")
        return self

    def of(self, day: Date) -> str:
        """The season of a day: "summer" or "cold"."""
        if self.fixed:
            return self.fixed
        return "summer" if any(span.has(day) for span in self.summer) else "cold"


class Version(Section):
    """An earlier version of the code and the days that it was in force, first and last included."""

    version: str
    since: Date | None = None
    until: Date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Version:
        if self.since and self.until and self.until < self.since:
            raise ValueError("a version ends before it begins")
        return self

    def in_force(self, day: Date) -> bool:
        return holds(day, self.since, self.until)


def version_on(day: Date, current: str, earlier: tuple[Version, ...]) -> str:
    """The version in force on a day: the earlier one whose days hold it, else the current one."""
    return next((v.version for v in earlier if v.in_force(day)), current)


def days_of_year() -> Iterator[Date]:
    """All 366 days that a season can begin on."""
    return (Date(LEAP, 1, 1) + timedelta(days=n) for n in range(366))
