"""The secretariat decides, by Member and by KPI (domain.md, "The workflow", 4)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reporting.actions.deciding import accept_answers, correct_answer, default_correct_by, return_answer
from reporting.actions.entry import Stale
from reporting.forms.returns import typed
from reporting.forms.review import CorrectionForm, ReturnForm
from reporting.looking import Look
from reporting.models import Round, Submission
from reporting.questions import question_on
from reporting.returns import nothing_here, round_called, visible
from reporting.review import Reviewed, kpis_of, of_submission, on_kpi, unproblematic, waiting
from reporting.rules import day_in

from .base import Content, crumb, page
from .sending import Refusal, parsed

SHOWN = {"": "All", "undecided": "Not decided yet", "marked": "To look at"}
PER_PAGE = 60
"""Answers on one page: of 35 Members all, of 350 those of sixty."""


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


@page("submission.accept_answer", "review/answers.html", figures=False, within=visible)
def member(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """All that one organisation sent."""
    submission = submission_of(look, round, org)

    def answers() -> Content:
        rows = of_submission(look, submission)
        whose = submission.organisation.name
        return shown(request, look, submission.round, rows, whose) | {"by_kpi": False, "submission": submission}

    return decided(request, look, answers)


@page("submission.accept_answer", "review/answers.html", figures=False)
def kpi(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """All that was sent on one KPI, under each other."""
    collection = round_called(look, round)
    found = next((each for each in kpis_of(look, collection).values() if each.code == code), None)
    if found is None:
        raise nothing_here()

    def answers() -> Content:
        rows = on_kpi(look, collection, found.id)
        return shown(request, look, collection, rows, found.code) | {"by_kpi": True, "kpi": found}

    return decided(request, look, answers)


def submission_of(look: Look, round: str, org: str) -> Submission:
    collection = round_called(look, round)
    found = Submission.objects.filter(round=collection, organisation__code=org).select_related("organisation").first()
    if found is None:
        raise nothing_here()
    found.round = collection
    return found


def shown(request: HttpRequest, look: Look, collection: Round, rows: list[Reviewed], about: str) -> Content:
    """The chosen answers, a page of them, and what can be accepted together: of those on this page alone."""
    chosen = request.GET.get("show", "") if request.GET.get("show") in SHOWN else ""
    picked = [row for row in rows if chosen == "" or (row.undecided if chosen == "undecided" else row.marks)]
    number, pages = page_number(request, len(picked))
    here = picked[(number - 1) * PER_PAGE : number * PER_PAGE]
    together = unproblematic(here, look.user)
    undecided = sum(row.undecided for row in rows)
    return {
        "title": f"{about}: {undecided} of {len(rows)} answers to decide on, {collection.title}",
        "round": collection,
        "rows": [{"row": row, "own": row.own_work_of(look.user)} for row in here],
        "together": together,
        "together_seen": " ".join(row.token for row in together),
        "chips": [
            {"text": text, "href": f"?show={name}" if name else "?", "current": name == chosen}
            for name, text in SHOWN.items()
        ],
        "number": number,
        "pages": pages,
        "show": chosen,
        "crumbs": review_crumbs(look, collection),
    }


def page_number(request: HttpRequest, many: int) -> tuple[int, int]:
    pages = max(1, -(-many // PER_PAGE))
    asked = request.GET.get("page", "1")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(wanted, 1), pages), pages


def decided(request: HttpRequest, look: Look, answers: Callable[[], Content]) -> Content | HttpResponse:
    """The page, or what becomes of its buttons: one answer is accepted, or all of which nothing is odd."""
    if request.method != "POST":
        return answers()
    try:
        accepted = accept_answers(seen=parsed(request.POST.get("accept", "")), by=look.user, now=look.occasion.now)
    except Stale as stale:
        return answers() | {"form": Refusal(ValidationError(str(stale))), "status": 409}
    except ValidationError as error:
        return answers() | {"form": Refusal(error), "status": 422}
    many = len(accepted)
    messages.success(request, f"{many} answer{'' if many == 1 else 's'} accepted. They count from now on.")
    return redirect(request.get_full_path())


# ---------------------------------------------------------------- back, or corrected


def one_of(look: Look, round: str, org: str, code: str, year: str) -> tuple[Submission, Reviewed]:
    submission = submission_of(look, round, org)
    wanted = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    rows = of_submission(look, submission)
    found = next((row for row in rows if row.kpi.code == code and row.thread.plan_year == wanted), None)
    if found is None:
        raise nothing_here()
    return submission, found


@page("submission.return_answer", "review/return.html", figures=False, within=visible)
def send_back(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """One answer goes back, with a reason and a day."""
    submission, row = one_of(look, round, org, code, request.GET.get("year", ""))
    token = row.token.partition(":")[2]
    until = default_correct_by(submission.round, look.occasion.now)
    form = ReturnForm(request.POST or None, initial={"token": token, "correct_by": until})
    content = decision_content(look, submission, row, form, f"Return the answer of {row.name} to {row.kpi.code}")
    if request.method != "POST":
        return content

    def act() -> None:
        return_answer(
            answer=row.answer,
            seen=form.cleaned_data["token"],
            reason=form.cleaned_data["reason"],
            correct_by=form.cleaned_data["correct_by"],
            by=look.user,
            now=look.occasion.now,
        )

    done = f"The answer of {row.name} to {row.kpi.code} is returned. Its people get a mail."
    return acted(request, submission, form, content, act, done)


@page("submission.edit_after_close", "review/correct.html", figures=False, within=visible)
def correct(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """The administrator corrects an accepted answer, with a reason; somebody else decides on it."""
    submission, row = one_of(look, round, org, code, request.GET.get("year", ""))
    token = row.token.partition(":")[2]
    as_at = f"{submission.round.as_at:%d.%m.%y}"
    initial = {**typed(row.answer), "token": token}
    form = CorrectionForm(row.kpi.reading, as_at, request.POST or None, initial=initial)
    content = decision_content(look, submission, row, form, f"Correct the answer of {row.name} to {row.kpi.code}")
    if request.method != "POST":
        return content

    def act() -> None:
        correct_answer(
            answer=row.answer,
            seen=form.cleaned_data["token"],
            question=question_on(submission.round, row.kpi.id),
            says=form.says,
            reason=form.cleaned_data["reason"],
            by=look.user,
            now=look.occasion.now,
        )

    done = f"The correction of {row.kpi.code} for {row.name} waits for the decision of a colleague."
    return acted(request, submission, form, content, act, done)


def decision_content(look: Look, submission: Submission, row: Reviewed, form: Any, title: str) -> Content:
    collection = submission.round
    address = reverse("review_member", args=[look.occasion.plan.code, collection.code, submission.organisation.code])
    return {
        "title": f"{title}, {row.year}" if row.year else title,
        "row": row,
        "form": form,
        "round": collection,
        "today": day_in(collection.time_zone, look.occasion.now),
        "cancel": address,
        "crumbs": [*review_crumbs(look, collection), {"href": address, "text": submission.organisation.name}],
    }


def acted(
    request: HttpRequest, submission: Submission, form: Any, content: Content, act: Callable[[], None], done: str
) -> Content | HttpResponse:
    if not form.is_valid():
        return content | {"status": 422}
    try:
        act()
    except Stale as stale:
        # The page shows the answer as it is now; who goes on has seen that.
        form.data = {**request.POST.dict(), "token": content["row"].token.partition(":")[2]}
        form.refused(ValidationError(str(stale)))
        return content | {"status": 409}
    except ValidationError as error:
        form.refused(error)
        return content | {"status": 422}
    messages.success(request, done)
    return redirect(content["cancel"])
