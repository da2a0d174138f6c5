"""The task list of an organisation's return: what is to be answered, and what is left to do."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest

from members.numbers import counted
from reporting import rules
from reporting.choices import AnswerStatus
from reporting.listed import listed
from reporting.looking import Look
from reporting.moments import moment_words
from reporting.returns import Return, open_return, receipts_of, visible

from .base import Content, crumb, page, past_of
from .entries import correct_words, correctable, corrected_of, ends_words
from .listed import waits
from .workbook import receipt_words
from .workbook import receipts as workbooks_taken


@page("submission.view", "returns/tasks.html", figures=False, within=visible)
def tasks(request: HttpRequest, look: Look, round: str, org: str) -> Content:
    """All that the organisation is asked, by focus area, and how far it is."""
    found = open_return(look, round, org)
    whose = found.submission.organisation
    returned = list(came_back(found))
    title = f"{whose.name}: {found.answered} of {found.asked} answers filled in"
    if not found.own:
        sent = sum(bool(thread.sent) for item in found.items for thread in item.threads)
        title = f"{whose.name}: {sent} answers sent"
    return {
        "title": f"{title}, {found.round.title}",
        "return": found,
        "areas": list(areas_of(found)),
        "needed": [each for each in returned if each["open"]],
        "over": [each for each in returned if not each["open"]],
        "corrections": list(corrections(found)),
        "to_confirm": to_confirm(found),
        "confirms": found.may("submission.confirm_on_behalf"),
        "left": " ".join(left(found, needed=any(each["open"] for each in returned))),
        "known": waits(found, listed(found.submission, look.user)) if found.own else "",
        "ends": ends_words(found),
        "receipts": list(receipts(found)),
        "workbooks": [receipt_words(found, each) for each in workbooks_taken(found)],
        "workbook": found.may("workbook.download"),
        "may_enter": found.own and found.may("submission.edit"),
        "may_upload": found.own and found.may("workbook.upload"),
        "past": past_of(request, look, f"reporting.submission/{found.round.code}/{whose.code}", own=found.own),
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


def came_back(found: Return) -> Iterator[dict[str, Any]]:
    """What the secretariat returned, and whether it can be corrected now; nothing for those who only read."""
    if not found.own:
        return
    for item in found.items:
        for thread in item.returned:
            words, is_open = correct_words(found, thread), correctable(found, thread)
            yield {"kpi": item.kpi, "year": thread.year, "answer": thread.corrects, "until": words, "open": is_open}


def to_confirm(found: Return) -> int:
    """How many answers the secretariat entered for the reader's organisation, and nobody there confirmed yet."""
    if not found.own:
        return 0
    return sum(rules.asks_for_confirmation(thread) for item in found.items for thread in item.threads)


def corrections(found: Return) -> Iterator[dict[str, Any]]:
    """What the secretariat corrected in the organisation's own return."""
    for item in found.items if found.own else ():
        for thread in item.threads:
            if thread.correction:
                yield {"kpi": item.kpi, "year": thread.year, **corrected_of(thread)}


def left(found: Return, *, needed: bool) -> Iterator[str]:
    """What is left to do for those who fill in, in sentences. ``needed``: something came back and can be corrected."""
    if not found.own:
        return
    drafts, waiting = found.states[AnswerStatus.DRAFT], found.states[AnswerStatus.AWAITING_APPROVAL]
    if missing := found.asked - found.answered:
        yield f"{counted(missing, 'answer is', 'answers are')} not filled in yet."
    if drafts:
        yield f"{counted(drafts, 'draft is', 'drafts are')} not sent yet."
    if waiting:
        whom = "you to send" if found.may("submission.submit") else "your approver to send"
        yield f"{counted(waiting, 'answer waits', 'answers wait')} for {whom}."
    if not (missing or drafts or waiting or needed):
        yield "Nothing is left for you to do."
