"""Whether a found person is one: the detector takes some coats on hangers for people."""

from __future__ import annotations

from typing import Final

from vision.types import Looks, Regions

NOBODY: Final = 0.9
"""The head network's probability that no head is where it should be, from which nobody may be there."""

HEADS: Final = ("hair", "hat")
FAINT: Final = 0.15
"""Masks of these, however faint, mean that somebody is there: of heads seen from behind and from above, which the head
network did not learn from, it says up to 0.77 that they are none, but their hair is seen."""


def nobody(regions: Regions, looks: Looks) -> bool:
    """Whether what was found is no person. In doubt it is one: somebody whose head is out of view, or whom one of the
    networks could not look at, is not passed over."""
    said = looks.attributes.get("head", {}).get("somebody", {})
    if not regions["head"].visible or "clothing" in looks.errors or said.get("n", 0.0) < NOBODY:
        return False
    return not any(g.label in HEADS and g.confidence >= FAINT for g in looks.garments)
