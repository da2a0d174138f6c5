"""One release: what it is, its pack, how far the making of that is, and what moved since the release before."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from mimetypes import guess_type
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.vary import vary_on_headers

from members.permissions import may
from reporting.actions.jobs import ask
from reporting.choices import JobKind
from reporting.keeping import kept
from reporting.looking import Look, Missing
from reporting.models import Release, ReleaseFile
from reporting.moments import moment_words
from reporting.pack.making import before_of
from reporting.pack.parcel import parcel
from reporting.presentation import day_words
from reporting.reasons import Change, changes

from .base import Content, crumb, page
from .cards import Card, cards_of
from .documents import move_words
from .jobs import looked_on, stopped, waits_behind
from .stored import content_of, intact

WHOLE, EVERY_CARD = "everything.zip", "scorecards.zip"
MOST_NAMED = 12
"""So many stand on the page by their code; the data name all."""


def release_called(look: Look, number: int) -> Release:
    """Raises Missing."""
    found = Release.objects.filter(plan=look.occasion.plan, number=number).defer("content").first()
    if found is None:
        raise Missing(f"There is no release {number}", "The releases are listed under Documents.")
    return found


def visible(look: Look, number: int, **_: object) -> None:
    release_called(look, number)


def files_for(look: Look, release: Release) -> QuerySet[ReleaseFile]:
    """Those that the reader may have: what tells of one Member alone is for that and for who sees all."""
    whose = [code for code in look.organisations.code_of.values() if look.sees_member(code)]
    return release.files.filter(Q(organisation=None) | Q(organisation__code__in=whose))


@vary_on_headers("HX-Request")
@page("release.view", "releases/release.html", figures=False)
def release(request: HttpRequest, look: Look, number: int) -> Content | HttpResponseBase:
    found = release_called(look, number)
    pack = pack_content(request, look, found)
    if request.headers.get("HX-Request"):
        return render(request, "releases/pack.html", look.shell | pack)
    moved = list(moved_rows(look, found))
    return {
        "title": f"Release {found.number}, {look.title_of(found)}, as at {day_words(found.as_at)}",
        "published": moment_words(found.published_at, look.time_zone.key, look.time_zone),
        "figures": reverse("overview", args=[look.occasion.plan.code]) + f"?release={found.number}",
        "moved": moved,
        "before": before_of(found),
        "crumbs": [crumb(look, "documents", "Documents")],
        **pack,
    }


def pack_content(request: HttpRequest, look: Look, found: Release) -> Content:
    """The files that the reader may have, and how far the making is."""
    files = list(files_for(look, found).defer("content").order_by("name"))
    of_all = [each for each in files if each.organisation_id is None]
    own = [each for each in files if each.organisation_id is not None]
    job = found.jobs.filter(kind=JobKind.PACK).defer("content").order_by("pk").last()
    if job:
        looked_on(job, look)
    makes, at = may(look.user, "release.publish"), [look.occasion.plan.code, found.number]
    return {
        "release": found,
        "files": sorted(of_all, key=lambda each: each.name.startswith("data/")),  # what people read comes first
        "cards": cards_of(request, sorted(cards_in(look, found, own), key=lambda card: card.title)),
        "whole": sum(each.size for each in files),
        "job": job,
        "ahead": job is not None and waits_behind(job),
        "makes": makes,
        "here": reverse("release", args=at) + "#pack",
        "stop": reverse("release_stop", args=at) if makes else "",
    }


def cards_in(look: Look, found: Release, files: Iterable[ReleaseFile]) -> Iterator[Card]:
    """The files about one Member each, as they are named: "scorecards/FJI.pdf", "Scorecard of Fiji (PDF)"."""
    for code, own in groupby(files, key=lambda each: each.name.rpartition("/")[2].partition(".")[0]):
        stored = list(own)
        links = [
            {
                "text": each.title.rpartition(" (")[2].rstrip(")"),
                "href": reverse("release_file", args=[look.occasion.plan.code, found.number, each.name]),
                "size": each.size,
            }
            for each in stored
        ]
        yield Card(code, stored[0].title.rpartition(" (")[0], links)


def moved_rows(look: Look, found: Release) -> Iterator[Content]:
    """What moved since the release before, and why; read once, as what is released stays."""
    before = before_of(found)
    if before is None:
        return
    then, now = look.report_of(before), look.report_of(found)
    names = ({kpi.code: kpi for kpi in each.plan.kpis} for each in (then, now))
    olds, news = names
    told: list[Change] = kept(f"changes:{before.checksum}:{found.checksum}", lambda: changes(then, now))
    for change in told:
        code = change.move.code
        named, titles = found.members_named, change.titles
        why = [reason.words(named=named, most=MOST_NAMED, titles=titles) for reason in change.reasons]
        yield move_words(olds.get(code), news.get(code), change.move) | {"why": why}


@page("release.view", figures=False, within=visible)
def file(request: HttpRequest, look: Look, number: int, name: str) -> HttpResponseBase:
    """A file of the pack as it was stored, with its checksum; or all of those that the reader may have, as one."""
    found = release_called(look, number)
    files = files_for(look, found)
    if name in (WHOLE, EVERY_CARD):
        wanted = files if name == WHOLE else files.exclude(organisation=None)
        if wanted.exists():
            return whole(f"release-{found.number}-{name}", wanted)
    stored = files.select_related("release").defer("release__content").filter(name=name).first()
    if stored is None:
        raise Missing("There is no such file in this release", "Its files are listed on its page.")
    return sent(stored.file_name, content_of(stored), stored.checksum)


AT_ONCE = 20
"""So many files are in memory at a time."""


def whole(name: str, files: QuerySet[ReleaseFile]) -> HttpResponseBase:
    # Closed here, whatever happens: what is left of a cursor of PostgreSQL spoils the next transaction.
    stored: Any = files.order_by("name").iterator(chunk_size=AT_ONCE)
    with closing(stored):
        packed = parcel(intact(stored))
    checksum = hashlib.file_digest(packed, "sha256").hexdigest()  # type: ignore[arg-type]
    packed.seek(0)
    response = FileResponse(packed, content_type="application/zip")
    return with_checksum(response, name, checksum)


def sent(name: str, content: bytes, checksum: str) -> HttpResponseBase:
    response = HttpResponse(content, content_type=guess_type(name)[0] or "application/octet-stream")
    return with_checksum(response, name, checksum)


def with_checksum(response: HttpResponseBase, name: str, checksum: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-cache"
    response["X-Checksum-SHA256"] = checksum
    return response


@page("release.publish", figures=False, within=visible)
def make(request: HttpRequest, look: Look, number: int) -> HttpResponse:
    """Asks for the pack of a release that has none."""
    found = release_called(look, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if found.files.exists():
        messages.info(request, "The pack is there. It is made once and stays as it is.")
    else:
        ask(kind=JobKind.PACK, release=found, by=look.user, now=look.occasion.now)
    return back(look, found)


@page("release.publish", figures=False, within=visible)
def stop(request: HttpRequest, look: Look, number: int) -> HttpResponse:
    """Cancels the making of a pack."""
    found = release_called(look, number)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if job := found.jobs.filter(kind=JobKind.PACK).defer("content").order_by("pk").last():
        stopped(request, look, job)
    return back(look, found)


def back(look: Look, found: Release) -> HttpResponse:
    return redirect(reverse("release", args=[look.occasion.plan.code, found.number]) + "#pack")
