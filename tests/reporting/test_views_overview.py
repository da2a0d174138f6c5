"""The overview: where the region stands, for each reader what they may see."""

from datetime import UTC, date, datetime

import pytest

from reporting.achievement import Status
from reporting.inputs import Basis
from reporting.models import Job, Release, Round
from reporting.presentation import GOOD
from reporting.report import Report, build_report

from .looks import address, look, page_of, queries_of, stored
from .region import BASELINE, INTERIM, LIVE, OPEN, PLAN, ROLES, activity, enter, leave_only, on, standings
from .world import STATUS

RELEASED = ("connie", "ali", "olga", "percy")
"""Those who see released figures alone."""


def headline(report: Report, region: str = "The region") -> str:
    kpis = list(report.plan.kpis)
    good = sum(report.results[kpi.code].status in GOOD for kpi in kpis)
    return f"{region}: {good} of {len(kpis)} targets reached or on track as at {report.as_of:%d.%m.%y}"


def codes_linked(report: Report, html: str) -> list[str]:
    return [code for code in report.results if f"/kpis/{code}/" in html]


# ---------------------------------------------------------------- who sees what


def test_a_stranger_is_sent_to_sign_in_and_back(world, client):
    page = look(client, "overview", as_at="2027-06-30")
    assert page.status == 302
    assert page.location == f"/accounts/login/?next=/plans/{PLAN}/%3Fas-at%3D2027-06-30"


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert look(sign_in(world.people.nobody), "overview").status == 403


@pytest.mark.parametrize("name", LIVE)
def test_the_secretariat_sees_the_figures_of_the_latest_closed_round(world, sign_in, name):
    page = look(sign_in(world.people[name]), "overview")
    assert page.status == 200
    assert page.heading == headline(build_report(on(INTERIM)))
    assert page.foot.startswith("RSP Tracker · Figures as at 30.06.27, accepted answers")


@pytest.mark.parametrize("name", RELEASED)
def test_all_others_see_the_release(world, sign_in, name):
    page = look(sign_in(world.people[name]), "overview")
    assert page.status == 200
    assert page.heading == headline(build_report(on(BASELINE)))
    assert "Release 1: The Baseline" in page.main
    assert page.foot.startswith("RSP Tracker · Figures as at 30.06.26, release 1, accepted answers")


def test_a_co_coordinator_sees_their_own_focus_area_alone(world, sign_in):
    live = build_report(on(INTERIM))
    for name, area, other in (("cora", "1", "4"), ("vera", "4", "1")):
        page = look(sign_in(world.people[name]), "overview")
        assert page.heading == headline(live.limited_to([area]), f"Focus Area {area}")
        mine, theirs = (address("focus_area", each) for each in (area, other))
        assert f'href="{mine}"' in page.html
        assert f'href="{theirs}"' not in page.html


def test_a_co_coordinator_may_look_at_a_release_of_the_whole_region(world, sign_in):
    page = look(sign_in(world.people.cora), "overview", release=1)
    assert page.heading == headline(build_report(on(BASELINE)))


@pytest.mark.parametrize("asked", [{"as_at": "2027-06-30"}, {"as_at": "2027-06-30", "basis": "reported"}])
@pytest.mark.parametrize("name", RELEASED)
def test_what_is_not_released_is_not_there_for_others(world, sign_in, name, asked):
    page = look(sign_in(world.people[name]), "overview", **asked)
    assert page.status == 404
    assert page.heading == f"Figures as at 30.06.27 ({asked.get('basis', 'accepted')}) are not released"
    assert page.main.count("You see released figures. The releases are listed under Documents.") == 1


@pytest.mark.parametrize("name", RELEASED)
def test_before_the_first_release_a_plain_page_says_so(world, sign_in, name):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = look(sign_in(world.people[name]), "overview")
    assert (page.status, page.heading) == (200, "Nothing is released yet")


# ---------------------------------------------------------------- what is on it


def test_it_counts_the_kpis_of_each_focus_area_by_status(world, sign_in):
    report = build_report(on(INTERIM))
    page = look(sign_in(world.people.ada), "overview")
    for area in report.plan.focus_areas:
        found = report.statuses(area.kpis)
        reached = found.get(Status.REACHED, 0)
        numbers = [reached, *(found.get(each, 0) for each in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK))]
        nothing = found.get(Status.NO_DATA, 0)
        row = page.row(f"{area.code} {area.title}")
        total = sum(1 for _ in area.kpis)
        assert f" {total} {' '.join(map(str, numbers))} {nothing} " in f" {row} "
    all_reached = report.statuses(report.plan.kpis).get(Status.REACHED, 0)
    assert f"{all_reached} of 87 targets are reached" in page.main


def test_it_names_the_co_coordinators(world, sign_in):
    page = look(sign_in(world.people.ada), "overview")
    assert "Australia and Viet Nam" in page.row("4 ") or "Vietnam" in page.row("4 ")


def test_it_says_what_moved_and_what_slipped(world, sign_in):
    activity("CORRECTION", date(2026, 5, 1), ["2.2.1(a)"])  # before the plan: moves nothing
    report = build_report(on(INTERIM))
    page = look(sign_in(world.people.ada), "overview")
    moved = report.moved(report.plan.kpis)
    assert f"{len(moved)} KPIs have moved" in page.main
    section = page.html[page.html.index("moved since") : page.html.index("What ends soon")]
    assert codes_linked(report, section) == [each.kpi.code for each in moved]


def test_a_value_that_went_down_is_marked_as_a_slip(world, sign_in):
    round = Round.objects.get(code="interim-2027")
    enter(round, standings(STATUS, {"BGD": "planned", "BTN": "planned"}))
    row = look(sign_in(world.people.ada), "overview").row(STATUS)
    assert " 25 23 slip " in row


def test_nothing_moved_says_so(world, sign_in):
    page = look(sign_in(world.people.ada), "overview", as_at=BASELINE)
    assert "moved since" not in page.main  # there is no round before


def test_it_says_what_ends_soon_the_nearest_first(world, sign_in):
    main = look(sign_in(world.people.ada), "overview").main
    closing = "Interim 2 closes 31.01.28 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 16:00 your time (Asia/Hong_Kong)"
    ends = main[main.index("What ends soon") :]
    assert ends.index(closing) < ends.index("Plan year 2027/28 ends 30.06.28")
    assert "The deliverables are due 30.06.28" in ends
    assert "2026/27" not in ends.split("unconfirmed")[0]


def test_the_closing_moment_is_said_in_the_readers_own_time(world, sign_in):
    main = look(sign_in(world.people.connie), "overview").main
    assert "17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji)" in main


def test_it_says_how_many_members_have_answered(world, sign_in):
    main = look(sign_in(world.people.ada), "overview").main
    assert "1 of 35 Members have answered as at 31.12.27" in main
    assert "Interim 2" in main


def test_it_lists_the_readings_that_nobody_confirmed(world, sign_in):
    report = build_report(on(INTERIM))
    waiting = [kpi.code for kpi in report.plan.kpis if kpi.reading.unconfirmed]
    page = look(sign_in(world.people.ada), "overview")
    aside = page.html[page.html.index("unconfirmed") : page.html.index("</aside>")]
    assert f"{len(waiting)} readings unconfirmed" in page.main
    assert codes_linked(report, aside) == waiting


# ---------------------------------------------------------------- the address


def test_the_date_and_the_basis_stand_in_the_address_and_stay(world, sign_in):
    page = look(sign_in(world.people.ada), "overview", as_at="2026-12-31", basis="reported")
    assert page.heading == headline(build_report(on(date(2026, 12, 31), Basis.REPORTED)))
    assert page.foot.startswith("RSP Tracker · Figures as at 31.12.26, reported answers")
    assert f'href="{address("focus_area", "1")}?as-at=2026-12-31&amp;basis=reported"' in page.html


def test_a_date_may_be_written_as_the_plan_does(world, sign_in):
    client = sign_in(world.people.ada)
    assert look(client, "overview", as_at="31.12.26").main == look(client, "overview", as_at="2026-12-31").main


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"as_at": "2027-02-30"}, "2027-02-30 is not a date"),
        ({"as_at": "soon"}, "soon is not a date"),
        ({"as_at": "2027-06-30T00:00"}, "2027-06-30T00:00 is not a date"),
        ({"as_at": "%00"}, "This address does not exist"),
        ({"as_at": "0001-01-01"}, "0001-01-01 is not a date"),
        ({"as_at": "9999-12-31"}, "9999-12-31 is not a date"),
        ({"basis": "guessed"}, "There is no basis guessed"),
        ({"release": "99"}, "There is no release 99"),
        ({"release": "-1"}, "There is no release -1"),
        ({"release": "0"}, "There is no release 0"),
        ({"release": "one"}, "There is no release one"),
        ({"release": "9" * 30}, "There is no release " + "9" * 30),
    ],
)
@pytest.mark.parametrize("name", ["ada", "percy"])
def test_what_does_not_exist_gets_a_plain_page(world, sign_in, name, asked, sentence):
    page = look(sign_in(world.people[name]), "overview", **asked)
    assert page.status == 404
    assert sentence in page.heading


def test_what_somebody_wrote_into_the_address_is_not_markup(world, sign_in):
    page = look(sign_in(world.people.ada), "overview", as_at="<b>x</b>")
    assert page.status == 404
    assert "<b>x</b>" not in page.html


def test_a_plan_that_does_not_exist_or_is_not_published_gets_a_plain_page(world, sign_in):
    client = sign_in(world.people.ada)
    page = page_of(client.get("/plans/rsp-1999/"))
    assert (page.status, page.heading) == (404, "There is no plan rsp-1999")
    world.plan.__class__.objects.update(published=False)
    assert page_of(client.get(address("overview"))).heading == f"There is no plan {PLAN}"


@pytest.mark.parametrize("day", ["1990-01-01", "2026-07-01", "2028-06-30", "2029-01-01", "2100-12-31"])
def test_any_date_has_a_page(world, sign_in, day):
    page = look(sign_in(world.people.ada), "overview", as_at=day)
    assert page.status == 200
    wanted = date.fromisoformat(day)
    assert page.heading == headline(build_report(on(wanted)))


# ---------------------------------------------------------------- provisional


def test_a_date_after_the_latest_closed_round_is_provisional_and_says_how_many_have_answered(world, sign_in):
    report = build_report(on(OPEN))
    main = look(sign_in(world.people.ada), "overview", as_at=OPEN).main
    assert main.startswith("Provisional.")
    returns = report.returns
    assert f"{returns.answering} of {len(returns.asked)} asked have answered" in main
    assert "It closes on 31.01.28, 17:00 (Asia/Tokyo)" in main
    assert "Interim 2 has not closed" in main


def test_a_date_that_has_closed_is_not_provisional(world, sign_in):
    for day in (BASELINE, INTERIM, date(2027, 1, 1)):
        assert "Provisional" not in look(sign_in(world.people.ada), "overview", as_at=day).main


def test_a_provisional_page_says_nothing_wrong_of_a_round_that_has_closed(world, sign_in):
    """Where no round is open, none can be said not to have closed."""
    Round.objects.filter(code="interim-2028").update(opened_at=None)
    main = look(sign_in(world.people.ada), "overview", as_at=OPEN).main
    assert main.startswith("Provisional.")
    assert "Interim 1, as at 31.12.27, has not closed" not in main


def test_a_provisional_page_names_the_round_by_its_own_date(world, sign_in):
    main = look(sign_in(world.people.ada), "overview", as_at="2028-02-15").main
    assert main.startswith("Provisional.")
    assert "Interim 2, as at 15.02.28" not in main


# ---------------------------------------------------------------- demonstration, method, queries


def test_demonstration_data_are_marked(world, sign_in):
    client = sign_in(world.people.percy)
    assert "Demonstration data: invented" not in look(client, "overview").words
    Round.objects.filter(code="baseline-2026").update(code="demo-baseline")
    assert "Demonstration data: invented" in look(client, "overview").words
    assert "Demonstration data: invented" in look(client, "overview", as_at="nonsense").words


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(world, sign_in, method):
    client = sign_in(world.people.ada)
    before = stored()
    response = getattr(client, method)(address("overview"), {"as-at": "2027-06-30"})
    assert response.status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", ROLES)
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, sign_in, name):
    client = sign_in(world.people[name])
    paths = [address("overview"), address("overview", release=1)]
    paths += [address("overview", as_at=OPEN)] if name in (*LIVE, "cora") else []
    counts = {35: [queries_of(client, path) for path in paths]}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = [queries_of(client, path) for path in paths]
    assert counts[1] == counts[3] == counts[35]
    assert max(counts[35]) <= 12


def test_it_takes_no_more_with_many_rounds_and_activities(world, sign_in):
    client = sign_in(world.people.ada)
    before = queries_of(client, address("overview"))
    for number in range(4):
        opened = datetime(2027, 7, 2 + number, tzinfo=UTC)
        Round.objects.create(
            plan=world.plan, code=f"more-{number}", title="More", as_at=INTERIM, opened_at=opened, closed_at=opened
        )
        activity(f"MORE-{number}", date(2026, 10, 1), ["2.2.2(a).1", "2.1.1(a).2"], participants=["FJI", "JPN"])
    assert queries_of(client, address("overview")) == before
