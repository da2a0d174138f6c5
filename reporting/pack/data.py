"""The data of a release as files: CSV and JSON with a data dictionary. The same report gives the same bytes, so what
was released can be produced again at any time and compared."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

import msgspec

from members.exports import plain

from .tables import Column, Table, Value

ENCODER = msgspec.json.Encoder(decimal_format="number")
DICTIONARY = (
    Column("file", "name of the file", lambda row: f"{row[0].name}.csv"),
    Column("rows", "what a row of it is", lambda row: row[0].says),
    Column("column", "name of the column", lambda row: row[1].name),
    Column("meaning", "what stands in it, with its unit", lambda row: row[1].says),
)
EVERY_CSV = (
    Table("*", "Every CSV file.", (), ()),
    Column(
        "*",
        "UTF-8, a comma between cells, a point in decimals, yes and no, dates as year-month-day. A text that a "
        "spreadsheet would take for a formula (it begins with =, +, -, @, a tab or a return, or with blanks before one "
        "of these) has an apostrophe (') in front; in release.json it has none.",
        lambda _: "",
    ),
)


def data_files(found: tuple[Table, ...]) -> dict[str, bytes]:
    """Name -> content. ``found``: the tables of a release, first that with the one row for it."""
    known = [*found, dictionary(found)]
    return {f"{table.name}.csv": csv_of(table) for table in known} | {"release.json": json_of(*known)}


def dictionary(found: Iterable[Table]) -> Table:
    """What every column of every file means."""
    rows = (EVERY_CSV, *((table, column) for table in found for column in table.columns))
    return Table("data_dictionary", "A row for each column of each file.", DICTIONARY, rows)


def csv_of(table: Table) -> bytes:
    """UTF-8, comma-separated, with a header; dates as year-month-day, a point in decimals, yes and no."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([as_text(value) for value in row] for row in table.values())
    return text.getvalue().encode()


def as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value)


def json_of(about: Table, *found: Table) -> bytes:
    """All tables in one file, after what the release is: numbers are numbers, what is blank is null."""
    [head] = records(about)
    return ENCODER.encode(head | {table.name: list(records(table)) for table in found}) + b"\n"


class Formatted(msgspec.Struct):
    format: int


def format_of(content: bytes) -> int | None:
    """That of a release.json; None where it says none."""
    try:
        return msgspec.json.decode(content, type=Formatted).format
    except msgspec.DecodeError:
        return None


def records(table: Table) -> Iterator[dict[str, Value]]:
    names = [column.name for column in table.columns]
    return (dict(zip(names, row, strict=True)) for row in table.values())
