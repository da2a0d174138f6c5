"""A focus area's page: the work plan's table with its figures."""

from datetime import date

import pytest

from reporting.inputs import Basis
from reporting.models import Job, Release, Round
from reporting.report import build_report
from workplan.models import Reading, Theme, Wording

from .looks import address, look, queries_of, stored
from .region import BASELINE, INTERIM, LIVE, NOW, OPEN, ROLES, leave_only, on
from .world import STATUS

RELEASED = ("connie", "ali", "olga", "percy")
AREAS = ("1", "2", "3", "4")


def codes_on(page) -> list[str]:
    """The KPIs of the table, as they stand in it."""
    report = build_report(on(INTERIM))
    starts = [row.split()[0] for row in page.rows() if row]
    return [start for start in starts if start in report.results]


# ---------------------------------------------------------------- who sees what


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "focus_area", "1")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert look(sign_in(world.people.nobody), "focus_area", "1").status == 403


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("area", ["1", "4"])
def test_each_reader_sees_the_figures_that_are_theirs_and_is_told_which(world, sign_in, name, area):
    live = name in LIVE or (name, area) == ("cora", "1")
    page = look(sign_in(world.people[name]), "focus_area", area)
    assert page.status == 200
    assert page.heading.endswith("as at 30.06.27" if live else "as at 30.06.26")
    told = "Figures as at 30.06.27, accepted" if live else "Figures as at 30.06.26, release 1, accepted"
    assert page.foot.startswith(f"RSP Tracker · {told} answers")


@pytest.mark.parametrize("name", [*RELEASED, "cora"])
def test_what_is_not_released_is_not_there_for_others(world, sign_in, name):
    page = look(sign_in(world.people[name]), "focus_area", "4", as_at="2027-06-30")
    assert (page.status, page.heading) == (404, "Figures as at 30.06.27 (accepted) are not released")


@pytest.mark.parametrize("name", [*RELEASED, "vera"])
def test_before_the_first_release_a_plain_page_says_so(world, sign_in, name):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = look(sign_in(world.people[name]), "focus_area", "1")
    assert (page.status, page.heading) == (200, "Nothing is released yet")


def test_a_kept_page_of_one_co_coordinator_is_not_the_others(world, sign_in):
    cora, vera = sign_in(world.people.cora), sign_in(world.people.vera)
    dates = [look(client, "focus_area", area).heading[-8:] for area in ("1", "4") for client in (cora, vera, cora)]
    assert dates == ["30.06.27", "30.06.26", "30.06.27", "30.06.26", "30.06.27", "30.06.26"]


# ---------------------------------------------------------------- what is on it


@pytest.mark.parametrize("area", AREAS)
def test_every_kpi_of_it_stands_there_once_in_the_plans_order_with_its_figures(world, sign_in, area):
    report = build_report(on(INTERIM))
    page = look(sign_in(world.people.ada), "focus_area", area)
    [mine] = [each for each in report.plan.focus_areas if each.code == area]
    assert codes_on(page) == [kpi.code for kpi in mine.kpis]
    for objective in mine.objectives:
        assert f"{objective.code} {objective.title}" in page.main
        for action in objective.actions:
            assert f"{action.code} {action.title}" in page.main


def test_a_row_holds_baseline_value_target_percent_and_status(world, sign_in):
    row = look(sign_in(world.people.ada), "focus_area", "1").row(STATUS)
    assert "Develop a National Risk Management Database" in row
    assert " Members 25 25 28 89.3 " in row
    assert row.endswith("At risk")


def test_a_kpi_of_each_year_says_so_and_how_many_years_were_met(world, sign_in):
    row = look(sign_in(world.people.ada), "focus_area", "2").row("2.1.1(a).2")
    assert " 36 40 a year 90.0 " in row
    assert "years met: 0 of 1" in row
    assert row.endswith("Off track")


def test_no_value_is_a_dash_and_no_data(world, sign_in):
    row = look(sign_in(world.people.ada), "focus_area", "2").row("2.2.1(a)")
    assert " – – 3 a year – " in row
    assert row.endswith("No data")


def test_an_unconfirmed_reading_says_so(world, sign_in):
    page = look(sign_in(world.people.ada), "focus_area", "1")
    waiting = set(
        Reading.objects.filter(decision_needed=True, kpi__code__startswith="1.").values_list("kpi__code", flat=True)
    )
    assert {row.split()[0] for row in page.rows() if "reading unconfirmed" in row} == waiting


def test_themes_stand_above_their_milestones(world, sign_in):
    rows = look(sign_in(world.people.ada), "focus_area", "1").rows()
    themes = [row for row in rows if row.split(".")[0].isdigit() and row.split(". ")[0].isdigit()]
    numbers = [int(row.split(".")[0]) for row in themes]
    assert numbers == [theme.position for theme in Theme.objects.order_by("position") if has_words(theme)]


def has_words(theme: Theme) -> bool:
    return Wording.objects.get(theme=theme).text != ""


# ---------------------------------------------------------------- the filter by status


def test_the_filter_by_status_stands_in_the_address(world, sign_in):
    report = build_report(on(INTERIM))
    client = sign_in(world.people.ada)
    [area] = [each for each in report.plan.focus_areas if each.code == "2"]
    found = {}
    for status in report.statuses(area.kpis):
        page = look(client, "focus_area", "2", status=status.value)
        found[status] = codes_on(page)
        assert page.heading == look(client, "focus_area", "2").heading
    assert found == {
        status: [kpi.code for kpi in area.kpis if report.results[kpi.code].status == status]
        for status in report.statuses(area.kpis)
    }


def test_the_filter_keeps_the_date_and_links_do(world, sign_in):
    page = look(sign_in(world.people.ada), "focus_area", "2", as_at="2026-12-31", status="no_data")
    assert page.heading.endswith("as at 31.12.26")
    assert "?as-at=2026-12-31" in page.html
    assert "status=no_data" in page.html


# ---------------------------------------------------------------- the address


@pytest.mark.parametrize("name", ["ada", "cora", "percy"])
@pytest.mark.parametrize("code", ["5", "1.1", "x", "%00"])
def test_a_focus_area_that_does_not_exist_gets_a_plain_page(world, sign_in, name, code):
    page = look(sign_in(world.people[name]), "focus_area", code)
    assert (page.status, "You can go to" in page.main) == (404, True)


@pytest.mark.parametrize(
    "asked", [{"as_at": "2027-02-29"}, {"basis": "x"}, {"release": "7"}, {"status": "wonderful"}, {"status": "%00"}]
)
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.ada), "focus_area", "1", **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_a_provisional_date_says_so(world, sign_in):
    assert look(sign_in(world.people.cora), "focus_area", "1", as_at=OPEN).main.startswith("Provisional.")


def test_the_basis_makes_a_difference(world, sign_in):
    client = sign_in(world.people.ada)
    rows = [look(client, "focus_area", "1", basis=basis.value).row(STATUS) for basis in Basis]
    assert " 25 25 28 89.3 " in rows[0]
    assert " 25 26 28 92.9 " in rows[1]


def test_demonstration_data_are_marked(world, sign_in):
    Round.objects.filter(code="baseline-2026").update(code="demo-baseline")
    assert "Demonstration data: invented" in look(sign_in(world.people.connie), "focus_area", "1").words


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(world, sign_in, method):
    client = sign_in(world.people.ada)
    before = stored()
    response = getattr(client, method)(address("focus_area", "1"))
    assert response.status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", ROLES)
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, sign_in, name):
    client = sign_in(world.people[name])
    paths = [address("focus_area", area) for area in ("1", "4")]
    counts = {35: [queries_of(client, path) for path in paths]}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = [queries_of(client, path) for path in paths]
    assert counts[1] == counts[3] == counts[35]
    assert max(counts[35]) <= 12
    assert date(2026, 6, 30) == BASELINE < NOW.date()
