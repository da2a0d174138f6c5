"""Comments on KPIs and narratives of focus areas, round by round."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import Target, may
from reporting.actions.entry import Stale
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.forms.words import WordsForm
from reporting.looking import Look
from reporting.models import KpiComment, Narrative, Round
from reporting.returns import nothing_here, round_called
from workplan.models import FocusArea, Kpi
from workplan.queries import plan_at
from workplan.tree import FocusAreaText, KpiText

from .base import Content, crumb, page

Find = tuple[FocusAreaText, KpiText | None]


def allowed(look: Look, action: str, area: FocusAreaText) -> bool:
    target = Target(focus_area_organisations=frozenset(area.co_coordinators), submitted=True)
    return may(look.user, action, target)


def opened_round(look: Look, code: str) -> Round:
    found = round_called(look, code)
    if found.opened_at is None:
        raise nothing_here()
    return found


def area_of(look: Look, collection: Round, wanted: Callable[[FocusAreaText], bool], action: str) -> FocusAreaText:
    """The focus area that a text is about; who may not write on it is refused."""
    text = plan_at(collection.plan, collection.as_at)
    found = next((area for area in text.focus_areas if wanted(area)), None)
    if found is None:
        raise nothing_here()
    if not allowed(look, action, found):
        raise PermissionDenied
    return found


# ---------------------------------------------------------------- all of a round


@page("kpi_comment.edit", "words/list.html", figures=False)
def of_round(request: HttpRequest, look: Look, round: str) -> Content:
    """The comments and narratives of a round on what the reader may write about, and what is missing."""
    collection = opened_round(look, round)
    comments = {each.kpi_id: each for each in KpiComment.objects.filter(round=collection)}
    narratives = {each.focus_area.code: each for each in of(collection)}
    text = plan_at(collection.plan, collection.as_at)
    areas = [
        {
            "area": area,
            "narrative": narratives.get(area.code),
            "rows": [{"kpi": kpi, "comment": comments.get(kpi.id)} for kpi in area.kpis if collection.asks(kpi.id)],
        }
        for area in text.focus_areas
        if allowed(look, "kpi_comment.edit", area)
    ]
    written = sum(bool(each.text) for each in comments.values())
    return {
        "title": f"{collection.title}: {written} comments, {len(narratives)} narratives",
        "round": collection,
        "areas": areas,
        "crumbs": [crumb(look, "rounds", "Reporting")],
    }


def of(collection: Round) -> Iterator[Narrative]:
    return Narrative.objects.filter(round=collection).select_related("focus_area", "changed_by").iterator()


# ---------------------------------------------------------------- one text


@page("kpi_comment.edit", "words/form.html", figures=False)
def comment(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The comment on a KPI; it stands in the work plan's Comments column."""
    collection = opened_round(look, round)
    area = area_of(look, collection, lambda each: any(kpi.code == code for kpi in each.kpis), "kpi_comment.edit")
    kpi = next(each for each in area.kpis if each.code == code)
    found = KpiComment.objects.filter(round=collection, kpi=kpi.id).select_related("changed_by").first()
    about = {"title": f"Comment on {code}, {collection.title}", "says": kpi.text, "target": kpi.target}

    def write(form: WordsForm) -> None:
        write_comment(
            collection=collection,
            kpi=Kpi.objects.get(pk=kpi.id),
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            by=look.user,
            now=look.occasion.now,
        )

    return edited(request, look, collection, found, about, write)


@page("narrative.edit", "words/form.html", figures=False)
def narrative(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The account of a focus area, which the secretariat approves."""
    collection = opened_round(look, round)
    area = area_of(look, collection, lambda each: each.code == code, "narrative.edit")
    row = FocusArea.objects.get(plan=collection.plan, code=code)
    found = Narrative.objects.filter(round=collection, focus_area=row).select_related("changed_by").first()
    title = f"Narrative of Focus Area {code}, {collection.title}"
    about = {
        "title": title,
        "says": area.title,
        "narrative": True,
        "approved": found is not None and found.approved_at is not None,
        "may_approve": found is not None and bool(found.text) and may(look.user, "narrative.approve"),
        "area_code": code,
    }

    def write(form: WordsForm) -> None:
        write_narrative(
            collection=collection,
            area=row,
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            by=look.user,
            now=look.occasion.now,
        )

    return edited(request, look, collection, found, about, write)


def edited(
    request: HttpRequest,
    look: Look,
    collection: Round,
    found: KpiComment | Narrative | None,
    about: Content,
    write: Callable[[WordsForm], None],
) -> Content | HttpResponse:
    """The form of a text, or what becomes of it; where somebody else changed it meanwhile, both stand there."""
    here = reverse("round_words", args=[collection.plan.code, collection.code])
    initial = {"text": found.text if found else "", "seen": found.edits if found else 0}
    form = WordsForm(request.POST or None, initial=initial)
    content = about | {
        "form": form,
        "found": found,
        "round": collection,
        "cancel": here,
        "crumbs": [crumb(look, "rounds", "Reporting"), {"href": here, "text": collection.title}],
    }
    if request.method != "POST":
        return content
    if not form.is_valid():
        return content | {"status": 422}
    try:
        write(form)
    except Stale as stale:
        form.data = {**request.POST.dict(), "seen": str(found.edits if found else 0)}
        form.refused(ValidationError(str(stale)))
        return content | {"status": 409, "theirs": found}
    except ValidationError as error:
        form.refused(error)
        return content | {"status": 422}
    messages.success(request, "Saved.")
    return redirect(here)


@page("narrative.approve", "words/form.html", figures=False)
def approve(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The secretariat approves the narrative that it has read."""
    collection = opened_round(look, round)
    if request.method != "POST":
        return redirect("narrative", collection.plan.code, collection.code, code)
    row = FocusArea.objects.filter(plan=collection.plan, code=code).first()
    if row is None:
        raise nothing_here()
    seen: Any = request.POST.get("seen", "")
    try:
        approve_narrative(
            collection=collection,
            area=row,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
            by=look.user,
            now=look.occasion.now,
        )
    except (Stale, ValidationError) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else str(error))
    else:
        messages.success(request, f"The narrative of Focus Area {code} is approved. It stands in the next release.")
    return redirect("narrative", collection.plan.code, collection.code, code)
