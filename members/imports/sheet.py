"""A CSV file or a workbook as rows of text, numbered as a spreadsheet numbers them, and what is wrong with its form.

The traps of dependencies.md are closed here: a column that nobody knows, sizes that lie, a sheet that merely was on top
when somebody saved, formulas. A cell that is blank states nothing."""

import codecs
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from members.packages import opened

LARGEST = 1024 * 1024
LARGEST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 2_000
FARTHEST = 50_000
"""The last row of a sheet that is looked at: spreadsheets keep rows that are only formatted."""
MOST_COLUMNS = 60
LONGEST_CELL = 5_000
ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
WORKBOOK = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old workbook begins, and one that a password protects."""
PROTECTED = "EncryptedPackage".encode("utf-16-le")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AGAIN = "Save it again as xlsx, or as “CSV UTF-8”."


@dataclass(frozen=True)
class Column:
    """``says``: what stands in it, for people; ``example``: a value of it, of the kind that it has in a workbook;
    ``also``: what is above it in the file of a list."""

    name: str
    says: str = ""
    example: str | Decimal | date = ""
    also: str = ""

    @property
    def label(self) -> str:
        """As people call it."""
        return self.also or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Layout:
    """What a file may state. ``key``: the columns by which a row is known; each row states them all, and no two rows
    the same, ``in_any_order`` for a pair. ``needs``: what every row states besides. ``shown``: what the file of a list
    has beside, which cannot be imported. ``blank``: what a blank cell means, for people."""

    sheet: str
    fields: tuple[Column, ...]
    key: tuple[str, ...]
    shown: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    in_any_order: bool = False
    blank: str = "A blank cell leaves what is stored."
    most_rows: int = MOST_ROWS
    largest: int = LARGEST

    @property
    def needed(self) -> tuple[str, ...]:
        return (*self.key, *self.needs)

    @property
    def too_large(self) -> str:
        return f"The file is larger than {self.largest // 1024 // 1024} MB. Import it in parts."

    def key_of(self, row: "Row") -> tuple[str, ...]:
        """Alike whatever the letter case; empty where a part of it is blank."""
        key = tuple(folded(row.get(column)) for column in self.key)
        return () if not all(key) else tuple(sorted(key)) if self.in_any_order else key

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    @cached_property
    def known(self) -> dict[str, str]:
        """A heading, folded -> its column."""
        also = {folded(each.also): each.name for each in self.fields if each.also}
        return also | {folded(name): name for name in (*self.columns, *self.shown)}

    def column(self, heading: str) -> str:
        """The column that is meant; "" where there is none such."""
        return self.known.get(folded(heading), "")


def folded(text: str) -> str:
    """Alike whatever the letter case and the spaces: time_zone is Time zone."""
    return " ".join(text.replace("_", " ").split()).casefold()


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: ``column`` is the name of a column, or "" for the row."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Row:
    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Sheet:
    """The rows that say something. ``headings``: column -> what the file calls it; in the order of the file.
    ``unused``: those of the headings whose columns are not imported."""

    headings: dict[str, str]
    unused: list[str]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def where(self, problem: Problem) -> str:
        """Row 4, column C (name)"""
        if problem.column not in self.headings:
            return ", ".join(filter(None, [f"Row {problem.row}", problem.column.replace("_", " ")]))
        letter = get_column_letter(list(self.headings).index(problem.column) + 1)
        return f"Row {problem.row}, column {letter} ({self.headings[problem.column]})"


def read(content: bytes, layout: Layout) -> Sheet:
    """Raises ValidationError where the file is such that no row can be read; says all that is wrong with its header at
    once."""
    if len(content) > layout.largest:
        raise ValidationError(layout.too_large)
    header, *records = records_of(content, layout) or [[]]
    headings = [text.strip() for text in header]
    columns = columns_of(headings, layout)
    called = dict(zip(columns, headings, strict=True))
    sheet = Sheet(called, [called[name] for name in columns if name in layout.shown])
    for number, cells in enumerate(records, 2):
        if any(cells):
            sheet.problems.extend(faults(number, columns, cells))
            texts = zip(columns, map(str.strip, cells), strict=False)
            sheet.rows.append(Row(number, {name: text for name, text in texts if text}))
    if not sheet.rows:
        raise ValidationError("The file has no rows below its header.")
    if len(sheet.rows) > layout.most_rows:
        raise ValidationError(f"The file has more than {layout.most_rows:,} rows. Import it in parts.")
    sheet.problems.extend(doubles(sheet.rows, layout))
    return sheet


def records_of(content: bytes, layout: Layout) -> list[list[str]]:
    """The cells of each row, without blank ones at its end."""
    if content.startswith(COMPOUND):
        what = "protected by a password. Take it off" if PROTECTED in content else "of the old kind (xls)"
        raise ValidationError(f"The workbook is {what}. Save it as xlsx, or as “CSV UTF-8”.")
    records = workbook_rows(content, layout) if content.startswith(WORKBOOK) else csv_rows(content, layout)
    return [cells[: max((n for n, text in enumerate(cells, 1) if text.strip()), default=0)] for cells in records]


def columns_of(headings: list[str], layout: Layout) -> list[str]:
    """Raises ValidationError with all that is wrong with a header."""
    if not headings:
        raise ValidationError(f"The file has no header. Its first row names the columns: {words(layout.columns)}.")
    if len(headings) > MOST_COLUMNS:
        raise ValidationError(f"The file has more than {MOST_COLUMNS} columns.")
    columns = [layout.column(text) for text in headings]
    if not any(columns):
        first = f"its first row, “{', '.join(headings)[:60]}”, names none of the columns"
        raise ValidationError(f"The file is no Excel workbook (xlsx) or CSV file that can be read here: {first}.")
    unknown = [text for text, column in zip(headings, columns, strict=True) if text and not column]
    found = [f"There is no column “{text[:60]}”." for text in dict.fromkeys(unknown)]
    found += [f"Column {get_column_letter(headings.index('') + 1)} has no name."] if "" in headings else []
    times = Counter(filter(None, columns))
    found += [f"The column {name} stands there twice." for name in times if times[name] > 1]
    found += [f"The column {name} is missing." for name in layout.needed if name not in columns]
    if found:
        raise ValidationError([*found, f"Accepted are {words(layout.columns)}."])
    return columns


class Formula(str):
    """A cell that would be worked out; what it says is not what it shows."""


def faults(number: int, columns: Sequence[str], cells: Sequence[str]) -> Iterator[Problem]:
    for name, text in zip(columns, cells, strict=False):
        if isinstance(text, Formula):
            yield Problem(number, name, "It is a formula. Paste its value instead.")
        if len(text) > LONGEST_CELL:
            yield Problem(number, name, f"It has more than {LONGEST_CELL:,} letters.")
    if len(cells) > len(columns):
        yield Problem(number, "", f"It has {len(cells)} cells; the header has {len(columns)}.")


def doubles(rows: Iterable[Row], layout: Layout) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = layout.key_of(row)
        if key and seen.setdefault(key, row.number) != row.number:
            named = " ".join(row.get(column) for column in layout.key)
            yield Problem(row.number, layout.key[-1], f"“{named}” stands in row {seen[key]} already.")


def words(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


# ---------------------------------------------------------------- CSV


def csv_rows(content: bytes, layout: Layout) -> list[list[str]]:
    """UTF-8, or UTF-16 with its mark; with commas, semicolons or tabs, whichever makes known columns of the header."""
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError("The file is neither a workbook nor UTF-8 text. Save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise ValidationError("The file holds binary data. A workbook (xlsx) and a CSV file are accepted.")
    if not text.strip():
        raise ValidationError("The file is empty.")
    header = text.partition("\n")[0]
    sign = max(",;\t", key=lambda each: sum(bool(layout.column(part.strip('" \r'))) for part in header.split(each)))
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
        return [[unguarded(cell) for cell in cells] for cells in rows]
    except csv.Error as error:
        raise ValidationError(f"The file cannot be read as CSV ({error}). A quote that opens must close.") from error


def unguarded(text: str) -> str:
    """Our own files put an apostrophe before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip().startswith(("=", "+", "-", "@")) else text


# ---------------------------------------------------------------- workbook


def workbook_rows(content: bytes, layout: Layout) -> list[list[str]]:
    check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        return rows_within(meant(book, layout))
    except ValidationError:
        raise
    except Exception as error:  # whatever the reader stumbles over, it is the file's
        raise ValidationError(f"The workbook cannot be read. {AGAIN}") from error


def rows_within(sheet: Any) -> list[list[str]]:
    """All rows, the blank ones between them too, as each keeps its number. Raises ValidationError where they go on
    below what is looked at: none is left out unsaid."""
    rows = []
    for number, cells in enumerate(cells_of(sheet, FARTHEST + 1), 1):
        if number > FARTHEST:
            raise ValidationError(f"The sheet goes on below row {FARTHEST:,}. Save only the rows as a new workbook.")
        rows.append(cells if any(cells) else [])
    return rows


def meant(book: Any, layout: Layout) -> Any:
    """The sheet that is called so, else the only one with the right header; never the one that was on top."""
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    named = [sheet for sheet in sheets if folded(sheet.title) == folded(layout.sheet)]
    fitting = named or [sheet for sheet in sheets if fits(sheet, layout)]
    if len(fitting) != 1:
        which = "No sheet" if not fitting else "More than one sheet"
        columns = f"{which} of the workbook has the columns that are needed: {words(layout.key)}."
        raise ValidationError(f"{columns} Call the one that is meant “{layout.sheet}”.")
    return fitting[0]


def fits(sheet: Any, layout: Layout) -> bool:
    return set(layout.key) <= {layout.column(text) for cells in cells_of(sheet, 1) for text in cells}


def cells_of(sheet: Any, rows: int) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what a workbook says of its own size may be wrong
    for row in sheet.iter_rows(max_row=rows, max_col=MOST_COLUMNS + 1):
        yield [text_of(cell) for cell in row]


def check_package(content: bytes) -> None:
    """Before anything is unpacked: how large does it say it is. No part is read beyond what it says."""
    try:
        with opened(content) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise ValidationError("The workbook is too large when unpacked. Save only the rows as a new workbook.")
            for part in parts:
                text = package.read(part) if part.filename.endswith((".xml", ".rels")) else b""
                if any(each in text for each in ENTITIES):
                    raise ValidationError("The workbook holds definitions that no spreadsheet writes.")
    except zipfile.BadZipFile as error:
        raise ValidationError(f"The workbook is damaged. {AGAIN}") from error


def text_of(cell: Any) -> str:
    """Alike whether the same was typed as text or as a number: 1 and 1.00 are "1", a date is 2027-06-30."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value)
