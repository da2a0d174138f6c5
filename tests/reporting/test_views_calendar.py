"""The register as a calendar: one month, day by day."""

import re
from datetime import date

import pytest
from django.urls import reverse

from reporting.calendar_month import Month, sheet_of
from reporting.choices import Audience
from reporting.models import Activity

from .looks import Page, look, page_of, queries_of, words
from .region import PLAN, Event, activity, record

CHIPS = "2.2.3(a)"
PLANNED = {"status": "planned"}


def path(month: str = "") -> str:
    return reverse("calendar", args=[PLAN]) + (f"?month={month}" if month else "")


def seen(client, month: str = "2028-03") -> Page:
    return page_of(client.get(path(month)))


def days(page: Page) -> list[str]:
    """The words of the days on which there is something."""
    return [words(each) for each in re.findall(r"<td>(.*?)</td>", page.html, re.S)]


@pytest.fixture
def march(world):
    """March 2028, of which it is January."""
    says = [("One", 1, 3), ("Two", 3, 3), ("Three", 31, 31)]
    events = [
        Event(f"C-{title}", date(2028, 3, first), [CHIPS], organisers=["FJI"],
              says={"title": title, "end": date(2028, 3, last), **PLANNED})
        for title, first, last in says
    ]  # fmt: skip
    events.append(Event("C-4", date(2028, 2, 28), [CHIPS], says={"title": "Turn", "end": date(2028, 3, 1), **PLANNED}))
    events.append(Event("C-5", date(2028, 3, 6), [CHIPS], says={"title": "Long", "end": date(2028, 4, 6), **PLANNED}))
    events.append(Event("C-6", date(2028, 3, 7), [CHIPS], says={"title": "Gone", "status": "cancelled"}))
    events.append(Event("C-7", date(2028, 3, 8), [CHIPS], says={"title": "Done"}))
    record(*events, accept=False)
    return world


def test_each_stands_on_every_day_that_it_lasts_as_planned_or_held(march, sign_in):
    page = seen(sign_in(march.people.connie))
    assert page.heading == "March 2028: 1 activity held, 5 planned"
    assert days(page) == [
        "Wednesday 01.03.28 1 Planned, goes on Turn Planned One",
        "Thursday 02.03.28 2 Planned, goes on One",
        "Friday 03.03.28 3 Planned, goes on One Planned Two",
        "Wednesday 08.03.28 8 Held Done",
        "Friday 31.03.28 31 Planned Three",
    ]
    assert "Longer than a week Long Planned, 06.03.28 to 06.04.28." in page.main


def test_the_months_lead_to_each_other_and_begin_with_today(march, sign_in):
    client = sign_in(march.people.connie)
    assert "Nothing in this month" in seen(client, "2028-01").main
    activity("J-1", date(2028, 1, 5), [CHIPS], title="Early")
    page = seen(client, "2028-01")
    for month in ("2027-12", "2028-02"):
        assert f'?month={month}"' in page.html
    assert "<b>Today</b>" in page.html
    assert seen(client, "").heading == page.heading == "January 2028: 1 activity held, 0 planned"


@pytest.mark.parametrize("month", ["2028-13", "2028", "1066-10", "x", "²028-01"])
def test_what_is_no_month_is_said(march, sign_in, month):
    page = seen(sign_in(march.people.connie), month)
    assert (page.status, page.heading) == (404, f"{month} is not a month")


def test_the_last_months_lead_no_further(march, sign_in):
    client = sign_in(march.people.connie)
    assert "month=1989-12" not in seen(client, "1990-01").html
    assert "month=2101-01" not in seen(client, "2100-12").html


def test_what_the_reader_may_not_know_of_is_not_there(march, sign_in):
    activity("HERON", date(2028, 3, 9), [CHIPS], participants=["FJI"], title="Heron", accept=False, **PLANNED)
    Activity.objects.filter(reference="HERON").update(audience=Audience.INVOLVED)
    assert "Heron" in seen(sign_in(march.people.connie)).main
    hidden = seen(sign_in(march.people.olga))
    assert ("Heron" in hidden.main, hidden.heading) == (False, "March 2028: 1 activity held, 5 planned")


def test_the_register_leads_there(march, sign_in):
    assert f'href="{path()}"' in look(sign_in(march.people.cora), "register").html


def test_it_takes_few_queries_however_much_there_is(march, sign_in):
    client = sign_in(march.people.connie)
    few = queries_of(client, path("2028-03"))
    says = {"title": "More", **PLANNED}
    record(*(Event(f"M-{n}", date(2028, 3, 20), [CHIPS], participants=["FJI"], says=says) for n in range(60)),
           accept=False)  # fmt: skip
    assert queries_of(client, path("2028-03")) == few <= 12


@pytest.mark.parametrize(("month", "weeks"), [("2027-02", 4), ("2028-02", 5), ("2027-05", 6)])
def test_weeks_go_from_monday_to_sunday(month, weeks):
    year, number = (int(part) for part in month.split("-"))
    sheet = sheet_of(Month(year, number), [])
    assert len(sheet.weeks) == weeks
    assert all(len(week) == 7 and week[0].date.weekday() == 0 for week in sheet.weeks)
    inside = [day.date for week in sheet.weeks for day in week if day.inside]
    assert (inside[0], inside[-1]) == (Month(year, number).first, Month(year, number).last)
