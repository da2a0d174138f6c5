"""The register: what happened, which arrangements there are, and the figures; each fact is recorded once."""

from datetime import date
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from members.lists import Filter, Listing, find, pick
from members.permissions import exports_everything, grants, may
from reporting.audience import shown_to
from reporting.choices import ActivityKind, Decision
from reporting.looking import Look
from reporting.models import ActivityPart, ActivityVersion, Answer
from reporting.places import kpis_of_rounds
from reporting.queries import arrangements, registered_activities, with_whom
from reporting.tables import ActivityTable, ArrangementTable, FigureTable
from workplan.choices import Source
from workplan.models import Reading

from .answers import ANSWERS_LEAD_BACK, SHOWN, answer_filters, exports_answers, seen_answers
from .base import Content, crumb, href, listed, lower, page

REFUSED = "refused"
STATES = {"undecided": "Not decided yet", REFUSED: "Not confirmed", "contested": "Contested"}
"""What the list of activities can be limited to."""
COUNTS = {
    "counted": "In force",
    "no-date": "Without a date in force",
    "ended": "Ended",
    "undecided": "Not decided yet",
    "contested": "Contested",
}


# ---------------------------------------------------------------- activities


@page("activity.list", "list.html", figures=False)
def register(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """What happened; each counts for every KPI that it serves. What was not confirmed stands in no list but its own."""
    refused = request.GET.get("state") == REFUSED
    listing = Listing(
        request.GET,
        ActivityTable(plan=look.occasion.plan.code, zone=look.time_zone),
        registered_activities(look.occasion.plan, refused=refused).filter(shown_to(look.user)),
        read=with_whom(ActivityVersion.objects.select_related("activity")),
        nouns=("activity that was not confirmed", "activities that were not confirmed")
        if refused
        else ("activity", "activities"),
        filters=activity_filters(look),
        filename="activities",
        exports=exports_everything(look.user),
    )
    return listed(request, look, listing, "Activities") or {
        "title": listing.title if listing.values else f"The register holds {lower(listing.title)}",
        "lede": "What happened in the region, recorded once. Each record counts for every KPI that it serves.",
        "ways": register_ways(look),
        "listing": listing,
        "empty": ("No activities yet", "Workshops, operations, reports and other events appear here once recorded."),
    }


def activity_filters(look: Look) -> list[Filter]:
    parts = ActivityPart.objects.filter(version=OuterRef("pk"))
    own = [code for _, code in grants(look.user, "activity.confirm_own_part")]

    def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
        if state == "undecided":
            return rows.filter(decision=Decision.UNDECIDED)
        return rows.filter(Exists(parts.filter(contested=True))) if state == "contested" else rows

    def ours(rows: QuerySet[Any], _: str) -> QuerySet[Any]:
        return rows.filter(Exists(parts.filter(organisation__code__in=own)))

    found = [
        find("Find an activity", "title", "activity__reference"),
        pick("kind", "Kind", dict(ActivityKind.choices)),
        Filter("state", "State", in_state, STATES),
    ]
    return [*found, Filter("ours", "Only with us", ours, {"1": "Yes"})] if own else found


def register_ways(look: Look) -> list[Content]:
    ways = [
        ("activity.add", "activity_add", "Add an activity", True),
        ("arrangement.list", "arrangements", "Arrangements", False),
        ("submission.list", "figures", "Figures", False),
    ]
    return [
        {"href": href(look, name), "text": text, "primary": primary}
        for action, name, text, primary in ways
        if may(look.user, action)
    ]


# ---------------------------------------------------------------- arrangements


@page("arrangement.list", "list.html", figures=False)
def pairs(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """The arrangements between two Members. One without a date in force is shown, and not counted."""
    today = look.occasion.now.astimezone(look.time_zone).date()
    listing = Listing(
        request.GET,
        ArrangementTable(plan=look.occasion.plan.code, zone=look.time_zone),
        arrangements(),
        nouns=("arrangement", "arrangements"),
        filters=[
            find(
                "Find a Member", *(f"arrangement__party_{side}__{name}" for side in "ab" for name in ("name", "code"))
            ),
            Filter("state", "State", partial(pairs_in_state, today), COUNTS),
        ],
        exports=exports_everything(look.user),
    )
    ways = [{"href": href(look, "arrangement_add"), "text": "Add an arrangement", "primary": True}]
    return listed(request, look, listing, "Arrangements") or {
        "title": listing.title if listing.values else f"The register holds {lower(listing.title)}",
        "lede": "AEO mutual recognition arrangements between two Members. One counts from the day it is in force.",
        "ways": ways if may(look.user, "arrangement.add") else [],
        "crumbs": [crumb(look, "register", "Register")],
        "listing": listing,
        "empty": ("No arrangements yet", "An arrangement between two Members appears here when it is recorded."),
    }


def pairs_in_state(day: date, rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """As the pairs of a day are counted: confirmed, not contested, in force and not ended (domain.md)."""
    if state == "undecided":
        return rows.filter(decision=Decision.UNDECIDED)
    if state == "contested":
        return rows.filter(arrangement__contested=True)
    if state == "no-date":
        return rows.filter(in_force=None)
    if state == "ended":
        return rows.filter(ended__lte=day)
    stands = rows.filter(decision=Decision.CONFIRMED, arrangement__contested=False, in_force__lte=day)
    return stands.exclude(ended__lte=day)


# ---------------------------------------------------------------- figures


@page("submission.list", "list.html", figures=False)
def figures(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """The figures that organisations stated, by plan year; as far as the reader may see their answers."""
    stated = Q(value__isnull=False) | Q(numerator__isnull=False)
    counted = Reading.objects.filter(kpi__plan=look.occasion.plan, source=Source.FIGURES)
    rounds = look.occasion.rounds
    listing = Listing(
        request.GET,
        FigureTable(plan=look.occasion.plan.code, zone=look.time_zone, asked=kpis_of_rounds(look)),
        seen_answers(look, rounds).filter(stated, reading__in=counted),
        nouns=("figure", "figures"),
        filters=[
            *answer_filters(look),
            pick("round", "Round", {each.code: each.title for each in rounds}, "round__code"),
        ],
        read=Answer.objects.values_list(*SHOWN, named=True),
        exports=exports_answers(look),
    )
    return listed(request, look, listing, "Figures") or {
        "title": f"{listing.title} stated",
        "lede": f"Numbers by organisation and plan year, as they were answered. {ANSWERS_LEAD_BACK}",
        "crumbs": [crumb(look, "register", "Register")],
        "listing": listing,
        "empty": ("No figures yet", "Figures stand here when they are answered in a return."),
    }
