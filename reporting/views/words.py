"""Comments on KPIs and narratives of focus areas, round by round."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from members.numbers import counted
from members.permissions import Target, may
from reporting.actions.refusals import Stale
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.forms.words import WordsForm
from reporting.looking import Look
from reporting.models import KpiComment, Narrative, Round
from reporting.returns import nothing_here, round_called
from workplan.models import FocusArea, Kpi
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
    text = look.plan_at(collection.as_at)
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
    comments = {each.kpi_id: each for each in KpiComment.objects.filter(round=collection).exclude(text="")}
    narratives = {each.focus_area.code: each for each in narratives_of(collection).exclude(text="")}
    text = look.plan_at(collection.as_at)
    areas: list[Content] = [
        {
            "area": area,
            "narrative": narratives.get(area.code),
            "rows": [{"kpi": kpi, "comment": comments.get(kpi.id)} for kpi in area.kpis if collection.asks(kpi.id)],
        }
        for area in text.focus_areas
        if allowed(look, "kpi_comment.edit", area)
    ]
    shown = [row["comment"] for area in areas for row in area["rows"]]
    written, told = sum(map(bool, shown)), sum(bool(area["narrative"]) for area in areas)
    of_kpis = counted(written, "comment", zero="no")
    return {
        "title": f"{collection.title}: {of_kpis}, {counted(told, 'narrative', zero='no')}",
        "missing": len(shown) - written,
        "round": collection,
        "areas": areas,
        "crumbs": [crumb(look, "rounds", "Reporting")],
    }


def narratives_of(collection: Round) -> QuerySet[Narrative]:
    return Narrative.objects.filter(round=collection).select_related("focus_area", "changed_by")


# ---------------------------------------------------------------- one text


@page("kpi_comment.edit", "words/form.html", figures=False)
def comment(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The comment on a KPI that the round asks about; it stands in the work plan's Comments column."""
    collection = opened_round(look, round)

    def wanted(kpis: Iterable[KpiText]) -> KpiText | None:
        return next((each for each in kpis if each.code == code and collection.asks(each.id)), None)

    area = area_of(look, collection, lambda each: wanted(each.kpis) is not None, "kpi_comment.edit")
    kpi = next(each for each in area.kpis if each.code == code)
    about = {"title": f"Comment on {code}, {collection.title}", "says": kpi.text, "target": kpi.target}

    def find() -> KpiComment | None:
        return KpiComment.objects.filter(round=collection, kpi=kpi.id).select_related("changed_by").first()

    def write(form: WordsForm) -> None:
        write_comment(
            collection=collection,
            kpi=Kpi.objects.get(pk=kpi.id),
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            by=look.user,
            now=look.occasion.now,
        )

    return edited(request, look, collection, find, about, write)


@page("narrative.edit", "words/form.html", figures=False)
def narrative(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The account of a focus area, which the secretariat approves."""
    collection = opened_round(look, round)
    area = area_of(look, collection, lambda each: each.code == code, "narrative.edit")
    row = FocusArea.objects.get(plan=collection.plan, code=code)

    def write(form: WordsForm) -> None:
        write_narrative(
            collection=collection,
            area=row,
            text=form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            by=look.user,
            now=look.occasion.now,
        )

    def find() -> Narrative | None:
        return narratives_of(collection).filter(focus_area=row).first()

    return edited(request, look, collection, find, about_narrative(look, collection, area), write)


def about_narrative(look: Look, collection: Round, area: FocusAreaText) -> Content:
    address = [collection.plan.code, collection.code, area.code]
    return {
        "title": f"Narrative of Focus Area {area.code}, {collection.title}",
        "says": area.title,
        "narrative": True,
        "here": reverse("narrative", args=address),
        "approve": reverse("narrative_approve", args=address) if may(look.user, "narrative.approve") else "",
    }


def words_content(look: Look, collection: Round, found: KpiComment | Narrative | None, form: WordsForm) -> Content:
    list_of_all = reverse("round_words", args=[collection.plan.code, collection.code])
    return {
        "form": form,
        "found": found,
        "round": collection,
        "cancel": list_of_all,
        "crumbs": [crumb(look, "rounds", "Reporting"), {"href": list_of_all, "text": collection.title}],
    }


def edited(
    request: HttpRequest,
    look: Look,
    collection: Round,
    find: Callable[[], KpiComment | Narrative | None],
    about: Content,
    write: Callable[[WordsForm], None],
) -> Content | HttpResponse:
    """The form of a text, or what becomes of it; where somebody else changed it meanwhile, both stand there."""
    found = find()
    initial = {"text": found.text if found else "", "seen": found.edits if found else 0}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=initial)
    content = about | words_content(look, collection, found, form)
    if request.method != "POST":
        return content
    if not form.is_valid():
        return content | {"status": 422}
    try:
        write(form)
    except Stale as stale:
        found = find()
        form.data = {**request.POST.dict(), "seen": str(found.edits if found else 0)}
        form.refused(ValidationError(str(stale)))
        return content | {"status": 409, "found": found, "theirs": found}
    except ValidationError as error:
        form.refused(error)
        return content | {"status": 422}
    messages.success(request, "Saved.")
    return redirect(content["cancel"])


@page("narrative.approve", "words/form.html", figures=False)
def approve(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """The secretariat approves the narrative that it has read. The form is that of the text, so nothing that was typed
    there is lost; only what is saved is approved."""
    collection = opened_round(look, round)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    area = area_of(look, collection, lambda each: each.code == code, "narrative.approve")
    row = FocusArea.objects.get(plan=collection.plan, code=code)
    found = narratives_of(collection).filter(focus_area=row)
    about, form = about_narrative(look, collection, area), WordsForm(request.POST)
    if form.is_valid():
        try:
            approve_narrative(
                collection=collection,
                area=row,
                seen=form.cleaned_data["seen"],
                by=look.user,
                now=look.occasion.now,
                text=form.cleaned_data["text"],
            )
        except Stale as stale:
            newest = found.get()
            form = WordsForm({"text": newest.text, "seen": newest.edits})
            form.refused(ValidationError(str(stale)))
            yours = {"status": 409, "yours": request.POST.get("text", "")}
            return about | words_content(look, collection, newest, form) | yours
        except ValidationError as error:
            form.refused(error)
    if form.errors:
        return about | words_content(look, collection, found.first(), form) | {"status": 422}
    messages.success(request, f"The narrative of Focus Area {code} is approved. It stands in the next release.")
    return redirect(about["here"])
