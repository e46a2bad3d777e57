"""The screen of ``dresscode bench watch``: takes pictures from the mirror as the kiosk does, in a process of its own.

Run as a module, with the folder of the sockets and the camera's name; it reads until it is ended.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.door import link_wire
from service.door.mirror_client import Line

PATIENCE: Final = 1.0
"""Seconds for which one picture is waited for."""


@contextmanager
def viewing(folder: Path, camera: str) -> Iterator[None]:
    """Somebody looks at the camera's mirror meanwhile."""
    viewer = subprocess.Popen([sys.executable, "-m", "service.bench_viewer", str(folder), camera])
    try:
        yield
    finally:
        viewer.kill()
        viewer.wait()


def view(folder: Path, camera: str) -> None:
    """Takes every picture and lets it go."""
    seen = 0
    with Line(folder, camera, link_wire.PICTURES).open() as line:
        while True:
            seen = line.newer(seen, PATIENCE).number


if __name__ == "__main__":
    view(Path(sys.argv[1]), sys.argv[2])
