"""Records the people in an uploaded or imported picture as arrivals, with blurred pictures and nothing of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final, Protocol

from service.directory import Directory
from service.report import Row
from service.store.record import ArrivalRecord, new_key, outcome_of
from service.store.reply import new_code
from service.uploads.importing import people_of
from service.uploads.intake import Received
from service.uploads.line import Job, Kept
from service.who import Who
from service.work import Task
from vision.pictures import read_picture
from vision.policy import Policy
from vision.types import Image, Wearer

ORIGIN: Final = "upload"


class Keeper(Protocol):
    """Stores an arrival with its pictures, all or nothing."""

    def keep(self, said: ArrivalRecord, image: Image | None, scale: float, people: Mapping[str, Any]) -> None:
        """`image` is BGR, `scale` its size against the picture whose pixels boxes are in; of all `people` in that
        picture's row the faces are to be blurred."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """What an uploader says of the pictures: the door they are put down to, profile, wearer and staff number."""

    door: str
    profile: str | None = None
    wearer: Wearer | None = None
    staff: str | None = None


def make_task(received: Received, form: Form, policy: Policy, directory: Directory | None, now: datetime) -> Task:
    """The task for a picture. `now` is in the site's zone. Raises `PolicyError` for a profile that is none."""
    occasion = policy.occasion(form.profile, form.wearer, now.date())
    shown = Who(directory=directory).at(received.name, occasion, form.staff)
    return Task(str(received.path), shown.occasion, shown.staff, shown.notes)


def keep_upload(
    job: Job, row: Row, keeper: Keeper, department: Callable[[str | None], str], reply: bool, max_megapixels: float
) -> tuple[Kept, ...]:
    """Records everyone in the picture; gives the arrivals. A picture with an error, or without people, leaves none."""
    if row["error"] is not None or not row["people"]:
        return ()
    form: Form = job.more
    row = row | {"image": job.received.name, "file": None}
    image, now = read_picture(job.received.path, max_megapixels), datetime.now(timezone.utc)
    kept = []
    for _, alone in people_of(row):
        staff = alone["staff"]
        said = ArrivalRecord(
            key=new_key(), door=form.door, origin=ORIGIN, first_at=now, last_at=now, row=alone,
            department=department(staff), identified_by="list" if staff else None,
            reply_code=new_code() if reply else None,
        )  # fmt: skip
        keeper.keep(said, image, 1.0, row)
        kept.append(Kept(said.key, outcome_of(alone)))
    return tuple(kept)


def department_of(directory: Directory | None) -> Callable[[str | None], str]:
    """The department by staff number, empty where it is not known."""

    def of(staff: str | None) -> str:
        member = directory.of(staff) if directory else None
        return member.department if member else ""

    return of
