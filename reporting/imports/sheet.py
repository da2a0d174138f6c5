"""A CSV file as rows that a spreadsheet would number alike, and the list of all that is wrong with it."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError

from reporting.validators import listed, shown

T = TypeVar("T")
LARGEST = 20 * 1024 * 1024
MOST_ROWS = 30_000
"""A database refuses statements about more rows at once."""
MOST_REFUSED = 100
"""Rows whose faults are worth saying."""
NOT_STATED = "It is blank, and must be stated."
MAGIC = {
    b"PK\x03\x04": "a workbook or ZIP file",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"%PDF": "a PDF file",
}


class Refused(Exception):
    """Nothing of the file is taken; says why, one line for each thing that is wrong."""


@dataclass
class Refusals:
    """What is wrong with a file, as far as it is worth saying."""

    file: str
    sentences: dict[int | None, list[str]] = field(default_factory=dict)
    """By row; under None, those about the whole file."""

    def add(self, sentence: str, row: int | None = None, *columns: str) -> None:
        named = listed(columns, "and") if any(columns) else ""
        place = f"column{'s' if len(columns) > 1 else ''} {named}" if named else ""
        places = [self.file, f"row {row}" if row else "", place]
        self.sentences.setdefault(row, []).append(f"{', '.join(filter(None, places))}: {sentence}")

    def stop(self, sentence: str, row: int | None = None) -> "Refused":
        self.add(sentence, row)
        return Refused(self.text())

    def text(self) -> str:
        of_rows = [sentences for row, sentences in self.sentences.items() if row]
        more = len(of_rows) - MOST_REFUSED
        lines = [sentence for sentences in of_rows[:MOST_REFUSED] for sentence in sentences]
        lines += [f"and {more} more row{'s' if more > 1 else ''}"] if more > 0 else []
        return "\n".join(lines + self.sentences.get(None, []))

    def check(self) -> None:
        if self.sentences:
            raise Refused(self.text())


@dataclass(frozen=True)
class Layout:
    """What a file may state. ``key``: the columns whose cells together stand in one row alone, ``in_any_order`` for a
    pair."""

    columns: Collection[str]
    needed: Collection[str]
    key: tuple[str, ...]
    in_any_order: bool = False

    def key_of(self, row: "Row") -> tuple[str, ...]:
        """Empty where a needed part is blank."""
        key = tuple(row.cells.get(column, "") for column in self.key)
        if not all(row.cells.get(column) for column in self.key if column in self.needed):
            return ()
        return tuple(sorted(key)) if self.in_any_order else key


@dataclass
class Row:
    """The cells of a row by column. Reading a cell that is wrong adds to the refusals and gives None."""

    number: int
    cells: Mapping[str, str]
    refusals: Refusals
    refused: bool = False

    def refuse(self, sentence: str, *columns: str) -> None:
        self.refused = True
        self.refusals.add(sentence, self.number, *columns)

    def check(self, check: Callable[[], T], column: str = "") -> T | None:
        """What a check gives; its sentences stand at their own columns, else at the one given."""
        try:
            return check()
        except ValidationError as error:
            by_column = error.message_dict if hasattr(error, "error_dict") else {column: error.messages}
            for name, sentences in by_column.items():
                for sentence in sentences:
                    self.refuse(sentence, name)
            return None

    def read(self, column: str, parse: Callable[[str], T]) -> T | None:
        """None where nothing is stated."""
        text = self.cells.get(column, "")
        return self.check(lambda: parse(text), column) if text else None

    def need(self, column: str, parse: Callable[[str], T]) -> T | None:
        if not self.cells.get(column):
            self.refuse(NOT_STATED, column)
        return self.read(column, parse)

    def items(self, column: str) -> list[str]:
        """The list inside a cell."""
        return [item for item in map(str.strip, self.cells.get(column, "").split(";")) if item]


def content_of(file: str, refusals: Refusals) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise refusals.stop(f"The file cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise refusals.stop(f"The file is larger than {LARGEST // 1024 // 1024} MB; split it.")
    return content


def text_of(content: bytes, refusals: Refusals) -> str:
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            raise refusals.stop(f"The file is {kind}; a CSV file is accepted.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusals.stop("The file is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise refusals.stop("The file holds binary data; a CSV file is accepted.")
    if not text.strip():
        raise refusals.stop("The file is empty.")
    return text


def read_records(text: str, refusals: Refusals) -> Iterator[tuple[int, list[str]]]:
    """Number and cells. A cell of several lines is one record, as it is one row of a spreadsheet."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        sentence = f"The row cannot be read ({error}); a quote that opens must close, and inside a cell be doubled."
        raise refusals.stop(sentence, number + 1) from error


def check_header(header: list[str], refusals: Refusals, layout: Layout) -> None:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise refusals.stop("The cells are not separated by commas, as they must be.", 1)
    for name in dict.fromkeys(header):
        if not name:
            refusals.add(f"Column {header.index(name) + 1} has no name.", 1)
        elif name not in layout.columns:
            refusals.add(f"There is no column {shown(name)}; accepted are {listed(layout.columns, 'and')}.", 1)
        elif header.count(name) > 1:
            refusals.add(f"The column {name} stands there twice.", 1)
    for name in layout.needed:
        if name not in header:
            refusals.add(f"The column {name} is missing.", 1)
    refusals.check()


def check_length(row: Row, header: list[str], cells: list[str]) -> None:
    """Names the first column that is missing, or that there is too much."""
    if len(cells) != len(header):
        first = header[len(cells)] if len(cells) < len(header) else str(len(header) + 1)
        row.refuse(f"The row has {len(cells)} cells; the header has {len(header)}.", first)


def check_once(row: Row, layout: Layout, rows: dict[tuple[str, ...], int]) -> None:
    """``rows``: key -> the first row that it stands in."""
    if not (key := layout.key_of(row)) or rows.setdefault(key, row.number) == row.number:
        return
    stated = [column for column in layout.key if row.cells.get(column)]
    words = listed((shown(row.cells[column]) for column in stated), "and")
    row.refuse(f"{words} stand{'' if len(stated) > 1 else 's'} in row {rows[key]} already.", *stated)


def read_sheet(content: bytes, refusals: Refusals, layout: Layout) -> Iterator[Row]:
    """The rows that say something. Raises Refused where the file is such that no row can be read."""
    records = read_records(text_of(content, refusals), refusals)
    _, header = next(records)
    check_header(header, refusals, layout)
    rows: dict[tuple[str, ...], int] = {}
    number = 1
    for number, cells in ((number, cells) for number, cells in records if any(cells)):
        if number > MOST_ROWS + 1:
            raise refusals.stop(f"The file has more than {MOST_ROWS} rows; split it.")
        row = Row(number, dict(zip(header, cells, strict=False)), refusals)
        check_length(row, header, cells)
        if all(column in row.cells for column in layout.key if column in header):
            check_once(row, layout, rows)
        if len(cells) == len(header):
            yield row
    if number == 1:
        raise refusals.stop("The file has no rows below its header.")
