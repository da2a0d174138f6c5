"""The register: what happened, and which arrangements there are."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.urls import reverse

from reporting.actions import decide
from reporting.choices import Audience, Decision
from reporting.models import Activity, ActivityVersion, Arrangement
from workplan.choices import Kind

from .amending import amend, retire
from .looks import address, look, page_of, queries_of, stored, words
from .region import LIVE, NOW, PLAN, Event, answer, arrangement, leave_only, record

READERS = (*LIVE, "connie", "ali", "cora", "olga")


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "register")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("name", ["percy", "nobody"])
def test_it_is_not_for_observers(world, sign_in, name):
    assert look(sign_in(world.people[name]), "register").status == 403


@pytest.mark.parametrize("name", READERS)
def test_everybody_else_reads_all_of_it(world, sign_in, name):
    Activity.objects.update(audience=Audience.EVERYBODY)
    page = look(sign_in(world.people[name]), "register")
    assert page.heading == "The register holds 13 activities"
    assert page.row("10.11.26") == "10.11.26 OP-DRAGON Operation RILO 4 2.2.2(a).1 Held, confirmed"
    assert page.row("30.09.26").endswith("RILO 1 2.1.1(a).2 × 12 Held, confirmed")
    assert page.row("01.05.27").endswith("Planned, not decided yet")


def test_the_latest_activity_stands_first(world, sign_in):
    rows = [row for row in look(sign_in(world.people.ada), "register").rows() if row[:2].isdigit() and row[2] == "."]
    days = [date(2000 + int(row[6:8]), int(row[3:5]), int(row[:2])) for row in rows]
    assert days == sorted(days, reverse=True)
    assert len(days) == 13


def test_arrangements_say_when_they_are_in_force_and_that_one_without_does_not_count(world, sign_in):
    page = page_of(sign_in(world.people.ada).get(reverse("arrangements", args=(PLAN,))))
    assert page.row("Japan - New Zealand") == "Japan - New Zealand 01.20 01.05.20 – – – Confirmed Neither side"
    assert "no date: only signed" in page.row("Japan - Korea")
    assert "01.01.26" in page.main


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("counted", {"Japan - New Zealand", "Australia - Fiji"}),
        ("ended", {"China - Singapore", "India - Japan"}),
        ("no-date", {"Japan - Korea"}),
        ("undecided", {"Australia - New Zealand"}),
    ],
)
def test_arrangements_are_in_force_or_ended_as_they_are_counted_on_the_day(world, sign_in, state, shown):
    """It is the 10.01.28. Today's dates count; what begins or ends tomorrow does not yet, what is contested not at
    all."""
    today, tomorrow, before = date(2028, 1, 10), date(2028, 1, 11), date(2020, 1, 1)
    arrangement("AUS", "FJI", in_force=today, ended=tomorrow)
    arrangement("IND", "JPN", in_force=before, ended=today)
    arrangement("IND", "FJI", in_force=tomorrow)
    Arrangement.objects.filter(pk=arrangement("NZL", "FJI", in_force=before).pk).update(contested=True)
    page = page_of(sign_in(world.people.ada).get(reverse("arrangements", args=(PLAN,)) + f"?state={state}"))
    names = {words(name) for name in re.findall(r'<th[^>]*scope="row"[^>]*>(.*?)</th>', page.html, re.S)}
    assert names == shown


def test_a_changed_activity_stands_there_once(world, sign_in):
    changed = Event("OP-DRAGON", date(2026, 11, 11), ["2.2.2(a).1"], ["RILO"], says={"kind": "operation"})
    record(changed, accept=False)
    page = look(sign_in(world.people.ada), "register")
    assert page.heading == "The register holds 13 activities"
    assert ActivityVersion.objects.filter(activity__reference="OP-DRAGON").count() == 2


@pytest.mark.parametrize(
    "query",
    ["page=2", "page=999", "page=-1", "page=x", "per_page=0", "per_page=-5", "per_page=x", "sort=nothing", "sort=-kind",
     "a-page=7", "a-sort=signed", "sort=day&sort=title"],
)  # fmt: skip
def test_odd_pages_and_orders_are_answered(world, sign_in, query):
    response = sign_in(world.people.ada).get(address("register") + f"?{query}")
    assert response.status_code in (200, 404)


@pytest.mark.parametrize("asked", [{"as_at": "x"}, {"basis": "x"}, {"release": "x"}])
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.ada), "register", **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_it_is_only_read(world, sign_in):
    client = sign_in(world.people.ada)
    before = stored()
    assert client.post(address("register")).status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", READERS)
def test_it_takes_at_most_12_queries_however_much_there_is(world, sign_in, name):
    client = sign_in(world.people[name])
    counts = {35: queries_of(client, address("register"))}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = queries_of(client, address("register"))
    record(*(Event(f"MORE-{number}", date(2026, 8, 1), ["1.2.3(f)"], ["ROCB"], ["FJI"]) for number in range(35)))
    for other in ("CHN", "JPN", "KOR"):
        arrangement("FJI", other)
    counts["more"] = queries_of(client, address("register"))
    assert counts[1] == counts[3] == counts[35] == counts["more"] <= 12


def test_what_was_not_confirmed_can_still_be_found(world, sign_in):
    tiger = ActivityVersion.objects.get(activity__reference="OP-TIGER")
    decide(tiger, to=Decision.REFUSED, by=world.people.ed, now=NOW, reason="It was another one.")
    client = sign_in(world.people.connie)
    assert "OP-TIGER" not in look(client, "register").main
    found = look(client, "register", state="refused")
    assert found.heading == "1 activity that was not confirmed"
    assert found.row("10.02.27 OP-TIGER").endswith("Held, refused")


def test_a_figure_that_was_corrected_stands_once(world, sign_in):
    path = reverse("figures", args=(PLAN,))
    before = page_of(sign_in(world.people.ed).get(path)).main.count("7,777.5")
    answer(world.interim, "FJI", "4.2.1(a)", 2026, value=Decimal("8888"))
    after = page_of(sign_in(world.people.ed).get(path)).main
    assert (before, after.count("7,777.5"), after.count("8,888")) == (1, 0, 1)


# ---------------------------------------------------------------- what it is limited to


@pytest.fixture
def three(world):
    """Beside what the world has; nothing of that is of 2027 from September on."""
    fish = {"title": "Fish and chips", "kind": "workshop"}
    record(
        Event("A-1", date(2027, 9, 1), ["2.2.3(a)", "1.2.3(f)"], ["ROCB"], ["FJI"], says=fish),
        Event("A-2", date(2027, 10, 1), ["2.2.3(a)"], ["FJI"], ["NZL"], says={"title": "Chips"}),
    )
    planned = Event("A-3", date(2028, 9, 1), ["4.2.1(a)"], ["NZL"], says={"title": "Later", "status": "planned"})
    record(planned, accept=False)
    return world


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kpi=2.2.3(a)", {"A-1", "A-2"}),
        ("kpi=2.2.3", {"A-1", "A-2"}),
        ("kpi=2.2.3(A)", {"A-1", "A-2"}),
        ("kpi=1.2.3(f)", {"A-1"}),
        ("area=4", {"A-3"}),
        ("area=1", {"A-1"}),
        ("area=2", {"A-1", "A-2"}),
        ("organisation=FJI", {"A-1", "A-2"}),
        ("organisation=NZL", {"A-2", "A-3"}),
        ("from=01.10.27", {"A-2", "A-3"}),
        ("to=01.10.27", {"A-1", "A-2"}),
        ("from=2027-10-01&to=01.10.2027", {"A-2"}),
        ("status=planned", {"A-3"}),
        ("status=held", {"A-1", "A-2"}),
        ("status=cancelled", set()),
        ("state=undecided", {"A-3"}),
        ("state=confirmed", {"A-1", "A-2"}),
        ("state=contested", set()),
        ("q=fiji", {"A-2"}),
        ("q=FJI", {"A-2"}),
        ("q=new+zealand", {"A-3"}),
        ("q=2.2.3", {"A-1", "A-2"}),
        ("q=2.2.3(a)+fiji", {"A-2"}),
        ("q=a-3", {"A-3"}),
        ("q=chips+fish", {"A-1"}),
        ("q=chips+rocb&organisation=FJI&kpi=1", {"A-1"}),
    ],
)
def test_it_is_limited_by_what_its_columns_show(three, sign_in, query, found):
    client = sign_in(three.people.ada)
    shown = client.get(f"{address('register')}?{query}&columns=reference").context["listing"]
    assert (shown.misunderstood, {each.activity.reference for each in shown.page} & {"A-1", "A-2", "A-3"}) == (
        [],
        found,
    )


@pytest.mark.parametrize("code", ["9.9", "2.2.3(", "2.2.3(a", "2", "2.", "x", "2.2.3(a)x"])
def test_a_kpi_is_one_of_the_plan_or_how_several_begin(three, sign_in, code):
    page = look(sign_in(three.people.ada), "register", kpi=code)
    unknown = f"There is no KPI “{code}”, so the list is not limited by it."
    assert (page.status, unknown in page.main) == (200, code not in ("2", "2.", "2.2.3(", "2.2.3(a"))


def test_a_kpi_that_moved_or_left_is_found_in_the_focus_area_where_it_stood_last(three, sign_in):
    amend(three, Kind.SPECIFIC_ACTION, "1.2.3", parent="4.1", position="99")
    retire(three, "2.2.3(a)")
    client = sign_in(three.people.ada)

    def found(query: str) -> set[str]:
        shown = client.get(f"{address('register')}?{query}").context["listing"]
        return {each.activity.reference for each in shown.page} & {"A-1", "A-2"}

    assert found("area=1") == set()
    assert found("area=4") == {"A-1"}
    assert found("area=2") == found("kpi=2.2.3(a)") == {"A-1", "A-2"}


def test_rare_limits_stand_behind_more_limits_which_is_open_while_one_of_them_is_used(three, sign_in):
    client = sign_in(three.people.ada)
    for query, opened in {"": "", "?q=chips": "", "?status=held": " open", "?kpi=2.2.3": " open", "?kpi=9": ""}.items():
        html = client.get(address("register") + query).content.decode()
        assert f"<details{opened}><summary>More limits</summary>" in html, query
    part = html.partition("<summary>More limits</summary>")[2].partition("</details>")[0]
    names = re.findall(r'name="(\w+)"', part)
    assert names == ["kpi", "area", "organisation", "status", "evidence", "from", "to"]
    assert "More limits" not in client.get(reverse("arrangements", args=(PLAN,))).content.decode()


def test_limits_take_at_most_12_queries(three, sign_in):
    query = "q=fiji+2.2&kpi=2.2.3&area=2&organisation=FJI&status=held&state=confirmed&from=01.01.27&to=31.12.27"
    path = f"{address('register')}?{query}"
    client = sign_in(three.people.connie)
    assert client.get(path).context["listing"].title.startswith("1 of ")
    caches["pages"].clear()
    assert queries_of(client, path) <= 12
