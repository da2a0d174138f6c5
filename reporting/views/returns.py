"""The form of each KPI in an organisation's return."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from members.permissions import Target, may
from reporting.actions.entry import discard_draft, save_draft
from reporting.actions.listed import as_the_register_says, say_pairs_right, say_right
from reporting.actions.refusals import Stale
from reporting.answer_evidence import pieces
from reporting.forms.returns import AnswerForm, typed
from reporting.listed import Known, known
from reporting.looking import Look
from reporting.models import SAYS, UNSAID
from reporting.questions import question_on
from reporting.returns import Item, Return, open_return, visible
from reporting.review import opened_originals
from reporting.threads import Thread, last_answers, token_of
from reporting.wording import guidance_by_level

from .base import Content, crumb, page
from .comments import talk_of
from .entries import Entry, ends_words, evidence_path, key_of
from .guides import help_beside

# ---------------------------------------------------------------- one KPI


@page("submission.view", "returns/kpi.html", figures=False, within=visible)
def kpi(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """The form of one KPI. Saving keeps a draft, as often as one likes."""
    found = open_return(look, round, org)
    item = found.item(code)
    entries = list(entries_of(found, item, request.POST.dict() if request.method == "POST" else None))
    if request.method == "POST":
        return saved(request, found, item, entries)
    return kpi_content(found, item, entries)


def entries_of(found: Return, item: Item, data: Any) -> Iterator[Entry]:
    last, beside = last_answers(found.submission), known(found, item)
    as_at, whose = f"{found.round.as_at:%d.%m.%y}", found.submission.organisation
    shows = pieces(found.look, here=found.round, submission__organisation=whose.pk, kpi=item.kpi.id)
    for thread in item.threads:
        form = form_of(item, thread, as_at, data)
        verdict = found.change(item, thread)
        before, listed = last.get((thread.kpi, thread.plan_year)), beside.get(thread.plan_year)
        shown = shows.get((whose.code, item.kpi.id, thread.plan_year), ())
        yield Entry(item, thread, form, verdict, before, listed, found, shown)


def form_of(item: Item, thread: Thread, as_at: str, data: Any = None) -> AnswerForm:
    initial = {**typed(thread.newest), "token": thread.token}
    return AnswerForm(item.kpi.reading, as_at, data, prefix=key_of(thread), initial=initial)


def kpi_content(found: Return, item: Item, entries: list[Entry]) -> Content:
    codes = [each.kpi.code for each in found.items]
    place = codes.index(item.kpi.code)
    latest = [thread.latest_sent for thread in item.threads if thread.latest_sent]
    reading, can_change = item.kpi.reading, any(each.verdict.allowed for each in entries)
    return {
        "title": f"{item.kpi.code}: {found.submission.organisation.name}, {found.round.title}",
        "return": found,
        "item": item,
        "answers": entries,
        "form": merged(entries),
        "can_change": can_change,
        "help": help_beside(
            reading.source,
            repeats=any(each.can_repeat for each in entries),
            returned=any(each.thread.corrects for each in entries),
        )
        if can_change
        else [],
        "helpful": guidance_by_level(reading.guidance)[""] if reading.source == "status" else reading.guidance,
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
        "talks": talk_of(found, item, "form"),
        "opens": opened_originals(found.look.user, latest, found.kpis, own=found.own),
        "confirms": found.may("submission.confirm_on_behalf"),
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
    if not found.own or not any(each.typed or each.verdict.allowed for each in entries):
        raise PermissionDenied
    question = question_on(found.round, item.kpi.id)
    for each in entries:
        keep(request, found, each, question)
    if request.headers.get("HX-Request"):
        return told(request, found, entries)
    if any(each.unsaved for each in entries):
        return shown_again(found, item, entries)
    if any(each.discarded for each in entries):
        messages.info(request, f"{item.kpi.code}: draft discarded. What was sent stands again.")
        return redirect("return_kpi", *found.address, item.kpi.code)
    return onward(request, found, item)


REGISTER_CHANGED = "The register changed after you opened this page. Look at what it says now, then press again."
OTHER_WORDS = "You typed something else here. Save it as your answer, or clear it, then press “Unchanged”."


def keep(request: HttpRequest, found: Return, each: Entry, question: Any) -> None:
    """Saves one answer; what it says, and what the person had before them, stands in its own fields alone."""
    if not each.typed or each.keep == "theirs":
        return None
    if each.verdict.allowed and request.POST.get("discard") == each.key:
        return discard(found, each)
    repeated = each.can_repeat and request.POST.get("unchanged") == each.key
    valid = each.form.is_valid()
    if not each.verdict.allowed:
        return each.form.refused(ValidationError(each.verdict.reason))
    if not valid:
        return None
    if repeated and each.holds_other_words:
        return each.form.refused(ValidationError(OTHER_WORDS))
    says = {name: getattr(each.last, name) for name in SAYS} if repeated else each.form.says
    confirmed, pressed = None, request.POST.get("register", "").partition(" ")
    if pressed[0] == each.key and each.known:
        if not each.confirms and each.says_so:
            each.saved = True  # a second click
            return None
        if pressed[2] != each.known.seen:
            return each.form.refused(ValidationError(REGISTER_CHANGED))
        confirmed = each.known if each.confirms else None
    if confirmed:
        says = dict(says) | UNSAID | as_the_register_says(each.item.reading.source)
    return store(found, each, question, says, confirmed, unchanged=bool(repeated or each.repeats(says)))


def store(
    found: Return, each: Entry, question: Any, says: Mapping[str, Any], confirmed: Known | None, *, unchanged: bool
) -> None:
    """``confirmed``: what the register knows, where the person said that it is right."""
    by, now = found.look.user, found.look.occasion.now
    try:
        with transaction.atomic():
            answer = save_draft(
                submission=found.submission,
                question=question,
                plan_year=each.thread.plan_year,
                says=says,
                seen=each.seen,
                by=by,
                now=now,
                unchanged=unchanged,
            )
            if confirmed and speaks_for_its_part(found):
                say_right(confirmed.parts, found.submission.organisation, by, now)
                say_pairs_right(confirmed.pairs, found.submission.organisation, by, now)
    except Stale as stale:
        each.conflict = stale.newest
        if each.conflict is None:
            each.form.refused(ValidationError(str(stale)))
    except ValidationError as error:
        each.form.refused(error)
    else:
        each.saved = True
        # That of what was saved, not of what stands there by now: else somebody's next change would go unseen.
        each.form.data = {**each.form.data, each.form.add_prefix("token"): token_of(answer)}


def speaks_for_its_part(found: Return) -> bool:
    """May the reader say of what the register holds of the organisation that it is right."""
    target = Target(organisations=frozenset({found.submission.organisation.code}))
    return may(found.look.user, "activity.confirm_own_part", target)


def discard(found: Return, each: Entry) -> None:
    """Drops the draft; what was typed into its form goes with it."""
    by, now = found.look.user, found.look.occasion.now
    kpi, year = each.thread.kpi, each.thread.plan_year
    try:
        discard_draft(submission=found.submission, kpi=kpi, plan_year=year, seen=each.seen, by=by, now=now)
    except Stale as stale:
        each.not_discarded = str(stale)
    except ValidationError as error:
        each.form.refused(error)
    else:
        each.discarded = True


def status_of(entries: list[Entry]) -> int:
    if any(each.conflict or each.not_discarded for each in entries):
        return 409
    if not any(each.unsaved for each in entries):
        return 200
    return 422 if any(each.verdict.allowed for each in entries) else 403


def shown_again(found: Return, item: Item, entries: list[Entry]) -> Content:
    """The page again with everything typed; beside it what is saved, where somebody else saved something meanwhile. The
    form goes on with the old token: only who chooses one of the two texts replaces anything."""
    fresh = open_return(found.look, found.round.code, found.submission.organisation.code)
    again, status, as_at = fresh.item(item.kpi.code), status_of(entries), f"{fresh.round.as_at:%d.%m.%y}"
    for each, thread in zip(entries, again.threads, strict=True):
        each.thread, each.verdict = thread, fresh.change(again, thread)
        if each.keep == "theirs" or each.discarded:
            each.form = form_of(again, thread, as_at)
        elif each.not_discarded:
            each.form = as_stored(again, thread, as_at, each.not_discarded)
    conflict = any(each.conflict for each in entries)
    return kpi_content(fresh, again, entries) | {"status": status, "conflict": conflict, "unsaved": True}


def as_stored(item: Item, thread: Thread, as_at: str, sentence: str) -> AnswerForm:
    """The answer as it is now, in a form that says why nothing was discarded."""
    stored = form_of(item, thread, as_at)
    data = {stored.add_prefix(name): value for name, value in stored.initial.items()}
    form = form_of(item, thread, as_at, data)
    form.refused(ValidationError(sentence))
    return form


def told(request: HttpRequest, found: Return, entries: list[Entry]) -> HttpResponse:
    """What a draft that saved itself is told: when it was saved, or why not; and the tokens to go on with."""
    now, status = found.look.occasion.now.astimezone(found.look.time_zone), status_of(entries)
    content = {
        "answers": [each for each in entries if each.typed],
        "at": f"{now:%H:%M:%S} ({found.look.time_zone.key})",
        "wrong": status in (403, 422),
        "conflict": status == 409,
    }
    response = render(request, "returns/saved.html", content, status=status)
    response["X-Draft"] = {200: "saved", 409: "conflict"}.get(status, "refused")
    patch_vary_headers(response, ["HX-Request"])
    return response


def evidence_way(request: HttpRequest, found: Return, item: Item) -> str:
    """Where a button leads that saves what was typed before evidence is added or removed; "" where none was pressed."""
    adds = request.POST.get("add-evidence", "")
    thread = next((each for each in item.threads if key_of(each) == adds), None)
    if thread:
        return evidence_path(found, item, thread)
    piece = request.POST.get("remove-evidence", "")
    if piece.isascii() and piece.isdigit() and len(piece) < 19:
        return reverse("return_evidence_remove", args=[*found.address, item.kpi.code, int(piece)])
    return ""


def onward(request: HttpRequest, found: Return, item: Item) -> HttpResponse:
    """Back to the place where one was, to what shows the answer, or to the next KPI."""
    if way := evidence_way(request, found, item):
        messages.info(request, f"{item.kpi.code}: draft saved.")
        return redirect(way)
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
