"""Every write on what is collected. Each is one transaction with its audit entries, acts for ``by`` (nobody: the command
line) at the moment ``now``, and does its work in a number of queries that does not depend on how many rows it gets.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, Model, OuterRef, Window
from django.db.models.functions import Lead

from members.audit import entry, record, record_all
from members.choices import AuditAction
from members.models import AuditEntry, Organisation, User
from workplan.choices import Standing
from workplan.models import Kpi, Plan

from . import workflow
from .choices import AnswerStatus, Decision, StatementKind
from .models import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    Recorded,
    Round,
    Submission,
)
from .questions import questions_of

Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Outcome:
    """What a bulk entry did, in rows."""

    new: int
    changed: int
    unchanged: int


class Step(Enum):
    """What is done with a row of a bulk entry."""

    KEEP = "nothing: it says what is known"
    DECIDE = "accept what was sent"
    WRITE = "write a new version"


COUNTED = frozenset({AnswerStatus.ACCEPTED, Decision.CONFIRMED})
UNDECIDED = frozenset({AnswerStatus.SUBMITTED, Decision.UNDECIDED})
UNSENT = frozenset({AnswerStatus.DRAFT, AnswerStatus.AWAITING_APPROVAL})


def step(state: str, *, same: bool, accept: bool) -> Step:
    """``state``: that of the newest version; ``same``: does the row say what that version says."""
    if not same or state in UNSENT:
        return Step.WRITE
    if not accept or state in COUNTED:
        return Step.KEEP
    return Step.DECIDE if state in UNDECIDED else Step.WRITE


def picked(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {name: (before.get(name), after[name]) for name in after if before.get(name) != after[name]}


def only_others_work(entered: Iterable[int | None], by: User | None) -> None:
    if by is not None and by.pk in entered:
        raise ValidationError("Nobody decides on what they entered or sent themselves.")


# ---------------------------------------------------------------- rounds


@transaction.atomic
def create_round(
    *,
    plan: Plan,
    code: str,
    title: str,
    as_at: date,
    opens_at: datetime | None,
    closes_at: datetime | None,
    time_zone: str,
    by: User | None,
) -> Round:
    if Round.objects.filter(code=code).exists():
        raise ValidationError(f"There is a round {code} already.")
    fields = {"title": title, "as_at": as_at, "opens_at": opens_at, "closes_at": closes_at, "time_zone": time_zone}
    created = Round(plan=plan, code=code, **fields)
    created.full_clean()
    created.save(force_insert=True)
    record(by=by, action=AuditAction.CREATED, obj=created, changes=difference({}, {"code": code, **fields}))
    return created


@transaction.atomic
def open_round(*, collection: Round, by: User | None, now: datetime) -> int:
    """Opens the round and gives everybody who is asked a submission; says how many are asked."""
    hold(Plan.objects.filter(pk=collection.plan_id))
    collection.refresh_from_db()
    if collection.closed_at is not None:
        raise ValidationError(f"Round {collection.code} was open and is closed.")
    if collection.opened_at is not None:
        raise ValidationError(f"Round {collection.code} is open already.")
    collection.opened_at = now
    collection.save(update_fields=["opened_at"])
    asked = frozenset[str]().union(*(question.asked for question in questions_of(collection).values()))
    give_submissions(collection, Organisation.objects.filter(code__in=asked))
    record(by=by, action=AuditAction.OPENED, obj=collection, changes={"opened_at": (None, now)})
    settle_answers(keys_of(Answer.objects.filter(submission__round=collection, state=AnswerStatus.ACCEPTED)))
    return len(asked)


@transaction.atomic
def close_round(*, collection: Round, by: User | None, now: datetime) -> None:
    collection.refresh_from_db(from_queryset=Round.objects.select_for_update())
    if collection.opened_at is None:
        raise ValidationError(f"Round {collection.code} has not been opened.")
    if collection.closed_at is not None:
        raise ValidationError(f"Round {collection.code} is closed already.")
    collection.closed_at = now
    collection.save(update_fields=["closed_at"])
    record(by=by, action=AuditAction.CLOSED, obj=collection, changes={"closed_at": (None, now)})


def hold(plans: models.QuerySet[Plan]) -> None:
    """One at a time writes what counts in a plan: an accepted answer also touches those of other rounds."""
    list(plans.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def give_submissions(collection: Round, organisations: Iterable[Organisation]) -> dict[int, Submission]:
    """Organisation -> its submission in the round, made where there was none."""
    wanted = [Submission(round=collection, organisation=each) for each in organisations]
    Submission.objects.bulk_create(wanted, ignore_conflicts=True)
    return {submission.organisation_id: submission for submission in collection.submissions.all()}


# ---------------------------------------------------------------- answers

Key = tuple[int, int, int | None]
"""Organisation, KPI, plan year: what a later answer replaces an earlier one on."""

SAYS = (
    "standing", "participated", "value", "numerator", "denominator", "register_complete", "comment", "evidence_url",
)  # fmt: skip
MOVES = {
    AnswerStatus.DRAFT: AuditAction.WITHDRAWN,
    AnswerStatus.AWAITING_APPROVAL: AuditAction.SENT_TO_APPROVER,
    AnswerStatus.SUBMITTED: AuditAction.SUBMITTED,
    AnswerStatus.ACCEPTED: AuditAction.ACCEPTED,
    AnswerStatus.RETURNED: AuditAction.RETURNED,
}
UNSENT_FIELDS = {"sent_at": None, "sent_by": None}
UNDECIDED_FIELDS = {"decided_at": None, "decided_by": None, "decision_reason": "", "correct_by": None}


def key_of(answer: Answer) -> Key:
    return (answer.organisation_id, answer.kpi_id, answer.plan_year)


def keys_of(answers: models.QuerySet[Answer]) -> set[Key]:
    return set(answers.order_by().values_list("organisation_id", "kpi_id", "plan_year"))


@transaction.atomic
def move(
    *answers: Answer,
    to: AnswerStatus,
    by: User | None,
    now: datetime,
    reason: str = "",
    correct_by: date | None = None,
    own_work: bool = False,
) -> None:
    """The one function that changes an answer's state. ``own_work``: it may be accepted by whoever entered it, which
    only the bulk entry of what was collected elsewhere allows."""
    chosen = [answer.pk for answer in answers]
    hold(Plan.objects.filter(pk__in=Kpi.objects.filter(answers__in=chosen).values("plan")))
    states = dict(Answer.objects.select_for_update().filter(pk__in=chosen).values_list("pk", "state"))
    for answer in answers:
        check_move(answer, states[answer.pk], to, reason)
        if to in (AnswerStatus.ACCEPTED, AnswerStatus.RETURNED) and not own_work:
            only_others_work((answer.entered_by_id, answer.sent_by_id), by)
    stamps = {"state": to, **stamps_of(to, by, now, reason, correct_by)}
    for answer in answers:
        for name, value in stamps.items():
            setattr(answer, name, value)
    Answer.objects.bulk_update(answers, list(stamps))
    record_all(
        entry(by=by, action=MOVES[to], obj=answer, changes={"state": (states[answer.pk], to)}, reason=reason)
        for answer in answers
    )
    if AnswerStatus.ACCEPTED in {to, *states.values()}:
        settle_answers({key_of(answer) for answer in answers})


def check_move(answer: Answer, state: str, to: AnswerStatus, reason: str) -> None:
    if not workflow.may_become(state, to):
        raise ValidationError(f"An answer in the state “{AnswerStatus(state).label}” cannot become “{to.label}”.")
    if to == AnswerStatus.RETURNED and not reason:
        raise ValidationError("Say why the answer is returned.")
    if to in UNSENT:
        return
    if picked(answer, SAYS[:-2]) == picked(Answer(), SAYS[:-2]):
        raise ValidationError("An answer that says nothing cannot be sent.")
    if answer.standing == Standing.NOT_APPLICABLE and not answer.comment:
        raise ValidationError("Say in the comment why this does not apply.")


def stamps_of(
    to: AnswerStatus, by: User | None, now: datetime, reason: str, correct_by: date | None
) -> dict[str, Any]:
    """What a state says of who sent and decided. A returned answer keeps the reason until it is sent again."""
    match to:
        case AnswerStatus.SUBMITTED:
            return {"sent_at": now, "sent_by": by, **UNDECIDED_FIELDS}
        case AnswerStatus.ACCEPTED | AnswerStatus.RETURNED:
            return {"decided_at": now, "decided_by": by, "decision_reason": reason, "correct_by": correct_by}
        case _:
            return UNSENT_FIELDS


@transaction.atomic
def enter_answers(
    *, collection: Round, answers: Sequence[Answer], accept: bool, by: User | None, now: datetime
) -> Outcome:
    """Enters what was collected elsewhere, on behalf of the organisations. The answers are not stored yet; they have
    organisation, KPI, reading, plan year and what they say. ``accept``: they are decided at once."""
    hold(Plan.objects.filter(pk=collection.plan_id))
    newest = newest_answers(collection)
    kept, waiting, fresh = [], [], []
    for answer in answers:
        before = newest.get(key_of(answer))
        match step(before.state if before else "", same=says_the_same(before, answer), accept=accept):
            case Step.KEEP:
                kept.append(answer)
            case Step.DECIDE if before:
                before.organisation, before.kpi = answer.organisation, answer.kpi
                waiting.append(before)
            case _:
                fresh.append(answer)
    write_answers(collection, fresh, newest, accept, by, now)
    if waiting:
        move(*waiting, to=AnswerStatus.ACCEPTED, by=by, now=now, own_work=True)
    new = sum(key_of(answer) not in newest for answer in fresh)
    return Outcome(new, len(fresh) - new + len(waiting), len(kept))


def newest_answers(collection: Round) -> dict[Key, Answer]:
    answers = Answer.objects.filter(submission__round=collection).order_by("version")
    return {key_of(answer): answer for answer in answers}


def says_the_same(before: Answer | None, answer: Answer) -> bool:
    """To the same version of the reading, too: another one may ask for something else."""
    names = ("reading_id", *SAYS)
    return before is not None and picked(before, names) == picked(answer, names)


def write_answers(
    collection: Round,
    answers: Sequence[Answer],
    newest: Mapping[Key, Answer],
    accept: bool,
    by: User | None,
    now: datetime,
) -> None:
    submissions = give_submissions(collection, {answer.organisation for answer in answers})
    for answer in answers:
        before = newest.get(key_of(answer))
        answer.submission = submissions[answer.organisation_id]
        answer.as_at = collection.as_at
        answer.version = before.version + 1 if before else 1
        answer.state = AnswerStatus.ACCEPTED if accept else AnswerStatus.SUBMITTED
        answer.on_behalf = True
        answer.entered_at = answer.sent_at = now
        answer.entered_by = answer.sent_by = by
        if accept:
            answer.decided_at, answer.decided_by = now, by
    Answer.objects.bulk_create(answers)
    record_all(
        entry(by=by, action=AuditAction.IMPORTED, obj=answer, changes=changes_of(newest.get(key_of(answer)), answer))
        for answer in answers
    )
    if accept:
        settle_answers({key_of(answer) for answer in answers})


def changes_of(before: Answer | None, answer: Answer) -> Changes:
    said = difference(picked(before or Answer(), SAYS), picked(answer, SAYS))
    return said | {"state": (before and before.state, answer.state), "version": (before and before.version, answer.version)}


def settle_answers(keys: Collection[Key]) -> None:
    """Says of every accepted answer on these keys from which as-at date on another one speaks instead. Of two rounds
    with the same as-at date the one opened later speaks, of two versions in a round the newer one."""
    touched = Answer.objects.filter(organisation__in={key[0] for key in keys}, kpi__in={key[1] for key in keys})
    touched.exclude(state=AnswerStatus.ACCEPTED).exclude(replaced_from=None).update(replaced_from=None)
    in_order = (
        F("as_at").asc(),
        F("submission__round__opened_at").asc(nulls_first=True),
        F("submission__round").asc(),
        F("version").asc(),
    )
    following = Window(Lead("as_at"), partition_by=(F("organisation"), F("kpi"), F("plan_year")), order_by=in_order)
    speaking = touched.filter(state=AnswerStatus.ACCEPTED).order_by().annotate(following=following)
    stale = [answer for answer in speaking.only("replaced_from") if answer.replaced_from != answer.following]
    for answer in stale:
        answer.replaced_from = answer.following
    Answer.objects.bulk_update(stale, ["replaced_from"])


# ---------------------------------------------------------------- the registers


class Record(Protocol):
    """What is to be recorded of an activity or arrangement: a version that is not stored yet, and what it says."""

    @property
    def version(self) -> Any: ...
    def content(self) -> dict[str, Any]: ...


R = TypeVar("R", bound=Record)
OWNERS: dict[type[Recorded], str] = {ActivityVersion: "activity", ArrangementVersion: "arrangement"}
DECISIONS = {
    Decision.UNDECIDED: frozenset({Decision.CONFIRMED, Decision.REFUSED}),
    Decision.CONFIRMED: frozenset({Decision.WITHDRAWN}),
    Decision.REFUSED: frozenset({Decision.CONFIRMED}),
    Decision.WITHDRAWN: frozenset({Decision.CONFIRMED}),
}
"""What the secretariat decided -> what it may decide instead."""


@dataclass(frozen=True)
class ActivityRecord:
    reference: str
    version: ActivityVersion
    parts: Sequence[ActivityPart] = ()
    links: Sequence[ActivityLink] = ()

    def content(self) -> dict[str, Any]:
        says = picked(self.version, ("title", "kind", "status", "start", "end", "rating", "respondents"))
        part = ("organises", "contributes", "takes_part", "participants", "women", "head")
        parts = {each.organisation.code: picked(each, part) for each in self.parts}
        return says | {"parts": parts, "kpis": {link.kpi.code: link.items for link in self.links}}


@dataclass(frozen=True)
class ArrangementRecord:
    """The parties come in any order."""

    parties: tuple[Organisation, Organisation]
    version: ArrangementVersion

    def content(self) -> dict[str, Any]:
        return picked(self.version, ("signed", "in_force", "ended", "source", "comment"))

    @property
    def pair(self) -> tuple[int, int]:
        a, b = sorted(party.pk for party in self.parties)
        return a, b


@transaction.atomic
def record_activities(
    *, records: Sequence[ActivityRecord], accept: bool, by: User | None, now: datetime
) -> Outcome:
    """Records activities by their reference: a new version where anything differs from the newest one."""
    activities = hold_activities(record.reference for record in records)
    newest = newest_of(ActivityVersion, activities.values()).prefetch_related("parts__organisation", "links__kpi")
    known = {
        version.activity_id: ActivityRecord("", version, version.parts.all(), version.links.all()) for version in newest
    }
    fresh, outcome = write_versions({activities[each.reference]: each for each in records}, known, accept, by, now)
    contested = set(
        PartStatement.objects.filter(
            activity__in=activities.values(), kind=StatementKind.CONTESTED, settled_at=None
        ).values_list("activity_id", "organisation_id")
    )
    for each in fresh:
        for row in (*each.parts, *each.links):
            row.version = each.version
        for part in each.parts:
            part.contested = (each.version.activity_id, part.organisation_id) in contested
    ActivityPart.objects.bulk_create([part for each in fresh for part in each.parts])
    ActivityLink.objects.bulk_create([link for each in fresh for link in each.links])
    return outcome


def hold_activities(references: Iterable[str]) -> dict[str, Activity]:
    """Reference -> activity, made where there was none, and nobody else's until the transaction ends."""
    wanted = sorted(references)
    Activity.objects.bulk_create([Activity(reference=each) for each in wanted], ignore_conflicts=True)
    found = Activity.objects.filter(reference__in=wanted).select_for_update().order_by("pk")
    return {activity.reference: activity for activity in found}


@transaction.atomic
def record_arrangements(
    *, records: Sequence[ArrangementRecord], accept: bool, by: User | None, now: datetime
) -> Outcome:
    """Records arrangements by their pair: a new version where anything differs from the newest one."""
    arrangements = hold_arrangements({record.pair for record in records})
    newest = newest_of(ArrangementVersion, arrangements.values())
    known = {version.arrangement_id: ArrangementRecord((), version) for version in newest}
    _, outcome = write_versions({arrangements[each.pair]: each for each in records}, known, accept, by, now)
    return outcome


def hold_arrangements(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Arrangement]:
    Arrangement.objects.bulk_create(
        [Arrangement(party_a_id=a, party_b_id=b) for a, b in sorted(pairs)], ignore_conflicts=True
    )
    found = Arrangement.objects.select_related("party_a", "party_b").select_for_update(of=("self",)).order_by("pk")
    held = {(each.party_a_id, each.party_b_id): each for each in found}
    return {pair: held[pair] for pair in pairs}
