"""Organisations from a file: looked at first, then all or nothing; and the traps of dependencies.md, one by one."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from members.choices import AuditAction
from members.imports import organisations as imports
from members.imports.held import NOT_KEPT
from members.imports.sheet import Column, Layout, read
from members.models import Attribute, AuditEntry, HeldFile, Membership, Organisation
from tests.reporting.looks import Page, page_of, stored

HEADER = ["code", "name", "kind", "group", "time_zone", "attributes", "joined", "left"]
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
JAPAN = ["JPN", "Japan", "member", "Far East", "Asia/Tokyo", "developed", "1964-06-15", ""]
UPLOAD, CONFIRM, ERRORS = (f"/import/organisations/{end}" for end in ("", "confirm/", "errors/"))


def csv_of(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in (header, *rows)).encode()


def book_of(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def ed(client, cast):
    client.force_login(cast.ed)
    return client


def looked_at(client, content: bytes, name: str = "members.csv") -> Page:
    return page_of(client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}))


def held(page: Page) -> str:
    return re.search(r'name="held" value="([^"]+)"', page.html).group(1)  # type: ignore[union-attr]


def imported(client, page: Page) -> Page:
    return page_of(client.post(CONFIRM, {"held": held(page)}))


def effects(page: Page) -> dict[str, str]:
    return {row.split()[1]: " ".join(row.split()[2:]) for row in page.rows() if row[:1].isdigit()}


# ---------------------------------------------------------------- the way of a file


def test_what_it_would_do_is_shown_and_nothing_is_stored(ed, organisations):
    before = stored()
    australia = ["AUS", "", "", "", "Australia/Sydney", "", "", ""]
    page = looked_at(ed, csv_of(JAPAN, australia, ["FJI", "Fiji", "member", *[""] * 5]))
    assert (page.status, page.heading) == (200, "members.csv: 1 new, 1 changed, 1 unchanged, 0 with errors")
    assert effects(page) == {
        "JPN": "New Code: “JPN” Name: “Japan” Kind: “Member administration” Group: “Far East” "
        "Time zone: “Asia/Tokyo” Member since: 15.06.1964 Attributes: “developed”",
        "AUS": "Changed Time zone: “Asia/Hong_Kong” → “Australia/Sydney”",
        "FJI": "Unchanged –",
    }
    assert stored() == before


def test_then_all_of_it_is_imported_and_each_row_has_its_entry(ed, cast, organisations):
    answer = imported(ed, looked_at(ed, csv_of(JAPAN, ["FJI", "Fiji Islands", *[""] * 6])))
    assert answer.status == 302
    page = page_of(ed.get(answer.location))
    assert page.heading == "Imported: 1 new, 1 changed"
    assert "members.csv was imported by Ed" in page.main
    japan = Organisation.objects.get(code="JPN")
    assert (japan.name, japan.group, japan.time_zone) == ("Japan", "far_east", "Asia/Tokyo")
    assert list(japan.memberships.values_list("joined", "left")) == [(date(1964, 6, 15), None)]
    assert list(japan.attributes.values_list("name", "since", "until")) == [("developed", None, None)]
    assert list(Organisation.objects.values_list("code", flat=True))[:3] == ["JPN", "AUS", "FJI"]
    entries = {(each.action, each.object_key) for each in AuditEntry.objects.filter(object_type="members.organisation")}
    assert entries == {("created", "JPN"), ("changed", "FJI"), ("imported", "APVC")}
    changed = AuditEntry.objects.get(action=AuditAction.CHANGED, object_key="FJI")
    assert (changed.actor_email, changed.changes) == (cast.ed.email, {"name": ["Fiji", "Fiji Islands"]})


def test_the_same_file_again_changes_nothing(ed, organisations):
    imported(ed, looked_at(ed, csv_of(JAPAN)))
    page = looked_at(ed, csv_of(JAPAN))
    assert (effects(page), "Import all of it" in page.main) == ({"JPN": "Unchanged –"}, False)


def test_what_changed_meanwhile_is_said_and_looked_at_again(ed, organisations):
    page = looked_at(ed, csv_of(JAPAN))
    Organisation.objects.filter(code="FJI").update(name="Fiji Islands")
    refused = imported(ed, page)
    assert (refused.status, Organisation.objects.filter(code="JPN").exists()) == (409, False)
    assert "Organisations changed after the preview. Nothing is imported" in refused.main
    assert imported(ed, refused).status == 302


def test_a_preview_is_its_own_readers_alone_and_grows_old(ed, cast, client, organisations, monkeypatch):
    page = looked_at(ed, csv_of(JAPAN))
    client.force_login(cast.ada)
    assert imported(client, page).status == 422
    client.force_login(cast.ed)
    for path in (CONFIRM, ERRORS):
        tampered = page_of(client.post(path, {"held": held(page)[:-4] + "xxxx"}))
        assert (tampered.status, "too old, or not yours" in tampered.main) == (422, True)
    monkeypatch.setattr("members.imports.held.LASTS", -1)
    assert imported(client, page).status == 422
    assert not Organisation.objects.filter(code="JPN").exists()


@pytest.mark.parametrize("name", ["connie", "ali", "cora", "olga", "percy"])
def test_it_is_the_secretariats(client, cast, name):
    client.force_login(getattr(cast, name))
    before = stored()
    paths = (UPLOAD, CONFIRM, ERRORS, "/organisations/add/", "/organisations/FJI/")
    assert {client.get(path).status_code for path in paths} == {403}
    assert {client.post(path, {}).status_code for path in paths} == {403}
    assert stored() == before


# ---------------------------------------------------------------- what is wrong, by row and column, all at once


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_stored(ed, organisations):
    before = stored()
    content = csv_of(
        ["JPN", "", "kingdom", "", "Asia/Tokio", "rich", "15th June", ""],
        ["NZL", "New Zealand", "member", "", "", "", "", ""],
        ["AUS", "", "regional_entity", "", "Mars/Base", "", "2027-01-01", "2026-01-01"],
        ["FJI", "Australia", "", "", "", "", "", ""],
    )
    page = looked_at(ed, content)
    assert (page.status, page.heading) == (422, "members.csv: 0 new, 0 changed, 0 unchanged, 4 with errors")
    for sentence in (
        "Row 2, column B (name): A new organisation needs it.",
        "Row 2, column C (kind): There is no “kingdom”. Accepted are member, regional_entity.",
        "Row 2, column F (attributes): There is no “rich”.",
        "Row 2, column G (joined): “15th June” is no date with a whole year. Write 2027-06-30 or 30.06.2027.",
        "Row 3, column D (group): Say to which group the Member belongs",
        "Row 4, column C (kind): The kind of an organisation does not change",
        "Row 4, column E (time_zone): There is no time zone “Mars/Base”. Write one such as Asia/Tokyo.",
        "Row 5, column B (name): Organisation with this Name already exists.",
    ):
        assert sentence in page.main, sentence
    assert "Import all of it" not in page.main
    assert imported(ed, page).status == 422
    assert stored() == before


def test_the_errors_can_be_taken_as_a_workbook_with_the_cells_marked(ed, organisations):
    page = looked_at(ed, csv_of(["JPN", "=1+1", "kingdom", *[""] * 5]))
    response = ed.post(ERRORS, {"held": held(page)})
    sheet = load_workbook(BytesIO(response.content)).worksheets[0]
    assert response.headers["Content-Disposition"] == 'attachment; filename="members-marked.xlsx"'
    assert [cell.value for cell in sheet[1]] == [*HEADER, "what is wrong"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].comment) == ("=1+1", "s", None)
    assert sheet["C2"].comment.text.startswith("There is no “kingdom”")
    assert sheet["C2"].fill.fgColor.rgb == "00FBE7E2"


def test_the_workbook_is_called_as_the_file_was_in_any_script(ed, organisations):
    page = looked_at(ed, csv_of(["JPN", "Japan", "kingdom", *[""] * 5]), "税関.csv")
    header = ed.post(ERRORS, {"held": held(page)}).headers["Content-Disposition"]
    assert header == f"attachment; filename*=utf-8''{quote('税関-marked.xlsx')}"


# ---------------------------------------------------------------- the traps


def test_a_misspelt_column_is_refused_by_name_with_what_is_accepted(ed):
    page = looked_at(ed, csv_of(JAPAN, header=["code", "nmae", *HEADER[2:]]))
    assert page.status == 422
    assert "There is no column “nmae”." in page.main
    assert (
        "Accepted are code, name, kind, group, also_known_as, iso2, time_zone, attributes, joined and left."
        in page.main
    )


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["name", "kind"], "The column code is missing."),
        (["code", "name", "name"], "The column name stands there twice."),
        (["code", "", "name"], "Column B has no name."),
    ],
)
def test_a_header_says_which_columns_there_are_once(ed, header, sentence):
    assert sentence in looked_at(ed, csv_of(["a", "b", "c"][: len(header)], header=header)).main


def test_a_row_that_stands_twice_is_refused_and_so_is_its_file(ed, organisations):
    page = looked_at(ed, csv_of(JAPAN, ["jpn", *JAPAN[1:]]))
    assert (page.status, "Row 3, column A (code): “jpn” stands in row 2 already." in page.main) == (422, True)
    assert not Organisation.objects.filter(code="JPN").exists()


def test_of_a_row_that_stands_twice_nothing_else_is_wrong(ed, organisations):
    page = looked_at(ed, b"code,name\nZZZ,New\nzzz ,New\n")
    assert "Row 2, kind: A new organisation needs it." in page.main
    assert "Row 3, column A (code): “zzz” stands in row 2 already." in page.main
    assert "Row 3, kind" not in page.main


def test_the_same_typed_as_number_text_or_date_is_the_same():
    layout = Layout("Rows", tuple(map(Column, ("code", "many", "day", "yes"))), ("code",))
    rows = [
        ["code", "many", "day", "yes"],
        ["a", 1, date(2027, 6, 30), True],
        ["b", 1.0, "2027-06-30", "yes"],
        ["c", "1", "", ""],
    ]
    cells = [row.cells for row in read(book_of(Rows=rows), layout).rows]
    assert cells == [
        {"code": "a", "many": "1", "day": "2027-06-30", "yes": "yes"},
        {"code": "b", "many": "1", "day": "2027-06-30", "yes": "yes"},
        {"code": "c", "many": "1"},
    ]


def test_the_sheet_is_the_one_that_is_called_so_and_not_the_one_on_top(ed, organisations):
    cover = [["RSP Tracker"], ["Read me first"]]
    book = load_workbook(BytesIO(book_of(Cover=cover, Organisations=[HEADER, JAPAN])))
    book.active = 0
    content = BytesIO()
    book.save(content)
    assert list(effects(looked_at(ed, content.getvalue(), "members.xlsx"))) == ["JPN"]
    assert list(effects(looked_at(ed, book_of(Cover=cover, Anything=[HEADER, JAPAN]), "members.xlsx"))) == ["JPN"]


def test_two_sheets_that_could_be_meant_and_none_are_refused(ed):
    for sheets, which in (
        ({"One": [HEADER, JAPAN], "Two": [HEADER, JAPAN]}, "More than one sheet"),
        ({"One": [["x"]]}, "No sheet"),
    ):
        page = looked_at(ed, book_of(**sheets), "members.xlsx")
        assert (page.status, f"{which} of the workbook has the columns that are needed: code." in page.main) == (
            422,
            True,
        )


def test_a_formula_is_no_value(ed):
    page = looked_at(ed, book_of(Organisations=[HEADER, ["JPN", '="Ja"&"pan"', *JAPAN[2:]]]), "members.xlsx")
    assert (page.status, "Row 2, column B (name): It is a formula. Paste its value instead." in page.main) == (
        422,
        True,
    )


def test_blank_is_not_stated_and_changes_nothing(ed, organisations):
    Attribute.objects.create(organisation=organisations.fiji, name="developed")
    Membership.objects.filter(organisation=organisations.fiji).update(joined=date(1997, 7, 1))
    assert effects(looked_at(ed, csv_of(["FJI", *[""] * 7]))) == {"FJI": "Unchanged –"}


def packed(**parts: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return content.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    """A workbook in which one part is another."""
    content = BytesIO()
    with ZipFile(BytesIO(book_of(Organisations=[HEADER, JAPAN]))) as before, ZipFile(content, "w") as after:
        for part in before.infolist():
            after.writestr(part.filename, text if part.filename == name else before.read(part))
    return content.getvalue()


def scratched(content: bytes) -> bytes:
    """Bytes in the midst of a packed part are others."""
    start = content.index(b"xl/worksheets/sheet1.xml") + 60
    return content[:start] + b"\xff" * 40 + content[start + 40 :]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04" + b"x" * 50, "The workbook is damaged."),
        (packed(**{"a.xml": b" " * 21 * 1024 * 1024}), "too large when unpacked"),
        (packed(**{"a.xml": b'<!DOCTYPE x [<!ENTITY a "b">]>'}), "definitions that no spreadsheet writes"),
        (packed(**{"a.xml": b"<a/>"}), "The workbook cannot be read."),
        (book_of(Organisations=[HEADER, JAPAN])[:-500], "The workbook is damaged."),
        (scratched(book_of(Organisations=[HEADER, JAPAN])), "The workbook is damaged."),
        (with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"), "The workbook cannot be read."),
        (COMPOUND + b"\0" * 999, "The workbook is of the old kind (xls). Save it as xlsx"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "The workbook is protected by a password. Take it off."),
        (
            b"PK is a code\nJPN",
            "is no Excel workbook (xlsx) or CSV file that can be read here: its first row, “PK is a code”, names none",
        ),
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n \r\n", "The file is empty."),
        (csv_of(["x"] * 61, header=["code", *(f"x{number}" for number in range(60))]), "more than 60 columns"),
        (b"code\n\xff\xfe", "neither a workbook nor UTF-8 text"),
        (b"code\nA\0B", "binary data"),
        (b'code\n"open', "A quote that opens must close."),
        (b"code\n", "no rows below its header"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_none_of_the_kind_is_refused_in_a_sentence(ed, content, sentence):
    page = looked_at(ed, content)
    assert (page.status, sentence in page.main) == (422, True)


@pytest.mark.parametrize(
    "content",
    [
        csv_of(JAPAN).decode().encode("utf-16"),
        b"\xfe\xff" + csv_of(JAPAN).decode().encode("utf-16-be"),
        csv_of(JAPAN).decode().encode("utf-8-sig"),
        csv_of(JAPAN).replace(b",", b";"),
        csv_of(JAPAN).replace(b",", b"\t").replace(b'"', b""),
        csv_of(JAPAN).replace(b"\n", b"\r\n") + b"\r\n\r\n",
        csv_of(JAPAN, header=["Code", " NAME ", "Kind", "group", "Time  Zone", "Attributes", "Member since", "LEFT"]),
    ],
    ids=["UTF-16", "UTF-16 big end first", "UTF-8 with a mark", "semicolons", "tabs", "blank lines", "headings"],
)
def test_the_ways_in_which_spreadsheets_write_all_work(ed, organisations, content):
    [words] = effects(looked_at(ed, content)).values()
    assert "Name: “Japan”" in words
    assert "Member since: 15.06.1964" in words


def test_what_else_is_wrong_is_said_beside_what_cannot_be_read(ed):
    page = looked_at(ed, b"code,joined,time zone,kind\nFJI,31.02.2027,Mars/Olympus,regional_entity\n")
    for said in (
        "“31.02.2027” is no date",
        "There is no time zone “Mars/Olympus”",
        "The kind of an organisation does not",
    ):
        assert said in page.rows()[1]
    assert 'href="#row-2"' in page.html
    assert 'id="row-2"' in page.html


def test_a_place_is_named_as_the_file_names_it(ed, organisations):
    page = looked_at(ed, csv_of(["FJI", "soon"], header=["Code", "Member since"]))
    assert (
        "Row 2, column B (Member since): “soon” is no date with a whole year. Write 2027-06-30 or 30.06.2027."
        in page.main
    )
    marked = load_workbook(BytesIO(ed.post(ERRORS, {"held": held(page)}).content)).worksheets[0]
    assert [cell.value for cell in marked[1]] == ["Code", "Member since", "what is wrong"]


def test_a_workbook_that_lies_about_its_size_is_read_as_far_as_it_goes():
    honest = book_of(Organisations=[HEADER, JAPAN])
    content = BytesIO()
    with ZipFile(BytesIO(honest)) as before, ZipFile(content, "w", ZIP_DEFLATED) as after:
        for part in before.infolist():
            text = before.read(part).replace(b'<dimension ref="A1:H2"', b'<dimension ref="A1:XFD1048576"')
            after.writestr(part.filename, text)
    assert [row.get("code") for row in read(content.getvalue(), imports.LAYOUT).rows] == ["JPN"]


def test_more_rows_than_can_be_looked_at_are_refused():
    rows = [["X" + "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{number:04}")] for number in range(2001)]
    with pytest.raises(ValidationError, match="more than 2,000 rows"):
        read(csv_of(*rows, header=["code"]), imports.LAYOUT)


# ---------------------------------------------------------------- one by one


def typed(ed, path: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page_of(ed.get(path)).html))


FIELDS = {
    "name": "Japan", "kind": "member", "group": "far_east", "time_zone": "Asia/Tokyo", "joined": "15.06.1964",
    "left": "", "attributes": "developed\r\nlandlocked:2026-07-01/2027-07-01", "also_known_as": "", "iso2": "JP",
}  # fmt: skip


def test_one_is_added_and_changed_on_a_page(ed, cast, organisations):
    assert ed.post("/organisations/add/", {"code": "JPN", **FIELDS}).status_code == 302
    japan = Organisation.objects.get(code="JPN")
    assert set(japan.attributes.values_list("name", "since", "until")) == {
        ("developed", None, None),
        ("landlocked", date(2026, 7, 1), date(2027, 7, 1)),
    }
    seen = typed(ed, "/organisations/JPN/")["seen"]
    changed = page_of(ed.post("/organisations/JPN/", FIELDS | {"left": "01.07.2027", "seen": seen}))
    assert (changed.status, changed.main[:300]) == (302, "")
    assert list(japan.memberships.values_list("joined", "left")) == [(date(1964, 6, 15), date(2027, 7, 1))]
    entry = AuditEntry.objects.get(action=AuditAction.CHANGED, object_key="JPN")
    assert (entry.actor_email, entry.changes) == (cast.ed.email, {"left": [None, "2027-07-01"]})


def test_who_left_and_joins_again_gets_another_membership(ed, organisations):
    Membership.objects.filter(organisation=organisations.fiji).update(left=date(2026, 1, 1))
    fiji = FIELDS | {"name": "Fiji", "group": "australasia_oceania", "attributes": "", "joined": "01.07.2027"}
    assert ed.post("/organisations/FJI/", fiji | {"seen": typed(ed, "/organisations/FJI/")["seen"]}).status_code == 302
    assert list(organisations.fiji.memberships.order_by("left").values_list("joined", "left")) in (
        [(None, date(2026, 1, 1)), (date(2027, 7, 1), None)],
        [(date(2027, 7, 1), None), (None, date(2026, 1, 1))],
    )


def test_whoever_was_slower_is_told_so_and_keeps_what_they_typed(ed, organisations):
    seen = typed(ed, "/organisations/FJI/")["seen"]
    Organisation.objects.filter(code="FJI").update(iso2="FJ")
    page = page_of(ed.post("/organisations/FJI/", FIELDS | {"name": "Fiji Islands", "seen": seen}))
    assert (page.status, "Fiji Islands" in page.html) == (409, True)
    assert "Somebody changed FJI after you opened this page." in page.main
    assert Organisation.objects.get(code="FJI").name == "Fiji"


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"name": ""}, "Enter the name."),
        ({"code": "japan"}, "Write three or four capital letters."),
        ({"code": "FJI"}, "There is an organisation with this code already."),
        ({"time_zone": "Mars"}, "There is no time zone “Mars”."),
        ({"group": ""}, "Say to which group the Member belongs"),
        ({"kind": "regional_entity"}, "A regional entity belongs to no group."),
        ({"attributes": "rich"}, "There is no “rich”."),
        ({"attributes": "developed\ndeveloped:2027-01-01/"}, "developed is stated twice for the same time."),
        ({"left": "01.01.1960"}, "The day on which it left comes after the day on which it joined."),
        ({"joined": "15.06.64"}, "Write day, month and the whole year, such as 30.06.2027."),
    ],
)
def test_a_refusal_is_a_sentence_and_nothing_is_stored(ed, organisations, says, sentence):
    before = stored()
    page = page_of(ed.post("/organisations/add/", {"code": "JPN", **FIELDS, **says}))
    assert (page.status in (409, 422), sentence in page.main) == (True, True)
    assert stored() == before


def test_what_does_not_exist_is_not_found(ed, organisations):
    assert ed.get("/organisations/XXX/").status_code == 404
    assert ed.get(reverse("import_receipt", args=[999])).status_code == 404


def test_the_file_goes_over_the_line_once_and_is_kept_once(ed, cast, organisations):
    for name in ("Japan", "Nippon", "Japan"):
        page = looked_at(ed, csv_of(["JPN", name, *JAPAN[2:]]))
        assert len(held(page)) < 500
    assert HeldFile.objects.count() == 2
    assert imported(ed, page).status == 302
    assert Organisation.objects.get(code="JPN").name == "Japan"


def test_of_what_somebody_looked_at_the_newest_few_are_kept(ed, cast, client, organisations):
    """The second is looked at again, so the first and the third are the oldest when others come."""
    names = ["First", "Second", "Third", "Second", "Fourth", "Fifth"]
    pages = {name: looked_at(ed, csv_of(["JPN", name, *JAPAN[2:]])) for name in names}
    client.force_login(cast.ada)
    looked_at(client, csv_of(JAPAN))
    kept = [bytes(each.content).decode() for each in HeldFile.objects.filter(person=cast.ed).order_by("at")]
    assert [name for text in kept for name in pages if name in text] == ["Second", "Fourth", "Fifth"]
    assert HeldFile.objects.filter(person=cast.ada).count() == 1
    client.force_login(cast.ed)
    for name in ("First", "Third"):
        gone = imported(ed, pages[name])
        assert (gone.status, NOT_KEPT in gone.main) == (422, True)
    assert imported(ed, pages["Second"]).status == 302
    assert Organisation.objects.get(code="JPN").name == "Second"


@pytest.mark.parametrize("by_timer", [False, True])
def test_what_nobody_confirmed_is_forgotten_after_its_hour(ed, cast, organisations, by_timer):
    page = looked_at(ed, csv_of(JAPAN))
    HeldFile.objects.create(
        person=cast.ada, what="x", place=0, content=b"", checksum="0", at=timezone.now() - timedelta(hours=2)
    )
    call_command("deliver_mail", "--list")
    assert HeldFile.objects.count() == 2
    call_command("deliver_mail") if by_timer else imported(ed, page)
    assert [each.person for each in HeldFile.objects.all()] == [cast.ed]
