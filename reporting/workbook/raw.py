"""What stands in the cells of a workbook that somebody filled in, whichever program saved it and whatever was done to
its sheets. What a cell holds is what the person saw when they saved it."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from .package import DAMAGED, light, refuse

FARTHEST = 20_000
"""The last row that may hold anything."""
MOST_COLUMNS = 200
MOST_SHEETS = 60
TOO_LONG = "The sheet “{}” goes on below row {:,}. Take out the rows that are not ours, then save it again."
TOO_MANY_SHEETS = f"The workbook has more than {MOST_SHEETS} sheets. Take out those that are not ours."
UNCACHED = "It is a formula that was never worked out. Type or paste its value instead."
SHOWS_ERROR = "It shows an error, {}. Type the value instead."


class Raw(NamedTuple):
    """One filled cell. ``text``: what it holds, as text, alike whether it was typed as text or as a number; ``value``:
    a number, a day or a text as they are; ``fault``: why it cannot be read."""

    text: str
    value: Any = None
    fault: str = ""


Row = Mapping[int, Raw]
"""Column -> what stands there; blank cells are not in it."""


@dataclass
class Sheet:
    """``rows``: by number, those that hold something. ``merged``: the cells of each merge that are not its first."""

    title: str
    rows: dict[int, dict[int, Raw]] = field(default_factory=dict)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def get(self, row: int, column: int) -> Raw:
        return self.rows.get(row, {}).get(column, BLANK)

    def text(self, row: int, column: int) -> str:
        return self.get(row, column).text


BLANK = Raw("")


def cell_name(row: int, column: int) -> str:
    """H14"""
    return f"{get_column_letter(column)}{row}"


def read_cells(content: bytes) -> list[Sheet]:
    """All sheets with cells, in the order of the file, hidden ones too. Raises ValidationError."""
    lighter = light(content)
    try:
        book = load_workbook(BytesIO(lighter), read_only=True)
        sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
        if len(sheets) > MOST_SHEETS:
            refuse(TOO_MANY_SHEETS)
        merges = merges_of(lighter)
        found = [filled(sheet, merges.get(path_of(sheet), {})) for sheet in sheets]
        formulas = [(each, places) for each in found if (places := formulas_of(each))]
        if formulas:
            work_out(lighter, formulas)
    except ValidationError:
        raise
    except Exception as error:  # whatever the reader stumbles over, it is the file's
        raise ValidationError(DAMAGED) from error
    return found


def filled(sheet: Any, merged: dict[tuple[int, int], tuple[int, int]]) -> Sheet:
    found = Sheet(sheet.title, merged=merged)
    sheet.reset_dimensions()  # what a workbook says of its own size may be wrong
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > FARTHEST:  # it is given only where one below holds something
            refuse(TOO_LONG.format(sheet.title[:31], FARTHEST))
        row = {cell.column: raw for cell in cells if cell.value is not None and (raw := raw_of(cell))}
        if row:
            found.rows[number] = row
    return found


# ---------------------------------------------------------------- one cell


def raw_of(cell: Any) -> Raw | None:
    """None where there is nothing but space."""
    value = cell.value
    if cell.data_type == "f":
        return Raw("", value, UNCACHED)
    if cell.data_type == "e":
        return Raw(str(value), value, SHOWS_ERROR.format(value))
    if isinstance(value, str):
        text = unescaped(value).strip()
        return Raw(text, text) if text else None
    return Raw(text_of(value), value)


def text_of(value: Any) -> str:
    """1 and 1.00 are "1", a day is 2027-06-30; of a number as many digits as a spreadsheet shows of it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return f"{Decimal(f'{value:.15g}').normalize():f}"
    return str(value)


ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Spreadsheets write the end of a line of an old kind as _x000D_."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


# ---------------------------------------------------------------- formulas


def formulas_of(sheet: Sheet) -> list[tuple[int, int]]:
    return [
        (number, column) for number, row in sheet.rows.items() for column, raw in row.items() if raw.fault == UNCACHED
    ]


def work_out(content: bytes, formulas: list[tuple[Sheet, list[tuple[int, int]]]]) -> None:
    """Puts in the place of formulas what they showed when the workbook was saved, where that stands in it."""
    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    for sheet, places in formulas:
        last = max(row for row, _ in places)
        shown = book[sheet.title]
        shown.reset_dimensions()
        wanted = set(places)
        for cells in shown.iter_rows(max_row=last, max_col=MOST_COLUMNS):
            for cell in cells:
                if cell.value is not None and (cell.row, cell.column) in wanted:
                    raw = raw_of(cell)
                    sheet.rows[cell.row][cell.column] = raw or Raw("", "")


# ---------------------------------------------------------------- merged cells

MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*ref\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})[\"']")
MOST_MERGED = 2_000
"""Cells that merges may cover: more are formatting of whole sheets, of which nothing is said."""


def merges_of(content: bytes) -> dict[str, dict[tuple[int, int], tuple[int, int]]]:
    """Path of a sheet -> covered cell -> the first one of its merge."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        names = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
        return {name: dict(covered(package.read(name))) for name in names}


def covered(sheet: bytes) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    left = MOST_MERGED
    for found in MERGED.finditer(sheet):
        first, top, last, bottom = (int(each or 0) for each in range_boundaries(found[1].decode()))
        left -= (last - first + 1) * (bottom - top + 1)
        if left < 0:
            return
        for row in range(top, bottom + 1):
            for column in range(first, last + 1):
                if (row, column) != (top, first):
                    yield (row, column), (top, first)


def path_of(sheet: Any) -> str:
    """Of the part of the archive in which a sheet stands."""
    return str(sheet._worksheet_path).lstrip("/")
