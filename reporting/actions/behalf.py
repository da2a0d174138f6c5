"""The secretariat enters what a Member sent by e-mail, and the Member confirms it (domain.md, "The workflow": "both
names, the original attached, and the Member confirms")."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import entry as audit_entry
from members.audit import record, record_all
from members.choices import AuditAction
from members.models import AuditEntry, User
from reporting import mails, originals, rules
from reporting.choices import AnswerStatus, MemberSays
from reporting.history_words import ON_BEHALF
from reporting.models import NOTHING_SAID, SAYS, Answer, AnswerComment, Confirmation, Original, Round, Submission
from reporting.questions import AsRead, Question
from reporting.seen import Seen, tokens
from reporting.threads import Thread, threads_of, token_of
from reporting.validators import lack_of
from workplan.models import Plan

from .answers import hold
from .bulk import BATCH, Changes, difference, picked
from .deciding import put_behind
from .entry import held, name_of, next_version
from .refusals import Stale, check
from .writers import keep_writers

# ---------------------------------------------------------------- the original


@transaction.atomic
def keep_original(
    *, submission: Submission, name: str, content: bytes, received_on: date, received_from: str, by: User, now: datetime
) -> Original:
    """Stores what came by e-mail, as it came. The same file once more is the same original. Raises ValidationError."""
    submission, collection = held(submission)
    if received_on > rules.day_in(collection.time_zone, now):
        raise ValidationError({"received_on": "This day is still to come."})
    try:
        name, kind = originals.known_as(name)
        originals.check_content(kind, content)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    checksum = hashlib.sha256(content).hexdigest()
    known = Original.objects.defer("content").filter(submission=submission, sha256=checksum).first()
    if known is not None:
        return known
    described = {"name": name, "kind": kind, "size": len(content), "sha256": checksum}
    came = {"received_on": received_on, "received_from": received_from}
    made = Original.objects.create(
        submission=submission, content=content, uploaded_at=now, uploaded_by=by, **described, **came
    )
    changes = {key: (None, str(value)) for key, value in (described | came).items()}
    record(by=by, action=AuditAction.CREATED, obj=made, changes=changes)
    return made


# ---------------------------------------------------------------- what it says


CHANGED = "This answer changed after you opened this page. Look at it again."


@dataclass(frozen=True)
class Said:
    """What an original says on a KPI, for one plan year where it asks for one. ``seen``: the token of the latest
    version that was sent ("0": none), as the person who enters it saw it."""

    plan_year: int | None
    says: Mapping[str, Any]
    seen: str


@transaction.atomic
def enter_on_behalf(
    *, original: Original, question: Question, said: Sequence[Said], by: User, now: datetime
) -> list[Answer]:
    """Enters what an original says on one KPI, as sent; a colleague decides on it. Raises as ``enter_all_on_behalf``
    does."""
    if not said:
        raise ValidationError("Say what the e-mail says on this KPI.")
    return enter_all_on_behalf(original=original, said=[(question, each) for each in said], by=by, now=now)


@transaction.atomic
def enter_all_on_behalf(
    *, original: Original, said: Sequence[tuple[AsRead, Said]], by: User, now: datetime
) -> list[Answer]:
    """The same on many KPIs, in as many queries as on one. What the Member has begun and not sent waits behind it, with
    every word. All or none. Raises Stale and ValidationError."""
    hold(Plan.objects.filter(pk=original.submission.round.plan_id))
    entered = write_on_behalf(original, *held(original.submission), said, by, now)
    mails.entered_on_behalf(original, now)
    return entered


def write_on_behalf(
    original: Original,
    submission: Submission,
    collection: Round,
    said: Sequence[tuple[AsRead, Said]],
    by: User,
    now: datetime,
) -> list[Answer]:
    """The same in a return that is ``held``, as its plan is, without the mail to the Member."""
    threads, pairs, drafts = threads_of(submission), [], []
    for question, each in said:
        key = (question.kpi.pk, each.plan_year)
        thread = threads.get(key) or Thread(*key)
        if token_of(thread.latest_sent) != each.seen:
            raise Stale(CHANGED)
        check(rules.on_behalf(collection, submission, thread, original.received_on, now))
        pairs.append((thread.latest_sent, entered_from(original, collection, thread, question, each, by, now)))
        drafts += [thread.working] if thread.working else []
    if drafts:
        put_behind(drafts, by)
    entered = [made for _, made in pairs]
    Answer.objects.bulk_create(entered, batch_size=BATCH)
    keep_writers(*pairs, by=by)
    record_all(entry_of(original, before, made, by) for before, made in pairs)
    return entered


def entered_from(
    original: Original,
    collection: Round,
    thread: Thread,
    question: AsRead,
    said: Said,
    by: User,
    now: datetime,
) -> Answer:
    """As a version that is not stored yet; a draft that is there gives its number. Raises ValidationError."""
    made = next_version(original.submission, collection, thread, question, said.plan_year)
    made.organisation = original.submission.organisation
    for name, value in (NOTHING_SAID | dict(said.says)).items():
        setattr(made, name, value)
    if lack := lack_of(made, question):
        raise ValidationError(f"{name_of(question.kpi.code, said.plan_year)}: {lack}")
    made.reading, made.on_behalf, made.original = question.reading, True, original
    made.state = AnswerStatus.SUBMITTED
    made.entered_at = made.sent_at = now
    made.entered_by = made.sent_by = by
    if thread.working:
        made.version = thread.working.version
    return made


def entry_of(original: Original, before: Answer | None, made: Answer, by: User) -> AuditEntry:
    changes = difference(picked(before or Answer(), SAYS), picked(made, SAYS)) | mail_of(original, original.submission)
    reason = f"{ON_BEHALF}{original.name}"
    return audit_entry(by=by, action=AuditAction.CREATED, obj=made, changes=changes, reason=reason)


def mail_of(original: Original, submission: Submission) -> Changes:
    """For whom an answer was entered, and from whose mail, as the history keeps it."""
    came = {"received_from": original.received_from, "received_on": original.received_on}
    return {name: (None, value) for name, value in {"entered_for": str(submission.organisation), **came}.items()}


# ---------------------------------------------------------------- what the Member says of it


OWN_ENTRY = "You entered this answer. Somebody else of the Member confirms it."


def threads_seen(submission: Submission, seen: Seen) -> list[tuple[Thread, Answer]]:
    """The threads of chosen versions, each as the person saw it. Raises Stale."""
    found = [
        (thread, thread.latest_sent)
        for thread in threads_of(submission).values()
        if thread.latest_sent and thread.latest_sent.pk in seen
    ]
    if tokens(answer for _, answer in found) != dict(seen):
        raise Stale(CHANGED)
    return found


def said_by_member(
    submission: Submission, seen: Seen, kind: MemberSays, reason: str, by: User, now: datetime
) -> list[Answer]:
    if not seen:
        raise ValidationError("Choose at least one answer.")
    hold(Plan.objects.filter(pk=submission.round.plan_id))
    submission, _ = held(submission)
    found = threads_seen(submission, seen)
    for thread, answer in found:
        check(rules.confirmation(answer, thread))
    answers = [answer for _, answer in found]
    if by.pk in {answer.entered_by_id for answer in answers}:
        raise ValidationError(OWN_ENTRY)
    stated = {"kind": kind, "reason": reason, "made_at": now, "made_by": by}
    Confirmation.objects.bulk_create(Confirmation(answer=answer, **stated) for answer in answers)
    action = AuditAction.CONFIRMED if kind == MemberSays.CONFIRMED else AuditAction.CONTESTED
    changes = {"member_says": (None, kind.value)}
    record_all(audit_entry(by=by, action=action, obj=answer, changes=changes, reason=reason) for answer in answers)
    return answers


@transaction.atomic
def confirm_on_behalf(*, submission: Submission, seen: Seen, by: User, now: datetime) -> list[Answer]:
    """The Member says that what was entered on its behalf is right. All or none. Raises Stale and ValidationError."""
    return said_by_member(submission, seen, MemberSays.CONFIRMED, "", by, now)


@transaction.atomic
def contest_on_behalf(*, submission: Submission, seen: Seen, reason: str, by: User, now: datetime) -> Answer:
    """The Member says that this is not what it said, and why; the reason also stands among the comments. The answer
    cannot be accepted any more. Raises Stale and ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Say what is wrong."})
    [answer] = said_by_member(submission, seen, MemberSays.CONTESTED, reason.strip(), by, now)
    AnswerComment.objects.create(
        submission=submission,
        kpi_id=answer.kpi_id,
        plan_year=answer.plan_year,
        text=reason.strip(),
        at=now,
        by=by,
        organisation_id=submission.organisation_id,
    )
    return answer
