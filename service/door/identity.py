"""Whose an arrival is: never by the face, but by the badge's code or a staff number that somebody gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Date
from typing import Final

from service.directory import Directory, Member
from service.door.open_arrival import Wearing
from service.who import Who
from vision.policy import Policy
from vision.types import Wearer

BADGE: Final = "badge"
BUTTON: Final = "button"


class Identities:
    """Under what arrivals are judged.

    Args:
        policy: the dress code.
        profile, wearer: the configured ones; None takes the policy's.
        directory: who works here; None where there is none, and nobody is known then.
        today: the day at the site.
    """

    def __init__(
        self,
        policy: Policy,
        profile: str | None,
        wearer: Wearer | None,
        directory: Directory | None,
        today: Callable[[], Date] = Date.today,
    ) -> None:
        self._policy, self._profile, self._wearer, self._today = policy, profile, wearer, today
        self._who = Who(directory=directory)
        members = directory.members.values() if directory else ()
        self._badges = {member.badge: member for member in members if member.badge}

    @property
    def reads_badges(self) -> bool:
        """Whether anybody has a badge code at all; else nobody need look for one."""
        return bool(self._badges)

    def nobody(self) -> Wearing:
        """Somebody of whom nothing is known: the default wearer, today's season."""
        return Wearing(self._policy.occasion(self._profile, self._wearer, self._today()))

    def of(self, code: str, by: str) -> Wearing | None:
        """Who has this badge code or staff number; None for nobody, who is then judged as before."""
        member = self._member(code.strip())
        if member is None:
            return None
        shown = self._who.at("", self.nobody().occasion, member.staff)
        return Wearing(shown.occasion, shown.staff, member.department, by, shown.notes)

    def _member(self, code: str) -> Member | None:
        return self._badges.get(code) or (self._who.directory.of(code) if self._who.directory else None)
