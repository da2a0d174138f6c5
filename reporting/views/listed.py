"""What the register knows of an organisation, for all questions of its return at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.numbers import counted
from reporting.actions.listed import answered_by, confirm_listed
from reporting.actions.refusals import Stale
from reporting.forms.base import Refusal
from reporting.listed import Listed, kinds, listed
from reporting.looking import Look
from reporting.returns import Item, Return, open_return, visible
from workplan.calendar import year_label
from workplan.choices import Source

from .base import Content, crumb, page
from .listing import cut, page_asked
from .returns import speaks_for_its_part

NONE_CHOSEN = "Tick what is right about you."
CHANGED = "The register changed after you opened this page. Look at it again."


@dataclass(frozen=True)
class Row:
    """A part as the page shows it: with the codes of the KPIs that it serves."""

    listed: Listed
    serves: list[str]
    ticked: bool


@page("submission.view", "returns/register.html", figures=False, within=visible)
def register(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """One word for each activity, for every question that it answers."""
    found = open_return(look, round, org)
    own = listed(found.submission, look.user)
    if request.method == "POST":
        return confirmed(request, found, own)
    return content_of(request, found, own, {each.seen for each in own if not each.told})


def content_of(request: HttpRequest, found: Return, own: list[Listed], ticked: Collection[str]) -> Content:
    """What the organisation has not spoken of stands first: after each word the next ones are on the first page."""
    codes = {item.kpi.id: item.kpi.code for item in found.items}
    whose = found.submission.organisation
    number, pages, here = cut(sorted(own, key=lambda each: bool(each.told)), page_asked(request))
    rows = [Row(each, served(each, codes), each.seen in ticked) for each in here]
    return {
        "title": f"The register lists {whose.name} in {kinds(own)}: {found.round.title}",
        "return": found,
        "waiting": [row for row in rows if not row.listed.told],
        "told": [row for row in rows if row.listed.told],
        "silent": sum(not each.told for each in own),
        "number": number,
        "pages": pages,
        "missing": list(missing(found, own)),
        "states": found.may("submission.edit") and speaks_for_its_part(found),
        "crumbs": [
            crumb(found.look, "rounds", "Reporting"),
            {"href": reverse("return_tasks", args=found.address), "text": whose.name},
        ],
    }


def served(each: Listed, codes: dict[int, str]) -> list[str]:
    return [code for kpi, code in codes.items() if kpi in each.kpis]


def missing(found: Return, own: list[Listed]) -> Iterator[dict[str, Any]]:
    """The questions about taking part that nobody answered, of which the register has nothing, with their years."""
    for item in found.items if found.own else ():
        threads = item.threads if item.reading.source is Source.PARTICIPATION else ()
        open_ones = [each for each in threads if not each.versions]
        silent = [each.plan_year for each in open_ones if not any(concerns(part, item, each.plan_year) for part in own)]
        if silent:
            yield {"kpi": item.kpi, "years": ", ".join(year_label(year) for year in silent if year)}


def concerns(part: Listed, item: Item, year: int | None) -> bool:
    """Does it answer the question, or would do so if the organisation did not contest it."""
    return part.serves(item, year) or (part.contested and item.kpi.id in part.kpis)


def confirmed(request: HttpRequest, found: Return, own: list[Listed]) -> Content | HttpResponse:
    if not (found.own and found.may("submission.edit") and speaks_for_its_part(found)):
        raise PermissionDenied
    chosen = set(request.POST.getlist("right"))
    parts = [each for each in own if each.seen in chosen and not each.contested]
    try:
        if len(parts) != len(chosen):
            raise Stale(CHANGED)
        if not parts:
            raise ValidationError(NONE_CHOSEN)
        said, drafted = confirm_listed(found=found, parts=parts, now=found.look.occasion.now)
    except (Stale, ValidationError) as error:
        refused = error if isinstance(error, ValidationError) else ValidationError(str(error))
        status = 422 if isinstance(error, ValidationError) else 409
        return content_of(request, found, own, chosen) | {"form": Refusal(refused), "status": status}
    messages.success(request, told(said, drafted))
    return redirect("return_register", *found.address)


def told(said: int, drafted: list[str]) -> str:
    words = f"You said that {counted(said, 'record is', 'records are')} right."
    if drafted:
        answers = counted(len(drafted), "KPI has", "KPIs have")
        words += f" {answers} a draft that says yes: {', '.join(drafted)}. A draft is sent like every other answer."
    return words


def waits(found: Return, own: list[Listed]) -> str:
    """What the task list says of the register: nothing where every word was said."""
    silent, answers = [each for each in own if not each.told], len(list(answered_by(own, found)))
    if not (silent or answers):
        return ""
    words = f"The register lists you in {kinds(own)}."
    if silent:
        words += f" You have not said of {len(silent)} whether {'it is' if len(silent) == 1 else 'they are'} right."
    if answers:
        words += f" {counted(answers, 'question is', 'questions are')} answered by that with one click."
    return words
