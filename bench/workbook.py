"""The Member's workbook going out, with its database and rights, against a bare writer of the same values: openpyxl,
rows as lists, nothing else. In one process and in turn."""

import gc
import time
from collections.abc import Callable
from io import BytesIO

from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from members.models import User
from reporting.workbook.opening import return_by_command
from reporting.workbook.writing import workbook_of

from .data import Site

Sheets = list[tuple[str, list[list[object]]]]


def made(site: Site) -> bytes:
    """The workbook of the contributor's organisation in the last round, by a person who was just read."""
    person = User.objects.get(pk=site.contributor.pk)
    collection = site.rounds[-1]
    collection.plan = site.plan
    [role] = person.held_roles
    return workbook_of(return_by_command(collection, role.organisation.code, person, timezone.now()))


def values_of(content: bytes) -> Sheets:
    book = load_workbook(BytesIO(content))
    return [(sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)]) for sheet in book]


def bare(sheets: Sheets) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def seconds(act: Callable[[], object]) -> float:
    gc.collect()
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def out(site: Site, times: int) -> tuple[float, float, int]:
    """The least seconds of the bare writer and of ours, and how many cells hold something."""
    sheets = values_of(made(site))
    cells = sum(value is not None for _, rows in sheets for row in rows for value in row)
    pairs = [(seconds(lambda: bare(sheets)), seconds(lambda: made(site))) for _ in range(times)]
    plain, ours = map(min, zip(*pairs, strict=True))
    return plain, ours, cells


def queries(site: Site) -> int:
    """Of making it, with nothing kept of the plan."""
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as asked:
        made(site)
    return len(asked) - 2  # who it is for, and their roles: a page reads these anyway
