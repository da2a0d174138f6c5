"""The Member's workbook as a file."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from members.columns import TEXT
from members.exports import looks_live
from reporting.returns import Return

from .book import Book, book_of
from .cells import Cells, clean, saved
from .content import Line, Sheet, Value
from .layout import ABOUT, CODES, HEADER_ROW, LISTS, NAMES_ROW, READ_ME, TITLE_ROW, Column
from .limits import limit
from .looks import Styles, as_wide_as_paper, height_of, shown_as

FIRST_ROW = HEADER_ROW + 1
LONGEST_FOOTER = 100
"""Excel refuses a file with more than 255 signs in a footer."""


def workbook_of(found: Return, head: str = "") -> bytes:
    """The workbook of a return, as its reader may see it. ``head``: of the history, printed on the first sheet."""
    return Writer(book_of(found, head)).content()


class Writer:
    """Puts a book into a workbook of openpyxl."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.file = Workbook()
        self.styles = Styles(self.file)
        self.file.remove(self.file.active)
        self.cells: dict[str, Cells] = {}

    def content(self) -> bytes:
        self.read_me()
        for sheet in self.book.sheets:
            InputSheet(self, sheet).write()
        self.codes()
        self.lists()
        self.about()
        properties, stamp = self.file.properties, self.book.stamp
        properties.title, properties.creator = self.book.title, "RSP Tracker"
        properties.created = properties.modified = stamp.made_at.replace(tzinfo=None)
        return saved(self.file, self.cells)

    def sheet(self, name: str, *, hidden: bool = False) -> tuple[Any, Cells]:
        """A new sheet that nobody changes by mistake, and its cells."""
        made = self.file.create_sheet(name)
        self.cells[name] = Cells()
        if hidden:
            made.sheet_state = "veryHidden"
        else:
            printed(made, self.book.title)
            protect(made)
        return made, self.cells[name]

    def put(self, cells: Cells, row: int, column: int, value: Value, look: str, shown_as: str = "General") -> None:
        """One cell, whatever it holds; a text that looks like a formula is marked as a text."""
        if isinstance(value, str):
            value = clean(value)
            cells.put(row, column, value, self.styles.number(look, shown_as, looks_live(value)))
        else:
            cells.put(row, column, value, self.styles.number(look, shown_as))

    # ------------------------------------------------------------ the sheets beside

    def read_me(self) -> None:
        sheet, cells = self.sheet(READ_ME)
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 100
        self.put(cells, 1, 1, self.book.title, "title")
        cells.row(1, ht="24")
        for row, (name, look, words) in enumerate(self.lines(), 3):
            self.put(cells, row, 1, name, look)
            self.put(cells, row, 2, words, "plain")
            cells.row(row, ht=height_of([(words, 100)]))
        sheet.sheet_view.showGridLines = False

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Of the first sheet: what stands in its two columns, and how the first looks."""
        blank = "", "name", ""
        yield from ((name, "name", words) for name, words in self.book.facts)
        yield blank
        yield "For reading" if self.book.shut else "How to fill it in", "name", ""
        yield from ((f"{number}.", "name", words) for number, words in enumerate(self.book.steps, 1))
        yield blank
        yield "Colours", "name", ""
        if not self.book.shut:
            yield "Fill in", "input", "You write here. The cell is not locked."
        yield "Not asked", "grey", "This row does not ask for it. The cell is locked."
        yield "To read", "header", "From the plan and the site. The cells below such a header are locked."
        yield (
            "Not now",
            "shown",
            "White below a coloured header: locked, as the answer is not yours to change, or its time is over.",
        )

    def codes(self) -> None:
        (sheet, cells), widths = self.sheet(CODES), (14, 68)
        texts: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for number, (heading, rows) in enumerate(self.book.codes.items()):
            for row, said in enumerate((("Code", heading), *rows), 1):
                for column, text in enumerate(said, 1 + 3 * number):
                    self.put(cells, row, column, text, "header" if row == 1 else "shown")
                texts[row] += zip(said, widths, strict=True)
            for column, width in enumerate(widths, 1 + 3 * number):
                sheet.column_dimensions[get_column_letter(column)].width = width
        for row, found in texts.items():
            cells.row(row, ht=height_of(found))
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"

    @cached_property
    def list_ranges(self) -> dict[str, str]:
        """Where a list stands, as a drop-down refers to it."""
        return {
            name: f"'{LISTS}'!${get_column_letter(column)}$2:${get_column_letter(column)}${len(texts) + 1}"
            for column, (name, texts) in enumerate(self.book.lists.items(), 1)
        }

    def lists(self) -> None:
        _, cells = self.sheet(LISTS, hidden=True)
        for column, (name, texts) in enumerate(self.book.lists.items(), 1):
            for row, text in enumerate((name, *texts), 1):
                self.put(cells, row, column, text, "plain")

    def about(self) -> None:
        _, cells = self.sheet(ABOUT, hidden=True)
        for row, said in enumerate(self.book.stamp.rows(), 1):
            for column, text in enumerate(said, 1):
                self.put(cells, row, column, str(text), "plain", TEXT)


def printed(sheet: Any, below: str) -> None:
    """On A4 across, as wide as the paper, and what it is of at the foot of each page."""
    as_wide_as_paper(sheet)
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    margins.header = margins.footer = 0.3
    sheet.oddFooter.left.text = clean(below)[:LONGEST_FOOTER].replace("&", "&&")
    sheet.oddFooter.right.text = "&A, page &P of &N"


def protect(sheet: Any) -> None:
    """Without a password: it saves from mistakes, and whoever has to can lift it. Columns and rows can be made wider
    and higher, and what is shown sorted and filtered."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.sort = protection.autoFilter = False


# ---------------------------------------------------------------- an input sheet


@dataclass(frozen=True)
class InputSheet:
    writer: Writer
    sheet: Sheet

    @cached_property
    def made(self) -> tuple[Any, Cells]:
        return self.writer.sheet(self.sheet.name)

    @cached_property
    def formats(self) -> list[tuple[int, Column, str]]:
        return [(number, column, shown_as(column)) for number, column in enumerate(self.sheet.columns, 1)]

    def write(self) -> None:
        self.heads()
        empty = 0
        for row, line in enumerate(self.sheet.lines, FIRST_ROW):
            if line.heading:
                self.heading(row, line)
            elif line.is_new and empty:
                self.again(row, line, empty)
            else:
                self.line(row, line)
                empty = row if line.is_new else 0
        self.frame()

    def heads(self) -> None:
        """The hidden names, the title and the headers, with a note at those of cells to read."""
        (sheet, cells), put = self.made, self.writer.put
        cells.row(NAMES_ROW, hidden="1")
        for number, column, _ in self.formats:
            put(cells, NAMES_ROW, number, column.name, "plain")
            put(cells, HEADER_ROW, number, column.title, "asked_header" if column.input else "header")
            sheet.column_dimensions[get_column_letter(number)].width = column.width
            if column.note and not column.input:
                cells.note(HEADER_ROW, number, column.note)
        put(cells, TITLE_ROW, 2, self.sheet.title, "title")
        cells.row(TITLE_ROW, ht="24")
        cells.row(HEADER_ROW, ht=height_of((column.title, column.width - 3) for column in self.sheet.columns))

    def heading(self, row: int, line: Line) -> None:
        """Its band runs along the whole row, without cells of its own."""
        (_, cells), look = self.made, f"heading_{line.level}"
        cells.row(row, ht="19", s=str(self.writer.styles.number(look)), customFormat="1")
        self.writer.put(cells, row, 2, line.heading, look)

    def line(self, row: int, line: Line) -> None:
        (_, cells), put, said = self.made, self.writer.put, line.cells
        texts = [(text, each.width) for each in self.sheet.columns if isinstance(text := said.get(each.name), str)]
        cells.row(row, ht=height_of(texts))
        for number, column, shown in self.formats:
            value = line.key if column.name == "key" else said.get(column.name)
            put(cells, row, number, value, look_of(line, column), shown)

    def again(self, row: int, line: Line, before: int) -> None:
        """All empty rows of a sheet are alike."""
        _, cells = self.made
        self.writer.put(cells, row, 1, line.key, "shown")
        cells.repeat(row, before)

    def frame(self) -> None:
        (sheet, cells), last = self.made, get_column_letter(len(self.sheet.columns))
        limit(cells, self.sheet, FIRST_ROW, self.writer.list_ranges)
        sheet.column_dimensions["A"].hidden = True
        sheet.freeze_panes = f"{get_column_letter(self.sheet.stays + 1)}{FIRST_ROW}"
        sheet.print_title_rows = f"{TITLE_ROW}:{HEADER_ROW}"
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(self.sheet.lines)}"


def look_of(line: Line, column: Column) -> str:
    if not column.input:
        return "code" if column.name in ("code", "reference") else "shown"
    if column.name in line.open:
        return "input"
    return "shown" if column.name in line.asks or line.cells.get(column.name) not in (None, "") else "grey"
