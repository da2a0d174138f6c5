"""The scorecards of all Members at once, as they stand and are not released: asked for by a click, made behind the
pages, kept at an address of their own."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from members.audit import record_export
from members.exports import named
from reporting.actions.jobs import ask_scorecards
from reporting.choices import JobKind
from reporting.looking import Look, Missing
from reporting.models import Job
from reporting.moments import moment_words
from reporting.pack.scorecards import words_of

from .base import Content, crumb, page
from .jobs import looked_on, stopped, waits_behind
from .stored import content_of

FEW = 3
"""So many results are listed beside the button."""


def for_all(look: Look) -> None:
    """Raises PermissionDenied for who does not see the scorecard of every Member."""
    if not look.sees_every_member:
        raise PermissionDenied


def job_called(look: Look, key: str) -> Job:
    """Raises Missing."""
    jobs = Job.objects.filter(plan=look.occasion.plan, kind=JobKind.SCORECARDS, key=key)
    found = jobs.select_related("plan", "asked_by").defer("content").first()
    if found is None:
        raise Missing("There are no such scorecards", "Ask for them under Documents.")
    return found


def results(look: Look) -> list[Content]:
    """The newest that were made or are being made, for who may have them."""
    jobs = Job.objects.filter(plan=look.occasion.plan, kind=JobKind.SCORECARDS).order_by("-pk")[:FEW]
    return [
        {"key": each.key, "text": f"{words_of(each)}, asked for {asked_words(look, each)}", "state": each.state}
        for each in jobs.defer("content")
    ]


def asked_words(look: Look, job: Job) -> str:
    return moment_words(job.asked_at, look.time_zone.key, look.time_zone)


@page("dashboard.member", figures=False)
def make(request: HttpRequest, look: Look) -> HttpResponse:
    """Asks for them as at the date and on the basis that the address says."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    for_all(look)
    at = look.occasion
    job = ask_scorecards(plan=at.plan, as_at=at.as_of, basis=at.basis, by=look.user, now=at.now)
    return redirect("scorecards", at.plan.code, job.key)


@vary_on_headers("HX-Request")
@page("dashboard.member", "scorecards.html", figures=False)
def scorecards(request: HttpRequest, look: Look, key: str) -> Content | HttpResponseBase:
    """How far they are, then the file."""
    for_all(look)
    job = job_called(look, key)
    looked_on(job, look)
    at = [look.occasion.plan.code, key]
    content: Content = {
        "job": job,
        "ahead": waits_behind(job),
        "here": reverse("scorecards", args=at),
        "stop": reverse("scorecards_stop", args=at),
    }
    if request.headers.get("HX-Request"):
        return render(request, "scorecards_part.html", look.shell | content)
    crumbs = [crumb(look, "documents", "Documents")]
    return content | {"title": words_of(job), "asked": asked_words(look, job), "crumbs": crumbs}


@page("dashboard.member", figures=False)
def stop(request: HttpRequest, look: Look, key: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    for_all(look)
    stopped(request, look, job_called(look, key))
    return redirect("scorecards", look.occasion.plan.code, key)


@page("dashboard.member", figures=False)
def file(request: HttpRequest, look: Look, key: str) -> HttpResponseBase:
    """The archive. Whoever takes it out stands in the history, as it is not released."""
    for_all(look)
    job = job_called(look, key)
    if job.content is None:
        raise Missing("There is no file", "It is not made yet, or its making was cancelled.")
    content, address = content_of(job), request.build_absolute_uri()
    record_export(by=look.user, what=words_of(job), address=address, rows=job.steps, released=False)
    response = named(HttpResponse(content, content_type="application/zip"), job.name)
    response["X-Checksum-SHA256"] = job.checksum
    return response
