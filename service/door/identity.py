"""Whose an arrival is: never by the face, but by the badge's code or a staff number that somebody gives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date as Date
from typing import Final

from service.directory import Directory, Member
from service.door.open_arrival import Wearing
from service.who import Who
from vision.policy import Policy
from vision.types import Wearer

log = logging.getLogger(__name__)
RENEWED: Final = 300.0
"""Seconds after which people and exemptions that were changed at the desk are known at the door."""
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
        self.renew(directory)

    def renew(self, directory: Directory | None) -> None:
        """Another directory from now on: people come and go while a camera is watched for weeks."""
        members = directory.members.values() if directory else ()
        badges = {member.badge: member for member in members if member.badge}
        self._known = Who(directory=directory), badges  # both at once: another thread may be asking

    @property
    def reads_badges(self) -> bool:
        """Whether anybody has a badge code at all; else nobody need look for one."""
        return bool(self._known[1])

    def nobody(self, day: Date | None = None) -> Wearing:
        """Somebody of whom nothing is known: the default wearer, the season of today or of another day."""
        return Wearing(self._policy.occasion(self._profile, self._wearer, day or self._today()))

    def of(self, code: str, by: str, day: Date | None = None) -> Wearing | None:
        """Who has this badge code or staff number; None for nobody, who is then judged as before.

        `day` is the arrival's: who came before midnight is judged by that day's code and exemptions.
        """
        code, (who, badges) = code.strip(), self._known
        member: Member | None = badges.get(code) or (who.directory.of(code) if who.directory else None)
        if member is None:
            return None
        shown = who.at("", self.nobody(day).occasion, member.staff)
        return Wearing(shown.occasion, shown.staff, member.department, by, shown.notes)


class Renewal:
    """Reads the directory anew now and then, in a thread of its own. One that cannot be read leaves the last."""

    def __init__(self, identities: Identities, read: Callable[[], Directory | None], every: float = RENEWED) -> None:
        self._identities, self._read, self._every = identities, read, every
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="directory", daemon=True)

    def start(self) -> None:
        """Begins, with the first reading after a while."""
        self._thread.start()

    def close(self, seconds: float = 0.0) -> None:
        """Ends it, waiting at most so long for a reading that is under way."""
        self._closed.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._closed.wait(self._every):
            try:
                self._identities.renew(self._read())
            except Exception as error:  # a file that is being written, a database that is away
                log.warning("the staff directory could not be read anew: %s", type(error).__name__)
