"""The secretariat enters what a Member sent by e-mail; the Member confirms it (domain.md, "The workflow")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from members.numbers import counted
from members.permissions import may
from reporting import rules
from reporting.actions.behalf import Said, confirm_on_behalf, contest_on_behalf, enter_on_behalf, keep_original
from reporting.forms.base import PlainForm
from reporting.forms.behalf import ContestForm, OriginalForm
from reporting.forms.returns import AnswerForm
from reporting.looking import Look
from reporting.models import NOTHING_SAID, Answer, Original, Submission, WorkbookUpload
from reporting.questions import question_on
from reporting.returns import Item, Return, asked_in_full, nothing_here, open_return, visible
from reporting.review import opened_originals
from reporting.rules import Verdict
from reporting.seen import parsed, written
from reporting.threads import Thread, token_of, versions
from reporting.wording import entered_for, said
from reporting.workbook.package import LARGEST
from reporting.workbook.reading import read_workbook
from reporting.workbook.receiving import check_for
from workplan.calendar import year_label

from .base import Content, acted, crumb, page
from .entries import is_base_year, key_of
from .listing import review_crumbs
from .review import submission_of

ENTER = "submission.enter_on_behalf"


def without_content() -> Any:
    """The originals, without the bytes that only a download needs."""
    return Original.objects.defer("content").select_related("uploaded_by")


# ---------------------------------------------------------------- the original


@page(ENTER, "behalf/originals.html", figures=False, within=visible)
def originals(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """What a Member sent by e-mail so far, and the form for another."""
    submission = submission_of(look, round, org)
    whose = submission.organisation
    form = OriginalForm(request.POST or None, request.FILES or None)
    found = (
        without_content()
        .filter(submission=submission)
        .annotate(many=Count("answers", distinct=True), taken=Count("workbooks", distinct=True))
    )
    content = {
        "title": f"Enter what {whose.name} sent by e-mail: {submission.round.title}",
        "submission": submission,
        "originals": found.order_by("-pk"),
        "form": form,
        "crumbs": member_crumbs(look, submission),
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        file = form.cleaned_data["file"]
        read = file.read()
        ours = is_workbook_of(submission, file.name, read)
        made = keep_original(
            submission=submission,
            name=file.name,
            content=read,
            received_on=form.cleaned_data["received_on"],
            received_from=form.cleaned_data["received_from"],
            by=look.user,
            now=look.occasion.now,
        )
        messages.success(
            request, f"{made.name} is stored. {'This is what it says.' if ours else 'Enter what it says.'}"
        )
        return redirect("on_behalf_workbook" if ours else "on_behalf", *address_of(look, submission), made.pk)

    return acted(form, content, act)


def is_workbook_of(submission: Submission, name: str, content: bytes) -> bool:
    """Is it one that was downloaded here. Raises ValidationError where it is of another return: it would be kept, and
    shown to the wrong people."""
    if not name.lower().endswith(".xlsx") or len(content) > LARGEST:
        return False
    try:
        book = read_workbook(content)
    except ValidationError:
        return False
    try:
        check_for(book.stamp, submission)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    return True


def address_of(look: Look, submission: Submission) -> tuple[str, str, str]:
    return (look.occasion.plan.code, submission.round.code, submission.organisation.code)


def member_crumbs(look: Look, submission: Submission) -> list[dict[str, str]]:
    here = reverse("review_member", args=address_of(look, submission))
    return [*review_crumbs(look, submission.round), {"href": here, "text": submission.organisation.name}]


def original_of(submission: Submission, pk: int) -> Original:
    found: Original | None = without_content().filter(submission=submission, pk=pk).first()
    if found is None:
        raise nothing_here()
    found.submission = submission
    return found


@page("evidence.download", figures=False, within=visible)
def download(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> HttpResponse:
    """The file as it came: for its own Member as soon as something was entered from it, the secretariat, and the
    co-coordinators of everything that was. It is always stored, never shown by the browser."""
    submission = submission_of(look, round, org)
    if not may(look.user, ENTER):
        found, entered = open_return(look, round, org), versions().filter(submission=submission, original=pk)
        taken = entered.exists() or WorkbookUpload.objects.filter(submission=submission, original=pk).exists()
        if not (taken if found.own else pk in opened_originals(look.user, entered, found.kpis)):
            raise nothing_here()
    original = Original.objects.filter(submission=submission, pk=pk).first()
    if original is None:
        raise nothing_here()
    return HttpResponse(
        bytes(original.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, original.name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


# ---------------------------------------------------------------- what it says


@page(ENTER, "behalf/answers.html", figures=False, within=visible)
def answers(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> Content:
    """Every KPI that the Member is asked, and what was entered from this original."""
    submission = submission_of(look, round, org)
    original, items = original_of(submission, pk), asked_in_full(look, submission)
    lines = [line_of(look, original, item) for item in items]
    many = sum(line["entered"] for line in lines)
    return {
        "title": f"{submission.organisation.name}: {counted(many, 'answer')} entered from this e-mail",
        "submission": submission,
        "original": original,
        "lines": lines,
        "receipts": WorkbookUpload.objects.defer("file").filter(submission=submission, original=pk),
        "crumbs": [*member_crumbs(look, submission), originals_crumb(look, submission)],
    }


def originals_crumb(look: Look, submission: Submission) -> dict[str, str]:
    return {"href": reverse("review_on_behalf", args=address_of(look, submission)), "text": "Sent by e-mail"}


def line_of(look: Look, original: Original, item: Item) -> dict[str, Any]:
    latest = [thread.latest_sent for thread in item.threads if thread.latest_sent]
    return {
        "kpi": item.kpi,
        "says": ", ".join(said(answer) for answer in latest) or "Nothing was sent",
        "states": ", ".join(dict.fromkeys(answer.get_state_display() for answer in latest)),
        "entered": sum(answer.original_id == original.pk for answer in latest),
        "may": any(verdict_of(look, original, thread).allowed for thread in item.threads),
    }


def verdict_of(look: Look, original: Original, thread: Thread) -> Verdict:
    submission, now = original.submission, look.occasion.now
    return rules.on_behalf(submission.round, submission, thread, original.received_on, now)


@dataclass
class Line:
    """One answer of the form: what stands there, and what is entered."""

    thread: Thread
    form: AnswerForm
    verdict: Verdict
    base_year: bool

    @property
    def stands(self) -> str:
        latest = self.thread.latest_sent
        return f"{said(latest)}. {latest.get_state_display()}." if latest else "Nothing was sent."

    @property
    def says_something(self) -> bool:
        return self.form.is_valid() and self.form.says != NOTHING_SAID

    @property
    def typed(self) -> Said:
        return Said(self.thread.plan_year, self.form.says, self.form.cleaned_data["token"])


@page(ENTER, "behalf/kpi.html", figures=False, within=visible)
def kpi(request: HttpRequest, look: Look, round: str, org: str, pk: int, code: str) -> Content | HttpResponse:
    """The form of one KPI, the same as the Member's; what is entered is sent at once."""
    submission = submission_of(look, round, org)
    original, items = original_of(submission, pk), asked_in_full(look, submission)
    place = next((place for place, item in enumerate(items) if item.kpi.code == code), None)
    if place is None:
        raise nothing_here()
    item = items[place]
    lines = list(lines_of(look, original, item, request.POST if request.method == "POST" else None))
    top, address = PlainForm(request.POST if request.method == "POST" else None), address_of(look, submission)
    content = {
        "title": f"{code} of {submission.organisation.name}, from an e-mail by {original.received_from}",
        "submission": submission,
        "original": original,
        "item": item,
        "lines": lines,
        "form": top,
        "wrong_rows": [each.form for each in lines if each.form.is_bound and each.form.errors],
        "cancel": reverse("on_behalf", args=[*address, pk]),
        "crumbs": [*member_crumbs(look, submission), originals_crumb(look, submission)],
    }
    if request.method != "POST":
        return content
    if content["wrong_rows"]:
        return content | {"status": 422}

    def act() -> HttpResponse:
        entered = enter_on_behalf(
            original=original,
            question=question_on(submission.round, item.kpi.id),
            said=[each.typed for each in lines if each.says_something],
            by=look.user,
            now=look.occasion.now,
        )
        done = "1 answer" if len(entered) == 1 else f"{len(entered)} answers"
        messages.success(request, f"{code}: {done} entered on behalf of {submission.organisation.name}.")
        if "next" in request.POST and place + 1 < len(items):
            return redirect("on_behalf_kpi", *address, pk, items[place + 1].kpi.code)
        return redirect("on_behalf", *address, pk)

    return as_it_is(acted(top, content, act), lines)


def lines_of(look: Look, original: Original, item: Item, data: Any) -> Iterator[Line]:
    as_at = f"{original.submission.round.as_at:%d.%m.%y}"
    for thread in item.threads:
        verdict = verdict_of(look, original, thread)
        initial = {"token": token_of(thread.latest_sent)}
        whose = original.submission.organisation.name
        form = AnswerForm(item.kpi.reading, as_at, data, prefix=key_of(thread), initial=initial, whose=whose)
        yield Line(thread, form, verdict, is_base_year(original.submission.round, thread))


def as_it_is(shown: Content | HttpResponse, lines: list[Line]) -> Content | HttpResponse:
    """Where somebody was faster, the page shows what stands now; who goes on has seen that."""
    if isinstance(shown, dict) and shown["status"] == 409:
        for each in lines:
            name, token = each.form.add_prefix("token"), token_of(each.thread.latest_sent)
            each.form.data = {**dict(each.form.data.items()), name: token}
    return shown


# ---------------------------------------------------------------- what the Member says of it


@page("submission.confirm_on_behalf", "behalf/confirm.html", figures=False, within=visible)
def confirm(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """What was entered on behalf of the reader's organisation: it is right, or it is not what they said."""
    found = open_return(look, round, org)
    if not found.own:
        raise PermissionDenied
    contests = parsed(request.POST.get("contest", ""))
    form: PlainForm = (
        ContestForm(request.POST, auto_id="%s")
        if contests
        else PlainForm(request.POST if request.method == "POST" else None)
    )
    ticked = " ".join(request.POST.getlist("confirm"))
    rows = list(to_confirm(found, contests, form, ticked))
    many = len(rows)
    content = {
        "title": f"{counted(many, 'answer', zero='No')} to confirm: {found.submission.organisation.name}",
        "return": found,
        "many": many,
        "mails": list(by_original(rows)),
        "form": form,
        "crumbs": [
            crumb(look, "rounds", "Reporting"),
            {"href": reverse("return_tasks", args=found.address), "text": found.submission.organisation.name},
        ],
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        by: dict[str, Any] = {"submission": found.submission, "by": look.user, "now": look.occasion.now}
        if contests:
            answer = contest_on_behalf(seen=contests, reason=form.cleaned_data["reason"], **by)
            messages.success(request, f"The secretariat reads that {answer.kpi.code} is not what you said, and why.")
        else:
            done = confirm_on_behalf(seen=parsed(ticked), **by)
            messages.success(request, f"{len(done)} answer{' is' if len(done) == 1 else 's are'} confirmed.")
        return redirect("return_confirm", *found.address)

    return acted(form, content, act)


def to_confirm(found: Return, contests: Any, form: PlainForm, ticked: str) -> Iterator[dict[str, Any]]:
    """``ticked``: what a form says of those that are right."""
    right = set(ticked.split())
    for item in found.items:
        for thread in item.threads:
            answer = thread.latest_sent
            if answer and rules.asks_for_confirmation(thread):
                typed = form if answer.pk in contests else None
                row = confirmed_row(found, item, answer)
                yield row | {"form": typed, "ticked": row["seen"] in right}


def by_original(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The answers of each e-mail together, the earliest first; those that came without one stand last."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["answer"].original_id or 0, []).append(row)
    for pk in sorted(found, key=lambda pk: (not pk, pk)):
        first = found[pk][0]["answer"]
        mail = f"E-mail of {first.original_received_on:%d.%m.%y} by {first.original_received_from}" if pk else ""
        yield {
            "pk": pk,
            "name": mail or "Entered without an e-mail",
            "many": counted(len(found[pk]), "answer"),
            "rows": found[pk],
            "seen": written(row["answer"] for row in found[pk]),
        }


def confirmed_row(found: Return, item: Item, answer: Answer) -> dict[str, Any]:
    return {
        "kpi": item.kpi,
        "answer": answer,
        "year": year_label(answer.plan_year) if answer.plan_year else "",
        "says": said(answer),
        "entered": entered_for(answer, found.submission.organisation.name),
        "seen": written([answer]),
    }
