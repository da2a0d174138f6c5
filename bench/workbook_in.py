"""A Member's workbook comes back: reading and comparing it, and taking it over, against openpyxl's reading of the same
file; and what rows cost that are only formatted."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from members.choices import RoleName
from members.models import User
from reporting.actions.workbook import Brought, take_workbook
from reporting.models import Arrangement, Submission
from reporting.returns import Return, items_of
from reporting.workbook.comparing import Compared, Effect
from reporting.workbook.layout import NEW, Part
from reporting.workbook.opening import looked_at
from reporting.workbook.raw import read_cells
from reporting.workbook.reading import SIGNS, read_workbook
from reporting.workbook.receiving import compare
from reporting.workbook.writing import workbook_of

from .data import Site, person
from .imports import end_of_transaction

FORMATTED = 10_000
RECORDS = 10
"""New ones in each register."""
TINT = PatternFill("solid", fgColor="FFFDF0D5")


def let_in(site: Site) -> User:
    """Somebody of a Member that has arrangements with few others, and may change its answers in the last round, which
    is over."""
    until, whose = timezone.now() + timedelta(days=1), site.members[-1]
    last = Submission.objects.filter(round=site.rounds[-1], organisation=whose)
    last.update(late_until=until, late_reason="To be measured.")
    return person("Liz", RoleName.MEMBER_CONTRIBUTOR, whose)


def stage(site: Site) -> tuple[User, bytes]:
    """Who brings a workbook, and one that says something."""
    who = let_in(site)
    return who, filled(workbook_of(opened(who)), strangers(site))


def opened(who: User) -> Return:
    """The return of their organisation in the last round."""
    rows = Submission.objects.select_related("round__plan", "organisation")
    submission = rows.filter(organisation=who.held_roles[0].organisation_id).latest("round__as_at")
    look = looked_at(submission.round, who, timezone.now())
    submission.round = next(each for each in look.occasion.rounds if each.pk == submission.round_id)
    return Return(look, submission, own=True, items=tuple(items_of(look, submission)))


def filled(content: bytes, others: Sequence[str]) -> bytes:
    """With something in every second answer, some new activities, and new arrangements with the others."""
    book = load_workbook(BytesIO(content))
    for sheet, names in sheets_of(book, Part.ANSWER):
        for row in range(4, sheet.max_row + 1, 2):
            if sheet.cell(row, names["key"]).value:
                put(sheet, names, row, comment=f"What helps to understand answer {row}.")
    for part, says in ((Part.ACTIVITY, activities()), (Part.ARRANGEMENT, arrangements(others))):
        for sheet, names in sheets_of(book, part):
            keys = ((cell.row, str(cell.value)) for cell in sheet["A"])
            for row, said in zip((row for row, key in keys if key.startswith(NEW)), says, strict=False):
                put(sheet, names, row, **said)
    return saved(book)


def sheets_of(book: Any, part: Part) -> Iterator[tuple[Any, dict[str, int]]]:
    """With the columns by name."""
    for sheet in book.worksheets:
        names = {str(cell.value): cell.column for cell in sheet[1] if cell.value}
        if SIGNS[part] in names:
            yield sheet, names


def put(sheet: Any, names: Mapping[str, int], row: int, **says: str) -> None:
    for name, text in says.items():
        sheet.cell(row, names[name]).value = text


def activities() -> list[dict[str, str]]:
    return [
        {"title": f"Workshop {number} on valuation", "kind": "Workshop", "start": f"2026-10-{number + 1:02}"}
        for number in range(RECORDS)
    ]


def arrangements(others: Sequence[str]) -> list[dict[str, str]]:
    return [{"party": code, "signed": "2018", "source": "Gazette"} for code in others]


def strangers(site: Site) -> list[str]:
    """Some Members with which the last one has no arrangement."""
    whose = site.members[-1]
    pairs = Arrangement.objects.filter(Q(party_a=whose) | Q(party_b=whose))
    known = {pk for pair in pairs.values_list("party_a", "party_b") for pk in pair} | {whose.pk}
    return [each.code for each in site.members if each.pk not in known][:RECORDS]


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


def ratios(who: User, content: bytes, times: int) -> Iterator[tuple[str, float, float]]:
    """What it is, our seconds of CPU, and those of openpyxl for the same file; in turn, the fastest of each."""
    found, many = opened(who), formatted(content)
    check(compare(read_workbook(content), found))
    openpyxl = alternating(times, lambda: load_workbook(BytesIO(content)), lambda: read_workbook(content))
    yield "read", openpyxl[1], openpyxl[0]
    both = alternating(times, lambda: load_workbook(BytesIO(content)), lambda: compare(read_workbook(content), found))
    yield "read and compared", both[1], both[0]
    taking = alternating(times, lambda: load_workbook(BytesIO(content)), lambda: undone(partial(taken, who, content)))
    yield "taken over", taking[1], taking[0]
    rows = alternating(max(2, times // 3), lambda: load_workbook(BytesIO(many)), lambda: read_cells(many))
    bare = alternating(times, lambda: read_cells(content))
    yield "formatted rows", rows[1] - bare[0], rows[0] - openpyxl[0]


def check(compared: Compared) -> None:
    """What is measured is a workbook that changes something, and has no errors."""
    done = Counter(line.row.part for line in compared.lines if line.effect in (Effect.NEW, Effect.CHANGED))
    if (
        compared.problems
        or not done[Part.ANSWER]
        or done[Part.ACTIVITY] != RECORDS
        or done[Part.ARRANGEMENT] != RECORDS
    ):
        raise AssertionError(f"{compared.summary}: {compared.problems[:3]}")


def taken(who: User, content: bytes) -> None:
    """As a confirmation does it, from finding the return on."""
    found = opened(who)
    compared = compare(read_workbook(content), found)
    brought, now = Brought("Workbook.xlsx", content, compared.seen, {}), found.look.occasion.now
    take_workbook(submission=found.submission, brought=brought, compared=compared, by=who, now=now)


def undone(do: Callable[[], object]) -> None:
    """After all that is left to the end of a transaction."""
    with transaction.atomic():
        do()
        end_of_transaction()
        transaction.set_rollback(True)


def queries(who: User, content: bytes) -> tuple[int, int]:
    """To look at one and to take it over, beside those that find who it is, with nothing kept of the plan."""
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as looked:
        compare(read_workbook(content), opened(who))
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as took:
        undone(partial(taken, who, content))
    return len(looked), len(took)


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
