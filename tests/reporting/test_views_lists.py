"""The lists of a plan: who sees which rows, in which order and columns, and that a file holds exactly those."""

import csv
import re
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from members.choices import AuditAction
from members.models import Attribute, AuditEntry, Membership
from reporting.models import Answer
from tests.conftest import person
from workplan.choices import Kind
from workplan.models import Reading

from .amending import amend, retire
from .entering import brought
from .looks import Page, page_of, queries_of, stored
from .region import LIVE, NOW, PLAN, ROLES, Event, answer, arrangement, leave_only, org, record
from .world import STATUS, STATUS_4, store_draft

LISTS = ("answers", "figures", "register", "arrangements", "kpis", "organisations", "round_list")
REGION = ("ada", "ed")


def at(name: str, query: str = "") -> str:
    return reverse(name, args=(PLAN,)) + (f"?{query}" if query else "")


def shown(client, name: str, query: str = "") -> Page:
    return page_of(client.get(at(name, query)))


def rows(client, name: str, query: str = "") -> list[str]:
    return shown(client, name, query).rows()[1:]


def taken(client, name: str, query: str = "") -> list[list[str]]:
    response = client.get(at(name, f"{query}&format=csv"))
    assert response.status_code == 200, response.status_code
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(content, newline="")))


def book_of(client, name: str, query: str = ""):
    return load_workbook(BytesIO(client.get(at(name, f"{query}&format=xlsx")).content))


# ---------------------------------------------------------------- who may

MAY = {
    "answers": {"ada", "ed", "connie", "ali", "cora", "olga"},
    "figures": {"ada", "ed", "connie", "ali", "cora", "olga"},
    "round_list": {"ada", "ed", "connie", "ali", "cora", "olga"},
    "register": {"ada", "ed", "connie", "ali", "cora", "olga"},
    "arrangements": {"ada", "ed", "connie", "ali", "cora", "olga"},
    "kpis": set(ROLES),
    "organisations": set(ROLES),
}
TAKES = MAY | {name: {"ada", "ed"} for name in ("round_list", "register", "arrangements")}
"""permissions.csv: what is not released is for the secretariat, and for co-coordinators in their own focus area; what
is one's own, what is released and what is no figure is for everybody who sees it."""


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_for_whom_the_matrix_says_and_so_is_its_file(world, sign_in, name):
    for who in ROLES:
        client = sign_in(world.people[who])
        page = shown(client, name)
        assert (who, page.status) == (who, 200 if who in MAY[name] else 403)
        if who not in MAY[name]:
            continue
        assert (who, "Download" in page.main) == (who, who in TAKES[name] and len(page.rows()) > 1)
        for kind in ("csv", "xlsx"):
            expected = 200 if who in TAKES[name] else 403
            assert (who, kind, client.get(at(name, f"format={kind}")).status_code) == (who, kind, expected)


@pytest.mark.parametrize("name", LISTS)
def test_a_stranger_is_sent_to_sign_in(world, client, name):
    assert shown(client, name).status == 302


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", REGION)
def test_a_file_holds_the_rows_of_the_page_in_its_order_and_columns(world, sign_in, name, who):
    client = sign_in(world.people[who])
    header, *lines = taken(client, name)
    page = rows(client, name)
    assert len(lines) == len(page) > 0
    dated = name in ("register", "round_list")
    keys = [date.fromisoformat(line[0]).strftime("%d.%m.%y") if dated else line[0].split()[0] for line in lines]
    assert [row.split()[0] for row in page] == keys
    book = book_of(client, name)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == header
    assert sheet.max_row == len(lines) + 1
    kept = AuditEntry.objects.filter(action=AuditAction.EXPORTED).values_list("changes__rows", flat=True)
    assert set(map(tuple, kept)) == (set() if name == "organisations" else {(None, len(lines))})


@pytest.mark.parametrize("name", LISTS)
def test_it_takes_as_many_queries_for_few_as_for_many_and_is_only_read(world, sign_in, name):
    client = sign_in(world.people.ada)
    before = stored()
    counts = {35: queries_of(client, at(name))}
    assert stored() == before
    record(*(Event(f"MORE-{number}", date(2026, 8, 1), ["1.2.3(f)"], ["ROCB"], ["FJI"]) for number in range(35)))
    for other in ("CHN", "JPN", "KOR"):
        arrangement("FJI", other)
    counts["more"] = queries_of(client, at(name))
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = queries_of(client, at(name))
    assert (len(set(counts.values())), max(counts.values()) <= 12) == (1, True), counts


@pytest.mark.parametrize("name", LISTS)
def test_each_column_that_leads_to_an_order_gives_one(world, sign_in, name):
    client = sign_in(world.people.ada)
    every = ",".join(re.findall(r'name="columns" value="(\w+)"', shown(client, name).html))
    ways = set(re.findall(r"sort=(-?\w+)", shown(client, name, f"columns={every}").html))
    assert ways
    assert {way: shown(client, name, f"columns={every}&sort={way}").status for way in ways} == dict.fromkeys(ways, 200)


# ---------------------------------------------------------------- answers

DRAFT = "CANARY-draft-VUT"


def test_answers_are_the_newest_version_that_the_reader_may_see(world, sign_in):
    draft = store_draft(world.current, "FJI", "4.2.1(f)", plan_year=2027, value=Decimal(8), comment="CANARY-own-draft")
    seen = {who: shown(sign_in(world.people[who]), "answers", "round=all").html for who in sorted(MAY["answers"])}
    assert {who for who, html in seen.items() if DRAFT in html} == set()
    assert {who for who, html in seen.items() if draft.comment in html} == {"connie", "ali"}
    assert {who for who, html in seen.items() if "CANARY-new-WSM" in html} == {"ada", "ed", "cora"}
    assert {who for who, html in seen.items() if "CANARY-new-FJI" in html} == {"ada", "ed", "cora", "connie", "ali"}
    # Cora co-ordinates Focus Area 1 alone.
    assert "CANARY-figure-FJI" not in seen["cora"]
    assert "CANARY-figure-FJI" in seen["connie"]


def test_the_same_holds_for_files(world, sign_in):
    draft = store_draft(world.current, "FJI", "4.2.1(f)", plan_year=2027, value=Decimal(8), comment="CANARY-own-draft")
    for who in sorted(MAY["answers"]):
        text = str(taken(sign_in(world.people[who]), "answers", "round=all"))
        book = str([list(sheet.values) for sheet in book_of(sign_in(world.people[who]), "answers", "round=all")])
        assert (DRAFT in text, DRAFT in book) == (False, False)
        mine = who in ("connie", "ali")
        assert (draft.comment in text, draft.comment in book) == (mine, mine), who
        assert ("Samoa" in text, "Fiji" in text) == (who in ("ada", "ed", "cora"), who != "olga")


def test_answers_of_the_latest_round_stand_there_until_one_asks_for_others(world, sign_in):
    client = sign_in(world.people.ada)
    assert shown(client, "answers").heading == "1 answer in Interim 2"
    assert rows(client, "answers") == ["1.1.1(b) Japan – In place CANARY-late-JPN Interim 2 Accepted"]
    assert shown(client, "answers", f"round={world.interim.code}").heading == "18 answers in Interim 1"
    assert shown(client, "answers", "round=all").heading.endswith("answers in all rounds")
    assert "There is no round “x”" in shown(client, "answers", "round=x").main


def test_a_round_in_which_nothing_was_said_yet_is_not_the_first_that_one_sees(world, sign_in):
    """For each reader by what they see: a draft is one for its own organisation alone."""
    Answer.objects.filter(round=world.current).delete()
    store_draft(world.current, "FJI", STATUS, standing="in_place")
    for who, heading in {"ed": "18 answers in Interim 1", "connie": "1 answer in Interim 2"}.items():
        client = sign_in(world.people[who])
        assert shown(client, "answers").heading == heading
        assert shown(client, "answers", f"round={world.current.code}").heading.endswith("Interim 2")
    Answer.objects.filter(round=world.current).delete()
    assert shown(sign_in(world.people.connie), "answers").heading.endswith("Interim 1")


def test_the_states_that_are_offered_are_those_that_one_sees(world, sign_in):
    offered = {}
    for who in sorted(MAY["answers"]):
        html = shown(sign_in(world.people[who]), "answers").html
        options = re.search(r'<select[^>]*name="state">(.*?)</select>', html, re.S)[1]
        offered[who] = ">Draft<" in options
    assert offered == {"ada": False, "ed": False, "cora": False, "connie": True, "ali": True, "olga": True}


def test_answers_are_limited_sorted_and_said_in_full(world, sign_in):
    client = sign_in(world.people.ada)
    base = f"round={world.interim.code}"
    assert shown(client, "answers", f"{base}&state=submitted").heading == "2 of 18 answers in Interim 1"
    assert rows(client, "answers", f"{base}&state=submitted") == [
        "1.1.1(b) Tonga – In place CANARY-sent-TON Interim 1 Sent",
        "2.2.2(a).1 Japan 2026/27 Yes – Interim 1 Sent",
    ]
    assert [row.split()[0] for row in rows(client, "answers", f"{base}&area=4&sort=-kpi")] == [
        "4.2.1(f)", "4.2.1(f)", "4.2.1(f)", "4.2.1(a)", "4.1.1(a)", "4.1.1(a)",
    ]  # fmt: skip
    [header, line] = taken(client, "answers", f"{base}&q=4.2.1(a)&columns=plan_year,value,as_at,state,decided_at")
    assert header == ["KPI", "Organisation", "Plan year", "State", "As at", "Figure", "Decided (Asia/Hong_Kong)"]
    assert line[:6] == ["4.2.1(a)", "Fiji", "2026/27", "Accepted", "2027-06-30", "7777.5"]
    sheet = book_of(client, "answers", f"{base}&q=4.2.1(a)&columns=as_at,value").worksheets[0]
    day, value = sheet["C2"], sheet["D2"]
    assert (day.value.date(), day.is_date, value.value, value.data_type) == (date(2027, 6, 30), True, 7777.5, "n")


def test_a_version_that_was_replaced_stands_in_no_list_also_without_a_plan_year(world, sign_in):
    client = sign_in(world.people.ada)
    before = shown(client, "answers", "round=all").heading
    answer(world.interim, "AUS", STATUS, standing="planned", comment="CANARY-third-AUS")
    page = shown(client, "answers", f"round={world.interim.code}")
    assert (shown(client, "answers", "round=all").heading, "CANARY-new-AUS" in page.html) == (before, False)
    assert Answer.objects.filter(organisation__code="AUS", kpi__code=STATUS, round=world.interim).count() == 2
    assert "CANARY-third-AUS" in page.html


@pytest.mark.parametrize(
    ("state", "own", "others"),
    [
        ("accepted", "Draft", "Accepted"),
        ("returned", "Draft", "Returned"),
        ("submitted", "Sent", "Sent"),
    ],
)
def test_of_ones_own_answer_the_newest_version_stands_there_alone(world, sign_in, state, own, others):
    """A draft over what waits for a decision waits behind it, as in the return; one that says nothing is none."""
    brought(world, state, comment="TIGER sent.")
    query, clients = f"round={world.current.code}&q=TIGER", {who: sign_in(world.people[who]) for who in ("ali", "cora")}
    draft = store_draft(world.current, "FJI", STATUS, version=2)
    assert [row.rsplit(" ", 1)[1] for row in rows(clients["ali"], "answers", query)] == [others]
    Answer.objects.filter(pk=draft.pk).update(standing="in_place", comment="TIGER draft.")
    assert [row.rsplit(" ", 1)[1] for row in rows(clients["ali"], "answers", query)] == [own]
    assert [row.rsplit(" ", 1)[1] for row in rows(clients["cora"], "answers", query)] == [others]


def test_an_answer_on_a_kpi_that_left_the_plan_leads_nowhere(world, sign_in):
    client, address = sign_in(world.people.ed), reverse("answers", args=[PLAN])
    there = '/returns/JPN/kpis/1.1.1(b)/">1.1.1(b)</a>'
    assert there in client.get(f"{address}?round=all").content.decode()
    retire(world, "1.1.1(b)")
    html = client.get(f"{address}?round=all").content.decode()
    link = reverse("return_kpi", args=[PLAN, world.interim.code, "JPN", "1.1.1(b)"])
    assert link not in html
    assert client.get(link).status_code == 404
    assert ">1.1.1(b)</th>" in html or ">1.1.1(b)</td>" in html


def test_answers_belong_to_the_focus_area_in_which_their_kpi_stood_at_the_date_of_the_round(world, sign_in):
    """Specific Action 1.1.1 moves from Focus Area 1 to 4, and 4.1.1 the other way, after the Baseline."""
    answer(world.interim, "FJI", "4.2.1(f)", 2025, value=Decimal(3))
    for code, parent in (("1.1.1", "4.1"), ("4.1.1", "1.1")):
        amend(world, Kind.SPECIFIC_ACTION, code, parent=parent, position="99")
    clients = {who: sign_in(world.people[who]) for who in ("ada", "cora", "vera")}
    for collection, own in ((world.baseline, "cora"), (world.interim, "vera")):
        for code in (STATUS, STATUS_4):
            sees = own if code == STATUS else ({"cora", "vera"} - {own}).pop()
            query, area = f"round={collection.code}&q={code}", "1" if sees == "cora" else "4"
            for who, client in clients.items():
                many = len(rows(client, "answers", query))
                assert bool(many) is (who in (sees, "ada")), (collection, code, who)
                if who != "ada":
                    assert len(taken(client, "answers", query)) - 1 == many
                    review = reverse("review_kpi", args=(PLAN, collection.code, code))
                    assert client.get(review).status_code == (200 if many else 404)
                    found = client.get(at("search", f"q={code}&in=answers")).content.decode()
                    assert (f"/rounds/{collection.code}/returns/" in found) is bool(many)
            many = len(rows(clients["ada"], "answers", query))
            assert len(rows(clients["ada"], "answers", f"{query}&area={area}")) == many > 0
            assert not rows(clients["ada"], "answers", f"{query}&area={'14'.replace(area, '')}")


# ---------------------------------------------------------------- KPIs


def test_kpis_show_what_the_reader_may_see_of_figures(world, sign_in):
    page = shown(sign_in(world.people.ada), "kpis", "columns=value,target,percent,status")
    assert page.heading == "87 KPIs as at 30.06.27"
    assert page.row(STATUS).endswith(" 25 89.3 At risk 28")
    released = shown(sign_in(world.people.percy), "kpis", "columns=value,status")
    assert released.heading == "87 KPIs as at 30.06.26"
    assert released.row(STATUS).split()[1] == "25"


def test_a_percentage_has_one_decimal_also_where_it_is_nought(world, sign_in):
    client = sign_in(world.people.ada)
    cells = re.findall(r'data-l="(?:Per cent|Progress)">(.*?)<', shown(client, "kpis", "columns=percent,progress").html)
    assert {len(text.partition(".")[2]) for text in cells if text != "–"} == {1}
    assert any(text.endswith(".0") for text in cells)
    sheet = book_of(client, "kpis", "columns=target,percent").worksheets[0]
    formats = {
        (cell.column, cell.number_format) for row in sheet.iter_rows(min_row=2) for cell in row[-2:] if cell.value
    }
    assert formats == {(2, "0.0"), (3, "General")}


def test_the_status_of_a_kpi_is_the_badge_of_other_pages_and_words_in_files(world, sign_in):
    client = sign_in(world.people.ada)
    badge = r'<td class="s"><span class="st at_risk"><svg [^>]*><use href="[^"]*#at_risk"/></svg>At risk</span>'
    assert re.search(badge, shown(client, "kpis", "columns=status").html)
    line = next(each for each in taken(client, "kpis", "columns=status") if each[0] == STATUS)
    assert line[-1] == "At risk"


def test_a_reading_is_confirmed_where_somebody_confirmed_it_and_nowhere_else(world, sign_in):
    waiting, confirmed = Reading.objects.filter(decision_needed=True).order_by("pk")[:2]
    Reading.objects.filter(pk=confirmed.pk).update(confirmed_at=NOW, confirmed_by=world.people.ada, confirmed_why="So.")
    lines = {code: says for code, *_, says in taken(sign_in(world.people.ada), "kpis", "columns=reading")[1:]}
    assert (lines[waiting.kpi.code], lines[confirmed.kpi.code]) == ("Not confirmed", "Confirmed")
    assert sum(says == "Confirmed" for says in lines.values()) == 1
    assert lines[STATUS] == "No decision needed"


def test_a_co_coordinator_begins_with_the_own_kpis_and_sees_no_unreleased_figures_of_others(world, sign_in):
    cora = sign_in(world.people.cora)
    own = shown(cora, "kpis")
    assert own.heading == "32 of 87 KPIs as at 30.06.27"
    assert {row.split(".")[0] for row in own.rows()[1:]} == {"1"}
    assert re.search(r'<a href="\?area=all">.{50,80}Focus area: Focus Area 1 ', own.html)
    columns = "columns=value,percent,status,baseline,progress,expected,counted,pending,unanswered,not_applicable"
    every = taken(cora, "kpis", f"area=all&{columns}")[1:]
    assert len(every) == 87
    assert all(line[1:] == ["", "", "Not shown", *[""] * 7] for line in every if line[0][0] != "1")
    assert all(line[3] != "Not shown" for line in every if line[0][0] == "1")
    assert "not released yet are shown of Focus Area 1 alone" in shown(cora, "kpis", "area=all").main
    assert "alone" not in shown(sign_in(world.people.ada), "kpis").main
    assert shown(cora, "kpis", "area=all&sort=-status").status == 200
    released = shown(cora, "kpis", "release=1")
    assert (released.heading, "Not shown" in released.main) == ("87 KPIs as at 30.06.26", False)


def test_kpis_stand_in_the_order_of_the_plan_and_are_found(world, sign_in):
    client = sign_in(world.people.ada)
    codes = [row.split()[0] for row in rows(client, "kpis")]
    assert codes[:2] == ["1.1.1(a)", "1.1.1(b)"]
    assert [row.split()[0] for row in rows(client, "kpis", "sort=-code")] == codes[::-1]
    assert shown(client, "kpis", "area=4").heading.startswith(f"{sum(code[0] == '4' for code in codes)} of 87 KPIs")
    assert shown(client, "kpis", "area=9").heading == "87 KPIs as at 30.06.27"
    assert STATUS_4 in {row.split()[0] for row in rows(client, "kpis", "area=4")}


def test_a_file_of_released_figures_says_so(world, sign_in):
    client = sign_in(world.people.percy)
    about = book_of(client, "kpis").worksheets[1]
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said["Figures"] == "as at 30.06.26, accepted answers, release 1"
    assert not AuditEntry.objects.filter(action=AuditAction.EXPORTED).exists()  # what is released is for everybody
    live = sign_in(world.people.ada)
    taken(live, "kpis", "basis=reported")
    assert AuditEntry.objects.filter(action=AuditAction.EXPORTED).get().changes["rows"] == [None, 87]


# ---------------------------------------------------------------- arrangements


def test_when_an_arrangement_was_signed_is_a_day_in_files_where_it_is_known(world, sign_in):
    for other, signed in {"AUS": "2023-04-20", "KOR": "2021-12", "NZL": "2017", "TON": ""}.items():
        arrangement("FJI", other, signed=signed, in_force=None)
    client = sign_in(world.people.ada)
    query = "q=Fiji&columns=parties,signed&sort=-signed"
    assert [row.rsplit(" ", 1)[1] for row in rows(client, "arrangements", query)] == ["20.04.23", "12.21", "2017", "–"]
    assert [line[1] for line in taken(client, "arrangements", query)[1:]] == ["2023-04-20", "2021-12", "2017", ""]
    day, month, year, nothing = (book_of(client, "arrangements", query).worksheets[0][f"B{n}"] for n in range(2, 6))
    assert [(each.value, each.data_type, each.number_format) for each in (year, month)] == [
        ("2017", "s", "@"),
        ("2021-12", "s", "@"),
    ]
    assert (day.is_date, day.value.date(), day.number_format) == (True, date(2023, 4, 20), "dd.mm.yy")
    assert nothing.value is None


# ---------------------------------------------------------------- organisations, rounds


def test_organisations_are_what_they_are_on_the_day(world, sign_in):
    Membership.objects.filter(organisation__code="FJI").update(joined=date(1997, 7, 1), left=date(2027, 7, 1))
    Attribute.objects.create(organisation=org("FJI"), name="developed", since=date(2027, 1, 1))
    client = sign_in(world.people.ada)
    row = shown(client, "organisations", "as-at=2027-06-30").row("FJI")
    assert row.startswith("FJI Fiji Member administration Australasia/Oceania")
    assert "Developed" in row
    assert "01.07.1997 01.07.27" in row
    assert shown(client, "organisations", "as-at=2026-06-30").row("FJI").count("Developed") == 0
    assert "FJI" in str(rows(client, "organisations", "as-at=2027-06-30&member=yes"))
    assert "FJI" not in str(rows(client, "organisations", "as-at=2027-07-01&member=yes"))
    assert shown(client, "organisations", "kind=regional_entity").heading.startswith("4 of 39 organisations")
    assert [row[:3] for row in rows(client, "organisations", "sort=-code&member=yes")][:2] == ["WSM", "VUT"]


def test_how_many_people_is_for_who_may_list_them(world, sign_in):
    person("Fred", "member_contributor", org("FJI"))
    header, *lines = taken(sign_in(world.people.ada), "organisations", "q=Fiji")
    assert (header[-1], lines[0][-1]) == ("People", "3")
    page = shown(sign_in(world.people.connie), "organisations", "columns=people")
    assert ("People" in page.main, "There is no column “people”" in page.main) == (False, True)


@pytest.mark.parametrize("who", LIVE)
def test_rounds_say_who_was_asked_and_how_many_sent(world, sign_in, who):
    assert rows(sign_in(world.people[who]), "round_list", "columns=state,asked,answered") == [
        "31.12.27 Interim 2 Open 38 1",
        "30.06.27 Interim 1 Closed 38 10",
        "30.06.26 Baseline at 30.06.26 Closed 38 34",
    ]
