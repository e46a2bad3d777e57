"""Records arrivals beside the loop: pictures made and blurred, then spooled, then the row; nothing is lost by a crash."""

from __future__ import annotations

from service.door.ended import Ended
from service.store.opening import Store
from vision.config import Config
from vision.policy import Policy


class Recorder:
    """Takes arrivals that ended and records each once, in a thread of its own.

    Args:
        store: an open store.
        config: the deployment: blurring, room on the disk.
        policy: the dress code, whose clauses say which of them are about the face.
    """

    def __init__(self, store: Store, config: Config, policy: Policy) -> None: ...

    def start(self) -> None:
        """Takes up what an earlier run left, and begins."""

    def record(self, arrival: Ended) -> None:
        """Takes an arrival; returns at once unless several are waiting already. The frames must not change any more.

        Raises nothing for a full disk or a database that is gone: it is tried again until it is written.
        """

    def close(self, seconds: float = 2.0) -> bool:
        """Writes what is waiting and ends; whether everything was written in time. What was not, is in the spool."""
        return True
