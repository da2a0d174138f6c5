"""What the records of both registers have in common: their versions, which of them speaks, and decisions on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Value

from members.audit import entry, record_all
from members.choices import AuditAction
from members.models import User
from reporting.choices import ActivityStatus, Decision, Likeness
from reporting.models import (
    Activity,
    ActivityVersion,
    Arrangement,
    ArrangementVersion,
    Suspicion,
)

from .bulk import (
    BATCH,
    Changes,
    Done,
    Outcome,
    Step,
    difference,
    done,
    only,
    only_others_work,
    step,
)

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
Version = ActivityVersion | ArrangementVersion
V = TypeVar("V", ActivityVersion, ArrangementVersion)
K = TypeVar("K")
OWNERS: dict[type[Version], str] = {ActivityVersion: "activity", ArrangementVersion: "arrangement"}


@dataclass(frozen=True)
class Said:
    """A version, stored or not yet, of an activity or arrangement, and all that it says."""

    owner: Activity | Arrangement
    version: Version
    content: dict[str, Any]


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


def compared(said: Sequence[Said], newest: Mapping[int, Said]) -> Outcome:
    """What ``record_versions`` would do, confirming nothing."""
    before = [newest.get(each.owner.pk) for each in said]
    steps = [step_of(*each, False) for each in zip(before, said, strict=True)]
    return Outcome(tuple(map(done_with, steps, before, said)))


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
        if before is None:  # the first one speaks from the beginning
            stamps |= {"accepted": accept, "reported": True}
        for name, value in stamps.items():
            setattr(each.version, name, value)
        entries.append(entry(by=by, action=audited, obj=each.owner, changes=changed(before, each)))
    model.objects.bulk_create([each.version for each in fresh], batch_size=BATCH)
    record_all(entries)
    settle_versions(model, [each.owner.pk for each in fresh if each.owner.pk in newest])


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


SPEAKS = {"accepted": {Decision.CONFIRMED}, "reported": {Decision.CONFIRMED, Decision.UNDECIDED}}
"""Basis -> the decisions on a version that speaks on it; the last of them does."""


def settle_versions(model: type[V], owners: Collection[int]) -> None:
    """Says which version of each of these activities or arrangements speaks: on the accepted basis the last
    confirmed one, on the reported basis the last one that is confirmed or undecided."""
    if not owners:
        return
    owner = OWNERS[model]
    rows: Any = model._default_manager.filter(**{f"{owner}__in": owners})
    merged = F("activity__merged_into") if model is ActivityVersion else Value(None, BigIntegerField())
    said = rows.annotate(merged=merged).order_by("number")
    found = list(said.values_list("pk", owner, "decision", "merged", "accepted", "reported", named=True))
    for basis, counting in SPEAKS.items():
        speaking = {each.pk for each in found if getattr(each, basis)}
        chosen = {getattr(each, owner): each.pk for each in found if each.decision in counting and not each.merged}
        # One speaks at a time, so the old one falls silent first.
        rows.filter(pk__in=speaking - set(chosen.values())).update(**{basis: False})
        rows.filter(pk__in=set(chosen.values()) - speaking).update(**{basis: True})


CHANGED = "Somebody else changed this record after you opened it. Look at it again."


def seen_in(newest: Mapping[K, V], record: K) -> str:
    """The same of newest versions that were read already."""
    return str(newest[record].pk) if record in newest else "0"


def seen_as(versions: QuerySet[V]) -> str:
    """What a form carries of a record: its newest version; "0" where there is none."""
    return str(versions.order_by("-number").values_list("pk", flat=True).first() or 0)
