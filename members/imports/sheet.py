"""A CSV file or a workbook as rows of text, numbered as a spreadsheet numbers them, and what is wrong with its form.

The traps of dependencies.md are closed here: a column that nobody knows, sizes that lie, a sheet that merely was on top
when somebody saved, formulas. A cell that is blank states nothing."""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

LARGEST = 1024 * 1024
LARGEST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 2_000
MOST_COLUMNS = 60
LONGEST_CELL = 5_000
ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
WORKBOOK = b"PK\x03\x04"


@dataclass(frozen=True)
class Layout:
    """What a file may state. ``key``: the columns by which a row is known; no two rows may be alike in all of them."""

    sheet: str
    columns: Sequence[str]
    needed: Collection[str]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: ``column`` is the name of a column, or "" for the row; row 0 is the whole file."""

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
    """The rows that say something. ``places``: column -> its letter."""

    places: dict[str, str]
    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)

    def where(self, problem: Problem) -> str:
        """Row 4, column C (name)"""
        letter = self.places.get(problem.column, "")
        column = f"column {letter} ({problem.column})" if letter else problem.column
        return ", ".join(filter(None, [f"Row {problem.row}" if problem.row else "The file", column]))


def read(content: bytes, layout: Layout) -> Sheet:
    """Raises ValidationError where the file is such that no row can be read; says all that is wrong with its header at
    once."""
    if len(content) > LARGEST:
        raise ValidationError(f"The file is larger than {LARGEST // 1024 // 1024} MB. Import it in parts.")
    records = list(workbook_rows(content, layout) if content.startswith(WORKBOOK) else csv_rows(content))
    if not records or not any(records[0]):
        raise ValidationError(f"The file has no header. Its first row names the columns: {words(layout.columns)}.")
    header = [str(text).strip() for text in records[0]]
    while header and not header[-1]:
        header.pop()
    check_header(header, layout)
    sheet = Sheet({name: get_column_letter(place) for place, name in enumerate(header, 1)}, [])
    for number, cells in enumerate(records[1:], 2):
        if any(text != "" for text in cells):
            sheet.problems.extend(faults(number, header, cells))
            texts = [str(text).strip() for text in cells]
            sheet.rows.append(Row(number, {name: text for name, text in zip(header, texts, strict=False) if text}))
    if not sheet.rows:
        raise ValidationError("The file has no rows below its header.")
    if len(sheet.rows) > MOST_ROWS:
        raise ValidationError(f"The file has more than {MOST_ROWS:,} rows. Import it in parts.")
    sheet.problems.extend(doubles(sheet.rows, layout))
    return sheet


def check_header(header: list[str], layout: Layout) -> None:
    unknown = [name for name in dict.fromkeys(header) if name not in layout.columns]
    found = [f"There is no column “{name[:60]}”." for name in unknown if name]
    found += [f"Column {get_column_letter(header.index('') + 1)} has no name."] if "" in unknown else []
    found += [f"The column {name} stands there twice." for name in layout.columns if header.count(name) > 1]
    found += [f"The column {name} is missing." for name in needed_of(layout) if name not in header]
    if found:
        raise ValidationError([*found, f"Accepted are {words(layout.columns)}."])


def needed_of(layout: Layout) -> list[str]:
    return [name for name in layout.columns if name in layout.needed]


class Formula(str):
    """A cell that would be worked out; what it says is not what it shows."""


def faults(number: int, header: list[str], cells: Sequence[str]) -> Iterator[Problem]:
    for name, text in zip(header, cells, strict=False):
        if isinstance(text, Formula):
            yield Problem(number, name, "It is a formula. Paste its value instead.")
        if len(text) > LONGEST_CELL:
            yield Problem(number, name, f"It has more than {LONGEST_CELL:,} letters.")
    if any(cells[len(header) :]):
        yield Problem(number, "", f"It has {len(cells)} cells; the header has {len(header)}.")


def doubles(rows: Iterable[Row], layout: Layout) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.get(column).casefold() for column in layout.key)
        if all(key) and seen.setdefault(key, row.number) != row.number:
            named = " ".join(row.get(column) for column in layout.key)
            yield Problem(row.number, layout.key[-1], f"“{named}” stands in row {seen[key]} already.")


def words(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


# ---------------------------------------------------------------- CSV


def csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError("The file is neither a workbook nor UTF-8 text. Save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise ValidationError("The file holds binary data. A workbook (xlsx) and a CSV file are accepted.")
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [unguarded(cell) for cell in cells]
    except csv.Error as error:
        raise ValidationError(f"The file cannot be read as CSV ({error}). A quote that opens must close.") from error


def unguarded(text: str) -> str:
    """Our own files put an apostrophe before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:].lstrip().startswith(("=", "+", "-", "@")) else text


# ---------------------------------------------------------------- workbook


def workbook_rows(content: bytes, layout: Layout) -> Iterator[list[str]]:
    """The sheet that is called so, else the only one with the right header; never the one that was on top."""
    check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
    except Exception as error:
        raise ValidationError("The workbook cannot be read. Save it again as xlsx, or as “CSV UTF-8”.") from error
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    named = [sheet for sheet in sheets if sheet.title.casefold() == layout.sheet.casefold()]
    fitting = named or [sheet for sheet in sheets if set(layout.needed) <= set(first_row(sheet))]
    if len(fitting) != 1:
        which = "No sheet" if not fitting else "More than one sheet"
        columns = f"{which} of the workbook has the columns that are needed: {words(needed_of(layout))}."
        raise ValidationError(f"{columns} Call the one that is meant “{layout.sheet}”.")
    fitting[0].reset_dimensions()  # what a workbook says of its own size may be wrong
    for row in fitting[0].iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS):
        cells = [text_of(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        yield cells


def first_row(sheet: Any) -> list[str]:
    sheet.reset_dimensions()
    found = next(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS), ())
    return [text_of(cell).strip() for cell in found]


def check_package(content: bytes) -> None:
    """Before anything is unpacked: how large does it say it is. No part is read beyond what it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise ValidationError("The workbook is too large when unpacked. Save only the rows as a new workbook.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and any(each in package.read(part) for each in ENTITIES):
                    raise ValidationError("The workbook holds definitions that no spreadsheet writes.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValidationError("The workbook is damaged. Save it again as xlsx, or as “CSV UTF-8”.") from error


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
        return number_text(Decimal(repr(value)))
    return str(value)


def number_text(number: Decimal) -> str:
    return f"{number.normalize():f}"
