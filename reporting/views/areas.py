"""A focus area: the work plan's table with its figures."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from members.permissions import Target, may
from reporting.achievement import Status
from reporting.commentary import narrative_seen, round_at
from reporting.looking import Look, Missing, no_area
from reporting.presentation import GOOD, WORDS, day_words, rows, tally
from reporting.report import Report
from workplan.choices import Kind
from workplan.tree import FocusAreaText

from .base import Content, before_and_after, crumb, drawn, link_to, names_of, page
from .kpis import not_then


@page("dashboard.focus_area_released", area="code")
def focus_area(request: HttpRequest, look: Look, code: str) -> Content:
    """The work plan's table of one focus area with baseline, value, target, percent and status."""
    status = request.GET.get("status", "")
    return drawn(request, look, "focus_area.html", lambda: focus_area_content(look, code, status))


def focus_area_content(look: Look, code: str, status: str) -> Content:
    try:
        report = look.area_report(code)
    except Missing as missing:
        raise not_then(look, Kind.FOCUS_AREA, code) or missing from missing
    area = next((each for each in report.plan.focus_areas if each.code == code), None)
    if area is None:
        raise no_area(code)
    counts = report.statuses(area.kpis)
    if status and status not in set(WORDS):
        raise Missing(f"There is no status {status}", "Choose one of those above the table.")
    good, total = sum(counts.get(each, 0) for each in GOOD), sum(counts.values())
    previous, following = before_and_after([each.code for each in report.plan.focus_areas], code)
    names = names_of(report)
    return {
        "title": f"Focus Area {code}: {good} of {total} targets reached or on track as at {day_words(report.as_of)}",
        "report": report,
        "area": area,
        "co_coordinators": [(each, names[each]) for each in area.co_coordinators],
        "tally": tally(counts),
        "narrative": narrative_seen(look, code, unreleased=look.sees_area(area.co_coordinators)),
        "writes_on": words_round(look, area),
        "chips": status_chips(look, counts, status),
        "objectives": [objective for objective in table(report, area, status) if objective["actions"]],
        "crumbs": [crumb(look, "overview", "Overview")],
        "previous": link_to(look, "focus_area", previous, "Focus Area {}"),
        "next": link_to(look, "focus_area", following, "Focus Area {}"),
    }


def words_round(look: Look, area: FocusAreaText) -> str:
    """The round whose comments and narrative the reader may write on this focus area; "" where there is none."""
    target = Target(focus_area_organisations=frozenset(area.co_coordinators), submitted=True)
    found = round_at(look.occasion)
    return found.code if found and may(look.user, "narrative.edit", target) else ""


def status_chips(look: Look, counts: Mapping[Status, int], current: str) -> list[Content]:
    """The filter by status; it stands in the address."""
    chips = [{"href": look.query() or "?", "text": f"All {sum(counts.values())}", "current": not current}]
    for status, word in WORDS.items():
        if counts.get(status):
            chip = {"href": look.query(status=status.value), "text": f"{word.capitalize()} {counts[status]}"}
            chips.append(chip | {"status": status.value, "current": status == current})
    return chips


def table(report: Report, area: FocusAreaText, status: str) -> Iterable[Content]:
    for objective in area.objectives:
        actions = []
        for action in objective.actions:
            shown = [kpi for kpi in action.kpis if not status or report.results[kpi.code].status == status]
            if shown:
                actions.append({"action": action, "rows": list(rows(report, shown))})
        yield {"objective": objective, "actions": actions}
