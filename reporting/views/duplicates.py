"""Two records that may be of one event: the secretariat rules on each pair."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.numbers import counted
from reporting.actions.duplicates import merge, tell_apart
from reporting.choices import Likeness
from reporting.forms.statements import PairForm
from reporting.looking import Look
from reporting.models import Suspicion
from reporting.returns import nothing_here

from .activities import OpenedActivity, opened
from .base import Content, acted, crumb, page

MOST = 100
"""Pairs on the page of those that wait."""


@page("activity.merge", "register/pairs.html", figures=False)
def pairs(request: HttpRequest, look: Look) -> Content:
    """The pairs that nobody has ruled on."""
    waiting = Suspicion.objects.filter(ruling=Likeness.OPEN)
    found = list(waiting.order_by("-noticed_at", "pk").values_list("first", "second")[:MOST])
    versions = OpenedActivity.versions().filter(activity__in={pk for pair in found for pk in pair}).order_by("number")
    newest = {each.activity_id: each for each in versions}
    plan = look.occasion.plan.code
    return {
        "title": f"{counted(waiting.count(), 'pair', zero='No')} of records that may be one event",
        "pairs": [
            {"one": newest[a], "other": newest[b], "href": reverse("activity_pair", args=[plan, a, b])}
            for a, b in found
        ],
        "crumbs": [crumb(look, "register", "Register")],
    }


def known_pair(look: Look, pk: int, other: int) -> tuple[Suspicion, list[OpenedActivity]]:
    """Raises Missing for who may not know of both, and for two that nobody takes for one."""
    records = [opened(look, pk), opened(look, other)]
    suspicion = Suspicion.objects.filter(first=pk, second=other).select_related("first", "second").first()
    if suspicion is None:
        raise nothing_here()
    return suspicion, records


@page("activity.merge", "register/pair.html", figures=False, within=known_pair)
def pair(request: HttpRequest, look: Look, pk: int, other: int) -> Content | HttpResponse:
    """Both records beside each other: the secretariat says whether they are one."""
    suspicion, records = known_pair(look, pk, other)
    form = PairForm(request.POST or None)
    content = {
        "title": "Are these one event?",
        "records": [each.version for each in records],
        "ruled": suspicion if suspicion.ruling != Likeness.OPEN else None,
        "form": form,
        "cancel": reverse("activity_pairs", args=[look.occasion.plan.code]),
        "crumbs": [crumb(look, "register", "Register"), crumb(look, "activity_pairs", "May be one event")],
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        told: dict[str, Any] = {"reason": form.cleaned_data["reason"], "by": look.user, "now": look.occasion.now}
        ruling = form.cleaned_data["ruling"]
        if ruling == "two":
            tell_apart(suspicion=suspicion, **told)
            messages.success(request, "They are two events, and both count.")
            return redirect("activity_pairs", look.occasion.plan.code)
        if ruling not in ("first", "second"):
            raise ValidationError({"ruling": "Say whether they are one."})
        kept, gone = records if ruling == "first" else reversed(records)
        merge(kept=kept.record, gone=gone.record, **told)
        where = kept.record.reference
        messages.success(request, f"Merged into {where}. A colleague decides on what both say together.")
        return redirect(kept.address)

    return acted(form, content, act)
