"""Workbooks as they come back: written by our own writer, then filled in, moved about, damaged and made hostile."""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook

from reporting.returns import open_return
from reporting.workbook.layout import Part
from reporting.workbook.opening import looked_at
from reporting.workbook.reading import SIGNS
from reporting.workbook.writing import workbook_of

from .region import NOW

STATUS_ROW = "1.1.1(b)"


def sent_out(world: Any, person: str = "connie", organisation: str = "FJI", now: Any = NOW) -> bytes:
    """The workbook of a return as its people download it."""
    look = looked_at(world.current, world.people[person], now)
    return workbook_of(open_return(look, world.current.code, organisation))


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    found = BytesIO()
    book.save(found)
    return found.getvalue()


@contextmanager
def edited(content: bytes) -> Iterator["Edited"]:
    """``.content`` afterwards is the workbook as it was saved."""
    found = Edited(opened(content))
    yield found
    found.content = saved(found.book)


class Edited:
    """A workbook that somebody has open; cells are named by key of the row and machine name of the column."""

    def __init__(self, book: Workbook) -> None:
        self.book, self.content = book, b""

    def sheet_of(self, key: str) -> Any:
        return next(sheet for sheet in self.book.worksheets if self.row_of(sheet, key))

    def sheet_for(self, part: Part) -> Any:
        return next(sheet for sheet in self.book.worksheets if SIGNS[part] in self.names(sheet))

    def names(self, sheet: Any) -> dict[str, int]:
        return {str(cell.value): cell.column for cell in sheet[1] if cell.value}

    def row_of(self, sheet: Any, key: str) -> int:
        if "key" not in self.names(sheet) or "token" in self.names(sheet):
            return 0
        column = self.names(sheet)["key"]
        return next((row for row in range(2, sheet.max_row + 1) if sheet.cell(row, column).value == key), 0)

    def cell(self, key: str, name: str) -> Any:
        sheet = self.sheet_of(key)
        return sheet.cell(self.row_of(sheet, key), self.names(sheet)[name])

    def put(self, row: str, /, **says: Any) -> None:
        for name, value in says.items():
            self.cell(row, name).value = value

    def at(self, key: str, name: str) -> str:
        """As a sentence names the cell: FA 1, cell H14."""
        cell = self.cell(key, name)
        return f"{cell.parent.title}, cell {cell.coordinate}"


def filled(content: bytes, **rows: dict[str, Any]) -> bytes:
    with edited(content) as book:
        for key, says in rows.items():
            book.put(key, **says)
    return book.content


# ---------------------------------------------------------------- its parts


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return found.getvalue()


def with_parts(content: bytes, **more: bytes) -> bytes:
    return packed(parts_of(content) | more)


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """With one of its parts, or all whose names begin so, changed."""
    parts = parts_of(content)
    return packed({each: change(text) if each.startswith(name) else text for each, text in parts.items()})


def replaced(content: bytes, name: str, pattern: bytes, new: bytes) -> bytes:
    return rewritten(content, name, lambda text: re.sub(pattern, new, text))
