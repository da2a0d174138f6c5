"""Activities and arrangements are recorded in versions, and decided on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

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
    Arrangement,
    ArrangementVersion,
    PartStatement,
    Suspicion,
)
from workplan.models import Kpi, Plan

from .bulk import BATCH, Changes, Done, Effect, Outcome, Step, difference, done, only, only_others_work, picked, step
from .refusals import Stale

DECISIONS = {
    Decision.UNDECIDED: frozenset({Decision.CONFIRMED, Decision.REFUSED}),
    Decision.CONFIRMED: frozenset({Decision.WITHDRAWN}),
    Decision.REFUSED: frozenset({Decision.CONFIRMED}),
    Decision.WITHDRAWN: frozenset({Decision.CONFIRMED}),
}
"""What was decided -> what may be decided instead."""
AUDITED = {
    Decision.CONFIRMED: AuditAction.CONFIRMED,
    Decision.REFUSED: AuditAction.CHANGED,
    Decision.WITHDRAWN: AuditAction.WITHDRAWN,
}
OF_ACTIVITY = ("title", "kind", "status", "start", "end", "place", "online", "rating", "respondents")
"""What a version says beside parts and links."""
Version = ActivityVersion | ArrangementVersion
V = TypeVar("V", ActivityVersion, ArrangementVersion)
OWNERS: dict[type[Version], str] = {ActivityVersion: "activity", ArrangementVersion: "arrangement"}


@dataclass(frozen=True)
class ActivityRecord:
    """What is to be recorded of an activity, in rows that are not stored yet."""

    reference: str
    version: ActivityVersion
    parts: Sequence[ActivityPart] = ()
    links: Sequence[ActivityLink] = ()
    audience: str | None = None
    """Who may know of it; None: as it is, or as its kind begins."""


@dataclass(frozen=True)
class ArrangementRecord:
    """What is to be recorded of an arrangement. The parties come in any order."""

    parties: tuple[Organisation, Organisation]
    version: ArrangementVersion

    @property
    def pair(self) -> tuple[int, int]:
        a, b = (party.pk for party in self.parties)
        return (min(a, b), max(a, b))


@dataclass(frozen=True)
class Said:
    """A version, stored or not yet, of an activity or arrangement, and all that it says."""

    owner: Activity | Arrangement
    version: Version
    content: dict[str, Any]


# ---------------------------------------------------------------- activities


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
    activities = hold_activities([record.reference for record in records])
    versions = newest_versions(ActivityVersion.objects.filter(activity__in=activities.values()))
    versions = versions.select_related("activity__recorded_by").prefetch_related(
        "parts__organisation", "links__kpi__plan"
    )
    newest = {version.activity.reference: version for version in versions}
    if plan:
        records = [with_other_plans(record, newest.get(record.reference), plan) for record in records]
    outcome = record_versions(
        [said_of_activity(activities[each.reference], each.version, each.parts, each.links, plan) for each in records],
        {
            each.activity_id: said_of_activity(each.activity, each, each.parts.all(), each.links.all(), plan)
            for each in newest.values()
        },
        accept=accept,
        by=by,
        now=now,
        audited=audited,
    )
    store_parts([record for record in records if record.version.pk])
    keep_audiences(records, activities, newest.keys(), by)
    suspect({record.version.activity_id for record in records if record.version.pk}, now)
    return outcome


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


def with_other_plans(record: ActivityRecord, before: ActivityVersion | None, plan: Plan) -> ActivityRecord:
    """The record, with the links of the version before it to KPIs of other plans than this."""
    links = before.links.all() if before else ()
    kept = [ActivityLink(kpi=link.kpi, items=link.items) for link in links if link.kpi.plan_id != plan.pk]
    return replace(record, links=[*record.links, *kept])


def hold_activities(references: Collection[str]) -> dict[str, Activity]:
    """Reference -> activity, made where there was none, and nobody else's until the transaction ends."""
    wanted = [Activity(reference=reference) for reference in sorted(references)]
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
    of_part = ("organises", "contributes", "takes_part", "participants", "women", "head")
    content["parts"] = {part.organisation.code: picked(part, of_part) for part in parts}
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
    for record in records:
        for link in record.links:
            link.version = record.version
        for part in record.parts:
            part.version = record.version
            part.contested = (record.version.activity_id, part.organisation_id) in contested
    parts = [part for record in records for part in record.parts]
    ActivityPart.objects.bulk_create(parts, batch_size=BATCH)
    ActivityLink.objects.bulk_create([link for record in records for link in record.links], batch_size=BATCH)


# ---------------------------------------------------------------- arrangements


@transaction.atomic
def record_arrangements(
    *,
    records: Sequence[ArrangementRecord],
    accept: bool,
    by: User | None,
    now: datetime,
    audited: AuditAction = AuditAction.IMPORTED,
) -> Outcome:
    """Records arrangements by their pair, as activities by their reference."""
    arrangements = hold_arrangements({record.pair for record in records})
    newest = newest_versions(ArrangementVersion.objects.filter(arrangement__in=arrangements.values()))
    return record_versions(
        [said_of_arrangement(arrangements[record.pair], record.version) for record in records],
        {
            each.arrangement_id: said_of_arrangement(each.arrangement, each)
            for each in newest.select_related("arrangement__party_a", "arrangement__party_b")
        },
        accept=accept,
        by=by,
        now=now,
        audited=audited,
    )


def hold_arrangements(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Arrangement]:
    """Pair -> arrangement, made where there was none, and nobody else's until the transaction ends."""
    wanted = [Arrangement(party_a_id=a, party_b_id=b) for a, b in sorted(pairs)]
    Arrangement.objects.bulk_create(wanted, ignore_conflicts=True)
    named = Arrangement.objects.select_related("party_a", "party_b")
    held = {
        (each.party_a_id, each.party_b_id): each
        for each in named.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    return {pair: held[pair] for pair in pairs}


def said_of_arrangement(arrangement: Arrangement, version: ArrangementVersion) -> Said:
    return Said(arrangement, version, picked(version, ("signed", "in_force", "ended", "source", "comment")))


# ---------------------------------------------------------------- versions


def newest_versions(versions: QuerySet[V]) -> QuerySet[V]:
    owner = OWNERS[versions.model]
    later = versions.model._default_manager.filter(**{owner: OuterRef(owner)}, number__gt=OuterRef("number"))
    return versions.exclude(Exists(later))


def record_versions(
    said: Sequence[Said],
    newest: Mapping[int, Said],
    *,
    accept: bool,
    by: User | None,
    now: datetime,
    audited: AuditAction,
) -> Outcome:
    """Stores a version of what is new or differs from the newest one, and confirms what waits."""
    before = [newest.get(each.owner.pk) for each in said]
    steps = [step_of(*each, accept) for each in zip(before, said, strict=True)]
    if fresh := only(said, steps, Step.WRITE):
        write_versions(fresh, newest, accept, by, now, audited)
    outcome = Outcome(tuple(map(done_with, steps, before, said)))
    if waiting := [newest[each.owner.pk].version for each in only(said, steps, Step.DECIDE)]:
        decide(*waiting, to=Decision.CONFIRMED, by=by, now=now, own_work=True)
    return outcome


def step_of(before: Said | None, said: Said, accept: bool) -> Step:
    same = before is not None and before.content == said.content
    return step(before.version.decision if before else "", same=same, accept=accept)


def done_with(step: Step, before: Said | None, said: Said) -> Done:
    decided = {"decision": (before and before.version.decision, Decision.CONFIRMED)}
    return done(step, known=before is not None, changes=changed(before, said), decided=decided)


def changed(before: Said | None, said: Said) -> Changes:
    changes = difference(before.content if before else {}, said.content)
    return {**changes, "decision": (before and before.version.decision, said.version.decision)}


def write_versions(
    fresh: Sequence[Said],
    newest: Mapping[int, Said],
    accept: bool,
    by: User | None,
    now: datetime,
    audited: AuditAction,
) -> None:
    model: Any = type(fresh[0].version)
    decided = {"decision": Decision.CONFIRMED, "decided_at": now, "decided_by": by} if accept else {}
    entries = []
    for each in fresh:
        before = newest.get(each.owner.pk)
        number = before.version.number + 1 if before else 1
        stamps = {OWNERS[model]: each.owner, "number": number, "entered_at": now, "entered_by": by, **decided}
        for name, value in stamps.items():
            setattr(each.version, name, value)
        entries.append(entry(by=by, action=audited, obj=each.owner, changes=changed(before, each)))
    model.objects.bulk_create([each.version for each in fresh], batch_size=BATCH)
    record_all(entries)
    settle_versions(model, [each.owner.pk for each in fresh])


@transaction.atomic
def decide(
    *versions: Version,
    to: Decision,
    by: User | None,
    now: datetime,
    reason: str = "",
    own_work: bool = False,
) -> None:
    """The one function that decides on versions, all of activities or all of arrangements. ``own_work``: as
    in ``move``."""
    model: Any = type(versions[0])
    owner = OWNERS[model]
    hold_owners(model, [getattr(version, f"{owner}_id") for version in versions])
    chosen = model.objects.filter(pk__in=[version.pk for version in versions])
    decisions = dict(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", "decision"))
    for version in versions:
        check_decision(version, Decision(decisions[version.pk]), to)
        if not own_work:
            only_others_work(writers_of(version), by)
            check_is_another(version, to)
    stamps = {"decision": to, "decided_at": now, "decided_by": by, "decision_reason": reason}
    chosen.update(**stamps)
    for version in versions:
        for name, value in stamps.items():
            setattr(version, name, value)
    record_all(
        entry(
            by=by,
            action=AUDITED[to],
            obj=getattr(version, owner),
            changes={"decision": (decisions[version.pk], to)},
            reason=reason,
        )
        for version in versions
    )
    settle_versions(model, [getattr(version, owner).pk for version in versions])


def writers_of(version: Version) -> set[int | None]:
    """Who entered what a decision on this version would be about: it and what it was built on, back to what was
    confirmed before."""
    owner = OWNERS[type(version)]
    rows: Any = type(version)._default_manager.filter(**{owner: getattr(version, f"{owner}_id")})
    earlier = rows.filter(number__lte=version.number).order_by("-number").values_list("pk", "decision", "entered_by")
    wrote = takewhile(lambda row: row[0] == version.pk or row[1] != Decision.CONFIRMED, earlier)
    return {by for _, _, by in wrote}


def hold_owners(model: Any, owners: Collection[int]) -> None:
    held = model._meta.get_field(OWNERS[model]).related_model._default_manager
    list(held.filter(pk__in=owners).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def check_decision(version: Version, decision: Decision, to: Decision) -> None:
    if to not in DECISIONS[decision]:
        raise ValidationError(f"What is decided as “{decision.label}” cannot become “{to.label}”.")
    if to == Decision.CONFIRMED and getattr(version, "status", ActivityStatus.HELD) != ActivityStatus.HELD:
        raise ValidationError("Only an activity that was held can be confirmed.")


def check_is_another(version: Version, to: Decision) -> None:
    """What may be the same event as an earlier record is not confirmed before somebody ruled on that."""
    if to != Decision.CONFIRMED or not isinstance(version, ActivityVersion):
        return
    if version.activity.merged_into:
        raise ValidationError(f"This record is merged into {version.activity.merged_into.reference}: decide on that.")
    earlier = Suspicion.objects.filter(second=version.activity_id, ruling=Likeness.OPEN).select_related("first").first()
    if earlier:
        told = f"This may be the same event as {earlier.first.reference}. Say first whether it is, then confirm it."
        raise ValidationError(told)


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


def settle_versions(model: type[V], owners: Collection[int]) -> None:
    """Says which version of each of these activities or arrangements speaks: on the accepted basis the last
    confirmed one, on the reported basis the last one that is confirmed or undecided."""
    owner = OWNERS[model]
    rows: Any = model._default_manager.filter(**{f"{owner}__in": owners})
    speak: dict[str, dict[int, int]] = {"accepted": {}, "reported": {}}
    standing = rows.filter(activity__merged_into=None) if model is ActivityVersion else rows
    for pk, of, decision in standing.order_by("number").values_list("pk", owner, "decision"):
        if decision == Decision.CONFIRMED:
            speak["accepted"][of] = pk
        if decision in (Decision.CONFIRMED, Decision.UNDECIDED):
            speak["reported"][of] = pk
    for basis, chosen in speak.items():
        speaking = set(rows.filter(**{basis: True}).values_list("pk", flat=True))
        # One speaks at a time, so the old one falls silent first.
        rows.filter(pk__in=speaking - set(chosen.values())).update(**{basis: False})
        rows.filter(pk__in=set(chosen.values()) - speaking).update(**{basis: True})


# ---------------------------------------------------------------- one record, in the browser

CHANGED = "Somebody else changed this record after you opened it. Look at it again."


def seen_as(versions: QuerySet[V]) -> str:
    """What a form carries of a record: its newest version; "0" where there is none."""
    return str(versions.order_by("-number").values_list("pk", flat=True).first() or 0)


@transaction.atomic
def record_activity(
    *, record: ActivityRecord, recorded_by: Organisation | None, seen: str, by: User, now: datetime, plan: Plan
) -> Activity:
    """Records one activity, which is then ``recorded_by``'s for good; or changes it: another version, which waits for a
    decision. ``seen``: the newest version as the person saw it. The same once more changes nothing, so a second click
    is harmless. Raises Stale."""
    activity = hold_activities([record.reference])[record.reference]
    known = seen_as(activity.versions.all())
    if known == "0":
        activity.recorded_by = recorded_by
        activity.save(update_fields=["recorded_by"])
    action = AuditAction.CHANGED if known != "0" else AuditAction.CREATED
    outcome = record_activities(records=[record], accept=False, by=by, now=now, plan=plan, audited=action)
    if known != seen and outcome.rows[0].effect is not Effect.UNCHANGED:
        raise Stale(CHANGED)
    return activity


@transaction.atomic
def record_arrangement(*, record: ArrangementRecord, seen: str, by: User, now: datetime) -> Arrangement:
    """The same for an arrangement."""
    arrangement = hold_arrangements([record.pair])[record.pair]
    known = seen_as(arrangement.versions.all())
    action = AuditAction.CHANGED if known != "0" else AuditAction.CREATED
    outcome = record_arrangements(records=[record], accept=False, by=by, now=now, audited=action)
    if known != seen and outcome.rows[0].effect is not Effect.UNCHANGED:
        raise Stale(CHANGED)
    return arrangement


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


@transaction.atomic
def state_numbers(
    *, activity: Activity, organisation: Organisation, numbers: Mapping[str, Any], seen: str, by: User, now: datetime
) -> bool:
    """An organisation states its own participants, women and head of delegation (``numbers``): another version, which
    waits for a decision. Returns whether anything was different. Raises Stale."""
    hold_activities([activity.reference])
    record = newest_record(activity)
    part = next(each for each in record.parts if each.organisation_id == organisation.pk)
    if all(getattr(part, name) == value for name, value in numbers.items()):
        return False
    if seen_as(activity.versions.all()) != seen:
        raise Stale(CHANGED)
    for name, value in numbers.items():
        setattr(part, name, value)
    record_activities(records=[record], accept=False, by=by, now=now, audited=AuditAction.CHANGED)
    return True


def newest_record(activity: Activity) -> ActivityRecord:
    """What its newest version says, in rows that are not stored yet."""
    version = activity.versions.prefetch_related("parts__organisation", "links__kpi").latest("number")
    parts, links = list(version.parts.all()), list(version.links.all())
    for row in (version, *parts, *links):
        row.pk, row._state.adding = None, True
    version.decision, version.decision_reason = Decision.UNDECIDED, ""
    version.decided_at = version.decided_by = None
    version.accepted = version.reported = False
    return ActivityRecord(activity.reference, version, parts, links)


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
