"""Results are released: frozen, with a checksum (domain.md, "The workflow", 6)."""

from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from reporting.inputs import Basis
from reporting.models import Release
from reporting.queries import occasion
from reporting.report import checksum, explained_report, to_be_released, to_json
from workplan.models import Plan

from .answers import hold


@transaction.atomic
def publish_release(
    *, plan: Plan, title: str, as_at: date | None, basis: Basis, by: User | None, now: datetime
) -> Release:
    """Freezes the whole report as at a date (None: the latest closed round): results, wording, readings, who counts and
    why. Raises ValidationError where the title is blank or the date is provisional."""
    hold(Plan.objects.filter(pk=plan.pk))
    asked = replace(occasion(plan, now), asked_date=as_at, basis=basis)
    if not title.strip():
        raise ValidationError("A release needs a title.")
    if asked.provisional:
        raise ValidationError(
            f"No round as at {asked.as_of:%d.%m.%y} or later has closed: its figures are provisional."
        )
    content = to_json(to_be_released(explained_report(asked), title.strip()))
    last = Release.objects.filter(plan=plan).order_by("-number").values_list("number", flat=True).first()
    release = Release(
        plan=plan,
        number=(last or 0) + 1,
        title=title.strip(),
        as_at=asked.as_of,
        basis=basis.value,
        published_at=now,
        published_by=by,
        content=content,
        checksum=checksum(content),
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
    return release
