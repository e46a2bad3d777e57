"""How often somebody may be wrong before they have to wait; in memory, by address."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Final

REMEMBERED: Final = 10_000
"""Addresses; the one heard of longest ago is forgotten first."""


@dataclass(slots=True)
class Limit:
    """At most `most` failures of one key within `seconds`."""

    most: int
    seconds: float
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, key: str) -> float:
        """Seconds that this key has to wait; 0 if it may try."""
        with self._lock:
            found = self._recent(key)
            return 0.0 if len(found) < self.most else max(0.0, found[-self.most] + self.seconds - monotonic())

    def failed(self, key: str) -> None:
        """Counts a failure."""
        with self._lock:
            self._recent(key).append(monotonic())
            self._failures.move_to_end(key)
            while len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def _recent(self, key: str) -> deque[float]:
        found = self._failures.setdefault(key, deque(maxlen=max(self.most, 1)))
        while found and found[0] < monotonic() - self.seconds:
            found.popleft()
        return found


def neighbourhood(address: str | None) -> str:
    """What counts as one address: of IPv6 the first 64 bits, since whoever has one has all of them."""
    try:
        said = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(said, IPv6Address):
        return str(said.ipv4_mapped or ip_network((int(said) >> 64 << 64, 64)))
    return str(said)
