"""Results are released: frozen, with a checksum (domain.md, "The workflow", 6)."""

from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.chain import head
from members.choices import AuditAction
from members.models import User
from reporting.audience import shown_to_all
from reporting.choices import JobKind
from reporting.commentary import Words, words_at
from reporting.inputs import Basis
from reporting.models import Release
from reporting.queries import occasion
from reporting.report import Report, checksum, explained_report, to_be_released, to_json
from workplan.models import Plan

from .answers import hold
from .jobs import ask
from .refusals import Stale


def with_words(report: Report, words: Words) -> Report:
    return replace(report, comments=words.comments, narratives=words.narratives)


def seen_in(report: Report) -> str:
    """The checksum of what a preview shows of a report: all but its title, who has answered (screens tell of the round
    that is open, a release of the one of its date), and the explanations and the history of the figures, since to put
    those together takes ten times as long."""
    return checksum(to_json(replace(report, title="", returns=None, explanations={}, series={})))


@transaction.atomic
def publish_release(
    *,
    plan: Plan,
    title: str,
    as_at: date | None,
    basis: Basis,
    by: User | None,
    now: datetime,
    seen: str | None = None,
) -> Release:
    """Freezes the whole report as at a date (None: the latest closed round): results, wording, readings, who counts and
    why, comments and approved narratives. ``seen``: the checksum of the preview that the person saw (``seen_in``).
    Raises ValidationError where the title is blank or the date is provisional, Stale where the preview is out of date.
    The same preview under the same title is released once. Its pack is made behind the pages."""
    hold(Plan.objects.filter(pk=plan.pk))
    plan.refresh_from_db(fields=["members_named"])
    asked = replace(occasion(plan, now), asked_date=as_at, basis=basis)
    if not title.strip():
        raise ValidationError("A release needs a title.")
    if asked.provisional:
        raise ValidationError(
            f"No round as at {asked.as_of:%d.%m.%y} or later has closed: its figures are provisional."
        )
    figures = explained_report(asked, shown_to_all("version__activity"))
    report = with_words(to_be_released(figures, title.strip()), words_at(asked))
    if seen is not None and seen_in(report) != seen:
        raise Stale("The figures changed after you opened this page. Look at them again, then release.")
    content = to_json(report)
    last = Release.objects.filter(plan=plan).order_by("-number").first()
    same = last is not None and (last.checksum, last.members_named) == (checksum(content), plan.members_named)
    if seen is not None and last and same:
        return last  # a second click
    last_entry = head()
    release = Release(
        plan=plan,
        number=last.number + 1 if last else 1,
        title=title.strip(),
        as_at=asked.as_of,
        basis=basis.value,
        published_at=now,
        published_by=by,
        content=content,
        checksum=checksum(content),
        history_number=last_entry.number if last_entry else None,
        history_digest=last_entry.digest if last_entry else "",
        members_named=plan.members_named,
    )
    release.full_clean()
    release.save(force_insert=True)
    facts = {
        "number": release.number,
        "as_at": release.as_at,
        "basis": release.basis,
        "checksum": release.checksum,
    }
    changes = {name: (None, value) for name, value in facts.items()}
    record(by=by, action=AuditAction.PUBLISHED, obj=release, changes=changes)
    ask(kind=JobKind.PACK, release=release, by=by, now=now)
    return release
