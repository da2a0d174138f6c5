"""A Member's people fill in their return: drafts, two at one answer, the approver, sending, taking back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from members.models import AuditEntry
from reporting.actions import close_round, move, open_round
from reporting.actions.entry import save_draft, send, send_back, send_to_approver, tokens, withdraw
from reporting.actions.refusals import Stale
from reporting.choices import AnswerStatus
from reporting.models import Answer, Receipt, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of, threads_of
from tests.reporting.builders import LATER, NOW, make_everything, make_round

EMPTY = {
    "standing": "",
    "participated": None,
    "value": None,
    "numerator": None,
    "denominator": None,
    "register_complete": False,
    "comment": "",
    "evidence_url": "",
}


@pytest.fixture
def submission(cast, organisations) -> Submission:
    """Australia's return in a round that is open."""
    collection = make_round(make_everything(organisations), closes_at=datetime(2026, 9, 1, tzinfo=UTC))
    open_round(collection=collection, by=cast.ada, now=NOW)
    return Submission.objects.select_related("round__plan").get(organisation=organisations.australia)


def save(submission: Submission, by, code: str = "1.1.1(a)", year: int | None = None, seen: str | None = None, **says):
    question = questions_of(submission.round)[code]
    token = thread_of(submission, question.kpi.pk, year).token if seen is None else seen
    more = {name: says.pop(name) for name in ("unchanged", "now") if name in says}
    return save_draft(
        submission=submission,
        question=question,
        plan_year=year,
        says=EMPTY | says,
        seen=token,
        by=by,
        **({"now": NOW} | more),
    )


def waiting(submission: Submission) -> dict[int, str]:
    return tokens(each.working for each in threads_of(submission).values() if each.working)


def states(submission: Submission) -> list[tuple[int, str]]:
    return list(submission.answers.order_by("kpi", "version").values_list("version", "state"))


def sent(submission: Submission, cast, **says) -> Receipt:
    save(submission, cast.connie, **says)
    return send(submission=submission, seen=waiting(submission), by=cast.ali, now=NOW)


# ---------------------------------------------------------------- drafts


def test_a_draft_may_be_unfinished_and_is_changed_in_place(cast, submission):
    first = save(submission, cast.connie, comment="Not sure yet.")
    second = save(submission, cast.ali, standing="planned", comment="Sure.", now=LATER)
    [stored] = Answer.objects.all()
    assert first.pk == second.pk == stored.pk
    assert (stored.state, stored.standing, stored.comment, stored.version) == ("draft", "planned", "Sure.", 1)
    assert (stored.entered_by, stored.entered_at, stored.as_at) == (cast.ali, LATER, date(2026, 6, 30))


def test_every_change_is_audited_from_what_to_what(cast, submission):
    save(submission, cast.connie, standing="planned")
    save(submission, cast.ali, standing="in_place")
    entries = AuditEntry.objects.filter(object_type="reporting.answer").order_by("pk")
    assert [(each.actor_name, each.action, each.changes) for each in entries] == [
        ("Connie", "created", {"standing": ["", "planned"]}),
        ("Ali", "changed", {"standing": ["planned", "in_place"]}),
    ]


def test_a_share_may_be_half_typed(cast, submission, organisations):
    rocb = Submission.objects.select_related("round__plan").get(organisation=organisations.rocb)
    save(rocb, cast.olga, "2.1.1(b)", 2025, denominator=40)
    assert Answer.objects.values_list("numerator", "denominator").get() == (None, 40)


def test_the_second_of_two_does_not_overwrite_the_first(cast, submission):
    opened = thread_of(submission, questions_of(submission.round)["1.1.1(a)"].kpi.pk, None).token
    save(submission, cast.connie, standing="planned", comment="Mine.", seen=opened)
    with pytest.raises(Stale) as stale:
        save(submission, cast.ali, standing="in_place", comment="Mine, too.", seen=opened)
    assert (stale.value.newest.comment, stale.value.newest.entered_by_name) == ("Mine.", "Connie")
    assert Answer.objects.values_list("standing", "comment").get() == ("planned", "Mine.")


def test_the_same_text_once_more_is_no_conflict_and_no_change(cast, submission):
    opened = "0"
    save(submission, cast.connie, standing="planned", seen=opened)
    save(submission, cast.connie, standing="planned", seen=opened)
    assert Answer.objects.values_list("edits", "version").get() == (1, 1)
    assert AuditEntry.objects.filter(object_type="reporting.answer").count() == 1


def test_a_form_that_was_open_while_the_answer_went_to_the_approver_does_not_change_it(cast, submission):
    save(submission, cast.connie, standing="planned")
    opened = thread_of(submission, questions_of(submission.round)["1.1.1(a)"].kpi.pk, None).token
    send_to_approver(submission=submission, seen=waiting(submission), by=cast.connie, now=NOW)
    with pytest.raises(Stale):
        save(submission, cast.connie, standing="in_place", seen=opened)
    assert Answer.objects.values_list("standing", "state").get() == ("planned", "awaiting_approval")


def test_an_old_receipt_is_none_for_what_was_taken_back(cast, submission):
    save(submission, cast.connie, standing="planned")
    seen = waiting(submission)
    send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    withdraw(submission=submission, answers=list(seen), by=cast.ali, now=NOW)
    with pytest.raises(Stale):
        send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    assert states(submission) == [(1, "draft")]


def test_nothing_typed_is_nothing_stored(cast, submission):
    assert save(submission, cast.connie) is None
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    ("now", "allowed"),
    [(datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC), True), (datetime(2026, 9, 1, tzinfo=UTC), False)],
)
def test_entry_ends_at_the_closing_moment(cast, submission, now, allowed):
    if allowed:
        assert save(submission, cast.connie, standing="planned", now=now).standing == "planned"
        return
    with pytest.raises(ValidationError) as refused:
        save(submission, cast.connie, standing="planned", now=now)
    assert refused.value.messages == [
        "This round closed on 01.09.26, 08:00 (Asia/Hong_Kong). The secretariat can let you in late."
    ]
    assert Answer.objects.count() == 0


def test_who_is_let_in_late_may_go_on_until_that_moment(cast, submission):
    close_round(collection=submission.round, by=cast.ada, now=NOW)
    Submission.objects.filter(pk=submission.pk).update(late_until=LATER, late_reason="A cyclone.")
    assert save(submission, cast.connie, standing="planned", now=LATER - timedelta(seconds=1))
    with pytest.raises(ValidationError, match=r"You were let in late until 15\.08\.26, 20:00"):
        save(submission, cast.connie, standing="in_place", now=LATER)


# ---------------------------------------------------------------- handing on


def test_a_contributor_hands_on_and_the_approver_sends(cast, submission):
    save(submission, cast.connie, standing="planned")
    assert send_to_approver(submission=submission, seen=waiting(submission), by=cast.connie, now=NOW) == 1
    assert states(submission) == [(1, "awaiting_approval")]
    receipt = send(submission=submission, seen=waiting(submission), by=cast.ali, now=LATER)
    assert (str(receipt), receipt.sent_by, receipt.sent_at) == ("BASELINE-AUS-1", cast.ali, LATER)
    assert [(line["kpi"], line["said"]) for line in receipt.content] == [("1.1.1(a)", "Planned")]
    assert Answer.objects.values_list("state", "entered_by", "sent_by").get() == (
        "submitted",
        cast.connie.pk,
        cast.ali.pk,
    )


def test_the_approver_sends_back_to_the_contributor_with_a_note(cast, submission):
    save(submission, cast.connie, standing="planned")
    send_to_approver(submission=submission, seen=waiting(submission), by=cast.connie, now=NOW)
    with pytest.raises(ValidationError, match="Say what the contributor should change"):
        send_back(submission=submission, seen=waiting(submission), note=" ", by=cast.ali, now=NOW)
    assert send_back(submission=submission, seen=waiting(submission), note="Since when?", by=cast.ali, now=NOW) == 1
    submission.refresh_from_db()
    assert (states(submission), submission.approver_note) == ([(1, "draft")], "Since when?")
    send_to_approver(submission=submission, seen=waiting(submission), by=cast.connie, now=NOW)
    submission.refresh_from_db()
    assert submission.approver_note == ""


def test_nothing_goes_back_that_changed_after_the_approver_looked(cast, submission):
    save(submission, cast.connie, standing="planned")
    send_to_approver(submission=submission, seen=waiting(submission), by=cast.connie, now=NOW)
    seen = waiting(submission)
    save(submission, cast.ali, standing="in_place")
    with pytest.raises(Stale, match="The answers changed after you opened this page"):
        send_back(submission=submission, seen=seen, note="Since when?", by=cast.ali, now=NOW)
    assert states(submission) == [(1, "awaiting_approval")]


def test_a_second_click_gets_the_receipt_of_the_first(cast, submission):
    save(submission, cast.ali, standing="planned")
    seen = waiting(submission)
    first = send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    assert send(submission=submission, seen=seen, by=cast.ali, now=LATER) == first
    assert (Receipt.objects.count(), states(submission)) == (1, [(1, "submitted")])


def test_nobody_sends_what_changed_after_they_looked(cast, submission):
    save(submission, cast.connie, standing="planned")
    seen = waiting(submission)
    save(submission, cast.connie, standing="in_place")
    with pytest.raises(Stale):
        send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    assert states(submission) == [(1, "draft")]


def test_what_was_not_seen_stays_where_it_is(cast, submission):
    """A colleague has begun another answer meanwhile: that is no reason not to send what was seen."""
    save(submission, cast.connie, standing="planned")
    seen = waiting(submission)
    save(submission, cast.connie, "1.1.1(c)", 2025, value=3)
    receipt = send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    assert [line["kpi"] for line in receipt.content] == ["1.1.1(a)"]
    assert [state for _, state in states(submission)] == ["submitted", "draft"]
    assert send(submission=submission, seen=seen, by=cast.ali, now=LATER) == receipt


def test_one_seen_answer_that_changed_holds_up_all_that_were_seen(cast, submission):
    save(submission, cast.connie, standing="planned")
    save(submission, cast.connie, "1.1.1(c)", 2025, value=3)
    seen = waiting(submission)
    save(submission, cast.connie, "1.1.1(c)", 2025, value=4)
    with pytest.raises(Stale):
        send(submission=submission, seen=seen, by=cast.ali, now=NOW)
    assert [state for _, state in states(submission)] == ["draft", "draft"]


def test_who_saw_nothing_sends_nothing(cast, submission):
    save(submission, cast.connie, standing="planned")
    with pytest.raises(Stale):
        send(submission=submission, seen={}, by=cast.ali, now=NOW)
    assert states(submission) == [(1, "draft")]


def test_unfinished_answers_hold_up_the_sending_with_a_sentence_each(cast, submission):
    save(submission, cast.connie, standing="not_applicable")
    save(submission, cast.connie, "1.1.1(c)", 2025, value=3)
    with pytest.raises(ValidationError) as refused:
        send(submission=submission, seen=waiting(submission), by=cast.ali, now=NOW)
    assert refused.value.messages == ["1.1.1(a): Say in the comment why this does not apply."]
    assert [state for _, state in states(submission)] == ["draft", "draft"]
    assert Receipt.objects.count() == 0


def test_an_empty_return_is_not_sent(cast, submission):
    with pytest.raises(ValidationError, match="There is no answer to send"):
        send(submission=submission, seen={}, by=cast.ali, now=NOW)


def test_closing_ends_the_sending_too(cast, submission):
    save(submission, cast.connie, standing="planned")
    seen = waiting(submission)
    close_round(collection=submission.round, by=cast.ada, now=NOW)
    with pytest.raises(ValidationError, match=r"This round closed on 15\.07\.26"):
        send(submission=submission, seen=seen, by=cast.ali, now=LATER)
    assert (states(submission), Receipt.objects.count()) == ([(1, "draft")], 0)


# ---------------------------------------------------------------- taking back, correcting


def test_what_is_sent_is_locked_until_it_is_taken_back(cast, submission):
    sent(submission, cast, standing="planned")
    with pytest.raises(ValidationError, match="Your approver can take it back"):
        save(submission, cast.connie, standing="in_place")
    answer = submission.answers.get()
    assert withdraw(submission=submission, answers=[answer.pk], by=cast.ali, now=LATER) == 1
    save(submission, cast.connie, standing="in_place")
    assert states(submission) == [(1, "draft")]


def test_what_is_decided_is_not_taken_back(cast, submission):
    sent(submission, cast, standing="planned")
    answer = submission.answers.get()
    move(answer, to=AnswerStatus.ACCEPTED, by=cast.ed, now=NOW)
    with pytest.raises(ValidationError, match="Only an answer that was sent and is not decided yet"):
        withdraw(submission=submission, answers=[answer.pk], by=cast.ali, now=LATER)


def test_a_correction_is_another_version_and_the_answer_stays_returned(cast, submission):
    sent(submission, cast, standing="planned", comment="Soon.")
    answer = submission.answers.get()
    move(answer, to=AnswerStatus.RETURNED, by=cast.ed, now=NOW, reason="Since when?", correct_by=date(2026, 9, 10))
    save(submission, cast.connie, standing="planned", comment="Since May.", now=LATER)
    thread = thread_of(submission, answer.kpi_id, None)
    assert [each.comment for each in thread.versions] == ["Soon.", "Since May."]
    assert (thread.state, thread.state_for_others, thread.corrects) == ("returned", "returned", answer)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [(datetime(2026, 9, 10, 15, 59, 59, tzinfo=UTC), True), (datetime(2026, 9, 10, 16, tzinfo=UTC), False)],
)
def test_a_correction_is_open_until_its_day_has_ended_there(cast, submission, now, allowed):
    """Hong Kong is eight hours ahead; the round itself is long closed."""
    sent(submission, cast, standing="planned")
    answer = submission.answers.get()
    move(answer, to=AnswerStatus.RETURNED, by=cast.ed, now=NOW, reason="Since when?", correct_by=date(2026, 9, 10))
    if allowed:
        save(submission, cast.connie, standing="in_place", now=now)
        send(submission=submission, seen=waiting(submission), by=cast.ali, now=now)
        assert states(submission) == [(1, "returned"), (2, "submitted")]
        return
    with pytest.raises(ValidationError, match=r"could be corrected until the end of 10.09.26 \(Asia/Hong_Kong\)"):
        save(submission, cast.connie, standing="in_place", now=now)
