"""How far long work is, for the pages that show it."""

from django.contrib import messages
from django.core.cache import caches
from django.http import HttpRequest

from reporting.actions.jobs import ALIVE, cancel
from reporting.actions.refusals import Stale
from reporting.choices import JobState
from reporting.looking import Look
from reporting.models import UNDER_WAY, Job
from reporting.working import start_worker

A_MINUTE = 60


def looked_on(job: Job, look: Look) -> None:
    """Somebody looks how far it is; where nobody seems to be at work, a worker begins."""
    if forgotten(job, look):
        start_worker()


def forgotten(job: Job, look: Look) -> bool:
    """Does nobody seem to be at work: the process was ended, or never began. Asked once a minute, so that who looks on
    starts no crowd of them."""
    last, since = job.beat_at or job.asked_at, look.occasion.now - ALIVE
    if not job.under_way or last >= since:
        return False
    at_work = Job.objects.filter(state=JobState.RUNNING, beat_at__gte=since).exists()
    return not at_work and caches["pages"].add("worker-started", True, A_MINUTE)


def waits_behind(job: Job) -> bool:
    """Does other work that was asked for earlier go first (``actions.jobs.claim``)."""
    return job.state == JobState.WAITING and Job.objects.filter(state__in=UNDER_WAY, pk__lt=job.pk).exists()


def stopped(request: HttpRequest, look: Look, job: Job) -> None:
    """Cancels it, and says so."""
    try:
        ended = cancel(job=job, now=look.occasion.now).state == JobState.CANCELLED
        messages.success(request, "It is cancelled." if ended else "It stops before its next step.")
    except Stale as stale:
        messages.info(request, str(stale))
