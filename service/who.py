"""Whom a picture shows, by the list of pictures and the staff directory: what the occasion of its check needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.directory import Directory, Member
from service.people import Listed, People
from service.texts import text
from vision.types import Occasion, Text, Visitor, Wearer

NOBODY = Listed(None)


@dataclass(frozen=True, slots=True)
class Who:
    """The people of a job. What the list says of a picture goes before the directory; with `visitors` everyone is one.

    Without a `directory` nothing is looked up, and no staff number is unknown.
    """

    people: People | None = None
    directory: Directory | None = None
    visitors: bool = False

    def at(self, picture: str, occasion: Occasion, staff: str | None = None) -> Attended:
        """The occasion of a picture, whose wearer is `occasion`'s where neither list nor directory says one.

        `staff` is the staff number where the list names none.
        """
        listed = (self.people.of(picture) if self.people else None) or NOBODY
        staff = listed.staff or staff
        member = self.directory.of(staff) if self.directory else None
        wearer = _wearer(listed, member) or occasion.wearer
        exempt = member.exempt if member else occasion.exempt
        visitor = self._visitor(listed, member) or (occasion.visitor if listed.visits is None else None)
        notes = () if member or staff is None or self.directory is None else (text("note.unknown-staff", staff=staff),)
        return Attended(replace(occasion, wearer=wearer, exempt=exempt, visitor=visitor), staff, notes)

    def _visitor(self, listed: Listed, member: Member | None) -> Visitor | None:
        visits = self.visitors or (listed.visits if listed.visits is not None else bool(member and member.visits))
        return Visitor(listed.registered, listed.accompanied) if visits else None


@dataclass(frozen=True, slots=True)
class Attended:
    """The occasion of one picture, the staff number of whom it shows, and what is odd about the lists."""

    occasion: Occasion
    staff: str | None
    notes: tuple[Text, ...] = ()


def _wearer(listed: Listed, member: Member | None) -> Wearer | None:
    return listed.wearer or (member.wearer if member else None)
