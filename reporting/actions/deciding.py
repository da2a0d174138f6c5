"""The secretariat decides, answer by answer (domain.md, "The workflow", 4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from members.audit import entry, record, record_all
from members.choices import AuditAction
from members.models import User
from reporting import mails, rules
from reporting.choices import AnswerStatus
from reporting.models import NOTHING_SAID, SAYS, Answer, Round, Submission
from reporting.questions import Question
from reporting.seen import Seen, tokens
from reporting.threads import Thread, grouped, thread_of, token_of, versions
from reporting.validators import says_what_is_asked
from workplan.models import Plan

from .answers import hold, move
from .bulk import difference, picked
from .entry import held, next_version
from .refusals import Stale, check
from .writers import keep_writers

DAYS_TO_CORRECT = 14
"""From the day of the return (domain.md, "The workflow", 5)."""


def default_correct_by(collection: Round, now: datetime) -> date:
    """The last day for a correction, as the calendar of the round's time zone has it."""
    return rules.day_in(collection.time_zone, now) + timedelta(days=DAYS_TO_CORRECT)


CHANGED = "An answer changed after you opened this page. Look at it again, then decide."


def held_for_decision(seen: Seen, to: AnswerStatus) -> list[Answer]:
    """The chosen versions, of which each is still what the person saw and may become so. Raises Stale and
    ValidationError."""
    hold(Plan.objects.filter(pk__in=Answer.objects.filter(pk__in=seen).values("round__plan")))
    chosen = {answer.pk: answer for answer in versions().filter(pk__in=seen)}
    if tokens(chosen.values()) != dict(seen):
        raise Stale(CHANGED)
    for thread in threads_around(chosen.values()):
        for answer in thread.versions:
            if answer.pk in chosen:
                if answer not in thread.sent or answer != thread.latest_sent:
                    raise Stale(CHANGED)
                check(rules.decision(answer, thread, to))
    return list(chosen.values())


def threads_around(answers: Iterable[Answer]) -> Iterable[Thread]:
    """The whole threads that some answers stand in, in one query."""
    places = {(answer.submission_id, answer.kpi_id, answer.plan_year) for answer in answers}
    submissions, kpis = {place[0] for place in places}, {place[1] for place in places}
    found: dict[int, list[Answer]] = defaultdict(list)
    for answer in versions().filter(submission__in=submissions, kpi__in=kpis):
        found[answer.submission_id].append(answer)
    for submission, rows in found.items():
        yield from (thread for key, thread in grouped(rows).items() if (submission, *key) in places)


@transaction.atomic
def accept_answers(*, seen: Seen, by: User, now: datetime) -> list[Answer]:
    """Accepts answers; they count from now on. ``seen``: what the person had before them, so nobody accepts a text that
    they did not see. All or none. Raises Stale and ValidationError."""
    if not seen:
        raise ValidationError("Choose at least one answer.")
    answers = held_for_decision(seen, AnswerStatus.ACCEPTED)
    move(*answers, to=AnswerStatus.ACCEPTED, by=by, now=now)
    for submission in Submission.objects.filter(answers__in=answers).distinct().select_related("round", "organisation"):
        mails.all_accepted(submission, [each for each in answers if each.submission_id == submission.pk], now)
    for answer in answers:
        if answer.correction_reason:
            mails.corrected(answer, now)
    return answers


@transaction.atomic
def return_answer(
    *, answer: Answer, seen: str, reason: str, correct_by: date | None, by: User, now: datetime
) -> Answer:
    """Returns an answer with a reason, which its organisation is told by mail; it can be corrected until ``correct_by``
    (None: 14 days from today), round open or not. An accepted answer can be returned, too: it stops counting. Raises
    Stale and ValidationError.

    A correction that waits for a decision is not the organisation's, so to return it is to refuse it: the answer stands
    as it was accepted, and the organisation has nothing to do."""
    [found] = held_for_decision({answer.pk: seen}, AnswerStatus.RETURNED)
    refuses = rules.waits_as_correction(found)
    if not reason.strip():
        raise ValidationError(
            {"reason": f"Say why the {'correction is refused' if refuses else 'answer is returned'}."}
        )
    if refuses:
        move(found, to=AnswerStatus.RETURNED, by=by, now=now, reason=reason.strip())
        return found
    collection = found.submission.round
    until = correct_by or default_correct_by(collection, now)
    if until < rules.day_in(collection.time_zone, now):
        raise ValidationError({"correct_by": f"{until:%d.%m.%y} has passed. Give a day from today on."})
    move(found, to=AnswerStatus.RETURNED, by=by, now=now, reason=reason.strip(), correct_by=until)
    mails.returned(found, now)
    return found


@transaction.atomic
def correct_answer(
    *, answer: Answer, seen: str, question: Question, says: Mapping[str, Any], reason: str, by: User, now: datetime
) -> Answer:
    """The secretariat corrects what it accepted, once the organisation cannot do so any more: another version on behalf
    of it, with a reason. It waits for somebody else's decision, and the accepted one counts meanwhile. Raises Stale and
    ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why the answer is corrected."})
    hold(Plan.objects.filter(pk=answer.round.plan_id))
    submission, collection = held(answer.submission)
    thread = thread_of(submission, answer.kpi_id, answer.plan_year)
    if thread.latest_sent is None or thread.latest_sent.pk != answer.pk or token_of(thread.latest_sent) != seen:
        raise Stale(CHANGED)
    check(rules.correction(collection, submission, thread, now, by.time_zone))
    says = NOTHING_SAID | dict(says)
    changes = difference(picked(answer, SAYS), says)
    if not changes:
        raise ValidationError("Nothing is changed.")
    correction = next_version(submission, collection, thread, question, answer.plan_year)
    for name, value in says.items():
        setattr(correction, name, value)
    says_what_is_asked(correction, question)
    correction.reading, correction.on_behalf, correction.correction_reason = question.reading, True, reason.strip()
    correction.state = AnswerStatus.SUBMITTED
    correction.entered_at = correction.sent_at = now
    correction.entered_by = correction.sent_by = by
    if thread.working:
        correction.version = thread.working.version
        put_behind([thread.working], by)
    correction.save(force_insert=True)
    keep_writers((answer, correction), by=by)
    record(by=by, action=AuditAction.CHANGED, obj=correction, changes=changes, reason=reason.strip())
    return correction


def put_behind(drafts: Sequence[Answer], by: User) -> None:
    """Drafts that were left become the versions after the corrections, with every word that they hold; the numbers that
    others see have no gap. What they have now is free."""
    Answer.objects.filter(pk__in=[draft.pk for draft in drafts]).update(version=F("version") + 1)
    record_all(
        entry(
            by=by,
            action=AuditAction.CHANGED,
            obj=draft,
            changes={"version": (draft.version, draft.version + 1)},
            only_for=draft.organisation.code,
        )
        for draft in drafts
    )
