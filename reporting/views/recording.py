"""An activity is added, changed, or copied to the next year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme

from members.models import Organisation
from reporting.actions.activities import OF_ACTIVITY, record_activity
from reporting.actions.refusals import Stale
from reporting.choices import ActivityStatus
from reporting.forms.register import ActivityForm, LinkForms, PartForms, activity_record
from reporting.looking import Look
from reporting.models import Activity
from reporting.returns import nothing_here
from workplan.choices import Source
from workplan.models import Kpi
from workplan.tree import PlanText

from .activities import OpenedActivity, opened
from .alike import about, recorded_already, suggested
from .base import Content, acted, crumb, page
from .records import records_for, show_stored

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of references: none that look alike."""
OF_PART = ("organises", "contributes", "takes_part", "participants", "women", "head")


@page("activity.add", "register/activity_form.html", figures=False)
def add(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """A new activity. Its reference is made with the form, so that a second click finds the first one's record.
    ``?kpi=`` and ``?organisation=`` fill in what the reader came from, ``?next=`` leads back there; ``?copy=`` is the
    record whose next one it is."""
    own = records_for(look, "activity.add")
    asked = request.GET.get("organisation", "")
    code = asked if asked in own else own[0]
    reference = f"{code}-{look.occasion.now:%Y%m%d}-{get_random_string(5, LETTERS)}"
    initial = {"token": "0", "reference": reference, "status": ActivityStatus.HELD.value, "recorded_by": code}
    parts = [{"organisation": code, "takes_part": True}]
    links = [{"kpi": request.GET["kpi"], "items": "1"}] if request.GET.get("kpi") else []
    if request.GET.get("copy") and request.method != "POST":
        copied = a_year_later(look, request.GET["copy"])
        initial, parts, links = initial | copied.says, copied.parts or parts, copied.links
    return form_page(request, look, None, initial, parts, links, "Add an activity")


@dataclass(frozen=True)
class Copied:
    """What a form begins with that copies another record."""

    says: dict[str, Any]
    parts: list[dict[str, Any]]
    links: list[dict[str, Any]]


def a_year_later(look: Look, pk: str) -> Copied:
    """The same once more: planned, on the same days of the next year, by the same organisers and contributors, for the
    KPIs that are still counted so. Whoever may not know of the one gets no other, so the audience goes with it. Raises
    Missing."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 20):
        raise nothing_here()
    found = opened(look, int(pk))
    version, active = found.version, ("organises", "contributes")
    says = {name: getattr(version, name) for name in ("title", "kind", "place", "online")}
    says |= {"status": ActivityStatus.PLANNED.value, "audience": found.record.audience}
    says |= {"start": next_year(version.start), "end": version.end and next_year(version.end)}
    offered = {code for _, group in kpi_choices(look.plan_at(look.occasion.as_of), set()) for code, _ in group}
    parts = [
        {"organisation": part.organisation.code} | {name: getattr(part, name) for name in active}
        for part in version.parts.all()
        if any(getattr(part, name) for name in active)
    ]
    links = [
        {"kpi": link.kpi.code, "items": "1"}
        for link in version.links.all()
        if link.kpi.plan_id == look.occasion.plan.pk and link.kpi.code in offered
    ]
    return Copied(says, parts, links)


def next_year(day: date) -> date:
    """The same day of the next year; of the 29.02. the 28.02."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


@page("activity.edit", "register/activity_form.html", figures=False, within=opened)
def edit(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A changed activity is a new version that waits for a decision; a confirmed one counts meanwhile."""
    found = opened(look, pk)
    if not found.may("edit"):
        raise PermissionDenied
    version = found.version
    initial = {name: getattr(version, name) for name in OF_ACTIVITY} | {"audience": found.record.audience}
    rating = "" if version.rating is None else str(version.rating)
    initial |= {"token": str(version.pk), "reference": found.record.reference, "rating": rating}
    parts = [
        {"organisation": part.organisation.code} | {name: getattr(part, name) for name in OF_PART}
        for part in version.parts.all()
    ]
    links = [
        {"kpi": link.kpi.code, "items": link.items}
        for link in version.links.all()
        if link.kpi.plan_id == look.occasion.plan.pk
    ]
    return form_page(request, look, found, initial, parts, links, f"Change {version.title}")


def form_page(
    request: HttpRequest,
    look: Look,
    found: OpenedActivity | None,
    initial: dict[str, Any],
    parts: list[dict[str, Any]],
    links: list[dict[str, Any]],
    title: str,
) -> Content | HttpResponse:
    organisations = {each.code: each for each in Organisation.objects.all()}
    names = [(each.code, each.name) for each in organisations.values()]
    data = more_rows(request) if request.method == "POST" else None
    if data is not None and (found or not data.get("reference", "").strip()):
        data["reference"] = initial["reference"]  # that of a record never changes, and nothing is without one
    today = look.occasion.now.astimezone(look.time_zone).date()
    mine = [] if found else records_for(look, "activity.add")
    form = ActivityForm(data, initial=initial, recorders=[each for each in names if each[0] in mine], today=today)
    # What is stored by now says nothing of what was sent: a row that equals it is no blank one.
    part_rows = PartForms(
        data, prefix="part", initial=None if data else parts, form_kwargs={"organisations": names}
    )  # fmt: skip
    plan = look.plan_at(look.occasion.as_of)
    link_rows = LinkForms(
        data, prefix="kpi", initial=None if data else links,
        form_kwargs={"kpis": kpi_choices(plan, {each["kpi"] for each in links} if found else set())},
    )  # fmt: skip
    crumbs = found.crumbs if found else [crumb(look, "register", "Register")]
    content = {
        "title": title,
        "form": form,
        "parts": part_rows,
        "links": link_rows,
        "cancel": came_from(request) or crumbs[-1]["href"],
        "crumbs": crumbs,
        "looks": "" if found else reverse("activity_alike", args=[look.occasion.plan.code]),
    }
    if data is None:
        return content
    if "more" in request.POST or "suggested" in request.POST:
        for each in (form, *part_rows, *link_rows):
            each.say_nothing()
        told = data.get("title", ""), data.get("kind", "")
        return content | {"suggested": suggested(look, *told)}
    if not all_valid(form, part_rows, link_rows):
        return content | {"status": 422, "wrong_rows": [*part_rows, *link_rows]}
    if unseen := {} if found else known_already(request, look, form, part_rows, organisations):
        return content | unseen

    def act() -> HttpResponse:
        kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(plan=look.occasion.plan)}
        record = activity_record(form, part_rows, link_rows, organisations, kpis)
        refuse_foreign(look, found, record.reference)
        recorder = organisations[form.cleaned_data.get("recorded_by") or mine[0]] if mine else None
        seen, by, now = form.cleaned_data["token"] or "0", look.user, look.occasion.now
        try:
            made = record_activity(
                record=record, recorded_by=recorder, seen=seen, by=by, now=now, plan=look.occasion.plan
            )
        except Stale:
            show_stored(content, data, opened(look, Activity.objects.get(reference=record.reference).pk).version)
            raise
        messages.success(request, "Recorded. The secretariat decides whether it counts.")
        return redirect(came_from(request) or reverse("activity", args=[look.occasion.plan.code, made.pk]))

    return acted(form, content, act)


def all_valid(form: ActivityForm, parts: Any, links: Any) -> bool:
    """What is wrong with the rows together stands on top of the form."""
    valid = all([form.is_valid(), parts.is_valid(), links.is_valid()])
    for message in (*parts.non_form_errors(), *links.non_form_errors()):
        form.add_error(None, message)
    return valid


def known_already(
    request: HttpRequest, look: Look, form: ActivityForm, parts: Any, organisations: Mapping[str, Organisation]
) -> Content:
    """The records that the new one may be; nothing where there are none, or its reader has seen them."""
    by = {each.cleaned_data["organisation"] for each in parts if each.cleaned_data.get("organises")}
    organisers = frozenset(organisations[code].pk for code in by)
    said = form.cleaned_data
    typed = about(look, said["title"], said["start"], said["end"], organisers)
    found = recorded_already(look, typed, said["reference"])
    return found if found["alike"] and request.POST.get("alike") != found["alike_seen"] else {}


def came_from(request: HttpRequest) -> str:
    """The page of this site that led to the form, "" where none did."""
    there = request.GET.get("next", "")
    return there if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None) else ""


def refuse_foreign(look: Look, found: OpenedActivity | None, reference: str) -> None:
    """A form to add something cannot be made to change what another organisation recorded."""
    known = None if found else Activity.objects.filter(reference=reference).first()
    if known and not opened(look, known.pk).may("edit"):
        raise PermissionDenied


def kpi_choices(plan: PlanText, linked: set[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Those that are counted from activities, and those that are linked already, by focus area."""
    counting = (Source.ACTIVITIES, Source.PARTICIPATION)
    groups = []
    for area in plan.focus_areas:
        chosen = [kpi for kpi in area.kpis if kpi.reading.source in counting or kpi.code in linked]
        group = [(kpi.code, f"{kpi.code} {kpi.reading.question}") for kpi in chosen]
        groups += [(f"Focus Area {area.code}: {area.title}", group)] if group else []
    return groups


def more_rows(request: HttpRequest) -> dict[str, Any]:
    """What was sent, with three more blank rows where a person asks for them, or with the KPI that they chose of those
    that were suggested."""
    data: dict[str, Any] = request.POST.dict()
    if code := data.get("suggested"):
        rows = [number for number in range(30) if f"kpi-{number}-items" in data or f"kpi-{number}-kpi" in data]
        blank = next((number for number in rows if not data.get(f"kpi-{number}-kpi")), len(rows))
        if code not in (data.get(f"kpi-{number}-kpi") for number in rows):
            data |= {f"kpi-{blank}-kpi": code, "kpi-TOTAL_FORMS": str(max(len(rows), blank + 1))}
    prefix = {"parts": "part", "links": "kpi"}.get(request.POST.get("more", ""))
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    if prefix and total.isascii() and total.isdigit() and len(total) < 4:
        data[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 3)
    return data
