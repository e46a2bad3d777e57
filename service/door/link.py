"""What passes between the door's process and the pages: the mirror picture and the state out, commands back in.

The door serves one Unix socket for each camera (`service.door.mirror_server`), the pages connect to it
(`service.door.mirror_client`). The socket lies in the store's ``run`` folder and is its owner's alone; pictures go
nowhere else. On both sides only the newest picture and the newest state are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from service.door.state import KioskState
from vision.types import Image


class Wish(str, Enum):
    """What somebody at the kiosk asks for."""

    LOOK_AGAIN = "look-again"
    """judge anew; the arrival stays the same"""
    WHO = "who"
    """`Command.code` is who they say they are"""
    CANCEL = "cancel"
    """they are done: end the grace period now"""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Command:
    """A wish from the page; `code` is a staff number or a badge's code, as typed or scanned, not looked up yet.

    `arrival` is the key of whom the page spoke to when it was made: by the time that it is heard it may be
    somebody else. Empty, it is about whom the kiosk speaks to now.
    """

    wish: Wish
    code: str = ""
    arrival: str = ""


class Mirror(Protocol):
    """The door's end, one for each camera. Nothing in it blocks or raises because of the pages."""

    def show(self, image: Image | None, state: KioskState) -> None:
        """Gives the newest frame and what the kiosk is to show.

        `image` is uint8 BGR as the camera gives it and must not be written to afterwards; `state.person` counts in
        shares of it. Both are turned left to right on the way, as in a mirror. With None the last picture is dropped:
        the camera is lost, and nothing is shown in its place.
        """
        ...

    def picture(self, image: Image) -> None:
        """A newer frame, with the state unchanged: so that the mirror stays smooth between frames looked at."""
        ...

    def commands(self) -> Sequence[Command]:
        """The commands since the last call, oldest first."""
        ...

    def close(self) -> None:
        """Ends it and removes the socket."""
        ...


class NoMirror:
    """Where there is no kiosk: nothing is shown and nobody asks."""

    def show(self, image: Image | None, state: KioskState) -> None:
        """Shows nothing."""

    def picture(self, image: Image) -> None:
        """Shows nothing."""

    def commands(self) -> Sequence[Command]:
        """Nobody asks."""
        return ()

    def close(self) -> None:
        """Nothing is open."""
