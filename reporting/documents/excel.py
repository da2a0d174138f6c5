"""A document as a workbook: the words on the first sheet, each table that has a name on one of its own, with real
numbers and dates; a tight document is one sheet. No cell is ever a formula, whatever people typed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from members.exports import DAY, sheet_name
from members.exports import words as text_cell

from .blocks import (
    STATUSES,
    Block,
    Bullets,
    Cell,
    Document,
    Heading,
    Note,
    Paragraph,
    Section,
    Table,
    clean,
)
from .steady import moment_of, steady
from .wrapping import wrapped

AUTHOR = "RSP Tracker"
A4_PAPER = 9
PAGE = {False: 96, True: 142}
"""So many letters are as wide as a page of A4, upright and across."""
FIRST, NAMES, WORDS = "About", 22, 100
"""The first sheet, and how wide its two columns are."""
LONGEST = 200
"""What Excel takes in a header or footer, less what stands beside."""
LINE, MOST_HEIGHT = 13, 405
"""Points that a line needs, and the highest that a row can be."""
NARROW = 0.88
"""So much of a column do letters fill that are wider than those that it is measured in."""
TOP = Alignment(wrap_text=True, vertical="top")
RIGHT = Alignment(wrap_text=True, vertical="top", horizontal="right")
THIN = Border(bottom=Side("thin", color="D5DCE3"))
BRAND, BLUE = "12355B", "1F5FA8"


def font(size: float = 10, *, bold: bool = False, colour: str = "1B2733") -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=colour)


def fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour.removeprefix("#"))


PLAIN, STRONG, TITLE = font(), font(bold=True), font(18, bold=True, colour=BRAND)
LINK = Font(name="Calibri", size=10, color=BLUE, underline="single")
HEAD, SECTION = (font(bold=True, colour=BRAND), fill("E6EFF9")), (STRONG, fill("EEF1F4"))
LOOKS = {code: (font(colour=look.ink.removeprefix("#")), fill(look.paper)) for code, look in STATUSES.items()}


def write(document: Document) -> bytes:
    """The document as xlsx. The same document is the same bytes."""
    book = Workbook(write_only=True)
    properties = book.properties
    properties.title, properties.creator, properties.language = clean(document.title), AUTHOR, "en"
    properties.subject, properties.created = document.about.short, moment_of(document.about.dated)
    sheet = new_sheet(book, document, document.title if document.tight else FIRST)
    tables = [each for each in document.blocks if isinstance(each, Table) and each.only != "paper"]
    if document.tight:
        write_page(sheet, document, tables)
    else:
        write_words(sheet, document, [NAMES, WORDS])
        for table in tables:
            write_sheet(new_sheet(book, document, table.sheet or "Table"), table, landscape=document.landscape)
    content = BytesIO()
    book.save(content)
    return steady(content.getvalue(), document.about.dated)


def new_sheet(book: Workbook, document: Document, name: str) -> Any:
    """A sheet that prints as a page of the document."""
    sheet: Any = book.create_sheet(sheet_name(name))
    sheet.page_setup.paperSize = A4_PAPER
    sheet.page_setup.orientation = "landscape" if document.landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1 if document.tight else 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.7, 0.7
    sheet.oddHeader.left.text = printed(document.title)
    sheet.oddFooter.left.text = printed(document.about.short)
    sheet.oddFooter.right.text = "Page &P of &N"
    return sheet


def printed(text: str) -> str:
    """As a header or footer shows it: an ampersand begins an instruction there."""
    return clean(text).replace("\n", " ").replace("&", "&&")[:LONGEST].rstrip("&")


# ---------------------------------------------------------------- the first sheet


def write_page(sheet: Any, document: Document, tables: list[Table]) -> None:
    """All of it on one sheet, with the columns of its tables."""
    first, *others = column_widths(tables[0], landscape=True) if tables else (NAMES, WORDS)
    widths = [max(first, NAMES), *others]
    row = write_words(sheet, document, widths)
    for table in tables:
        row = write_table(sheet, table, widths, row, tight=True)


def write_words(sheet: Any, document: Document, widths: list[float]) -> int:
    """What the document says of itself, and its words beside, as wide as all columns but the first; the next row."""
    wide, last = sum(widths[1:]), get_column_letter(len(widths))
    set_widths(sheet, widths)
    lines = [Line([styled(sheet, clean(document.title), TITLE, wrap=False)])]
    for name, said in document.about.lines():
        lines.append(Line([styled(sheet, clean(name), STRONG), styled(sheet, clean(said))], clean(said)))
    for block in document.blocks:
        lines += word_rows(sheet, block, links=not document.tight)
    for number, line in enumerate(lines, 1):
        sheet.row_dimensions[number].height = 28 if number == 1 else height([(line.text, wide)])
        if line.text and len(widths) > 2:
            sheet.merged_cells.add(f"B{number}:{last}{number}")
        if line.target:
            sheet._hyperlinks.append(Hyperlink(ref=f"B{number}", location=line.target, display=line.text))
        sheet.append(line.cells)
    return len(lines) + 1


@dataclass(frozen=True)
class Line:
    """A row of words. ``text``: says how high it is; ``target``: the place in the workbook that it leads to."""

    cells: list[Any]
    text: str = ""
    target: str = ""


def word_rows(sheet: Any, block: Block, *, links: bool) -> Iterator[Line]:
    """A block as rows; a table as a link to the sheet that it has."""
    match block:
        case Heading(level, text, only) if only != "paper":
            yield Line([])
            yield Line([styled(sheet, clean(text), font(15 - 2 * level, bold=True, colour=BRAND), wrap=False)])
        case Paragraph(text) | Note(text):
            yield beside(sheet, clean(text))
        case Bullets(items):
            yield from (beside(sheet, clean(item)) for item in items)
        case Table(sheet=name, only=only) if links and name and only != "paper":
            name = sheet_name(name)
            place = name.replace("'", "''")
            yield replace(beside(sheet, f"Sheet “{name}”", LINK), target=f"'{place}'!A1")


def beside(sheet: Any, text: str, letters: Font = PLAIN) -> Line:
    return Line([None, styled(sheet, text, letters, lined=False)], text)


# ---------------------------------------------------------------- tables


def set_widths(sheet: Any, widths: list[float]) -> None:
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def write_sheet(sheet: Any, table: Table, *, landscape: bool) -> None:
    """A table on its own sheet: its header stays when one scrolls, and is printed on every page."""
    widths = list(column_widths(table, landscape=landscape))
    set_widths(sheet, widths)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    write_table(sheet, table, widths, 1)


def write_table(sheet: Any, table: Table, widths: list[float], first: int, *, tight: bool = False) -> int:
    """The table from this row on; the row after it."""
    last = get_column_letter(len(widths))
    sheet.row_dimensions[first].height = height(
        [(each.title, width) for each, width in zip(table.columns, widths, strict=True)]
    )
    sheet.append([styled(sheet, clean(column.title), *HEAD) for column in table.columns])
    for number, row in enumerate(table.rows, first + 1):
        if isinstance(row, Section):
            sheet.merged_cells.add(f"A{number}:{last}{number}")
            sheet.row_dimensions[number].height = height([(row.text, sum(widths))], tight=tight)
            sheet.append([styled(sheet, clean(row.text), *SECTION), *(styled(sheet, "", *SECTION) for _ in widths[1:])])
        else:
            texts = [(cell.lines, width) for cell, width in zip(row.cells, widths, strict=True)]
            sheet.row_dimensions[number].height = height(texts, tight=tight)
            sheet.append([cell_of(sheet, cell) for cell in row.cells])
    return first + 1 + len(table.rows)


def column_widths(table: Table, *, landscape: bool) -> Iterator[float]:
    total = sum(each.width for each in table.columns)
    for column in table.columns:
        longest = max(map(len, column.title.split()), default=0)
        yield max(column.width / total * PAGE[landscape], longest + 2, 8)


def height(texts: Iterable[tuple[str, float]], *, tight: bool = False) -> float:
    """How high a row must be for its texts, each in a column of this width."""
    needed = lines_of_page if tight else lines_with_spare
    return min(max((needed(text, width) for text, width in texts), default=1) * LINE + 2, MOST_HEIGHT)


def lines_with_spare(text: str, width: float) -> int:
    """How many lines a text needs, and one more where it wraps: programs break lines at other places."""
    typed = text.split("\n")
    needed = sum(wrapped(line, max(int(width), 1)) for line in typed)
    return needed + int(needed > len(typed))


def lines_of_page(text: str, width: float) -> int:
    """How many it needs where a page has no line to spare: with room for wider letters instead."""
    return sum(wrapped(line, max(int(width * NARROW), 1)) for line in text.split("\n"))


def cell_of(sheet: Any, cell: Cell) -> Any:
    if cell.status:
        return styled(sheet, cell.lines, *LOOKS[cell.status])
    if isinstance(cell.value, str) or cell.value is None:
        return styled(sheet, cell.text, STRONG if cell.strong else PLAIN)
    made = WriteOnlyCell(sheet, cell.value)
    made.font, made.border = (STRONG if cell.strong else PLAIN), THIN
    made.alignment = TOP if isinstance(cell.value, date) else RIGHT
    if isinstance(cell.value, date):
        made.number_format = DAY
    elif isinstance(cell.value, Decimal) and cell.value != cell.value.to_integral_value():
        made.number_format = "0.0#"
    return made


def styled(
    sheet: Any,
    text: str,
    letters: Font = PLAIN,
    paper: PatternFill | None = None,
    *,
    wrap: bool = True,
    lined: bool = True,
) -> Any:
    made = text_cell(sheet, text)
    made.font = letters
    if paper:
        made.fill = paper
    if wrap:
        made.alignment = TOP
    if wrap and lined:
        made.border = THIN
    return made
