"""The region's overview."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.http import HttpRequest

from reporting.achievement import Status
from reporting.looking import Look
from reporting.moments import moment_words
from reporting.presentation import (
    GOOD,
    MOST_SQUARES,
    WORDS,
    day_words,
    square_bar,
    square_key,
    squares,
    tally,
    value_words,
)
from reporting.report import Moved, Report
from workplan.calendar import plan_years
from workplan.tree import FocusAreaText

from .base import Content, drawn, href, names_of, page

COLUMNS = {
    "Reached": (Status.REACHED, Status.ACHIEVED),
    "On track": (Status.ON_TRACK,),
    "At risk": (Status.AT_RISK,),
    "Off track": (Status.OFF_TRACK, Status.NOT_ACHIEVED),
    "No data yet": (Status.NO_DATA, Status.NOT_BEGUN),
}
"""The columns of the table by focus area; what is achieved is reached, what was not achieved is off track."""

FIRST_MOVED = 10
"""So many of the KPIs that moved are shown at once."""

RETURN_WORDS = {"y": "answered everything", "h": "answered a part", "s": "answered nothing yet"}


@page("dashboard.region_released")
def overview(request: HttpRequest, look: Look) -> Content:
    """Where the region stands, what has moved, what ends soon, who has answered."""
    today = look.occasion.now.astimezone(look.time_zone).date()
    scope = (look.user.pk, look.time_zone.key, today)
    return drawn(request, look, "overview.html", lambda: overview_content(look), scope)


def overview_content(look: Look) -> Content:
    report = own_areas(look)
    counts = report.statuses(report.plan.kpis)
    good, total = sum(counts.get(status, 0) for status in GOOD), sum(counts.values())
    reached = counts.get(Status.REACHED, 0) + counts.get(Status.ACHIEVED, 0)
    day = day_words(report.as_of)
    moved = report.moved(report.plan.kpis)
    return {
        "title": f"{region_name(look, report)}: {good} of {total} targets reached or on track as at {day}",
        "reached": reached,
        "total": total,
        "report": report,
        "tally": tally(counts),
        "chips": [
            {"text": f"{WORDS[status].capitalize()} {counts[status]}", "status": status.value}
            for status in WORDS
            if counts.get(status)
        ],
        "areas": [area_summary(report, area) for area in report.plan.focus_areas],
        "moved": moved,
        "moved_first": [moved_row(each) for each in moved[:FIRST_MOVED]],
        "moved_more": [moved_words(look, each) for each in moved[FIRST_MOVED:]],
        "previous_day": report.previous_date,
        "ending": ending_soon(look),
        "returns": returns_content(look, report),
        "limited": not (look.released or look.sees_unreleased_region),
        "own_pages": own_pages(look, report),
        "unconfirmed": [kpi for kpi in report.plan.kpis if kpi.reading.unconfirmed],
    }


def own_areas(look: Look) -> Report:
    """The report with the focus areas whose unreleased figures the reader may see; a release is for everybody."""
    report = look.report
    if look.released or look.sees_unreleased_region:
        return report
    return report.limited_to(area.code for area in report.plan.focus_areas if look.sees_area(area.co_coordinators))


def own_pages(look: Look, report: Report) -> list[Content]:
    """The way to the pages of the Members that the reader acts for."""
    own = {role.organisation_code for role in look.user.held_roles}
    return [
        {"name": each.name, "href": href(look, "member", each.code)}
        for each in report.members()
        if each.code in own and look.sees_member(each.code)
    ]


def region_name(look: Look, report: Report) -> str:
    if look.released or look.sees_unreleased_region:
        return "The region"
    return " and ".join(f"Focus Area {area.code}" for area in report.plan.focus_areas)


def area_summary(report: Report, area: FocusAreaText) -> Content:
    counts = report.statuses(area.kpis)
    names = names_of(report)
    return {
        "area": area,
        "co_coordinators": " and ".join(names[code] for code in area.co_coordinators),
        "tally": tally(counts),
        "counts": [
            {"word": word, "count": sum(counts.get(status, 0) for status in group)} for word, group in COLUMNS.items()
        ],
    }


def moved_row(moved: Moved) -> Content:
    return {
        "kpi": moved.kpi,
        "was": value_words(moved.kpi, moved.before.value),
        "now": value_words(moved.kpi, moved.result.value),
        "status_was": moved.before.status.value,
        "status": moved.result.status.value,
        "slipped": moved.slipped,
        "another_year": moved.another_year,
    }


def moved_words(look: Look, moved: Moved) -> Content:
    """A KPI that moved, in one line."""
    return {
        "code": moved.kpi.code,
        "href": href(look, "kpi", moved.kpi.code),
        "was": value_words(moved.kpi, moved.before.value),
        "now": value_words(moved.kpi, moved.result.value),
        "word": WORDS[moved.result.status],
    }


def ending_soon(look: Look) -> list[Content]:
    """Rounds, plan years and deliverables that end from now on, the nearest first."""
    today = look.occasion.now.astimezone(look.time_zone).date()
    ends = [(day, *words) for day, *words in (*closing_rounds(look), *ending_years(look)) if day >= today]
    return [{"day": day, "text": text, "more": more} for day, text, more in sorted(ends)[:4]]


def closing_rounds(look: Look) -> Iterator[tuple[date, str, str]]:
    for round in look.occasion.rounds:
        if round.closes_at and not round.closed(look.occasion.now):
            words = moment_words(round.closes_at, round.time_zone, look.time_zone)
            yield round.closes_at.astimezone(look.time_zone).date(), f"{round.title} closes", words


def ending_years(look: Look) -> Iterator[tuple[date, str, str]]:
    plan = look.report.plan
    for year in plan_years(plan.starts, plan.ends):
        yield year.ends, f"Plan year {year.label} ends", "What is counted each year must be reached by then."
    yield plan.deliverable_date, "The deliverables are due", ""


def returns_content(look: Look, report: Report) -> Content | None:
    """How many Members have answered in the round that is collected, or was last: one square each."""
    returns = report.returns
    if returns is None:
        return None
    members = [each for each in report.members() if each.code in returns.asked]
    states = {each.code: return_state(returns.sent.get(each.code, 0), returns.asked[each.code]) for each in members}
    counts = Counter(letter for letter, _ in states.values())
    area = frozenset(code for each in report.plan.focus_areas for code in each.co_coordinators)
    links = {each.code: href(look, "member", each.code) for each in members if look.sees_member(each.code, area)}
    few = look.names_members() and len(members) <= MOST_SQUARES
    return {
        "heading": f"{len(members) - counts['s']} of {len(members)} Members have answered "
        f"as at {day_words(returns.as_at)}",
        "round": returns.round,
        "groups": squares(members, states, links, None, "yh") if few else [],
        "parts": [] if few else square_bar(states, RETURN_WORDS),
        "key": square_key(states, RETURN_WORDS),
    }


def return_state(sent: int, asked: int) -> tuple[str, str]:
    if sent >= asked:
        return "y", f"answered all {asked}"
    return ("h", f"answered {sent} of {asked}") if sent else ("s", f"answered none of {asked}")
