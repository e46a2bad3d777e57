"""Judges a person's facts by the policy: one kind of rule a file, found by `registry.kinds`.

Rules read facts and regions only. No picture, no network and no colour measurement may come in here.
"""

from __future__ import annotations

from vision.rules.judging import judge, overall

__all__ = ["judge", "overall"]
