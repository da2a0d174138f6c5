"""Comments on KPIs and narratives of focus areas (domain.md, "The workflow", 4)."""

from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from reporting.models import KpiComment, Narrative, Round
from reporting.validators import words
from workplan.models import FocusArea, Kpi

from .bulk import Changes
from .refusals import Stale

W = TypeVar("W", KpiComment, Narrative)
CHANGED = "Somebody else changed this text after you opened it."
UNSAVED = "You changed the text. Save it first, then approve it."


def held_round(collection: Round) -> Round:
    """One at a time writes the words of a round. Raises ValidationError where it has not begun."""
    found = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=collection.pk)
    if found.opened_at is None:
        raise ValidationError(f"{found.title} is not open yet. Comments and narratives are about what it collects.")
    return found


def tidy(text: str) -> str:
    return words(text.replace("\r\n", "\n").strip())


def rewritten(found: W, text: str, seen: int, by: User, now: datetime) -> W:
    """The text as it is now; ``seen``: the number of edits that the person saw. The same text changes nothing."""
    text = tidy(text)
    if found.text == text:
        return found
    if found.edits != seen:
        raise Stale(CHANGED)
    changes: Changes = {"text": (found.text, text)}
    known = found.pk is not None
    found.text, found.changed_at, found.changed_by = text, now, by
    found.edits += 1
    if isinstance(found, Narrative):
        changes |= {"approved_at": (found.approved_at, None)} if found.approved_at else {}
        found.approved_at = found.approved_by = None
    found.save()
    record(by=by, action=AuditAction.CHANGED if known else AuditAction.CREATED, obj=found, changes=changes)
    return found


@transaction.atomic
def write_comment(*, collection: Round, kpi: Kpi, text: str, seen: int, by: User, now: datetime) -> KpiComment:
    """The comment of a round on a KPI; "" takes it away. Raises Stale and ValidationError."""
    collection = held_round(collection)
    found = KpiComment.objects.filter(round=collection, kpi=kpi).first()
    return rewritten(found or KpiComment(round=collection, kpi=kpi), text, seen, by, now)


@transaction.atomic
def write_narrative(*, collection: Round, area: FocusArea, text: str, seen: int, by: User, now: datetime) -> Narrative:
    """The account of a focus area; a changed one must be approved again. Raises Stale and ValidationError."""
    collection = held_round(collection)
    found = Narrative.objects.filter(round=collection, focus_area=area).first()
    return rewritten(found or Narrative(round=collection, focus_area=area), text, seen, by, now)


@transaction.atomic
def approve_narrative(
    *, collection: Round, area: FocusArea, seen: int, by: User, now: datetime, text: str | None = None
) -> Narrative:
    """It is released with the figures from now on. A second time does nothing. ``text``: what the person typed; only
    what is saved can be approved. Raises Stale and ValidationError."""
    collection = held_round(collection)
    found = Narrative.objects.filter(round=collection, focus_area=area).first()
    if found is None or not found.text:
        raise ValidationError("There is no narrative to approve yet.")
    if found.edits != seen:
        raise Stale(CHANGED)
    if text is not None and tidy(text) != found.text:
        raise ValidationError(UNSAVED)
    if found.approved_at is None:
        found.approved_at, found.approved_by = now, by
        found.save(update_fields=["approved_at", "approved_by"])
        record(by=by, action=AuditAction.APPROVED, obj=found, changes={"approved_at": (None, now)})
    return found
