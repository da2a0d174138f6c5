"""Answers are entered, sent, decided, and replaced by later ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import Lead

from members.audit import entry, record_all
from members.choices import AuditAction
from members.models import Organisation, User
from reporting import workflow
from reporting.choices import AnswerStatus
from reporting.models import REFUSED, SAYS, Answer, Round, Submission
from reporting.rules import is_contested
from reporting.threads import UNSENT
from reporting.validators import FIGURE_WORDS
from workplan.choices import Standing
from workplan.models import Kpi, Plan

from .bulk import (
    BATCH,
    Changes,
    Done,
    Outcome,
    Step,
    difference,
    done,
    only,
    picked,
    step,
)
from .refusals import Contested
from .writers import check_others_work, keep_writers

Key = tuple[int, int, int | None]
"""Organisation, KPI, plan year: what a later answer replaces an earlier one on."""
Place = tuple[int, int, int | None]
"""Return, KPI, plan year: what versions are of."""

AUDITED = {
    AnswerStatus.DRAFT: AuditAction.WITHDRAWN,
    AnswerStatus.AWAITING_APPROVAL: AuditAction.SENT_TO_APPROVER,
    AnswerStatus.SUBMITTED: AuditAction.SUBMITTED,
    AnswerStatus.ACCEPTED: AuditAction.ACCEPTED,
    AnswerStatus.RETURNED: AuditAction.RETURNED,
}
DECIDED = (AnswerStatus.ACCEPTED, AnswerStatus.RETURNED)
SENT_BACK = (AnswerStatus.AWAITING_APPROVAL, AnswerStatus.DRAFT)
"""By the approver, which is no withdrawing."""


def key_of(answer: Answer) -> Key:
    return (answer.organisation_id, answer.kpi_id, answer.plan_year)


def keys_of(answers: QuerySet[Answer]) -> set[Key]:
    return set(answers.order_by().values_list("organisation_id", "kpi_id", "plan_year"))


def hold(plans: QuerySet[Plan]) -> None:
    """One at a time writes what counts in a plan: accepting an answer also touches those of other rounds."""
    list(plans.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def give_submissions(collection: Round, organisations: Iterable[Organisation]) -> dict[int, Submission]:
    """Organisation -> its submission in the round, made where there was none."""
    wanted = [Submission(round=collection, organisation=each) for each in organisations]
    Submission.objects.bulk_create(wanted, ignore_conflicts=True)
    return {submission.organisation_id: submission for submission in collection.submissions.all()}


# ---------------------------------------------------------------- states


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
    """The one function that changes an answer's state. ``own_work``: who entered it may accept it, as only
    the bulk entry of what was collected elsewhere allows."""
    chosen = Answer.objects.filter(pk__in=[answer.pk for answer in answers])
    hold(Plan.objects.filter(pk__in=Kpi.objects.filter(answers__in=chosen).values("plan")))
    states = dict(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", "state"))
    for answer in answers:
        check_move(answer, AnswerStatus(states[answer.pk]), to, reason)
    if to in DECIDED and not own_work:
        check_others_work(answers, by)
    stamps = {"state": to, **stamps_of(to, by, now, reason, correct_by)}
    chosen.update(**stamps)
    for answer in answers:
        for name, value in stamps.items():
            setattr(answer, name, value)
    prefetch_related_objects(answers, "round", "organisation", "kpi")
    sent = sent_before(answers) if to in DECIDED else {}
    record_all(
        entry(
            by=by,
            action=AuditAction.SENT_BACK if (states[answer.pk], to) == SENT_BACK else AUDITED[to],
            obj=answer,
            changes=moved(answer, AnswerStatus(states[answer.pk]), sent),
            reason=reason,
            only_for=answer.organisation.code if {states[answer.pk], to} <= UNSENT else "",
        )
        for answer in answers
    )
    if AnswerStatus.ACCEPTED in (to, *states.values()):
        settle_answers([key_of(answer) for answer in answers])


def moved(answer: Answer, state: AnswerStatus, sent: Mapping[Place, Answer]) -> Changes:
    """What the history says of a move. With a decision stands what the answer says, against what was sent before. Not
    with the sending: an answer that is taken back is a draft again, for its own organisation alone."""
    changes: Changes = {"state": (state, answer.state)}
    if state == AnswerStatus.SUBMITTED and answer.state in DECIDED:
        before = sent.get(place_of(answer), Answer())
        changes |= difference(picked(before, SAYS), picked(answer, SAYS))
    if answer.state == AnswerStatus.RETURNED and answer.correct_by:
        changes["correct_by"] = (None, answer.correct_by)
    return changes


def place_of(answer: Answer) -> Place:
    return (answer.submission_id, answer.kpi_id, answer.plan_year)


def sent_before(answers: Sequence[Answer]) -> dict[Place, Answer]:
    """Of each the last version before that was sent and not refused."""
    places = {"submission__in": {each.submission_id for each in answers}, "kpi__in": {each.kpi_id for each in answers}}
    newest = {place_of(answer): answer.version for answer in answers}
    earlier = Answer.objects.filter(**places).exclude(state__in=UNSENT).exclude(REFUSED).order_by("version")
    return {place_of(each): each for each in earlier if each.version < newest.get(place_of(each), 0)}


def check_move(answer: Answer, state: AnswerStatus, to: AnswerStatus, reason: str) -> None:
    if not workflow.may_become(state, to):
        raise ValidationError(f"An answer in the state “{state.label}” cannot get the state “{to.label}”.")
    if to == AnswerStatus.RETURNED and not reason:
        raise ValidationError("Say why the answer is returned.")
    if to in UNSENT:
        return
    if answer.says_nothing:
        raise ValidationError("An answer that says nothing cannot be sent.")
    if answer.standing == Standing.NOT_APPLICABLE and not answer.comment:
        raise ValidationError("Say in the comment why this does not apply.")


def stamps_of(to: AnswerStatus, by: User | None, now: datetime, reason: str, correct_by: date | None) -> dict[str, Any]:
    """Who sent and who decided. A returned answer keeps the reason until it is sent again."""
    sent = {"sent_at": now, "sent_by": by}
    decided = {"decided_at": now, "decided_by": by, "decision_reason": reason, "correct_by": correct_by}
    match to:
        case AnswerStatus.SUBMITTED:
            return sent | dict.fromkeys(decided) | {"decision_reason": ""}
        case AnswerStatus.ACCEPTED | AnswerStatus.RETURNED:
            return decided
    return dict.fromkeys(sent)


# ---------------------------------------------------------------- what was collected elsewhere


@transaction.atomic
def enter_answers(
    *, collection: Round, answers: Sequence[Answer], accept: bool, by: User | None, now: datetime
) -> Outcome:
    """Enters answers on behalf of the organisations; ``accept``: decided at once. They are not stored yet and
    have organisation, KPI, reading, plan year and what they say. Raises Contested."""
    hold(Plan.objects.filter(pk=collection.plan_id))
    newest = newest_answers(collection)
    for answer in answers:
        keep_figure_words(newest.get(key_of(answer)), answer)
    steps = [step_of(newest.get(key_of(answer), Answer()), answer, accept) for answer in answers]
    before = [newest.get(key_of(answer)) for answer in answers]
    if accept and (contested := [*filter(None, map(still_contested, steps, before, answers))]):
        raise Contested(contested)
    write_answers(collection, only(answers, steps, Step.WRITE), newest, accept, by, now)
    outcome = Outcome(tuple(map(done_with, steps, before, answers)))
    if waiting := [newest[key_of(answer)] for answer in only(answers, steps, Step.DECIDE)]:
        move(*waiting, to=AnswerStatus.ACCEPTED, by=by, now=now, own_work=True)
    return outcome


def keep_figure_words(before: Answer | None, answer: Answer) -> None:
    """A file that says nothing of where a figure comes from and how it is counted, as most do not have these columns,
    takes nothing away: of the same figure the words that are there stay."""
    amounts = ("value", "numerator", "denominator")
    if before is None or any(getattr(answer, name) for name in FIGURE_WORDS):
        return
    if picked(before, amounts) == picked(answer, amounts):
        for name in FIGURE_WORDS:
            setattr(answer, name, getattr(before, name))


def step_of(before: Answer, answer: Answer, accept: bool) -> Step:
    return step(before.state, same=says_the_same(before, answer), accept=accept)


def still_contested(step: Step, before: Answer | None, answer: Answer) -> Answer | None:
    """The answer, where it would be accepted and the Member says of the same words that it did not say them."""
    same = before is not None and says_the_same(before, answer) and is_contested(before)
    return answer if same and step is not Step.KEEP else None


def done_with(step: Step, before: Answer | None, answer: Answer) -> Done:
    decided = {"state": (before and before.state, AnswerStatus.ACCEPTED)}
    return done(step, known=before is not None, changes=changed(before, answer), decided=decided)


def newest_answers(collection: Round) -> dict[Key, Answer]:
    """The newest version of every answer in the round, of those that were not refused."""
    answers = Answer.objects.filter(round=collection).exclude(REFUSED).order_by("version")
    answers = answers.annotate(member_kind=F("confirmation__kind"))
    return {key_of(answer): answer for answer in answers.select_related("organisation", "kpi", "reading")}


def says_the_same(before: Answer, answer: Answer) -> bool:
    """To the same version of the reading, too, because another one may ask for something else."""
    names = ("reading_id", *SAYS)
    return picked(before, names) == picked(answer, names)


def write_answers(
    collection: Round,
    answers: Sequence[Answer],
    newest: Mapping[Key, Answer],
    accept: bool,
    by: User | None,
    now: datetime,
) -> None:
    submissions = give_submissions(collection, {answer.organisation for answer in answers})
    decided = {"decided_at": now, "decided_by": by} if accept else {}
    places = Answer.objects.filter(round=collection).order_by().values_list("organisation_id", "kpi_id", "plan_year")
    last = {tuple(place): version for *place, version in places.annotate(last=Max("version"))}
    for answer in answers:
        answer.submission = submissions[answer.organisation_id]
        answer.round, answer.as_at = collection, collection.as_at
        answer.version = last.get(key_of(answer), 0) + 1
        answer.state = AnswerStatus.ACCEPTED if accept else AnswerStatus.SUBMITTED
        answer.on_behalf = True
        answer.entered_at = answer.sent_at = now
        answer.entered_by = answer.sent_by = by
        for name, value in decided.items():
            setattr(answer, name, value)
    Answer.objects.bulk_create(answers, batch_size=BATCH)
    keep_writers(*((newest.get(key_of(answer)), answer) for answer in answers), by=by)
    record_all(
        entry(
            by=by,
            action=AuditAction.IMPORTED,
            obj=answer,
            changes=changed(newest.get(key_of(answer)), answer),
        )
        for answer in answers
    )
    if accept:
        settle_answers([key_of(answer) for answer in answers])


def changed(before: Answer | None, answer: Answer) -> Changes:
    said = difference(picked(before or Answer(), SAYS), picked(answer, SAYS))
    if before and before.reading_id != answer.reading_id:
        said["reading"] = (before.reading.valid_from, answer.reading.valid_from)
    return {"state": (before and before.state, answer.state)} | said


# ---------------------------------------------------------------- which one speaks


def settle_answers(keys: Collection[Key]) -> None:
    """Says of every accepted answer on these keys from which as-at date on another one speaks instead. Of two
    rounds with the same as-at date the one opened later speaks, of two versions in a round the newer one."""
    touched = Answer.objects.filter(organisation__in={key[0] for key in keys}, kpi__in={key[1] for key in keys})
    touched.exclude(state=AnswerStatus.ACCEPTED).exclude(replaced_from=None).update(replaced_from=None)
    following = Window(
        Lead("as_at"),
        partition_by=(F("organisation"), F("kpi"), F("plan_year")),
        order_by=(
            F("as_at").asc(),
            F("round__opened_at").asc(nulls_first=True),
            F("round").asc(),
            F("version").asc(),
        ),
    )
    speaking = touched.filter(state=AnswerStatus.ACCEPTED).order_by().annotate(following=following)
    stale = [answer for answer in speaking.only("replaced_from") if answer.replaced_from != answer.following]
    for answer in stale:
        answer.replaced_from = answer.following
    Answer.objects.bulk_update(stale, ["replaced_from"], batch_size=BATCH)
