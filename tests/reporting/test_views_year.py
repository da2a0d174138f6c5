"""An organisation's own year in the register."""

from datetime import date

import pytest
from django.urls import reverse

from reporting.actions.statements import state_part
from reporting.choices import Audience, StatementKind
from reporting.models import Activity
from reporting.year import MOST

from .looks import Page, look, page_of, queries_of
from .region import NOW, PLAN, Event, activity, org, record

CHIPS = "2.2.3(a)"


def path(code: str = "FJI", **asked: object) -> str:
    return reverse("register_year", args=[PLAN, code]) + "?" + "&".join(f"{k}={v}" for k, v in asked.items())


def seen(client, code: str = "FJI", **asked: object) -> Page:
    return page_of(client.get(path(code, **asked)))


@pytest.fixture
def year(world):
    """What there is of Fiji in 2027/28 and nowhere else."""
    Activity.objects.all().update(audience=Audience.INVOLVED)
    record(
        Event("Y-1", date(2027, 9, 1), [CHIPS], participants={"FJI": (10, 4), "NZL": (50, 50)}, says={"title": "One"}),
        Event("Y-2", date(2027, 10, 1), [CHIPS], organisers=["FJI"], participants={"FJI": (5, 5)}, says={"title": "B"}),
        Event("Y-3", date(2027, 11, 1), [CHIPS], participants=["FJI"], says={"title": "Three"}),
        Event("Y-4", date(2027, 12, 1), [CHIPS], participants={"FJI": (7, 3)}, says={"title": "Four"}),
        Event("Y-5", date(2027, 9, 2), [CHIPS], participants={"NZL": (9, 9)}, says={"title": "Others"}),
        Event("Y-0", date(2027, 6, 30), [CHIPS], participants={"FJI": (2, 1)}, says={"title": "Before"}),
    )
    says = {"status": "planned"}
    plans = Event("Y-6", date(2028, 5, 1), [CHIPS], participants={"FJI": (99, 99)}, says={"title": "Soon", **says})
    gone = Event("Y-7", date(2028, 5, 9), [CHIPS], organisers=["FJI"], says={"title": "Gone", "status": "cancelled"})
    mine = Event("Y-8", date(2028, 5, 5), [CHIPS], organisers=["NZL"], says={"title": "Noted", **says})
    record(plans, gone, mine, accept=False)
    Activity.objects.filter(reference="Y-8").update(recorded_by=org("FJI"))
    said = {"organisation": org("FJI"), "by": world.people.ali, "now": NOW}
    for reference, kind in (("Y-1", StatementKind.CONFIRMED), ("Y-4", StatementKind.CONTESTED)):
        found = Activity.objects.get(reference=reference)
        state_part(activity=found, kind=kind, reason="We were not there.", **said)
    return world


def test_it_says_what_was_held_and_planned_and_the_own_numbers(year, sign_in):
    page = seen(sign_in(year.people.connie), year=2027)
    assert page.heading == "Fiji in 2027/28: 4 activities held, 2 planned"
    facts = "Held 4, of them 4 confirmed Planned 2, not counted Own participants 15 Women 9 Waits for its word 4"
    assert facts in page.main
    assert "1 activity does not say how many took part" in page.main
    assert [row for row in page.rows() if row[:1].isdigit()] == [
        "01.12.27 Four Took part 7 3 Contested: does not count until settled",
        "01.11.27 Three Took part – – Held, confirmed",
        "01.10.27 B Organised, took part 5 5 Held, confirmed",
        "01.09.27 One Took part 10 4 Held, confirmed",
        "01.05.28 Soon Took part Planned, not decided yet",
        "05.05.28 Noted Recorded only Planned, not decided yet",
    ]


def test_it_says_what_waits(year, sign_in):
    main = seen(sign_in(year.people.connie), year=2027).main
    waits = main.partition("What waits for Fiji")[2].partition("Held Held")[0]
    assert waits.startswith(
        " Soon 01.05.28. Is the part right? Took part. Four 01.12.27. Contested: the secretariat has not settled it. "
        "Three 01.11.27. Is the part right? Took part. B 01.10.27. Is the part right? Organised, took part. "
    )


def test_the_years_lead_to_each_other(year, sign_in):
    client = sign_in(year.people.connie)
    assert seen(client).heading.startswith("Fiji in 2027/28")  # today
    page = seen(client, year=2026)
    assert "Before" in page.main
    for first in (2025, 2027):
        assert f'href="/plans/{PLAN}/register/year/FJI/?year={first}"' in page.html
    assert "Nothing planned" in seen(client, year=2025).main


@pytest.mark.parametrize("asked", ["2024", "2028", "x", "²"])
def test_a_year_outside_the_plan_is_none(year, sign_in, asked):
    page = seen(sign_in(year.people.connie), year=asked)
    assert (page.status, page.heading) == (404, f"There is no plan year {asked} in this plan")


def test_an_organisation_that_does_not_exist_is_like_one_of_others(year, sign_in):
    for name, code in (("ada", "XYZ"), ("connie", "NZL"), ("connie", "XYZ"), ("olga", "FJI")):
        assert seen(sign_in(year.people[name]), code).heading == "This page does not exist, or not for you"


def test_the_secretariat_reads_that_of_everybody(year, sign_in):
    assert (
        seen(sign_in(year.people.ed), "NZL", year=2027).heading
        == "New Zealand in 2027/28: 2 activities held, 1 planned"
    )


def test_the_register_leads_to_the_own_one(year, sign_in):
    own = f'href="/plans/{PLAN}/register/year/FJI/"'
    assert own in look(sign_in(year.people.connie), "register").html
    assert own not in look(sign_in(year.people.olga), "register").html


def test_many_are_counted_and_the_first_shown_in_few_queries(year, sign_in):
    client = sign_in(year.people.connie)
    few = queries_of(client, path(year=2027))
    record(*(Event(f"M-{n}", date(2028, 1, 5), [CHIPS], participants={"FJI": (2, 1)}) for n in range(MOST)))
    page = seen(client, year=2027)
    assert f"{MOST + 4} activities held" in page.heading
    assert f"The first {MOST} of {MOST + 4}" in page.main
    assert "Own participants 115 Women 59" in page.main
    assert "organisation=FJI&amp;status=held&amp;from=2027-07-01&amp;to=2028-06-30" in page.html
    assert queries_of(client, path(year=2027)) == few <= 12


def test_what_the_reader_may_not_know_of_is_in_no_number(year, sign_in):
    """Of a version that was not confirmed, Fiji is not involved."""
    before = seen(sign_in(year.people.connie), year=2027).heading
    made = activity("Y-9", date(2027, 9, 9), [CHIPS], participants=["NZL"], title="Hidden")
    Activity.objects.filter(pk=made.pk).update(audience=Audience.INVOLVED)
    page = seen(sign_in(year.people.connie), year=2027)
    assert (page.heading, "Hidden" in page.main) == (before, False)
