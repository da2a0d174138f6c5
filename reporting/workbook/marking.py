"""The person's own workbook, given back with the cells marked that are wrong. All else stays as they left it."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import iterparse

from django.core.exceptions import ValidationError
from openpyxl import Workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import SHARED_STRINGS

from .comparing import Compared
from .error_list import list_errors
from .layout import Colour
from .looks import LOOKS, fill
from .package import bare
from .parts import local, texts_of
from .reading import COLUMNS, Place, Problem

BY = "RSP Tracker"
SIGN = f"{BY}: "
"""How a line of a comment begins that is a mark: notes, of the writer and of people, stay."""
WRONG, BOTH = Colour.WRONG, Colour.BOTH
EDGES = {WRONG: Side("medium", color=Colour.WRONG_TEXT.value), BOTH: Side("medium", color=Colour.BRAND.value)}
"""Around a marked cell: who does not see its colour sees these."""
HEADERS = {column.title: "asked_header" if column.input else "header" for each in COLUMNS.values() for column in each}
NOT_MARKED = "The workbook holds something of your own that cannot be kept. Mend the cells that are named here instead."
COMMENTED = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")
WIDTH, HEIGHT = 320, 120


def marked(content: bytes, compared: Compared) -> bytes:
    """Opens at the list of what is marked. What a workbook of ours does not have, such as a picture that somebody
    put in, is lost. To be called with a content that was read before (``raw.read_cells``). Raises ValidationError."""
    try:
        kept = bare(content)
        check_comments(kept)
        reader = AsWritten(BytesIO(kept))
        reader.read()
        book = reader.wb
        mark_all(book, compared)
        found = BytesIO()
        book.save(found)
    except Exception as error:  # what was not looked at before, such as a chart, or too much of it
        raise ValidationError(NOT_MARKED) from error
    return found.getvalue()


class AsWritten(ExcelReader):
    """openpyxl takes escapes such as _x005F_ out of shared texts and does not put them back."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        self.shared_strings = list(texts_of(self.archive.read(part.PartName.lstrip("/")))) if part else []


def check_comments(content: bytes) -> None:
    """Each must be on one cell: of one that is on a whole sheet openpyxl would make each cell. Raises ValueError."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        for name in package.namelist():
            for _, each in iterparse(package.open(name)):  # noqa: S314 -- definitions are refused before
                if local(each) == "comment" and not COMMENTED.fullmatch(each.get("ref", "")):
                    raise ValueError(name)
                each.clear()


def mark_all(book: Workbook, compared: Compared) -> None:
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):
            unmark(cell)
    found = list(marks(compared))
    for place, sentence, colour in found:
        sheet = book[place.sheet]
        show(sheet, place)
        mark(cell_at(sheet, place), sentence, colour)
    first = list_errors(book, [(place, sentence) for place, sentence, _ in found])
    if found:
        open_at(book, first or book[found[0][0].sheet])


def open_at(book: Workbook, first: Worksheet) -> None:
    book.active = book.index(first)
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is first


def marks(compared: Compared) -> Iterator[tuple[Place, str, Colour]]:
    for problem in in_order(compared.problems):
        yield problem.place, problem.sentence, WRONG
    for line in compared.conflicts:
        yield line.place, "Changed on the site meanwhile. There: " + "; ".join(line.theirs), BOTH
    for line in compared.lines:
        if line.lack:
            yield line.place, line.lack, BOTH


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


def show(sheet: Any, place: Place) -> None:
    """Where somebody hid or filtered out what is marked, it is shown again."""
    sheet.sheet_state = sheet.SHEETSTATE_VISIBLE
    sheet.row_dimensions[place.row].hidden = False
    for each in sheet.column_dimensions.values():
        if place.column and (each.min or 0) <= place.column <= (each.max or 0):
            each.hidden = False


def mark(cell: Any, sentence: str, colour: Colour) -> None:
    """In a line below what the comment says already. An error stays one, whatever else is to be said of its cell, as
    where it is merged with others."""
    lines = cell.comment.text.splitlines() if cell.comment else []
    said = SIGN + " ".join(sentence.split())
    if said not in lines:
        author = cell.comment.author if cell.comment else BY
        cell.comment = Comment("\n".join([*lines, said]), author, width=WIDTH, height=HEIGHT)
    if cell.fill.fgColor.rgb == WRONG:  # earlier marks are off by now
        return
    edge = EDGES[colour]
    cell.fill, cell.border = fill(colour), Border(left=edge, right=edge, top=edge, bottom=edge)
    if cell.value in HEADERS:  # white letters are not read on it
        cell.font = LOOKS["asked_header"]["font"]


# ---------------------------------------------------------------- marks of the time before


def unmark(cell: Any) -> None:
    """Takes off what was marked before. The colour of a cell is that of others of its kind."""
    if isinstance(cell, MergedCell):
        return
    if cell.comment and SIGN in cell.comment.text:
        lines = cell.comment.text.splitlines()
        rest = "\n".join(line for line in lines if not line.startswith(SIGN))
        cell.comment = Comment(rest, cell.comment.author, width=WIDTH, height=HEIGHT) if rest else None
    if cell.fill.fgColor.rgb in (WRONG, BOTH):
        look = LOOKS[look_before(cell)]
        cell.fill, cell.border = look.get("fill", PatternFill()), look["border"]
        if cell.value in HEADERS:
            cell.font = look["font"]


def look_before(cell: Any) -> str:
    if not cell.protection.locked:
        return "input"
    if cell.value in HEADERS:
        return HEADERS[cell.value]
    return "grey" if cell.font.color and cell.font.color.rgb == Colour.MUTED else "shown"
