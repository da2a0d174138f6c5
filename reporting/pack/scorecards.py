"""The scorecards of all Members as they stand at a day, not released: made step by step, kept with the job as one
archive."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial

from django.db import transaction
from django.urls import reverse

from members.audit import record_export
from members.chain import Head
from reporting.actions.jobs import finish
from reporting.demonstration import demonstration_rounds
from reporting.documents.making import of_moment, scorecard_of_moment
from reporting.documents.scorecard import states_of
from reporting.documents.source import Source
from reporting.inputs import Basis
from reporting.models import LATEST, Job, Release
from reporting.occasion import Occasion
from reporting.presentation import day_words
from reporting.queries import rounds_of
from reporting.report import Report, build_report

from .making import Made, Step, in_every_format
from .parcel import parcel


def scorecard_steps(job: Job, now: datetime) -> Iterator[Step]:
    """A step for each Member. All stand in one report of this moment, so no card is of other data than the next. That
    they are taken out is in the history before the first is made, as with a single one."""
    report = report_of(job, now)
    members = report.members()
    head = taken_out(job, len(members))
    region = Release.objects.filter(plan=job.plan).order_by(*LATEST).first()
    source = of_moment(job.plan, report, now.date(), head=str(head or ""), invented=demonstration_rounds().exists())
    for each in members:
        yield Step(f"the scorecard of {each.name}", partial(card_of, source, each.code, region))


def report_of(job: Job, now: datetime) -> Report:
    plan = job.plan
    return build_report(Occasion(plan, rounds_of(plan), now, basis=Basis(job.basis), asked_date=job.as_at))


def card_of(source: Source, code: str, region: Release | None) -> list[Made]:
    states = states_of(source.report.results, code)
    return in_every_format(scorecard_of_moment(source, code, states, region), code, source.names[code])


def taken_out(job: Job, members: int) -> Head | None:
    """Keeps in the history that somebody takes them out; the head of the history, which each of them says."""
    address = reverse("scorecards", args=[job.plan.code, job.key])
    return record_export(by=job.asked_by, what=words_of(job), address=address, rows=members, released=False)


def words_of(job: Job) -> str:
    day = day_words(job.as_at) if job.as_at else "no day"
    return f"Scorecards of all Members as at {day}, {job.basis} answers"


@transaction.atomic
def keep_scorecards(job: Job, made: list[Made], now: datetime) -> None:
    """Stores the archive with the job, and ends that. Raises Cancelled, and then nothing is stored."""
    with closing(parcel(sorted(made, key=lambda each: each.name))) as packed:
        content = packed.read()
    name = f"{job.plan.code}-scorecards-{job.as_at}-{job.basis}.zip"
    finish(job=job, now=now, name=name, content=content, checksum=Made(name, "", content).checksum)
