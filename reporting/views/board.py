"""The board of a round: who has sent, and what is still missing."""

from collections import Counter
from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from members.choices import Scope
from members.numbers import counted
from members.permissions import Target, grants, may
from reporting import rules
from reporting.board import WORDS, Area, Asked, Cell, Reader, Row, areas_shown, asked_by, board, sums
from reporting.looking import Look, co_ordinates_for
from reporting.models import Round
from reporting.moments import moment_words
from reporting.reminders import reach_words, waited_for
from reporting.returns import nothing_here, round_called

from .base import Content, crumb, page, past_of
from .listing import cut, page_asked


@page("submission.list", "board.html", figures=False)
def who_has_sent(request: HttpRequest, look: Look, round: str) -> Content:
    """Every organisation by focus area. Its own people see their row, co-coordinators their focus areas."""
    collection = round_called(look, round)
    if collection.opened_at is None and not may(look.user, "round.edit"):
        raise nothing_here()
    asked = asked_by(look, collection)
    return board_content(request, look, collection, asked, reader_of(look, asked))


def reader_of(look: Look, asked: Asked) -> Reader:
    reach, co_ordinates = grants(look.user, "submission.list"), co_ordinates_for(look.user)
    return Reader(
        any(scope is Scope.YES for scope, _ in reach),
        frozenset(code for scope, code in reach if scope is Scope.OWN),
        frozenset(area for area, _, by in asked.areas if not co_ordinates.isdisjoint(by)),
    )


def board_content(request: HttpRequest, look: Look, collection: Round, asked: Asked, reader: Reader) -> Content:
    rows, areas = board(asked, collection, reader), areas_shown(asked, reader)
    counts = Counter(row.total.state for row in rows)
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in WORDS else ""
    shown = [row for row in rows if chosen in ("", row.total.state)]
    number, pages, here = cut(shown, page_asked(request))
    sent = sum(1 for row in rows if row.total.sent)
    state = collection.state(look.occasion.now)
    decides = may(look.user, "submission.accept_answer")
    enters = state != "planned" and may(look.user, "submission.enter_on_behalf")
    address = (look.occasion.plan.code, collection.code)
    return {
        "title": f"{collection.title}: {sent} of {len(rows)} have sent something",
        "round": collection,
        "state": state,
        "closes": collection.closes_at and moment_words(collection.closes_at, collection.time_zone, look.time_zone),
        "closed": collection.closed_at and moment_words(collection.closed_at, collection.time_zone, look.time_zone),
        "areas": areas,
        "rows": [
            {
                "row": row,
                "cells": [(code, cell) for (code, _, _), cell in zip(areas, row.cells, strict=True)],
                "total": row.total,
                "late": late_words(look, row),
                "reminded": reminded_words(look, row),
                "href": row_href(look, collection, row, decides),
                "on_behalf": enters and row.submission and reverse("review_on_behalf", args=[*address, row.code]),
            }
            for row in here
        ],
        "number": number,
        "pages": pages,
        "chosen": chosen,
        "unasked": not rows and bool(reader.own),
        "sums": sums_row(areas, shown) if len(shown) > 1 else [],
        "chips": [{"text": f"All {len(rows)}", "href": "?", "current": not chosen}]
        + [
            {"text": f"{words} {counts[name]}", "href": f"?state={name}", "current": name == chosen}
            for name, words in WORDS.items()
            if counts[name]
        ],
        "label": "States",
        "late": state == "closed" and may(look.user, "round.reopen_member"),
        "decides": decides,
        "reviews": decides or bool(reader.areas),
        **reminding(look, collection, asked, rows),
        "edits": may(look.user, "round.edit") and bool(rules.changeable(collection, look.occasion.now)),
        "opens": state == "planned" and may(look.user, "round.open_close"),
        "ends": rules.closing(collection, look.occasion.now).allowed and may(look.user, "round.open_close"),
        "past": past_of(request, look, f"reporting.round/{collection.code}"),
        "crumbs": [crumb(look, "rounds", "Reporting")],
    }


def reminding(look: Look, collection: Round, asked: Asked, rows: list[Row]) -> Content:
    """The words on the button to remind those that need it, for who may."""
    if not may(look.user, "reminder.send"):
        return {}
    reached, unreached = waited_for(collection, asked, rows, look.occasion.now)
    words = f"Remind {counted(reached, 'organisation')}" if reached else "Reminders"
    return {"reminds": words if reached or unreached else "", "reach": finish_words(reached, unreached)}


def finish_words(reached: int, unreached: int) -> str:
    """Why the button counts fewer than have not finished; "" where it counts all."""
    if not unreached:
        return ""
    many = counted(reached + unreached, "organisation has", "organisations have")
    return f"{many} not finished. {reach_words(reached, unreached)}"


def sums_row(areas: Iterable[Area], rows: list[Row]) -> list[tuple[str, Cell]]:
    """What the rows come to, with the names of the columns; one focus area is all there is together."""
    names = [f"FA {code}" for code, _, _ in areas]
    return list(zip(names + ["Together"] * (len(names) > 1), sums(rows), strict=False))


def late_words(look: Look, row: Row) -> str:
    found = row.submission
    if found is None or found.late_until is None:
        return ""
    began = "let in" if look.occasion.now < found.late_until else "was let in"
    return f"{began} until {moment_words(found.late_until, found.round.time_zone, look.time_zone)}"


def reminded_words(look: Look, row: Row) -> str:
    """When somebody there was last told that something is missing, for who may tell them."""
    last = row.submission and row.submission.reminded  # type: ignore[attr-defined]
    if not last or not may(look.user, "reminder.send"):
        return ""
    return f"reminded {last.astimezone(look.time_zone):%d.%m.%y}"


def row_href(look: Look, collection: Round, row: Row, decides: bool) -> str:
    """Where the reader looks at this return: to decide, or to read; nowhere while they may not."""
    if row.submission is None:
        return ""
    row.submission.round = collection
    args = (look.occasion.plan.code, collection.code, row.code)
    if decides:
        return reverse("review_member", args=args) if row.total.sent else ""
    target = Target(organisations=frozenset({row.code}), focus_area_organisations=co_ordinates_for(look.user))
    readable = may(look.user, "submission.view", target) or (row.total.sent and look.co_ordinates_for)
    return reverse("return_tasks", args=args) if readable else ""
