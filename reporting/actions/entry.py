"""A Member's people fill in their return: drafts, approver, sending, taking back (domain.md, "The workflow", 2-3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, prefetch_related_objects

from members.audit import entry, record, record_all
from members.choices import AuditAction
from members.models import User
from reporting import rules
from reporting.choices import AnswerStatus
from reporting.models import NOTHING_SAID, SAYS, Answer, Receipt, Round, Submission
from reporting.questions import AsRead, Question, questions_of
from reporting.seen import Seen, tokens
from reporting.threads import UNSENT, Thread, grouped, thread_of, threads_of, token_of, versions
from reporting.validators import lack_of
from reporting.wording import said
from workplan.calendar import year_label
from workplan.models import Plan

from .answers import hold, move
from .bulk import BATCH, Changes, difference, picked
from .refusals import Stale, check
from .writers import keep_writers


def held(submission: Submission) -> tuple[Submission, Round]:
    """The return and its round as they are now; nobody else writes in the return until the transaction ends."""
    rows = Submission.objects.select_related("organisation").select_for_update(of=("self",), no_key=True)
    found = rows.get(pk=submission.pk)
    # By itself: read together with what it waited for, it would be as it was before the wait.
    return found, Round.objects.get(pk=found.round_id)


# ---------------------------------------------------------------- drafts


@dataclass(frozen=True)
class Typed:
    """What somebody typed as the answer to one KPI (for one plan year). ``says``: the names in ``SAYS``; what is left
    out is blank. ``seen``: the token of what the person had before them. ``unchanged``: attested as last time's."""

    question: AsRead
    plan_year: int | None
    says: Mapping[str, Any]
    seen: str
    unchanged: bool = False


def save_draft(
    *,
    submission: Submission,
    question: Question,
    plan_year: int | None,
    says: Mapping[str, Any],
    seen: str,
    by: User,
    now: datetime,
    unchanged: bool = False,
) -> Answer | None:
    """Keeps what somebody has typed so far; it may be unfinished. Returns the version that holds it, None where nothing
    was said and nothing is stored. Raises as ``save_drafts`` does."""
    typed = Typed(question, plan_year, says, seen, unchanged)
    [answer] = save_drafts(submission=submission, typed=[typed], by=by, now=now)
    return answer


@transaction.atomic
def save_drafts(
    *, submission: Submission, typed: Sequence[Typed], by: User | None, now: datetime
) -> list[Answer | None]:
    """The same for many answers of one return, all or none, in as many queries as for one.

    Raises Stale where somebody else changed one meanwhile, and ValidationError where one may not be changed now. The
    same text once more changes nothing, so a repeated request is harmless.
    """
    return write_drafts(*held(submission), typed, by, now)


def write_drafts(
    submission: Submission, collection: Round, typed: Sequence[Typed], by: User | None, now: datetime
) -> list[Answer | None]:
    """The same in a return that is ``held``."""
    rows = versions().filter(submission=submission, kpi__in={each.question.kpi.pk for each in typed})
    threads, zone = grouped(rows), by.time_zone if by else None
    found: list[Answer | None] = []
    written: list[Written] = []
    for each in typed:
        key = (each.question.kpi.pk, each.plan_year)
        thread = threads.get(key) or Thread(*key)
        check(rules.change(collection, submission, thread, now, zone))
        made = written_into(submission, collection, thread, each, by, now)
        written += [made] if made else []
        found.append(made.draft if made else thread.newest)
    store_drafts(written, by)
    return found


@dataclass(frozen=True)
class Written:
    """A draft with what somebody typed, not stored yet, and the version that it was typed over."""

    draft: Answer
    before: Answer | None
    changes: Changes


def written_into(
    submission: Submission, collection: Round, thread: Thread, typed: Typed, by: User | None, now: datetime
) -> Written | None:
    """None where it says so already. Raises Stale."""
    before, says = thread.newest or Answer(), NOTHING_SAID | dict(typed.says)
    if picked(before, SAYS) == says and before.unchanged == typed.unchanged:
        return None
    if thread.token != typed.seen:
        raise Stale("Somebody else changed this answer after you opened it.", thread.newest)
    said = says | {"unchanged": typed.unchanged}
    changes = difference(picked(before, said), said)
    draft = thread.working or next_version(submission, collection, thread, typed.question, typed.plan_year)
    for name, value in said.items():
        setattr(draft, name, value)
    draft.organisation, draft.round, draft.kpi = submission.organisation, collection, typed.question.kpi
    draft.reading = typed.question.reading
    draft.edits += 1
    draft.entered_at, draft.entered_by = now, by
    return Written(draft, thread.newest, changes)


STORED = (*SAYS, "unchanged", "reading", "edits", "entered_at", "entered_by")
"""What changes of a draft that is there."""


def store_drafts(written: Sequence[Written], by: User | None) -> None:
    Answer.objects.bulk_create([each.draft for each in written if not each.draft.pk], batch_size=BATCH)
    Answer.objects.bulk_update([each.draft for each in written if each.draft == each.before], STORED, batch_size=BATCH)
    keep_writers(*((None if each.draft == each.before else each.before, each.draft) for each in written), by=by)
    record_all(
        entry(
            by=by,
            action=AuditAction.CHANGED if each.before else AuditAction.CREATED,
            obj=each.draft,
            changes=each.changes,
            only_for=each.draft.organisation.code,
        )
        for each in written
    )


@transaction.atomic
def discard_draft(
    *, submission: Submission, kpi: int, plan_year: int | None, seen: str, by: User, now: datetime
) -> None:
    """Drops a draft over a version that was sent, so that the answer is again what it was. ``seen``: the token of what
    the person had before them. Raises Stale and ValidationError."""
    submission, collection = held(submission)
    thread = thread_of(submission, kpi, plan_year)
    check(rules.change(collection, submission, thread, now, by.time_zone))
    draft = thread.newest
    if draft is None or thread.token != seen:
        raise Stale("This draft was changed or discarded after you opened it. Look at the answer again.", draft)
    check(rules.discarding(thread))
    changes = difference(picked(draft, SAYS), picked(Answer(), SAYS))
    record(by=by, action=AuditAction.DISCARDED, obj=draft, changes=changes, only_for=draft.organisation.code)
    draft.delete()


def next_version(
    submission: Submission, collection: Round, thread: Thread, question: AsRead, plan_year: int | None
) -> Answer:
    return Answer(
        submission=submission,
        round=collection,
        organisation_id=submission.organisation_id,
        as_at=collection.as_at,
        kpi=question.kpi,
        plan_year=plan_year,
        version=thread.versions[-1].version + 1 if thread.versions else 1,
        state=AnswerStatus.DRAFT,
    )


# ---------------------------------------------------------------- handing on


def ready(submission: Submission, collection: Round, states: Iterable[str], now: datetime) -> list[Answer]:
    """The unsent answers that say something and may be handed on now."""
    wanted = frozenset(states)
    return [
        thread.working
        for thread in threads_of(submission).values()
        if thread.working
        and thread.working.state in wanted
        and thread.answered
        and rules.window(collection, submission, thread, now).allowed
    ]


def check_complete(collection: Round, answers: Iterable[Answer]) -> None:
    """Every answer that is handed on says what is asked. Raises ValidationError with a sentence for each fault."""
    questions = questions_of(collection)
    wrong = [
        f"{name_of(answer.kpi.code, answer.plan_year)}: {sentence}"
        for answer in answers
        for sentence in faults(answer, questions.get(answer.kpi.code))
    ]
    if wrong:
        raise ValidationError(wrong)


def name_of(code: str, plan_year: int | None) -> str:
    return f"{code} for {year_label(plan_year)}" if plan_year else code


def faults(answer: Answer, question: Any) -> list[str]:
    """What an answer that is handed on still lacks. ``question``: with its KPI and reading, as rows or as the plan's
    text; None where the round does not ask it."""
    if question is None:
        return ["This round does not ask about it."]
    lack = lack_of(answer, question)
    return [lack] if lack else []


CHANGED = "The answers changed after you opened this page. Look at them again."


def in_hand(
    submission: Submission, states: Iterable[str], seen: Seen, by: User, now: datetime
) -> tuple[Submission, Round, list[Answer]]:
    """Of what is ready, that which the person saw, as they saw it; what somebody has begun since then stays. Holds the
    plan, as closing the round does."""
    hold(Plan.objects.filter(pk=submission.round.plan_id))
    submission, collection = held(submission)
    found = ready(submission, collection, states, now)
    if not found:
        check(rules.entry(collection, submission, now, by.time_zone))
    nothing_seen = bool(found) and not seen
    if nothing_seen or not seen.items() <= tokens(found).items():
        raise Stale(CHANGED)
    answers = [answer for answer in found if answer.pk in seen]
    prefetch_related_objects(answers, "kpi")
    return submission, collection, answers


def checked_out(
    submission: Submission, states: Iterable[str], seen: Seen, by: User, now: datetime
) -> tuple[Submission, Round, list[Answer]]:
    """What is to be handed on, and says what is asked."""
    submission, collection, answers = in_hand(submission, states, seen, by, now)
    if not answers:
        raise ValidationError("There is no answer to send. Fill in at least one.")
    check_complete(collection, answers)
    return submission, collection, answers


@transaction.atomic
def send_to_approver(*, submission: Submission, seen: Seen, by: User, now: datetime) -> int:
    """The contributor hands the drafts to the approver. Returns how many. Raises Stale and ValidationError."""
    submission, _, answers = checked_out(submission, {AnswerStatus.DRAFT}, seen, by, now)
    move(*answers, to=AnswerStatus.AWAITING_APPROVAL, by=by, now=now)
    note_to_contributor(submission, "", by)
    return len(answers)


@transaction.atomic
def send_back(*, submission: Submission, seen: Seen, note: str, by: User, now: datetime) -> int:
    """The approver asks the contributor to change something in what they saw. Returns how many answers are drafts
    again. Raises Stale and ValidationError."""
    submission, _, answers = in_hand(submission, {AnswerStatus.AWAITING_APPROVAL}, seen, by, now)
    if not answers:
        raise ValidationError("No answer waits for the approver.")
    if not note.strip():
        raise ValidationError({"note": "Say what the contributor should change."})
    move(*answers, to=AnswerStatus.DRAFT, by=by, now=now, reason=note)
    note_to_contributor(submission, note.strip(), by)
    return len(answers)


def note_to_contributor(submission: Submission, note: str, by: User) -> None:
    """Between the people of an organisation alone."""
    before, submission.approver_note = submission.approver_note, note
    if before == note:
        return
    submission.save(update_fields=["approver_note"])
    changes = {"approver_note": (before, note)}
    whose = submission.organisation.code
    record(by=by, action=AuditAction.CHANGED, obj=submission, changes=changes, only_for=whose)


@transaction.atomic
def send(*, submission: Submission, seen: Seen, by: User, now: datetime) -> Receipt:
    """The approver sends what they saw; what is not complete or not answered stays open. A second click finds
    everything sent and gets the receipt of the first. Raises Stale and ValidationError."""
    try:
        with transaction.atomic():
            submission, _, answers = checked_out(submission, UNSENT, seen, by, now)
    except (Stale, ValidationError):
        if receipt := receipt_for(submission, seen):
            return receipt
        raise
    sent = [receipt_line(answer) for answer in answers]
    move(*answers, to=AnswerStatus.SUBMITTED, by=by, now=now)
    note_to_contributor(submission, "", by)
    last = submission.receipts.aggregate(last=Max("number"))["last"] or 0
    receipt = Receipt(
        submission=submission,
        number=last + 1,
        sent_at=now,
        sent_by=by,
        content=sent,
    )
    receipt.save(force_insert=True)
    record(
        by=by,
        action=AuditAction.SUBMITTED,
        obj=submission,
        changes={"receipt": (None, str(receipt)), "answers": (None, len(answers))},
    )
    return receipt


def receipt_for(submission: Submission, seen: Seen) -> Receipt | None:
    """The last receipt, where it is for exactly what the person saw, and nothing of that was taken back since."""
    if Answer.objects.filter(pk__in=seen, state__in=UNSENT).exists():
        return None
    receipt = submission.receipts.select_related("submission__round", "submission__organisation").last()
    if receipt is None or not seen:
        return None
    return receipt if {line["token"] for line in receipt.content} == set(seen.values()) else None


def receipt_line(answer: Answer) -> dict[str, Any]:
    return {
        "token": token_of(answer),
        "kpi": answer.kpi.code,
        "plan_year": answer.plan_year,
        "said": said(answer),
        "unchanged": answer.unchanged,
        "comment": answer.comment,
        "evidence_url": answer.evidence_url,
        "figure_source": answer.figure_source,
        "figure_definition": answer.figure_definition,
    }


@transaction.atomic
def withdraw(*, submission: Submission, answers: Iterable[int], by: User, now: datetime) -> int:
    """Takes back answers that were sent and are not decided yet; they are drafts again. Returns how many."""
    hold(Plan.objects.filter(pk=submission.round.plan_id))
    submission, collection = held(submission)
    wanted = frozenset(answers)
    threads = [each for each in threads_of(submission).values() if each.newest and each.newest.pk in wanted]
    if len(threads) != len(wanted) or not wanted:
        raise Stale(CHANGED)
    for thread in threads:
        check(rules.withdrawal(collection, submission, thread, now, by.time_zone))
    chosen = [thread.newest for thread in threads if thread.newest]
    move(*chosen, to=AnswerStatus.DRAFT, by=by, now=now)
    # Else a late click on "send", from a page of before, would find the draft as it was then.
    Answer.objects.filter(pk__in=[answer.pk for answer in chosen]).update(edits=F("edits") + 1)
    return len(chosen)
