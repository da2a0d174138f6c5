"""What the address of a list says, shown on the list of people: limits, order, columns, pages, files."""

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from types import SimpleNamespace
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from members.choices import AuditAction, RoleName
from members.columns import Column, Day, Flag, ListTable, Moment, Number, PartialDay
from members.exports import csv_lines
from members.lists import Listing, find, pick
from members.models import AuditEntry, User
from tests.conftest import person
from tests.reporting.looks import page_of, queries_of

PEOPLE = "/people/"
EVERYBODY = ["Ada", "Ali", "Connie", "Cora", "Ed", "Fay", "Olga", "Percy"]


@pytest.fixture
def ed(client, cast) -> Client:
    client.force_login(cast.ed)
    return client


def listing(client: Client, query: str = "") -> Listing:
    return client.get(f"{PEOPLE}?{query}").context["listing"]


def names(client: Client, query: str = "") -> list[str]:
    return [each.name for each in listing(client, query).page]


# ---------------------------------------------------------------- what it is limited to


@pytest.mark.parametrize(
    ("query", "found", "chips"),
    [
        ("", EVERYBODY, []),
        ("q=FAY", ["Fay"], ["Find by name or address: “FAY”"]),
        ("q=example+ed", ["Ed"], ["Find by name or address: “example ed”"]),
        ("role=member_contributor", ["Connie", "Fay"], ["Role: Member contributor"]),
        ("role=member_contributor&organisation=FJI", ["Fay"], ["Organisation: Fiji", "Role: Member contributor"]),
        ("account=False", [], ["Account: Closed"]),
        ("q=&role=&organisation=&account=", EVERYBODY, []),
    ],
)
def test_limits_stand_in_the_address_and_as_chips(ed, query, found, chips):
    assert names(ed, query) == found
    assert [each["text"] for each in listing(ed, query).chips] == chips


def test_a_chip_takes_its_own_limit_away_and_keeps_the_rest(ed):
    shown = listing(ed, "role=member_contributor&organisation=FJI&sort=-name&columns=name,email&page=1")
    assert [each["href"] for each in shown.chips] == [
        "?role=member_contributor&sort=-name&columns=name,email",
        "?organisation=FJI&sort=-name&columns=name,email",
    ]
    assert shown.everything == "?sort=-name&columns=name,email"


def test_the_heading_says_how_many_of_how_many(ed):
    assert page_of(ed.get(PEOPLE)).heading == "People: 8 accounts"
    assert page_of(ed.get(f"{PEOPLE}?q=fay")).heading == "People: 1 of 8 accounts"
    nothing = page_of(ed.get(f"{PEOPLE}?q=zebra"))
    assert (nothing.heading, "Nothing in the list is like this" in nothing.main) == ("People: 0 of 8 accounts", True)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("role=king", "There is no role “king”, so the list is not limited by it."),
        ("organisation=XXX", "There is no organisation “XXX”, so the list is not limited by it."),
        ("sort=shoe", "The list cannot be sorted by “shoe”, so it stands in its own order."),
        ("sort=-roles", "The list cannot be sorted by “roles”, so it stands in its own order."),
        ("columns=name,shoe", "There is no column “shoe” in this list."),
        ("format=pdf", "There is no download as “pdf”; there are csv and xlsx."),
    ],
)
def test_what_the_list_does_not_know_is_said_and_no_file_is_made_of_it(ed, query, sentence):
    page = page_of(ed.get(f"{PEOPLE}?{query}"))
    assert (page.status, page.heading, sentence in page.main) == (200, "People: 8 accounts", True)
    if "format" not in query:
        refused = ed.get(f"{PEOPLE}?{query}&format=csv")
        assert (refused.headers["Content-Type"], sentence in page_of(refused).main) == (
            "text/html; charset=utf-8",
            True,
        )
    assert not AuditEntry.objects.filter(action=AuditAction.EXPORTED).exists()


@pytest.mark.parametrize(
    "odd", ["q=%00", "role=%00", "sort=", "sort=-", "sort=--name", "columns=,,", "page=-1", "page=x"]
)
def test_odd_addresses_are_answered(ed, odd):
    assert page_of(ed.get(f"{PEOPLE}?{odd}")).status == 200


# ---------------------------------------------------------------- order, columns, pages


def test_it_sorts_by_one_column_and_a_second_click_turns_it_round(ed, cast):
    User.objects.filter(pk=cast.fay.pk).update(last_login=datetime(2099, 1, 2, tzinfo=UTC))
    User.objects.filter(pk=cast.ada.pk).update(last_login=datetime(2099, 1, 1, tzinfo=UTC))
    assert names(ed) == EVERYBODY
    assert names(ed, "sort=-name") == EVERYBODY[::-1]
    unsigned = [each for each in EVERYBODY if each not in ("Ada", "Fay", "Ed")]
    assert names(ed, "sort=last_login") == ["Ed", "Ada", "Fay", *unsigned]
    assert names(ed, "sort=-last_login") == ["Fay", "Ada", "Ed", *unsigned]
    heads = {each["label"]: each for each in listing(ed, "sort=name&q=a").heads}
    assert (heads["Name"]["sort"], heads["Name"]["href"]) == ("ascending", "?q=a&sort=-name")
    assert (heads["E-mail address"]["sort"], heads["E-mail address"]["href"]) == ("", "?q=a&sort=email")
    assert heads["Roles"]["href"] == ""
    assert ed.get(f"{PEOPLE}?sort=-name").content.decode().count('aria-sort="descending"') == 1


def test_columns_are_chosen_and_the_first_one_stays(ed):
    assert listing(ed).table.shown == ("name", "email", "roles", "last_login", "second_factor")
    assert listing(ed, "columns=email&columns=open").table.shown == ("name", "email", "open")
    assert listing(ed, "columns=roles,email").table.shown == ("name", "email", "roles")
    assert page_of(ed.get(f"{PEOPLE}?columns=email")).row("Fay") == "Fay fay@example.org"


def test_a_page_beyond_the_end_is_the_last_one_and_the_page_says_so(ed, organisations):
    for number in range(105):
        person(f"P{number:03}", RoleName.MEMBER_CONTRIBUTOR, organisations.fiji)
    first, last = listing(ed, "role=member_contributor"), listing(ed, "role=member_contributor&page=99")
    assert (first.span, first.before, first.after) == ("1–100 of 107", "", "?role=member_contributor&page=2")
    assert (last.span, last.before, last.after) == ("101–107 of 107", "?role=member_contributor&page=1", "")
    for odd, number in {"99": 2, "0": 2, "-1": 2, "x": 1}.items():
        page = page_of(ed.get(f"{PEOPLE}?role=member_contributor&page={odd}"))
        assert (page.status, f"There is no page “{odd}”, so page {number} of 2 is shown." in page.main) == (200, True)
        assert len(taken(ed, f"role=member_contributor&page={odd}")) == 108
    for right in ("", "1", "2"):
        assert "There is no page" not in page_of(ed.get(f"{PEOPLE}?role=member_contributor&page={right}")).main
    assert "There is no page" not in page_of(ed.get(f"{PEOPLE}?q=zebra&page=2")).main
    both = [each.pk for each in (*first.page, *last.page)]
    assert len(both) == len(set(both)) == 107


def test_it_takes_as_many_queries_for_many_as_for_few(ed, organisations):
    few = queries_of(ed, PEOPLE)
    for number in range(40):
        person(f"P{number:03}", RoleName.MEMBER_CONTRIBUTOR, organisations.fiji)
    assert queries_of(ed, PEOPLE) == few <= 12


# ---------------------------------------------------------------- rows that were put together in Python

ROWS = [
    SimpleNamespace(code="b", many=2, day=None, place=1),
    SimpleNamespace(code="a", many=None, day=None, place=2),
    SimpleNamespace(code="C", many=10, day=None, place=0),
]


class Things(ListTable):
    code = Column("Code", look="c")
    many = Number("Many {of}")
    place = Number("Place", order_by=("place",))

    class Meta:
        caption = "Things"
        order_by = ("code",)


def of_rows(query: str) -> list[str]:
    filters = [find("Find", "code"), pick("many", "Many", {"10": "Ten"})]
    table = Things(zone=ZoneInfo("UTC"))
    shown = Listing(QueryDict(query), table, ROWS, nouns=("thing", "things"), filters=filters)
    return [each.code for each in shown.page]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["a", "b", "C"]),
        ("sort=many", ["b", "C", "a"]),
        ("sort=-many", ["C", "b", "a"]),
        ("sort=-place", ["a", "b", "C"]),
        ("q=B", ["b"]),
        ("many=10", ["C"]),
    ],
)
def test_rows_of_python_are_limited_and_sorted_alike(query, codes):
    assert of_rows(query) == codes


def test_a_cell_is_drawn_with_its_label_and_without_live_markup():
    table = Things(zone=ZoneInfo("UTC"))
    [row] = table.drawn([SimpleNamespace(code="<b>", many=Decimal("1234.50"), place=None)])
    assert row == (
        '<th scope="row" class="c">&lt;b&gt;</th><td class="n" data-l="Many {of}">1,234.5</td>'
        '<td class="n" data-l="Place">–</td>'
    )


# ---------------------------------------------------------------- files


def taken(client: Client, query: str) -> list[list[str]]:
    content = b"".join(client.get(f"{PEOPLE}?{query}&format=csv").streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_file_holds_what_is_filtered_sorted_and_chosen_on_all_pages(ed, organisations):
    for number in range(105):
        person(f"P{number:03}", RoleName.MEMBER_CONTRIBUTOR, organisations.fiji)
    header, *rows = taken(ed, "organisation=FJI&sort=-name&columns=email&page=2")
    assert header == ["Name", "E-mail address"]
    assert rows == [[f"P{n:03}", f"p{n:03}@example.org"] for n in reversed(range(105))] + [["Fay", "fay@example.org"]]


def test_a_file_is_recorded_with_what_it_was(ed, cast):
    response = ed.get(f"{PEOPLE}?role=observer&format=csv")
    assert len(list(response.streaming_content)) == 2
    entry = AuditEntry.objects.get(action=AuditAction.EXPORTED)
    assert (entry.actor_email, entry.object_key) == (cast.ed.email, "Accounts, CSV")
    assert entry.changes["rows"] == [None, 1]
    assert entry.changes["address"] == [None, f"http://testserver{PEOPLE}?role=observer"]
    assert response.headers["Content-Disposition"].startswith('attachment; filename="people-20')


@pytest.mark.parametrize("name", ["ali", "connie", "olga"])
def test_who_may_not_carry_it_away_is_offered_nothing_and_refused(client, cast, name):
    client.force_login(getattr(cast, name))
    assert "Download" not in page_of(client.get(PEOPLE)).main
    assert {client.get(f"{PEOPLE}?format={kind}").status_code for kind in ("csv", "xlsx")} == {403}
    assert not AuditEntry.objects.filter(action=AuditAction.EXPORTED).exists()


def test_no_more_rows_than_a_file_can_be_made_of_soon(ed, monkeypatch):
    monkeypatch.setattr("members.exports.MOST_ROWS", 7)
    page = page_of(ed.get(f"{PEOPLE}?format=csv"))
    assert "A file holds at most 7 rows. Limit the list, then download it in parts." in page.main


LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]


@pytest.mark.parametrize("live", LIVE)
def test_no_text_becomes_a_formula(ed, cast, live):
    User.objects.filter(pk=cast.fay.pk).update(name=live)
    [_, row] = taken(ed, "q=fay@&columns=email")
    assert row == [f"'{live}", "fay@example.org"]
    book = load_workbook(BytesIO(ed.get(f"{PEOPLE}?q=fay@&format=xlsx").content))
    cell = book.worksheets[0]["A2"]
    assert (cell.data_type, cell.value.strip(), cell.quotePrefix) == ("s", live.strip(), True)


class Typed(ListTable):
    text = Column("Text")
    many = Number("Many")
    day = Day("Day")
    at = Moment("At")
    yes = Flag("Yes")

    class Meta:
        caption = "Typed"


class Signed(ListTable):
    on = PartialDay("Signed")

    class Meta:
        caption = "Signed"


def test_dates_and_numbers_are_real_ones_and_blank_is_not_nought():
    table = Typed(zone=ZoneInfo("Asia/Tokyo"))
    at = datetime(2027, 6, 30, 20, 5, tzinfo=UTC)
    records = [
        SimpleNamespace(text="1,5; “x”", many=Decimal("-7.50"), day=at.date(), at=at, yes=False),
        SimpleNamespace(text=None, many=0, day=None, at=None, yes=None),
    ]
    assert "".join(csv_lines(table.headers(), table.filed(records))).splitlines() == [
        "\ufeffText,Many,Day,At (Asia/Tokyo),Yes",
        '"1,5; “x”",-7.5,2027-06-30,2027-07-01T05:05:00+09:00,No',
        ",0,,,",
    ]


def cells_of(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_has_no_cell_for_nothing(ed, cast):
    User.objects.filter(pk=cast.fay.pk).update(last_login=None)
    content = ed.get(f"{PEOPLE}?q=fay&columns=name,email,last_login,roles&format=xlsx").content
    assert re.findall(r'<c [^>]*r="([A-Z]+2)"', cells_of(content)) == ["A2", "B2", "C2"]
    User.objects.filter(pk=cast.fay.pk).update(name="")
    content = ed.get(f"{PEOPLE}?q=fay&columns=name,email&format=xlsx").content
    assert re.findall(r'<c [^>]*r="([A-Z]+2)"', cells_of(content)) == ["B2"]


@pytest.mark.parametrize(
    ("stored", "words", "filed"),
    [
        ("2018-06-28", "28.06.18", date(2018, 6, 28)),
        ("2021-12", "12.21", "2021-12"),
        ("2017", "2017", "2017"),
        ("", "–", ""),
        ("2018-02-31", "31.02.18", "2018-02-31"),
    ],
)
def test_a_day_that_is_known_in_part_is_a_day_in_files_where_it_is_one(stored, words, filed):
    table = Signed(zone=ZoneInfo("UTC"))
    record = SimpleNamespace(on=stored)
    assert list(table.drawn([record])) == [f'<th scope="row">{words}</th>']
    assert list(table.filed([record])) == [[filed]]


def test_a_workbook_has_real_cells_a_fixed_header_and_says_what_it_is(ed, cast):
    signed_in = User.objects.get(pk=cast.ed.pk).last_login
    response = ed.get(f"{PEOPLE}?role=secretariat_editor&sort=-name&format=xlsx")
    book = load_workbook(BytesIO(response.content))
    rows, about = book.worksheets
    assert (rows.title, about.title, rows.freeze_panes, rows.auto_filter.ref) == ("Accounts", "About", "B2", "A1:E2")
    assert [cell.value for cell in rows[1]] == [
        "Name", "E-mail address", "Roles", "Last sign-in (Asia/Hong_Kong)", "Second factor",
    ]  # fmt: skip
    name, email, roles, at, factor = rows[2]
    assert (name.value, email.value, roles.value) == ("Ed", "ed@example.org", "Secretariat editor, APVC")
    here = signed_in.astimezone(ZoneInfo("Asia/Hong_Kong")).replace(tzinfo=None)
    assert (at.is_date, abs((at.value - here).total_seconds()) < 1, at.number_format) == (True, True, "dd.mm.yy hh:mm")
    assert factor.value == "No"
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said["What"] == "Accounts"
    assert said["Limited to"] == "Role: Secretariat editor"
    assert said["Sorted by"] == "Name, downwards; E-mail address"
    assert (said["Rows"], said["Taken by"]) == (1, "Ed")
    assert said["Address"] == "http://testserver/people/?role=secretariat_editor&sort=-name"
    assert reverse("people") == PEOPLE
