"""The releases, and the making of one: seen first, then frozen."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.permissions import may
from reporting.actions.refusals import Stale
from reporting.actions.releases import publish_release, seen_in, with_words
from reporting.board import find_asked
from reporting.commentary import Words, round_at, words_and_states_at
from reporting.facts import Organisations
from reporting.forms.words import ReleaseForm
from reporting.keeping import digest, kept
from reporting.looking import Look, dates_form
from reporting.models import Release
from reporting.moments import moment_words
from reporting.moves import Move, moved, moves
from reporting.presentation import WORDS, day_words, value_words
from reporting.queries import releases_and_last, releases_of
from reporting.report import Report, build_report, figures_from_json
from workplan.tree import KpiText

from .base import Content, crumb, page, past_of
from .downloads import shelf

STATES = {"submitted": "sent and not decided", "returned": "returned", "draft": "begun and not sent",
          "awaiting_approval": "with an approver"}  # fmt: skip


@page("release.view", "documents.html", figures=False)
def documents(request: HttpRequest, look: Look) -> Content:
    """The releases; each opens as the figures that it froze."""
    overview = reverse("overview", args=[look.occasion.plan.code])
    found = list(releases_of(look.occasion.plan))
    many_moved = moved_since(look, found)
    releases = [
        {
            "release": release,
            "title": look.title_of(release),
            "href": f"{overview}?release={release.number}",
            "page": reverse("release", args=[look.occasion.plan.code, release.number]),
            "moved": many_moved.get(release.number),
            "published": moment_words(release.published_at, look.time_zone.key, look.time_zone),
        }
        for release in found
    ]
    latest = f"; the latest is as at {day_words(found[0].as_at)}" if found else ""
    many = {0: "No release yet", 1: "One release"}.get(len(found), f"{len(found)} releases")
    return {
        "title": many + latest,
        "releases": releases,
        "publishes": may(look.user, "release.publish"),
        "names_members": look.occasion.plan.members_named,
        "shelves": shelf(look, found),
        "past": past_of(request, look, f"workplan.plan/{look.occasion.plan.code}"),
    }


def moved_since(look: Look, releases: list[Release]) -> dict[int, int]:
    """Number of a release -> how many figures moved since the one before; read once, as what is released stays."""
    contents = Release.objects.filter(plan=look.occasion.plan).order_by("number").values_list("content", flat=True)
    key = f"moved:{digest(*(each.checksum for each in releases))}"
    found = sorted(releases, key=lambda each: each.number)
    befores = {place: before for place, each in enumerate(found) if (before := place_before(found, each)) is not None}
    many: dict[int, int] = kept(key, lambda: moved(contents.iterator(), befores))
    return {found[place].number: number for place, number in many.items()}


def place_before(found: list[Release], release: Release) -> int | None:
    """As ``making.release_before``: of those published before it, the latest as at its day or earlier."""
    earlier = [
        (each.as_at, each.number, place)
        for place, each in enumerate(found)
        if each.number < release.number and each.as_at <= release.as_at
    ]
    return max(earlier)[2] if earlier else None


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
            stands = f"Release {release.number} stands. Its checksum is {release.checksum}."
            messages.success(request, f"{stands} Its pack is made now: the documents and the data. They appear below.")
            return redirect("release", look.occasion.plan.code, release.number)
    return preview_content(look, form) | {"status": 422 if request.method == "POST" else 200}


def preview_content(look: Look, form: ReleaseForm) -> Content:
    occasion = look.occasion
    words, releases = words_and_states_at(occasion), list(releases_and_last(occasion.plan, occasion.as_of))
    # After a refusal it is counted anew: the data may have changed since this request began.
    report = with_words(build_report(occasion) if form.is_bound else look.live_report, words)
    last = next((each for each in releases if each.stored is not None), None)
    later = next((each for each in releases if each.as_at > report.as_of), None)
    again = next((each for each in releases if (each.as_at, each.basis) == (report.as_of, report.basis)), None)
    return {
        "title": f"Release the figures as at {day_words(report.as_of)}",
        "form": form,
        "seen": seen_in(report),
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
        "later": later,
        "moves": moved_rows(report, figures_from_json(last.stored)) if last else [],
        "open": left_open(look, report, words),
        "refused": refusal(look),
        "crumbs": [crumb(look, "documents", "Documents")],
    }


def refusal(look: Look) -> str:
    if look.occasion.provisional:
        return "These figures are provisional: no round as at this date or later has closed. Choose an earlier date."
    return ""


def moved_rows(now: Report, before: Report) -> list[Content]:
    olds, news = ({kpi.code: kpi for kpi in each.plan.kpis} for each in (before, now))
    return [move_words(olds.get(move.code), news.get(move.code), move) for move in moves(before, now)]


def move_words(old: KpiText | None, new: KpiText | None, move: Move) -> Content:
    return {
        "kpi": new or old,
        "was": value_words(old, move.before.value) if old and move.before else "–",
        "was_status": move.before.status.value if move.before else "",
        "now": value_words(new, move.now.value) if new and move.now else "–",
        "now_status": move.now.status.value if move.now else "",
        "slipped": move.slipped,
    }


def left_open(look: Look, report: Report, words: Words) -> list[str]:
    """What is not settled in the round whose figures these are, so that nobody releases it unawares. Answers, and not
    their versions, are counted."""
    round = round_at(look.occasion)
    if round is None:
        return []
    states = {state: int(many) for state, many in words.states.items()}
    counts = [(said, states.get(state, 0)) for state, said in STATES.items()]
    if report.as_of == round.as_at:
        asked = find_asked(round, report.plan, Organisations(report.organisations))
        counts.append(("not begun", sum(asked.counts.values()) - sum(states.values())))
    found = [f"{many:,} answer{'' if many == 1 else 's'} of {round.title} {'is' if many == 1 else 'are'} {said}."
             for said, many in counts if many > 0]  # fmt: skip
    waiting = sorted(words.waiting)
    return found + [f"The narrative of Focus Area {code} is not approved, so it is not released." for code in waiting]
