"""The first sheet of a marked workbook: what is wrong, each with a link to its cell. It has no machine names, so that
nothing of it is read when the workbook comes back."""

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from members.exports import looks_live
from members.numbers import counted

from .cells import clean
from .looks import LOOKS, as_wide_as_paper, height_of
from .raw import MOST_SHEETS, cell_name
from .reading import Place

NAME = "Errors"
TITLE = "What to look at in this workbook"
"""In its first cell: by it the sheet is known when the workbook is marked again."""
HEADERS = ("Where", "What is wrong", "Go there")
WIDTHS = (32, 90, 12)
MOST = 500
"""Each link costs when the workbook is read again; whoever has more errors sees them in the cells."""


def list_errors(book: Workbook, found: Sequence[tuple[Place, str]]) -> Any:
    """Puts the sheet before all others, in the place of an earlier one. Returns it; None where there is nothing to
    list, or the workbook has as many sheets as are taken."""
    for sheet in [each for each in book.worksheets if each["A1"].value == TITLE]:
        book.remove(sheet)
    if not found or len(book.sheetnames) >= MOST_SHEETS:
        return None
    sheet = book.create_sheet(NAME, 0)
    put(sheet, 1, 1, TITLE, "title")
    for column, (header, width) in enumerate(zip(HEADERS, WIDTHS, strict=True), 1):
        put(sheet, 2, column, header, "header")
        sheet.column_dimensions[cell_name(1, column)[:-1]].width = width
    for row, (place, sentence) in enumerate(found[:MOST], 3):
        line(sheet, row, place, sentence)
    if len(found) > MOST:
        put(sheet, MOST + 3, 1, f"And {counted(len(found) - MOST, 'more mark')} in the sheets.", "plain")
    sheet.freeze_panes = "A3"
    as_wide_as_paper(sheet)
    return sheet


def line(sheet: Any, row: int, place: Place, sentence: str) -> None:
    put(sheet, row, 1, str(place), "shown")
    put(sheet, row, 2, sentence, "shown")
    put(sheet, row, 3, "Go there", "shown")
    target = f"{quote_sheetname(place.sheet)}!{cell_name(place.row, place.column or 1)}"
    sheet.cell(row, 3).hyperlink = Hyperlink(ref=cell_name(row, 3), location=target)
    sheet.row_dimensions[row].height = float(height_of(zip((str(place), sentence), WIDTHS, strict=False)))


def put(sheet: Any, row: int, column: int, text: str, look: str) -> None:
    """Always as a text: a sheet may be called =A1."""
    cell = sheet.cell(row, column)
    cell.value = clean(text)
    cell.data_type = "s"
    for name, value in LOOKS[look].items():
        setattr(cell, name, value)
    cell.quotePrefix = looks_live(text)
