"""The register: what happened, which arrangements there are, and the figures; each fact is recorded once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django_tables2 import RequestConfig

from members.choices import Scope
from members.permissions import grants, may
from reporting.choices import ActivityKind, Decision
from reporting.looking import Look
from reporting.models import REFUSED, ActivityPart, ActivityVersion, Answer
from reporting.queries import arrangements, registered_activities
from reporting.tables import ActivityTable, ArrangementTable, FigureTable
from reporting.threads import UNSENT
from workplan.choices import Source
from workplan.models import Plan

from .base import Content, crumb, page

STATES = {"undecided": "Not decided yet", "refused": "Not confirmed", "contested": "Contested"}
"""What the list can be limited to."""
ACTIVITIES, PAIRS, FIGURES = 30, 20, 40
"""Rows on a page: a list of more is no page that a slow line brings soon."""


@dataclass(frozen=True)
class Wanted:
    """Which activities are asked for. ``ours``: of these organisations alone."""

    words: str
    kind: str
    state: str
    ours: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.kind or self.state or self.ours)

    def found(self, plan: Plan) -> QuerySet[ActivityVersion]:
        parts = ActivityPart.objects.filter(version=OuterRef("pk"))
        rows = registered_activities(plan, refused=self.state == "refused")
        for word in self.words.split():
            rows = rows.filter(Q(title__icontains=word) | Q(activity__reference__icontains=word))
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.state == "undecided":
            rows = rows.filter(decision=Decision.UNDECIDED)
        if self.state == "contested":
            rows = rows.filter(Exists(parts.filter(contested=True)))
        if self.ours:
            rows = rows.filter(Exists(parts.filter(organisation__code__in=self.ours)))
        return rows


def wanted(request: HttpRequest, own: Iterable[str]) -> Wanted:
    """What the address asks for; what no list can be limited to is not asked."""
    words, kind, state = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "state"))
    kind, state = kind if kind in ActivityKind.values else "", state if state in STATES else ""
    return Wanted(words, kind, state, tuple(own) if request.GET.get("ours") else ())


@page("activity.list", "register.html", figures=False)
def register(request: HttpRequest, look: Look) -> Content:
    """What happened, and which arrangements there are; each counts for every KPI that it serves."""
    plan = look.occasion.plan
    own = [code for _, code in grants(look.user, "activity.confirm_own_part")]
    asked = wanted(request, own)
    activities = ActivityTable(asked.found(plan), plan=plan.code)
    pairs = ArrangementTable(arrangements(), plan=plan.code)
    for table, rows in ((activities, ACTIVITIES), (pairs, PAIRS)):
        RequestConfig(request, paginate={"per_page": rows}).configure(table)
    count = activities.paginator.count
    some = f"{count} {'activity' if count == 1 else 'activities'}"
    return {
        "title": f"{some} found" if asked else f"The register holds {some}",
        "activities": activities,
        "arrangements": pairs,
        "asked": asked,
        "kinds": ActivityKind.choices,
        "states": STATES.items(),
        "own": own,
        "adds": may(look.user, "activity.add"),
        "adds_arrangement": may(look.user, "arrangement.add"),
        "figures": may(look.user, "submission.list"),
    }


@page("submission.list", "register/figures.html", figures=False)
def figures(request: HttpRequest, look: Look) -> Content:
    """The figures that organisations stated, by plan year; as far as the reader may see their answers."""
    rows = seen_figures(look)
    table = FigureTable(rows, plan=look.occasion.plan.code)
    RequestConfig(request, paginate={"per_page": FIGURES}).configure(table)
    many = table.paginator.count
    return {
        "title": f"{many or 'No'} figure{'' if many == 1 else 's'} stated",
        "figures": table,
        "crumbs": [crumb(look, "register", "Register")],
    }


def seen_figures(look: Look) -> QuerySet[Answer]:
    """Own figures with the drafts; others as they were sent."""
    rows = Answer.objects.filter(kpi__plan=look.occasion.plan, reading__source=Source.FIGURES)
    rows = rows.exclude(value=None, numerator=None).exclude(REFUSED).select_related("organisation", "kpi", "round")
    reach = grants(look.user, "submission.list")
    own = Q(organisation__code__in=[code for scope, code in reach if scope is Scope.OWN])
    sent = ~Q(state__in=UNSENT)
    areas = Q(kpi__milestone__specific_action__objective__focus_area__co_coordinators__code__in=look.co_ordinates_for)
    everything = any(scope is Scope.YES for scope, _ in reach)
    same = {name: OuterRef(name) for name in ("submission", "kpi", "plan_year")}
    later = Answer.objects.filter(**same, version__gt=OuterRef("version")).exclude(REFUSED | Q(state__in=UNSENT))
    return rows.filter(own | (sent if everything else sent & areas)).exclude(Exists(later)).distinct()
