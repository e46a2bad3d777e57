"""What goes wrong in training on purpose."""

from __future__ import annotations

from vision.errors import DresscodeError


class TrainingError(DresscodeError):
    """Training, scoring or export can't be done: data are missing, or a run is not complete."""
