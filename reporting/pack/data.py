"""The data of a release as files: CSV and JSON with a data dictionary. The same report gives the same bytes, so what
was released can be produced again at any time and compared."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

import msgspec

from members.exports import plain
from reporting.report import Report

from .tables import Column, Table, Value

FORMAT = 1
"""Of the JSON: it grows by one when what stands there can no longer be read as before."""
ENCODER = msgspec.json.Encoder(decimal_format="number")
DICTIONARY = (
    Column("file", "name of the file", lambda row: f"{row[0].name}.csv"),
    Column("rows", "what a row of it is", lambda row: row[0].says),
    Column("column", "name of the column", lambda row: row[1].name),
    Column("meaning", "what stands in it, with its unit", lambda row: row[1].says),
)


def data_files(report: Report, found: tuple[Table, ...], number: int) -> dict[str, bytes]:
    """Name -> content. ``number``: that of the release."""
    known = [*found, dictionary(found)]
    files = {f"{table.name}.csv": csv_of(table) for table in known}
    return files | {"release.json": json_of(report, known, number)}


def dictionary(found: Iterable[Table]) -> Table:
    """What every column of every file means."""
    rows = tuple((table, column) for table in found for column in table.columns)
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


def json_of(report: Report, found: Iterable[Table], number: int) -> bytes:
    """All tables in one file: numbers are numbers, what is blank is null."""
    about: dict[str, Any] = {
        "format": FORMAT,
        "plan": report.plan.code,
        "plan_title": report.plan.title,
        "amendment": report.plan.amendment,
        "release": number,
        "title": report.title,
        "as_at": report.as_of,
        "basis": report.basis.value,
    }
    return ENCODER.encode(about | {table.name: list(records(table)) for table in found}) + b"\n"


def records(table: Table) -> Iterator[dict[str, Value]]:
    names = [column.name for column in table.columns]
    return (dict(zip(names, row, strict=True)) for row in table.values())
