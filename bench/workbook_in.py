"""A Member's workbook comes back: reading and comparing it, against openpyxl's reading of the same file; and what rows
cost that are only formatted."""

import gc
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from reporting.models import Submission
from reporting.returns import Return, items_of
from reporting.workbook.layout import Part
from reporting.workbook.opening import looked_at
from reporting.workbook.raw import read_cells
from reporting.workbook.reading import SIGNS, read_workbook
from reporting.workbook.receiving import compare
from reporting.workbook.writing import workbook_of

from .data import Site

FORMATTED = 10_000
TINT = PatternFill("solid", fgColor="FFFDF0D5")


def opened(site: Site) -> Return:
    """The return that is asked the most, of the round that is open or was last."""
    rows = Submission.objects.select_related("round__plan", "organisation").order_by("-round__as_at", "organisation")
    submission = rows[0]
    look = looked_at(submission.round, site.administrator, timezone.now())
    submission.round = next(each for each in look.occasion.rounds if each.pk == submission.round_id)
    return Return(look, submission, own=True, items=tuple(items_of(look, submission)))


def filled(content: bytes) -> bytes:
    """With something in every second answer."""
    book = load_workbook(BytesIO(content))
    for sheet in book.worksheets:
        names = {str(cell.value): cell.column for cell in sheet[1] if cell.value}
        if SIGNS[Part.ANSWER] not in names:
            continue
        for row in range(4, sheet.max_row + 1, 2):
            if sheet.cell(row, names["key"]).value:
                sheet.cell(row, names["comment"]).value = f"What helps to understand answer {row}."
    return saved(book)


def formatted(content: bytes) -> bytes:
    """With thousands of rows below that are only formatted."""
    book = load_workbook(BytesIO(content))
    sheet = book.worksheets[1]
    width, last = min(sheet.max_column, 16), sheet.max_row
    for row in range(last + 1, last + FORMATTED + 1):
        for column in range(1, width + 1):
            sheet.cell(row, column).fill = TINT
    return saved(book)


def saved(book: Any) -> bytes:
    found = BytesIO()
    book.save(found)
    return found.getvalue()


def ratios(site: Site, times: int) -> Iterator[tuple[str, float, float]]:
    """What it is, our seconds of CPU, and those of openpyxl for the same file; in turn, the fastest of each."""
    found = opened(site)
    content = filled(workbook_of(found))
    many = formatted(content)
    openpyxl = alternating(times, lambda: load_workbook(BytesIO(content)), lambda: read_workbook(content))
    yield "read", openpyxl[1], openpyxl[0]
    both = alternating(
        times, lambda: load_workbook(BytesIO(content)), lambda: compare(read_workbook(content), found, anybody=True)
    )
    yield "read and compared", both[1], both[0]
    rows = alternating(max(2, times // 3), lambda: load_workbook(BytesIO(many)), lambda: read_cells(many))
    bare = alternating(times, lambda: read_cells(content))
    yield "formatted rows", rows[1] - bare[0], rows[0] - openpyxl[0]


def queries(site: Site) -> int:
    """Of a comparison, beside those that find the return."""
    found = opened(site)
    content = filled(workbook_of(found))
    with CaptureQueriesContext(connection) as counted:
        compare(read_workbook(content), found, anybody=True)
    return len(counted)


def alternating(times: int, *those: Callable[[], object]) -> list[float]:
    """The least CPU of each: none of them waits for anything but other work on the machine."""
    best = [float("inf")] * len(those)
    for _ in range(times):
        for number, do in enumerate(those):
            gc.collect()
            before = time.process_time()
            do()
            best[number] = min(best[number], time.process_time() - before)
    return best
