"""The register: what happened, which arrangements there are, and the figures; each fact is recorded once."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from members.lists import DayFilter, Filter, Listing, find, on_days, pick
from members.models import Organisation
from members.permissions import exports_everything, grants, may
from reporting.audience import shown_to
from reporting.choices import ActivityKind, ActivityStatus, Decision, Telling
from reporting.looking import Look
from reporting.models import ActivityLink, ActivityPart, ActivityVersion, Answer, Evidence
from reporting.places import KpiPlace, kpi_places
from reporting.queries import arrangements, registered_activities, with_what_is_told, with_whom
from reporting.tables import ActivityTable, ArrangementTable, FigureTable
from reporting.year import own_codes
from workplan.choices import Source
from workplan.models import FocusArea, Reading

from .answers import (
    ANSWERS_LEAD_BACK,
    SHOWN,
    answer_filters,
    exports_answers,
    lacking_elsewhere,
    of_answers,
    seen_answers,
)
from .base import Content, crumb, href, listed, lower, page

REFUSED = "refused"
DECISIONS = {
    "undecided": "Not decided yet",
    "confirmed": "Confirmed",
    REFUSED: "Not confirmed",
    "contested": "Contested",
}
"""What the list of activities can be limited to."""
COUNTS = {
    "counted": "In force",
    "no-date": "Without a date in force",
    "ended": "Ended",
    "undecided": "Not decided yet",
    "contested": "Contested",
}


Activities = QuerySet[Any]


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
        "ways": [*register_ways(look), *lacking_elsewhere(look, listing, "register")],
        "listing": listing,
        "empty": ("No activities yet", "Workshops, operations, reports and other events appear here once recorded."),
    }


def activity_filters(look: Look) -> list[Filter]:
    """What they need beside is read where the address asks for it."""
    organisations = dict(Organisation.objects.order_by("position", "code").values_list("code", "name"))
    codes = FocusArea.objects.filter(plan=look.occasion.plan).order_by("code").values_list("code", flat=True)
    areas = {code: f"Focus Area {code}" for code in codes}
    places = cache(lambda: kpi_places(look, look.occasion.now.astimezone(look.time_zone).date()))
    own = [code for _, code in grants(look.user, "activity.confirm_own_part")]
    found = [
        Filter("q", "Find by title, reference, organiser, KPI", naming),
        pick("kind", "Kind", dict(ActivityKind.choices)),
        Filter("state", "Decision", decided, DECISIONS),
        KpiFilter("kpi", "KPI", lambda rows, typed: serving(rows, named(places(), typed)), places=places, rare=True),
        Filter("area", "Focus area", lambda rows, area: serving(rows, standing_in(places(), area)), areas, rare=True),
        Filter("organisation", "Organisation", lambda rows, code: with_part_of(rows, [code]), organisations, rare=True),
        pick("status", "Status", dict(ActivityStatus.choices), rare=True),
        Filter("evidence", "Without evidence", without_evidence, {"without": "Yes"}, rare=True),
        DayFilter("from", "From day", on_days(lambda rows, day: rows.filter(day__gte=day)), rare=True),
        DayFilter("to", "To day", on_days(lambda rows, day: rows.filter(day__lte=day)), rare=True),
    ]
    ours = Filter("ours", "Only with us", lambda rows, _: with_part_of(rows, own), {"1": "Yes"})
    return [*found, ours] if own else found


def naming(rows: Activities, typed: str) -> Activities:
    """Those in which each word stands somewhere, in what the list shows of them."""
    for word in typed.split():
        whose = Q(organisation__name__icontains=word) | Q(organisation__code__icontains=word)
        by = ActivityPart.objects.filter(whose, organises=True).values("version")
        serves = ActivityLink.objects.filter(kpi__code__icontains=word).values("version")
        said = Q(title__icontains=word) | Q(activity__reference__icontains=word)
        rows = rows.filter(said | Q(pk__in=by) | Q(pk__in=serves))
    return rows


def decided(rows: Activities, decision: str) -> Activities:
    """What was not confirmed is all that the list then holds."""
    if decision == REFUSED:
        return rows
    if decision == "contested":
        return rows.filter(pk__in=ActivityPart.objects.filter(contested=True).values("version"))
    return rows.filter(decision=decision)


def without_evidence(rows: Activities, _: str) -> Activities:
    """What was held, and nothing shows it yet."""
    shown = Evidence.objects.filter(activity=OuterRef("activity"), removed_at=None)
    return rows.filter(~Exists(shown), status=ActivityStatus.HELD)


def with_part_of(rows: Activities, codes: Collection[str]) -> Activities:
    return rows.filter(pk__in=ActivityPart.objects.filter(organisation__code__in=codes).values("version"))


def serving(rows: Activities, kpis: Collection[int]) -> Activities:
    return rows.filter(pk__in=ActivityLink.objects.filter(kpi__in=kpis).values("version"))


def standing_in(places: Iterable[KpiPlace], area: str) -> list[int]:
    return [each.id for each in places if each.area == area]


def named(places: Iterable[KpiPlace], typed: str) -> list[int]:
    """The KPI with the code that was typed, and those whose code goes on from it: 2.2.3 -> 2.2.3(a), 2.2.3(b)"""
    whole = re.compile(rf"{re.escape(typed.rstrip('.('))}(?!\w)", re.IGNORECASE)
    return [each.id for each in places if whole.match(each.code)]


@dataclass(frozen=True)
class KpiFilter(Filter):
    """One types a code, or how several begin."""

    places: Callable[[], Iterable[KpiPlace]] = tuple

    def fault(self, value: str) -> str:
        return "" if named(self.places(), value) else f"There is no KPI “{value}”, so the list is not limited by it."


def register_ways(look: Look) -> list[Content]:
    ways = [
        ("activity.add", "activity_add", "Add an activity", True),
        ("import.activities", "activity_import", "Import a file", False),
        ("activity.list", "calendar", "Calendar", False),
        ("arrangement.list", "arrangements", "Arrangements", False),
        ("submission.list", "figures", "Figures", False),
    ]
    own = own_codes(look.user)
    years = [(code, f"Our year: {code}" if len(own) > 1 else "Our year") for code in own]
    return [
        {"href": href(look, name), "text": text, "primary": primary}
        for action, name, text, primary in ways
        if may(look.user, action)
    ] + [{"href": href(look, "register_year", code), "text": text} for code, text in years]


# ---------------------------------------------------------------- arrangements


@page("arrangement.list", "list.html", figures=False)
def pairs(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """The arrangements between two Members. One without a date in force is shown, and not counted."""
    today = look.occasion.now.astimezone(look.time_zone).date()
    listing = Listing(
        request.GET,
        ArrangementTable(plan=look.occasion.plan.code, zone=look.time_zone),
        with_what_is_told(arrangements()),
        nouns=("arrangement", "arrangements"),
        filters=[
            find(
                "Find a Member", *(f"arrangement__party_{side}__{name}" for side in "ab" for name in ("name", "code"))
            ),
            Filter("state", "State", partial(pairs_in_state, today), COUNTS),
            pick("told", "Word of the sides", dict(Telling.choices)),
            Filter("evidence", "Without evidence", pairs_without_evidence, {"without": "Yes"}),
        ],
        exports=exports_everything(look.user),
    )
    adds = {"href": href(look, "arrangement_add"), "text": "Add an arrangement", "primary": True}
    ways = [adds] if may(look.user, "arrangement.add") else []
    if may(look.user, "import.arrangements"):
        ways.append({"href": href(look, "arrangement_import"), "text": "Import a file"})
    ways.append({"href": href(look, "arrangement_matrix"), "text": "Member by Member"})
    if may(look.user, "arrangement.confirm"):
        ways.append({"href": href(look, "plurilateral_add"), "text": "Add one of more than two Members"})
    ways += lacking_elsewhere(look, listing, "arrangements")
    return listed(request, look, listing, "Arrangements") or {
        "title": listing.title if listing.values else f"The register holds {lower(listing.title)}",
        "lede": "AEO mutual recognition arrangements between two Members. The KPI's reading says from when one counts.",
        "ways": ways,
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


def pairs_without_evidence(rows: QuerySet[Any], _: str) -> QuerySet[Any]:
    shown = Evidence.objects.filter(arrangement=OuterRef("arrangement"), removed_at=None)
    return rows.filter(~Exists(shown))


# ---------------------------------------------------------------- figures


@page("submission.list", "list.html", figures=False)
def figures(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """The figures that organisations stated, by plan year; as far as the reader may see their answers."""
    stated = Q(value__isnull=False) | Q(numerator__isnull=False)
    counted = Reading.objects.filter(kpi__plan=look.occasion.plan, source=Source.FIGURES)
    rounds = look.occasion.rounds
    listing = Listing(
        request.GET,
        FigureTable(**of_answers(look)),
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
