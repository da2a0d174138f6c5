"""The pages of the imports by file: what the site gives goes in again, and changes nothing."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from members.chain import Head
from members.choices import AuditAction
from members.models import Attribute, AuditEntry, Membership
from workplan.actions import begin_amendment, publish_amendment
from workplan.models import Amendment

from .looks import Page, page_of, queries_of, stored
from .region import NOW, PLAN, org

ORGANISATIONS = "/import/organisations/"
KINDS = ("csv", "xlsx")


@pytest.fixture
def amendment(world) -> Amendment:
    facts = {"title": "Mid-term", "reason": "Agreed.", "by": world.people.ed, "now": NOW}
    return begin_amendment(plan=world.plan, valid_from=date(2027, 1, 1), **facts)


@pytest.fixture
def upload(amendment) -> str:
    return reverse("amendment_import", args=(PLAN, amendment.number))


@pytest.fixture
def client(world, sign_in):
    return sign_in(world.people.ed)


def taken(client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response)


def looked_at(client, address: str, content: bytes, kind: str = "csv") -> Page:
    return page_of(client.post(address, {"file": SimpleUploadedFile(f"file.{kind}", content)}))


def held(page: Page) -> dict[str, str]:
    return {"held": re.search(r'name="held" value="([^"]+)"', page.html).group(1)}  # type: ignore[union-attr]


def summary(**counts: int) -> str:
    words = {"new": "new", "changed": "changed", "unchanged": "unchanged", "errors": "with errors"}
    return ", ".join(f"{counts.get(name, 0)} {text}" for name, text in words.items())


# ---------------------------------------------------------------- what the site gives goes in again


@pytest.fixture
def lively(world):
    """Organisations with all that can be said of one, and with what a spreadsheet would take for a formula."""
    fiji = org("FJI")
    Membership.objects.filter(organisation=fiji).update(joined=date(1997, 7, 1), left=date(2030, 7, 1))
    Attribute.objects.create(organisation=fiji, name="landlocked", since=date(2026, 7, 1), until=date(2027, 7, 1))
    fiji.also_known_as = "=Viti"
    fiji.save()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["", "columns=iso2,also_known_as,joined,left,time_zone,attributes,kind&sort=-code"])
def test_the_list_of_organisations_goes_in_as_it_was_downloaded(client, lively, kind, query):
    address = f"{reverse('organisations', args=(PLAN,))}?format={kind}&{query}"
    page = looked_at(client, ORGANISATIONS, taken(client, address), kind)
    assert page.heading == f"file.{kind}: {summary(unchanged=39)}"
    assert "Not imported, as the list works it out by itself: Is" in page.main


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_to_begin_with_goes_in_again(client, lively, kind):
    content = taken(client, f"{ORGANISATIONS}file/?format={kind}")
    page = looked_at(client, ORGANISATIONS, content, kind)
    assert (page.heading, "Not imported" in page.main) == (f"file.{kind}: {summary(unchanged=39)}", False)
    assert b"landlocked:2026-07-01/2027-07-01" in (content if kind == "csv" else text_of(content))


@pytest.mark.parametrize("kind", KINDS)
def test_the_draft_goes_in_again(client, upload, kind):
    page = looked_at(client, upload, taken(client, f"{upload}file/?format={kind}"), kind)
    assert page.heading == f"file.{kind}: {summary(unchanged=222)}"


def text_of(content: bytes) -> bytes:
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    return repr([[cell.value for cell in row] for row in sheet.iter_rows()]).encode()


def by_column(sheet, first: str) -> dict[str, Cell]:
    """The first row that begins so."""
    row = next(row for row in sheet.iter_rows() if row[0].value == first)
    return {head.value: cell for head, cell in zip(sheet[1], row, strict=True)}


def test_a_workbook_has_real_dates_and_numbers_and_no_formula(client, lively, upload):
    sheet = load_workbook(BytesIO(taken(client, f"{ORGANISATIONS}file/?format=xlsx"))).worksheets[0]
    fiji = by_column(sheet, "FJI")
    assert (fiji["joined"].is_date, fiji["joined"].number_format) == (True, "dd.mm.yy")
    assert (fiji["also_known_as"].value, fiji["also_known_as"].data_type) == ("=Viti", "s")
    plan = load_workbook(BytesIO(taken(client, f"{upload}file/?format=xlsx"))).worksheets[0]
    kpi = by_column(plan, "kpi")
    assert (kpi["code"].value, kpi["position"].value, kpi["denominator"].value) == ("1.1.1(a)", 1, 35)


def test_an_empty_workbook_explains_its_columns_and_is_one_to_fill_in(client, upload):
    for address, example in ((ORGANISATIONS, ["JPN", "member"]), (upload, ["kpi", "1.1.1(e).1"])):
        book = load_workbook(BytesIO(taken(client, f"{address}file/?format=empty")))
        rows, explanations = book.worksheets
        assert (rows.max_row, rows.column_dimensions["A"].number_format) == (1, "@")
        explained = {row[0].value: (row[1].value, row[2].value) for row in explanations.iter_rows(min_row=2)}
        assert list(explained) == [cell.value for cell in rows[1]]
        assert all(says for says, _ in explained.values())
        assert set(example) <= {example for _, example in explained.values()}
        assert "no rows below its header" in looked_at(client, address, saved(book), "xlsx").main


def test_the_examples_that_explain_the_columns_can_be_imported(client, upload):
    for address, noun in ((ORGANISATIONS, "JPN"), (upload, "Milestone 1.1.1(e)")):
        book = load_workbook(BytesIO(taken(client, f"{address}file/?format=empty")))
        rows, explanations = book.worksheets
        examples = {row[0].value: row[2].value for row in explanations.iter_rows(min_row=2)}
        examples.pop("co_coordinators", None)  # said of a focus area alone
        if address == upload:
            rows.append({"A": "milestone", "B": "1.1.1(e)", "C": "1.1.1", "G": "An up-to-date manual"})
        rows.append([examples.get(cell.value) for cell in rows[1]])
        page = looked_at(client, address, saved(book), "xlsx")
        assert page.status == 200
        assert any(row.startswith(f"2 {noun}") for row in page.rows()), page.main


def saved(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_file_is_called_after_what_it_holds_and_the_head_of_the_history(client, upload, monkeypatch):
    monkeypatch.setattr("members.audit.head", lambda: Head(7, "ab" * 32))
    names = [client.get(f"{upload}file/?format={kind}")["Content-Disposition"] for kind in ("csv", "xlsx", "empty")]
    stem = f'attachment; filename="{PLAN}-amendment-1-'
    assert names == [f'{stem}7-abababababab.csv"', f'{stem}7-abababababab.xlsx"', f'{stem}empty.xlsx"']


def test_who_takes_the_draft_with_them_stands_in_the_history(client, world, amendment, upload):
    kept = AuditEntry.objects.filter(action=AuditAction.EXPORTED)
    for address in (f"{upload}file/?format=empty", f"{ORGANISATIONS}file/"):
        taken(client, address)
    assert not kept.exists()
    taken(client, f"{upload}file/?format=xlsx")
    entry = kept.get()
    assert (entry.actor_name, entry.object_label) == ("Ed", "Plan to be imported, Excel")
    assert entry.changes["address"][1].endswith(f"{upload}file/?format=xlsx")
    assert entry.changes["rows"] == [None, 222]
    client.post(f"{upload}confirm/", held(looked_at(client, upload, CHANGE)))
    amendment.refresh_from_db()
    publish_amendment(amendment=amendment, seen=amendment.edits, by=world.people.ada, now=NOW)
    taken(client, f"{upload}file/")
    assert kept.count() == 1


def test_there_is_no_other_kind_of_file(client, upload):
    assert {client.get(f"{each}file/?format=pdf").status_code for each in (ORGANISATIONS, upload)} == {404}


# ---------------------------------------------------------------- the pages of the plan's import

CHANGE = b"Kind,CODE,target value\nkpi,1.1.1(b),29\n"


def test_a_file_is_looked_at_and_then_in_the_draft(client, amendment, upload):
    before = stored()
    page = looked_at(client, upload, CHANGE)
    assert (page.status, page.heading) == (200, f"file.csv: {summary(changed=1)}")
    assert "Target value: “28” → “29”" in page.main
    assert stored() == before
    answer = client.post(f"{upload}confirm/", held(page))
    assert (answer.status_code, answer.url) == (302, reverse("amendment", args=(PLAN, amendment.number)))
    assert amendment.changes.get().says == {"target_value": "29"}


def test_what_a_file_would_move_is_shown_before_it_is_in_the_draft(client, amendment, upload):
    says = b"kind,code,target,target value\nkpi,1.1.1(b),At least 3/35 Members,20\n"
    page = looked_at(client, upload, says)
    assert page.status == 200
    assert "1.1.1(b): The target says 3, the reading at least 20 of 35." in page.main
    assert re.search(r"figures? moves? .*1\.1\.1\(b\) 30\.06\.27 Interim 1 .*target 28.*target 20", page.main)
    assert not amendment.changes.exists()
    words = looked_at(client, upload, b"kind,code,note\nkpi,1.1.1(b),As agreed\n")
    assert "No figure moves" in words.main
    assert "figure" not in looked_at(client, upload, says.replace(b"20", b"many")).main
    assert "figure" not in looked_at(client, ORGANISATIONS, b"code,name\nFJI,Viti\n").main
    assert queries_of(client, upload) <= 12


def test_whoever_was_slower_looks_at_it_again(client, amendment, upload):
    page = looked_at(client, upload, CHANGE)
    assert client.post(f"{upload}confirm/", held(page)).status_code == 302
    again = page_of(client.post(f"{upload}confirm/", held(page)))
    assert (again.status, again.heading) == (409, f"file.csv: {summary(unchanged=1)}")


def test_what_is_wrong_is_said_by_row_and_column_and_marked(client, upload):
    page = looked_at(client, upload, CHANGE.replace(b"29", b"many"))
    assert (page.status, page.heading) == (422, f"file.csv: {summary(errors=1)}")
    assert "Row 2, column C (target value): “many” is no number. Write 28 or 4.5." in page.main
    response = client.post(f"{upload}errors/", held(page))
    assert response["Content-Disposition"] == 'attachment; filename="file-marked.xlsx"'
    assert load_workbook(BytesIO(response.content)).worksheets[0]["C2"].comment.text.startswith("“many” is no")
    assert page_of(client.post(f"{upload}confirm/", held(page))).status == 422


def test_what_is_published_meanwhile_takes_no_file(client, world, amendment, upload):
    page = looked_at(client, upload, CHANGE)
    client.post(f"{upload}confirm/", held(page))
    wrong = looked_at(client, upload, CHANGE.replace(b"29", b"many"))
    amendment.refresh_from_db()
    publish_amendment(amendment=amendment, seen=amendment.edits, by=world.people.ada, now=NOW)
    refused = page_of(client.post(f"{upload}confirm/", held(page)))
    assert (refused.status, "published" in refused.main) == (422, True)
    refused = page_of(client.post(f"{upload}errors/", held(wrong)))
    assert (refused.status, "published" in refused.main) == (422, True)
    forged = page_of(client.post(f"{upload}errors/", {"held": "forged"}))
    assert (forged.status, "The preview is too old, or not yours." in forged.main) == (422, True)
    assert looked_at(client, upload, CHANGE).status == 422


def test_a_page_that_takes_a_file_asks_little(client, upload):
    assert queries_of(client, upload) <= 12
    assert queries_of(client, ORGANISATIONS) <= 12
