"""How long to wait before a camera is opened again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """From `first` to `most` seconds, doubled each time, and between half and all of it by chance, so that cameras that
    were lost together do not come back together."""

    first: float = 0.5
    most: float = 30.0
    chance: random.Random = field(default_factory=random.SystemRandom)
    _times: int = 0

    def wait(self) -> float:
        """Seconds until the next try."""
        seconds = min(self.most, self.first * float(1 << min(self._times, 30)))
        self._times += 1
        return seconds * self.chance.uniform(0.5, 1.0)

    def reset(self) -> None:
        """The camera works."""
        self._times = 0
