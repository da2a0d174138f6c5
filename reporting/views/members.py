"""The Members: each one's standing on every KPI, beside the released region."""

from collections import Counter
from dataclasses import replace

from django.http import HttpRequest

from reporting.audience import shown_to
from reporting.explanation import STATES
from reporting.looking import Look, Missing, dates_form
from reporting.presentation import STATE_LETTERS, Row, covered, day_words, row
from reporting.report import Report, Standpoint, member_standpoints
from workplan.tree import FocusAreaText, KpiText

from .base import Content, before_and_after, crumb, drawn, link_to, page
from .downloads import scorecard_of

ORDER = ("counted", "pending", "not_counted", "unanswered", "not_applicable")


@page("dashboard.member", figures=False)
def member(request: HttpRequest, look: Look, code: str) -> Content:
    """One Member on every KPI that asks it: what it said, whether it counts, and where the region stands. Its own
    people see it as at any date, released or not."""
    shown = drawn(request, look, "member.html", lambda: member_content(look, code), look.user.pk)
    words = f"{code} as at {day_words(look.occasion.as_of)}; the region as last released"
    return shown | {"asat_form": dates_form(look), "figures_words": words}


def member_content(look: Look, code: str) -> Content:
    occasion = look.occasion
    try:
        counted, standpoints = member_standpoints(occasion, code, shown_to(look.user, "version__activity"))
    except KeyError as error:
        raise Missing(
            f"There is no organisation {code}", "Organisations are named by their code, such as AUS."
        ) from error
    organisation = next(each for each in counted.organisations.all if each.code == code)
    if not organisation.is_member(occasion.as_of):
        raise Missing(
            f"{organisation.name} is not a Member as at {day_words(occasion.as_of)}",
            "Members have pages of their own.",
        )
    areas = [area for area in counted.text.focus_areas if look.sees_member(code, frozenset(area.co_coordinators))]
    if not areas:
        raise Missing(
            "This page does not exist, or not for you",
            "Members have a page of their own; what is released is in the overview.",
        )
    region = released_region(look)
    released = {kpi.code: row(region, kpi) for kpi in region.plan.kpis} if region else {}
    covers = covered(counted.text, replace(counted.text, focus_areas=tuple(areas)))
    shown = [standpoints[kpi.code] for area in areas for kpi in area.kpis if kpi.code in standpoints]
    states = Counter("unanswered" if each.line.state == "being_corrected" else each.line.state for each in shown)
    codes = [
        each.code
        for each in counted.organisations.all
        if each.is_member(occasion.as_of) and look.sees_member(each.code)
    ]
    previous, following = before_and_after(codes, code) if code in codes else (None, None)
    names = {each.code: each.name for each in counted.organisations.all}
    return {
        "title": f"{organisation.name} counts for {states['counted']} of the {len(shown)} KPIs "
        f"{f'of {covers} ' if covers else ''}that ask it, as at {day_words(occasion.as_of)}",
        "organisation": organisation,
        "region": region,
        # Who sees released figures alone would be sent to a date that is not released.
        "links_query": look.query() if look.sees_unreleased else "",
        "scorecard": scorecard_of(look, code),
        "states": [{"letter": STATE_LETTERS[state], "name": STATES[state], "count": states[state]} for state in ORDER],
        "areas": [area_content(area, standpoints, released) for area in areas],
        "crumbs": [crumb(look, "overview", "Overview")],
        "previous": link_to(look, "member", previous, names.get(previous or "", "")),
        "next": link_to(look, "member", following, names.get(following or "", "")),
    }


def released_region(look: Look) -> Report | None:
    """The latest release; what stands beside a Member is released, whoever looks."""
    release = look.latest_release
    return None if release is None else look.figures_of(release)


def area_content(area: FocusAreaText, standpoints: dict[str, Standpoint], released: dict[str, Row]) -> Content:
    found = [kpi_content(kpi, standpoints.get(kpi.code), released.get(kpi.code)) for kpi in area.kpis]
    asked = [each for each in found if each["letter"]]
    counts = sum(each["letter"] == "y" for each in asked)
    return {"area": area, "rows": found, "counted": counts, "asked": len(asked)}


def kpi_content(kpi: KpiText, standpoint: Standpoint | None, region: Row | None) -> Content:
    line = standpoint.line if standpoint else None
    return {
        "kpi": kpi,
        "line": line,
        "letter": STATE_LETTERS[line.state] if line else "",
        "state": STATES[line.state] if line else "",
        "note": standpoint.answer.note if standpoint and standpoint.answer else None,
        "region": region,
    }
