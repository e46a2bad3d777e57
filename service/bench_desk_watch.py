"""The door beside the desk, for ``dresscode bench desk --beside-watch``: the films of `service.bench_watch`, twice."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vision.errors import DresscodeError

LONGER: Final = 1.5
"""Beside the desk the films take so much longer at most, what they need to begin with included: they are asked for
pages as long as that, so that no film is played alone."""
FRAMES: Final = ("fps_one_person", "fps_three_people")


@dataclass(frozen=True, slots=True)
class Beside:
    """What ``bench watch`` measured by itself, and while the desk was asked for pages."""

    alone: Mapping[str, Any]
    beside: Mapping[str, Any]

    @property
    def kept(self) -> float:
        """The share of its frames that the door keeps, of the film that suffers most."""
        return float(min(self.beside[name] / self.alone[name] for name in FRAMES))


def watch_alone(config_file: Path | None) -> tuple[dict[str, Any], float]:
    """Plays the films: what was measured, and for how many seconds to ask beside them."""
    began = time.monotonic()
    with watch_beside(config_file) as film:
        pass
    return film(), LONGER * (time.monotonic() - began)


@contextmanager
def watch_beside(config_file: Path | None) -> Iterator[Callable[[], dict[str, Any]]]:
    """Plays the films in a process of their own; what they measured can be asked for afterwards.

    Raises `DresscodeError` when they cannot be played.
    """
    with tempfile.TemporaryDirectory() as name:
        said, log = Path(name) / "watch.json", Path(name) / "watch.log"
        command = [sys.executable, "-m", "service", "bench", "watch", "--json", str(said)]
        command += ["--config", str(config_file)] if config_file else []
        measured: dict[str, Any] = {}
        with log.open("wb") as out:
            films = subprocess.Popen(command, stdout=out, stderr=out)
            try:
                yield lambda: measured
                if films.wait():
                    lines = log.read_text(errors="replace").strip().splitlines() or ["it says nothing"]
                    raise DresscodeError(f"bench watch failed: {lines[-1]}")
            finally:
                films.kill()
                films.wait()
        measured.update(json.loads(said.read_text(encoding="utf-8")))
