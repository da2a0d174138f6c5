"""The files of a release on its page: those of the whole first, then the scorecards, some on a page, with a search."""

import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.choices import Group
from reporting.models import Job
from reporting.pack import making
from reporting.pack.making import Made, keep
from reporting.report import from_json
from reporting.views.cards import ON_A_PAGE
from tests.conftest import member

from .looks import Page, page_of, queries_of
from .region import NOW, PLAN
from .test_release import publish
from .world import STATUS

MANY = 350
ADDRESS = f"/plans/{PLAN}/documents/releases/1/"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CODES = [f"{LETTERS[number // 26]}Q{LETTERS[number % 26]}" for number in range(MANY)]


def keep_files(release, files: list[Made]) -> None:
    job = release.jobs.get()
    Job.objects.filter(pk=job.pk).update(state="running", steps=1)
    job.refresh_from_db()
    keep(job, release, files, NOW)


@pytest.fixture
def pack(world):
    """With the scorecards of 350 Members."""
    for number, code in enumerate(CODES):
        member(code, f"Member {number:03}", Group.ASEAN, 100 + number)
    whole = [Made("data/figures.csv", "Figures", b"a"), Made("progress.pdf", "Progress report (PDF)", b"b")]
    cards = [
        Made(f"scorecards/{code}.{ending}", f"Scorecard of Member {number:03} ({text})", code.encode(), code)
        for number, code in enumerate(CODES)
        for ending, text in (("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"))
    ]
    keep_files(world.release, whole + cards)


def links(page: Page) -> list[str]:
    return re.findall(rf'href="{ADDRESS}files/([^"]+)"', page.html)


@pytest.mark.usefixtures("pack")
def test_the_files_of_the_whole_come_first_then_fifty_members(world, sign_in):
    page = page_of(sign_in(world.people.ada).get(ADDRESS))
    found = links(page)
    assert found[:4] == ["everything.zip", "progress.pdf", "data/figures.csv", "scorecards.zip"]
    assert found[4:7] == [f"scorecards/{CODES[0]}.{ending}" for ending in ("docx", "pdf", "xlsx")]
    assert len(found) == 4 + 3 * ON_A_PAGE
    assert "350 scorecards" in page.main
    assert "Page 1 of 7" in page.main


@pytest.mark.usefixtures("pack")
def test_they_are_found_by_name_and_by_code_and_page_by_page(world, sign_in):
    client = sign_in(world.people.ada)
    last = page_of(client.get(ADDRESS, {"page": "7"}))
    assert links(last)[-1] == f"scorecards/{CODES[-1]}.xlsx"
    for words in ("member 349", CODES[349].lower(), "349"):
        assert links(page_of(client.get(ADDRESS, {"member": words})))[4:] == [
            f"scorecards/{CODES[349]}.{ending}" for ending in ("docx", "pdf", "xlsx")
        ]
    page = page_of(client.get(ADDRESS, {"member": "scorecard & 0"}))
    assert "No Member is called so." in page.main
    page = page_of(client.get(ADDRESS, {"member": "of member"}))
    assert 'href="?member=of%20member&amp;page=2#scorecards"' in page.html


@pytest.mark.usefixtures("pack")
def test_with_350_members_it_takes_as_many_queries(world, sign_in):
    client = sign_in(world.people.ada)
    client.get(ADDRESS)
    assert queries_of(client, ADDRESS) <= 12


@pytest.mark.usefixtures("pack")
def test_all_scorecards_of_a_release_in_one_archive(world, sign_in):
    answer = sign_in(world.people.ed).get(f"{ADDRESS}files/scorecards.zip")
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        names = archive.namelist()
    assert (len(names), names[-1]) == (3 * MANY + 1, "SHA256SUMS")
    assert all(name.startswith("scorecards/") for name in names[:-1])
    assert 'filename="release-1-scorecards.zip"' in answer["Content-Disposition"]
    assert sign_in(world.people.percy).get(f"{ADDRESS}files/scorecards.zip").status_code == 404


def test_who_has_one_scorecard_sees_no_search(world, sign_in):
    keep_files(world.release, [Made("scorecards/FJI.pdf", "Scorecard of Fiji (PDF)", b"x", "FJI")])
    page = page_of(sign_in(world.people.connie).get(ADDRESS))
    assert "Scorecard of Fiji" in page.main
    assert ("Find a Member" in page.main, "scorecards.zip" in page.html) == (False, False)


def test_many_files_are_stored_in_several_statements(world, monkeypatch):
    monkeypatch.setattr(making, "AT_A_TIME", 2)
    with CaptureQueriesContext(connection) as asked:
        keep_files(world.release, [Made(f"data/{number}.csv", "Data", b"x") for number in range(5)])
    assert sum(each["sql"].startswith('INSERT INTO "reporting_releasefile"') for each in asked) == 3


def test_scorecards_stand_by_the_names_that_are_shown(world, sign_in):
    cards = [Made(f"scorecards/{code}.pdf", f"Scorecard of {name} (PDF)", code.encode(), code)
             for code, name in (("BRN", "Brunei Darussalam"), ("BTN", "Bhutan"), ("AUS", "Australia"))]  # fmt: skip
    keep_files(world.release, [*cards, Made("data/behind_counts.csv", "Behind counts", b"c")])
    page = page_of(sign_in(world.people.ada).get(ADDRESS))
    shown = [link for link in links(page) if link.endswith(".pdf")]
    assert shown == [f"scorecards/{code}.pdf" for code in ("AUS", "BTN", "BRN")]
    assert re.search('<th scope="row" class="nb"><a[^>]*>data/behind_counts.csv</a>', page.html)


def test_what_moved_is_told_with_its_milestone(world, sign_in):
    """The words of a KPI are often the same: "Number of Members"."""
    client = sign_in(world.people.ada)
    preview = client.get(reverse("release_new", args=[PLAN]))
    second = publish(world)
    released = client.get(ADDRESS.replace("/1/", f"/{second.number}/"))
    [kpi] = [each for each in from_json(second.content).plan.kpis if each.code == STATUS]
    for page in (preview, released):
        told = page_of(page).main.partition("What the plan says")[2]
        assert f"{STATUS} {kpi.milestone} {kpi.text}" in " ".join(told.split())
