"""The Member's workbook as a file. One style for each kind of cell, made once; cells are put down with its number, as
working out the style of each would take longer than all the rest (docs/adr/0037)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension

from members.columns import TEXT
from members.exports import DAY, LONGEST_CELL, looks_live
from reporting.returns import Return
from reporting.validators import LONGEST_COMMENT

from .book import Book, book_of
from .content import Line, Sheet, Value
from .layout import ABOUT, CODES, HEADER_ROW, LISTS, NAMES_ROW, READ_ME, TITLE_ROW, Colour, Column, Kind

FIRST_ROW = HEADER_ROW + 1
AS_TEXT = frozenset(
    {"reference", "signed", "organisers", "contributors", "participants", "heads", "kpis", "year", "code"}
)
"""Columns in which a spreadsheet would make a date or a number of what people type."""
WHOLE = frozenset({"respondents", "own_participants", "own_women"})


def workbook_of(found: Return, head: str = "") -> bytes:
    """The workbook of a return, as its reader may see it. ``head``: of the history, printed on the first sheet."""
    return Writer(book_of(found, head)).content()


# ---------------------------------------------------------------- how cells look


class Placed(Cell):
    """A cell that was given the number of its style."""

    __slots__ = ("style_number",)
    has_style = True

    @property
    def style_id(self) -> int:
        return int(self.style_number)


def fill(colour: Colour) -> PatternFill:
    return PatternFill("solid", fgColor=colour.value)


def font(colour: Colour = Colour.INK, *, bold: bool = False, size: int = 10) -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=colour.value)


LINE = Side("thin", color=Colour.LINE.value)
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
WRAPPED, MIDDLE = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="center")
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "plain": {"font": font(), "alignment": WRAPPED},
    "title": {"font": font(Colour.BRAND, bold=True, size=14), "alignment": MIDDLE},
    "name": {"font": font(Colour.MUTED, bold=True), "alignment": WRAPPED},
    "header": {"font": font(Colour.WHITE, bold=True), "fill": fill(Colour.BRAND), "border": BOX, "alignment": WRAPPED},
    "asked_header": {
        "font": font(Colour.INK, bold=True), "fill": fill(Colour.INPUT), "border": BOX, "alignment": WRAPPED
    },
    "heading_1": {"font": font(Colour.BRAND, bold=True, size=12), "fill": fill(Colour.HEADING), "alignment": MIDDLE},
    "heading_2": {"font": font(Colour.INK, bold=True), "fill": fill(Colour.HEADING), "alignment": MIDDLE},
    "shown": {"font": font(), "border": BOX, "alignment": WRAPPED},
    "code": {"font": font(bold=True), "border": BOX, "alignment": WRAPPED},
    "grey": {"font": font(Colour.MUTED), "fill": fill(Colour.LOCKED), "border": BOX, "alignment": WRAPPED},
    "input": {
        "font": font(), "fill": fill(Colour.INPUT), "border": BOX, "alignment": WRAPPED,
        "protection": Protection(locked=False),
    },
}  # fmt: skip


class High(RowDimension):
    """A row as high as its text needs, as far as one can tell beforehand; not fixed, so that it grows with what people
    type. LibreOffice does not work heights out when it opens a file."""

    customHeight = False


LINE_HEIGHT, HIGHEST = 13.5, 400.0
"""Points: of a line of text, and of the highest row that Excel takes."""


def height_of(texts: Iterable[tuple[str, int]]) -> float:
    """How high a row is with these texts in columns so wide: a sign is about as wide as a digit."""
    most = max((sum(1 + len(part) // (width * 1.15) for part in text.split("\n")) for text, width in texts), default=1)
    return min(most * LINE_HEIGHT + 3, HIGHEST)


class Styles:
    """The numbers of the styles of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.sheet = book.active
        self.known: dict[tuple[str, str, bool], int] = {}

    def number(self, look: str, shown_as: str = "General", *, quoted: bool = False) -> int:
        key = look, shown_as, quoted
        if key not in self.known:
            probe = Cell(self.sheet, 1, 1)
            for name, value in LOOKS[look].items():
                setattr(probe, name, value)
            probe.number_format, probe.quotePrefix = shown_as, quoted
            self.known[key] = probe.style_id
        return self.known[key]

    def of(self, look: str) -> Any:
        """The style itself, for a whole row."""
        return self.sheet.parent._cell_styles[self.number(look)]


def shown_as(column: Column) -> str:
    """How a column shows what is typed into it."""
    if column.kind is Kind.DAY:
        return DAY
    if column.kind is Kind.NUMBER:
        return "#,##0" if column.name in WHOLE else "General"
    return TEXT if column.name in AS_TEXT else "General"


# ---------------------------------------------------------------- the file


class Writer:
    """Puts a book into a workbook of openpyxl."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.file = Workbook()
        self.styles = Styles(self.file)

    def content(self) -> bytes:
        self.read_me()
        for sheet in self.book.sheets:
            SheetWriter(self, sheet).write()
        self.codes()
        self.lists()
        self.about()
        properties, stamp = self.file.properties, self.book.stamp
        properties.title, properties.creator = self.book.title, "RSP Tracker"
        properties.created = properties.modified = stamp.made_at.replace(tzinfo=None)
        found = BytesIO()
        self.file.save(found)
        return found.getvalue()

    def put(self, sheet: Any, row: int, column: int, value: Value, look: str, shown_as: str = "General") -> None:
        """One cell, whatever it holds: a text is never a formula, also when somebody opens the cell and closes it."""
        cell, quoted = Placed(sheet, row, column), False
        if isinstance(value, str):
            text = ILLEGAL_CHARACTERS_RE.sub(" ", value.replace("\r\n", "\n"))[:LONGEST_CELL]
            cell._value, cell.data_type, quoted = text or None, "s", looks_live(text)
        elif isinstance(value, date):
            cell._value = to_excel(value)
        else:
            cell._value = value
        cell.style_number = self.styles.number(look, shown_as, quoted=quoted)
        sheet._cells[row, column] = cell

    def read_me(self) -> None:
        sheet = self.file.active
        sheet.title = READ_ME
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 96
        self.put(sheet, 1, 1, self.book.title, "title")
        for row, (name, look, words) in enumerate(self.lines(), 3):
            self.put(sheet, row, 1, name, look if look in ("input", "grey", "asked_header", "header") else "name")
            self.put(sheet, row, 2, words, "plain")
        printed(sheet, f"{self.book.title}")
        protect(sheet)
        sheet.sheet_view.showGridLines = False

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Of the first sheet: what stands in its two columns, and how the first looks."""
        yield from ((name, "name", words) for name, words in self.book.facts)
        yield "", "name", ""
        yield "How to fill it in", "name", ""
        yield from ((f"{number}.", "name", words) for number, words in enumerate(self.book.steps, 1))
        yield "", "name", ""
        yield "Colours", "name", ""
        yield "Fill in", "input", "You write here. The cell is not locked."
        yield "Not asked", "grey", "This row does not ask for it. The cell is locked."
        yield "To read", "header", "From the plan and the site. The cells below such a header are locked."
        yield (
            "",
            "name",
            "A white cell below a coloured header is locked too: that answer was sent, or its time is over.",
        )

    def codes(self) -> None:
        sheet, widths = self.file.create_sheet(CODES), (14, 68)
        high: dict[int, float] = defaultdict(float)
        for number, (heading, rows) in enumerate(self.book.codes.items()):
            for row, cells in enumerate((("Code", heading), *rows), 1):
                for column, text in enumerate(cells, 1 + 3 * number):
                    self.put(sheet, row, column, text, "header" if row == 1 else "shown")
                high[row] = max(high[row], height_of(zip(cells, widths, strict=True)))
            for column, width in enumerate(widths, 1 + 3 * number):
                sheet.column_dimensions[get_column_letter(column)].width = width
        for row, height in high.items():
            sheet.row_dimensions[row] = High(sheet, index=row, ht=height)
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        printed(sheet, self.book.title)
        protect(sheet)

    @cached_property
    def list_ranges(self) -> dict[str, str]:
        """Where a list stands, as a drop-down refers to it."""
        return {
            name: f"'{LISTS}'!${get_column_letter(column)}$2:${get_column_letter(column)}${len(texts) + 1}"
            for column, (name, texts) in enumerate(self.book.lists.items(), 1)
        }

    def lists(self) -> None:
        sheet = self.file.create_sheet(LISTS)
        sheet.sheet_state = "veryHidden"
        for column, (name, texts) in enumerate(self.book.lists.items(), 1):
            for row, text in enumerate((name, *texts), 1):
                self.put(sheet, row, column, text, "plain")

    def about(self) -> None:
        sheet = self.file.create_sheet(ABOUT)
        sheet.sheet_state = "veryHidden"
        for row, cells in enumerate(self.book.stamp.rows(), 1):
            for column, text in enumerate(cells, 1):
                self.put(sheet, row, column, str(text), "plain", TEXT)


def printed(sheet: Any, below: str) -> None:
    """On A4 across, as wide as the paper."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    margins.header = margins.footer = 0.3
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = below.replace("&", "&&"), "&A, page &P of &N"


def protect(sheet: Any) -> None:
    """Without a password: it saves from mistakes, and whoever has to can lift it. Columns and rows can be made wider
    and higher, and what is shown sorted and filtered."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.sort = protection.autoFilter = False


# ---------------------------------------------------------------- an input sheet


@dataclass(frozen=True)
class SheetWriter:
    writer: Writer
    sheet: Sheet

    @cached_property
    def made(self) -> Any:
        return self.writer.file.create_sheet(self.sheet.name)

    @property
    def last_column(self) -> int:
        return len(self.sheet.columns)

    def write(self) -> None:
        self.heads()
        for row, line in enumerate(self.sheet.lines, FIRST_ROW):
            self.heading(row, line) if line.heading else self.line(row, line)
        for validation in self.validations():
            self.made.add_data_validation(validation)
        self.frame()

    def heads(self) -> None:
        """The hidden names, the title and the headers, with a note at those of cells to read."""
        sheet, put = self.made, self.writer.put
        put(sheet, TITLE_ROW, 2, self.sheet.title, "title")
        for number, column in enumerate(self.sheet.columns, 1):
            put(sheet, NAMES_ROW, number, column.name, "plain")
            put(sheet, HEADER_ROW, number, column.title, "asked_header" if column.input else "header")
            sheet.column_dimensions[get_column_letter(number)].width = column.width
            if column.note and not column.input:
                sheet._cells[HEADER_ROW, number].comment = Comment(column.note, "RSP Tracker", height=90, width=260)
        self.high(HEADER_ROW, height_of((column.title + "  ", column.width - 2) for column in self.sheet.columns))
        self.high(TITLE_ROW, 24)

    def heading(self, row: int, line: Line) -> None:
        """Its band runs along the whole row, without cells of its own."""
        look = f"heading_{line.level}"
        self.writer.put(self.made, row, 2, line.heading, look)
        self.high(row, 19)._style = self.writer.styles.of(look)

    def line(self, row: int, line: Line) -> None:
        put = self.writer.put
        for number, column in enumerate(self.sheet.columns, 1):
            put(self.made, row, number, self.value(line, column), look_of(line, column), shown_as(column))
        texts = ((str(line.cells.get(each.name) or ""), each.width) for each in self.sheet.columns)
        self.high(row, height_of(texts))

    def high(self, row: int, height: float) -> RowDimension:
        found = self.made.row_dimensions[row] = High(self.made, index=row, ht=height)
        return found

    def value(self, line: Line, column: Column) -> Value:
        return line.key if number_one(column) else line.cells.get(column.name)

    def frame(self) -> None:
        sheet, last = self.made, get_column_letter(self.last_column)
        sheet.column_dimensions["A"].hidden = sheet.row_dimensions[NAMES_ROW].hidden = True
        sheet.freeze_panes = f"{get_column_letter(self.sheet.stays + 1)}{FIRST_ROW}"
        sheet.print_title_rows = f"{TITLE_ROW}:{HEADER_ROW}"
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(self.sheet.lines)}"
        printed(sheet, self.writer.book.title)
        protect(sheet)

    # ------------------------------------------------------------ what may be typed

    def validations(self) -> Iterator[DataValidation]:
        for number, column in enumerate(self.sheet.columns, 1):
            letter = get_column_letter(number)
            for offered, rows in self.open_rows(column).items():
                yield self.validation(column, offered, " ".join(ranges(letter, rows)))

    def open_rows(self, column: Column) -> dict[str, list[int]]:
        """By the list that the cells offer; "" where they offer none."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, line in enumerate(self.sheet.lines, FIRST_ROW):
            if column.name in line.open:
                found[line.offers.get(column.name, "")].append(row)
        return found

    def validation(self, column: Column, offered: str, where: str) -> DataValidation:
        limits = {"type": "list", "formula1": self.writer.list_ranges[offered]} if offered else limits_of(column)
        made = DataValidation(sqref=where, allow_blank=True, **limits)
        made.showInputMessage = made.showErrorMessage = True
        made.promptTitle, made.prompt = column.title[:32], (column.note or WHAT[column.kind])[:255]
        made.errorTitle, made.error = "This is not taken", WRONG[column.kind]
        return made


def number_one(column: Column) -> bool:
    return column.name == "key"


def look_of(line: Line, column: Column) -> str:
    if not column.input:
        return "code" if column.name in ("code", "reference") else "shown"
    if column.name in line.open:
        return "input"
    return "shown" if column.name in line.asks or line.cells.get(column.name) not in (None, "") else "grey"


def ranges(letter: str, rows: Iterable[int]) -> Iterator[str]:
    """Rows as ranges of one column: 4, 5, 6, 9 are H4:H6 and H9."""
    first = last = 0
    for row in (*rows, 0):
        if row != last + 1:
            if first:
                yield f"{letter}{first}:{letter}{last}"
            first = row
        last = row


GREATEST = "1000000000000"
WHAT = {
    Kind.TEXT: "Write a text.", Kind.CHOICE: "Choose from the list.", Kind.NUMBER: "Write a number.",
    Kind.DAY: "Write a date.", Kind.LINK: "Write an address.",
}  # fmt: skip
WRONG = {
    Kind.TEXT: "This text is too long.",
    Kind.CHOICE: "Choose one of the answers in the list, or empty the cell.",
    Kind.NUMBER: "Write a number in digits, such as 12 or 12.50, or empty the cell.",
    Kind.DAY: "Write a date, such as 30.06.2027, or empty the cell.",
    Kind.LINK: "This address is too long.",
}


def limits_of(column: Column) -> dict[str, Any]:
    """What a spreadsheet refuses at once; the site checks all of it once more."""
    if column.kind is Kind.DAY:
        return {"type": "date", "operator": "between", "formula1": "36526", "formula2": "73050"}
    if column.kind is Kind.NUMBER:
        least, most = ("1", "5") if column.name == "rating" else ("0", GREATEST)
        kind = "whole" if column.name in WHOLE else "decimal"
        return {"type": kind, "operator": "between", "formula1": least, "formula2": most}
    longest = str(column.longest or LONGEST_COMMENT)
    return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": longest}
