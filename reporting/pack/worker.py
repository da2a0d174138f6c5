"""Does the jobs that wait, one after the other (``do_jobs``)."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from reporting.actions.jobs import Cancelled, claim, fail, finish, step, stop
from reporting.models import Job

from .making import Made, Step, keep, steps_of
from .scorecards import keep_scorecards, scorecard_steps

log = logging.getLogger(__name__)
WENT_WRONG = "Something went wrong while {} was made. Whoever runs the site finds it in its log. Ask for it again."


def do_jobs(clock: Callable[[], datetime]) -> list[Job]:
    """Until none waits. Returns those that it did, in whichever way they ended."""
    found = []
    while job := claim(now=clock()):
        do(job, clock)
        job.refresh_from_db(fields=["state", "problem"])
        found.append(job)
    return found


def do(job: Job, clock: Callable[[], datetime]) -> None:
    """What goes wrong is told in a sentence on the page and in full in the log, and is in no other job's way."""
    job.doing = "it"
    try:
        make(job, clock)
    except Cancelled:
        stop(job=job, now=clock())
    except Exception:
        log.exception("Job %s failed while %s was made", job.key, job.doing)
        let_go(job, WENT_WRONG.format(job.doing), clock())


def make(job: Job, clock: Callable[[], datetime]) -> None:
    release = job.release
    if release is None:
        keep_scorecards(job, made_of(job, scorecard_steps(job, clock()), clock), clock())
    elif release.files.exists():
        finish(job=job, now=clock())  # another one was asked for in the same moment, and is done
    else:
        keep(job, release, made_of(job, steps_of(release), clock), clock())


def made_of(job: Job, found: Iterable[Step], clock: Callable[[], datetime]) -> list[Made]:
    """What comes of all steps. Raises Cancelled before the next one, and after the last."""
    steps, made = list(found), list[Made]()
    for number, each in enumerate(steps):
        job.doing = each.title
        step(job, done=number, steps=len(steps), doing=job.doing, now=clock())
        made += each.make()
    step(job, done=len(steps), steps=len(steps), doing="", now=clock())
    return made


def let_go(job: Job, problem: str, now: datetime) -> None:
    """It has failed, unless somebody cancelled it meanwhile or another worker took it up."""
    try:
        fail(job=job, problem=problem, now=now)
    except Cancelled:
        stop(job=job, now=now)
