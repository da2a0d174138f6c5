"""The secretariat decides, by Member and by KPI (domain.md, "The workflow", 4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import may
from reporting import rules
from reporting.actions.deciding import accept_answers, correct_answer, default_correct_by, return_answer
from reporting.actions.refusals import Stale
from reporting.forms.base import PlainForm, Refusal
from reporting.forms.returns import typed
from reporting.forms.review import CorrectionForm, RefuseForm, ReturnForm
from reporting.looking import Look
from reporting.mails import who_hears
from reporting.models import Answer, Round, Submission
from reporting.questions import question_on
from reporting.returns import nothing_here, round_called, visible
from reporting.review import Reviewed, kpis_of, of_submission, on_kpi, unproblematic, waiting
from reporting.seen import parsed, written
from reporting.threads import token_of
from workplan.tree import KpiText

from .base import Content, acted, crumb, page

SHOWN = {"": "All", "undecided": "Not decided yet", "marked": "To look at"}
PER_PAGE = 60
"""Answers on one page: of 35 Members all, of 350 those of sixty."""
FROM_KPI = "kpi"
"""What ``from`` says where a decision was begun in the list of a KPI."""


def review_crumbs(look: Look, collection: Round) -> list[dict[str, str]]:
    address = reverse("review_queue", args=[look.occasion.plan.code, collection.code])
    return [crumb(look, "rounds", "Reporting"), {"href": address, "text": f"Review of {collection.title}"}]


# ---------------------------------------------------------------- the queue


@page("submission.accept_answer", "review/queue.html", figures=False)
def queue(request: HttpRequest, look: Look, round: str) -> Content:
    """Who waits for a decision, by Member and by KPI."""
    collection = round_called(look, round)
    returns, by_kpi = waiting(collection)
    rows = list(returns)
    many = sum(each.undecided for each in rows)
    kpis = [
        {"kpi": kpi, "undecided": by_kpi[pk][0], "sent": by_kpi[pk][1]}
        for pk, kpi in kpis_of(look, collection).items()
        if pk in by_kpi
    ]
    title = f"{many or 'No'} answer{'' if many == 1 else 's'} to decide on"
    crumbs = [crumb(look, "rounds", "Reporting")]
    return {"title": f"{title}: {collection.title}", "round": collection, "rows": rows, "kpis": kpis, "crumbs": crumbs}


# ---------------------------------------------------------------- one Member, one KPI


@dataclass(frozen=True)
class Listing:
    """The list from which an answer is decided on, as its reader looks at it. ``show`` and ``page`` stand in its
    address, so that one comes back to the same place."""

    look: Look
    address: str
    name: str
    rows: Callable[[], list[Reviewed]]
    show: str
    page: int

    def picked(self, rows: list[Reviewed]) -> list[Reviewed]:
        if self.show == "undecided":
            return [row for row in rows if row.undecided]
        return [row for row in rows if row.marks] if self.show == "marked" else rows

    def query(self, page: int, **more: object) -> str:
        asked = {**more, "show": self.show, "page": page if page > 1 else ""}
        said = urlencode({name: value for name, value in asked.items() if value})
        return f"?{said}" if said else ""

    def at(self, answer: Answer, page: int | None = None) -> str:
        return f"{self.address}{self.query(page or self.page)}#a{answer.pk}"

    def after(self, done: Iterable[Answer]) -> str:
        """The next answer that the reader can decide on, else the first; the list where there is none."""
        rows = self.rows()
        places = {row.answer.pk: place for place, row in enumerate(rows)}
        last = max((places[answer.pk] for answer in done if answer.pk in places), default=-1)
        picked = self.picked(rows)
        left = [row for row in picked if row.undecided and not row.own_work_of(self.look.user)]
        following = next((row for row in left if places[row.answer.pk] > last), left[0] if left else None)
        if following is None:
            return self.address + self.query(self.page)
        return self.at(following.answer, picked.index(following) // PER_PAGE + 1)


def place_in(request: HttpRequest) -> dict[str, Any]:
    """Where in a list its reader is, as the address says; what is not offered is the beginning."""
    show, asked = request.GET.get("show", ""), request.GET.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return {"show": show if show in SHOWN else "", "page": max(page, 1)}


def of_member(request: HttpRequest, look: Look, submission: Submission) -> Listing:
    whose = submission.organisation
    address = reverse("review_member", args=[look.occasion.plan.code, submission.round.code, whose.code])
    return Listing(look, address, whose.name, lambda: of_submission(look, submission), **place_in(request))


def of_kpi(request: HttpRequest, look: Look, collection: Round, kpi: KpiText) -> Listing:
    address = reverse("review_kpi", args=[look.occasion.plan.code, collection.code, kpi.code])
    return Listing(look, address, kpi.code, lambda: on_kpi(look, collection, kpi.id), **place_in(request))


@page("submission.accept_answer", "review/answers.html", figures=False, within=visible)
def member(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """All that one organisation sent."""
    submission = submission_of(look, round, org)
    content = {"by_kpi": False, "submission": submission}
    return decided(request, of_member(request, look, submission), submission.round, content)


@page("submission.accept_answer", "review/answers.html", figures=False)
def kpi(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """All that was sent on one KPI, under each other."""
    collection = round_called(look, round)
    found = next((each for each in kpis_of(look, collection).values() if each.code == code), None)
    if found is None:
        raise nothing_here()
    return decided(request, of_kpi(request, look, collection, found), collection, {"by_kpi": True, "kpi": found})


def submission_of(look: Look, round: str, org: str) -> Submission:
    collection = round_called(look, round)
    found = Submission.objects.filter(round=collection, organisation__code=org).select_related("organisation").first()
    if found is None:
        raise nothing_here()
    found.round = collection
    return found


def shown(listing: Listing, collection: Round, content: Content) -> Content:
    """The chosen answers, a page of them, and what can be accepted together: of those on this page alone."""
    rows, look = listing.rows(), listing.look
    picked = listing.picked(rows)
    pages = max(1, -(-len(picked) // PER_PAGE))
    number = min(listing.page, pages)
    here = picked[(number - 1) * PER_PAGE : number * PER_PAGE]
    together = unproblematic(here, look.user)
    undecided = sum(row.undecided for row in rows)
    came = {"from": FROM_KPI} if content["by_kpi"] else {}
    return content | {
        "title": f"{listing.name}: {undecided} of {len(rows)} answers to decide on, {collection.title}",
        "round": collection,
        "rows": [
            {
                "row": row,
                "own": row.own_work_of(look.user),
                "query": listing.query(number, year=row.thread.plan_year, **came),
            }
            for row in here
        ],
        "corrects": collection.state(look.occasion.now) != "open" and may(look.user, "submission.edit_after_close"),
        "together": together,
        "together_seen": written(row.answer for row in together),
        "chips": [
            {"text": text, "href": f"?show={name}" if name else "?", "current": name == listing.show}
            for name, text in SHOWN.items()
        ],
        "number": number,
        "pages": pages,
        "show": listing.show,
        "crumbs": review_crumbs(look, collection),
    }


def decided(request: HttpRequest, listing: Listing, collection: Round, content: Content) -> Content | HttpResponse:
    """The page, or what becomes of its buttons: one answer is accepted, or all of which nothing is odd."""
    if request.method != "POST":
        return shown(listing, collection, content)
    seen, look = parsed(request.POST.get("accept", "")), listing.look
    try:
        accepted = accept_answers(seen=seen, by=look.user, now=look.occasion.now)
    except Stale as stale:
        refusal = Refusal(ValidationError(str(stale)))
        return shown(listing, collection, content) | {"form": refusal, "status": 409}
    except ValidationError as error:
        return shown(listing, collection, content) | {"form": Refusal(error), "status": 422}
    many = len(accepted)
    done = "1 answer accepted. It counts" if many == 1 else f"{many} answers accepted. They count"
    messages.success(request, f"{done} from now on.")
    return redirect(listing.after(accepted))


# ---------------------------------------------------------------- back, or corrected


def one_of(look: Look, round: str, org: str, code: str, year: str) -> tuple[Submission, Reviewed]:
    submission = submission_of(look, round, org)
    wanted = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    rows = of_submission(look, submission)
    found = next((row for row in rows if row.kpi.code == code and row.thread.plan_year == wanted), None)
    if found is None:
        raise nothing_here()
    return submission, found


def came_from(request: HttpRequest, look: Look, submission: Submission, row: Reviewed) -> Listing:
    """The list that the reader goes back to: that of the KPI where they came from it, else that of the Member."""
    if request.GET.get("from") == FROM_KPI:
        return of_kpi(request, look, submission.round, row.kpi)
    return of_member(request, look, submission)


@page("submission.return_answer", "review/return.html", figures=False, within=visible)
def send_back(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """One answer goes back, with a reason and a day; or a colleague's correction is refused, with a reason."""
    submission, row = one_of(look, round, org, code, request.GET.get("year", ""))
    until = default_correct_by(submission.round, look.occasion.now)
    form_class, verb = (RefuseForm, "Refuse the correction of") if row.is_correction else (ReturnForm, "Return")
    form = form_class(request.POST or None, initial={"token": token_of(row.answer), "correct_by": until})
    listing = came_from(request, look, submission, row)
    content = decision_content(listing, submission.round, row, form, verb)
    if request.method != "POST":
        return content

    if row.is_correction:
        done = f"The correction of {row.kpi.code} for {row.name} is refused. The answer stands as it was accepted."
    else:
        done = f"The answer of {row.name} to {row.kpi.code} is returned. {who_hears(submission.organisation)}"

    def act() -> HttpResponse:
        returned = return_answer(
            answer=row.answer,
            seen=form.cleaned_data["token"],
            reason=form.cleaned_data["reason"],
            correct_by=form.cleaned_data.get("correct_by"),
            by=look.user,
            now=look.occasion.now,
        )
        messages.success(request, done)
        return redirect(listing.after([returned]))

    return acted_on(row, form, content, act)


@page("submission.edit_after_close", "review/correct.html", figures=False, within=visible)
def correct(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """The administrator corrects an accepted answer, with a reason; somebody else decides on it."""
    submission, row = one_of(look, round, org, code, request.GET.get("year", ""))
    as_at = f"{submission.round.as_at:%d.%m.%y}"
    initial = {**typed(row.answer), "token": token_of(row.answer)}
    form = CorrectionForm(row.kpi.reading, as_at, request.POST or None, initial=initial)
    listing = came_from(request, look, submission, row)
    content = decision_content(listing, submission.round, row, form, "Correct")
    now, own = look.occasion.now, look.time_zone
    content["refused"] = rules.correction(submission.round, submission, row.thread, now, own).reason
    if request.method != "POST":
        return content

    done = f"The correction of {row.kpi.code} for {row.name} waits for the decision of a colleague."

    def act() -> HttpResponse:
        corrected = correct_answer(
            answer=row.answer,
            seen=form.cleaned_data["token"],
            question=question_on(submission.round, row.kpi.id),
            says=form.says,
            reason=form.cleaned_data["reason"],
            by=look.user,
            now=look.occasion.now,
        )
        messages.success(request, done)
        return redirect(listing.at(corrected))

    return acted_on(row, form, content, act)


def decision_content(listing: Listing, collection: Round, row: Reviewed, form: PlainForm, verb: str) -> Content:
    look, title = listing.look, f"{verb} the answer of {row.name} to {row.kpi.code}"
    return {
        "title": f"{title}, {row.year}" if row.year else title,
        "row": row,
        "form": form,
        "round": collection,
        "today": rules.day_in(collection.time_zone, look.occasion.now),
        "cancel": listing.at(row.answer),
        "crumbs": [*review_crumbs(look, collection), {"href": listing.address, "text": listing.name}],
    }


def acted_on(
    row: Reviewed, form: PlainForm, content: Content, act: Callable[[], HttpResponse]
) -> Content | HttpResponse:
    found = acted(form, content, act)
    if isinstance(found, dict) and found["status"] == 409:
        # The page shows the answer as it is now; who goes on has seen that.
        form.data = {**dict(form.data.items()), "token": token_of(row.answer)}
    return found
