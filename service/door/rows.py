"""An arrival that ended as the row of a report."""

from __future__ import annotations

from service.door.open_arrival import Finished
from service.report import Row, Stamp, error_row, text_row, to_row
from vision.types import PictureVerdict


def finished_row(finished: Finished, image: str, stamp: Stamp) -> Row:
    """The row of an arrival, with this one person; `image` names it. Boxes are those of its best frame."""
    occasion = finished.wearing.occasion
    if finished.verdict is None or finished.fused is None:
        row = error_row(image, finished.error or "", stamp, occasion)
    else:
        height, width = finished.fused.main.image.shape[:2]
        row = to_row(image, PictureVerdict(width, height, occasion, (finished.verdict,)), stamp, 0.0)
    notes = [text_row(note) for note in finished.wearing.notes]
    return row | {"staff": finished.wearing.staff, "notes": notes, "annotated": None}
