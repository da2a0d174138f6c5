"""Rounds are planned, opened and closed."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import Organisation, User
from reporting.choices import AnswerStatus
from reporting.models import Answer, Round
from reporting.questions import questions_of
from workplan.models import Plan

from .answers import give_submissions, hold, keys_of, settle_answers
from .bulk import difference


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
    record(by=by, action=AuditAction.CREATED, obj=created, changes=difference({}, {"code": code, **fields}))
    return created


@transaction.atomic
def open_round(*, collection: Round, by: User | None, now: datetime) -> int:
    """Opens the round and gives everybody who is asked a submission. Returns how many are asked."""
    hold(Plan.objects.filter(pk=collection.plan_id))
    collection.refresh_from_db()
    if collection.closed_at is not None:
        raise ValidationError(f"Round {collection.code} was open and is closed.")
    if collection.opened_at is not None:
        raise ValidationError(f"Round {collection.code} is open already.")
    collection.opened_at = now
    collection.save(update_fields=["opened_at"])
    asked = {code for question in questions_of(collection).values() for code in question.asked}
    give_submissions(collection, Organisation.objects.filter(code__in=asked))
    record(by=by, action=AuditAction.OPENED, obj=collection, changes={"opened_at": (None, now)})
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
