"""One release: what it is, its pack, how far the making of that is, and what moved since the release before."""

import hashlib
from collections.abc import Iterator
from mimetypes import guess_type

from django.contrib import messages
from django.core.cache import caches
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.vary import vary_on_headers

from members.permissions import may
from reporting.actions.jobs import ALIVE, ask, cancel
from reporting.actions.refusals import Stale
from reporting.choices import JobKind, JobState
from reporting.keeping import kept
from reporting.looking import Look, Missing
from reporting.models import Job, Release, ReleaseFile
from reporting.moments import moment_words
from reporting.pack.making import before_of
from reporting.pack.parcel import parcel
from reporting.presentation import day_words
from reporting.reasons import Change, changes
from reporting.working import start_worker

from .base import Content, crumb, page
from .documents import move_words

WHOLE = "everything.zip"
A_MINUTE = 60
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
    pack = pack_content(look, found)
    if request.headers.get("HX-Request"):
        return render(request, "releases/pack.html", look.shell | pack)
    moved = list(moved_rows(look, found))
    return {
        "title": f"Release {found.number}, {found.title}, as at {day_words(found.as_at)}",
        "published": moment_words(found.published_at, look.time_zone.key, look.time_zone),
        "figures": reverse("overview", args=[look.occasion.plan.code]) + f"?release={found.number}",
        "moved": moved,
        "before": before_of(found),
        "crumbs": [crumb(look, "documents", "Documents")],
        **pack,
    }


def pack_content(look: Look, found: Release) -> Content:
    """The files that the reader may have, and how far the making is."""
    files = list(files_for(look, found).defer("content").order_by("name"))
    job = found.jobs.filter(kind=JobKind.PACK).defer("content").order_by("pk").last()
    if job and forgotten(job, look):
        start_worker()
    makes = may(look.user, "release.publish")
    return {
        "release": found,
        "files": [each for each in files if each.organisation_id is None],
        "own_files": [each for each in files if each.organisation_id is not None],
        "whole": sum(each.size for each in files),
        "job": job,
        "makes": makes,
    }


def forgotten(job: Job, look: Look) -> bool:
    """Does nobody seem to be at work: the process was ended, or never began. Asked once a minute, so that who looks on
    starts no crowd of them."""
    last, since = job.beat_at or job.asked_at, look.occasion.now - ALIVE
    if not job.under_way or last >= since:
        return False
    at_work = Job.objects.filter(state=JobState.RUNNING, beat_at__gte=since).exists()
    return not at_work and caches["pages"].add("worker-started", True, A_MINUTE)


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
        why = [reason.words(named=found.members_named, most=MOST_NAMED) for reason in change.reasons]
        yield move_words(olds.get(code), news.get(code), change.move) | {"why": why}


@page("release.view", figures=False, within=visible)
def file(request: HttpRequest, look: Look, number: int, name: str) -> HttpResponse:
    """A file of the pack as it was stored, with its checksum; or all of those that the reader may have, as one."""
    found = release_called(look, number)
    files = files_for(look, found)
    if name == WHOLE and files.exists():
        return sent(f"release-{found.number}-{WHOLE}", parcel(files.order_by("name")), "")
    stored = files.select_related("release").defer("release__content").filter(name=name).first()
    if stored is None:
        raise Missing("There is no such file in this release", "Its files are listed on its page.")
    return sent(stored.file_name, bytes(stored.content), stored.checksum)


def sent(name: str, content: bytes, checksum: str) -> HttpResponse:
    response = HttpResponse(content, content_type=guess_type(name)[0] or "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-cache"
    response["X-Checksum-SHA256"] = checksum or hashlib.sha256(content).hexdigest()
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
        try:
            ended = cancel(job=job, now=look.occasion.now).state == JobState.CANCELLED
            messages.success(request, "It is cancelled." if ended else "It stops before its next step.")
        except Stale as stale:
            messages.info(request, str(stale))
    return back(look, found)


def back(look: Look, found: Release) -> HttpResponse:
    return redirect(reverse("release", args=[look.occasion.plan.code, found.number]) + "#pack")
