"""A Member's page: its standing on every KPI, beside the released region."""

import re
from datetime import date

import pytest

from members.models import Membership, Organisation
from reporting.explanation import STATES
from reporting.models import Job, Release
from reporting.report import explained_report, member_standpoints
from workplan.choices import NAMES_MEMBERS

from .looks import address, look, queries_of, stored
from .region import BASELINE, INTERIM, LIVE, ROLES, leave_only, new_reading, on
from .world import STATUS, STATUS_4


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "member", "FJI")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize(
    ("name", "fiji", "japan"),
    [
        ("ada", 200, 200),
        ("ed", 200, 200),
        ("connie", 200, 404),
        ("ali", 200, 404),
        ("cora", 200, 200),
        ("olga", 404, 404),
        ("percy", 403, 403),
        ("nobody", 403, 403),
    ],
)
def test_who_may_see_which_member(world, sign_in, name, fiji, japan):
    client = sign_in(world.people[name])
    assert (look(client, "member", "FJI").status, look(client, "member", "JPN").status) == (fiji, japan)


def test_a_member_that_one_may_not_see_is_like_one_that_does_not_exist(world, sign_in):
    client = sign_in(world.people.connie)
    hidden, nothing = look(client, "member", "JPN"), look(client, "member", "XYZ")
    assert hidden.status == nothing.status == 404
    assert "Japan" not in hidden.main


def test_a_co_coordinator_sees_members_in_their_own_focus_area_alone(world, sign_in):
    for name, own, other in (("cora", STATUS, STATUS_4), ("vera", STATUS_4, STATUS)):
        page = look(sign_in(world.people[name]), "member", "FJI")
        starts = [row.split()[0] for row in page.rows() if row]
        assert (own in starts, other in starts) == (True, False)


@pytest.mark.parametrize(("name", "area"), [("cora", 1), ("vera", 4)])
def test_it_says_of_which_focus_area_the_kpis_are_that_it_counts(world, sign_in, name, area):
    page = look(sign_in(world.people[name]), "member", "FJI")
    found = re.match(rf"Fiji counts for (\d+) of the (\d+) KPIs of Focus Area {area} that ask it, as at", page.heading)
    said = re.findall(r"Focus Area (\d): .*? Counts for (\d+) of (\d+)\.", page.main)
    assert found
    assert said == [(str(area), *found.groups())]


def test_what_a_member_said_is_for_those_who_see_it(world, sign_in):
    seen = {name: look(sign_in(world.people[name]), "member", "FJI").main for name in ROLES}
    said = "A slip: it said in place as at 30.06.26."
    assert {name: said in main for name, main in seen.items()} == {
        "ada": True, "ed": True, "connie": True, "ali": True, "cora": True, "olga": False, "percy": False
    }  # fmt: skip


# ---------------------------------------------------------------- what is on it


def test_it_stands_where_the_figures_say(world, sign_in):
    """Every line is that of the whole region's explanation."""
    whole = explained_report(on(INTERIM))
    for code in ("FJI", "TON", "TLS", "WSM"):
        wanted = {
            kpi.code: line
            for kpi in whole.plan.kpis
            if kpi.reading.measure in NAMES_MEMBERS
            for line in whole.explanations[kpi.code].lines
            if line.subject == code and line.state in STATES and line.state != "left_out" and line.kind == "member"
        }
        _, found = member_standpoints(on(INTERIM), code)
        assert {kpi: standpoint.line for kpi, standpoint in found.items()} == wanted


def test_it_counts_how_it_stands_and_says_what_it_said(world, sign_in):
    page = look(sign_in(world.people.connie), "member", "FJI")
    _, found = member_standpoints(on(INTERIM), "FJI")
    counted = sum(each.line.state == "counted" for each in found.values())
    assert page.heading == f"Fiji counts for {counted} of the {len(found)} KPIs that ask it, as at 30.06.27"
    row = page.row(STATUS)
    assert "Planned A slip: it said in place as at 30.06.26." in row
    assert "Answered, does not count" in row
    assert re.search(r"In place .*Counts", page.row(STATUS_4))
    assert len([row for row in page.rows() if row.split()[0].count(".") >= 2 and "(" in row.split()[0]]) >= 85


def test_the_region_beside_it_is_the_released_one(world, sign_in):
    for name in ("ada", "connie"):
        page = look(sign_in(world.people[name]), "member", "FJI")
        row = page.row(STATUS)
        assert "25 28" in row
        assert "as released, as at 30.06.26" in page.main


def test_a_live_figure_of_the_region_is_not_beside_it(world, sign_in):
    row = look(sign_in(world.people.connie), "member", "FJI").row("2.2.2(a).1")
    assert "2026/27: Yes" in row
    assert " 4 19 " not in row
    assert "7777" not in look(sign_in(world.people.connie), "member", "FJI").html


def test_without_a_release_the_region_is_not_there(world, sign_in):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = look(sign_in(world.people.connie), "member", "FJI")
    assert "Nothing of the region is released yet" in page.main
    assert "not released" in page.row(STATUS)


def test_its_own_people_see_it_as_at_any_date(world, sign_in):
    client = sign_in(world.people.connie)
    assert re.search(r"In place .*Counts", look(client, "member", "FJI", as_at=BASELINE).row(STATUS))
    assert look(client, "member", "FJI", as_at="2026-12-31").heading.endswith("as at 31.12.26")


def test_a_figure_of_another_source_is_asked_again(world, sign_in):
    change = {"source": "participation", "measure": "members", "period": "plan", "counts_from": "", "part": "any"}
    new_reading(STATUS, date(2027, 1, 1), **change)
    assert "No answer" in look(sign_in(world.people.connie), "member", "FJI").row(STATUS)


# ---------------------------------------------------------------- the address


@pytest.mark.parametrize("code", ["XYZ", "fji", "ROCB", "APVC", "%00", "<b>"])
@pytest.mark.parametrize("name", ["ada", "connie"])
def test_what_is_no_member_gets_a_plain_page(world, sign_in, name, code):
    page = look(sign_in(world.people[name]), "member", code)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_a_member_that_has_left_has_its_page_as_at_its_time(world, sign_in):
    Membership.objects.filter(organisation__code="TON").update(left=date(2027, 1, 1))
    client = sign_in(world.people.ada)
    assert look(client, "member", "TON", as_at="2026-12-31").status == 200
    page = look(client, "member", "TON", as_at="2027-01-01")
    assert (page.status, page.heading) == (404, "Tonga is not a Member as at 01.01.27")


@pytest.mark.parametrize("asked", [{"as_at": "x"}, {"basis": "x"}, {"release": "x"}])
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    assert look(sign_in(world.people.connie), "member", "FJI", **asked).status == 404


def test_the_way_to_the_next_member_leads_to_those_that_one_may_see(world, sign_in):
    page = look(sign_in(world.people.connie), "member", "FJI")
    others = [code for code in Organisation.objects.values_list("code", flat=True) if f"/members/{code}/" in page.html]
    assert others in ([], ["FJI"])


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(world, sign_in, method):
    client = sign_in(world.people.ada)
    before = stored()
    response = getattr(client, method)(address("member", "FJI"))
    assert response.status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", [*LIVE, "connie", "ali", "cora", "olga"])
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, sign_in, name):
    client = sign_in(world.people[name])
    counts = {35: queries_of(client, address("member", "FJI"))}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = queries_of(client, address("member", "FJI"))
    assert counts[1] == counts[3] == counts[35] <= 12
