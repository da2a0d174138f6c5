"""The way of a return out of the house: checked, handed to the approver, sent with a receipt, taken back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import Target, may
from reporting import rules
from reporting.actions.entry import faults, name_of, send, send_back, send_to_approver, withdraw
from reporting.actions.refusals import Stale
from reporting.answer_evidence import Piece, pieces
from reporting.asking import asked_about
from reporting.choices import AnswerStatus
from reporting.forms.returns import NoteForm
from reporting.looking import Look
from reporting.models import Answer, Receipt
from reporting.moments import moment_words
from reporting.returns import STATE_WORDS, Item, Return, nothing_here, open_return, visible
from reporting.seen import parsed, written
from reporting.threads import Thread, last_answers
from reporting.validators import listed
from reporting.wording import said
from workplan.calendar import year_label
from workplan.tree import FocusAreaText

from .base import Content, crumb, page
from .entries import is_base_year, wrong_of

SEEN = "seen"
"""The field that names what the person saw."""
SHOWN = {"": "All", "missing": "Not answered", "faults": "To correct", "asked": "Asked about"}


def crumbs_of(found: Return) -> list[dict[str, str]]:
    name = found.submission.organisation.name
    return [
        crumb(found.look, "rounds", "Reporting"),
        {"href": reverse("return_tasks", args=found.address), "text": name},
    ]


# ---------------------------------------------------------------- check your answers


@dataclass(frozen=True)
class Line:
    """One answer as it would be sent."""

    found: Return
    item: Item
    thread: Thread
    faults: tuple[str, ...]
    change: rules.Verdict
    can_withdraw: bool
    asks: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()

    @property
    def base_year(self) -> bool:
        return is_base_year(self.found.round, self.thread)

    @property
    def name(self) -> str:
        return name_of(self.item.kpi.code, self.thread.plan_year)

    @property
    def anchor(self) -> str:
        return f"a{self.item.kpi.id}-{self.thread.plan_year or ''}"

    @property
    def newest(self) -> Answer | None:
        return self.thread.newest if self.thread.answered or self.thread.state else None

    @property
    def says(self) -> str:
        return said(self.newest) if self.newest else "Not answered"

    @property
    def state(self) -> str:
        return STATE_WORDS[self.thread.state]

    def shown(self, show: str) -> bool:
        """Is it among those that are looked at."""
        limits = {"missing": self.newest is None, "faults": bool(self.faults), "asked": bool(self.asks)}
        return limits.get(show, True)


@page("submission.view", "sending/check.html", figures=False, within=visible)
def check(request: HttpRequest, look: Look, round: str, org: str) -> Content:
    """All answers under each other, what is missing or wrong, and the buttons that hand them on."""
    found = open_return(look, round, org)
    if not found.own:
        raise nothing_here()
    show = request.GET.get("show", "")
    return check_content(found, show if show in SHOWN else "")


def check_content(
    found: Return, show: str = "", error: ValidationError | None = None, note: NoteForm | None = None
) -> Content:
    whose = found.submission.organisation
    shows = pieces(found.look, here=found.round, submission__organisation=whose.pk)
    lines = [
        replace(each, pieces=shows.get((whose.code, each.item.kpi.id, each.thread.plan_year), ()))
        for each in lines_of(found)
    ]
    drafts = [each for each in lines if each.thread.working and waits(found, each.thread)]
    ready = [each for each in drafts if each.thread.working and each.thread.working.state == AnswerStatus.DRAFT]
    waiting = [each for each in drafts if each not in ready]
    complete = [each for each in drafts if not each.faults]
    to_approver = [each for each in complete if each in ready]
    may_send_back = bool(waiting) and found.may("submission.return_to_contributor")
    return {
        "title": f"Check your answers: {found.submission.organisation.name}, {found.round.title}",
        "return": found,
        "areas": list(areas_of(found, [each for each in lines if each.shown(show)])),
        "problems": problems(found, lines, error, may_send_back),
        "show": show,
        "chips": chips(found, lines, show),
        "ready": len(ready),
        "waiting": len(waiting),
        "missing": sum(each.newest is None for each in lines),
        "staying": [each.name for each in lines if each.faults and each.change.allowed],
        "to_send": seen_of(complete),
        "asked": sum(bool(each.asks) for each in complete),
        "asked_about": asked_rows(found, lines, show),
        "to_approver": seen_of(to_approver),
        "to_contributor": seen_of(waiting),
        "may_send": bool(complete) and found.may("submission.submit"),
        "may_hand_on": bool(to_approver) and found.may("submission.send_to_approver"),
        "may_send_back": may_send_back,
        "may_withdraw": any(each.can_withdraw for each in lines) and found.may("submission.withdraw"),
        "note": note or NoteForm(),
        "entry": found.entry,
        "crumbs": crumbs_of(found),
    }


def areas_of(found: Return, lines: list[Line]) -> Iterator[tuple[FocusAreaText, list[Line]]]:
    for area, _ in found.areas:
        if here := [each for each in lines if each.item.area == area]:
            yield area, here


def chips(found: Return, lines: list[Line], show: str) -> list[dict[str, Any]]:
    address = reverse("return_check", args=found.address)
    return [
        {
            "text": f"{words} {sum(each.shown(name) for each in lines)}",
            "href": f"{address}?show={name}" if name else address,
            "current": name == show,
        }
        for name, words in SHOWN.items()
    ]


def asked_rows(found: Return, lines: list[Line], show: str) -> list[dict[str, str]]:
    """The figures that are asked about, each with where its row stands: on this page, else among all of them."""
    among = f"{reverse('return_check', args=found.address)}?show=asked"
    return [
        {"text": each.name, "href": f"{'' if each.shown(show) else among}#{each.anchor}"} for each in lines if each.asks
    ]


NOT_LOOKED = "not looked"
"""The code of a refusal that the tick "looked" mends."""


def problems(found: Return, lines: list[Line], error: ValidationError | None, has_note: bool) -> list[dict[str, str]]:
    """Each sentence once, with the place where it is mended: the form of the KPI, the note, or this page."""
    linked = {}
    for each in lines:
        form = reverse("return_kpi", args=[*found.address, each.item.kpi.code])
        for fault in each.faults:
            linked[f"{each.name}: {fault}"] = f"{form}#{wrong_of(each.thread)}"
    noted = error.message_dict.get("note", []) if error and hasattr(error, "error_dict") else []
    for sentence in error.messages if error else ():
        here = "#looked" if getattr(error, "code", None) == NOT_LOOKED else ""
        linked.setdefault(sentence, "#note" if has_note and sentence in noted else here)
    return [{"text": text, "href": href} for text, href in linked.items()]


def lines_of(found: Return) -> Iterator[Line]:
    last = last_answers(found.submission)
    for item in found.items:
        for thread in item.threads:
            working = thread.working
            # A draft from which everything was taken away again says nothing, so nothing is wrong with it.
            wrong = tuple(faults(working, item)) if working and thread.state else ()
            asks = asked_about(item, thread, last) if waits(found, thread) else ()
            yield Line(found, item, thread, wrong, found.change(item, thread), withdrawable(found, thread), asks)


def withdrawable(found: Return, thread: Thread) -> bool:
    return rules.withdrawal(found.round, found.submission, thread, found.look.occasion.now).allowed


def waits(found: Return, thread: Thread) -> bool:
    """Would sending take this answer along."""
    now = found.look.occasion.now
    return thread.answered and rules.window(found.round, found.submission, thread, now).allowed


def seen_of(lines: list[Line]) -> str:
    return written(line.thread.working for line in lines if line.thread.working)


# ---------------------------------------------------------------- handing on


def hands_on(action: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., Any]]:
    """A view that changes what others wait for: by POST alone (else it leads to the answers), for those who may; a
    refusal shows the answers again."""

    def decorate(act: Callable[[HttpRequest, Return], HttpResponse]) -> Callable[..., Any]:
        @page(action, "sending/check.html", figures=False, within=visible)
        def view(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
            if request.method != "POST":
                return redirect("return_check", look.occasion.plan.code, round, org)
            found = open_return(look, round, org)
            if not found.own:
                raise PermissionDenied
            if not found.may(action) and not was_done(request, found):
                why = found.entry.reason or "Nothing of this return is in your hands now."
                return again(found, ValidationError(why), request, 403)
            try:
                return act(request, found)
            except Stale as stale:
                return again(found, ValidationError(str(stale)), request, 409)
            except ValidationError as error:
                return again(found, error, request, 422)

        return view

    return decorate


def was_done(request: HttpRequest, found: Return) -> bool:
    """A second click on "send" finds nothing left to send; it gets the receipt of the first."""
    return bool(parsed(request.POST.get(SEEN, ""))) and found.submission.receipts.exists() and sends(found)


def sends(found: Return) -> bool:
    """Could the reader send something of this return, if something waited."""
    own = Target(organisations=frozenset({found.address[2]}), open_for_entry=True)
    return may(found.look.user, "submission.submit", own)


def again(found: Return, error: ValidationError, request: HttpRequest, status: int) -> Content:
    """The answers as they are now, and why it was refused; a note stays as it was typed."""
    fresh = open_return(found.look, found.round.code, found.submission.organisation.code)
    note = NoteForm(request.POST) if "note" in request.POST else None
    if note and note.is_valid():
        note.refused(error)
    return check_content(fresh, error=error, note=note) | {"status": status}


@hands_on("submission.send_to_approver")
def to_approver(request: HttpRequest, found: Return) -> HttpResponse:
    seen = parsed(request.POST.get(SEEN, ""))
    many = send_to_approver(submission=found.submission, seen=seen, by=found.look.user, now=found.look.occasion.now)
    messages.success(request, f"{many} {'answer waits' if many == 1 else 'answers wait'} for your approver now.")
    return redirect("return_tasks", *found.address)


@hands_on("submission.submit")
def send_all(request: HttpRequest, found: Return) -> HttpResponse:
    seen = parsed(request.POST.get(SEEN, ""))
    asked = [each for each in lines_of(found) if each.asks and each.thread.working and each.thread.working.pk in seen]
    if asked and "looked" not in request.POST:
        names = listed([each.name for each in asked], "and")
        raise ValidationError(f"Look at {names} once more, and tick that the figures are right.", NOT_LOOKED)
    receipt = send(submission=found.submission, seen=seen, by=found.look.user, now=found.look.occasion.now)
    return redirect("return_receipt", *found.address, receipt.number)


@hands_on("submission.return_to_contributor")
def back(request: HttpRequest, found: Return) -> HttpResponse:
    form, seen = NoteForm(request.POST), parsed(request.POST.get(SEEN, ""))
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    note, by, now = form.cleaned_data["note"], found.look.user, found.look.occasion.now
    many = send_back(submission=found.submission, seen=seen, note=note, by=by, now=now)
    messages.success(request, f"{many} {'answer is' if many == 1 else 'answers are'} with the contributors again.")
    return redirect("return_tasks", *found.address)


@hands_on("submission.withdraw")
def take_back(request: HttpRequest, found: Return) -> HttpResponse:
    chosen = [
        int(each) for each in request.POST.getlist("answer") if each.isascii() and each.isdigit() and len(each) < 18
    ]
    if not chosen:
        raise ValidationError("Choose at least one answer to take back.")
    many = withdraw(submission=found.submission, answers=chosen, by=found.look.user, now=found.look.occasion.now)
    messages.success(request, f"{many} {'answer is a draft' if many == 1 else 'answers are drafts'} again.")
    return redirect("return_tasks", *found.address)


# ---------------------------------------------------------------- the receipt


@page("submission.view", "sending/receipt.html", figures=False, within=visible)
def receipt(request: HttpRequest, look: Look, round: str, org: str, number: int) -> Content:
    """What was sent, word for word, with its number; to print or to keep."""
    found = open_return(look, round, org)
    row = found.submission.receipts.select_related("sent_by").filter(number=number).first()
    lines = list(receipt_lines(found, row)) if row else []
    if row is None or not lines:
        raise nothing_here()
    row.submission = found.submission
    return {
        "title": f"Receipt {row}",
        "return": found,
        "receipt": row,
        "lines": lines,
        "sent_at": moment_words(row.sent_at, found.round.time_zone, look.time_zone),
        "crumbs": crumbs_of(found),
    }


def receipt_lines(found: Return, receipt: Receipt) -> Iterator[dict[str, Any]]:
    """Those on the KPIs that the reader may see."""
    visible = {item.kpi.code: item for item in found.items}
    for line in receipt.content:
        if line["kpi"] in visible:
            year = year_label(line["plan_year"]) if line["plan_year"] else ""
            yield line | {"year": year, "question": visible[line["kpi"]].kpi.reading.question}
