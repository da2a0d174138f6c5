"""Organisations confirm or contest what the register says of them; the secretariat settles what is contested
(domain.md, "The workflow")."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from members.audit import entry as audit_entry
from members.audit import record as audited
from members.audit import record_all
from members.choices import AuditAction
from members.models import AuditEntry, Organisation, User
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

from .arrangements import (
    ArrangementRecord,
    hold_arrangements,
    newest_of_arrangements,
    record_arrangement,
    write_arrangements,
)
from .bulk import BATCH, Changes, only_others_work
from .refusals import Stale
from .versions import CHANGED, newest_versions, seen_as, seen_in, writers_of

S = TypeVar("S", PartStatement, SideStatement)
AUDITED = {StatementKind.CONFIRMED: AuditAction.CONFIRMED, StatementKind.CONTESTED: AuditAction.CONTESTED}


def check_reason(kind: StatementKind, reason: str) -> None:
    if kind == StatementKind.CONTESTED and not reason.strip():
        raise ValidationError({"reason": "Say what is wrong with the record."})


def stored(statement: S, open_one: S | None, by: User, now: datetime) -> S:
    """An organisation has one open statement on a record; a new one takes its place, and both stay."""
    if open_one is not None and says_of(open_one) == says_of(statement):
        return open_one
    [said] = store([(statement, open_one)], by, now)
    return said


def store(said: Sequence[tuple[S, S | None]], by: User, now: datetime) -> list[S]:
    """Each in the place of the open one beside it. In as many queries as for one, but for what is contested, of which
    the days are looked at. Raises ValidationError."""
    made, closed = [each for each, _ in said], [before for _, before in said if before]
    for each, before in said:
        if before:
            before.settlement = "Said it anew." if says_of(before) == says_of(each) else "Took it back."
            before.settled_at, before.settled_by = now, by
        each.made_at, each.made_by = now, by
    model: Any = type(made[0]) if made else SideStatement
    model.objects.bulk_update(closed, ["settled_at", "settled_by", "settlement"], batch_size=BATCH)
    for each in made:
        if each.kind == StatementKind.CONTESTED:
            each.full_clean()
    model.objects.bulk_create(made, batch_size=BATCH)
    record_all(entry_of(each, before, by) for each, before in said)
    return made


def entry_of(statement: S, before: S | None, by: User) -> AuditEntry:
    changes: Changes = {"statement": (before and before.kind, statement.kind)}
    for name in ("in_force", "ended"):
        was, says = getattr(before, name, None), getattr(statement, name, None)
        if was or says:
            changes[name] = (was, says)
    action = AUDITED[StatementKind(statement.kind)]
    return audit_entry(by=by, action=action, obj=statement, changes=changes, reason=statement.reason)


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
    if organisation.pk not in (arrangement.party_a_id, arrangement.party_b_id):
        raise ValidationError(f"{organisation.name} is not a party of it.")
    days = {"in_force": in_force, "ended": ended}
    said = SideStatement(arrangement=arrangement, organisation=organisation, kind=kind, reason=reason.strip(), **days)
    [said] = state_sides([said], by, now)
    return said


@transaction.atomic
def state_sides(said: Sequence[SideStatement], by: User, now: datetime) -> list[SideStatement]:
    """What one organisation says of its side of some arrangements; what it said already of the records as they are is
    not said again. In as many queries as for one."""
    wanted = {each.arrangement_id for each in said}
    list(Arrangement.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk"))
    return store_sides(said, by, now)


def store_sides(said: Sequence[SideStatement], by: User, now: datetime) -> list[SideStatement]:
    """The same of arrangements that are held."""
    wanted = {each.arrangement_id for each in said}
    about = ("arrangement__party_a", "arrangement__party_b")
    rows = newest_versions(ArrangementVersion.objects.filter(arrangement__in=wanted).select_related(*about))
    newest = {version.arrangement_id: version for version in rows}
    whose = {each.organisation_id for each in said}
    open_ones = {
        (each.arrangement_id, each.organisation_id): each
        for each in SideStatement.objects.filter(arrangement__in=wanted, organisation__in=whose, settled_at=None)
    }
    found: list[SideStatement] = []
    fresh: list[tuple[SideStatement, SideStatement | None]] = []
    for each in said:
        before, since = (
            open_ones.get((each.arrangement_id, each.organisation_id)),
            newest[each.arrangement_id].entered_at,
        )
        if before and says_of(before) == says_of(each) and before.made_at >= since:
            found.append(before)
        else:
            fresh.append((each, before))
    found += store(fresh, by, now)
    mark_contested(wanted)
    told = sides(newest.values())
    fresh_ones = [(each, newest[each.arrangement_id]) for each, _ in fresh]
    silent = [
        mails.Silent(each, record, code) for each, record in fresh_ones for code in told[record.arrangement_id].silent
    ]
    mails.asked_for_their_sides(silent, now)
    return found


@dataclass(frozen=True)
class OwnArrangement:
    """An arrangement as the people of a party state it. ``seen``: its newest version as they saw it; ``own``: the
    parties that they speak for."""

    record: ArrangementRecord
    seen: str
    own: Collection[Organisation]


@transaction.atomic
def record_own_arrangement(
    *, record: ArrangementRecord, seen: str, own: Collection[Organisation], by: User, now: datetime
) -> Arrangement:
    """Records an arrangement, which the parties that the person speaks for (``own``) say so with it. Raises Stale."""
    made = record_arrangement(record=record, seen=seen, by=by, now=now)
    confirm_sides([(made, party) for party in own], by, now)
    return made


@transaction.atomic
def record_own_arrangements(*, said: Sequence[OwnArrangement], by: User | None, now: datetime) -> None:
    """The same for many, all or none, in as many queries as for one. Raises Stale."""
    records = [each.record for each in said]
    held = hold_arrangements({each.pair for each in records})
    newest = newest_of_arrangements()
    if any(seen_in(newest, each.record.pair) != each.seen for each in said):
        raise Stale(CHANGED)
    write_arrangements(records=records, held=held, newest=newest, accept=False, by=by, now=now)
    if by is not None:
        sides_said = [(held[each.record.pair], party) for each in said for party in each.own]
        confirm_sides(without_contests(sides_said), by, now)


def without_contests(pairs: Sequence[tuple[Arrangement, Organisation]]) -> list[tuple[Arrangement, Organisation]]:
    """Nobody takes a contest back by recording something else of the arrangement: that is said by itself."""
    contests = SideStatement.objects.filter(
        arrangement__in=[pair for pair, _ in pairs], kind=StatementKind.CONTESTED, settled_at=None
    )
    open_ones = set(contests.values_list("arrangement", "organisation"))
    return [(pair, party) for pair, party in pairs if (pair.pk, party.pk) not in open_ones]


def confirm_sides(pairs: Iterable[tuple[Arrangement, Organisation]], by: User, now: datetime) -> None:
    """Of arrangements that are held."""
    kind = StatementKind.CONFIRMED
    store_sides([SideStatement(arrangement=pair, organisation=party, kind=kind) for pair, party in pairs], by, now)


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
    mark_contested([arrangement.pk])
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


def mark_contested(arrangements: Collection[int]) -> None:
    contests = SideStatement.objects.filter(arrangement=OuterRef("pk"), kind=StatementKind.CONTESTED, settled_at=None)
    Arrangement.objects.filter(pk__in=arrangements).update(contested=Exists(contests))


def check_settlement(statement: PartStatement | SideStatement, settlement: str) -> None:
    statement.refresh_from_db()  # somebody may have settled it, or the organisation taken it back
    if statement.kind != StatementKind.CONTESTED or statement.settled_at is not None:
        raise ValidationError("This is settled already.")
    if not settlement.strip():
        raise ValidationError({"settlement": "Say what was decided, and from which source."})
