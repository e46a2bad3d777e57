"""How many pages may hold a stream open: each takes one of the server's threads, so there is an end to it.

A kiosk that reloads opens its streams anew before the server notices that the old ones are dead: the oldest of a device
make way for its new ones.
"""

from __future__ import annotations

import threading
from typing import Final

PAGE_THREADS: Final = 16
"""Threads that are left to all other pages, however many kiosks there are."""
STREAMS: Final = ("events", "mirror")
PER_DEVICE: Final = 2
"""Streams of one kind for one device: the kiosk, and a second look at it, such as the placing view."""
BUFFERED: Final = 2**18
"""Bytes that the server may hold for a slow page (about two pictures) before the stream waits for it."""


class Seat:
    """One open stream; when `dismissed` it ends."""

    def __init__(self, kind: str, holder: str) -> None:
        self.kind, self.holder, self.dismissed = kind, holder, False


class Seats:
    """`kiosks` times two streams (`STREAMS`) at once, over all devices."""

    def __init__(self, kiosks: int) -> None:
        self._most = kiosks * len(STREAMS)
        self._lock = threading.Lock()
        self._taken: list[Seat] = []

    def take(self, kind: str, holder: str) -> Seat | None:
        """A seat for one stream of a holder (a device or a user); None where none is free."""
        with self._lock:
            own = [seat for seat in self._taken if (seat.kind, seat.holder) == (kind, holder) and not seat.dismissed]
            if len(own) >= PER_DEVICE:
                own[0].dismissed = True
            elif len(self._taken) >= self._most:
                return None
            seat = Seat(kind, holder)
            self._taken.append(seat)
            return seat

    def leave(self, seat: Seat) -> None:
        """Gives a seat back; twice does no harm."""
        with self._lock:
            if seat in self._taken:
                self._taken.remove(seat)

    def close(self) -> None:
        """Ends every stream, within a second: the server stops."""
        with self._lock:
            for seat in self._taken:
                seat.dismissed = True

    @property
    def taken(self) -> int:
        """How many streams are open now."""
        with self._lock:
            return len(self._taken)


def server_settings(kiosks: int) -> dict[str, int]:
    """What the web server (waitress) must be given so that open kiosks leave the pages their threads.

    The threads of streams sleep nearly always. `PER_DEVICE` dismissed streams may hold theirs for a moment longer.

    It waits with poll: a thread that writes to a browser that has gone closes the socket, and select, asked for it
    in the same moment, would end the server.
    """
    threads = PAGE_THREADS + kiosks * len(STREAMS) + PER_DEVICE
    return {"threads": threads, "outbuf_high_watermark": BUFFERED, "asyncore_use_poll": True}
