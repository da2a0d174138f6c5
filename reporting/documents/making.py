"""Which documents there are, in which formats, and how each is made: from a release or the figures of the moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from reporting.models import LATEST, Release
from reporting.presentation import day_words
from reporting.report import Report, from_json
from workplan.models import Plan

from . import excel, pdf, progress, questions, scorecard, word, work_plan
from .blocks import Document
from .source import Released, Source


@dataclass(frozen=True)
class Kind:
    """A document. ``explained``: it needs the explanations of the figures; ``compares``: and the release before."""

    title: str
    make: Callable[[Source], Document]
    explained: bool = False
    compares: bool = False


@dataclass(frozen=True)
class Format:
    title: str
    write: Callable[[Document], bytes]
    content_type: str


KINDS = {
    "work-plan": Kind("Work plan", work_plan.document),
    "progress": Kind("Progress report", progress.document, explained=True, compares=True),
    "questions": Kind("Open questions on readings", questions.document),
}
OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "docx": Format("Word", word.write, f"{OFFICE}.wordprocessingml.document"),
    "pdf": Format("PDF", pdf.write, "application/pdf"),
    "xlsx": Format("Excel", excel.write, f"{OFFICE}.spreadsheetml.sheet"),
}


# ---------------------------------------------------------------- what they are made from


def released(release: Release) -> Released:
    return Released(release.number, release.title, release.checksum, release.published_at.date())


def of_release(
    release: Release, report: Report, before: Release | None = None, *, invented: bool = False, covers: str = ""
) -> Source:
    """What the documents of a release are made from: its stored report alone, and that of the one before.
    ``invented``: the site holds demonstration data; ``covers``: the focus areas of the report, where it has not all."""
    day, named = release.published_at.date(), release.members_named
    return compared(Source(report, named, released(release), day, invented=invented, covers=covers), before)


def of_moment(
    plan: Plan,
    report: Report,
    made: date,
    before: Release | None = None,
    *,
    head: str = "",
    invented: bool = False,
    covers: str = "",
) -> Source:
    """What documents of figures that are not released are made from. ``report``: with its words; ``head``: that of the
    history, once it is recorded that they were taken out; ``covers``: as above."""
    more = (("Head of the history", head),) if head else ()
    source = Source(report, plan.members_named, None, made, more=more, invented=invented, covers=covers)
    return compared(source, before)


def compared(source: Source, before: Release | None) -> Source:
    if before is None:
        return source
    words = f"release {before.number}, as at {day_words(before.as_at)}"
    return replace(source, before=from_json(before.content), before_words=words)


def release_before(plan: Plan, day: date, number: int | None = None) -> Release | None:
    """The latest release as at the day or earlier; of those before ``number``, where it is stated."""
    found = Release.objects.filter(plan=plan, as_at__lte=day)
    if number is not None:
        found = found.filter(number__lt=number)
    return found.order_by(*LATEST).first()


# ---------------------------------------------------------------- one Member


def scorecard_of_release(
    release: Release, report: Report, member: str, *, invented: bool = False, covers: str = ""
) -> Document:
    """A Member in a release, beside the region in the same one. ``report``: with the focus areas in which the reader
    may see it."""
    asked = {kpi.code for kpi in report.plan.kpis}
    states = {code: state for code, state in scorecard.states_of(report.results, member).items() if code in asked}
    words = "Beside each KPI stands the region."
    source = of_release(release, report, invented=invented, covers=covers)
    return scorecard.document(source, member, states, report, words)


def scorecard_of_moment(source: Source, member: str, states: dict[str, str], region: Release | None) -> Document:
    """A Member as it stands now, beside the region as it was released last."""
    if region is None:
        return scorecard.document(source, member, states, None, "No figure of the region is released yet.")
    words = f"Beside each KPI stands the region as in release {region.number}, as at {day_words(region.as_at)}."
    return scorecard.document(source, member, states, from_json(region.content), words)
