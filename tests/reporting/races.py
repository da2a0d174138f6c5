"""Two or more people act at the same moment. On PostgreSQL each has a connection of their own; SQLite has one writer
at a time, so there they act one after the other, in an order that changes with every run.

A scenario sets a round up, lets people act at once, and says what is wrong afterwards: that something acknowledged was
lost, something was done twice or by halves, or somebody decided on what they did not see. An empty list is right."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from itertools import count
from random import Random
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from members.choices import RoleName
from members.models import AuditEntry, Organisation, OutgoingMail, Role, User
from reporting.actions import close_round, open_round
from reporting.actions.behalf import Said, confirm_on_behalf, contest_on_behalf, enter_on_behalf, keep_original
from reporting.actions.comments import comment_on_answer
from reporting.actions.deciding import accept_answers, correct_answer, return_answer
from reporting.actions.entry import save_draft, send, send_back, send_to_approver, tokens, withdraw
from reporting.actions.refusals import Stale
from reporting.actions.rounds import admit_late
from reporting.models import UNSAID, Answer, AnswerComment, Confirmation, Receipt, Round, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of, threads_of, token_of
from workplan.models import Kpi, Plan

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
WRITERS = 8
NUMBERS = count(1)


@dataclass(frozen=True)
class Stage:
    """An open round, in which one Member has its return."""

    round: Round
    submission: Submission
    member: User
    editors: tuple[User, User]
    codes: tuple[str, str]
    before: int

    @cached_property
    def questions(self) -> Any:
        return questions_of(self.round)

    def question(self, code: str) -> Any:
        return self.questions[code]

    def newest(self, code: str) -> Answer:
        found = thread_of(self.submission, self.question(code).kpi.pk, None).newest
        assert found is not None
        return found

    def waiting(self) -> dict[int, str]:
        return tokens(each.working for each in threads_of(self.submission).values() if each.working)

    def save(self, code: str, text: str, seen: str, by: User | None = None) -> Answer | None:
        says = UNSAID | {"standing": "in_place", "comment": text, "evidence_url": ""}
        typed = {"submission": self.submission, "question": self.question(code), "plan_year": None}
        return save_draft(says=says, seen=seen, by=by or self.member, now=NOW, **typed)

    def send(self, seen: dict[int, str]) -> Receipt:
        return send(submission=self.submission, seen=seen, by=self.member, now=NOW)

    def audited(self, *actions: str) -> list[AuditEntry]:
        """What was recorded since the round was set up."""
        return list(AuditEntry.objects.filter(action__in=actions, pk__gt=self.before).order_by("pk"))


def set_up(plan: Plan, member: User, editors: tuple[User, User], codes: tuple[str, str]) -> Stage:
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    code = f"race-{next(NUMBERS)}"
    collection = Round.objects.create(plan=plan, code=code, title=code, as_at=date(2026, 6, 30))
    collection.kpis.set(Kpi.objects.filter(plan=plan, code__in=codes))
    open_round(collection=collection, by=None, now=NOW)
    held = member.held_roles[0].organisation
    submission = Submission.objects.select_related("round__plan", "organisation").get(
        round=collection, organisation=Organisation.objects.get(pk=held.pk)
    )
    return Stage(submission.round, submission, member, editors, codes, last)


# ---------------------------------------------------------------- at once

Outcome = tuple[bool, Any]
"""Was it acknowledged, and what came of it: a result, or the refusal."""


Job = Callable[[], Any]


def outcome_of(job: Job) -> Outcome:
    try:
        return True, job()
    except (Stale, ValidationError) as refusal:
        return False, refusal


def at_once(number: int, *jobs: Job) -> list[Outcome]:
    """Runs them at the same moment. A refusal is an outcome; anything else, such as a deadlock, is raised."""
    if connection.vendor != "postgresql":
        order = list(range(len(jobs)))
        Random(number).shuffle(order)
        found = {place: outcome_of(jobs[place]) for place in order}
        return [found[place] for place in range(len(jobs))]
    barrier = Barrier(len(jobs))

    def run(job: Job) -> Outcome:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return outcome_of(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as people:
        return list(people.map(run, jobs))


# ---------------------------------------------------------------- scenarios


def colleagues(stage: Stage) -> list[User]:
    """As many people of the Member as write at once; the same in every run."""
    held = stage.member.held_roles[0]
    found = []
    for number in range(WRITERS):
        one, _ = User.objects.get_or_create(email=f"writer-{number}@example.org", defaults={"name": f"Writer {number}"})
        Role.objects.get_or_create(user=one, organisation=held.organisation, role=RoleName.MEMBER_CONTRIBUTOR)
        found.append(one)
    return found


def eight_writers(stage: Stage, number: int) -> Iterator[str]:
    """All opened the same form. Who is told that somebody was faster looks at the text, and saves theirs over it."""
    people = {f"text {place}": one for place, one in enumerate(colleagues(stage))}
    outcomes = at_once(number, *(partial(save_over, stage, text, by) for text, by in people.items()))
    entries = stage.audited("created", "changed")
    chain = [tuple(entry.changes["comment"]) for entry in entries]
    if sorted(after for _, after in chain) != sorted(people):
        yield f"texts lost or doubled: {chain}"
    if [entry.actor_email for entry in entries] != [people[after].email for _, after in chain]:
        yield f"a text has the name of somebody else: {chain}"
    if [before for before, _ in chain] != ["", *(after for _, after in chain[:-1])]:
        yield f"a text was replaced by somebody who had not seen it: {chain}"
    last_seen = {text: seen for text, (_, seen) in zip(people, outcomes, strict=True)}
    if any(last_seen[after] != before for before, after in chain):
        yield f"somebody replaced another text than they saw: {chain}"
    stored = stage.newest(stage.codes[0])
    if (stored.comment, stored.version, stored.edits) != (chain[-1][1], 1, WRITERS):
        yield f"stored is {stored.comment}, version {stored.version}, edit {stored.edits}"
    kept = {each.person_id for each in stored.writers.all()}
    if kept != {by.pk for by in people.values()} or stored.entered_by != people[chain[-1][1]]:
        yield f"of {WRITERS} whose text was saved, writers are {sorted(kept)}, the last {stored.entered_by}"


def save_over(stage: Stage, text: str, by: User) -> str:
    """Saves, however often somebody else is faster; returns the text that was seen last before that."""
    seen, replaced = "0", ""
    for _ in range(WRITERS * 3):
        try:
            stage.save(stage.codes[0], text, seen, by)
        except Stale as stale:
            seen, replaced = token_of(stale.newest), stale.newest.comment if stale.newest else ""
        else:
            return replaced
    raise AssertionError(f"{text} could not be saved")


def both_filled_in(stage: Stage) -> dict[int, str]:
    for code in stage.codes:
        stage.save(code, "as seen", "0")
    return stage.waiting()


def double_send(stage: Stage, number: int) -> Iterator[str]:
    seen = both_filled_in(stage)
    outcomes = at_once(number, *[lambda: stage.send(seen)] * 2)
    if [saved for saved, _ in outcomes] != [True, True] or len({receipt.pk for _, receipt in outcomes}) != 1:
        yield f"two clicks, and not one receipt for both: {outcomes}"
    if stage.submission.receipts.count() != 1:
        yield "not one receipt"
    if len(stage.audited("submitted")) != 3:
        yield "not sent once: two answers and the return"


def begin_another_while_sending(stage: Stage, number: int) -> Iterator[str]:
    """A colleague begins another answer: it is not sent, as nobody saw it, and holds nothing up."""
    one, other = stage.codes
    stage.save(one, "as seen", "0")
    seen = stage.waiting()
    (sent, found), (begun, _) = at_once(number, lambda: stage.send(seen), lambda: stage.save(other, "begun", "0"))
    if not (sent and begun):
        yield f"sent: {found}, begun: {begun}"
    if (stage.newest(one).state, stage.newest(other).state) != ("submitted", "draft"):
        yield f"the states are {stage.newest(one).state} and {stage.newest(other).state}"


def close_while_sending(stage: Stage, number: int) -> Iterator[str]:
    seen = both_filled_in(stage)
    (sent, _), (closed, _) = at_once(
        number, lambda: stage.send(seen), lambda: close_round(collection=stage.round, by=None, now=NOW)
    )
    states = {stage.newest(code).state for code in stage.codes}
    if not closed:
        yield "the round did not close"
    if states != ({"submitted"} if sent else {"draft"}) or stage.submission.receipts.count() != sent:
        yield f"acknowledged: {sent}, and the answers are {states}"
    order = [entry.action for entry in stage.audited("submitted", "closed")]
    if sent and order[-1] != "closed":
        yield "sent after it was closed"


def sent_once(stage: Stage) -> Answer:
    stage.save(stage.codes[0], "as seen", "0")
    stage.send(stage.waiting())
    return stage.newest(stage.codes[0])


def accept_while_changing(stage: Stage, number: int) -> Iterator[str]:
    """The Member takes its answer back, writes something else and sends that, while an editor accepts what they saw."""
    answer, (editor, _) = sent_once(stage), stage.editors
    seen = {answer.pk: token_of(answer)}

    def change() -> None:
        withdraw(submission=stage.submission, answers=[answer.pk], by=stage.member, now=NOW)
        found = stage.newest(stage.codes[0])
        stage.save(stage.codes[0], "something else", token_of(found))
        stage.send(stage.waiting())

    (accepted, _), (changed, _) = at_once(number, lambda: accept_answers(seen=seen, by=editor, now=NOW), change)
    stored = stage.newest(stage.codes[0])
    if accepted and changed:
        yield "taken back although it was accepted, or accepted although it was taken back"
    if not accepted and not changed:
        yield "neither happened"
    right = ("accepted", "as seen") if accepted else ("submitted", "something else")
    if (stored.state, stored.comment) != right:
        yield f"{stored.state}: {stored.comment}"


def send_back_while_sending(stage: Stage, number: int) -> Iterator[str]:
    """The approver sends in one window, and in another gives it back."""
    both_filled_in(stage)
    handing = {"submission": stage.submission, "by": stage.member, "now": NOW}
    send_to_approver(seen=stage.waiting(), **handing)
    seen = stage.waiting()
    (sent, _), (given, _) = at_once(
        number, lambda: stage.send(seen), partial(send_back, note="Which law?", seen=seen, **handing)
    )
    states = {stage.newest(code).state for code in stage.codes}
    if sent == given or states != ({"submitted"} if sent else {"draft"}):
        yield f"sent: {sent}, given back: {given}, and the answers are {states}"


def let_in_while_closing(stage: Stage, number: int) -> Iterator[str]:
    until = {"until": NOW.replace(year=2027), "reason": "A storm.", "by": stage.editors[0], "now": NOW}
    (closed, _), (let_in, _) = at_once(
        number,
        lambda: close_round(collection=stage.round, by=None, now=NOW),
        lambda: admit_late(submission=stage.submission, **until),
    )
    stored = Submission.objects.get(pk=stage.submission.pk)
    if not closed or (stored.late_until is not None) != let_in:
        yield f"closed: {closed}, let in: {let_in}, until {stored.late_until}"
    order = [entry.action for entry in stage.audited("closed", "let_in")]
    if let_in and order != ["closed", "let_in"]:
        yield "let in before it was closed"


def accept_twice(stage: Stage, number: int) -> Iterator[str]:
    answer = sent_once(stage)
    seen, mails = {answer.pk: token_of(answer)}, OutgoingMail.objects.count()
    jobs = [lambda by=by: accept_answers(seen=seen, by=by, now=NOW) for by in stage.editors]
    outcomes = at_once(number, *jobs)
    if sorted(done for done, _ in outcomes) != [False, True]:
        yield f"not accepted by exactly one: {outcomes}"
    if len(stage.audited("accepted")) != 1 or OutgoingMail.objects.count() - mails != 1:
        yield "recorded or told not once"


def return_while_accepting(stage: Stage, number: int) -> Iterator[str]:
    answer, (one, two) = sent_once(stage), stage.editors
    token = token_of(answer)
    back = {"answer": answer, "seen": token, "reason": "Why?", "correct_by": None, "by": two, "now": NOW}
    (accepted, _), (returned, _) = at_once(
        number, lambda: accept_answers(seen={answer.pk: token}, by=one, now=NOW), lambda: return_answer(**back)
    )
    stored = stage.newest(stage.codes[0])
    if stored.state != ("returned" if returned else "accepted") or not (accepted or returned):
        yield f"accepted: {accepted}, returned: {returned}, and it is {stored.state}"
    if returned and stored.decided_by_id != two.pk:
        yield "returned by nobody"


def open_twice(stage: Stage, number: int) -> Iterator[str]:
    last = Round.objects.create(plan=stage.round.plan, code=f"{stage.round.code}-b", title="B", as_at=date(2026, 6, 30))
    last.kpis.set(stage.round.kpis.all())
    outcomes = at_once(number, *[lambda: open_round(collection=Round.objects.get(pk=last.pk), by=None, now=NOW)] * 2)
    if sorted(done for done, _ in outcomes) != [False, True]:
        yield f"not opened once: {outcomes}"
    if last.submissions.count() != stage.round.submissions.count():
        yield "returns missing or doubled"


def entered(stage: Stage) -> Answer:
    """The first editor enters what came by e-mail."""
    came = {"received_on": NOW.date(), "received_from": "J. Rabuka", "by": stage.editors[0], "now": NOW}
    original = keep_original(submission=stage.submission, name="a.txt", content=b"In place.", **came)
    says = UNSAID | {"standing": "in_place", "comment": "by e-mail", "evidence_url": ""}
    latest = thread_of(stage.submission, stage.question(stage.codes[0]).kpi.pk, None).latest_sent
    said = [Said(None, says, token_of(latest))]
    question = stage.question(stage.codes[0])
    [made] = enter_on_behalf(original=original, question=question, said=said, by=stage.editors[0], now=NOW)
    return made


def confirm_twice(stage: Stage, number: int) -> Iterator[str]:
    made, (one, two, *_) = entered(stage), colleagues(stage)
    about = {"submission": stage.submission, "seen": tokens([made]), "now": NOW}
    outcomes = at_once(number, *[partial(confirm_on_behalf, by=by, **about) for by in (one, two)])
    if sorted(done for done, _ in outcomes) != [False, True]:
        yield f"not confirmed by exactly one: {outcomes}"
    if Confirmation.objects.filter(answer=made).count() != 1 or len(stage.audited("confirmed")) != 1:
        yield "stored or recorded not once"


def confirm_while_correcting(stage: Stage, number: int) -> Iterator[str]:
    """What is confirmed is what was seen: never the correction that takes its place."""
    made, (_, other) = entered(stage), stage.editors
    accept_answers(seen=tokens([made]), by=other, now=NOW)
    close_round(collection=stage.round, by=None, now=NOW)
    made = stage.newest(stage.codes[0])
    seen, says = token_of(made), UNSAID | {"standing": "planned", "comment": "corrected", "evidence_url": ""}
    typed = {"answer": made, "seen": seen, "question": stage.question(stage.codes[0]), "says": says}
    (corrected, found), (confirmed, why) = at_once(
        number,
        lambda: correct_answer(reason="A slip.", by=other, now=NOW, **typed),
        lambda: confirm_on_behalf(submission=stage.submission, seen={made.pk: seen}, by=stage.member, now=NOW),
    )
    if not corrected:
        yield f"not corrected: {found}"
    stated = list(Confirmation.objects.filter(answer__submission=stage.submission).values_list("answer", flat=True))
    if stated != [made.pk] * confirmed:
        yield f"confirmed: {confirmed} ({why}), stored of {stated}, seen was {made.pk}"


def contest_while_accepting(stage: Stage, number: int) -> Iterator[str]:
    made, (_, other) = entered(stage), stage.editors
    seen = tokens([made])
    (accepted, _), (contested, why) = at_once(
        number,
        lambda: accept_answers(seen=seen, by=other, now=NOW),
        lambda: contest_on_behalf(submission=stage.submission, seen=seen, reason="No.", by=stage.member, now=NOW),
    )
    order = [entry.action for entry in stage.audited("accepted", "contested")]
    if not contested and not isinstance(why, Stale):
        yield f"not contested: {why}"
    if order != ["accepted"] * accepted + ["contested"] * contested:
        yield f"accepted what the Member had said to be wrong: {order}"


def comment_while_deciding(stage: Stage, number: int) -> Iterator[str]:
    answer, (one, two) = sent_once(stage), stage.editors
    about = {"submission": stage.submission, "kpi": answer.kpi_id, "plan_year": None, "text": "Which law?"}
    writing = {"internal": False, "organisation": one.held_roles[0].organisation.code, "by": one, "now": NOW}
    outcomes = at_once(
        number,
        *[lambda: comment_on_answer(**about, **writing)] * 2,
        lambda: accept_answers(seen=tokens([answer]), by=two, now=NOW),
    )
    if not all(done for done, _ in outcomes):
        yield f"one stood in the way of another: {outcomes}"
    if AnswerComment.objects.filter(submission=stage.submission).count() != 1:
        yield "two clicks, and not one comment"


def enter_while_sending(stage: Stage, number: int) -> Iterator[str]:
    """The Member sends its own words while an editor enters its e-mail: one of both is sent, and no word is lost."""
    stage.save(stage.codes[0], "typed", "0")
    seen = stage.waiting()
    (sent, _), (by_mail, _) = at_once(number, lambda: stage.send(seen), lambda: entered(stage))
    if sent == by_mail:
        yield f"sent: {sent}, entered: {by_mail}"
    found = list(Answer.objects.filter(submission=stage.submission).order_by("version").values_list("comment", "state"))
    right = [("by e-mail", "submitted"), ("typed", "draft")] if by_mail else [("typed", "submitted")]
    if found != right:
        yield f"stored: {found}"


SCENARIOS = (
    eight_writers,
    double_send,
    begin_another_while_sending,
    close_while_sending,
    accept_while_changing,
    send_back_while_sending,
    let_in_while_closing,
    accept_twice,
    return_while_accepting,
    open_twice,
    confirm_twice,
    confirm_while_correcting,
    contest_while_accepting,
    comment_while_deciding,
    enter_while_sending,
)
