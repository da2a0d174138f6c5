"""A list as a file: exactly the rows that are filtered, in their order and the chosen columns, all pages. Dates and
numbers are real ones, and no cell is ever a formula."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import zip_longest
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from members.audit import record_export
from members.columns import TEXT, Value
from members.lists import FORMATS, Listing
from members.models import User

MOST_ROWS = 50_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With what a text begins that a spreadsheet would take for a formula."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
DAY, MOMENT = "dd.mm.yy", "dd.mm.yy hh:mm"


@dataclass(frozen=True)
class About:
    """What a file says of itself. ``notes``: what else holds of its rows, such as as at when figures are."""

    what: str
    limits: str
    order: str
    rows: int
    by: str
    at: datetime
    address: str
    head: str
    notes: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[tuple[str, Value]]:
        return [
            ("What", self.what),
            *self.notes,
            ("Limited to", self.limits),
            ("Sorted by", self.order),
            ("Rows", self.rows),
            ("Taken by", self.by),
            (f"Taken at ({self.at.tzinfo})", self.at),
            ("Address", self.address),
            ("Head of the history", self.head),
        ]


def file_of(
    request: HttpRequest,
    listing: Listing,
    *,
    by: User,
    what: str,
    now: datetime,
    released: bool = False,
    notes: tuple[tuple[str, str], ...] = (),
) -> HttpResponseBase | None:
    """The file that the address asks for; None where it asks for none, or for one that is not made: then the list says
    why. ``released``: it holds what is released, or what everybody may know. Raises PermissionDenied."""
    if not listing.wanted:
        return None
    if not listing.exports:
        raise PermissionDenied
    if listing.wanted not in FORMATS:
        listing.faults.append(f"There is no download as “{listing.wanted}”; there are {' and '.join(FORMATS)}.")
    if listing.count > MOST_ROWS:
        listing.faults.append(f"A file holds at most {MOST_ROWS:,} rows. Limit the list, then download it in parts.")
    if listing.faults:
        return None
    address = request.build_absolute_uri(listing.address())
    kind = FORMATS[listing.wanted]
    head = record_export(by=by, what=f"{what}, {kind}", address=address, rows=listing.count, released=released)
    here = localtime(now, by.time_zone)
    last, short = (str(head), head.short) if head else ("–", "")
    about = About(what, limits_of(listing), order_of(listing), listing.count, by.name, here, address, last, notes)
    name = "-".join(filter(None, [listing.filename, f"{here:%Y-%m-%d}", short]))
    return {"csv": csv_file, "xlsx": workbook_file}[listing.wanted](f"{name}.{listing.wanted}", listing, about)


def limits_of(listing: Listing) -> str:
    return "; ".join(chip["text"] for chip in listing.chips) or "nothing: all rows"


def order_of(listing: Listing) -> str:
    ways = [f"{listing.table.label(each.name)}{', downwards' if each.descending else ''}" for each in listing.sort]
    return "; ".join(ways)


def rows_of(listing: Listing) -> Iterator[list[Value]]:
    return listing.table.filed(listing.all_records())


# ---------------------------------------------------------------- CSV


class Line(StringIO):
    """What was written since the last look."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def csv_file(name: str, listing: Listing, about: About) -> HttpResponseBase:
    """UTF-8 with a mark at its beginning: without one, Excel reads it in the letters of the machine's own country. Our
    imports read it with and without."""
    response = StreamingHttpResponse(csv_lines(listing.table.headers(), rows_of(listing)), content_type="text/csv")
    return named(response, name)


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    line = Line()
    writer = csv.writer(line)
    writer.writerow(headers)
    yield "\ufeff" + line.take()
    for row in rows:
        writer.writerow(map(plain, row))
        yield line.take()


def plain(value: Value) -> str:
    """ISO dates, a point in decimals; a text that would be a formula gets an apostrophe in front."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and looks_live(text) else text


def looks_live(text: str) -> bool:
    return text.startswith(FORMULAS) or text.lstrip().startswith(FORMULAS)


# ---------------------------------------------------------------- workbook


def workbook_file(name: str, listing: Listing, about: About) -> HttpResponseBase:
    """The rows, and on a second sheet what they are."""
    book = Workbook(write_only=True)
    fill_rows(book, listing, about.what)
    fill_about(book, about)
    return sent(book, name)


def sent(book: Workbook, name: str) -> HttpResponseBase:
    content = BytesIO()
    book.save(content)
    return named(HttpResponse(content.getvalue(), content_type=XLSX), name)


def fill_rows(book: Workbook, listing: Listing, what: str) -> None:
    table = listing.table
    letters = [max(table.column(name).letters, min(len(table.label(name)) + 4, 30)) for name in table.shown]
    formats = [table.column(name).number_format for name in table.shown]
    fill(book, what, letters, table.headers(), rows_of(listing), stays=table.stays, formats=formats)


def fill(
    book: Workbook,
    title: str,
    letters: Sequence[int],
    headers: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    stays: int = 1,
    texts: Collection[int] = (),
    formats: Sequence[str] = (),
) -> None:
    """A sheet of rows below a header that stays, as do its first columns. ``letters``: how wide the columns are;
    ``texts``: the columns in which whatever somebody types is text, so that no code becomes a number; ``formats``: how
    each column shows its numbers, "" where as they are."""
    sheet = book.create_sheet(sheet_name(title))
    for number, width in enumerate(letters, 1):
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = width, TEXT if number in texts else "General"
    sheet.freeze_panes = f"{get_column_letter(stays + 1)}2"
    sheet.print_title_rows = "1:1"
    sheet.append([head(sheet, text) for text in headers])
    count = 1
    for row in rows:
        sheet.append([cell(sheet, value, shown_as) for value, shown_as in zip_longest(row, formats, fillvalue="")])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{count}"


def fill_about(book: Workbook, about: About) -> None:
    sheet = book.create_sheet("About")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 80
    for name, value in about.lines():
        sheet.append([head(sheet, name), cell(sheet, value)])


def sheet_name(what: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in what)[:31].strip("' ") or "Rows"


def head(sheet: Any, text: str) -> WriteOnlyCell:
    made = words(sheet, text)
    made.font, made.fill = Font(bold=True), PatternFill("solid", fgColor="E6EFF9")
    made.alignment = Alignment(wrap_text=True, vertical="top")
    return made


def cell(sheet: Any, value: Value, number_format: str = "") -> Any:
    """What is written for a value: no cell for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return words(sheet, value, number_format)
    if isinstance(value, datetime):
        made = WriteOnlyCell(sheet, value.astimezone(value.tzinfo or UTC).replace(tzinfo=None))
        made.number_format = MOMENT
        return made
    if isinstance(value, date):
        made = WriteOnlyCell(sheet, value)
        made.number_format = DAY
        return made
    if number_format:
        made = WriteOnlyCell(sheet, value)
        made.number_format = number_format
        return made
    return value


def words(sheet: Any, text: str, number_format: str = "") -> WriteOnlyCell:
    """Text is text whatever it begins with, also when somebody opens the cell and closes it again."""
    made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", text)[:LONGEST_CELL])
    made.data_type, made.quotePrefix = "s", looks_live(text)
    if number_format == TEXT:
        made.number_format = TEXT
    return made


def named(response: Any, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response
