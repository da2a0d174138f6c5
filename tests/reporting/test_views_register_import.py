"""Activities and arrangements from a file, in the browser: looked at first, then all of it or nothing."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from members.choices import AuditAction
from members.models import AuditEntry
from reporting.actions import decide, importing
from reporting.actions.duplicates import merge
from reporting.choices import ActivityStatus, Decision
from reporting.imports import files, previews
from reporting.models import Activity, ActivityPart, ActivityVersion, Arrangement, ArrangementVersion, Suspicion
from reporting.views import register_import

from .looks import Page, page_of, stored
from .region import NOW, PLAN, activity, arrangement
from .uploads import zeros

HEADER = "reference,title,kind,start,end,organisers,contributors,kpis,participants,heads,rating,respondents\n"
FULL = (
    "W-1,Workshop on risk,Workshop,2026-09-01,03.09.2026,ROCB;AUS,AUS,2.1.1(a).2*12;1.1.1(b),AUS:3/1;FJI:2/,"
    "AUS:f;RPSG:m,4.25,20\n"
)
BARE = "W-2,Alert on gems,alert,2026-10-01,,,,,,,,\n"
PAIR = "party_a,party_b,signed,in_force,source\nTON,WSM,2018,01.05.2019,Communiqué\n"


@pytest.fixture
def client(world, sign_in):
    return sign_in(world.people.ed)


def at(end: str = "", register: str = "activities") -> str:
    return f"/plans/{PLAN}/register/{register}/import/{end}"


def looked_at(client, content: str | bytes, name: str = "file.csv", register: str = "activities") -> Page:
    content = content.encode() if isinstance(content, str) else content
    return page_of(client.post(at(register=register), {"file": SimpleUploadedFile(name, content)}))


def held(page: Page) -> dict[str, str]:
    return {"held": re.search(r'name="held" value="([^"]+)"', page.html).group(1)}  # type: ignore[union-attr]


def imported(client, content: str | bytes, register: str = "activities") -> Page:
    """As somebody does it who looks at the preview and confirms it; the receipt."""
    seen = looked_at(client, content, register=register)
    assert seen.status == 200, seen.main
    return page_of(client.post(at("confirm/", register), held(seen), follow=True))


def workbook(*rows: list[object], title: str = "Activities") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def titles() -> list[str]:
    return list(ActivityVersion.objects.filter(activity__reference__startswith="W-").values_list("title", flat=True))


# ---------------------------------------------------------------- looked at, and imported


def test_the_preview_says_what_is_new_and_writes_nothing(world, client):
    before = stored()
    page = looked_at(client, HEADER + FULL + BARE)
    assert (page.status, page.heading) == (200, "file.csv: 2 new, 0 changed, 0 unchanged, 0 with errors")
    assert page.row("2 ") == (
        "2 W-1: Workshop on risk New Workshop, 01.09.26 to 03.09.26 Organised by ROCB, AUS 2 other organisations took "
        "part Counts for 2.1.1(a).2 × 12, 1.1.1(b)"
    )
    assert "Nobody decides on what they entered themselves" in page.main
    assert "1.1.1(b) is not counted from activities" in page.main
    assert stored() == before


def test_what_is_imported_is_stored_undecided_with_a_receipt(world, client):
    receipt = imported(client, HEADER + FULL + BARE)
    assert (receipt.status, receipt.heading) == (200, "Imported: 2 new, 0 changed, 0 unchanged")
    assert "None of it is confirmed by that" in receipt.main
    version = ActivityVersion.objects.get(activity__reference="W-1")
    assert (version.kind, version.start, version.end) == ("workshop", date(2026, 9, 1), date(2026, 9, 3))
    assert (version.decision, version.accepted, version.reported) == ("undecided", False, True)
    assert version.entered_by == world.people.ed
    parts = ActivityPart.objects.filter(version=version).order_by("organisation__code")
    assert list(parts.values_list("organisation__code", "participants", "women", "head")) == [
        ("AUS", 3, 1, "f"),
        ("FJI", 2, None, ""),
        ("ROCB", None, None, ""),
        ("RPSG", None, None, "m"),
    ]
    entries = AuditEntry.objects.filter(action=AuditAction.IMPORTED, actor_email=world.people.ed.email)
    assert [each.object_type for each in entries.order_by("pk")] == ["reporting.activity"] * 2 + ["import"]
    assert "Ed imported the file “file.csv”" in page_of(client.get(reverse("history"))).main
    again = page_of(client.get(at()))
    assert "file.csv : 2 new, 0 changed, 0 unchanged; Ed" in again.main


def test_arrangements_are_imported_in_either_order(world, client):
    seen = looked_at(client, PAIR, register="arrangements")
    assert seen.row("2 ").startswith("2 Tonga – Samoa New Signed: 2018 In force: 01.05.19")
    assert imported(client, PAIR, "arrangements").heading == "Imported: 1 new, 0 changed, 0 unchanged"
    found = ArrangementVersion.objects.get(arrangement__party_a__code__in=("TON", "WSM"))
    assert (found.signed, found.in_force, found.decision) == ("2018", date(2019, 5, 1), "undecided")
    turned = looked_at(client, PAIR.replace("TON,WSM", "WSM,TON").replace("2018", "2017"), register="arrangements")
    assert turned.row("2 ").endswith("Changed Signed: 2018 → 2017")


def test_what_changes_is_said_from_what_to_what(world, client):
    imported(client, HEADER + FULL)
    decide(ActivityVersion.objects.get(activity__reference="W-1"), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    newer = FULL.replace("Workshop,", "Training,").replace("AUS:3/1;", "AUS:4/1;").replace("4.25", "")
    page = looked_at(client, HEADER + newer)
    assert page.heading == "file.csv: 0 new, 1 changed, 0 unchanged, 0 with errors"
    row = page.row("2 ")
    assert "Kind: Workshop → Training" in row
    assert "Rating: 4.25 → blank" in row
    assert "3 participants, 1 woman, headed by a woman → " in row
    assert re.search("Decision: Confirmed → (Not decided yet|Undecided)", row)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("register", ["activities", "arrangements"])
def test_what_is_there_goes_in_again_and_changes_nothing(world, client, register, kind):
    imported(client, HEADER + FULL.replace("Workshop on", "=Workshop on"))
    arrangement("FJI", "NZL", signed="2018-06", in_force=date(2020, 5, 1), comment="Two\nlines")
    ArrangementVersion.objects.filter(in_force__lt=date(2020, 1, 1)).update(signed="")
    content = b"".join(client.get(at(f"file/?format={kind}", register)))
    page = looked_at(client, content, f"file.{kind}", register)
    assert page.status == 200, page.main
    assert re.fullmatch(r".*: 0 new, 0 changed, [1-9]\d* unchanged, 0 with errors", page.heading), page.main
    assert "There is nothing to import" in page.main
    assert "Import all of it" not in page.main


def test_what_is_planned_or_cancelled_is_not_in_the_file(world, client):
    held_ones = ActivityVersion.objects.filter(status=ActivityStatus.HELD).values("activity").distinct().count()
    content = b"".join(client.get(at("file/?format=csv"))).decode("utf-8-sig")
    assert 0 < len(content.splitlines()) - 1 <= held_ones < Activity.objects.count()


def test_an_empty_workbook_explains_its_columns(world, client):
    for register, first in (("activities", "reference"), ("arrangements", "party_a")):
        book = load_workbook(BytesIO(b"".join(client.get(at("file/?format=empty", register)))))
        assert [sheet.title for sheet in book.worksheets] == [register.capitalize(), "Explanations"]
        assert (book.worksheets[0]["A1"].value, book.worksheets[0]["A2"].value) == (first, None)


def test_a_workbook_with_real_dates_and_numbers_is_read(world, client):
    rows = workbook(
        ["Reference", "Title", "Kind", "Start", "Rating", "Respondents"],
        ["W-9", "A day", "Workshop", date(2026, 9, 1), 4.5, 12],
    )
    imported(client, rows)
    version = ActivityVersion.objects.get(activity__reference="W-9")
    assert (version.start, str(version.rating), version.respondents) == (date(2026, 9, 1), "4.50", 12)


def test_a_column_that_is_not_in_the_file_leaves_what_is_stored(world, client):
    imported(client, HEADER + FULL)
    page = looked_at(client, "reference,title,kind,start\nW-1,Workshop on risk,workshop,2026-09-01\n")
    assert page.heading == "file.csv: 0 new, 0 changed, 1 unchanged, 0 with errors"


def test_the_place_of_an_activity_stays(world, client):
    imported(client, HEADER + FULL)
    ActivityVersion.objects.filter(activity__reference="W-1").update(place="Suva, Fiji", online=True)
    assert "0 changed" in looked_at(client, HEADER + FULL).heading
    imported(client, HEADER + FULL.replace("on risk", "on risks"))
    newest = ActivityVersion.objects.filter(activity__reference="W-1").latest("number")
    assert (newest.number, newest.title, newest.place, newest.online) == (2, "Workshop on risks", "Suva, Fiji", True)


def test_a_record_that_was_merged_is_refused(world, client):
    one, two = (activity(name, date(2026, 9, 9), {}, title="Alerts on gems") for name in ("W-7", "W-8"))
    merge(kept=one, gone=two, reason="The same.", by=world.people.ed, now=NOW)
    page = looked_at(client, HEADER + BARE.replace("W-2", "W-8"))
    assert (page.status, "This record is merged into W-7. State that." in page.main) == (422, True)


# ---------------------------------------------------------------- what may be there already


def test_what_may_be_the_same_event_is_said_and_noted(world, client):
    activity("W-5", date(2026, 10, 2), {}, title="Alert on gems")
    page = looked_at(client, HEADER + BARE + BARE.replace("W-2", "W-3"))
    assert "2 rows may be of an event that is recorded already" in page.main
    row = page.row("2 ")
    assert "New, perhaps there already" in row
    assert "May be the same event as “Alert on gems” of 02.10.26 (W-5)" in row
    assert "May be the same event as row 3, “Alert on gems” of 01.10.26" in row
    assert not Suspicion.objects.exists()
    imported(client, HEADER + BARE + BARE.replace("W-2", "W-3"))
    assert Suspicion.objects.count() == 3


def test_what_is_unchanged_or_told_apart_is_not_said_again(world, client):
    imported(client, HEADER + BARE + BARE.replace("W-2", "W-3"))
    assert "may be of an event" not in looked_at(client, HEADER + BARE).main
    Suspicion.objects.update(ruling="different", reason="Two", ruled_at=NOW, ruled_by=world.people.ada)
    assert "may be of an event" not in looked_at(client, HEADER + BARE.replace("2026-10-01", "2026-10-02")).main


# ---------------------------------------------------------------- what changed meanwhile, and a second click


def test_what_changed_meanwhile_is_refused_and_looked_at_again(world, client):
    imported(client, HEADER + BARE)
    seen = looked_at(client, HEADER + BARE.replace("gems", "gold") + FULL)
    imported(client, HEADER + BARE.replace("gems", "silver"))
    before = stored()
    page = page_of(client.post(at("confirm/"), held(seen)))
    assert (page.status, "Records changed after the preview." in page.main) == (409, True)
    assert "Title: Alert on silver → Alert on gold" in page.main
    assert stored() == before
    assert page_of(client.post(at("confirm/"), held(page), follow=True)).heading.startswith(
        "Imported: 1 new, 1 changed"
    )


def test_a_decision_meanwhile_is_a_change_too(world, client):
    imported(client, HEADER + BARE)
    seen = looked_at(client, HEADER + BARE.replace("gems", "gold"))
    decide(ActivityVersion.objects.get(activity__reference="W-2"), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    assert client.post(at("confirm/"), held(seen)).status_code == 409


def test_a_second_click_leads_to_the_same_receipt(world, client):
    seen = looked_at(client, HEADER + FULL)
    first = client.post(at("confirm/"), held(seen))
    before = stored()
    second = client.post(at("confirm/"), held(seen))
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert stored() == before


def test_a_preview_is_for_one_person_one_plan_and_one_register(world, client, sign_in):
    seen = held(looked_at(client, HEADER + FULL))
    ada = sign_in(world.people.ada)
    tries = [
        (who, at(end, *of)) for who, of in ((ada, ()), (client, ("arrangements",))) for end in ("confirm/", "rows/")
    ]
    for other, path in tries:
        page = page_of(other.post(path, seen))
        assert (page.status, "The preview is too old, or not yours." in page.main) == (422, True)
    assert titles() == []


# ---------------------------------------------------------------- a long file


@pytest.fixture
def short_steps(monkeypatch):
    """Two rows are a step, and more than two a long file."""
    monkeypatch.setattr(importing, "BATCH", 2)
    monkeypatch.setattr(register_import, "BATCH", 2)


FIVE = HEADER + "".join(BARE.replace("W-2,Alert on gems", f"W-{n},Alert on {n}") for n in range(5))


def test_a_long_file_says_how_far_it_is(world, client, short_steps):
    response = client.post(at("confirm/"), held(looked_at(client, FIVE)))
    assert (response.status_code, response.streaming) == (200, True)
    steps = [part.decode() for part in response.streaming_content]
    assert [re.sub("<.*?>", "", step).strip() for step in steps[1:4]] == [
        "2 of 5 rows are written.",
        "4 of 5 rows are written.",
        "5 of 5 rows are written.",
    ]
    assert steps[-1].rstrip().endswith("</html>")
    way = re.search(r'href="([^"]*receipts/\d+/)"', steps[4]).group(1)  # type: ignore[union-attr]
    assert page_of(client.get(way)).heading == "Imported: 5 new, 0 changed, 0 unchanged"
    assert len(titles()) == 5


def test_who_goes_away_leaves_nothing_half(world, client, short_steps):
    seen = looked_at(client, FIVE)
    before = stored()
    response = client.post(at("confirm/"), held(seen))
    parts = iter(response.streaming_content)
    assert [b"2 of 5" in next(parts) for _ in range(2)] == [False, True]
    assert len(titles()) == 2
    for close in response._resource_closers:  # as a server does, which then closes its connection, too
        close()
    assert stored() == before
    assert "W-0" not in page_of(client.get(at())).main


def test_a_fault_in_the_middle_is_said_and_leaves_nothing(world, client, short_steps, monkeypatch):
    seen = looked_at(client, FIVE)
    before = stored()

    def broken(*_):
        raise RuntimeError("no space left")

    monkeypatch.setattr(importing, "suspect", broken)
    response = client.post(at("confirm/"), held(seen))
    told: list[bytes] = []
    with pytest.raises(RuntimeError, match="no space left"):
        told.extend(response.streaming_content)
    assert b"Something went wrong. Nothing is imported." in told[-1]
    assert stored() == before


def test_who_was_faster_is_seen_under_the_locks_too(world, client, short_steps, monkeypatch):
    seen = looked_at(client, FIVE)
    response = client.post(at("confirm/"), held(seen))
    monkeypatch.setattr(files.ActivitiesFile, "token", lambda self: "another")
    told = b"".join(response.streaming_content).decode()
    assert "Records changed after the preview." in told
    assert titles() == []


def test_a_long_preview_shows_first_what_asks_for_a_look(world, client, monkeypatch):
    monkeypatch.setattr(previews, "MOST_SHOWN", 2)
    imported(client, HEADER + BARE)
    page = looked_at(client, FIVE.replace("W-4,Alert on 4,alert,2026-10-01", "W-4,Alert on 4,alert,2026-02-30"))
    assert [row[:4] for row in page.rows()[1:]] == ["6 W-", "4 W-"]
    assert "The download has the other 3 too." in page.main


def test_the_rows_can_be_had_as_a_workbook(world, client):
    seen = looked_at(client, HEADER + BARE + BARE)
    response = client.post(at("rows/"), held(seen))
    sheet = load_workbook(BytesIO(b"".join(response))).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head[-2:] == ["what is wrong", "what becomes of it"]
    assert [sheet.cell(row, len(head)).value for row in (2, 3)] == ["new; Alert, 01.10.26", None]
    assert sheet.cell(3, len(head) - 1).value == "“W-2” stands in row 2 already."
    assert sheet["A3"].comment.text == "“W-2” stands in row 2 already."


def test_many_rows_take_as_many_queries_as_one(world, client):
    def queries(content: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert looked_at(client, content).status == 200
        return len(asked)

    assert queries(HEADER + FULL) == queries(HEADER + "".join(FULL.replace("W-1", f"W-{n}") for n in range(30)))


# ---------------------------------------------------------------- bad files


def formatted() -> bytes:
    """Ten thousand rows that are only formatted, and then one more that says something."""
    book = Workbook()
    sheet = book.active
    sheet.append(HEADER.strip().split(","))
    for row in range(2, 10_002):
        sheet.cell(row, 1).number_format = "0.00"
    sheet.append(["W-1", "Late", "alert", "2026-10-01"])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


BAD_FILES = {
    "empty": (b"", "file.csv", "The file is empty."),
    "only a header": (HEADER.encode(), "file.csv", "The file has no rows below its header."),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "file.xlsx", "neither a workbook nor UTF-8 text"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.xls", "of the old kind (xls)"),
    "Latin 1": ((HEADER + BARE.replace("gems", "caf\xe9")).encode("latin-1"), "file.csv", "Save it as “CSV UTF-8”"),
    "missing column": (b"reference,title,kind\nW-1,A,alert\n", "file.csv", "The column start is missing."),
    "double column": (b"reference,title,kind,start,Title\n", "file.csv", "The column title stands there twice."),
    "unknown column": (b"reference,title,kind,start,colour\n", "file.csv", "There is no column “colour”."),
    "a quote left open": (
        HEADER.encode() + b'W-1,"Open,alert,2026-10-01\n',
        "file.csv",
        "A quote that opens must close",
    ),
    "a bomb": (zeros(), "file.xlsx", "too large when unpacked"),
    "a damaged workbook": (workbook(["reference"])[:200], "file.xlsx", "The workbook is damaged."),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(world, client, name):
    content, filename, sentence = BAD_FILES[name]
    before = stored()
    page = looked_at(client, content, filename)
    assert (page.status, page.html.count("<title>Error: ")) == (422, 1)
    assert sentence in page.main
    assert stored() == before


BAD_ROWS = {
    "2027-02-30": ("W-1,A,alert,2027-02-30", "Row 2, column D (start): “2027-02-30” is not in the calendar"),
    "end before start": ("W-1,A,alert,2027-02-03,2027-02-01", "Row 2, column E (end): 2027-02-01 is before the start"),
    "kind": ("W-1,A,party,2027-02-03", "Row 2, column C (kind): “party” is not accepted"),
    "organisation": ("W-1,A,alert,2027-02-03,,XXX", "column F (organisers): There is no organisation “XXX”"),
    "KPI": ("W-1,A,alert,2027-02-03,,,,9.9.9(z)", "column H (kpis): There is no KPI “9.9.9(z)” in this plan"),
    "women": ("W-1,A,alert,2027-02-03,,,,,AUS:1/3", "column I (participants): AUS: 3 women are more than 1 partic"),
    "participants": ("W-1,A,alert,2027-02-03,,,,,AUS:x", "“AUS:x” is not how participants are written"),
    "rating": ("W-1,A,alert,2027-02-03,,,,,,,5.1", "column K (rating): “5.1” is not a rating"),
    "no reference": (",A,alert,2027-02-03", "Row 2, column A (reference): It is blank, and must be stated."),
    "twice": ("W-1,A,alert,2027-02-03\nW-1,B,alert,2027-02-03", "Row 3, column A (reference): “W-1” stands in row 2"),
    "control": ("W-1,A\x07,alert,2027-02-03", "Row 2, column B (title): The text has a control character"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_and_nothing_can_be_imported(world, client, name):
    row, sentence = BAD_ROWS[name]
    before = stored()
    page = looked_at(client, f"{HEADER}{row}\n{FULL.replace('W-1', 'W-6')}")
    assert page.status == 422
    assert sentence in page.main
    assert "Import all of it" not in page.main
    refused = page_of(client.post(at("confirm/"), held(page)))
    assert (refused.status, stored() == before) == (422, True)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("TON,TON,,", "an arrangement is between two different Members"),
        ("TON,ROCB,,", "ROCB is not a Member"),
        ("TON,XXX,,", "There is no organisation “XXX”"),
        ("TON,WSM,2018-13,", "“2018-13” is not in the calendar"),
        ("TON,WSM,2018,2017-05-01", "2017-05-01 is before the signing"),
        ("TON,WSM,,\nWSM,TON,,", "“WSM TON” stands in row 2 already."),
    ],
)
def test_a_bad_arrangement_is_named(world, client, row, sentence):
    page = looked_at(client, f"party_a,party_b,signed,in_force\n{row}\n", register="arrangements")
    assert (page.status, sentence in page.main) == (422, True), page.main
    assert not Arrangement.objects.filter(party_a__code="TON", party_b__code="WSM").exists()


def test_a_formula_is_refused_and_not_worked_out(world, client):
    page = looked_at(client, workbook(HEADER.strip().split(","), ["W-1", "=1+1", "alert", "2026-10-01"]), "file.xlsx")
    assert "Row 2, column B (title): It is a formula. Paste its value instead." in page.main
    assert page.status == 422


def test_rows_that_are_only_formatted_are_none_and_hide_none(world, client):
    page = looked_at(client, formatted(), "file.xlsx")
    assert (page.status, page.heading) == (200, "file.xlsx: 1 new, 0 changed, 0 unchanged, 0 with errors")
    assert page.row("10002 ").startswith("10002 W-1: Late New")


def test_semicolons_and_marks_of_spreadsheets_are_read(world, client):
    row = "W-1;Alert;Alert;01.10.2026;;;;;AUS\n"
    page = looked_at(client, "\ufeff" + HEADER.replace(",", ";") + row)
    assert page.heading == "file.csv: 1 new, 0 changed, 0 unchanged, 0 with errors"


def test_more_rows_than_are_read_at_once_are_refused(world, client):
    rows = "".join(BARE.replace("W-2", f"W-{n}") for n in range(files.MOST_ROWS + 1))
    page = looked_at(client, HEADER + rows)
    assert (page.status, "more than 5,000 rows. Import it in parts." in page.main) == (422, True)


def test_a_file_that_is_too_large_is_refused_unread(world, client):
    page = looked_at(client, HEADER.encode() + b"x" * files.LARGEST)
    assert (page.status, "The file is larger than 3 MB." in page.main) == (422, True)


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(("name", "may"), [("ed", True), ("olga", False), ("connie", False)])
def test_the_lists_lead_there_those_who_may(world, sign_in, name, may):
    client = sign_in(world.people[name])
    for register, way in (("", "activities"), ("arrangements/", "arrangements")):
        page = page_of(client.get(f"/plans/{PLAN}/register/{register}"))
        assert (at(register=way) in page.html) is may
        assert client.get(at(register=way)).status_code == (200 if may else 403)
