"""Rounds are planned, opened and closed; an organisation is let in late."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import Organisation, User
from reporting import mails
from reporting.choices import AnswerStatus
from reporting.models import Answer, Round, Submission
from reporting.moments import moment_words
from reporting.questions import questions_of
from reporting.rules import admission, changeable, opening
from workplan.models import Kpi, Plan

from .answers import give_submissions, hold, keys_of, settle_answers
from .bulk import difference, picked
from .refusals import Stale, check


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
    kpis: Collection[Kpi] = (),
) -> Round:
    """``kpis``: what the round is limited to; all, where that is none."""
    hold(Plan.objects.filter(pk=plan.pk))  # a second click waits for the first
    if Round.objects.filter(code=code).exists():
        raise ValidationError(f"There is a round {code} already.")
    fields = {
        "title": title,
        "as_at": as_at,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "time_zone": time_zone,
    }
    created = Round(plan=plan, code=code, **fields)
    created.full_clean()
    created.save(force_insert=True)
    created.kpis.set(kpis)
    asks = {"kpis": codes_of(kpis)} if kpis else {}
    record(by=by, action=AuditAction.CREATED, obj=created, changes=difference({}, {"code": code, **fields, **asks}))
    return created


def planned_as(*, code: str, kpis: Collection[Kpi], **fields: Any) -> Round | None:
    """The round that ``create_round`` has made already, of exactly this: the form was sent twice."""
    found = Round.objects.filter(code=code).first()
    if found is None or picked(found, fields) != fields or codes_of(found.kpis.all()) != codes_of(kpis):
        return None
    return found


def codes_of(kpis: Iterable[Kpi]) -> list[str]:
    return sorted(kpi.code for kpi in kpis)


@transaction.atomic
def edit_round(
    *,
    collection: Round,
    seen: int,
    fields: Mapping[str, Any],
    kpis: Collection[Kpi] | None = None,
    by: User,
    now: datetime,
) -> None:
    """Changes what can still be changed (``rules.changeable``); ``kpis``: None leaves them as they are. ``seen``: the
    number of edits that the person saw. Raises Stale and ValidationError."""
    collection = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=collection.pk)
    if collection.edits != seen:
        raise Stale("Somebody else changed this round after you opened it. Look at it again.")
    asked = {**fields} if kpis is None else {**fields, "kpis": codes_of(kpis)}
    before = {name: getattr(collection, name) for name in fields} | {"kpis": codes_of(collection.kpis.all())}
    changes = difference(before, asked)
    if set(changes) - set(changeable(collection, now)):
        raise ValidationError(f"{collection.title} is {collection.state(now)}, so what it asks stays as it is.")
    closes = changes.get("closes_at", (None, None))[1]
    if collection.state(now) == "open" and closes and closes <= now:
        raise ValidationError(
            {"closes_at": "This moment has passed. To end the round now, an administrator closes it on the board."}
        )
    if not changes:
        return
    for name, value in fields.items():
        setattr(collection, name, value)
    collection.edits += 1
    collection.full_clean(exclude=["plan"])
    collection.save(update_fields=[*fields, "edits"])
    if "kpis" in changes and kpis is not None:
        collection.kpis.set(kpis)
    record(by=by, action=AuditAction.CHANGED, obj=collection, changes=changes)


@transaction.atomic
def admit_late(*, submission: Submission, until: datetime, reason: str, by: User, now: datetime) -> None:
    """Lets one organisation in after its round has closed, until a moment, with a reason; its people get a mail
    (domain.md, "The workflow", 5). The same once more is the admission that there is. Raises ValidationError."""
    submission = Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)
    check(admission(submission.round, now))
    if not reason.strip():
        raise ValidationError({"reason": "Say why this organisation is let in late."})
    if until <= now:
        raise ValidationError({"until": f"{moment_words(until, submission.round.time_zone, by.time_zone)} has passed."})
    before = {"late_until": submission.late_until, "late_reason": submission.late_reason}
    after = {"late_until": until, "late_reason": reason.strip()}
    changes = difference(before, after)
    if not changes:
        return
    submission.late_until, submission.late_reason = until, reason.strip()
    submission.save(update_fields=["late_until", "late_reason"])
    record(by=by, action=AuditAction.LET_IN, obj=submission, changes=changes, reason=submission.late_reason)
    mails.late_admission(submission, now)


@transaction.atomic
def end_late(*, submission: Submission, by: User, now: datetime) -> None:
    """Ends a late admission before its moment; its people get a mail. Raises ValidationError where there is none."""
    submission = Submission.objects.select_for_update(of=("self",), no_key=True).get(pk=submission.pk)
    before = submission.late_until
    if before is None or before <= now:
        raise ValidationError(f"{submission.organisation.name} is not let in now.")
    submission.late_until = now
    submission.save(update_fields=["late_until"])
    record(by=by, action=AuditAction.CHANGED, obj=submission, changes={"late_until": (before, now)})
    mails.late_ended(submission, now)


@transaction.atomic
def open_round(*, collection: Round, by: User | None, now: datetime) -> int:
    """Opens the round and gives everybody who is asked a submission. Returns how many are asked. Raises
    ValidationError."""
    hold(Plan.objects.filter(pk=collection.plan_id))
    # Nobody changes it meanwhile.
    list(Round.objects.select_for_update(of=("self",), no_key=True).filter(pk=collection.pk))
    collection.refresh_from_db()
    check(opening(collection, now, by.time_zone if by else None, f"Round {collection.code}"))
    collection.opened_at = now
    collection.save(update_fields=["opened_at"])
    asked = {code for question in questions_of(collection).values() for code in question.asked}
    give_submissions(collection, Organisation.objects.filter(code__in=asked))
    changes = {"opened_at": (None, now), "asked": (None, sorted(asked))}
    record(by=by, action=AuditAction.OPENED, obj=collection, changes=changes)
    # Of rounds with the same as-at date the one opened later speaks.
    settle_answers(keys_of(Answer.objects.filter(round=collection, state=AnswerStatus.ACCEPTED)))
    return len(asked)


@transaction.atomic
def close_round(*, collection: Round, by: User | None, now: datetime) -> None:
    hold(Plan.objects.filter(pk=collection.plan_id))
    collection.refresh_from_db()
    if collection.opened_at is None:
        raise ValidationError(f"Round {collection.code} has not been opened.")
    if collection.closed_at is not None:
        raise ValidationError(f"Round {collection.code} is closed already.")
    collection.closed_at = now
    collection.save(update_fields=["closed_at"])
    record(by=by, action=AuditAction.CLOSED, obj=collection, changes={"closed_at": (None, now)})
