"""The releases, and the making of one: seen first, then frozen."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import may
from reporting.actions.refusals import Stale
from reporting.actions.releases import preview, publish_release
from reporting.board import Cell, Reader, asked_by, board
from reporting.forms.words import ReleaseForm
from reporting.looking import Look, dates_form, digest, kept
from reporting.models import Narrative, Release
from reporting.moments import moment_words
from reporting.moves import Move, moved, moves
from reporting.presentation import WORDS, day_words, value_words
from reporting.queries import releases_of
from reporting.report import Report, checksum, to_json
from reporting.words import round_at

from .base import Content, crumb, page

STATES = {"submitted": "sent and not decided", "returned": "returned", "draft": "begun and not sent",
          "awaiting_approval": "with an approver"}  # fmt: skip
EVERYBODY = Reader(everything=True, own=frozenset(), areas=frozenset())


@page("release.view", "documents.html", figures=False)
def documents(request: HttpRequest, look: Look) -> Content:
    """The releases; each opens as the figures that it froze."""
    overview = reverse("overview", args=[look.occasion.plan.code])
    found = list(releases_of(look.occasion.plan))
    many_moved = moved_since(look, found)
    releases = [
        {
            "release": release,
            "href": f"{overview}?release={release.number}",
            "moved": many_moved.get(release.number),
            "published": moment_words(release.published_at, look.time_zone.key, look.time_zone),
        }
        for release in found
    ]
    latest = f"; the latest is as at {day_words(found[0].as_at)}" if found else ""
    many = {0: "No release yet", 1: "One release"}.get(len(found), f"{len(found)} releases")
    return {"title": many + latest, "releases": releases, "publishes": may(look.user, "release.publish")}


def moved_since(look: Look, releases: list[Release]) -> dict[int, int]:
    """Number of a release -> how many figures moved since the one before; read once, as what is released stays."""
    contents = Release.objects.filter(plan=look.occasion.plan).order_by("number").values_list("content", flat=True)
    key = f"moved:{digest(*(each.checksum for each in releases))}"
    numbers = [each.number for each in reversed(releases)]
    return dict(zip(numbers[1:], kept(key, lambda: moved(contents.iterator())), strict=False))


@page("release.publish", "release_new.html", figures=False)
def new(request: HttpRequest, look: Look) -> Content | HttpResponse:
    """What would be released, and what moved since the last release; then it is released as it was seen."""
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            release = publish_release(
                plan=look.occasion.plan,
                title=form.cleaned_data["title"],
                as_at=look.occasion.as_of,
                basis=look.occasion.basis,
                by=look.user,
                now=look.occasion.now,
                seen=form.cleaned_data["seen"],
            )
        except Stale as stale:
            form.refused(ValidationError(str(stale)))
            return preview_content(look, form) | {"status": 409}
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, f"Release {release.number} stands. Its checksum is {release.checksum}.")
            overview = reverse("overview", args=[look.occasion.plan.code])
            return redirect(f"{overview}?release={release.number}")
    return preview_content(look, form) | {"status": 422 if request.method == "POST" else 200}


def preview_content(look: Look, form: ReleaseForm) -> Content:
    occasion = look.occasion
    # After a refusal it is counted anew: the data may have changed since this request began.
    report = preview(occasion) if form.is_bound else kept(f"preview:{digest(look.moment)}", lambda: preview(occasion))
    last = look.releases[0] if look.releases else None
    before = look.report_of(last) if last else None
    again = next((each for each in look.releases if (each.as_at, each.basis) == (report.as_of, report.basis)), None)
    return {
        "title": f"Release the figures as at {day_words(report.as_of)}",
        "form": form,
        "seen": checksum(to_json(report)),
        "asat_form": dates_form(look),
        "figures_words": f"Figures as at {day_words(report.as_of)}",
        "report": report,
        "areas": [
            {
                "area": area,
                "statuses": [(WORDS[status], many) for status, many in report.statuses(area.kpis).items()],
                "narrative": area.code in report.narratives,
            }
            for area in report.plan.focus_areas
        ],
        "comments": len(report.comments),
        "last": last,
        "again": again,
        "moves": [move_words(report, before, each) for each in moves(before, report)] if before else [],
        "open": left_open(look),
        "refused": refusal(look),
        "crumbs": [crumb(look, "documents", "Documents")],
    }


def refusal(look: Look) -> str:
    if look.occasion.provisional:
        return "These figures are provisional: no round as at this date or later has closed. Choose an earlier date."
    return ""


def move_words(now: Report, before: Report, move: Move) -> dict[str, Any]:
    olds, news = ({each.code: each for each in report.plan.kpis} for report in (before, now))
    kpi = news.get(move.code) or olds[move.code]
    return {
        "kpi": kpi,
        "was": value_words(olds[move.code], move.before.value) if move.before else "–",
        "was_status": move.before.status.value if move.before else "",
        "now": value_words(kpi, move.now.value) if move.now else "–",
        "now_status": move.now.status.value if move.now else "",
        "slipped": move.slipped,
    }


def left_open(look: Look) -> list[str]:
    """What is not settled in the round whose figures these are, so that nobody releases it unawares. Answers, and not
    their versions, are counted."""
    round = round_at(look.occasion)
    if round is None:
        return []
    total = sum((row.total for row in board(asked_by(look, round), round, EVERYBODY)), start=Cell(0))
    counts = [(words, total.states[state]) for state, words in STATES.items()]
    counts.append(("not begun", total.asked - total.answered))
    found = [f"{many} answer{'' if many == 1 else 's'} of {round.title} {'is' if many == 1 else 'are'} {words}."
             for words, many in counts if many > 0]  # fmt: skip
    waiting = Narrative.objects.filter(round=round, approved_at=None).exclude(text="").order_by("focus_area__code")
    codes = list(waiting.values_list("focus_area__code", flat=True))
    return found + [f"The narrative of Focus Area {code} is not approved, so it is not released." for code in codes]
