"""Whoever does long work may be killed at any moment: then nothing half of it is served, and another takes it up. A
real process on a real database, on both kinds."""

import hashlib
import json
import signal
from pathlib import Path

import pytest

from reporting.actions import publish_release
from reporting.actions.jobs import ask_scorecards
from reporting.choices import JobState
from reporting.inputs import Basis
from reporting.models import Job

from .killing import ran, row, where_it_stands
from .region import BASELINE, NOW, PLAN, collect, load_region, make_people

WORK = """
import sys
from datetime import timedelta
from django.utils import timezone
from reporting.pack import worker

where, name, when, hours = sys.argv[1:]
for steps in ("steps_of", "scorecard_steps"):  # the first step alone, as the others only take longer
    every = getattr(worker, steps)
    setattr(worker, steps, lambda *about, every=every: list(every(*about))[:1])
if name:
    deadly(where, name, when)
worker.do_jobs(lambda: timezone.now() + timedelta(hours=int(hours)))
"""
LOOK = """
import json, sys
from django.test import Client
from members.models import User

client = Client(HTTP_HOST="127.0.0.1")
client.force_login(User.objects.get(email="ed@example.org"))
print(json.dumps([client.get(path).status_code for path in sys.argv[1:]]))
"""
WORKER, PACK, CARDS = "reporting.pack.worker", "reporting.pack.making", "reporting.pack.scorecards"
A_STEP_IS_BEGUN = (WORKER, "step", "after")
ALL_IS_STORED = (PACK, "record", "after")
IT_IS_THROUGH = (WORKER, "keep", "after")
THE_FILE_IS_STORED = (CARDS, "finish", "after")
UNHARMED = ("", "", "")
JOB = "SELECT state, tries, name, content FROM reporting_job"
FILES = "SELECT count(*) FROM reporting_releasefile"


def work(database: str, moment: tuple[str, str, str], *, hours: int) -> int:
    return ran(WORK, *moment, str(hours), database=database).returncode


def seen(database: str, *paths: str) -> list[int]:
    """The status with which each is answered."""
    found: list[int] = json.loads(ran(LOOK, *paths, database=database).stdout)
    return found


@pytest.fixture
def people(transactional_db):
    load_region()
    return make_people()


def test_a_kill_leaves_no_half_of_a_pack_and_another_worker_makes_it(people, tmp_path: Path):
    plan = collect("baseline-2026", BASELINE).plan
    facts = {"title": "The Baseline", "as_at": BASELINE, "basis": Basis.ACCEPTED}
    publish_release(plan=plan, by=people.ada, now=NOW, **facts)
    database = where_it_stands(tmp_path)
    page = f"/plans/{PLAN}/documents/releases/1/"
    paths = (page, f"{page}files/everything.zip", f"{page}files/data/figures.csv")

    assert work(database, A_STEP_IS_BEGUN, hours=0) == -signal.SIGKILL
    assert (row(tmp_path, JOB)[:2], row(tmp_path, FILES)) == ([JobState.RUNNING, 1], [0])
    assert seen(database, *paths) == [200, 404, 404]
    assert work(database, UNHARMED, hours=0) == 0
    assert row(tmp_path, JOB)[:2] == [JobState.RUNNING, 1]  # the first may still be at work
    assert work(database, ALL_IS_STORED, hours=1) == -signal.SIGKILL
    assert (row(tmp_path, JOB)[:2], row(tmp_path, FILES)) == ([JobState.RUNNING, 2], [0])
    assert seen(database, *paths) == [200, 404, 404]
    assert work(database, IT_IS_THROUGH, hours=2) == -signal.SIGKILL
    state, many = row(tmp_path, JOB)[:2], row(tmp_path, FILES)[0]
    assert (state, many > 5) == ([JobState.DONE, 3], True)
    assert seen(database, *paths) == [200, 200, 200]
    assert work(database, UNHARMED, hours=3) == 0
    assert (row(tmp_path, JOB)[:2], row(tmp_path, FILES)) == (state, [many])


def test_a_kill_leaves_no_half_of_the_scorecards_and_another_worker_makes_them(people, tmp_path: Path):
    plan = collect("baseline-2026", BASELINE).plan
    job = ask_scorecards(plan=plan, as_at=BASELINE, basis=Basis.ACCEPTED, by=people.ada, now=NOW)
    database = where_it_stands(tmp_path)
    page = f"/plans/{PLAN}/documents/scorecards/{job.key}/"

    assert work(database, THE_FILE_IS_STORED, hours=0) == -signal.SIGKILL
    assert row(tmp_path, JOB) == [JobState.RUNNING, 1, "", None]
    assert seen(database, page, f"{page}all.zip") == [200, 404]
    assert work(database, UNHARMED, hours=1) == 0
    state, tries, name, content = row(tmp_path, JOB)
    assert (state, tries, name) == (JobState.DONE, 2, f"{PLAN}-scorecards-{BASELINE}-accepted.zip")
    checksum = row(tmp_path, f"SELECT checksum FROM {Job._meta.db_table}")
    assert [hashlib.sha256(content).hexdigest()] == checksum
    assert seen(database, page, f"{page}all.zip") == [200, 200]
