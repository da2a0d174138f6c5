"""Long work is asked for, claimed, goes on, and ends: done, failed or cancelled.

A worker shows at each step that it is alive. Of one that was ended (a restart, a crash), another takes the work up from
its beginning: nothing is stored before all of it is made."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from members.models import User
from reporting.choices import JobKind, JobState
from reporting.inputs import Basis
from reporting.models import UNDER_WAY, Job, Release
from reporting.working import start_worker
from workplan.models import Plan

from .refusals import Stale

ALIVE = timedelta(minutes=2)
"""A worker that has not shown itself for so long was ended; no single step takes as long."""
MOST_TRIES = 3
ENDED = "It was ended three times before it was done. Whoever runs the site finds why in its log."


class Cancelled(Exception):
    """Somebody asked to stop the work, or another worker took it up."""


def ask(*, kind: JobKind, release: Release, by: User | None, now: datetime) -> Job:
    """Asks for work, once at a time: who asks again gets the one that is under way. A worker of this machine begins
    when the transaction is through."""
    return asked(by, now, kind=kind, plan=release.plan, release=release)


@transaction.atomic
def ask_scorecards(*, plan: Plan, as_at: date, basis: Basis, by: User, now: datetime) -> Job:
    """Asks for the scorecards of all Members as they stand at the day, not released; once at a time, too."""
    return asked(by, now, kind=JobKind.SCORECARDS, plan=plan, as_at=as_at, basis=basis.value)


def asked(by: User | None, now: datetime, **about: Any) -> Job:
    """``about``: what tells this work from other work."""
    try:
        with transaction.atomic():
            job = Job.objects.create(**about, asked_at=now, asked_by=by)
    except IntegrityError:
        job = Job.objects.get(**about, state__in=UNDER_WAY)
    transaction.on_commit(start_worker)
    return job


@transaction.atomic
def cancel(*, job: Job, now: datetime) -> Job:
    """What waits is cancelled at once; what is being made, before its next step. Raises Stale where it has ended."""
    job = Job.objects.select_for_update(no_key=True).get(pk=job.pk)
    if not job.under_way:
        raise Stale("It has ended already.")
    if job.state == JobState.WAITING:
        return end(job, JobState.CANCELLED, now)
    job.cancel_asked_at = job.cancel_asked_at or now
    job.save(update_fields=["cancel_asked_at"])
    return job


@transaction.atomic
def claim(*, now: datetime) -> Job | None:
    """The work that has waited longest, now this worker's; None where there is none, or another worker is at work.
    What a worker left unfinished waits again; after three tries it has failed."""
    for job in Job.objects.select_for_update(no_key=True).filter(state__in=UNDER_WAY).order_by("pk"):
        if job.state == JobState.RUNNING and job.beat_at and job.beat_at > now - ALIVE:
            return None
        if job.state == JobState.RUNNING and job.cancel_asked_at:
            end(job, JobState.CANCELLED, now)
        elif job.tries >= MOST_TRIES:
            end(job, JobState.FAILED, now, problem=ENDED)
        else:
            job.state, job.tries, job.beat_at, job.done, job.steps = JobState.RUNNING, job.tries + 1, now, 0, 0
            job.save(update_fields=["state", "tries", "beat_at", "done", "steps"])
            return job
    return None


def step(job: Job, *, done: int, steps: int, doing: str, now: datetime) -> None:
    """Says how far it is. Raises Cancelled where the work shall not go on here."""
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)
    going_on = mine.filter(cancel_asked_at=None).update(done=done, steps=steps, doing=doing[:200], beat_at=now)
    if not going_on:
        raise Cancelled


@transaction.atomic
def finish(*, job: Job, now: datetime, **result: Any) -> Job:
    """``result``: name, content and checksum, where it stands with the job. Raises Cancelled, as above; so what is
    stored in the same transaction is not."""
    job = held(job)
    job.done = job.steps
    return end(job, JobState.DONE, now, **result)


@transaction.atomic
def stop(*, job: Job, now: datetime) -> None:
    """The worker lets go of what was cancelled; of what another worker took up it lets go without a word."""
    mine = Job.objects.select_for_update(no_key=True).filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries).first()
    if mine and mine.cancel_asked_at:
        end(mine, JobState.CANCELLED, now)


@transaction.atomic
def fail(*, job: Job, problem: str, now: datetime) -> None:
    end(held(job), JobState.FAILED, now, problem=problem)


def held(job: Job) -> Job:
    """As it is now, for its worker alone. Raises Cancelled."""
    found = (
        Job.objects.select_for_update(no_key=True).filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries).first()
    )
    if found is None or found.cancel_asked_at:
        raise Cancelled
    return found


def end(job: Job, state: JobState, now: datetime, **more: Any) -> Job:
    said: Mapping[str, Any] = {"state": state, "ended_at": now, "doing": "", **more}
    for name, value in said.items():
        setattr(job, name, value)
    job.save(update_fields=[*said, "done"])
    return job
