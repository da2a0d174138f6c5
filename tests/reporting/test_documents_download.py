"""The documents as files in the browser: for whom, of what, and kept who took what is not released."""

import re
from hashlib import sha256
from html import unescape
from io import BytesIO

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as read_document

from members.models import AuditEntry
from reporting.actions import publish_release
from reporting.documents import making
from reporting.documents.figures import value_words
from reporting.documents.making import FORMATS, KINDS
from reporting.documents.progress import headline
from reporting.inputs import Basis
from reporting.models import Answer, Job, Release, ReleaseFile
from reporting.report import build_report, from_json, member_standpoints
from tests.history import link_now

from .looks import look, page_of, stored, words
from .papers import bare, parts_of, text_of
from .region import INTERIM, LIVE, NOW, PLAN, ROLES, leave_only, more_members, on

NAMES = tuple(KINDS)


def path(name="work-plan", kind="docx", **asked):
    query = "&".join(f"{key.replace('_', '-')}={value}" for key, value in asked.items())
    return reverse("document", args=[PLAN, name, kind]) + (f"?{query}" if query else "")


def card(code="FJI", kind="docx", **asked):
    query = "&".join(f"{key.replace('_', '-')}={value}" for key, value in asked.items())
    return reverse("scorecard", args=[PLAN, code, kind]) + (f"?{query}" if query else "")


# ---------------------------------------------------------------- who gets what


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("kind", FORMATS)
def test_everybody_takes_the_documents_of_a_release(world, sign_in, name, kind):
    client = sign_in(world.people[name])
    entries = AuditEntry.objects.count()
    for document in NAMES:
        answer = client.get(path(document, kind, release=1))
        assert (answer.status_code, answer["Content-Type"]) == (200, FORMATS[kind].content_type)
        assert answer["Content-Disposition"] == f'attachment; filename="{PLAN}-{document}-2026-06-30-release-1.{kind}"'
        assert answer["Cache-Control"] == "no-store"
        text = text_of(answer.content, kind)
        assert bare("Release 1: The Baseline") in text
        assert world.release.checksum in text
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("name", ROLES)
def test_who_may_not_see_unreleased_figures_gets_the_latest_release(world, sign_in, name):
    text = text_of(sign_in(world.people[name]).get(path()).content, "docx")
    live = name in (*LIVE, "cora")
    assert (bare("Not released") in text) == live
    assert (bare("Release 1: The Baseline") in text) == (not live)
    assert (bare("As at: 30.06.27") in text) == live


def test_a_co_coordinator_takes_its_own_focus_area(world, sign_in):
    for document in NAMES:
        text = text_of(sign_in(world.people.cora).get(path(document)).content, "docx")
        assert bare("Focus Area 1: Trade Facilitation") in text
        assert bare("Focus Area 4") not in text
        assert "4.1.1(a)" not in text


def test_a_stranger_signs_in_and_somebody_without_a_role_is_refused(world, client, sign_in):
    for address in (path(), card()):
        assert client.get(address).status_code == 302
        assert sign_in(world.people.nobody).get(address).status_code == 403


PARTIAL = re.compile(f"{PLAN}-[a-zA-Z-]+-focus-area-1-2027-06-30-not-released.(docx|pdf|xlsx)")


@pytest.mark.parametrize("kind", FORMATS)
def test_what_has_one_focus_area_alone_says_so_in_title_facts_and_file_name(world, sign_in, kind):
    cora, ada = sign_in(world.people.cora), sign_in(world.people.ada)
    titles = {path("progress", kind): "Progress report, Focus Area 1: ",
              path("work-plan", kind): "Work Plan, Focus Area 1: ",
              path("questions", kind): "Open questions on readings, Focus Area 1: ",
              card("JPN", kind): "Scorecard of Japan (JPN), Focus Area 1"}  # fmt: skip
    for address, title in titles.items():
        answer = cora.get(address)
        assert PARTIAL.search(answer["Content-Disposition"])
        text = text_of(answer.content, kind)
        assert bare(title) in text
        assert bare("Focus Area 1 alone") in text
        whole = ada.get(address)
        assert bare("Focus Area 1 alone") not in text_of(whole.content, kind)
        assert "focus-area" not in whole["Content-Disposition"]


def test_the_headline_of_a_partial_report_counts_its_own_targets_and_says_whose(world, sign_in):
    text = text_of(sign_in(world.people.cora).get(path("progress")).content, "docx")
    report = build_report(on(INTERIM)).limited_to("1")
    good, total = headline(report, report.plan.kpis)
    assert bare(f"{good} of {total} targets of Focus Area 1 are reached or on track") in text


def test_who_has_answered_is_told_of_the_focus_areas_of_the_report_alone(world, sign_in):
    def told(name):
        text = text_of(sign_in(world.people[name]).get(path("progress")).content, "docx")
        return re.search(r"\d+of\d+Membershaveanswered(onFocusArea1)?asat.*?Whatismissing", text)

    one, whole = told("cora"), told("ada")
    assert (one[1], whole[1]) == ("onFocusArea1", None)
    Answer.objects.exclude(kpi__milestone__specific_action__objective__focus_area__code="1").delete()
    assert told("cora")[0] == one[0]
    assert told("ada")[0] != whole[0]


@pytest.mark.parametrize("asked", [{}, {"release": 1}])
def test_a_partial_scorecard_counts_the_kpis_of_its_focus_area(world, sign_in, asked):
    text = text_of(sign_in(world.people.cora).get(card("JPN", "docx", **asked)).content, "docx")
    found = re.search(r"Japancountsfor(\d+)ofthe(\d+)KPIsofFocusArea1thataskit", text)
    said = re.search(r"FocusArea1:TradeFacilitation.*?:countsfor(\d+)of(\d+)", text)
    assert [each.groups() for each in (found, said) if each] == [found.groups()] * 2
    assert not re.search("FocusArea[234]", text)


@pytest.mark.parametrize("name", ROLES)
def test_a_scorecard_is_for_its_member_its_co_coordinators_and_the_secretariat(world, sign_in, name):
    client = sign_in(world.people[name])
    right = {"percy": (403, 403), "olga": (404, 404), "connie": (200, 404), "ali": (200, 404)}.get(name, (200, 200))
    for query in ({}, {"release": 1}):
        assert (client.get(card("FJI", **query)).status_code, client.get(card("JPN", **query)).status_code) == right


def test_the_scorecard_of_a_co_coordinator_holds_its_focus_area_alone(world, sign_in):
    client = sign_in(world.people.cora)
    for query in ({}, {"release": 1}):
        text = text_of(client.get(card("JPN", **query)).content, "docx")
        assert "1.1.1(b)" in text
        assert "4.1.1(a)" not in text


@pytest.mark.parametrize("code", ["XXX", "ROCB", "../FJI", "fji"])
def test_there_is_no_scorecard_of_who_is_no_member(world, sign_in, code):
    client = sign_in(world.people.ada)
    assert client.get(f"/plans/{PLAN}/documents/scorecards/{code}.pdf").status_code == 404
    assert client.get(f"/plans/{PLAN}/documents/scorecards/{code}.pdf?release=1").status_code == 404


@pytest.mark.parametrize("address", [
    path("budget"), path(kind="odt"), card(kind="odt"), path(release=9), path(release="x"), path(as_at="x"),
    path(basis="x"), path(release=1, as_at="2027-06-30"), "/plans/nowhere/documents/work-plan.pdf",
])  # fmt: skip
def test_what_does_not_exist_gets_a_plain_page(world, sign_in, address):
    page = page_of(sign_in(world.people.ada).get(address))
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_figures_that_are_not_released_are_refused_by_date(world, sign_in):
    assert sign_in(world.people.percy).get(path(as_at="2027-06-30")).status_code == 404


def test_before_the_first_release_nothing_is_given(world, sign_in):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = page_of(sign_in(world.people.percy).get(path()))
    assert "Nothing is released yet" in page.main
    assert sign_in(world.people.connie).get(card()).status_code == 200


def test_they_are_only_read(world, sign_in):
    client, before = sign_in(world.people.ada), stored()
    assert [client.post(address).status_code for address in (path(), card())] == [405, 405]
    assert stored() == before


# ---------------------------------------------------------------- what is in it


@pytest.mark.parametrize(("asked", "basis"), [({}, Basis.ACCEPTED), ({"basis": "reported"}, Basis.REPORTED)])
def test_it_says_the_figures_that_are_looked_at(world, sign_in, asked, basis):
    report = build_report(on(INTERIM, basis))
    answer = sign_in(world.people.ada).get(path(as_at="2027-06-30", **asked))
    rows = [row.cells for table in read_document(BytesIO(answer.content)).tables for row in table.rows]
    shown = [cells[5].text for cells in rows if cells[5].text.startswith("Baseline at")]
    for said, kpi in zip(shown, report.plan.kpis, strict=True):
        value = report.results[kpi.code].value
        assert (f": {value_words(kpi, value)} of" if value is not None else "no value") in said or "2026/27" in said
    assert bare(f"{basis.value} answers") in text_of(answer.content, "docx")


def test_a_provisional_date_says_so(world, sign_in):
    text = text_of(sign_in(world.people.ada).get(path(as_at="2027-12-31")).content, "docx")
    assert bare("31.12.27, provisional") in text


def test_the_scorecard_of_a_release_is_that_of_its_stored_report(world, sign_in):
    release = world.release
    report = from_json(release.content)
    for kind, written in FORMATS.items():
        answer = sign_in(world.people.connie).get(card(kind=kind, release=1))
        made = making.scorecard_of_release(release, report, "FJI")
        assert answer.content == written.write(made)


def test_a_member_sees_its_own_standing_of_the_moment_beside_the_released_region(world, sign_in):
    text = text_of(sign_in(world.people.connie).get(card()).content, "docx")
    _, standpoints = member_standpoints(on(), "FJI")
    counts = sum(each.line.state == "counted" for each in standpoints.values())
    assert bare(f"Fiji counts for {counts} of the {len(standpoints)} KPIs that ask it") in text
    assert bare("the region as in release 1, as at 30.06.26") in text
    assert "CANARY" not in text


def test_nothing_that_only_some_may_read_is_in_any_of_them(world, sign_in):
    client = sign_in(world.people.ada)
    for kind in FORMATS:
        for address in (*(path(name, kind) for name in NAMES), card(kind=kind)):
            assert "CANARY" not in text_of(client.get(address).content, kind)


def test_what_moved_is_told_against_the_release_before(world, sign_in):
    publish_release(plan=world.plan, title="Second", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    client = sign_in(world.people.percy)
    assert bare("since release 1, as at 30.06.26") in text_of(client.get(path("progress", release=2)).content, "docx")
    first = text_of(client.get(path("progress", release=1)).content, "docx")
    assert bare("There is no earlier release to compare with.") in first


def test_a_file_is_an_office_file_without_the_clock_of_the_server(world, sign_in):
    parts = parts_of(sign_in(world.people.ada).get(path(kind="xlsx", release=1)).content)
    assert "2026-09-01T00:00:00Z" in parts["docProps/core.xml"]


# ---------------------------------------------------------------- what is kept of it


@pytest.mark.parametrize(("address", "what"), [
    (path(as_at="2027-06-30"), "Work plan as at 30.06.27, accepted answers"),
    (path("progress", basis="reported"), "Progress report as at 30.06.27, reported answers"),
    (card(), "Scorecard of FJI as at 30.06.27, accepted answers"),
])  # fmt: skip
def test_who_took_what_is_not_released_is_kept(world, sign_in, address, what):
    link_now()
    before = AuditEntry.objects.count()
    text = text_of(sign_in(world.people.ada).get(address).content, "docx")
    entry = AuditEntry.objects.latest("pk")
    assert AuditEntry.objects.count() == before + 1
    assert (entry.actor_email, entry.action, entry.object_label) == ("ada@example.org", "exported", what)
    assert entry.changes["address"] == [None, f"http://testserver{address}"]
    assert bare("Head of the history:") in text


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("name", ROLES)
def test_the_page_offers_what_one_may_take(world, sign_in, name):
    client = sign_in(world.people[name])
    page = look(client, "documents")
    assert ("Documents as at 30.06.27, not released" in page.main) == (name in LIVE)
    assert ("Documents of Focus Area 1 as at 30.06.27, not released" in page.main) == (name == "cora")
    assert "Documents of release 1, as at 30.06.26" in page.main
    assert ("Scorecard of Fiji" in page.main) == (name not in ("percy", "olga"))
    assert ("Scorecard of Japan" in page.main) == (name in (*LIVE, "cora"))
    links = [part.partition('"')[0] for part in page.html.split('href="')[1:]]
    files = [link.replace("&amp;", "&") for link in links if "/documents/" in link and "." in link.rpartition("/")[2]]
    assert len(files) >= 9
    for link in files[:3] + files[-3:]:
        assert client.get(link).status_code == 200


def test_another_release_has_files_too(world, sign_in):
    publish_release(plan=world.plan, title="Second", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    client = sign_in(world.people.percy)
    assert "Documents of release 2, as at 30.06.27" in look(client, "documents").main
    page = look(client, "documents", release=1)
    assert "Documents of release 1, as at 30.06.26" in page.main
    assert "Documents of release 2" not in page.main


def test_what_the_pack_keeps_is_what_is_given(world, sign_in):
    facts = {"title": "Work plan", "size": 5, "checksum": sha256(b"Kept.").hexdigest(), "made_at": NOW}
    world.release.files.create(name="work-plan.pdf", content=b"Kept.", **facts)
    client = sign_in(world.people.percy)
    kept, made = (client.get(path("work-plan", kind=kind, release=1)) for kind in ("pdf", "docx"))
    assert kept.content == b"Kept."
    assert "release-1-work-plan.pdf" in kept["Content-Disposition"]
    assert made.content.startswith(b"PK")
    ReleaseFile.objects.update(content=b"Forged")
    refused = page_of(client.get(path("work-plan", kind="pdf", release=1)))
    assert (refused.status, "work-plan.pdf is not the file that was stored" in refused.main) == (500, True)


# ---------------------------------------------------------------- what it costs


def reads_of(client, address):
    """The queries that a file takes when nothing is kept, without those that write into the history who took it."""
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    kept = ("members_audit", "SAVEPOINT")
    return sum(not any(each in query["sql"] for each in kept) for query in asked.captured_queries)


READERS = ("ada", "cora", "connie", "percy")


@pytest.mark.parametrize(
    ("document", "name"),
    [*((document, name) for document in NAMES for name in READERS), *(("scorecard", name) for name in READERS[:-1])],
)
def test_a_file_takes_as_many_queries_for_many_rows_as_for_few(world, sign_in, name, document):
    client, asked = sign_in(world.people[name]), ({}, {"release": 1})
    addresses = [card(**each) if document == "scorecard" else path(document, **each) for each in asked]
    before = [reads_of(client, address) for address in addresses]
    for number in range(3):
        publish_release(plan=world.plan, title=f"No. {number}", as_at=INTERIM, basis=Basis.REPORTED, by=None, now=NOW)
    leave_only("FJI", "CHN")
    assert [reads_of(client, address) for address in addresses] == before
    assert max(before) <= 12


def test_the_page_of_a_member_leads_to_its_scorecard(world, sign_in):
    client = sign_in(world.people.connie)
    shown = client.get(reverse("member", args=[PLAN, "FJI"])).content.decode()
    found = re.findall(r'href="([^"]*scorecards/FJI\.[^"]*)"', shown)
    assert [client.get(unescape(href)).status_code for href in found] == [200] * len(FORMATS)


def test_with_350_members_the_documents_lead_to_the_scorecards_and_do_not_list_them(world, sign_in):
    client = sign_in(world.people.ada)
    few = client.get(f"/plans/{PLAN}/documents/").content.decode()
    assert few.count("Scorecard of Fiji</span>") > 0
    more_members(315)
    caches["pages"].clear()  # on PostgreSQL all of a test is one change, so what was kept is not thrown away
    many = client.get(f"/plans/{PLAN}/documents/").content.decode()
    assert many.count("Scorecard of") == 0
    assert "350 scorecards: the page of each Member has its own, and" in words(many)
