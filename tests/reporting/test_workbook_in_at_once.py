"""The same workbook is confirmed by several clicks at the same moment; apart from other tests, because it needs
transactions that end."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection

from reporting.actions.refusals import Stale
from reporting.models import Activity, Answer, WorkbookUpload
from reporting.workbook.layout import Part

from .region import OPEN, collect, load_region, make_people
from .test_workbook_in import OTHER, STATUS, compared, taken
from .test_workbook_in_records import NEW_ONE, with_new
from .workbooks import filled, sent_out


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("previews", [1, 8])
def test_several_clicks_at_once_take_it_over_once(previews):
    """On one preview all lead to the receipt; on several of the same file all but one see that something changed."""
    load_region()
    world = SimpleNamespace(current=collect("interim-2028", OPEN, closed=False), people=make_people())
    content = filled(sent_out(world), **{STATUS: {"answer": "In place"}, OTHER: {"answer": "Planned"}})
    content = with_new(content, Part.ACTIVITY, **NEW_ONE)
    seen = compared(world, content).seen
    # The test's SQLite stands in memory, where whoever reads meets the lock of whoever writes: one after the other.
    together = 4 if connection.vendor == "postgresql" else 1
    start = Barrier(together)

    def click(number: int) -> int:
        start.wait()
        try:
            return taken(world, content, seen=seen, once=str(number % previews)).pk
        except Stale:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(together) as people:
        receipts = set(people.map(click, range(together * 2)))
    assert receipts - {0} == set(WorkbookUpload.objects.values_list("pk", flat=True))
    assert (0 in receipts) == (previews > 1)
    assert (WorkbookUpload.objects.count(), Answer.objects.count(), Activity.objects.count()) == (1, 2, 1)
    assert {answer.edits for answer in Answer.objects.all()} == {1}
