"""Whether a found person is one: the detector takes some coats on hangers for people."""

from __future__ import annotations

from typing import Final

from vision.types import Looks, Regions

NOBODY: Final = 0.8
"""The head network's probability that no head is where it should be, from which nobody is there."""


def nobody(regions: Regions, looks: Looks) -> bool:
    """Whether what was found is no person. In doubt it is one: somebody whose head is out of view, or whom the head
    network could not look at, is not passed over."""
    said = looks.attributes.get("head", {}).get("somebody", {})
    return regions["head"].visible and said.get("n", 0.0) >= NOBODY
