"""The readings of which the target text leaves a choice: how each is proposed, and who confirmed it, when and why."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import may
from reporting.forms.plan import ConfirmReadingForm
from reporting.looking import Look
from reporting.returns import nothing_here
from workplan import actions
from workplan.agreement import differences
from workplan.choices import Kind
from workplan.models import Reading
from workplan.outline import READING, said
from workplan.queries import history_of, readings_to_decide
from workplan.tree import KpiText
from workplan.words import field_words, value_words

from .base import Content, acted, crumb, page


@page("plan.view_published", "plan/readings.html", figures=False)
def readings(request: HttpRequest, look: Look) -> Content:
    """Where the target text leaves a choice: how it is read, and who confirmed that, when and why."""
    plan = look.occasion.plan
    rows, day = list(readings_to_decide(plan, look.occasion.as_of)), max(plan.starts, look.occasion.as_of)
    history = history_of(plan)
    days = {max(day, each.valid_from) for each in rows}
    texts = {(day, kpi.id): kpi for day in days for kpi in history.text(day).kpis}
    waiting = sum(each.confirmed_at is None for each in rows)
    return {
        "title": f"{waiting} of {len(rows)} readings wait for a decision" if waiting else "All readings are decided",
        "rows": [reading_row(each, texts.get((max(day, each.valid_from), each.kpi_id))) for each in rows],
        "confirms": may(look.user, "plan.confirm_reading"),
        "crumbs": [crumb(look, "work_plan", "Work plan")],
    }


def reading_row(reading: Reading, kpi: KpiText | None) -> Content:
    """A reading beside the target; in what they differ, where it is still read so."""
    read_so = kpi is not None and kpi.reading.valid_from == reading.valid_from
    return {
        "reading": reading,
        "kpi": kpi,
        "contradictions": differences(kpi.target, kpi.reading) if kpi and read_so else (),
    }


@page("plan.confirm_reading", "plan/reading_confirm.html", figures=False)
def confirm(request: HttpRequest, look: Look, code: str) -> Content | HttpResponse:
    """A reading is confirmed as it is proposed; to change it, the plan is amended."""
    plan = look.occasion.plan
    found = readings_to_decide(plan, look.occasion.as_of).filter(kpi__code=code).order_by("-valid_from").first()
    if found is None:
        raise nothing_here()
    text = next((kpi for kpi in look.plan_at(found.valid_from).kpis if kpi.code == code), None)
    form = ConfirmReadingForm(request.POST or None)
    content = {
        "title": f"Confirm how {code} is counted",
        **reading_row(found, text),
        "form": form,
        "fields": reading_rows(plan, found),
        "cancel": reverse("readings", args=[plan.code]),
        "crumbs": [crumb(look, "work_plan", "Work plan"), crumb(look, "readings", "Readings to decide")],
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        why = form.cleaned_data["why"]
        actions.confirm_reading(reading=found, why=why, by=look.user, now=look.occasion.now)
        messages.success(request, f"The reading of {code} is confirmed.")
        return redirect("readings", plan.code)

    return acted(form, content, act)


def reading_rows(plan: Any, reading: Reading) -> list[Content]:
    """How a KPI is counted, field by field."""
    node = history_of(plan).outline(reading.valid_from).nodes[Kind.KPI, reading.kpi.code]
    says = said(node)
    shown = (name for name in READING if name not in ("decision_needed", "note") and says[name] not in (None, "", []))
    return [{"label": field_words(Kind.KPI, name), "value": value_words(name, says[name])} for name in shown]
