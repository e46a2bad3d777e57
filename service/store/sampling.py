"""Which arrivals are shown for what only a person decides, although nothing about them failed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from service.store.record import findings, outcome_of

STEPS: Final = 2**32


def is_sampled(key: str, row: Mapping[str, Any], share: float) -> bool:
    """Whether an arrival belongs to the sample: it passed, has findings for review, and is one of that `share` (0..1).

    Its key decides, so that the same report imported twice, or an arrival that is put down again, has the same answer.
    """
    if outcome_of(row) != "pass" or all(finding["outcome"] != "review" for finding in findings(row)):
        return False
    place = int.from_bytes(sha256(f"review {key}".encode()).digest()[:4], "big")
    return place < share * STEPS
