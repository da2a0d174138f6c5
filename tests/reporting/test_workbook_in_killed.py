"""Whoever takes a workbook over may be killed at any moment: then all of it is there, or nothing. A real process on a
real database, on both kinds."""

import signal
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from reporting.models import ActivityVersion, Answer, WorkbookUpload
from reporting.workbook.layout import Part

from .killing import ran, row, where_it_stands
from .region import OPEN, collect, load_region, make_people
from .test_workbook_in import OTHER, STATUS
from .test_workbook_in_records import NEW_ONE, with_new
from .workbooks import filled, sent_out

PROCESS = """
import sys
from django.core.management import call_command

file, where, name, when = sys.argv[1:]
if name:
    deadly(where, name, when)
call_command("workbook", "import", file)
"""
ACTIONS, COMMAND = "reporting.actions.workbook", "reporting.management.commands.workbook"
MOMENTS = {
    "the drafts are stored": (ACTIONS, "take_records", "before"),
    "the receipt is stored": (ACTIONS, "record", "before"),
    "the history is stored": (ACTIONS, "record", "after"),
}
COMMITTED = (COMMAND, "take_workbook", "after")
TABLES = [model._meta.db_table for model in (Answer, ActivityVersion, WorkbookUpload)]


def run(file: Path, database: str, moment: tuple[str, str, str]) -> int:
    return ran(PROCESS, str(file), *moment, database=database).returncode


def stored(folder: Path) -> list[int]:
    """How many answers, versions of activities and receipts there are."""
    return [row(folder, f"SELECT count(*) FROM {table}")[0] for table in TABLES]


@pytest.mark.django_db(transaction=True)
def test_a_kill_leaves_all_or_nothing(tmp_path):
    load_region()
    people = make_people()
    world = SimpleNamespace(current=collect("interim-2028", OPEN, closed=False), people=people)
    content = filled(sent_out(world), **{STATUS: {"answer": "In place"}, OTHER: {"answer": "Planned"}})
    file = tmp_path / "Fiji.xlsx"
    file.write_bytes(with_new(content, Part.ACTIVITY, **NEW_ONE | {"start": date(2026, 9, 1), "end": None}))
    database = where_it_stands(tmp_path)
    for name, moment in MOMENTS.items():
        assert run(file, database, moment) == -signal.SIGKILL, name
        assert stored(tmp_path) == [0, 0, 0], name
    assert run(file, database, COMMITTED) == -signal.SIGKILL
    assert stored(tmp_path) == [2, 1, 1]
    assert run(file, database, (COMMAND, "", "")) == 0
    assert stored(tmp_path) == [2, 1, 1]
