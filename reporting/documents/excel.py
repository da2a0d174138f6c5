"""A document as a workbook: the words on the first sheet, each table that has a name on one of its own, with real
numbers and dates. No cell is ever a formula, whatever people typed."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

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
TOP = Alignment(wrap_text=True, vertical="top")
RIGHT = Alignment(wrap_text=True, vertical="top", horizontal="right")
THIN = Border(bottom=Side("thin", color="D5DCE3"))
BRAND, MUTED = "12355B", "51606F"


def font(size: float = 10, *, bold: bool = False, colour: str = "1B2733") -> Font:
    return Font(name="Calibri", size=size, bold=bold, color=colour)


def fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour.removeprefix("#"))


PLAIN, STRONG, TITLE = font(), font(bold=True), font(18, bold=True, colour=BRAND)
HEAD, SECTION = (font(bold=True, colour=BRAND), fill("E6EFF9")), (STRONG, fill("EEF1F4"))
LOOKS = {code: (font(colour=look.ink.removeprefix("#")), fill(look.paper)) for code, look in STATUSES.items()}


def write(document: Document) -> bytes:
    """The document as xlsx. The same document is the same bytes."""
    book = Workbook(write_only=True)
    properties = book.properties
    properties.title, properties.creator, properties.language = clean(document.title), AUTHOR, "en"
    properties.subject, properties.created = document.about.short, moment_of(document.about.dated)
    write_words(book, document)
    tables = [each for each in document.blocks if isinstance(each, Table) and each.only != "paper"]
    for number, table in enumerate(tables, 1):
        write_table(book, document, table, table.sheet or f"Table {number}")
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


def write_words(book: Workbook, document: Document) -> None:
    """What the document says of itself, and its words; its tables have sheets of their own."""
    sheet = new_sheet(book, document, FIRST)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = NAMES, WORDS
    lines = [("", [styled(sheet, clean(document.title), TITLE, wrap=False)])]
    for name, said in document.about.lines():
        lines.append((clean(said), [styled(sheet, clean(name), STRONG), styled(sheet, clean(said))]))
    for block in document.blocks:
        lines += word_rows(sheet, block)
    for number, (text, row) in enumerate(lines, 1):
        sheet.row_dimensions[number].height = 28 if number == 1 else height([(text, WORDS)])
        sheet.append(row)


def word_rows(sheet: Any, block: Block) -> Iterator[tuple[str, list[Any]]]:
    """Rows of the first sheet, each with the text that says how high it is."""
    match block:
        case Heading(level, text, only) if only != "paper":
            yield "", []
            yield "", [styled(sheet, clean(text), font(15 - 2 * level, bold=True, colour=BRAND), wrap=False)]
        case Paragraph(text) | Note(text):
            yield clean(text), [None, styled(sheet, clean(text), lined=False)]
        case Bullets(items):
            yield from ((clean(item), [None, styled(sheet, clean(item), lined=False)]) for item in items)
        case Table(sheet=name, only=only) if name and only != "paper":
            yield "", [None, styled(sheet, f"Sheet “{sheet_name(name)}”", font(colour=MUTED), lined=False)]


# ---------------------------------------------------------------- tables


def write_table(book: Workbook, document: Document, table: Table, name: str) -> None:
    """A table on its own sheet: its header stays when one scrolls, and is printed on every page."""
    sheet, last = new_sheet(book, document, name), get_column_letter(len(table.columns))
    widths = list(column_widths(table, document.landscape))
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.row_dimensions[1].height = height(
        [(each.title, width) for each, width in zip(table.columns, widths, strict=True)]
    )
    sheet.append([styled(sheet, clean(column.title), *HEAD) for column in table.columns])
    for number, row in enumerate(table.rows, 2):
        if isinstance(row, Section):
            sheet.merged_cells.add(f"A{number}:{last}{number}")
            sheet.row_dimensions[number].height = height([(row.text, sum(widths))])
            sheet.append([styled(sheet, clean(row.text), *SECTION), *(styled(sheet, "", *SECTION) for _ in widths[1:])])
        else:
            sheet.row_dimensions[number].height = height(
                [(cell.lines, width) for cell, width in zip(row.cells, widths, strict=True)]
            )
            sheet.append([cell_of(sheet, cell) for cell in row.cells])


def column_widths(table: Table, landscape: bool) -> Iterator[float]:
    total = sum(each.width for each in table.columns)
    for column in table.columns:
        longest = max(map(len, column.title.split()), default=0)
        yield max(column.width / total * PAGE[landscape], longest + 2, 8)


def height(texts: Iterable[tuple[str, float]]) -> float:
    """How high a row must be for its texts, each in a column of this width."""
    most = max((sum(lines_with_spare(text, width)) for text, width in texts), default=1)
    return min(most * LINE + 2, MOST_HEIGHT)


def lines_with_spare(text: str, width: float) -> tuple[int, int]:
    """How many lines a text needs, and one more where it wraps: programs break lines at other places."""
    typed = text.split("\n")
    needed = sum(wrapped(line, max(int(width), 1)) for line in typed)
    return needed, int(needed > len(typed))


def wrapped(line: str, width: int) -> int:
    """On how many lines its words stand, so many letters on each; a word that is longer breaks."""
    many, used = 1, 0
    for word in line.split(" "):
        if used and used + 1 + len(word) > width:
            many, used = many + 1, 0
        used += len(word) + (1 if used else 0)
        while used > width:
            many, used = many + 1, used - width
    return many


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
