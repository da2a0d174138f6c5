"""An organisation's return: what is to be answered, and the form of each KPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from reporting.actions.entry import Stale, save_draft
from reporting.forms.returns import AnswerForm, typed
from reporting.looking import Look, moment_words
from reporting.models import SAYS, Answer
from reporting.questions import question_on
from reporting.returns import Item, Known, Return, entry_ends, known, open_return, receipts_of
from reporting.rules import Verdict
from reporting.threads import Thread, last_answers
from reporting.wording import guidance_by_level, said
from workplan.calendar import year_label

from .base import Content, crumb, page

# ---------------------------------------------------------------- the task list


@page("submission.view", "returns/tasks.html", figures=False)
def tasks(request: HttpRequest, look: Look, round: str, org: str) -> Content:
    """All that the organisation is asked, by focus area, and how far it is."""
    found = open_return(look, round, org)
    whose = found.submission.organisation
    title = f"{whose.name}: {found.answered} of {found.asked} answers filled in"
    if not found.own:
        sent = sum(bool(thread.sent) for item in found.items for thread in item.threads)
        title = f"{whose.name}: {sent} answers sent"
    return {
        "title": f"{title}, {found.round.title}",
        "return": found,
        "areas": list(areas_of(found)),
        "needed": list(needed(found)),
        "ends": ends_words(found),
        "receipts": list(receipts(found)),
        "may_enter": found.own and found.may("submission.edit"),
        "crumbs": [crumb(look, "rounds", "Reporting")],
    }


def areas_of(found: Return) -> Iterator[dict[str, Any]]:
    """The focus areas, each with how many of its answers are filled in."""
    for area, items in found.areas:
        answered, asked = sum(item.answered for item in items), sum(len(item.threads) for item in items)
        yield {"area": area, "items": items, "answered": answered, "asked": asked}


def receipts(found: Return) -> Iterator[dict[str, Any]]:
    for each in receipts_of(found.submission) if found.own else ():
        each.submission = found.submission
        yield {"receipt": each, "sent": moment_words(each.sent_at, found.round.time_zone, found.look.time_zone)}


def ends_words(found: Return) -> str:
    """Until when one can enter: in the round's time zone, and in the reader's."""
    ends = entry_ends(found.submission, found.look.occasion.now)
    return moment_words(ends, found.round.time_zone, found.look.time_zone) if ends else ""


def needed(found: Return) -> Iterator[dict[str, Any]]:
    """What the organisation has to do, the most pressing first; nothing for those who only read."""
    if not found.own:
        return
    for item in found.items:
        for thread in item.returned:
            year = year_label(thread.plan_year) if thread.plan_year else ""
            yield {"kpi": item.kpi, "year": year, "answer": thread.corrects}


# ---------------------------------------------------------------- one KPI


@dataclass
class Entry:
    """One answer on the page: its thread, its form, what stands beside it."""

    item: Item
    thread: Thread
    form: AnswerForm
    verdict: Verdict
    last: Answer | None
    known: Known | None
    zone: ZoneInfo
    conflict: Answer | None = None
    saved: bool = False

    @property
    def key(self) -> str:
        return key_of(self.thread)

    @property
    def typed(self) -> bool:
        """Was this form sent: one that was shown as locked was not."""
        return self.form.add_prefix("token") in self.form.data

    @property
    def year(self) -> str:
        return year_label(self.thread.plan_year) if self.thread.plan_year else ""

    @property
    def can_repeat(self) -> bool:
        """Last time's answer was given to the same kind of question."""
        return self.last is not None and self.last.reading_source == self.item.kpi.reading.source  # type: ignore[attr-defined]

    @property
    def last_said(self) -> str:
        return said(self.last) if self.last else ""

    @property
    def conflict_said(self) -> str:
        return said(self.conflict) if self.conflict else ""

    @property
    def conflict_at(self) -> str:
        """When theirs was saved, by the reader's clock."""
        return f"{self.conflict.entered_at.astimezone(self.zone):%d.%m.%y, %H:%M:%S}" if self.conflict else ""

    @property
    def says(self) -> str:
        newest = self.thread.newest
        return said(newest) if newest else "Not answered"

    def repeats(self, says: Mapping[str, Any]) -> bool:
        """Does it say what was attested as unchanged: then it stays so."""
        working = self.thread.working
        same = self.last is not None and all(getattr(self.last, name) == says[name] for name in SAYS)
        return bool(working and working.unchanged and same)


def key_of(thread: Thread) -> str:
    return f"y{thread.plan_year}" if thread.plan_year else "answer"


@page("submission.view", "returns/kpi.html", figures=False)
def kpi(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """The form of one KPI. Saving keeps a draft, as often as one likes."""
    found = open_return(look, round, org)
    item = found.item(code)
    entries = list(entries_of(found, item, request.POST.dict() if request.method == "POST" else None))
    if request.method == "POST":
        return saved(request, found, item, entries)
    return kpi_content(found, item, entries)


def entries_of(found: Return, item: Item, data: Any) -> Iterator[Entry]:
    last, beside = last_answers(found.submission), known(found.submission, item)
    as_at = f"{found.round.as_at:%d.%m.%y}"
    for thread in item.threads:
        form = AnswerForm(
            item.kpi.reading,
            as_at,
            data,
            prefix=key_of(thread),
            initial={**typed(thread.newest), "token": thread.token},
        )
        verdict = found.change(item, thread)
        before, listed = last.get((thread.kpi, thread.plan_year)), beside.get(thread.plan_year)
        yield Entry(item, thread, form, verdict, before, listed, found.look.time_zone)


def kpi_content(found: Return, item: Item, entries: list[Entry]) -> Content:
    codes = [each.kpi.code for each in found.items]
    place = codes.index(item.kpi.code)
    reading = item.kpi.reading
    return {
        "title": f"{item.kpi.code}: {found.submission.organisation.name}, {found.round.title}",
        "return": found,
        "item": item,
        "answers": entries,
        "form": merged(entries),
        "can_change": any(each.verdict.allowed for each in entries),
        "helpful": guidance_by_level(reading.guidance)[""] if reading.source == "status" else reading.guidance,
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
        "place": f"{place + 1} of {len(codes)}",
        "ends": ends_words(found),
        "crumbs": [
            crumb(found.look, "rounds", "Reporting"),
            {"href": reverse("return_tasks", args=found.address), "text": found.submission.organisation.name},
        ],
    }


@dataclass(frozen=True)
class Merged:
    """The forms of a page as one, for the summary of errors on top."""

    forms: tuple[AnswerForm, ...]

    @property
    def errors(self) -> bool:
        return any(form.errors for form in self.forms)

    @property
    def non_field_errors(self) -> list[str]:
        return [str(error) for form in self.forms for error in form.non_field_errors()]

    def __iter__(self) -> Iterator[Any]:
        return (field for form in self.forms for field in form)


def merged(entries: list[Entry]) -> Merged:
    return Merged(tuple(each.form for each in entries if each.form.is_bound))


# ---------------------------------------------------------------- saving


def saved(request: HttpRequest, found: Return, item: Item, entries: list[Entry]) -> Content | HttpResponse:
    """Keeps what can be kept, and shows the rest again as it was typed."""
    if not found.own:
        raise PermissionDenied
    if not found.may("submission.edit"):
        return shown_again(found, item, entries) | {"status": 403}
    question = question_on(found.round, item.kpi.id)
    dropped = request.POST.get("theirs")
    chosen = [each for each in entries if each.key != dropped]
    for each in chosen:
        keep(request, found, each, question)
    if request.headers.get("HX-Request"):
        return told(request, found, item, entries)
    if any(each.form.errors or each.conflict for each in chosen):
        return shown_again(found, item, entries)
    return onward(request, found, item)


def keep(request: HttpRequest, found: Return, each: Entry, question: Any) -> None:
    repeated = each.can_repeat and request.POST.get("unchanged") == each.key
    if not each.typed or not (repeated or each.form.is_valid()):
        return
    says = {name: getattr(each.last, name) for name in SAYS} if repeated else each.form.says
    try:
        save_draft(
            submission=found.submission,
            question=question,
            plan_year=each.thread.plan_year,
            says=says,
            seen=str(each.form.data[each.form.add_prefix("token")]),
            by=found.look.user,
            now=found.look.occasion.now,
            unchanged=bool(repeated or each.repeats(says)),
        )
    except Stale as stale:
        each.conflict = stale.newest
    except ValidationError as error:
        each.form.full_clean()
        each.form.refused(error)
    else:
        each.saved = True


def shown_again(found: Return, item: Item, entries: list[Entry]) -> Content:
    """The page again with everything typed; beside it what is saved, where somebody else saved something meanwhile.
    Whoever saves then has seen both. What could not be saved for another reason keeps its token."""
    fresh = open_return(found.look, found.round.code, found.submission.organisation.code)
    again = fresh.item(item.kpi.code)
    for each, thread in zip(entries, again.threads, strict=True):
        each.verdict = fresh.change(again, thread)
        if each.saved or each.conflict:
            each.thread = thread
            each.form.data = {**each.form.data, each.form.add_prefix("token"): thread.token}
        elif each.typed and not each.verdict.allowed and not each.form.errors:
            each.form.refused(ValidationError(each.verdict.reason))
    conflict = any(each.conflict for each in entries)
    return kpi_content(fresh, again, entries) | {"status": 409 if conflict else 422, "conflict": conflict}


def told(request: HttpRequest, found: Return, item: Item, entries: list[Entry]) -> HttpResponse:
    """What a draft that saved itself is told: when it was saved, or why not; and the tokens to go on with."""
    fresh = open_return(found.look, found.round.code, found.submission.organisation.code).item(item.kpi.code)
    for each, thread in zip(entries, fresh.threads, strict=True):
        each.thread = each.thread if each.conflict else thread
    now = found.look.occasion.now.astimezone(found.look.time_zone)
    wrong = any(each.form.errors for each in entries)
    conflict = any(each.conflict for each in entries)
    content = {
        "answers": entries,
        "at": f"{now:%H:%M:%S} ({found.look.time_zone.key})",
        "wrong": wrong,
        "conflict": conflict,
    }
    response = render(request, "returns/saved.html", content, status=409 if conflict else 422 if wrong else 200)
    response["X-Draft"] = "conflict" if conflict else "refused" if wrong else "saved"
    patch_vary_headers(response, ["HX-Request"])
    return response


def onward(request: HttpRequest, found: Return, item: Item) -> HttpResponse:
    """Back to the place where one was, or to the next KPI."""
    codes = [each.kpi.code for each in found.items]
    following = codes.index(item.kpi.code) + 1
    if "next" in request.POST and following < len(codes):
        messages.info(request, f"{item.kpi.code}: draft saved.")
        return redirect("return_kpi", *found.address, codes[following])
    if "next" in request.POST:
        messages.info(request, f"{item.kpi.code}: draft saved. That was the last one.")
        return redirect("return_check", *found.address)
    now = found.look.occasion.now.astimezone(found.look.time_zone)
    messages.info(request, f"Draft saved at {now:%H:%M:%S} ({found.look.time_zone.key}).")
    return redirect("return_kpi", *found.address, item.kpi.code)
