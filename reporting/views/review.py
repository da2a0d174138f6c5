"""The secretariat decides, by Member and by KPI (domain.md, "The workflow", 4)."""

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.numbers import counted
from members.permissions import may
from reporting import rules
from reporting.actions.deciding import accept_answers, correct_answer, default_correct_by, return_answer
from reporting.actions.refusals import Stale
from reporting.comments import counts
from reporting.forms.base import PlainForm, Refusal
from reporting.forms.returns import typed
from reporting.forms.review import CorrectionForm, RefuseForm, ReturnForm
from reporting.looking import Look
from reporting.mails import who_hears
from reporting.models import Answer, Round, Submission
from reporting.questions import question_on
from reporting.returns import nothing_here, round_called, visible
from reporting.review import (
    Progress,
    Reviewed,
    kpis_looked_through,
    nothing_from,
    of_submission,
    opened_originals,
    unproblematic,
    waiting_kpis,
    waiting_returns,
)
from reporting.seen import parsed, written
from reporting.threads import token_of
from workplan.tree import KpiText

from .base import Content, acted, crumb, page
from .listing import FROM_KPI, FROM_MEMBER, SHOWN, Listing, came_from, cut, of_kpi, of_member, page_asked, review_crumbs

# ---------------------------------------------------------------- the queue


@page("submission.view", "review/queue.html", figures=False)
def queue(request: HttpRequest, look: Look, round: str) -> Content:
    """Who waits for a decision, by Member and by KPI; for co-coordinators the KPIs of their focus areas, to read."""
    collection, decides = round_called(look, round), may(look.user, "submission.accept_answer")
    by_kpi = waiting_kpis(look, collection)
    if not decides and not kpis_looked_through(look, collection):
        raise nothing_here()
    comments, to_reply = counts(collection, look.user)
    replies = Counter(kpi for (_, kpi), many in to_reply.items() for _ in range(many))
    number, pages, rows = cut(list(waiting_returns(look, collection)) if decides else [], page_asked(request))
    waits = Counter(submission for (submission, _), many in to_reply.items() for _ in range(many))
    return {
        "title": queue_title(collection, [each for _, each in by_kpi], decides),
        "round": collection,
        "decides": decides,
        "number": number,
        "pages": pages,
        "rows": [{"row": each, "to_reply": waits[each.pk]} for each in rows],
        "kpis": [
            {"kpi": kpi, "progress": each, "comments": comments[kpi.id], "to_reply": replies[kpi.id]}
            for kpi, each in by_kpi
        ],
        "crumbs": [crumb(look, "rounds", "Reporting")],
    }


def queue_title(collection: Round, found: list[Progress], decides: bool) -> str:
    """What is to decide; for who only reads, how far it is."""
    undecided, sent = sum(each.undecided for each in found), sum(each.sent for each in found)
    if decides:
        return f"{counted(undecided, 'answer', zero='No')} to decide on: {collection.title}"
    return f"Your focus area: {sent - undecided} of {sent} answers decided on, {collection.title}"


# ---------------------------------------------------------------- one Member, one KPI


@page("submission.accept_answer", "review/answers.html", figures=False, within=visible)
def member(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """All that one organisation sent."""
    submission = submission_of(look, round, org)
    content = {"by_kpi": False, "submission": submission, "on_behalf": may(look.user, "submission.enter_on_behalf")}
    return decided(request, of_member(request, look, submission), submission.round, content)


@page("submission.view", "review/answers.html", figures=False)
def kpi(request: HttpRequest, look: Look, round: str, code: str) -> Content | HttpResponse:
    """All that was sent on one KPI, under each other; co-coordinators read it where it is of their focus area."""
    collection = round_called(look, round)
    known = kpis_looked_through(look, collection)
    found = next((each for each in known.values() if each.code == code), None)
    if found is None:
        raise nothing_here()
    content = {"by_kpi": True, "kpi": found}
    listing = of_kpi(request, look, collection, found)
    shown = decided(request, listing, collection, content)
    return shown | beside(look, collection, found, listing.query(1)) if isinstance(shown, dict) else shown


def beside(look: Look, collection: Round, kpi: KpiText, query: str) -> Content:
    """The KPIs before and after this one: for who decides those with something to decide on. ``query``: which of their
    answers are shown, as of this one's."""
    decides, order = may(look.user, "submission.accept_answer"), list(kpis_looked_through(look, collection))
    here = order.index(kpi.id)
    waits = [(each, done) for each, done in waiting_kpis(look, collection) if done.undecided or not decides]
    before = [pair for pair in waits if order.index(pair[0].id) < here]
    after = [pair for pair in waits if order.index(pair[0].id) > here]
    return {
        "previous": link_to_kpi(look, collection, before[-1], decides, "Before", query) if before else None,
        "next": link_to_kpi(look, collection, after[0], decides, "Next", query) if after else None,
    }


def link_to_kpi(
    look: Look, collection: Round, found: tuple[KpiText, Progress], decides: bool, which: str, query: str
) -> dict[str, str]:
    kpi, done = found
    address = reverse("review_kpi", args=[look.occasion.plan.code, collection.code, kpi.code])
    many = f"{done.undecided} to decide on" if decides else f"{done.sent} sent"
    return {"href": address + query, "text": f"{which}: {kpi.code}, {many}"}


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
    decides = may(look.user, "submission.accept_answer")
    picked = listing.picked(rows)
    number, pages, here = listing.cut(picked)
    together = unproblematic(here, look.user) if decides else []
    undecided = sum(row.undecided for row in rows)
    says = f"{undecided} of {len(rows)} answers to decide on" if decides else f"{len(rows)} answers sent"
    return content | {
        "title": f"{listing.name}: {says}, {collection.title}",
        "round": collection,
        "decides": decides,
        "inside": may(look.user, "submission.comment_internal"),
        "rows": [row_content(listing, collection, row, number, content["by_kpi"]) for row in here],
        "opens": opened_originals(look.user, (row.answer for row in here), kpis_looked_through(look, collection)),
        "until": f"{default_correct_by(collection, look.occasion.now):%d.%m.%y}",
        "corrects": collection.state(look.occasion.now) != "open" and may(look.user, "submission.edit_after_close"),
        "together": together,
        "together_seen": written(row.answer for row in together),
        "chips": [
            {"text": text, "href": f"?show={name}" if name else "?", "current": name == listing.show}
            for name, text in SHOWN.items()
        ],
        "go_to": {"href": "#list", "text": "Go to the answers"} if here else None,
        "awaited": nothing_from(look, collection, content["kpi"], rows) if content["by_kpi"] else [],
        "number": number,
        "pages": pages,
        "show": listing.show,
        "crumbs": review_crumbs(look, collection),
    }


def row_content(listing: Listing, collection: Round, row: Reviewed, number: int, by_kpi: bool) -> Content:
    """An answer with where its links lead to; ``back`` and ``talk`` lead here again, to the same place in the list."""
    own, year = row.own_work_of(listing.look.user), row.thread.plan_year
    query = listing.query(number, year=year, **({"from": FROM_KPI} if by_kpi else {}))
    talk = listing.query(number, year=year, **{"from": FROM_KPI if by_kpi else FROM_MEMBER})
    address = (listing.look.occasion.plan.code, collection.code, row.code, row.kpi.code)
    return {
        "row": row,
        "own": own,
        "what": f"{row.kpi.code} of {row.name} {row.year}".strip(),
        "seen": token_of(row.answer),
        "can_accept": row.undecided and not own and not row.is_contested,
        "query": query,
        "back": reverse("review_return", args=address) + query,
        "talk": reverse("return_comments", args=address) + talk,
        "versions": reverse("return_versions", args=address),
    }


def decided(request: HttpRequest, listing: Listing, collection: Round, content: Content) -> Content | HttpResponse:
    """The page, or what becomes of its buttons: one answer is accepted, or all of which nothing is odd."""
    if request.method != "POST":
        return shown(listing, collection, content)
    seen, look = parsed(request.POST.get("accept", "")), listing.look
    if not may(look.user, "submission.accept_answer"):
        raise PermissionDenied
    try:
        accepted = accept_answers(seen=seen, by=look.user, now=look.occasion.now)
    except Stale as stale:
        refusal = Refusal(ValidationError(str(stale)))
        return shown(listing, collection, content) | {"form": refusal, "status": 409}
    except ValidationError as error:
        return shown(listing, collection, content) | {"form": Refusal(error), "status": 422}
    messages.success(request, accepted_words(accepted))
    return redirect(listing.after(accepted))


def accepted_words(accepted: list[Answer]) -> str:
    if len(accepted) > 1:
        return f"{len(accepted)} answers accepted. They count from now on."
    [one] = accepted
    return f"1 answer accepted: {one.organisation.name} on {one.kpi.code}. It counts from now on."


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
    form = CorrectionForm(row.kpi.reading, as_at, request.POST or None, initial=initial, whose=row.name)
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
