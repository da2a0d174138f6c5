"""The pages of an activity: looked at, cancelled, decided on, confirmed and contested."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import Organisation
from members.permissions import Target, may
from reporting.actions.activities import OwnNumbers, cancel_activity, state_numbers
from reporting.actions.refusals import Stale
from reporting.actions.statements import settle_part, state_part
from reporting.audience import shown_to
from reporting.choices import ActivityStatus, Likeness, StatementKind
from reporting.forms.statements import NUMBERS, DecisionForm, PartStatementForm, SettlementForm, StatementForm
from reporting.looking import Look
from reporting.models import Activity, ActivityLink, ActivityPart, ActivityVersion, Suspicion
from reporting.returns import nothing_here

from .base import Content, acted, page
from .records import STATED, Opened, decision, of, possible, settlement, show_stored, statement


class OpenedActivity(Opened[Activity, ActivityVersion]):
    kind = "activity"
    says = "activity.confirm_own_part"

    @classmethod
    def versions(cls) -> QuerySet[ActivityVersion]:
        parts = Prefetch("parts", ActivityPart.objects.select_related("organisation"))
        links = Prefetch("links", ActivityLink.objects.select_related("kpi"))
        beside = ("activity__recorded_by", "activity__merged_into", "entered_by", "decided_by")
        rows = ActivityVersion.objects.select_related(*beside)
        return rows.prefetch_related(parts, links)

    @property
    def name(self) -> str:
        return self.version.title

    @property
    def named(self) -> list[Organisation]:
        if self.record.merged_into_id:
            return []
        return [part.organisation for part in self.version.parts.all()]

    @property
    def own(self) -> Target:
        """Who recorded or organises it. Others that it names speak of their own part (docs/adr/0008)."""
        organisers = (part.organisation for part in self.version.parts.all() if part.organises)
        recorder = self.record.recorded_by
        return of(*(each.code for each in organisers), *([recorder.code] if recorder else []))

    def may(self, verb: str) -> bool:
        """A record that was merged into another is only read."""
        return self.record.merged_into_id is None and super().may(verb)

    def may_with_evidence(self, verb: str) -> bool:
        return self.record.merged_into_id is None and super().may_with_evidence(verb)

    @property
    def suspected(self) -> list[Suspicion]:
        """The pairs that it is one of, and that nobody has ruled on."""
        either = Q(first=self.record) | Q(second=self.record)
        return list(Suspicion.objects.filter(either, ruling=Likeness.OPEN).select_related("first", "second"))

    @property
    def cancelled(self) -> bool:
        return self.version.status == ActivityStatus.CANCELLED

    def statement_form(self, data: dict[str, Any] | None, organisations: list[tuple[str, str]]) -> StatementForm:
        """With the own numbers, where it is clear whose these are."""
        if len(organisations) > 1:
            return super().statement_form(data, organisations)
        [(code, _)] = organisations
        part = next(each for each in self.version.parts.all() if each.organisation.code == code)
        own = {name: getattr(part, name) for name in NUMBERS}
        initial = {"organisation": code, "token": str(self.version.pk)} | own
        return PartStatementForm(data, organisations=organisations, initial=initial)

    def state(self, organisation: Organisation, kind: StatementKind, form: StatementForm) -> str:
        by, now, said = self.look.user, self.look.occasion.now, form.cleaned_data
        own = [OwnNumbers(self.record, form.numbers, said["token"])] if isinstance(form, PartStatementForm) else []
        changed = state_numbers(organisation=organisation, said=own, by=by, now=now)
        state_part(activity=self.record, organisation=organisation, kind=kind, reason=said["reason"], by=by, now=now)
        return STATED[kind] + (" The secretariat decides on your numbers." if changed else "")

    def settle(self, statement: Any, form: SettlementForm) -> None:
        settlement = form.cleaned_data["settlement"]
        settle_part(statement=statement, settlement=settlement, by=self.look.user, now=self.look.occasion.now)


def opened(look: Look, pk: int) -> OpenedActivity:
    """Raises Missing."""
    possible(pk)
    found = OpenedActivity.versions().filter(shown_to(look.user), activity=pk).order_by("-number").first()
    if found is None:
        raise nothing_here()
    return OpenedActivity(look, found.activity, found)


@page("activity.list", "register/activity.html", figures=False, within=opened)
def activity(request: HttpRequest, look: Look, pk: int) -> Content:
    """One activity: what is recorded, what counts, what organisations say of their part."""
    found = opened(look, pk)
    content = found.content
    nothing_to_decide = found.cancelled and content["speaking"] is None
    return content | {
        "title": found.name,
        "activity": found.record,
        "suspected": found.suspected,
        "merges": may(look.user, "activity.merge"),
        "adds": may(look.user, "activity.add"),
        "past": found.past(request),
        "cancels": found.may("cancel") and not found.cancelled,
        "decides": content["decides"] and not nothing_to_decide,
    }


# ---------------------------------------------------------------- cancelled, decided on, confirmed, contested


@page("activity.cancel", "register/confirm.html", figures=False, within=opened)
def cancel(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """It was not held: another version says so."""
    found = opened(look, pk)
    if not found.may("cancel"):
        raise PermissionDenied
    data = request.POST.dict() if request.method == "POST" else None
    form = DecisionForm(data, initial={"token": str(found.version.pk)})
    content = {
        "title": f"Cancel {found.name}",
        "form": form,
        "says": "The record stays and says that the activity was not held. It does not count; what is confirmed "
        "counts until the secretariat agrees.",
        "action": "Cancel the activity",
        "only_token": True,
        "cancel": found.address,
        "crumbs": found.crumbs,
    }
    if data is None:
        return content

    def act() -> HttpResponse:
        seen, by, now = form.cleaned_data["token"], look.user, look.occasion.now
        try:
            cancel_activity(activity=found.record, seen=seen, by=by, now=now)
        except Stale:
            show_stored(content, data, opened(look, pk).version)
            raise
        messages.success(request, f"{found.name} is cancelled.")
        return redirect(found.address)

    return acted(form, content, act)


@page("activity.confirm", "register/confirm.html", figures=False, within=opened)
def decide(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """The secretariat confirms it or not."""
    found = opened(look, pk)
    if not found.may("confirm"):
        raise PermissionDenied
    return decision(request, found)


@page("activity.confirm_own_part", "register/statement.html", figures=False, within=opened)
def part(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """An organisation says whether its own part is right."""
    found = opened(look, pk)
    return statement(request, found, f"Your part in {found.name}")


@page("activity.confirm", "register/settle.html", figures=False, within=opened)
def settle(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """The secretariat settles what an organisation contests."""
    found = opened(look, pk)
    if not found.may("confirm"):
        raise PermissionDenied
    return settlement(request, found)
