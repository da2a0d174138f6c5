"""What there is, as lists: the KPIs with where they stand, the organisations, the rounds."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from members.choices import AttributeName, Group, OrganisationKind, Scope
from members.lists import Filter, Listing, find, pick
from members.models import Attribute, Membership, Organisation
from members.permissions import exports_everything, grants, may
from members.queries import in_force, members_at
from reporting.achievement import Result
from reporting.inputs import Basis
from reporting.looking import BASIS_WORDS, Look
from reporting.models import Round
from reporting.presentation import WORDS, day_words
from reporting.report import Report
from reporting.tables import KpiTable, OrganisationTable, RoundTable
from workplan.database import Listed
from workplan.tree import FocusAreaText, KpiText, ReadingText

from .base import Content, crumb, drawn, listed, page

# ---------------------------------------------------------------- KPIs


@dataclass(frozen=True)
class KpiRow:
    """A KPI's words, its reading and its result, side by side; of a result that is not for the reader, nothing."""

    position: int
    code: str
    area: str
    theme: str
    milestone: str
    text: str
    target_text: str
    responsible: str
    source: str
    measure: str
    period: str
    target: Decimal
    unit: str
    reading: str
    version: str
    value: Decimal | None
    percent: Decimal | None
    status: str
    status_code: str
    status_place: int
    baseline: Decimal | None
    progress: Decimal | None
    expected: Decimal | None
    counted: int | None
    pending: int | None
    unanswered: int | None
    not_applicable: int | None


NOT_SHOWN: Content = {
    **dict.fromkeys(("value", "percent", "baseline", "progress", "expected")),
    **dict.fromkeys(("counted", "pending", "unanswered", "not_applicable")),
    "status": "Not shown",
    "status_code": "",
    "status_place": len(WORDS),
}


def result_row(result: Result) -> Content:
    return {
        "value": result.value,
        "percent": result.percent,
        "status": WORDS[result.status].capitalize(),
        "status_code": result.status.value,
        "status_place": list(WORDS).index(result.status),
        "baseline": result.baseline,
        "progress": result.progress,
        "expected": result.expected,
        "counted": len(result.counted),
        "pending": len(result.pending),
        "unanswered": len(result.unanswered),
        "not_applicable": len(result.not_applicable),
    }


def confirmed_words(reading: ReadingText) -> str:
    """Whether somebody decided how the KPI is counted, where its target text leaves a choice."""
    if reading.unconfirmed:
        return "Not confirmed"
    return "Confirmed" if reading.confirmed_at else "No decision needed"


def version_words(amendment: int | None) -> str:
    """By which version of the plan a figure is counted."""
    return f"as changed by amendment {amendment}" if amendment else "as it was adopted"


def kpi_row(report: Report, position: int, area: FocusAreaText, kpi: KpiText, *, seen: bool) -> KpiRow:
    """``seen``: may the reader see its figures."""
    reading = kpi.reading
    return KpiRow(
        position=position,
        code=kpi.code,
        area=area.code,
        theme=f"{kpi.theme_number}. {kpi.theme}" if kpi.theme else "",
        milestone=kpi.milestone,
        text=kpi.text,
        target_text=kpi.target,
        responsible=kpi.responsible,
        source=reading.source.label,
        measure=reading.measure.label,
        period=reading.period.label,
        target=reading.target,
        unit=reading.unit,
        reading=confirmed_words(reading),
        version=version_words(reading.amendment).capitalize(),
        **(result_row(report.results[kpi.code]) if seen else NOT_SHOWN),
    )


@page("dashboard.region_released")
def kpis(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """The KPIs with what is counted, as far as the reader may see figures: released ones, or those of the moment."""
    listing = kpis_listed(request, look) if request.GET.get("format") else None
    if listing and (file := kpis_filed(request, look, listing)):
        return file

    def make() -> Content:
        shown = listing or kpis_listed(request, look)
        return {
            "title": f"{shown.title} as at {day_words(look.as_of)}",
            "lede": f"What the plan asks for, how it is counted, and where it stands: by the plan "
            f"{version_words(look.report.plan.amendment)}.{limits_words(look)}",
            "crumbs": [crumb(look, "work_plan", "Work plan")],
            "listing": shown,
            "empty": ("No KPIs yet", "KPIs appear here when a plan is published."),
        }

    return drawn(request, look, "components/list_body.html", make, look.time_zone.key)


def seen_areas(look: Look) -> frozenset[str]:
    """The focus areas whose figures the reader may see as they stand in this look; a release is for everybody."""
    areas, everything = look.report.plan.focus_areas, look.released or look.sees_unreleased_region
    return frozenset(each.code for each in areas if everything or look.sees_area(each.co_coordinators))


def limits_words(look: Look) -> str:
    """What a reader must know who sees the figures of some focus areas alone."""
    seen = seen_areas(look)
    if len(seen) == len(look.report.plan.focus_areas):
        return ""
    which = f"Focus Area{'' if len(seen) == 1 else 's'} {' and '.join(sorted(seen))}"
    return f" Figures not released yet are shown of {which} alone; the page of any other KPI has the released ones."


ALL = "all"


def area_filter(report: Report, seen: frozenset[str]) -> Filter:
    """Who co-ordinates one focus area begins with that, and sees the others by a click."""
    areas = {each.code: f"Focus Area {each.code}" for each in report.plan.focus_areas}
    if len(seen) != 1 or len(areas) == 1:
        return pick("area", "Focus area", areas)
    picked = pick("area", "Focus area", areas)

    def limits(rows: list[KpiRow], value: str) -> list[KpiRow]:
        return rows if value == ALL else picked.limits(rows, value)

    return replace(picked, limits=limits, options={**areas, ALL: "All"}, default=min(seen), every=ALL)


def kpis_listed(request: HttpRequest, look: Look) -> Listing:
    report, seen = look.report, seen_areas(look)
    places = [(area, kpi) for area in report.plan.focus_areas for kpi in area.kpis]
    return Listing(
        request.GET,
        KpiTable(plan=look.occasion.plan.code, zone=look.time_zone),
        [kpi_row(report, place, *each, seen=each[0].code in seen) for place, each in enumerate(places)],
        nouns=("KPI", "KPIs"),
        filters=[
            find("Find a KPI", "code", "theme", "milestone", "text", "target_text", "responsible"),
            area_filter(report, seen),
            pick("status", "Status", {each.value: words.capitalize() for each, words in WORDS.items()}, "status_code"),
        ],
        filename="kpis",
        exports=may(look.user, "export.released") if look.released else bool(grants(look.user, "export.unreleased")),
    )


def kpis_filed(request: HttpRequest, look: Look, listing: Listing) -> HttpResponseBase | None:
    basis = BASIS_WORDS[Basis(look.report.basis)].lower()
    figures = f"as at {day_words(look.as_of)}, {basis} answers"
    figures += f", release {look.release.number}" if look.released else ""
    version = version_words(look.report.plan.amendment)
    return listed(
        request, look, listing, "KPIs", released=look.released, Figures=figures, Counted_by=f"The plan {version}"
    )


# ---------------------------------------------------------------- organisations


@page("plan.view_published", "list.html", figures=False)
def organisations(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """Members and regional entities as on a day: today, or the date in the address. How many people each has is for who
    may list them."""
    day = look.occasion.asked_date or look.occasion.now.astimezone(look.time_zone).date()
    edits = may(look.user, "organisation.edit")
    table = OrganisationTable(plan=look.occasion.plan.code, zone=look.time_zone, edits=edits)
    if not any(scope is Scope.YES for scope, _ in grants(look.user, "user.list")):
        table.leave_out("people")
    listing = Listing(
        request.GET,
        table,
        Organisation.objects.all(),
        read=organisations_read(day),
        nouns=("organisation", "organisations"),
        filters=organisation_filters(day),
        exports=may(look.user, "export.released"),
    )
    return listed(request, look, listing, "Organisations", released=True, As_at=day_words(day)) or {
        "title": f"{listing.title} as at {day_words(day)}",
        "lede": "The Members of the region and its regional entities, and what each of them is on that day.",
        "crumbs": [crumb(look, "rounds", "Reporting")] if may(look.user, "submission.list") else [],
        "ways": [
            {"href": reverse("organisation_add"), "text": "Add an organisation", "primary": True},
            {"href": reverse("import_organisations"), "text": "Import organisations"},
        ]
        if edits
        else [],
        "listing": listing,
        "empty": ("No organisations yet", "They appear here when the secretariat enters or imports them."),
    }


def organisations_read(day: date) -> QuerySet[Organisation, Any]:
    """With their last ``membership`` and its days, what they are on the day (``held``, with commas between), and how
    many people: beside each row, as reading them after it takes as long as all the rest of the page."""
    last = Membership.objects.filter(organisation=OuterRef("pk")).order_by(F("joined").desc(nulls_last=True))
    of_last = {"membership": "pk", "joined": "joined", "left": "left"}
    held = Attribute.objects.filter(in_force("since", "until", day), organisation=OuterRef("pk")).order_by()
    return Organisation.objects.annotate(
        people=Count("roles__user", filter=Q(roles__user__is_active=True), distinct=True),
        held=Subquery(held.values("organisation").values(named=Listed("name"))),
        **{name: Subquery(last.values(field)[:1]) for name, field in of_last.items()},
    )


def organisation_filters(day: date) -> list[Filter]:
    def member(rows: QuerySet[Organisation], value: str) -> QuerySet[Organisation]:
        now = Q(pk__in=members_at(day).values("pk"))
        return rows.filter(now if value == "yes" else ~now)

    def having(rows: QuerySet[Organisation], name: str) -> QuerySet[Organisation]:
        held = Attribute.objects.filter(in_force("since", "until", day), organisation=OuterRef("pk"), name=name)
        return rows.filter(Exists(held))

    return [
        find("Find by name or code", "code", "name", "also_known_as"),
        pick("kind", "Kind", dict(OrganisationKind.choices)),
        pick("group", "Group", dict(Group.choices)),
        Filter("is", "Is", having, dict(AttributeName.choices)),
        Filter("member", "Member on that day", member, {"yes": "Yes", "no": "No"}),
    ]


# ---------------------------------------------------------------- rounds


@dataclass(frozen=True)
class RoundRow:
    as_at: date
    title: str
    code: str
    state: str
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    time_zone: str
    asked: int
    answered: int
    opens_a_page: bool


@page("submission.list", "list.html", figures=False)
def rounds(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """Every round of the plan, with how many organisations have sent something."""
    edits = may(look.user, "round.edit")
    rows = [round_row(each, look.returns[each.pk], look.occasion.now, edits=edits) for each in look.occasion.rounds]
    listing = Listing(
        request.GET,
        RoundTable(plan=look.occasion.plan.code, zone=look.time_zone),
        rows,
        nouns=("round", "rounds"),
        filters=[
            find("Find a round", "title", "code"),
            pick("state", "State", {state: state for state in ("Planned", "Open", "Closed")}),
        ],
        exports=exports_everything(look.user),
    )
    return listed(request, look, listing, "Rounds") or {
        "title": listing.title,
        "lede": "Each round collects what organisations say as at one date.",
        "crumbs": [crumb(look, "rounds", "Reporting")],
        "listing": listing,
        "empty": ("No rounds yet", "A round appears here when the secretariat creates it."),
    }


def round_row(each: Round, returns: tuple[int, int], now: datetime, *, edits: bool) -> RoundRow:
    """``returns``: how many organisations are asked, and have sent something."""
    state = each.state(now)
    counts = dict(zip(("asked", "answered"), returns, strict=True))
    says = {name: getattr(each, name) for name in RoundRow.__annotations__ if hasattr(each, name)}
    return RoundRow(**{**says, **counts, "state": state.capitalize(), "opens_a_page": edits or state != "planned"})
