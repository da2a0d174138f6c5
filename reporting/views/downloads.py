"""The conference's documents as files: of a release, or of the figures of the moment for who may take those out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.audit import record_export
from members.exports import named
from members.permissions import Target, may
from reporting.actions.releases import with_words
from reporting.audience import shown_to
from reporting.commentary import words_at
from reporting.documents import making
from reporting.documents.blocks import Document
from reporting.documents.making import FORMATS, KINDS, Kind
from reporting.documents.source import Source
from reporting.looking import Look, Missing
from reporting.models import Release
from reporting.presentation import covered, day_words
from reporting.report import Report, bare_report, explained_report, member_standpoints
from workplan.tree import FocusAreaText

from .base import Content, page
from .scorecards import results
from .stored import content_of


@require_safe
@page("export.released", figures=False)
def document(request: HttpRequest, look: Look, name: str, kind: str) -> HttpResponseBase:
    """A document of a release, as its pack keeps it where it has one; or of the figures looked at by who may see them
    unreleased."""
    found = KINDS.get(name)
    if found is None or kind not in FORMATS:
        raise no_document()
    if look.released and (stored := look.release.files.filter(name=f"{name}.{kind}").first()):
        return named(HttpResponse(content_of(stored), content_type=FORMATS[kind].content_type), stored.file_name)
    source = of_release(look, found) if look.released else of_moment(request, look, found)
    return file_of(look, found.make(source), name, kind)


def no_document() -> Missing:
    return Missing("There is no such document", "The documents and their formats are listed under Documents.")


def of_release(look: Look, kind: Kind) -> Source:
    release = look.release
    report = look.report_of(release) if kind.explained else look.report
    before = making.release_before(release.plan, release.as_at, release.number) if kind.compares else None
    return making.of_release(release, report, before, invented=look.demonstration)


def of_moment(request: HttpRequest, look: Look, kind: Kind) -> Source:
    """Raises PermissionDenied for who may take out no focus area of it."""
    whole = with_words(report_of_moment(look, kind), words_at(look.occasion))
    report = within_reach(look, whole)
    plan, head = look.occasion.plan, kept(request, look, kind.title, len(report.results))
    before = making.release_before(plan, report.as_of) if kind.compares else None
    covers, today = covered(whole.plan, report.plan), look.occasion.now.date()
    return making.of_moment(plan, report, today, before, head=head, invented=look.demonstration, covers=covers)


def report_of_moment(look: Look, kind: Kind) -> Report:
    if kind.explained:
        return explained_report(look.occasion, shown_to(look.user, "version__activity"), partial(may_take, look))
    return look.live_report


def within_reach(look: Look, report: Report) -> Report:
    areas = [area.code for area in report.plan.focus_areas if may_take(look, area)]
    if not areas:
        raise PermissionDenied
    return report.limited_to(areas)


def may_take(look: Look, area: FocusAreaText) -> bool:
    target = Target(focus_area_organisations=frozenset(area.co_coordinators), submitted=True)
    return may(look.user, "export.unreleased", target)


def kept(request: HttpRequest, look: Look, what: str, rows: int) -> str:
    """Keeps that somebody took out what is not released; the head of the history, which the document says."""
    words = f"{what} as at {day_words(look.occasion.as_of)}, {look.occasion.basis.value} answers"
    address = request.build_absolute_uri()
    return str(record_export(by=look.user, what=words, address=address, rows=rows, released=False) or "")


def file_of(look: Look, made: Document, name: str, kind: str) -> HttpResponseBase:
    written = FORMATS[kind]
    release = made.about.release.partition(":")[0].lower().replace(" ", "-")
    areas = [re.sub(r"[^a-z0-9]+", "-", made.about.covers.lower())] if made.about.covers else []
    parts = (look.occasion.plan.code, name, *areas, made.about.as_at.isoformat(), release)
    return named(HttpResponse(written.write(made), content_type=written.content_type), f"{'-'.join(parts)}.{kind}")


# ---------------------------------------------------------------- one Member


@require_safe
@page("dashboard.member", figures=False)
def scorecard(request: HttpRequest, look: Look, code: str, kind: str) -> HttpResponseBase:
    """A Member on one page: in a release where the address names one, else as it stands, beside the region as last
    released."""
    if kind not in FORMATS:
        raise no_document()
    made = scorecard_of_release(look, code) if look.release_number is not None else scorecard_now(request, look, code)
    return file_of(look, made, f"scorecard-{code}", kind)


def scorecard_of_release(look: Look, code: str) -> Document:
    report = look.report
    seen = seen_of(look, report, code)
    covers = covered(report.plan, seen.plan)
    return making.scorecard_of_release(look.release, seen, code, invented=look.demonstration, covers=covers)


def scorecard_now(request: HttpRequest, look: Look, code: str) -> Document:
    try:
        counter, standpoints = member_standpoints(look.occasion, code, shown_to(look.user, "version__activity"))
    except KeyError as error:
        raise not_for_you() from error
    report = bare_report(counter, {})
    seen = seen_of(look, report, code)
    states = {kpi.code: standpoints[kpi.code].line.state for kpi in seen.plan.kpis if kpi.code in standpoints}
    plan, head = look.occasion.plan, kept(request, look, f"Scorecard of {code}", len(states))
    covers, today = covered(report.plan, seen.plan), look.occasion.now.date()
    source = making.of_moment(plan, seen, today, head=head, invented=look.demonstration, covers=covers)
    return making.scorecard_of_moment(source, code, states, look.latest_release)


def seen_of(look: Look, report: Report, code: str) -> Report:
    """The report with the focus areas in which the reader may see where the Member stands. Raises Missing where there
    is none."""
    members = {each.code for each in report.members()}
    areas = [area for area in report.plan.focus_areas if look.sees_member(code, frozenset(area.co_coordinators))]
    if code not in members or not areas:
        raise not_for_you()
    return report.limited_to(area.code for area in areas)


def not_for_you() -> Missing:
    return Missing("This page does not exist, or not for you", "Members have a scorecard; each sees its own.")


# ---------------------------------------------------------------- where they are listed

FEW, MANY = 3, 60
"""So many scorecards stand among the documents; more of them behind a line that opens."""


def shelf(look: Look, releases: list[Release]) -> list[Content]:
    """What can be downloaded: of the figures looked at, and of the release that the address names, or the latest."""
    found = []
    if look.release_number is None and look.sees_unreleased:
        plan = look.plan_at(look.occasion.as_of)
        covers = covered(plan, replace(plan, focus_areas=tuple(filter(partial(may_take, look), plan.focus_areas))))
        of_areas = f" of {covers}" if covers else ""
        heading = f"Documents{of_areas} as at {day_words(look.occasion.as_of)}, not released"
        found.append(shelved(look, heading, look.query()) | all_at_once(look))
    numbers = [each for each in releases if look.release_number in (None, each.number)]
    if numbers:
        release = numbers[0]
        heading = f"Documents of release {release.number}, as at {day_words(release.as_at)}"
        page = reverse("release", args=[look.occasion.plan.code, release.number])
        where = (page, f"Files of release {release.number}")
        found.append(shelved(look, heading, f"?release={release.number}") | {"where": where})
    return found


def shelved(look: Look, heading: str, query: str) -> Content:
    """Few scorecards stand with the documents, more behind a summary; of very many their own pages are told."""
    cards = [card(look, code, name, query) for code, name in scorecards(look)]
    papers = [row(kind.title, "document", [look.occasion.plan.code, name], query) for name, kind in KINDS.items()]
    few, many = len(cards) <= FEW, len(cards) > MANY
    return {
        "heading": heading,
        "rows": papers + (cards if few else []),
        "cards": [] if few or many else cards,
        "many": len(cards) if many else 0,
    }


def card(look: Look, code: str, name: str, query: str) -> Content:
    return row(f"Scorecard of {name}", "scorecard", [look.occasion.plan.code, code], query)


def scorecard_of(look: Look, code: str) -> Content | None:
    """The files of one Member's scorecard, for its page; None where the reader may not take it."""
    name = dict(scorecards(look)).get(code)
    return card(look, code, name, look.query() if look.sees_unreleased else "") if name else None


def all_at_once(look: Look) -> Content:
    """Where all scorecards of the moment are asked for, for who sees every one, with the newest that were made."""
    if not look.sees_every_member:
        return {}
    address = reverse("scorecards_make", args=[look.occasion.plan.code]) + look.query()
    return {"every": {"many": len(list(scorecards(look))), "address": address, "made": results(look)}}


def row(title: str, address: str, args: list[str], query: str) -> Content:
    return {
        "title": title,
        "files": [{"text": each.title, "href": reverse(address, args=[*args, kind]) + query}
                  for kind, each in FORMATS.items()],
    }  # fmt: skip


def scorecards(look: Look) -> Iterator[tuple[str, str]]:
    """The Members whose scorecards the reader may take."""
    if not may(look.user, "dashboard.member"):
        return
    for each in look.organisations.all:
        if each.is_member(look.occasion.as_of) and look.sees_member(each.code, look.co_ordinates_for):
            yield each.code, each.name
