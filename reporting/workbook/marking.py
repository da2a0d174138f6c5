"""The person's own workbook, given back with the cells marked that are wrong. All else stays as they left it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from .comparing import Compared
from .layout import Colour
from .reading import Place, Problem

BY = "RSP Tracker"
WRONG = PatternFill("solid", fgColor=Colour.WRONG)
BOTH = PatternFill("solid", fgColor=Colour.HEADING)
NOT_MARKED = "The workbook holds something of your own that cannot be kept. Mend the cells that are named here instead."
WIDTH, HEIGHT = 320, 120


def marked(content: bytes, compared: Compared) -> bytes:
    """Opens at the first cell that is marked. What a workbook of ours does not have, such as a picture that somebody
    put in, is lost. To be called with a content that was read before (``raw.read_cells``). Raises ValidationError."""
    try:
        book = load_workbook(BytesIO(content))
    except Exception as error:  # a picture or a chart, say, that was not looked at before
        raise ValidationError(NOT_MARKED) from error
    first: Worksheet | None = None
    for place, sentence, fill in marks(compared):
        sheet = book[place.sheet]
        mark(cell_at(sheet, place), sentence, fill)
        first = first or sheet
    if first is not None:
        book.active = book.index(first)
        for sheet in book.worksheets:
            sheet.sheet_view.tabSelected = sheet is first
    found = BytesIO()
    book.save(found)
    return found.getvalue()


def marks(compared: Compared) -> Iterator[tuple[Place, str, PatternFill]]:
    for problem in in_order(compared.problems):
        yield problem.place, problem.sentence, WRONG
    for line in compared.conflicts:
        yield line.place, "Changed on the site meanwhile. There: " + "; ".join(line.theirs), BOTH


def in_order(problems: list[Problem]) -> list[Problem]:
    """The first of a sheet on top, sheets as they come."""
    sheets = list(dict.fromkeys(problem.place.sheet for problem in problems))
    return sorted(problems, key=lambda each: (sheets.index(each.place.sheet), each.place.row, each.place.column))


def cell_at(sheet: Any, place: Place) -> Any:
    """Of a merge its first cell: the others show nothing."""
    cell = sheet.cell(place.row, place.column or 1)
    if isinstance(cell, MergedCell):
        merged = next(each for each in sheet.merged_cells.ranges if cell.coordinate in each)
        return sheet.cell(merged.min_row, merged.min_col)
    return cell


def mark(cell: Any, sentence: str, fill: PatternFill) -> None:
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(before + sentence, BY, width=WIDTH, height=HEIGHT)
    cell.fill = fill
