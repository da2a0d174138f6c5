"""Organisations confirm or contest what the register says of them; the secretariat settles what is contested
(domain.md, "The workflow")."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record as audited
from members.choices import AuditAction
from members.models import Organisation, User
from reporting import mails
from reporting.choices import StatementKind
from reporting.models import (
    Activity,
    ActivityPart,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    SideStatement,
)
from reporting.sides import sides

from .arrangements import ArrangementRecord, record_arrangement
from .bulk import Changes, only_others_work
from .versions import seen_as, writers_of

S = TypeVar("S", PartStatement, SideStatement)
AUDITED = {StatementKind.CONFIRMED: AuditAction.CONFIRMED, StatementKind.CONTESTED: AuditAction.CONTESTED}


def check_reason(kind: StatementKind, reason: str) -> None:
    if kind == StatementKind.CONTESTED and not reason.strip():
        raise ValidationError({"reason": "Say what is wrong with the record."})


def stored(statement: S, open_one: S | None, by: User, now: datetime, since: datetime | None = None) -> S:
    """An organisation has one open statement on a record; a new one takes its place, and both stay. ``since``: when the
    record said last what it says; what was said before that is said anew."""
    if open_one is not None:
        same = says_of(open_one) == says_of(statement)
        if same and (since is None or open_one.made_at >= since):
            return open_one
        close(open_one, "Said it anew." if same else "Took it back.", by, now)
    statement.made_at, statement.made_by = now, by
    statement.full_clean()
    statement.save(force_insert=True)
    changes: Changes = {"statement": (open_one and open_one.kind, statement.kind)}
    for name in ("in_force", "ended"):
        before, after = getattr(open_one, name, None), getattr(statement, name, None)
        if before or after:
            changes[name] = (before, after)
    action = AUDITED[StatementKind(statement.kind)]
    audited(by=by, action=action, obj=statement, changes=changes, reason=statement.reason)
    return statement


def says_of(statement: PartStatement | SideStatement) -> tuple[object, ...]:
    return tuple(getattr(statement, name, None) for name in ("kind", "reason", "in_force", "ended"))


def close(statement: PartStatement | SideStatement, settlement: str, by: User, now: datetime) -> None:
    statement.settled_at, statement.settled_by, statement.settlement = now, by, settlement
    statement.save()


@transaction.atomic
def state_part(
    *, activity: Activity, organisation: Organisation, kind: StatementKind, reason: str, by: User, now: datetime
) -> PartStatement:
    """An organisation says of its own part that it took part as recorded, or contests it with a reason; a contested
    part does not count until that is settled. Raises ValidationError."""
    check_reason(kind, reason)
    activity = Activity.objects.select_for_update(no_key=True).get(pk=activity.pk)
    parts = ActivityPart.objects.filter(version__activity=activity, organisation=organisation)
    if not parts.exists():
        raise ValidationError(f"The record does not name {organisation.name}.")
    open_one = activity.statements.filter(organisation=organisation, settled_at=None).first()
    said = PartStatement(activity=activity, organisation=organisation, kind=kind, reason=reason.strip())
    said = stored(said, open_one, by, now)
    parts.update(contested=said.kind == StatementKind.CONTESTED)
    return said


@transaction.atomic
def settle_part(*, statement: PartStatement, settlement: str, by: User, now: datetime) -> None:
    """The secretariat decides on a contested part, after the record was put right or not: it counts as recorded again.
    Nobody settles a contest of what they entered. Raises ValidationError."""
    activity = Activity.objects.select_for_update(no_key=True).get(pk=statement.activity_id)
    check_settlement(statement, settlement)
    only_others_work(writers_of(activity.versions.latest("number")), by)
    close(statement, settlement.strip(), by, now)
    parts = ActivityPart.objects.filter(version__activity=activity, organisation=statement.organisation_id)
    parts.update(contested=False)
    audited(by=by, action=AuditAction.SETTLED, obj=statement, changes={"settled": (False, True)}, reason=settlement)


@transaction.atomic
def state_side(
    *,
    arrangement: Arrangement,
    organisation: Organisation,
    kind: StatementKind,
    reason: str,
    by: User,
    now: datetime,
    in_force: date | None = None,
    ended: date | None = None,
) -> SideStatement:
    """The same for a party of an arrangement, which may give its own days. As long as the other party is silent, it is
    asked by mail."""
    check_reason(kind, reason)
    arrangement = Arrangement.objects.select_for_update(no_key=True).get(pk=arrangement.pk)
    if organisation.pk not in (arrangement.party_a_id, arrangement.party_b_id):
        raise ValidationError(f"{organisation.name} is not a party of it.")
    open_one = arrangement.statements.filter(organisation=organisation, settled_at=None).first()
    days = {"in_force": in_force, "ended": ended}
    said = SideStatement(arrangement=arrangement, organisation=organisation, kind=kind, reason=reason.strip(), **days)
    newest = arrangement.versions.select_related("arrangement__party_a", "arrangement__party_b").latest("number")
    said = stored(said, open_one, by, now, newest.entered_at)
    mark_contested(arrangement)
    for silent in sides([newest])[arrangement.pk].silent:
        mails.asked_for_its_side(said, newest, silent, now)
    return said


@transaction.atomic
def record_own_arrangement(
    *, record: ArrangementRecord, seen: str, own: Collection[Organisation], by: User, now: datetime
) -> Arrangement:
    """Records an arrangement, which the parties that the person speaks for (``own``) say so with it. Raises Stale."""
    made = record_arrangement(record=record, seen=seen, by=by, now=now)
    for party in own:
        state_side(arrangement=made, organisation=party, kind=StatementKind.CONFIRMED, reason="", by=by, now=now)
    return made


@transaction.atomic
def settle_side(
    *, statement: SideStatement, settlement: str, source: str, by: User, now: datetime, adopt: bool = False
) -> None:
    """The secretariat rules with a source; nobody does on what they entered. ``adopt``: the party is right, so its days
    are recorded, as another version, on which a colleague decides. Raises ValidationError."""
    arrangement = Arrangement.objects.select_for_update(no_key=True).get(pk=statement.arrangement_id)
    check_settlement(statement, settlement)
    if not source.strip():
        raise ValidationError({"source": "Say from which source."})
    only_others_work(writers_of(arrangement.versions.latest("number")), by)
    statement.source = source.strip()
    if adopt:
        record_arrangement(record=as_told(statement), seen=seen_as(arrangement.versions.all()), by=by, now=now)
    close(statement, settlement.strip(), by, now)
    mark_contested(arrangement)
    changes = {"settled": (False, True), "source": ("", statement.source)}
    audited(by=by, action=AuditAction.SETTLED, obj=statement, changes=changes, reason=settlement)


def as_told(statement: SideStatement) -> ArrangementRecord:
    """The record with the days that a party gives, by the source of the ruling."""
    version = statement.arrangement.versions.latest("number")
    said = ArrangementVersion(
        signed=version.signed,
        in_force=statement.in_force or version.in_force,
        ended=statement.ended or version.ended,
        source=statement.source,
        comment=version.comment,
    )
    if said.in_force == version.in_force and said.ended == version.ended:
        raise ValidationError({"ruling": "This party gives no other days. Change the record first, then settle."})
    return ArrangementRecord((statement.arrangement.party_a, statement.arrangement.party_b), said)


def mark_contested(arrangement: Arrangement) -> None:
    contests = arrangement.statements.filter(kind=StatementKind.CONTESTED, settled_at=None)
    arrangement.contested = contests.exists()
    arrangement.save(update_fields=["contested"])


def check_settlement(statement: PartStatement | SideStatement, settlement: str) -> None:
    statement.refresh_from_db()  # somebody may have settled it, or the organisation taken it back
    if statement.kind != StatementKind.CONTESTED or statement.settled_at is not None:
        raise ValidationError("This is settled already.")
    if not settlement.strip():
        raise ValidationError({"settlement": "Say what was decided, and from which source."})
