"""The work plan's own words, the rounds and who has answered, the register, the releases."""

from collections.abc import Iterator, Mapping

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from members.access import requires
from members.permissions import may
from reporting.commentary import comments_seen
from reporting.looking import Look, Missing, signed_in
from workplan.models import Plan
from workplan.queries import amendments_of, current_plan, summaries, visible_plans
from workplan.tree import KpiText, ObjectiveText, PlanText

from .base import Content, drawn, page


@requires("plan.view_published")
def home(request: HttpRequest) -> HttpResponseBase:
    """To the current plan: whoever has something to do there begins with what is needed of them, observers with the
    overview. Who is not signed in comes back here after that."""
    try:
        takes_part = may(signed_in(request), "submission.list")
        return redirect("today" if takes_part else "overview", plan=current_plan().code)
    except Plan.DoesNotExist as error:
        missing = Missing(str(error), "It appears here when the secretariat publishes one.")
        return render(request, "missing.html", {"missing": missing}, status=404)


# ---------------------------------------------------------------- the work plan


@page("plan.view_published", figures=False)
def work_plan(request: HttpRequest, look: Look) -> Content:
    """The plan in its own words, whole or as a search finds it."""
    words = request.GET.get("q", "").strip()[:100]
    return drawn(request, look, "work_plan.html", lambda: work_plan_content(look, words), may(look.user, "plan.edit"))


def work_plan_content(look: Look, words: str) -> Content:
    plan = look.plan_at(look.occasion.as_of)
    kpis = list(plan.kpis)
    if words:
        kpis = [kpi for kpi in kpis if words.casefold() in searchable(kpi)]
        title = f"{len(kpis)} of {sum(1 for _ in plan.kpis)} KPIs mention “{words}”"
    else:
        milestones = len({kpi.milestone_code for kpi in kpis})
        title = f"The work plan: {len(plan.focus_areas)} focus areas, {milestones} milestones, {len(kpis)} KPIs"
    chosen = frozenset(kpi.code for kpi in kpis)
    comments = comments_seen(look, plan)
    found = list(areas(plan, chosen, comments))
    if not words:
        printed = summaries(look.occasion.plan)
        found = [each | {"summaries": printed[each["area"].code]} for each in found]
    amended = [each for each in amendments_of(look.occasion.plan) if each.published_at]
    others = visible_plans().exclude(pk=look.occasion.plan.pk)
    return {
        "title": title,
        "words": words,
        "areas": found,
        "plan_text": plan,
        "as_of": look.occasion.as_of,
        "later": sorted(
            (each for each in amended if each.valid_from > look.occasion.as_of), key=lambda each: each.valid_from
        ),
        "amends": may(look.user, "plan.edit"),
        "other_plans": others,
        "comments": bool(comments),
    }


def searchable(kpi: KpiText) -> str:
    """All that a reader may remember of a row."""
    parts = (kpi.code, kpi.theme, kpi.milestone, kpi.text, kpi.target, kpi.responsible)
    return "\n".join(parts).casefold()


def areas(plan: PlanText, chosen: frozenset[str], comments: Mapping[str, str]) -> Iterator[Content]:
    """The plan's table: focus areas -> objectives -> actions -> rows, without what a search did not find."""
    for area in plan.focus_areas:
        objectives = [objective_rows(objective, chosen, comments) for objective in area.objectives]
        if found := [each for each in objectives if each["actions"]]:
            yield {"area": area, "objectives": found}


def objective_rows(objective: ObjectiveText, chosen: frozenset[str], comments: Mapping[str, str]) -> Content:
    actions = []
    for action in objective.actions:
        rows = [{"kpi": kpi, "comment": comments.get(kpi.code, "")} for kpi in action.kpis if kpi.code in chosen]
        if rows:
            actions.append({"action": action, "rows": rows})
    return {"objective": objective, "actions": actions}
