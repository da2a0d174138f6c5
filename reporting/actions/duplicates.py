"""Somebody rules on two records that may be of one event: they are two, or one is merged into the other."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from reporting.choices import Likeness, StatementKind
from reporting.models import Activity, ActivityPart, ActivityVersion, Evidence, PartStatement, Suspicion

from .activities import ActivityRecord, newest_record, record_activities, suspect
from .refusals import Stale
from .versions import hold_owners, settle_versions

RULED = "Somebody has ruled on these two records already. Look at them again."


@transaction.atomic
def tell_apart(*, suspicion: Suspicion, reason: str, by: User, now: datetime) -> None:
    """They are two events: both count. Raises Stale and ValidationError."""
    hold_owners(ActivityVersion, [suspicion.first_id, suspicion.second_id])
    rule(suspicion, Likeness.DIFFERENT, reason, by, now)


def rule(suspicion: Suspicion, ruling: Likeness, reason: str, by: User, now: datetime) -> None:
    suspicion.refresh_from_db()
    if suspicion.ruling != Likeness.OPEN:
        raise Stale(RULED)
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    suspicion.ruling, suspicion.reason, suspicion.ruled_at, suspicion.ruled_by = ruling, reason.strip(), now, by
    suspicion.save(update_fields=["ruling", "reason", "ruled_at", "ruled_by"])
    changes = {"ruling": (Likeness.OPEN, ruling)}
    record(by=by, action=AuditAction.CHANGED, obj=suspicion, changes=changes, reason=reason.strip())


@transaction.atomic
def merge(*, kept: Activity, gone: Activity, reason: str, by: User, now: datetime) -> None:
    """One event, recorded twice: ``kept`` counts from now on, with the parts and KPIs of both as another version, which
    waits for a decision; ``gone`` stays with its history and says where it went. Raises Stale and ValidationError."""
    if kept.pk == gone.pk:
        raise ValidationError("Choose another record: this is the same one.")
    hold_owners(ActivityVersion, [kept.pk, gone.pk])
    for each in (kept, gone):
        each.refresh_from_db()
        if each.merged_into:
            raise Stale(f"{each.reference} is merged into {each.merged_into.reference} already.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    first, second = sorted((kept, gone), key=lambda each: each.pk)
    suspicion, _ = Suspicion.objects.get_or_create(first=first, second=second, defaults={"noticed_at": now})
    if suspicion.ruling == Likeness.OPEN:
        rule(suspicion, Likeness.SAME, reason, by, now)
    whole = together(newest_record(kept), newest_record(gone))
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    move_contests(gone, kept)
    move_evidence(gone, kept)
    record_activities(records=[whole], accept=False, by=by, now=now, audited=AuditAction.CHANGED)
    settle_versions(ActivityVersion, [gone.pk])
    suspect({kept.pk, gone.pk}, now)
    changes = {"merged_into": (None, kept.reference)}
    record(by=by, action=AuditAction.CHANGED, obj=gone, changes=changes, reason=reason.strip())


def move_contests(gone: Activity, kept: Activity) -> None:
    """What an organisation says of its part in the one it says of the other, unless it has said something of that."""
    known = list(PartStatement.objects.filter(activity=kept, settled_at=None).values_list("organisation", flat=True))
    moved = PartStatement.objects.filter(activity=gone, settled_at=None).exclude(organisation__in=known)
    contested = list(moved.filter(kind=StatementKind.CONTESTED).values_list("organisation", flat=True))
    moved.update(activity=kept)
    ActivityPart.objects.filter(version__activity=kept, organisation__in=contested).update(contested=True)


def move_evidence(gone: Activity, kept: Activity) -> None:
    """What shows the one shows the other; a file that stands with both is not moved."""
    stands = Evidence.objects.filter(removed_at=None)
    known = list(stands.filter(activity=kept, file__isnull=False).values_list("file", flat=True))
    stands.filter(activity=gone).exclude(file__in=known).update(activity=kept)


def together(kept: ActivityRecord, gone: ActivityRecord) -> ActivityRecord:
    """What both say: the kept one's own words, and of the other what it leaves open."""
    parts = {each.organisation_id: each for each in kept.parts}
    for each in gone.parts:
        mine = parts.setdefault(each.organisation_id, each)
        if mine is not each:
            fill(mine, each)
    links = {link.kpi_id: link for link in (*gone.links, *kept.links)}
    for link in gone.links:
        links[link.kpi_id].items = max(links[link.kpi_id].items, link.items)
    return ActivityRecord(kept.reference, kept.version, list(parts.values()), list(links.values()))


def fill(mine: ActivityPart, other: ActivityPart) -> None:
    """In any way that either says; numbers go together, so they are taken where none are stated."""
    for name in ("organises", "contributes", "takes_part"):
        setattr(mine, name, getattr(mine, name) or getattr(other, name))
    if mine.participants is None and mine.women is None:
        mine.participants, mine.women = other.participants, other.women
    mine.head = mine.head or other.head
