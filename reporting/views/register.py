"""The register: what happened, which arrangements there are, and the figures; each fact is recorded once."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django_tables2 import RequestConfig

from members.choices import Scope
from members.models import Organisation, User
from members.permissions import Target, grants, may
from reporting.actions import decide
from reporting.actions.entry import Stale
from reporting.actions.registers import cancel_activity, record_activity, record_arrangement, stop_counting
from reporting.actions.statements import settle_part, settle_side, state_part, state_side
from reporting.choices import ActivityKind, ActivityStatus, Decision, StatementKind
from reporting.forms.register import (
    ActivityForm,
    ArrangementForm,
    DecisionForm,
    LinkForms,
    PartForms,
    SettlementForm,
    StatementForm,
    activity_record,
)
from reporting.looking import Look
from reporting.models import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    SideStatement,
)
from reporting.queries import arrangements, registered_activities
from reporting.returns import nothing_here
from reporting.tables import ActivityTable, ArrangementTable, FigureTable
from reporting.threads import UNSENT
from workplan.choices import Source
from workplan.models import Reading
from workplan.queries import readings_of

from .base import Content, crumb, page
from .rounds import acted

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of references: none that look alike."""


STATES = {"undecided": "Not decided yet", "refused": "Not confirmed"}
"""What the list can be limited to."""


# ---------------------------------------------------------------- lists


@page("activity.list", "register.html", figures=False)
def register(request: HttpRequest, look: Look) -> Content:
    """What happened, and which arrangements there are; each counts for every KPI that it serves."""
    words, kind, state = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "state"))
    kind, state = kind if kind in ActivityKind.values else "", state if state in STATES else ""
    found = registered_activities(look.occasion.plan, refused=state == "refused")
    for word in words.split():
        found = found.filter(Q(title__icontains=word) | Q(activity__reference__icontains=word))
    if kind:
        found = found.filter(kind=kind)
    if state == "undecided":
        found = found.filter(decision=Decision.UNDECIDED)
    activities, pairs = (
        ActivityTable(found, plan=look.occasion.plan.code),
        ArrangementTable(arrangements(), plan=look.occasion.plan.code),
    )
    RequestConfig(request, paginate={"per_page": 50}).configure(activities)
    RequestConfig(request, paginate={"per_page": 50}).configure(pairs)
    count = activities.paginator.count
    some = f"{count} {'activity' if count == 1 else 'activities'}"
    title = f"{some} found" if words or kind or state else f"The register holds {some}"
    return {
        "title": title,
        "activities": activities,
        "arrangements": pairs,
        "words": words,
        "kind": kind,
        "state": state,
        "kinds": ActivityKind.choices,
        "states": STATES.items(),
        "adds": may(look.user, "activity.add"),
        "adds_arrangement": may(look.user, "arrangement.add"),
        "figures": may(look.user, "submission.list"),
    }


@page("submission.list", "register/figures.html", figures=False)
def figures(request: HttpRequest, look: Look) -> Content:
    """The figures that organisations stated, by plan year; as far as the reader may see their answers."""
    rows = seen_figures(look)
    table = FigureTable(rows, plan=look.occasion.plan.code)
    RequestConfig(request, paginate={"per_page": 100}).configure(table)
    many = table.paginator.count
    return {
        "title": f"{many or 'No'} figure{'' if many == 1 else 's'} stated",
        "figures": table,
        "crumbs": [crumb(look, "register", "Register")],
    }


def seen_figures(look: Look) -> QuerySet[Answer]:
    """Own figures with the drafts; others as they were sent."""
    rows = Answer.objects.filter(kpi__plan=look.occasion.plan, reading__source=Source.FIGURES)
    rows = rows.exclude(value=None, numerator=None).select_related("organisation", "kpi", "round")
    reach = grants(look.user, "submission.list")
    own = Q(organisation__code__in=[code for scope, code in reach if scope is Scope.OWN])
    sent = ~Q(state__in=UNSENT)
    areas = Q(kpi__milestone__specific_action__objective__focus_area__co_coordinators__code__in=look.co_ordinates_for)
    everything = any(scope is Scope.YES for scope, _ in reach)
    same = {name: OuterRef(name) for name in ("submission", "kpi", "plan_year")}
    later = Answer.objects.filter(**same, version__gt=OuterRef("version")).exclude(state__in=UNSENT)
    return rows.filter(own | (sent if everything else sent & areas)).exclude(Exists(later)).distinct()


# ---------------------------------------------------------------- whose a record is


def organisations_of(user: User) -> frozenset[str]:
    return frozenset(held.organisation_code for held in user.held_roles)


def own_of_activity(activity: Activity, version: ActivityVersion) -> Target:
    """Own is what one's organisation recorded, organises or is a party to (domain.md, "Who may do what")."""
    first = activity.versions.order_by("number").select_related("entered_by").first()
    recorder = organisations_of(first.entered_by) if first and first.entered_by else frozenset()
    return Target(organisations=recorder | {part.organisation.code for part in version.parts.all()})


def own_of_arrangement(arrangement: Arrangement) -> Target:
    return Target(organisations=frozenset({arrangement.party_a.code, arrangement.party_b.code}))


def own_codes(look: Look, action: str, codes: Iterable[str]) -> list[str]:
    """Of these organisations those for which the reader may do this."""
    return [code for code in codes if may(look.user, action, Target(organisations=frozenset({code})))]


def possible(pk: int) -> None:
    """A number that no database can hold is nobody's."""
    if pk >= 2**63:
        raise nothing_here()


# ---------------------------------------------------------------- an activity


def activity_called(look: Look, pk: int) -> tuple[Activity, ActivityVersion]:
    possible(pk)
    rows = ActivityVersion.objects.select_related("activity", "entered_by", "decided_by")
    parts = Prefetch("parts", ActivityPart.objects.select_related("organisation"))
    links = Prefetch("links", ActivityLink.objects.select_related("kpi"))
    found = rows.prefetch_related(parts, links).filter(activity=pk).order_by("-number").first()
    if found is None:
        raise nothing_here()
    return found.activity, found


@page("activity.list", "register/activity.html", figures=False)
def activity(request: HttpRequest, look: Look, pk: int) -> Content:
    """One activity: what is recorded, what counts, what organisations say of their part."""
    found, version = activity_called(look, pk)
    own = own_of_activity(found, version)
    speaking = found.versions.filter(accepted=True).first()
    codes = [part.organisation.code for part in version.parts.all()]
    cancelled = version.status == ActivityStatus.CANCELLED
    waits = version.decision == Decision.UNDECIDED and (speaking is not None or not cancelled)
    return {
        "title": version.title,
        "activity": found,
        "version": version,
        "speaking": speaking if speaking != version else None,
        "statements": list(found.statements.select_related("organisation", "made_by", "settled_by")),
        "edits": may(look.user, "activity.edit", own),
        "cancels": may(look.user, "activity.cancel", own) and not cancelled,
        "decides": may(look.user, "activity.confirm") and waits,
        "own_work": version.entered_by_id == look.user.pk,
        "settles": may(look.user, "activity.confirm"),
        "states": bool(own_codes(look, "activity.confirm_own_part", codes)),
        "crumbs": [crumb(look, "register", "Register")],
    }


@page("activity.add", "register/activity_form.html", figures=False)
def activity_add(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """A new activity. Its reference is made with the form, so that a second click finds the first one's record."""
    code = sorted(organisations_of(look.user))[0]
    reference = f"{code}-{look.occasion.now:%Y%m%d}-{get_random_string(5, LETTERS)}"
    initial = {"token": "0", "reference": reference, "status": "held"}
    parts = [{"organisation": code, "takes_part": True}]
    links = [{"kpi": request.GET.get("kpi", ""), "items": "1"}] if request.GET.get("kpi") else []
    return activity_form(request, look, None, initial, parts, links, "Add an activity")


@page("activity.edit", "register/activity_form.html", figures=False)
def activity_edit(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A changed activity is a new version that waits for a decision; a confirmed one counts meanwhile."""
    found, version = activity_called(look, pk)
    if not may(look.user, "activity.edit", own_of_activity(found, version)):
        raise PermissionDenied
    names = ("title", "kind", "status", "start", "end", "respondents")
    initial = {name: getattr(version, name) for name in names}
    rating = "" if version.rating is None else str(version.rating)
    initial |= {"token": str(version.pk), "reference": found.reference, "rating": rating}
    of_part = ("organises", "contributes", "takes_part", "participants", "women", "head")
    parts = [
        {"organisation": part.organisation.code} | {name: getattr(part, name) for name in of_part}
        for part in version.parts.all()
    ]
    links = [
        {"kpi": link.kpi.code, "items": link.items}
        for link in version.links.all()
        if link.kpi.plan_id == look.occasion.plan.pk
    ]
    return activity_form(request, look, found, initial, parts, links, f"Change {version.title}")


def activity_form(
    request: HttpRequest,
    look: Look,
    found: Activity | None,
    initial: dict[str, Any],
    parts: list[dict[str, Any]],
    links: list[dict[str, Any]],
    title: str,
) -> Content | HttpResponse:
    organisations = {each.code: each for each in Organisation.objects.all()}
    readings = {reading.kpi.code: reading for reading in readings_of(look.occasion.plan)}
    kpis = {code: reading.kpi for code, reading in readings.items()}
    data = more_rows(request) if request.method == "POST" else None
    if data is not None and (found or not data.get("reference", "").strip()):
        data["reference"] = initial["reference"]  # that of a record never changes, and nothing is without one
    form = ActivityForm(data, initial=initial)
    # What is stored by now says nothing of what was sent: a row that equals it is no blank one.
    part_rows = PartForms(
        data, prefix="part", initial=None if data else parts,
        form_kwargs={"organisations": [(each.code, each.name) for each in organisations.values()]},
    )  # fmt: skip
    link_rows = LinkForms(
        data, prefix="kpi", initial=None if data else links,
        form_kwargs={"kpis": kpi_choices(readings, {each["kpi"] for each in links} if found else set())},
    )  # fmt: skip
    content = {
        "title": title,
        "form": form,
        "parts": part_rows,
        "links": link_rows,
        "cancel": reverse("activity", args=[look.occasion.plan.code, found.pk]) if found else None,
        "crumbs": [crumb(look, "register", "Register")],
    }
    if data is None:
        return content
    if "more" in request.POST:
        for each in (form, *part_rows, *link_rows):
            each.say_nothing()
        return content
    if not all([form.is_valid(), part_rows.is_valid(), link_rows.is_valid()]):
        for message in (*part_rows.non_form_errors(), *link_rows.non_form_errors()):
            form.add_error(None, message)
        return content | {"status": 422, "wrong_rows": [*part_rows, *link_rows]}

    def act() -> HttpResponse:
        record = activity_record(form, part_rows, link_rows, organisations, kpis)
        refuse_foreign(look, found, record.reference)
        seen, by, now = form.cleaned_data["token"] or "0", look.user, look.occasion.now
        try:
            made = record_activity(record=record, seen=seen, by=by, now=now, plan=look.occasion.plan)
        except Stale:
            show_stored(content, data, activity_called(look, Activity.objects.get(reference=record.reference).pk)[1])
            raise
        messages.success(request, "Recorded. The secretariat decides whether it counts.")
        return redirect("activity", look.occasion.plan.code, made.pk)

    return acted(form, content, act)


def show_stored(content: Content, data: dict[str, Any], version: ActivityVersion | ArrangementVersion) -> None:
    """What is stored stands beside what was typed; who goes on has seen both."""
    content |= {"stored": version}
    data["token"] = str(version.pk)


def refuse_foreign(look: Look, found: Activity | None, reference: str) -> None:
    """A form to add something cannot be made to change what another organisation recorded."""
    known = None if found else Activity.objects.filter(reference=reference).first()
    if known:
        version = known.versions.prefetch_related("parts__organisation").latest("number")
        if not may(look.user, "activity.edit", own_of_activity(known, version)):
            raise PermissionDenied


def kpi_choices(readings: dict[str, Reading], linked: set[str]) -> list[tuple[str, str]]:
    """Those that are counted from activities, and those that are linked already, in the plan's order."""
    counting = (Source.ACTIVITIES, Source.PARTICIPATION)
    chosen = [each for each in readings.values() if each.source in counting or each.kpi.code in linked]
    return [
        (each.kpi.code, f"{each.kpi.code}: {each.unit}") for each in sorted(chosen, key=lambda one: one.kpi.position)
    ]


def more_rows(request: HttpRequest) -> dict[str, Any]:
    """What was sent, with three more blank rows where a person asks for them."""
    data: dict[str, Any] = request.POST.dict()
    prefix = {"parts": "part", "links": "kpi"}.get(request.POST.get("more", ""))
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    if prefix and total.isascii() and total.isdigit() and len(total) < 4:
        data[f"{prefix}-TOTAL_FORMS"] = str(int(total) + 3)
    return data


@page("activity.cancel", "register/confirm.html", figures=False)
def activity_cancel(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, version = activity_called(look, pk)
    if not may(look.user, "activity.cancel", own_of_activity(found, version)):
        raise PermissionDenied
    data = request.POST.dict() if request.method == "POST" else None
    form = DecisionForm(data, initial={"token": str(version.pk)})
    content = {
        "title": f"Cancel {version.title}",
        "form": form,
        "says": "The record stays and says that the activity was not held. It does not count; what is confirmed "
        "counts until the secretariat agrees.",
        "action": "Cancel the activity",
        "only_token": True,
        "cancel": reverse("activity", args=[look.occasion.plan.code, found.pk]),
        "crumbs": [crumb(look, "register", "Register")],
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        try:
            cancel_activity(activity=found, seen=form.cleaned_data["token"], by=look.user, now=look.occasion.now)
        except Stale:
            show_stored(content, data, activity_called(look, pk)[1])
            raise
        messages.success(request, f"{version.title} is cancelled.")
        return redirect("activity", look.occasion.plan.code, found.pk)

    return acted(form, content, act)


@page("activity.confirm", "register/confirm.html", figures=False)
def activity_decide(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, version = activity_called(look, pk)
    return decision(
        request, look, version, version.title, reverse("activity", args=[look.occasion.plan.code, found.pk])
    )


def decision(
    request: HttpRequest, look: Look, version: ActivityVersion | ArrangementVersion, name: str, back: str
) -> Content | HttpResponse:
    """The newest version is confirmed or not."""
    data = request.POST.dict() if request.method == "POST" else None
    form = DecisionForm(data, initial={"token": str(version.pk)})
    cancelled = isinstance(version, ActivityVersion) and version.status == ActivityStatus.CANCELLED
    content = {
        "title": f"Decide on {name}",
        "form": form,
        "says": "What is confirmed counts. What is not confirmed does not count; its page stays, with your reason.",
        "decides": True,
        "cancelled": cancelled,
        "stored": version,
        "cancel": back,
        "crumbs": [crumb(look, "register", "Register")],
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        if data.get("decision") not in ("confirm", "refuse"):
            raise ValidationError("Choose “Confirm” or “Do not confirm”.")
        confirms = data["decision"] == "confirm"
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["token"] != str(version.pk):
            show_stored(content, data, version)
            raise Stale("Somebody changed this record after you opened it. Look at it again, then decide.")
        if not confirms and not reason:
            raise ValidationError({"reason": "Say why it is not confirmed."})
        if confirms and isinstance(version, ActivityVersion) and cancelled:
            stop_counting(cancelled=version, by=look.user, now=look.occasion.now, reason=reason)
            messages.success(request, f"{name} was cancelled: it counts no more.")
            return redirect(back)
        to = Decision.CONFIRMED if confirms else Decision.REFUSED
        decide(version, to=to, by=look.user, now=look.occasion.now, reason=reason)
        messages.success(request, f"{name} is {'confirmed: it counts from now on' if confirms else 'not confirmed'}.")
        return redirect(back)

    return acted(form, content, act)


@page("activity.confirm_own_part", "register/statement.html", figures=False)
def activity_part(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """An organisation says whether its own part is right."""
    found, version = activity_called(look, pk)
    named = [part.organisation for part in version.parts.all()]
    back = reverse("activity", args=[look.occasion.plan.code, found.pk])

    def act(organisation: Organisation, kind: StatementKind, reason: str) -> None:
        state_part(
            activity=found, organisation=organisation, kind=kind, reason=reason, by=look.user, now=look.occasion.now
        )

    title = f"Your part in {version.title}"
    return statement(request, look, named, "activity.confirm_own_part", title, back, act)


def statement(
    request: HttpRequest,
    look: Look,
    named: list[Organisation],
    action: str,
    title: str,
    back: str,
    say: Callable[[Organisation, StatementKind, str], None],
) -> Content | HttpResponse:
    own = {each.code: each for each in named if each.code in own_codes(look, action, [each.code])}
    if not own:
        raise PermissionDenied
    choices = [(each.code, each.name) for each in own.values()]
    data = request.POST if request.method == "POST" else None
    form = StatementForm(data, organisations=choices, initial={"organisation": choices[0][0]})
    content = {"title": title, "form": form, "cancel": back, "crumbs": [crumb(look, "register", "Register")]}
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        kind = StatementKind(form.cleaned_data["kind"])
        say(own[form.cleaned_data["organisation"]], kind, form.cleaned_data["reason"])
        confirmed = kind == StatementKind.CONFIRMED
        messages.success(request, "Thank you. It is confirmed." if confirmed else "It does not count until settled.")
        return redirect(back)

    return acted(form, content, act)


@page("activity.confirm", "register/settle.html", figures=False)
def activity_settle(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """The secretariat settles what an organisation contests."""
    found, version = activity_called(look, pk)
    open_ones = found.statements.filter(kind=StatementKind.CONTESTED, settled_at=None)
    back = reverse("activity", args=[look.occasion.plan.code, found.pk])

    def settle(one: Any, settlement: str) -> None:
        settle_part(statement=one, settlement=settlement, by=look.user, now=look.occasion.now)

    return settlement(request, look, open_ones, f"Settle: {version.title}", back, settle)


def settlement(
    request: HttpRequest,
    look: Look,
    open_ones: QuerySet[PartStatement] | QuerySet[SideStatement],
    title: str,
    back: str,
    settle: Callable[[Any, str], None],
) -> Content | HttpResponse:
    waiting = list(open_ones.select_related("organisation", "made_by"))
    if not waiting:
        messages.info(request, "Nothing is contested here.")
        return redirect(back)
    data = request.POST.dict() if request.method == "POST" else None
    form = SettlementForm(data, initial={"statement": waiting[0].pk})
    about = next((each for each in waiting if str(each.pk) == str(form["statement"].value())), waiting[0])
    content = {
        "title": title,
        "form": form,
        "statement": about,
        "cancel": back,
        "crumbs": [crumb(look, "register", "Register")],
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        if form.cleaned_data["statement"] != about.pk:
            data["statement"] = str(about.pk)
            raise Stale("That is settled already. Another contest waits: read it before you settle it.")
        settle(about, form.cleaned_data["settlement"])
        messages.success(request, "It is settled. The record counts as it stands.")
        return redirect(back)

    return acted(form, content, act)


# ---------------------------------------------------------------- an arrangement


def arrangement_called(look: Look, pk: int) -> tuple[Arrangement, ArrangementVersion]:
    possible(pk)
    rows = ArrangementVersion.objects.select_related(
        "arrangement__party_a", "arrangement__party_b", "entered_by", "decided_by"
    )
    found = rows.filter(arrangement=pk).order_by("-number").first()
    if found is None:
        raise nothing_here()
    return found.arrangement, found


def name_of(found: Arrangement) -> str:
    return f"{found.party_a.name} and {found.party_b.name}"


@page("arrangement.list", "register/arrangement.html", figures=False)
def arrangement(request: HttpRequest, look: Look, pk: int) -> Content:
    found, version = arrangement_called(look, pk)
    own = own_of_arrangement(found)
    codes = [found.party_a.code, found.party_b.code]
    return {
        "title": f"Arrangement between {name_of(found)}",
        "arrangement": found,
        "version": version,
        "statements": list(found.statements.select_related("organisation", "made_by", "settled_by")),
        "edits": may(look.user, "arrangement.edit", own),
        "decides": may(look.user, "arrangement.confirm") and version.decision == Decision.UNDECIDED,
        "own_work": version.entered_by_id == look.user.pk,
        "settles": may(look.user, "arrangement.confirm"),
        "states": bool(own_codes(look, "arrangement.confirm_own_side", codes)),
        "crumbs": [crumb(look, "register", "Register")],
    }


@page("arrangement.add", "register/arrangement_form.html", figures=False)
def arrangement_add(request: HttpRequest, look: Look) -> Content | HttpResponse:
    own = sorted(organisations_of(look.user))
    initial = {"token": "0", "party_a": own[0] if own else ""}
    return arrangement_form(request, look, None, initial, "Add an arrangement")


@page("arrangement.edit", "register/arrangement_form.html", figures=False)
def arrangement_edit(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, version = arrangement_called(look, pk)
    if not may(look.user, "arrangement.edit", own_of_arrangement(found)):
        raise PermissionDenied
    names = ("signed", "in_force", "ended", "source", "comment")
    initial = {name: getattr(version, name) for name in names}
    initial |= {"token": str(version.pk), "party_a": found.party_a.code, "party_b": found.party_b.code}
    return arrangement_form(request, look, found, initial, f"Change the arrangement between {name_of(found)}")


def arrangement_form(
    request: HttpRequest, look: Look, found: Arrangement | None, initial: dict[str, Any], title: str
) -> Content | HttpResponse:
    members = {each.code: each for each in Organisation.objects.all() if each.is_member}
    choices = [(each.code, each.name) for each in members.values()]
    data = request.POST.dict() if request.method == "POST" else None
    form = ArrangementForm(data, initial=initial, members=choices, locked=found is not None)
    back = reverse("arrangement", args=[look.occasion.plan.code, found.pk]) if found else None
    content = {"title": title, "form": form, "cancel": back, "crumbs": [crumb(look, "register", "Register")]}
    if data is None:
        return content

    def act() -> HttpResponse:
        record = form.record(members)
        parties = frozenset(party.code for party in record.parties)
        if not may(look.user, "arrangement.add", Target(organisations=parties)):
            raise ValidationError({"party_b": "One of the two parties must be your own administration."})
        seen = form.cleaned_data["token"] or "0"
        try:
            made = record_arrangement(record=record, seen=seen, by=look.user, now=look.occasion.now)
        except Stale as stale:
            a, b = record.pair
            known = Arrangement.objects.get(party_a=a, party_b=b)
            show_stored(content, data, arrangement_called(look, known.pk)[1])
            raise (
                stale if found else Stale("There is a record of these two Members already. Look at it first.")
            ) from stale
        messages.success(request, "Recorded. The secretariat decides whether it counts.")
        return redirect("arrangement", look.occasion.plan.code, made.pk)

    return acted(form, content, act)


@page("arrangement.confirm", "register/confirm.html", figures=False)
def arrangement_decide(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, version = arrangement_called(look, pk)
    back = reverse("arrangement", args=[look.occasion.plan.code, found.pk])
    return decision(request, look, version, f"the arrangement between {name_of(found)}", back)


@page("arrangement.confirm_own_side", "register/statement.html", figures=False)
def arrangement_side(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, _ = arrangement_called(look, pk)
    back = reverse("arrangement", args=[look.occasion.plan.code, found.pk])

    def act(organisation: Organisation, kind: StatementKind, reason: str) -> None:
        state_side(
            arrangement=found, organisation=organisation, kind=kind, reason=reason, by=look.user, now=look.occasion.now
        )

    named, title = [found.party_a, found.party_b], f"Your side of the arrangement between {name_of(found)}"
    return statement(request, look, named, "arrangement.confirm_own_side", title, back, act)


@page("arrangement.confirm", "register/settle.html", figures=False)
def arrangement_settle(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    found, _ = arrangement_called(look, pk)
    open_ones = found.statements.filter(kind=StatementKind.CONTESTED, settled_at=None)
    back = reverse("arrangement", args=[look.occasion.plan.code, found.pk])

    def settle(one: Any, settlement: str) -> None:
        settle_side(statement=one, settlement=settlement, by=look.user, now=look.occasion.now)

    return settlement(request, look, open_ones, f"Settle: {name_of(found)}", back, settle)
