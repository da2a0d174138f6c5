"""How the cells of the Member's workbook look: one style for each kind of cell, made once."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties

from members.columns import TEXT
from members.exports import DAY

from .layout import Colour, Column, Kind

AS_TEXT = frozenset(
    {"reference", "signed", "organisers", "contributors", "participants", "heads", "kpis", "year", "code"}
)
"""Columns in which a spreadsheet would make a date or a number of what people type."""
WHOLE = frozenset({"respondents", "own_participants", "own_women"})


def fill(colour: Colour) -> PatternFill:
    return PatternFill("solid", fgColor=colour.value)


def font(colour: Colour = Colour.INK, *, bold: bool = False, size: int = 10) -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=colour.value)


LINE = Side("thin", color=Colour.LINE.value)
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
WRAPPED, MIDDLE = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="center")
IN_BOX = {"border": BOX, "alignment": WRAPPED}
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "plain": {"font": font(), "alignment": WRAPPED},
    "title": {"font": font(Colour.BRAND, bold=True, size=14), "alignment": MIDDLE},
    "name": {"font": font(Colour.MUTED, bold=True), "alignment": WRAPPED},
    "header": {"font": font(Colour.WHITE, bold=True), "fill": fill(Colour.BRAND)} | IN_BOX,
    "asked_header": {"font": font(bold=True), "fill": fill(Colour.INPUT)} | IN_BOX,
    "heading_1": {"font": font(Colour.BRAND, bold=True, size=12), "fill": fill(Colour.HEADING), "alignment": MIDDLE},
    "heading_2": {"font": font(bold=True), "fill": fill(Colour.HEADING), "alignment": MIDDLE},
    "shown": {"font": font()} | IN_BOX,
    "code": {"font": font(bold=True)} | IN_BOX,
    "grey": {"font": font(Colour.MUTED), "fill": fill(Colour.LOCKED)} | IN_BOX,
    "input": {"font": font(), "fill": fill(Colour.INPUT), "protection": Protection(locked=False)} | IN_BOX,
}


class Styles:
    """The numbers of the styles of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.sheet = book.active
        self.known: dict[tuple[str, str, bool], int] = {}

    def number(self, look: str, shown_as: str = "General", quoted: bool = False) -> int:
        """``quoted``: of a text that a spreadsheet would take for a formula when somebody opens the cell and closes
        it."""
        key = look, shown_as, quoted
        if key not in self.known:
            probe = Cell(self.sheet, 1, 1)
            for name, value in LOOKS[look].items():
                setattr(probe, name, value)
            probe.number_format, probe.quotePrefix = shown_as, quoted
            self.known[key] = probe.style_id
        return self.known[key]


def shown_as(column: Column) -> str:
    """How a column shows what is typed into it."""
    if column.kind is Kind.DAY:
        return DAY
    if column.kind is Kind.NUMBER:
        return "#,##0" if column.name in WHOLE else "General"
    return TEXT if column.name in AS_TEXT else "General"


LINE_HEIGHT, HIGHEST = 13.5, 400.0
"""Points: of a line of text, and of the highest row that Excel takes."""


def height_of(texts: Iterable[tuple[str, int]]) -> str:
    """How high a row is with these texts in columns so wide, in points. Written beside a row and not fixed, it grows
    with what people type; LibreOffice works out no height when it opens a file."""
    most = 1
    for text, width in texts:
        if len(text) > width or "\n" in text:
            signs = int(width * 1.15)
            most = max(most, sum(1 + len(part) // signs for part in text.split("\n")))
    return str(min(most * LINE_HEIGHT + 3, HIGHEST))


def as_wide_as_paper(sheet: Any) -> None:
    """On A4 across."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
