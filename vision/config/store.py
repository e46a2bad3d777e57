"""What is kept of arrivals, and how long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vision.config.base import FilePath, Section

RecordedOutcome = Literal["pass", "fail", "unsure", "visitor", "error"]
"""Of an arrival, as the store has it."""


class StoreSection(Section):
    """Where arrivals and their pictures are kept, and how long."""

    url: str | None = Field(
        default=None,
        title="Database",
        description="An SQLAlchemy URL, or env:NAME for one in the environment; null is SQLite in the store's folder.",
    )
    folder: FilePath | None = Field(
        default=None, title="Folder", description="Of pictures and the database; null is ./data, where it runs."
    )
    time_zone: str = Field(default="Asia/Shanghai", title="Time zone", description="The site's; a day begins in it.")
    picture_days: int = Field(default=30, ge=0, title="Pictures", description="Days until a picture is deleted.")
    row_months: int = Field(
        default=13, ge=1, title="Rows", description="Months until a row no longer says whose it is."
    )
    picture_days_by_outcome: dict[RecordedOutcome, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, title="Pictures by outcome", description="Days in place of picture_days."
    )
    row_months_by_outcome: dict[RecordedOutcome, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, title="Rows by outcome", description="Months in place of row_months."
    )
    faces: Literal["unless-failed", "never", "always"] = Field(
        default="unless-failed",
        title="Faces",
        description="When a stored picture may show the face: where a clause about it failed, never, or always.",
    )
    min_free_megabytes: int = Field(
        default=1024, ge=0, title="Free space", description="Of the disk; below it old pictures are deleted."
    )
    max_pictures_megabytes: int = Field(
        default=0, ge=0, title="Most pictures", description="Above it old pictures are deleted; 0 is without limit."
    )
    room_order: tuple[RecordedOutcome, ...] = Field(
        default=("pass", "visitor", "unsure", "error", "fail"),
        title="Whose pictures go",
        description="For want of space, first to last and the oldest first; outcomes left out keep theirs.",
    )
