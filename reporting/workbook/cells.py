"""Cells put down as the XML that they become. A workbook has thousands of them, each with one of a few styles; as
objects of openpyxl they would take most of the time (docs/adr/0037). All around the cells is openpyxl's own."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element, SubElement

from members.exports import LONGEST_CELL

from .content import Value

NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
LETTERS = ("", *(get_column_letter(number) for number in range(1, 100)))
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Begins what spreadsheets take for a sign written by its number: _x0041_ would be an A."""
QUOTES = {'"': "&quot;"}
NOTHING, HELD = b"<sheetData/>", b"<sheetData>%b</sheetData>"


def clean(text: str) -> str:
    """A text as a cell can hold it."""
    return NOT_IN_XML.sub(" ", text.replace("\r\n", "\n"))[:LONGEST_CELL]


class Cells:
    """The cells of one sheet. Those of a row are put down from left to right."""

    def __init__(self) -> None:
        self.rows: dict[int, list[str]] = defaultdict(list)
        self.said: dict[int, str] = {}
        self.notes: list[CommentRecord] = []
        self.limits = Element("dataValidations")
        self.widest = 1

    def row(self, number: int, **says: str) -> None:
        """What is said of a row: its height, its style, that it is hidden."""
        self.said[number] = "".join(f' {name}="{value}"' for name, value in says.items())

    def put(self, row: int, column: int, value: Value, style: int) -> None:
        """A text is kept as one, whatever it begins with: it is never a formula."""
        if column > self.widest:
            self.widest = column
        start = f'<c r="{LETTERS[column]}{row}" s="{style}"'
        if value is None or value == "":
            made = f"{start}/>"
        elif isinstance(value, str):
            said = ESCAPE.sub("_x005F_", value) if "_x" in value else value
            made = f'{start} t="inlineStr"><is><t xml:space="preserve">{escape(said, QUOTES)}</t></is></c>'
        else:
            made = f"{start}><v>{to_excel(value) if isinstance(value, date) else value}</v></c>"
        self.rows[row].append(made)

    def repeat(self, row: int, before: int) -> None:
        """The cells of a row once more, but for the first, which is there already. No text holds a quotation mark, so
        that only the places change."""
        again = "".join(self.rows[before][1:]).replace(f'{before}" s="', f'{row}" s="')
        self.rows[row].append(again)
        self.said[row] = self.said[before]

    def note(self, row: int, column: int, text: str) -> None:
        """What stands beside a cell when one points at it."""
        comment = Comment(text, "RSP Tracker", height=90, width=260)
        made = CommentRecord(ref=f"{LETTERS[column]}{row}", author=comment.author)
        made.text.t, made.height, made.width = comment.content, comment.height, comment.width
        self.notes.append(made)

    def limit(self, formulas: Mapping[str, str], **says: str) -> None:
        """What may be typed into some cells."""
        made = SubElement(self.limits, "dataValidation", says)
        for name, text in formulas.items():
            SubElement(made, name).text = text

    @property
    def dimension(self) -> str:
        return f"A1:{LETTERS[self.widest]}{max(self.rows, default=1)}"

    def xml(self) -> bytes:
        """All rows, in an encoding that every other one includes."""
        found = (f'<row r="{row}"{self.said.get(row, "")}>{"".join(self.rows[row])}</row>' for row in sorted(self.rows))
        return "".join(found).encode("ascii", "xmlcharrefreplace")


class SheetWriter(WorksheetWriter):
    """Writes a sheet of openpyxl with these cells in it."""

    def __init__(self, sheet: Any, cells: Cells) -> None:
        super().__init__(sheet, BytesIO())
        self.cells = cells
        sheet._comments = list(cells.notes)

    def write_dimensions(self) -> None:
        self.xf.send(SheetDimension(self.cells.dimension).to_tree())

    def write_rows(self) -> None:
        self.xf.send(Element("sheetData"))

    def write_validations(self) -> None:
        if len(self.cells.limits):
            self.xf.send(self.cells.limits)

    def content(self) -> bytes:
        self.write()
        before, found, after = self.out.getvalue().partition(NOTHING)
        assert found  # noqa: S101 -- put there above
        return b"".join((before, HELD % self.cells.xml(), after))


class BookWriter(ExcelWriter):
    """Writes a workbook of openpyxl, each sheet with its cells."""

    def __init__(self, book: Workbook, archive: ZipFile, cells: Mapping[str, Cells]) -> None:
        super().__init__(book, archive)
        self.cells = cells

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._drawing.images = []
        writer = SheetWriter(ws, self.cells[ws.title])
        self._archive.writestr(ws.path[1:], writer.content())
        ws._rels = writer._rels
        self.manifest.append(ws)


def saved(book: Workbook, cells: Mapping[str, Cells]) -> bytes:
    """The file of a workbook. ``cells``: by the name of the sheet."""
    found = BytesIO()
    BookWriter(book, ZipFile(found, "w", ZIP_DEFLATED), cells).save()
    return found.getvalue()
