"""The rounds: planned, opened and closed by the secretariat; one organisation let in late."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.choices import Scope
from members.models import Organisation
from members.permissions import grants, may
from reporting import rules
from reporting.actions.rounds import admit_late, close_round, create_round, edit_round, end_late, open_round, planned_as
from reporting.board import Reader, asked_by, board
from reporting.forms.rounds import WRITTEN, ConfirmForm, LateForm, RoundForm, written
from reporting.looking import Look
from reporting.mails import who_hears
from reporting.models import Round, Submission
from reporting.moments import moment_words
from reporting.occasion import RoundInfo
from reporting.report import Report, returns_report
from reporting.returns import CameBack, came_back, nothing_here, round_called
from reporting.rules import PLANNED, Verdict

from .base import Content, acted, crumb, drawn, page

# ---------------------------------------------------------------- the list


@page("submission.list", figures=False)
def rounds(request: HttpRequest, look: Look) -> Content:
    """The rounds, and how far each organisation's return has come in the one that is collected or was last."""
    back = came_back(look, own_codes(look))
    # Drafts and the passing of a day change what came back, and not the data of the kept pages.
    return drawn(request, look, "rounds.html", lambda: rounds_content(look, back), look.user.pk, back)


def own_codes(look: Look) -> frozenset[str]:
    """The organisations that the reader works for, of those that answer."""
    return frozenset(code for scope, code in grants(look.user, "submission.list") if scope is Scope.OWN)


def rounds_content(look: Look, back: tuple[CameBack, ...]) -> Content:
    report, seen = returns_seen(look)
    returns = report.returns
    rows = [
        {"organisation": each, "sent": returns.sent.get(each.code, 0), "asked": returns.asked[each.code]}
        for each in report.organisations
        if returns and each.code in returns.asked and (seen is None or each.code in seen)
    ]
    current = next((round for round in report.rounds if round.state == "open"), None)
    title = f"{current.title} is open" if current else "No round is open"
    return {
        "title": title,
        "rounds": [round_row(look, each) for each in report.rounds],
        "returns": returns,
        "rows": rows,
        "own": own_returns(look, report, back),
        "decides": may(look.user, "submission.accept_answer"),
        "reads": bool(look.co_ordinates_for),
        "edits": may(look.user, "round.edit"),
        "writes": may(look.user, "kpi_comment.edit"),
    }


def own_returns(look: Look, report: Report, back: tuple[CameBack, ...]) -> list[dict[str, Any]]:
    """The returns of the reader's own organisations: those with something to correct, whatever the round; and those in
    the round that is answered now, or was last."""
    current, returns, codes = look.occasion.current_round, report.returns, own_codes(look)
    rounds = {each.code: each for each in look.occasion.rounds}
    found = {(each.round, each.organisation): (each.name, each.words) for each in back}
    for each in report.organisations if current and returns else ():
        if current and returns and each.code in codes and each.code in returns.asked:
            found.setdefault((current.code, each.code), (each.name, ""))
    return [
        {
            "round": rounds[code],
            "code": organisation,
            "name": name,
            "back": words,
            "state": rounds[code].state(look.occasion.now),
        }
        for (code, organisation), (name, words) in found.items()
    ]


def returns_seen(look: Look) -> tuple[Report, frozenset[str] | None]:
    """A report with the returns that the reader may see, and of whom (None: of everybody). A co-coordinator sees those
    on the own focus area, others those of their own organisation."""
    reach = grants(look.user, "submission.list")
    if any(scope is Scope.YES for scope, _ in reach):
        return returns_report(look.occasion), None
    if look.co_ordinates_for:
        return returns_report(look.occasion, lambda area: look.sees_area(area.co_coordinators)), None
    return returns_report(look.occasion), own_codes(look)


def round_row(look: Look, round: RoundInfo) -> Content:
    closes = round.closes_at and moment_words(round.closes_at, round.time_zone, look.time_zone)
    return {"round": round, "closes": closes}


# ---------------------------------------------------------------- planned and changed


@page("round.edit", "rounds/form.html", figures=False)
def new(request: HttpRequest, look: Look) -> Content | HttpResponse:
    plan = look.occasion.plan
    text = look.plan_at(max(plan.starts, min(plan.ends, look.occasion.as_of)))
    form = RoundForm(text, request.POST or None, initial={"time_zone": look.time_zone.key})
    content = {"title": "New round", "form": form, "action": "Plan the round", **round_cancel(look)}
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        asked = {"plan": plan, "code": form.cleaned_data["code"], "kpis": form.chosen(plan), **form.values}
        try:
            made = create_round(by=look.user, **asked)
        except ValidationError:
            again = planned_as(**asked)
            if again is None:
                raise
            made = again
        messages.success(request, f"{made.title} is planned. Open it when it shall begin.")
        return redirect("board", plan.code, made.code)

    return acted(form, content, act)


@page("round.edit", "rounds/form.html", figures=False)
def edit(request: HttpRequest, look: Look, round: str) -> Content | HttpResponse:
    collection = round_called(look, round)
    plan, can = look.occasion.plan, rules.changeable(collection, look.occasion.now)
    locked = ["code", *(name for name in PLANNED if name not in can)]
    form = RoundForm(
        look.plan_at(collection.as_at),
        request.POST or None,
        initial=written(collection),
        locked=locked,
        zone=look.time_zone.key,
    )
    content = {
        "title": f"Change {collection.title}",
        "form": form,
        "action": "Save",
        "locked": locked_words(collection, can),
        "nothing": not can,
        **round_cancel(look, collection),
    }
    if request.method != "POST":
        return content
    if not can:
        form.refused(ValidationError(content["locked"]))
        return content | {"status": 422}

    def act() -> HttpResponse:
        edit_round(
            collection=collection,
            seen=form.cleaned_data["edits"] or 0,
            fields={name: value for name, value in form.values.items() if name in can},
            kpis=form.chosen(plan) if "kpis" in can else None,
            by=look.user,
            now=look.occasion.now,
        )
        messages.success(request, f"{form.values['title']} is changed.")
        return redirect("board", plan.code, collection.code)

    answer = acted(form, content, act)
    if isinstance(answer, dict) and answer["status"] == 409:
        # Both stand there, and who saves again has seen both.
        collection.refresh_from_db()
        form.data = data = request.POST.copy()
        data["edits"] = str(collection.edits)
        return answer | {"beside": form.beside(collection)}
    return answer


def locked_words(collection: Round, can: tuple[str, ...]) -> str:
    if not can:
        return f"{collection.title} is closed. Its answers were given to what it asked, so nothing of it changes."
    if len(can) < len(PLANNED):
        return f"{collection.title} is open, so what it asks stays as it is. Its title and its closing can change."
    return ""


def round_cancel(look: Look, collection: Round | None = None) -> Content:
    plan = look.occasion.plan.code
    cancel = reverse("board", args=[plan, collection.code]) if collection else reverse("rounds", args=[plan])
    crumbs = [crumb(look, "rounds", "Reporting")]
    return {"cancel": cancel, "crumbs": [*crumbs, {"href": cancel, "text": collection.title}] if collection else crumbs}


# ---------------------------------------------------------------- opened, closed, let in late


def confirmed(
    request: HttpRequest, look: Look, collection: Round, verdict: Verdict, content: Content, act: Callable[[], str]
) -> Content | HttpResponse:
    """A page that asks once more, and does it by POST. What the state does not allow is said instead."""
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    shown = content | {"form": form, "refused": verdict.reason, **round_cancel(look, collection)}
    if request.method != "POST":
        return shown

    def done() -> HttpResponse:
        messages.success(request, act())
        return redirect("board", look.occasion.plan.code, collection.code)

    return acted(form, shown, done)


@page("round.open_close", "rounds/confirm.html", figures=False)
def open_it(request: HttpRequest, look: Look, round: str) -> Content | HttpResponse:
    """What opening would ask of how many, before it is done."""
    collection = round_called(look, round)
    asked, as_at = asked_by(look, collection), f"{collection.as_at:%d.%m.%y}"
    content = {
        "title": f"Open {collection.title}",
        "action": "Open the round",
        "says": [
            f"{len(asked.names)} organisations are asked for {sum(asked.counts.values())} answers as at {as_at}.",
            f"It closes on {closing(look, collection)}." if collection.closes_at else "It has no closing moment yet.",
            "Each gets its return at once. What the round asks cannot be changed after that.",
        ],
    }

    def act() -> str:
        many = open_round(collection=collection, by=look.user, now=look.occasion.now)
        return f"{collection.title} is open. {many} organisations are asked."

    verdict = rules.opening(collection, look.occasion.now, look.time_zone)
    return confirmed(request, look, collection, verdict, content, act)


def closing(look: Look, collection: Round) -> str:
    return moment_words(collection.closes_at, collection.time_zone, look.time_zone) if collection.closes_at else ""


@page("round.open_close", "rounds/confirm.html", figures=False)
def close_it(request: HttpRequest, look: Look, round: str) -> Content | HttpResponse:
    """What closing ends, before it is done."""
    collection = round_called(look, round)
    asked = asked_by(look, collection)
    rows = board(asked, collection, Reader(True, frozenset(), frozenset()))
    unsent = sum(row.total.answered - row.total.sent for row in rows)
    silent = [row.name for row in rows if not row.total.sent]
    who = f": {', '.join(silent)}" if 0 < len(silent) <= 12 else ""
    content = {
        "title": f"Close {collection.title}",
        "action": "Close the round",
        "danger": True,
        "says": [
            "Members cannot enter or send anything after that.",
            "You can let one in late, and returned answers can be corrected until their dates.",
            f"{unsent} answers are filled in and not sent: they stay drafts.",
            f"{len(silent)} of {len(rows)} have sent nothing{who}.",
        ],
    }

    def act() -> str:
        close_round(collection=collection, by=look.user, now=look.occasion.now)
        return f"{collection.title} is closed."

    return confirmed(request, look, collection, rules.closing(collection, look.occasion.now), content, act)


@page("round.reopen_member", "rounds/late.html", figures=False)
def late(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """One organisation is let in after the round has closed, by name, with a reason."""
    collection = round_called(look, round)
    submission = (
        Submission.objects.filter(round=collection, organisation__code=org).select_related("organisation").first()
    )
    if submission is None:
        return unasked(request, look, collection, org)
    whose = submission.organisation
    until = submission.late_until and submission.late_until.astimezone(ZoneInfo(collection.time_zone))
    initial = {"until": until and until.strftime(WRITTEN), "reason": submission.late_reason}
    ends = "end" in request.POST
    form = ConfirmForm(request.POST) if ends else LateForm(collection.time_zone, request.POST or None, initial=initial)
    content = {
        "title": f"Let {whose.name} in late: {collection.title}",
        "form": form,
        "action": f"Let {whose.name} in",
        "refused": rules.admission(collection, look.occasion.now).reason,
        "hears": who_hears(whose),
        "until": until and until > look.occasion.now and moment_words(until, collection.time_zone, look.time_zone),
        **round_cancel(look, collection),
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        if ends:
            end_late(submission=submission, by=look.user, now=look.occasion.now)
            messages.success(request, f"{whose.name} is not let in any more. {who_hears(whose)}")
        else:
            admit_late(submission=submission, by=look.user, now=look.occasion.now, **form.cleaned_data)
            said = moment_words(form.cleaned_data["until"], collection.time_zone, look.time_zone)
            messages.success(request, f"{whose.name} can answer until {said}. {who_hears(whose)}")
        return redirect("board", look.occasion.plan.code, collection.code)

    return acted(form, content, act)


def unasked(request: HttpRequest, look: Look, collection: Round, code: str) -> Content:
    """Who has no return in the round has nothing to be let in for."""
    whose = Organisation.objects.filter(code=code).first()
    if whose is None:
        raise nothing_here()
    return {
        "title": f"Let {whose.name} in late: {collection.title}",
        "form": ConfirmForm(),
        "refused": f"{whose.name} is not asked in this round, so there is nothing to let it in for.",
        "status": 422 if request.method == "POST" else 200,
        **round_cancel(look, collection),
    }
