"""An organisation's own year in the register."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from members.models import Organisation
from members.numbers import counted
from members.permissions import Target, may
from reporting.choices import ActivityStatus
from reporting.looking import Look, Missing
from reporting.returns import nothing_here
from reporting.year import MOST, Year, part_words, sees_year, years_of
from workplan.calendar import PlanYear

from .base import Content, crumb, page

FIRST = 5
"""So much of what waits is open; one click shows the rest."""


@page("activity.list", "register/year.html", figures=False)
def year(request: HttpRequest, look: Look, org: str) -> Content:
    """What an organisation did and plans in a plan year, with its own numbers and what waits for it. For its own people
    and the secretariat."""
    organisation = Organisation.objects.filter(code=org).first() if sees_year(look.user, org) else None
    if organisation is None:
        raise nothing_here()
    years = years_of(look.occasion.plan)
    shown = year_asked(request.GET.get("year", ""), years, today_of(look))
    found = Year(look.occasion.plan, organisation, shown, look.user)
    totals = found.totals()
    waiting = lines(found.waiting()) if totals["waits"] else []
    return {
        "title": heading(organisation, shown, totals),
        "crumbs": [crumb(look, "register", "Register")],
        "facts": facts(totals),
        "unstated": counted(totals["unstated"], "activity does", "activities do") if totals["unstated"] else "",
        "waiting": [waiting[:FIRST], waiting[FIRST:]],
        "states": may(look.user, "activity.confirm_own_part", Target(organisations=frozenset({org}))),
        "groups": [
            group("Held", "held", lines(found.held()), totals["all_held"], organisation, shown, look),
            group("Planned", "planned", lines(found.planned()), totals["all_planned"], organisation, shown, look),
        ],
        "organisation": organisation,
        "year": shown,
        **neighbours(look, org, years, shown),
    }


def today_of(look: Look) -> date:
    return look.occasion.now.astimezone(look.time_zone).date()


def year_asked(asked: str, years: list[PlanYear], today: date) -> PlanYear:
    """The one in the address by the calendar year in which it starts, else that of today, or the nearest. Raises
    Missing."""
    if not asked:
        return next((each for each in years if today <= each.ends), years[-1])
    found = next((each for each in years if str(each.first) == asked), None)
    if found is None:
        raise Missing(f"There is no plan year {asked} in this plan", "Write the year in which it starts, such as 2026.")
    return found


def heading(organisation: Organisation, year: PlanYear, totals: dict[str, int]) -> str:
    held, planned = totals["all_held"], totals["all_planned"]
    if not held and not planned:
        return f"{organisation.name} has no activities in {year.label} yet"
    done = counted(held, "activity held", "activities held", zero="no")
    return f"{organisation.name} in {year.label}: {done}, {planned:,} planned"


def facts(totals: dict[str, int]) -> list[dict[str, str]]:
    said = [
        ("Held", f"{totals['all_held']:,}, of them {totals['confirmed']:,} confirmed"),
        ("Planned", f"{totals['all_planned']:,}, not counted"),
        ("Own participants", f"{totals['people']:,}"),
        ("Women", f"{totals['all_women']:,}"),
        ("Waits for its word", f"{totals['waits']:,}"),
    ]
    return [{"name": name, "value": value} for name, value in said]


def lines(rows: Iterable[Any]) -> list[Content]:
    """One activity each, in words."""
    return [
        {
            "activity": row.activity_id,
            "title": row.title,
            "days": row.start,
            "end": row.end if row.end != row.start else None,
            "part": part_words(row) or "recorded only",
            "participants": row.participants,
            "women": row.women,
            "state": state_words(row),
            "contested": row.contested,
            "silent": row.named and not row.said_something and not row.own_record,
        }
        for row in rows
    ]


def state_words(row: Any) -> str:
    if row.contested:
        return "Contested: does not count until settled"
    return f"{row.get_status_display()}, {row.get_decision_display().lower()}"


def group(
    title: str, status: str, rows: list[Content], many: int, organisation: Organisation, year: PlanYear, look: Look
) -> Content:
    """``more``: where all of them are listed, if these are not all."""
    asked = {
        "organisation": organisation.code,
        "status": ActivityStatus(status).value,
        "from": year.starts.isoformat(),
        "to": year.ends.isoformat(),
    }
    more = f"{reverse('register', args=[look.occasion.plan.code])}?{urlencode(asked)}" if many > MOST else ""
    return {"title": title, "status": status, "rows": rows, "more": more, "most": MOST, "many": many}


def neighbours(look: Look, org: str, years: list[PlanYear], shown: PlanYear) -> Content:
    """The plan year before and the one after, in the shape that ``pager`` takes."""

    def way(index: int) -> dict[str, str] | None:
        if not 0 <= index < len(years):
            return None
        address = reverse("register_year", args=[look.occasion.plan.code, org])
        return {"href": f"{address}?year={years[index].first}", "text": years[index].label}

    here = years.index(shown)
    return {"previous": way(here - 1), "next": way(here + 1)}
