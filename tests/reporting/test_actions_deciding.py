"""The secretariat accepts answers or returns them, sees what it decides on, and tells the Member by mail."""

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.models import AuditEntry, InHistory, OutgoingMail
from reporting.actions import close_round, enter_answers, open_round
from reporting.actions.deciding import accept_answers, correct_answer, return_answer
from reporting.actions.entry import save_draft, send, tokens, withdraw
from reporting.actions.refusals import Stale
from reporting.actions.rounds import admit_late
from reporting.models import Answer, AnswerWriter, Round, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of, threads_of, token_of
from tests.reporting.builders import LATER, NOW, make_everything, make_round

from .test_actions_entry import EMPTY


@pytest.fixture
def submission(cast, organisations) -> Submission:
    """Australia sent two answers; Connie entered them and Ali sent them."""
    collection = make_round(make_everything(organisations), closes_at=datetime(2026, 9, 1, tzinfo=UTC))
    open_round(collection=collection, by=cast.ada, now=NOW)
    found = Submission.objects.select_related("round__plan").get(organisation=organisations.australia)
    enter(found, cast, standing="planned", comment="Soon.")
    enter(found, cast, "1.1.1(c)", 2025, value=3)
    send_all(found, cast)
    return found


def enter(submission: Submission, cast, code: str = "1.1.1(a)", year: int | None = None, by=None, **says) -> None:
    question = questions_of(submission.round)[code]
    save_draft(
        submission=submission,
        question=question,
        plan_year=year,
        says=EMPTY | says,
        seen=thread_of(submission, question.kpi.pk, year).token,
        by=by or cast.connie,
        now=NOW,
    )


def send_all(submission: Submission, cast) -> None:
    waiting = [thread.working for thread in threads_of(submission).values() if thread.working]
    send(submission=submission, seen=tokens(waiting), by=cast.ali, now=NOW)


def answer_on(code: str, version: int = 1) -> Answer:
    return Answer.objects.get(kpi__code=code, version=version)


def mails() -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.order_by("pk").values_list("to", "subject"))


def send_back(answer: Answer, by, **more) -> Answer:
    terms = {"reason": "Since when?", "correct_by": None, "now": NOW} | more
    return return_answer(answer=answer, seen=token_of(answer), by=by, **terms)


def test_what_is_accepted_counts_and_the_member_is_told_once_all_is(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    assert mails() == []
    accept_answers(seen=tokens([answer_on("1.1.1(c)")]), by=cast.ed, now=LATER)
    assert list(Answer.objects.values_list("state", "decided_by")) == [("accepted", cast.ed.pk)] * 2
    assert mails() == [(f"{name}@example.org", "What you sent is accepted: baseline") for name in ("ali", "connie")]


def test_each_time_that_all_is_accepted_the_member_is_told_whether_it_sent_or_somebody_for_it(cast, submission):
    """What is entered on its behalf has no receipt, and versions are accepted in any order."""
    accept_answers(seen=tokens([answer_on("1.1.1(c)")]), by=cast.ed, now=NOW)
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    assert len(mails()) == 2
    answer = answer_on("1.1.1(a)")
    said = {name: getattr(answer, name) for name in ("organisation", "kpi", "reading", "plan_year")}
    for version, standing in ((2, "in_progress"), (3, "in_place")):
        made = [Answer(**said, standing=standing)]
        enter_answers(collection=submission.round, answers=made, accept=False, by=cast.ada, now=NOW)
        accept_answers(seen=tokens([answer_on("1.1.1(a)", version)]), by=cast.ed, now=NOW)
        assert len(mails()) == 2 * version
    with pytest.raises(ValidationError):
        accept_answers(seen=tokens([answer_on("1.1.1(a)", 3)]), by=cast.ed, now=LATER)
    assert len(mails()) == 6


def test_a_round_with_a_long_title_is_accepted_too(cast, submission):
    """The subject of the mail names the round; SQLite alone would store it at any length."""
    Round.objects.update(title="x" * 200)
    accept_answers(seen=tokens(Answer.objects.all()), by=cast.ed, now=NOW)
    assert {(len(subject), subject[-1]) for _, subject in mails()} == {(200, "…")}


def test_several_are_accepted_all_or_none(cast, submission):
    both = tokens(Answer.objects.all())
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    with pytest.raises(Stale):
        accept_answers(seen=both, by=cast.ed, now=NOW)
    with pytest.raises(ValidationError, match="Only an answer that was sent and is not decided yet can be accepted"):
        accept_answers(seen=tokens(Answer.objects.all()), by=cast.ed, now=NOW)
    assert answer_on("1.1.1(c)").state == "submitted"


def test_nobody_accepts_a_text_that_they_did_not_see(cast, submission):
    seen = tokens([answer_on("1.1.1(a)")])
    withdraw(submission=submission, answers=list(seen), by=cast.ali, now=NOW)
    with pytest.raises(Stale):
        accept_answers(seen=seen, by=cast.ed, now=NOW)
    enter(submission, cast, standing="in_place")
    send_all(submission, cast)
    with pytest.raises(Stale):
        accept_answers(seen=seen, by=cast.ed, now=NOW)
    assert answer_on("1.1.1(a)").state == "submitted"


@pytest.mark.parametrize("who", ["connie", "ali"])
def test_nobody_decides_on_what_they_entered_or_sent(cast, submission, who):
    own = getattr(cast, who)
    with pytest.raises(ValidationError, match="Nobody decides on what they entered or sent themselves"):
        accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=own, now=NOW)
    with pytest.raises(ValidationError, match="Nobody decides on what they entered or sent themselves"):
        send_back(answer_on("1.1.1(a)"), own)


def test_a_returned_answer_says_why_and_until_when_and_mail_goes_out_once(cast, submission):
    found = send_back(answer_on("1.1.1(a)"), cast.ed)
    assert (found.state, found.decision_reason, found.correct_by) == ("returned", "Since when?", date(2026, 7, 29))
    assert mails() == [
        (f"{name}@example.org", "Please correct your answer to KPI 1.1.1(a)") for name in ("ali", "connie")
    ]
    assert "The reason: Since when?" in OutgoingMail.objects.first().text
    with pytest.raises(ValidationError, match="Only an answer that was sent or accepted can be returned"):
        send_back(found, cast.ed)
    assert len(mails()) == 2


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"reason": " "}, "Say why the answer is returned."),
        ({"correct_by": date(2026, 7, 14)}, "14.07.26 has passed. Give a day from today on."),
    ],
)
def test_a_return_needs_a_reason_and_a_day_to_come(cast, submission, terms, sentence):
    with pytest.raises(ValidationError) as refused:
        send_back(answer_on("1.1.1(a)"), cast.ed, **terms)
    assert refused.value.messages == [sentence]
    assert (answer_on("1.1.1(a)").state, mails()) == ("submitted", [])


def test_an_accepted_answer_is_returned_corrected_after_closing_and_accepted(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    close_round(collection=submission.round, by=cast.ada, now=NOW)
    send_back(answer_on("1.1.1(a)"), cast.ed)
    enter(submission, cast, standing="in_place")
    send_all(submission, cast)
    accept_answers(seen=tokens([answer_on("1.1.1(a)", 2)]), by=cast.ed, now=LATER)
    assert [(each.version, each.state) for each in Answer.objects.filter(kpi__code="1.1.1(a)")] == [
        (1, "returned"),
        (2, "accepted"),
    ]


def test_only_the_newest_that_was_sent_is_decided_on(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    enter(submission, cast, standing="in_place")
    send_all(submission, cast)
    with pytest.raises(Stale):
        send_back(answer_on("1.1.1(a)"), cast.ed)
    assert send_back(answer_on("1.1.1(a)", 2), cast.ed).state == "returned"


def test_nothing_chosen_is_nothing_accepted(cast, submission):
    with pytest.raises(ValidationError, match="Choose at least one answer"):
        accept_answers(seen={}, by=cast.ed, now=NOW)


# ---------------------------------------------------------------- nobody decides on their own words

OWN = "Nobody decides on what they entered or sent themselves"


def names_of_writers(answer: Answer) -> set[str]:
    return set(answer.writers.values_list("person__name", flat=True))


def correct(answer: Answer, by, **says) -> Answer:
    """When the Member cannot do so itself any more."""
    if answer.round.closed_at is None:
        close_round(collection=answer.round, by=None, now=NOW)
    return correct_answer(
        answer=answer,
        seen=token_of(answer),
        question=questions_of(answer.round)[answer.kpi.code],
        says=EMPTY | {"standing": "in_place"} | says,
        reason="By telephone.",
        by=by,
        now=LATER,
    )


def test_whose_text_a_colleague_changed_slightly_does_not_decide_on_it(cast, submission):
    """Ed works for the Member, too; after him Connie adds a full stop."""
    withdraw(submission=submission, answers=[answer_on("1.1.1(a)").pk], by=cast.ali, now=NOW)
    enter(submission, cast, by=cast.ed, standing="in_place", comment="Since May")
    enter(submission, cast, standing="in_place", comment="Since May.")
    send_all(submission, cast)
    answer = answer_on("1.1.1(a)")
    assert (answer.entered_by, names_of_writers(answer)) == (cast.connie, {"Connie", "Ed"})
    with pytest.raises(ValidationError, match=OWN):
        accept_answers(seen=tokens([answer]), by=cast.ed, now=NOW)
    with pytest.raises(ValidationError, match=OWN):
        send_back(answer, cast.ed)
    accept_answers(seen=tokens([answer]), by=cast.ada, now=NOW)


def test_a_members_people_are_told_of_a_correction_once_it_is_accepted(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    correction = correct(answer_on("1.1.1(a)"), cast.ada)
    assert mails() == []
    accept_answers(seen=tokens([correction]), by=cast.ed, now=LATER)
    assert mails() == [
        (f"{name}@example.org", "Your answer to KPI 1.1.1(a) is corrected") for name in ("ali", "connie")
    ]
    text = OutgoingMail.objects.first().text
    assert "The secretariat corrected the answer of Australia to KPI 1.1.1(a) (baseline)." in text
    assert "The reason: By telephone." in text
    assert "It said: Planned. It says now: In place." in text


def test_a_correction_that_is_refused_changes_nothing_for_the_member(cast, submission):
    """It stays among the versions with the colleague's reason; the accepted one stands, and can be decided on."""
    accept_answers(seen=tokens(Answer.objects.all()), by=cast.ed, now=NOW)
    OutgoingMail.objects.all().delete()
    correction = correct(answer_on("1.1.1(a)"), cast.ada)
    for by, reason, sentence in ((cast.ada, "No.", OWN), (cast.ed, " ", "Say why the correction is refused")):
        with pytest.raises(ValidationError, match=sentence):
            send_back(correction, by, reason=reason)
    refused = send_back(correction, cast.ed, reason="The law is not in force.", correct_by=date(2026, 7, 20))
    assert (refused.state, refused.decided_by, refused.decision_reason, refused.correct_by, refused.refused) == (
        "returned", cast.ed, "The law is not in force.", None, True,
    )  # fmt: skip
    thread = thread_of(submission, correction.kpi_id, None)
    assert [each.version for each in thread.versions] == [each.version for each in thread.sent] == [1, 2]
    first = answer_on("1.1.1(a)")
    assert (thread.state, thread.newest, thread.latest_sent, thread.corrects) == ("accepted", first, first, None)
    assert (thread.correction, first.replaced_from, mails()) == (None, None, [])
    with pytest.raises(Stale):
        send_back(refused, cast.ed)

    again = correct(first, cast.ada, comment="Since May.")
    assert (again.version, again.state, thread_of(submission, first.kpi_id, None).corrected) == (3, "submitted", first)
    send_back(again, cast.ed)
    send_back(first, cast.ed)
    enter(submission, cast, standing="in_progress")
    send_all(submission, cast)
    accept_answers(seen=tokens([answer_on("1.1.1(a)", 4)]), by=cast.ed, now=LATER)
    assert list(Answer.objects.filter(kpi=first.kpi).order_by("version").values_list("state", flat=True)) == [
        "returned", "returned", "returned", "accepted",
    ]  # fmt: skip


def test_a_draft_that_was_left_stands_in_no_correction_s_way_and_loses_nothing(cast, submission):
    """It waits behind the correction until that is decided, and then goes on."""
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    enter(submission, cast, standing="in_progress", comment="Our draft.")
    draft, kpi = answer_on("1.1.1(a)", 2), answer_on("1.1.1(a)").kpi_id
    first, correction = answer_on("1.1.1(a)"), correct(answer_on("1.1.1(a)"), cast.ada)
    entry = AuditEntry.objects.get(object_type="reporting.answer", changes__has_key="version")
    assert (entry.actor_name, entry.changes["version"]) == ("Ada", [2, 3])
    thread = thread_of(submission, kpi, None)
    assert thread.versions == (first, correction, draft)
    assert thread.versions[2].comment == "Our draft."
    assert (thread.state, thread.newest, thread.working) == ("submitted", correction, None)

    terms = {"submission": submission, "by": cast.ada, "now": NOW}
    admit_late(until=LATER, reason="A storm.", **terms)
    with pytest.raises(ValidationError, match="is not decided yet"):
        enter(submission, cast, standing="in_place", comment="More.")
    with pytest.raises(ValidationError, match="There is no answer to send"):
        send(submission=submission, seen={}, by=cast.ali, now=NOW)
    accept_answers(seen=tokens([correction]), by=cast.ed, now=NOW)
    thread = thread_of(submission, kpi, None)
    assert (thread.state, thread.working, thread.correction) == ("draft", draft, correction)
    enter(submission, cast, standing="in_place", comment="More.")
    send_all(submission, cast)
    states = Answer.objects.filter(kpi=kpi).order_by("version").values_list("version", "state", "comment")
    assert list(states) == [(1, "accepted", "Soon."), (2, "accepted", ""), (3, "submitted", "More.")]


def test_what_is_entered_on_behalf_after_a_refused_correction_is_compared_with_what_stands(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    send_back(correct(answer_on("1.1.1(a)"), cast.ada), cast.ed)
    answer = answer_on("1.1.1(a)")
    said = {name: getattr(answer, name) for name in ("organisation", "kpi", "reading", "plan_year", "comment")}
    for standing in ("planned", "in_place"):
        made = [Answer(**said, standing=standing)]
        enter_answers(collection=submission.round, answers=made, accept=True, by=cast.ed, now=LATER)
    states = Answer.objects.filter(kpi=answer.kpi).order_by("version").values_list("version", "state")
    assert list(states) == [(1, "accepted"), (2, "returned"), (3, "accepted")]


def test_what_was_returned_goes_on_in_the_next_version_and_so_do_its_writers(cast, submission):
    accept_answers(seen=tokens([answer_on("1.1.1(a)")]), by=cast.ed, now=NOW)
    second = correct(answer_on("1.1.1(a)"), cast.ada)
    assert names_of_writers(second) == {"Ada"}
    accept_answers(seen=tokens([second]), by=cast.ed, now=NOW)
    send_back(answer_on("1.1.1(a)", 2), cast.ed)
    enter(submission, cast, standing="in_place", comment="Since May.")
    send_all(submission, cast)
    third = answer_on("1.1.1(a)", 3)
    assert names_of_writers(third) == {"Ada", "Connie"}
    with pytest.raises(ValidationError, match=OWN):
        accept_answers(seen=tokens([third]), by=cast.ada, now=LATER)
    accept_answers(seen=tokens([third]), by=cast.ed, now=LATER)
    assert names_of_writers(correct(answer_on("1.1.1(a)", 3), cast.ed, comment="Since June.")) == {"Ed"}


def test_what_is_entered_on_behalf_over_something_undecided_has_all_their_writers(cast, submission):
    answer = answer_on("1.1.1(a)")
    said = {name: getattr(answer, name) for name in ("organisation", "kpi", "reading", "plan_year")}
    for by, standing in ((cast.ed, "in_progress"), (cast.ada, "in_place")):
        made = [Answer(**said, standing=standing)]
        enter_answers(collection=submission.round, answers=made, accept=False, by=by, now=LATER)
    assert names_of_writers(answer_on("1.1.1(a)", 3)) == {"Connie", "Ed", "Ada"}
    for by in (cast.ed, cast.ada):
        with pytest.raises(ValidationError, match=OWN):
            accept_answers(seen=tokens([answer_on("1.1.1(a)", 3)]), by=by, now=LATER)


def test_a_person_is_kept_once_as_a_writer_of_a_version(cast, submission):
    answer = answer_on("1.1.1(a)")
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        AnswerWriter.objects.create(answer=answer, person=cast.connie)


@pytest.fixture
def keyed_by_row(monkeypatch):
    """As entries about answers were when that migration was written."""
    monkeypatch.setattr(Answer, "in_history", property(lambda answer: InHistory(str(answer.pk), str(answer))))


def test_who_wrote_before_the_writers_were_kept_is_read_from_the_audit_record(keyed_by_row, cast, submission):
    """The migration: who changed what is undecided, and who wrote what that was built on."""
    withdraw(submission=submission, answers=[answer_on("1.1.1(a)").pk], by=cast.ali, now=NOW)
    enter(submission, cast, by=cast.ed, standing="in_place", comment="Since May")
    enter(submission, cast, standing="in_place", comment="Since May.")
    send_all(submission, cast)
    send_back(answer_on("1.1.1(a)"), cast.ada)
    enter(submission, cast, by=cast.ali, standing="in_place", comment="Since June.")
    accept_answers(seen=tokens([answer_on("1.1.1(c)")]), by=cast.ada, now=NOW)
    kept = {answer.pk: names_of_writers(answer) for answer in Answer.objects.all()}
    assert kept[answer_on("1.1.1(a)", 2).pk] == {"Ed", "Connie", "Ali"}
    AnswerWriter.objects.all().delete()
    import_module("reporting.migrations.0005_answer_writers").who_wrote_before(apps, None)
    assert {answer.pk: names_of_writers(answer) for answer in Answer.objects.all()} == kept
