"""Tables as files for spreadsheets: CSV and XLSX, in which nothing is run that begins like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from service.report_csv import safe

Cell: TypeAlias = "str | int | float | Share | None"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST: Final = 60
"""Letters of a column."""


class Share(float):
    """A number of 0..1 that is shown in per cent."""

    def __str__(self) -> str:
        return f"{float(self):.1%}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its code (names the file or the sheet), its title, headings and rows in the page's language.

    `note` stands under it, and above the headings of a file.
    """

    code: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


def to_csv(table: Table) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to show Chinese; shares as 0.123."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if table.note:
        writer.writerow([safe(table.note)])
    writer.writerow([safe(heading) for heading in table.headings])
    writer.writerows([[_plain(cell) for cell in row] for row in table.rows])
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def to_xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook with a sheet for each table; what is text is stored as text and never as a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for table in tables:
        _fill(book.create_sheet(_sheet_name(table.title)), table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: Cell) -> object:
    if cell is None:
        return ""
    return round(float(cell), 4) if isinstance(cell, Share) else safe(cell)


def _fill(sheet: object, table: Table) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    top = 1
    if table.note:
        _put(sheet, 1, 1, table.note)
        top = 2
    for place, heading in enumerate(table.headings, 1):
        _put(sheet, top, place, heading)
        sheet.cell(top, place).font = Font(bold=True)
    for number, row in enumerate(table.rows, top + 1):
        for place, cell in enumerate(row, 1):
            _put(sheet, number, place, cell)
    sheet.freeze_panes = f"A{top + 1}"
    for place, heading in enumerate(table.headings, 1):
        longest = max([_letters(heading), *(_letters(row[place - 1]) for row in table.rows)])
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, longest + 2)


def _put(sheet: object, row: int, column: int, value: Cell) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    elif isinstance(value, Share):
        cell.value, cell.number_format = float(value), "0.0%"
    else:
        cell.value = value


def _letters(cell: Cell) -> int:
    """How wide a cell's text is; a Chinese sign takes two letters' room."""
    text = "" if cell is None else str(cell)
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _sheet_name(title: str) -> str:
    """A sheet's name has at most 31 signs and none of these."""
    return "".join(" " if sign in r"[]:*?/\'" else sign for sign in title)[:31] or "-"
