"""Whether this machine's clock can be believed before anything is deleted because its time is over.

A clock that jumps ahead would have everything deleted at once. So the last time that was believed is kept in a file and
followed in small steps; a jump of more than `GAP` is doubted. It is believed again when the clock has come back, when
the system says that it is synchronised, when somebody says so, or when this machine has run for `WAIT` all the same:
after a long holiday nobody may be there to say so, and what is over must not be kept for ever.
"""

from __future__ import annotations

import ctypes
import json
import logging
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from service.store.durable import locked_file
from service.store.opening import Store
from service.store.tables import Arrival

log = logging.getLogger(__name__)
GAP: Final = timedelta(days=3)
"""Longer than that between two looks is a jump, or a machine that was off."""
WAIT: Final = timedelta(days=7)
STEP: Final = timedelta(minutes=20)
"""What one look counts for at most as time in which the machine ran; looks come every ten minutes."""
ERROR: Final = 5
"""What adjtimex answers while the clock is not synchronised."""
SECOND: Final = 9
"""Where, in longs, `struct timex` has its seconds."""
NEAR: Final = 60.0
"""Seconds between the kernel's clock and this process's: more, and this process is told another time."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last time that was believed; while the clock is doubted, its last look and for how long the machine ran."""

    seen: datetime
    looked: datetime | None = None
    ran: timedelta = timedelta()

    @property
    def doubted(self) -> bool:
        """Whether the clock has jumped."""
        return self.looked is not None

    def after(self, now: datetime, synchronised: bool) -> Known:
        """What is known after a look at the clock."""
        if now - self.seen <= GAP or synchronised:
            return Known(now)
        step = now - self.looked if self.looked else timedelta()
        ran = self.ran + (min(step, STEP) if step > timedelta() else timedelta())
        return Known(now) if ran >= WAIT else Known(self.seen, now, ran)


def look(store: Store, now: datetime | None = None, synchronised: bool | None = None) -> Known:
    """Looks at the clock and keeps what is known of it. Raises `OSError`, `SQLAlchemyError`."""
    now = now or datetime.now(timezone.utc)
    known = in_step() if synchronised is None else synchronised
    folder = store.pictures.parent
    with locked_file(folder / ".clock.lock"):
        before = _read(folder / ".clock") or Known(_newest(store) or now)
        after = before.after(now, known)
        _write(folder / ".clock", after)
    if after.doubted and (not before.doubted or after.ran.days > before.ran.days):
        log.error("the clock has jumped from %s to %s: nothing is purged", f"{after.seen:%Y-%m-%d}", f"{now:%Y-%m-%d}")
    return after


def believe(store: Store, now: datetime | None = None) -> None:
    """Somebody says that the clock is right."""
    folder = store.pictures.parent
    with locked_file(folder / ".clock.lock"):
        _write(folder / ".clock", Known(now or datetime.now(timezone.utc)))


def in_step() -> bool:
    """Whether the system says that its clock is synchronised, and this process is told that clock's time."""
    if not sys.platform.startswith("linux"):
        return False
    timex = (ctypes.c_long * 64)()  # twice what it takes; modes 0 asks and sets nothing
    try:
        answer = ctypes.CDLL(None).adjtimex(timex)
    except (OSError, AttributeError):
        return False
    return answer not in (-1, ERROR) and abs(timex[SECOND] - datetime.now(timezone.utc).timestamp()) < NEAR


def _newest(store: Store) -> datetime | None:
    with store.sessions() as session:
        return session.scalar(select(func.max(Arrival.last_at)))


def _read(path: Path) -> Known | None:
    try:
        said = json.loads(path.read_text(encoding="ascii"))
        looked = datetime.fromisoformat(said["looked"]) if said["looked"] else None
        return Known(datetime.fromisoformat(said["seen"]), looked, timedelta(seconds=said["ran"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, known: Known) -> None:
    looked = known.looked.isoformat() if known.looked else None
    said = {"seen": known.seen.isoformat(), "looked": looked, "ran": known.ran.total_seconds()}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(said), encoding="ascii")
    part.replace(path)
