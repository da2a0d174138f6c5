"""What stands in the cells of a workbook that somebody filled in, whichever program saved it and whatever was done to
its sheets. What a cell holds is what the person saw when they saved it."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, iterparse

from django.core.exceptions import ValidationError
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_excel

from .cells import NOT_IN_XML
from .package import DAMAGED, TOO_MUCH, parts_of, refuse
from .parts import TRUE, Parts, local, read_parts, shown

FARTHEST = 20_000
"""The last row that may hold anything."""
MOST_SHEETS = 60
LONGEST = 32_767
"""Letters that spreadsheets keep in a cell."""
TOO_LONG = "The sheet “{}” goes on below row {:,}. Take out the rows that are not ours, then save it again."
TOO_MANY_SHEETS = f"The workbook has more than {MOST_SHEETS} sheets. Take out those that are not ours."
UNCACHED = "It is a formula that was never worked out. Type or paste its value instead."
SHOWS_ERROR = "It shows an error, {}. Type the value instead."
TOO_MANY_LETTERS = f"It holds more than {LONGEST:,} letters. Shorten it."


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
    """``rows``: by number, those that hold something. ``merged``: row -> the merges over it, as columns from and to,
    and their first cell."""

    title: str
    rows: dict[int, dict[int, Raw]] = field(default_factory=dict)
    merged: dict[int, list[tuple[int, int, tuple[int, int]]]] = field(default_factory=lambda: defaultdict(list))

    def get(self, row: int, column: int) -> Raw:
        return self.rows.get(row, {}).get(column, BLANK)

    def text(self, row: int, column: int) -> str:
        return self.get(row, column).text

    def covered_by(self, row: int, column: int) -> tuple[int, int] | None:
        """The first cell of a merge of which this one shows nothing."""
        found = (first for left, right, first in self.merged.get(row, ()) if left <= column <= right)
        return next((first for first in found if first != (row, column)), None)


BLANK = Raw("")


def cell_name(row: int, column: int) -> str:
    """H14"""
    return f"{get_column_letter(column)}{row}"


def read_cells(content: bytes) -> list[Sheet]:
    """All sheets with cells, in the order of the file, hidden ones too. Raises ValidationError."""
    parts = parts_of(content)
    try:
        said = read_parts(parts, MOST_SHEETS, TOO_MANY_SHEETS)
        reader = Reader(said)
        return [reader.sheet(title, part) for title, part in said.sheets.items()]
    except ValidationError:
        raise
    except Exception as error:  # whatever the reader stumbles over, it is the file's
        raise ValidationError(DAMAGED) from error


# ---------------------------------------------------------------- sheets

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
"""The namespaces of sheets, of the two versions of the format."""
SHEETS = tuple(f"{{{each}}}worksheet" for each in MAIN)
ROWS = tuple(f"{{{each}}}row" for each in MAIN)
MERGES = tuple(f"{{{each}}}mergeCell" for each in MAIN)
LINKS = tuple(f"{{{each}}}hyperlink" for each in MAIN)
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.I)
MOST_COVERED = 100_000
"""Cells that merges and links of all sheets may cover together: the marked workbook says of each what it is."""
MOST_AREAS = 5_000


class Reader:
    """Reads the sheets of one workbook. Rows and cells may stand in any order; none stands there twice."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.texts = [text_raw(text) for text in parts.texts]
        self.covered = self.areas = 0

    def sheet(self, title: str, part: bytes) -> Sheet:
        found, number = Sheet(title), 0
        for _, element in iterparse(BytesIO(part)):  # noqa: S314 -- definitions are refused before
            if element.tag in ROWS:
                number = int(element.get("r") or number + 1)
                if number in found.rows or number < 1:
                    refuse(DAMAGED)
                self.row(found, number, element)
                element.clear()
            elif element.tag in MERGES:
                self.merge(found, element.get("ref", ""))
            elif element.tag in LINKS:
                self.area(element.get("ref", ""))  # nothing is read of it, but it costs where errors are marked
        if element.tag not in SHEETS:  # the last to end is the whole: of another kind nothing was read
            refuse(DAMAGED)
        return found

    def row(self, sheet: Sheet, number: int, element: Element) -> None:
        cells: dict[int, Raw] = {}
        column = 0
        for cell in element:
            if local(cell) == "c":
                column = column_of(cell, number) or column + 1
                if raw := self.raw_of(cell):
                    if column in cells:
                        refuse(DAMAGED)
                    cells[column] = raw
        if cells and number > FARTHEST:
            refuse(TOO_LONG.format(sheet.title[:31], FARTHEST))
        if cells:
            sheet.rows[number] = cells

    def merge(self, sheet: Sheet, ref: str) -> None:
        left, top, right, bottom = self.area(ref)
        for row in range(top, bottom + 1):
            sheet.merged[row].append((left, right, (top, left)))

    def area(self, ref: str) -> tuple[int, int, int, int]:
        """Left, top, right and bottom. Raises ValueError where it is no area, ValidationError where areas cover too
        much."""
        if not all(PLACE.fullmatch(place) for place in ref.split(":")):
            raise ValueError(ref)
        left, top, right, bottom = (int(each or 0) for each in range_boundaries(ref.upper()))
        self.areas += 1
        self.covered += (right - left + 1) * (bottom - top + 1)
        if self.covered > MOST_COVERED or self.areas > MOST_AREAS:
            refuse(TOO_MUCH)
        return left, top, right, bottom

    def raw_of(self, cell: Element) -> Raw | None:
        """What a cell shows; None where that is nothing but space."""
        children = {local(each): each for each in cell}
        value, formula, kind = children.get("v"), children.get("f"), cell.get("t", "n")
        text = (value.text or "") if value is not None else ""
        if not text and "is" in children:
            return text_raw(shown(children["is"]))
        if not text and formula is not None:
            return Raw("", "") if value is not None and kind == "str" else Raw("", f"={formula.text or ''}", UNCACHED)
        if not text:
            return None
        if kind == "s":
            return self.texts[int(text)] if text.strip().isdecimal() else refuse(DAMAGED)
        if kind == "e":
            return Raw(text, text, SHOWS_ERROR.format(text[:40]))
        if kind == "b":
            return value_raw(text.strip().casefold() in TRUE)
        if kind == "d":
            return day_raw(text)
        if kind == "n" and NUMBER.fullmatch(text.strip()):
            return self.number(float(text), int(cell.get("s") or 0))
        return text_raw(text)

    def number(self, number: float, style: int) -> Raw:
        """A number, or the day or the share that it is shown as: who typed 50% did not say 0.5."""
        if style in self.parts.shares:
            return value_raw(f"{text_of(number * 100)}%")
        if style not in self.parts.days:
            return value_raw(int(number) if number.is_integer() else number)
        try:
            return value_raw(from_excel(number, self.parts.beginning, timedelta=style in self.parts.spans))
        except (OverflowError, ValueError):
            return Raw("#VALUE!", "#VALUE!", SHOWS_ERROR.format("#VALUE!"))


def column_of(cell: Element, row: int) -> int:
    """0 where it does not say. Raises ValueError where it says another row than the one it stands in."""
    if not (said := cell.get("r", "")):
        return 0
    place = PLACE.fullmatch(said)
    if place is None or int(place[2]) != row:
        raise ValueError(said)
    return column_index_from_string(place[1].upper())


# ---------------------------------------------------------------- one cell

NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}\.?|[0-9]{0,400}\.[0-9]{1,400})(?:[Ee][+-]?[0-9]{1,2})?")


def text_raw(text: str) -> Raw | None:
    if len(text) > 7 * LONGEST:  # before anything is done with it; each letter may be written as _x0041_
        return Raw("", "", TOO_MANY_LETTERS)
    found = unescaped(text).strip()
    if len(found) > LONGEST:
        return Raw("", "", TOO_MANY_LETTERS)
    return Raw(found, found) if found else None


def value_raw(value: Any) -> Raw:
    return Raw(text_of(value), value)


def day_raw(text: str) -> Raw | None:
    """Days as text, which some programs write."""
    for read in (datetime.fromisoformat, time.fromisoformat):
        try:
            return value_raw(read(text.strip()).replace(tzinfo=None))
        except ValueError:
            continue
    return text_raw(text)


def text_of(value: Any) -> str:
    """1 and 1.00 are "1", a day is 2027-06-30; of a number as many digits as a spreadsheet shows of it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return f"{Decimal(f'{value:.15g}').normalize():f}"
    return str(value)


ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Spreadsheets write the end of a line of an old kind as _x000D_. Signs that no text can hold become spaces."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", " ")
    return NOT_IN_XML.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
