"""The scorecards of all Members as they stand, not released: one click, made behind the pages, kept as one file."""

import hashlib
import io
import re
import zipfile

import pytest
from django.db import IntegrityError, transaction

from members.models import AuditEntry
from reporting.actions.jobs import ask_scorecards, cancel, claim
from reporting.choices import JobKind, JobState
from reporting.documents import scorecard
from reporting.inputs import Basis
from reporting.models import Job
from reporting.pack import worker
from reporting.pack.making import Made, Step
from reporting.pack.worker import do_jobs
from reporting.report import build_report, member_standpoints
from tests.history import link_now

from .looks import page_of
from .papers import bare, text_of
from .region import INTERIM, NOW, PLAN, ROLES, on
from .world import CODES

DOCUMENTS = f"/plans/{PLAN}/documents/"
BUTTON = "Make all scorecards 35 scorecards, as one file (zip)."


@pytest.fixture
def asked(world) -> Job:
    """What ada asked for a moment ago, and nothing else waits."""
    Job.objects.all().delete()
    return ask_scorecards(plan=world.plan, as_at=INTERIM, basis=Basis.ACCEPTED, by=world.people.ada, now=NOW)


def clock():
    return NOW


def one_card(job, now):
    """In place of all, where only the way of the work matters."""
    return [Step("the scorecard of Fiji", lambda: [Made("scorecards/FJI.pdf", "Fiji", b"card", "FJI")])]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(worker, "scorecard_steps", one_card)


def address(job: Job, rest: str = "") -> str:
    return f"{DOCUMENTS}scorecards/{job.key}/{rest}"


# ---------------------------------------------------------------- what is made


def test_all_scorecards_in_one_file_each_as_its_member_stands(world, asked):
    link_now()
    assert len(do_jobs(clock)) == 1
    asked.refresh_from_db()
    assert (asked.state, asked.steps, asked.problem) == (JobState.DONE, 35, "")
    assert asked.name == f"{PLAN}-scorecards-2027-06-30-accepted.zip"
    assert asked.checksum == hashlib.sha256(asked.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(asked.content)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    sums = found.pop("SHA256SUMS").decode().splitlines()
    assert sums == [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in found.items()]
    assert set(found) == {f"scorecards/{code}.{kind}" for code in CODES for kind in ("docx", "pdf", "xlsx")}
    text = text_of(found["scorecards/FJI.docx"], "docx")
    assert re.search(r"Headofthehistory:\d+[0-9a-f]{64}", text)
    assert bare("Not released") in text
    entry = AuditEntry.objects.latest("pk")
    assert (entry.changes["rows"][1], entry.actor_email) == (35, world.people.ada.email)


def test_a_member_stands_there_as_on_its_own_scorecard(world):
    results = build_report(on(INTERIM)).results
    for code in CODES:
        _, alone = member_standpoints(on(INTERIM), code)
        states = {kpi: each.line.state for kpi, each in alone.items()}
        assert scorecard.states_of(results, code) == states, code


def test_what_is_cancelled_keeps_nothing(asked, monkeypatch):
    def cancelling():
        cancel(job=Job.objects.get(), now=NOW)
        return [Made("a", "A", b"a")]

    monkeypatch.setattr(worker, "scorecard_steps", lambda job, now: [Step("a card", cancelling)])
    do_jobs(clock)
    asked.refresh_from_db()
    assert (asked.state, asked.content, asked.name) == (JobState.CANCELLED, None, "")


def test_who_asks_again_gets_what_is_under_way_and_later_another(world, asked, small):
    by = {"plan": world.plan, "by": world.people.ed, "now": NOW}
    assert ask_scorecards(as_at=INTERIM, basis=Basis.ACCEPTED, **by) == asked
    assert ask_scorecards(as_at=INTERIM, basis=Basis.REPORTED, **by) != asked
    do_jobs(clock)
    assert ask_scorecards(as_at=INTERIM, basis=Basis.ACCEPTED, **by) != asked


@pytest.mark.parametrize("wrong", [
    {"as_at": None}, {"basis": ""}, {"basis": "x"}, {"kind": JobKind.PACK},
])  # fmt: skip
def test_a_job_is_of_a_release_or_of_a_day(asked, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=asked.pk).update(**wrong)


# ---------------------------------------------------------------- its page


def test_one_click_then_a_page_that_keeps_the_file(world, sign_in, small):
    Job.objects.all().delete()
    client = sign_in(world.people.ed)
    assert BUTTON in page_of(client.get(DOCUMENTS)).main
    page = page_of(client.post(f"{DOCUMENTS}scorecards/?as-at=2027-06-30&basis=reported", follow=True))
    assert page.heading == "Scorecards of all Members as at 30.06.27, reported answers"
    assert "Cancel" in page.main
    do_jobs(clock)
    job = Job.objects.get()
    assert (job.as_at, job.basis, job.asked_by) == (INTERIM, "reported", world.people.ed)
    assert "Download all (zip)" in page_of(client.get(address(job))).main
    part = client.get(address(job), headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    before = AuditEntry.objects.count()
    answer = client.get(address(job, "all.zip"))
    assert answer.content == bytes(job.content)
    assert answer["X-Checksum-SHA256"] == job.checksum
    assert job.name in answer["Content-Disposition"]
    link_now()
    assert AuditEntry.objects.count() == before + 1
    Job.objects.update(content=b"Forged")
    refused = client.get(address(job, "all.zip"))
    assert (refused.status_code, b"Forged" in refused.content) == (500, False)
    assert AuditEntry.objects.count() == before + 1
    assert address(job) in client.get(DOCUMENTS).content.decode()


@pytest.mark.parametrize("name", ROLES)
def test_they_are_for_who_sees_every_member(world, asked, small, sign_in, name):
    do_jobs(clock)
    client, right = sign_in(world.people[name]), name in ("ada", "ed")
    assert (BUTTON in page_of(client.get(DOCUMENTS)).main) == right
    ways = [client.get(address(asked)), client.get(address(asked, "all.zip")), client.post(address(asked, "cancel/")),
            client.post(f"{DOCUMENTS}scorecards/")]  # fmt: skip
    assert [way.status_code for way in ways] == ([200, 200, 302, 302] if right else [403] * 4)


def test_cancelled_in_the_browser_and_made_again(world, asked, sign_in):
    client = sign_in(world.people.ada)
    assert "It is cancelled." in page_of(client.post(address(asked, "cancel/"), follow=True)).main
    page = page_of(client.get(address(asked)))
    assert "The making was cancelled. Nothing was stored." in page.main
    assert client.get(address(asked, "all.zip")).status_code == 404
    assert "?as-at=2027-06-30&amp;basis=accepted" in page.html
    assert "It has ended already." in page_of(client.post(address(asked, "cancel/"), follow=True)).main


def test_how_far_they_are_and_that_there_are_none_elsewhere(world, asked, sign_in):
    client = sign_in(world.people.ada)
    assert "It begins in a moment." in page_of(client.get(address(asked))).main
    last = ask_scorecards(plan=world.plan, as_at=INTERIM, basis=Basis.REPORTED, by=world.people.ada, now=NOW)
    assert "Other work goes first." in page_of(client.get(address(last))).main
    Job.objects.filter(pk=claim(now=NOW).pk).update(done=2, steps=35, doing="the scorecard of Fiji")
    page = page_of(client.get(address(asked)))
    assert "Step 3 of 35: the scorecard of Fiji." in page.main
    assert ("htmx.min.js" in page.html, "hx-trigger" in page.html) == (True, True)
    assert client.get(address(asked, "all.zip")).status_code == 404
    assert client.get(f"{DOCUMENTS}scorecards/00000000-0000-0000-0000-000000000000/").status_code == 404
    assert client.get(f"{DOCUMENTS}scorecards/").status_code == 405


def test_the_pages_take_few_queries(world, asked, small, sign_in, django_assert_max_num_queries):
    do_jobs(clock)
    client = sign_in(world.people.ada)
    for path in (address(asked), DOCUMENTS):
        client.get(path)
        with django_assert_max_num_queries(12):
            client.get(path)
