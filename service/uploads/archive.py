"""A report folder as a zip file: read where it lies, nothing of it is ever unpacked to a path of its own choosing."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, Final

from service.report import Row
from service.texts import text
from service.uploads.intake import UploadError
from vision.errors import PictureError
from vision.pictures import decode_picture
from vision.types import Image

ENTRIES: Final = 50_000
REPORT_BYTES: Final = 512_000_000
PICTURE_BYTES: Final = 20_000_000
REPORT: Final = "report.jsonl"
UPRIGHT: Final = 0.95
"""Of its width: from this height on, `vision.draw` puts the panel beside the picture."""


class ReportZip:
    """A zip file with ``report.jsonl``, at its top or in one folder, and the annotated pictures that it names.

    Raises `UploadError` for what is no zip file, has too many entries, is encrypted, or has no report.
    """

    def __init__(self, file: IO[bytes], max_pixels: float) -> None:
        self._max_pixels = max_pixels
        try:
            self._zip = zipfile.ZipFile(file)
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, IndexError) as error:
            raise UploadError(text("upload.error.zip")) from error
        if len(entries) > ENTRIES:
            raise UploadError(text("upload.error.zip-large"))
        self._entries = {_normal(entry.filename): entry for entry in entries if not entry.is_dir()}
        tops = [name for name in self._entries if name.split("/")[-1] == REPORT and name.count("/") <= 1]
        if not tops:
            raise UploadError(text("upload.error.no-report"))
        self._top = str(PurePosixPath(min(tops, key=lambda name: name.count("/"))).parent)

    def lines(self) -> Iterator[bytes]:
        """The lines of the report, in bounded memory however much the file claims to hold."""
        left = REPORT_BYTES
        try:
            with self._zip.open(self._entries[self._named(REPORT)]) as report:
                while line := report.readline(8_000_000):
                    left -= len(line)
                    if left < 0:
                        raise UploadError(text("upload.error.zip-large"))
                    yield line
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error) as error:
            raise UploadError(text("upload.error.zip")) from error

    def find(self, row: Row) -> tuple[Image, float] | None:
        """The annotated picture of a row and its scale; None where the file has none that can be read.

        The picture's own path in the row is one of another machine: it is never looked at.
        """
        named = row.get("annotated")
        entry = self._entries.get(self._named(str(named))) if named else None
        if entry is None:
            return None
        try:
            with self._zip.open(entry) as file:
                data = file.read(PICTURE_BYTES + 1)
            if len(data) > PICTURE_BYTES:
                return None
            image = decode_picture(io.BytesIO(data), entry.filename, self._max_pixels / 1e6)
        except (PictureError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error):
            return None
        return unmarked(image, row)

    def _named(self, name: str) -> str:
        return _normal(str(PurePosixPath(self._top, name)))

    def __enter__(self) -> ReportZip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()


def unmarked(image: Image, row: Row) -> tuple[Image, float]:
    """The picture part of an annotated picture, without its panel, and its scale against the one that was checked.

    The panel stands at the right of upright pictures and below wide ones (`vision.draw.annotate`).
    """
    width, height = row.get("width") or image.shape[1], row.get("height") or image.shape[0]
    scale = image.shape[0] / height if height >= UPRIGHT * width else image.shape[1] / width
    return image[: round(height * scale), : round(width * scale)], float(scale)


def _normal(name: str) -> str:
    """A name to look up by, never to open: backslashes are slashes, ``./`` is dropped, ``..`` stays and finds nothing."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
