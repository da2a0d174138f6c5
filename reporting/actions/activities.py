"""Activities are recorded in versions, with their parts and the KPIs that they count for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min, Prefetch, Q

from members.audit import entry, record_all
from members.choices import AuditAction
from members.models import Organisation, User
from reporting.audience import at_first
from reporting.choices import ActivityStatus, Decision, Likeness, StatementKind
from reporting.duplicates import events, newest_that_stand, pairs
from reporting.models import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    PartStatement,
    Suspicion,
)
from workplan.models import Kpi, Plan

from .bulk import (
    BATCH,
    Effect,
    Outcome,
    insert_rows,
    only_others_work,
    picked,
)
from .refusals import Stale
from .versions import (
    CHANGED,
    Said,
    compared,
    decide,
    hold_owners,
    newest_versions,
    record_versions,
    seen_as,
    writers_of,
)

OF_ACTIVITY = ("title", "kind", "status", "start", "end", "place", "online", "rating", "respondents")
"""What a version says beside parts and links."""
SAID_OF_PART = ("organises", "contributes", "takes_part", "participants", "women", "head")
ASKED_ANEW = "The record changed, so it is asked again."
of_part = attrgetter("organisation_id", *SAID_OF_PART)


@dataclass(frozen=True)
class ActivityRecord:
    """What is to be recorded of an activity, in rows that are not stored yet."""

    reference: str
    version: ActivityVersion
    parts: Sequence[ActivityPart] = ()
    links: Sequence[ActivityLink] = ()
    audience: str | None = None
    """Who may know of it; None: as it is, or as its kind begins."""
    keeps: tuple[str, ...] = ()
    """Of what a version says (``OF_ACTIVITY``), that of which nothing is said here: it stays as it is."""


@transaction.atomic
def record_activities(
    *,
    records: Sequence[ActivityRecord],
    accept: bool,
    by: User | None,
    now: datetime,
    plan: Plan | None = None,
    audited: AuditAction = AuditAction.IMPORTED,
) -> Outcome:
    """Records activities by their reference: a new version where anything differs from the newest one.
    ``accept``: confirmed at once. ``plan``: the links are all those to its KPIs, and those to other plans stay."""
    held = hold_activities([record.reference for record in records])
    newest = newest_of_activities(held)
    outcome, written = write_activities(
        records=records, held=held, newest=newest, accept=accept, by=by, now=now, plan=plan, audited=audited
    )
    suspect(written, now)
    return outcome


def write_activities(
    *,
    records: Sequence[ActivityRecord],
    held: Mapping[str, Activity],
    newest: Mapping[str, ActivityVersion],
    accept: bool,
    by: User | None,
    now: datetime,
    plan: Plan | None = None,
    audited: AuditAction = AuditAction.IMPORTED,
) -> tuple[Outcome, set[int]]:
    """The same of activities that are ``held``, of which the ``newest`` versions were read since, without a look at
    which of them may be one with another; and which of them have a new version."""
    activities = {record.reference: held[record.reference] for record in records}
    records = [with_what_stays(record, newest.get(record.reference), plan) for record in records]
    outcome = record_versions(
        [said_of_activity(activities[each.reference], each.version, each.parts, each.links, plan) for each in records],
        {each.activity_id: said_in(each, plan) for each in newest.values()},
        accept=accept,
        by=by,
        now=now,
        audited=audited,
    )
    stored = [record for record in records if record.version.pk]
    store_parts(stored)
    ask_anew(stored, newest, by, now)
    keep_audiences(records, activities, newest.keys(), by)
    return outcome, {record.version.activity_id for record in records if record.version.pk}


def ask_anew(
    records: Sequence[ActivityRecord], newest: Mapping[str, ActivityVersion], by: User | None, now: datetime
) -> None:
    """Who said that its part is right said it of what stood there. Where somebody else changes that, or the days, it is
    asked again."""
    own = {held.organisation_id for held in by.held_roles} if by else set()
    changed = {
        (record.version.activity_id, part.organisation_id)
        for record in records
        if (before := newest.get(record.reference))
        for part in changed_parts(record, before)
        if part.organisation_id not in own
    }
    said = PartStatement.objects.filter(
        kind=StatementKind.CONFIRMED, settled_at=None, activity__in={activity for activity, _ in changed}
    ).select_related("activity", "organisation")
    again = [each for each in said if (each.activity_id, each.organisation_id) in changed]
    for each in again:
        each.settled_at, each.settled_by, each.settlement = now, by, ASKED_ANEW
    PartStatement.objects.bulk_update(again, ["settled_at", "settled_by", "settlement"], batch_size=BATCH)
    changes = {"settled": (False, True)}
    record_all(
        [entry(by=by, action=AuditAction.CHANGED, obj=each, changes=changes, reason=ASKED_ANEW) for each in again]
    )


def changed_parts(record: ActivityRecord, before: ActivityVersion) -> Iterator[ActivityPart]:
    was = {part.organisation_id: of_part(part) for part in before.parts.all()}
    moved = (record.version.start, record.version.end) != (before.start, before.end)
    for part in record.parts:
        if part.organisation_id in was and (moved or of_part(part) != was[part.organisation_id]):
            yield part


def newest_of_activities(references: Collection[str]) -> dict[str, ActivityVersion]:
    """Reference -> the newest version with all that it says."""
    versions = newest_versions(ActivityVersion.objects.filter(activity__reference__in=references))
    versions = versions.select_related("activity__recorded_by", "activity__merged_into").prefetch_related(
        "parts__organisation", Prefetch("links__kpi", Kpi.objects.select_related("plan"))
    )
    return {version.activity.reference: version for version in versions}


def said_in(version: ActivityVersion, plan: Plan | None) -> Said:
    """What a stored version says."""
    return said_of_activity(version.activity, version, version.parts.all(), version.links.all(), plan)


def compare_activities(
    *, records: Sequence[ActivityRecord], newest: Mapping[str, ActivityVersion], plan: Plan
) -> Outcome:
    """What recording them would do; nothing is written. ``newest``: by reference, of those that are there."""
    records = [with_what_stays(record, newest.get(record.reference), plan) for record in records]
    owners = {each.reference: each for each in (version.activity for version in newest.values())}
    said = [
        said_of_activity(owners.get(each.reference) or Activity(), each.version, each.parts, each.links, plan)
        for each in records
    ]
    return compared(said, {each.activity_id: said_in(each, plan) for each in newest.values()})


def keep_audiences(
    records: Sequence[ActivityRecord], activities: Mapping[str, Activity], known: Collection[str], by: User | None
) -> None:
    """Who may know of an activity is no part of what counts: it changes at once, and waits for no decision."""
    changed, entries = [], []
    for record in records:
        activity = activities[record.reference]
        as_it_is = activity.audience if record.reference in known else at_first(record.version.kind)
        audience = record.audience or as_it_is
        if audience != activity.audience:
            changes = {"audience": (activity.audience, audience)}
            activity.audience = audience
            changed.append(activity)
            entries.append(entry(by=by, action=AuditAction.CHANGED, obj=activity, changes=changes))
    Activity.objects.bulk_update(changed, ["audience"], batch_size=BATCH)
    record_all(entries)


def with_what_stays(record: ActivityRecord, before: ActivityVersion | None, plan: Plan | None) -> ActivityRecord:
    """The record, with what it says nothing of as the version before has it."""
    for name in record.keeps if before else ():
        setattr(record.version, name, getattr(before, name))
    return with_other_plans(record, before, plan) if plan else record


def with_other_plans(record: ActivityRecord, before: ActivityVersion | None, plan: Plan) -> ActivityRecord:
    """The record, with the links of the version before it to KPIs of other plans than this."""
    links = before.links.all() if before else ()
    kept = [ActivityLink(kpi=link.kpi, items=link.items) for link in links if link.kpi.plan_id != plan.pk]
    return replace(record, links=[*record.links, *kept])


def hold_activities(references: Collection[str], recorded_by: Organisation | None = None) -> dict[str, Activity]:
    """Reference -> activity, made where there was none, and nobody else's until the transaction ends. ``recorded_by``:
    whose those are for good that are made."""
    wanted = [Activity(reference=reference, recorded_by=recorded_by) for reference in sorted(references)]
    Activity.objects.bulk_create(wanted, ignore_conflicts=True)
    held = Activity.objects.filter(reference__in=references).select_related("recorded_by").order_by("pk")
    held = held.select_for_update(of=("self",), no_key=True)
    return {activity.reference: activity for activity in held}


def said_of_activity(
    activity: Activity,
    version: ActivityVersion,
    parts: Iterable[ActivityPart],
    links: Iterable[ActivityLink],
    plan: Plan | None,
) -> Said:
    content = picked(version, OF_ACTIVITY)
    content["parts"] = {part.organisation.code: picked(part, SAID_OF_PART) for part in parts}
    content["kpis"] = {name_in(plan, link.kpi): link.items for link in links}
    if activity.recorded_by:
        content["recorded_by"] = activity.recorded_by.code
    return Said(activity, version, content)


def name_in(plan: Plan | None, kpi: Kpi) -> str:
    """Its code; for another plan than this also that plan's, since plans share codes."""
    return kpi.code if plan is None or kpi.plan_id == plan.pk else f"{kpi.plan.code} {kpi.code}"


def store_parts(records: Sequence[ActivityRecord]) -> None:
    """Stores parts and links of versions that are stored. A part that is contested stays so."""
    contests = PartStatement.objects.filter(
        kind=StatementKind.CONTESTED,
        settled_at=None,
        activity__in=[record.version.activity_id for record in records],
    )
    contested = set(contests.values_list("activity_id", "organisation_id"))
    parts: list[tuple[Any, ...]] = []
    links: list[tuple[Any, ...]] = []
    for version, record in ((record.version, record) for record in records):
        for part in record.parts:
            is_contested = (version.activity_id, part.organisation_id) in contested
            parts.append((version.pk, *of_part(part), is_contested))
        links.extend((version.pk, link.kpi_id, link.items) for link in record.links)
    insert_rows(ActivityPart, ("version", "organisation", *SAID_OF_PART, "contested"), parts)
    insert_rows(ActivityLink, ("version", "kpi", "items"), links)


def suspect(changed: Collection[int], now: datetime) -> None:
    """Notes which of these activities may be one with another, and forgets what nobody ruled on and is no more so."""
    newest = newest_versions(ActivityVersion.objects.filter(activity__in=changed))
    days = newest.aggregate(first=Min("start"), last=Max("day"))
    if days["first"] is None:
        return
    found = set(pairs(events(newest_that_stand(days["first"], days["last"])), changed))
    open_ones = Suspicion.objects.filter(Q(first__in=changed) | Q(second__in=changed), ruling=Likeness.OPEN)
    gone = [pk for pk, *pair in open_ones.values_list("pk", "first", "second") if tuple(pair) not in found]
    Suspicion.objects.filter(pk__in=gone).delete()
    made = [Suspicion(first_id=first, second_id=second, noticed_at=now) for first, second in sorted(found)]
    Suspicion.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)


@transaction.atomic
def record_activity(
    *, record: ActivityRecord, recorded_by: Organisation | None, seen: str, by: User, now: datetime, plan: Plan
) -> Activity:
    """Records one activity, which is then ``recorded_by``'s for good; or changes it: another version, which waits for a
    decision. ``seen``: the newest version as the person saw it. The same once more changes nothing, so a second click
    is harmless. Raises Stale."""
    activity = hold_activities([record.reference], recorded_by)[record.reference]
    known = seen_as(activity.versions.all())
    action = AuditAction.CHANGED if known != "0" else AuditAction.CREATED
    outcome = record_activities(records=[record], accept=False, by=by, now=now, plan=plan, audited=action)
    if known != seen and outcome.rows[0].effect is not Effect.UNCHANGED:
        raise Stale(CHANGED)
    return activity


@transaction.atomic
def cancel_activity(*, activity: Activity, seen: str, by: User, now: datetime) -> None:
    """It was not held: another version says so. Raises Stale and ValidationError."""
    hold_activities([activity.reference])
    if seen_as(activity.versions.all()) != seen:
        raise Stale(CHANGED)
    record = newest_record(activity)
    if record.version.status == ActivityStatus.CANCELLED:
        raise ValidationError("This activity is cancelled already.")
    record.version.status = ActivityStatus.CANCELLED
    record_activities(records=[record], accept=False, by=by, now=now, audited=AuditAction.CANCELLED)


@dataclass(frozen=True)
class OwnNumbers:
    """Participants, women and head of delegation (``numbers``), as an organisation states its own in an activity.
    ``seen``: the newest version as the person saw it."""

    activity: Activity
    numbers: Mapping[str, Any]
    seen: str


@transaction.atomic
def state_numbers(*, organisation: Organisation, said: Sequence[OwnNumbers], by: User | None, now: datetime) -> int:
    """Of each activity another version with the own numbers, which waits for a decision; all or none, in as many
    queries as for one. Returns of how many anything was different. Raises Stale."""
    held = hold_activities({each.activity.reference for each in said})
    newest = newest_of_activities(held)
    written = write_numbers(organisation=organisation, said=said, held=held, newest=newest, by=by, now=now)
    suspect(written, now)
    return len(written)


def write_numbers(
    *,
    organisation: Organisation,
    said: Sequence[OwnNumbers],
    held: Mapping[str, Activity],
    newest: Mapping[str, ActivityVersion],
    by: User | None,
    now: datetime,
) -> set[int]:
    """The same of activities that are held, as in ``write_activities``; which of them have a new version."""
    changed = [each for each in said if differs(newest[each.activity.reference], organisation, each.numbers)]
    if any(str(newest[each.activity.reference].pk) != each.seen for each in changed):
        raise Stale(CHANGED)
    records = [record_again(newest[each.activity.reference]) for each in changed]
    for each, record in zip(changed, records, strict=True):
        for name, value in each.numbers.items():
            setattr(part_in(record.parts, organisation), name, value)
    told: dict[str, Any] = {"by": by, "now": now, "audited": AuditAction.CHANGED}
    _, written = write_activities(records=records, held=held, newest=newest, accept=False, **told)
    return written


def differs(version: ActivityVersion, organisation: Organisation, numbers: Mapping[str, Any]) -> bool:
    part = part_in(version.parts.all(), organisation)
    return any(getattr(part, name) != value for name, value in numbers.items())


def part_in(parts: Iterable[ActivityPart], organisation: Organisation) -> ActivityPart:
    return next(each for each in parts if each.organisation_id == organisation.pk)


def newest_record(activity: Activity) -> ActivityRecord:
    """What its newest version says, in rows that are not stored yet."""
    return record_again(newest_of_activities([activity.reference])[activity.reference])


def record_again(stored: ActivityVersion) -> ActivityRecord:
    """What a stored version says (``newest_of_activities``), in rows that are not stored yet."""
    version, parts, links = copy(stored), [*map(copy, stored.parts.all())], [*map(copy, stored.links.all())]
    for row in (version, *parts, *links):
        row.pk, row._state.adding = None, True
    version.decision, version.decision_reason = Decision.UNDECIDED, ""
    version.decided_at = version.decided_by = None
    version.accepted = version.reported = False
    return ActivityRecord(stored.activity.reference, version, parts, links)


@transaction.atomic
def stop_counting(*, cancelled: ActivityVersion, by: User, now: datetime, reason: str) -> None:
    """The secretariat agrees that an activity was cancelled: what was confirmed of it counts no more. Only what was
    held can be confirmed, so the version that says so stays as it is. Raises Stale and ValidationError."""
    hold_owners(ActivityVersion, [cancelled.activity_id])
    versions = cancelled.activity.versions.all()
    if seen_as(versions) != str(cancelled.pk):
        raise Stale(CHANGED)
    only_others_work(writers_of(cancelled), by)
    if not (confirmed := list(versions.filter(decision=Decision.CONFIRMED).select_related("activity"))):
        raise ValidationError("Nothing of this activity counts, so there is nothing to decide.")
    decide(*confirmed, to=Decision.WITHDRAWN, by=by, now=now, reason=reason, own_work=True)
