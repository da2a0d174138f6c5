"""Rows written many times faster than ``bulk_create`` does: a value is put into the database's form once, however many
rows hold it. Constraints and triggers hold as ever."""

import io
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Field, Max, Model

Row = dict[str, Any]


def write(model: type[Model], rows: Iterable[Row]) -> list[Row]:
    """The rows, by names of columns, with their new ids. What a row leaves out is the field's default."""
    rows = list(rows)
    first = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
    for number, row in enumerate(rows, start=first):
        row["id"] = number
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = [[*map(prepared(field), rows)] for field in fields]
    insert(model, [field.column for field in fields], zip(*columns, strict=True))
    return rows


def prepared(field: Field) -> Callable[[Row], Any]:
    """What the database is given for this field of a row."""
    known: dict[Any, Any] = {}
    name, default = field.attname, field.get_default()

    def prepare(row: Row) -> Any:
        value = row.get(name, default)
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return prepare


def insert(model: type[Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    table, names = connection.ops.quote_name(model._meta.db_table), ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", io.StringIO("".join(map(copy_line, rows))))
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def copy_line(row: tuple[Any, ...]) -> str:
    return "\t".join("\\N" if value is None else escaped(str(value)) for value in row) + "\n"


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
