"""What moves an answer from state to state, and which of several accepted ones speaks when."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.core.exceptions import ValidationError

from members.models import AuditEntry
from reporting.actions import enter_answers, move, open_round, settle_answers
from reporting.actions.answers import key_of
from reporting.choices import AnswerStatus
from reporting.models import Answer, AnswerWriter
from reporting.workflow import TRANSITIONS
from tests.reporting.builders import (
    LATER,
    NOW,
    STATUS,
    make_everything,
    make_kpi,
    make_members,
    make_milestone,
    make_plan,
    make_round,
)
from workplan.models import Kpi

SENT = {AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED, AnswerStatus.RETURNED}
DECIDED = {AnswerStatus.ACCEPTED, AnswerStatus.RETURNED}


@pytest.fixture
def plan(organisations):
    return make_everything(organisations)


def says(organisation, kpi: Kpi, standing: str = "in_place", **more) -> Answer:
    """An answer that is not stored yet."""
    return Answer(organisation=organisation, kpi=kpi, reading=kpi.readings.get(), standing=standing, **more)


@pytest.fixture
def answer(cast, organisations, plan) -> Answer:
    """Sent by Ed on behalf of Australia."""
    made = says(organisations.australia, Kpi.objects.get(code="1.1.1(a)"))
    enter_answers(collection=make_round(plan), answers=[made], accept=False, by=cast.ed, now=NOW)
    return made


def put(answer: Answer, state: AnswerStatus) -> None:
    """Into a state as the database would know it, whatever led there."""
    answer.state = state
    answer.sent_at = NOW if state in SENT else None
    answer.decided_at = NOW if state in DECIDED else None
    answer.decision_reason = "Which one?" if state == AnswerStatus.RETURNED else ""
    answer.save()


# ---------------------------------------------------------------- states


@pytest.mark.parametrize(("state", "to"), list(product(AnswerStatus, AnswerStatus)))
def test_an_answer_moves_as_the_table_says_and_not_otherwise(cast, answer, state, to):
    put(answer, state)
    if to in TRANSITIONS[state]:
        move(answer, to=to, by=cast.ada, now=LATER, reason="Which one?")
        assert Answer.objects.get().state == to
        return
    with pytest.raises(ValidationError) as refused:
        move(answer, to=to, by=cast.ada, now=LATER, reason="Which one?")
    [sentence] = refused.value.messages
    assert sentence == f"An answer in the state “{state.label}” cannot get the state “{to.label}”."
    assert (Answer.objects.get().state, AuditEntry.objects.count()) == (state, 1)


def test_the_state_that_counts_is_the_stored_one(cast, answer):
    same = Answer.objects.get()
    move(answer, to=AnswerStatus.ACCEPTED, by=cast.ada, now=LATER)
    with pytest.raises(ValidationError, match="in the state “Accepted” cannot get the state “Accepted”"):
        move(same, to=AnswerStatus.ACCEPTED, by=cast.ada, now=LATER)


@pytest.mark.parametrize("to", [AnswerStatus.ACCEPTED, AnswerStatus.RETURNED])
def test_nobody_decides_on_their_own_work(cast, answer, to):
    with pytest.raises(ValidationError, match="Nobody decides on what they entered or sent themselves"):
        move(answer, to=to, by=cast.ed, now=LATER, reason="Which one?")
    Answer.objects.update(entered_by=cast.connie, sent_by=cast.ali)
    AnswerWriter.objects.update(person=cast.connie)
    move(Answer.objects.get(), to=to, by=cast.ed, now=LATER, reason="Which one?")
    assert Answer.objects.get().decided_by == cast.ed


def test_a_return_has_a_reason_and_a_date(cast, answer):
    with pytest.raises(ValidationError, match="Say why the answer is returned"):
        move(answer, to=AnswerStatus.RETURNED, by=cast.ada, now=LATER)
    until = date(2026, 8, 29)
    move(answer, to=AnswerStatus.RETURNED, by=cast.ada, now=LATER, reason="Which one?", correct_by=until)
    stored = Answer.objects.get()
    assert (stored.decided_at, stored.decided_by, stored.decision_reason, stored.correct_by) == (
        LATER, cast.ada, "Which one?", until,
    )  # fmt: skip
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_name, entry.action, entry.reason) == ("Ada", "returned", "Which one?")
    assert entry.changes == {
        "state": ["submitted", "returned"],
        "standing": ["", "in_place"],
        "correct_by": [None, "2026-08-29"],
    }


def test_sending_again_takes_the_decision_away(cast, answer):
    move(answer, to=AnswerStatus.RETURNED, by=cast.ada, now=LATER, reason="Which one?", correct_by=LATER.date())
    move(answer, to=AnswerStatus.SUBMITTED, by=cast.ali, now=LATER + timedelta(days=1))
    stored = Answer.objects.get()
    assert (stored.sent_by, stored.sent_at) == (cast.ali, LATER + timedelta(days=1))
    assert (stored.decided_at, stored.decided_by, stored.decision_reason, stored.correct_by) == (None, None, "", None)


def test_withdrawing_takes_the_sending_away(cast, answer):
    move(answer, to=AnswerStatus.DRAFT, by=cast.ali, now=LATER)
    stored = Answer.objects.get()
    assert (stored.state, stored.sent_at, stored.sent_by) == ("draft", None, None)
    assert AuditEntry.objects.latest("pk").action == "withdrawn"


def test_what_says_nothing_is_not_sent(cast, answer):
    put(answer, AnswerStatus.DRAFT)
    Answer.objects.update(standing="")
    with pytest.raises(ValidationError, match="An answer that says nothing cannot be sent"):
        move(Answer.objects.get(), to=AnswerStatus.SUBMITTED, by=cast.ali, now=LATER)
    Answer.objects.update(standing="not_applicable")
    with pytest.raises(ValidationError, match="Say in the comment why this does not apply"):
        move(Answer.objects.get(), to=AnswerStatus.SUBMITTED, by=cast.ali, now=LATER)
    move(Answer.objects.get(), to=AnswerStatus.AWAITING_APPROVAL, by=cast.connie, now=LATER)


# ---------------------------------------------------------------- which one speaks


def enter(collection, *answers, accept=True) -> None:
    enter_answers(collection=collection, answers=answers, accept=accept, by=None, now=NOW)


def spoken() -> dict[str, date | None]:
    return dict(Answer.objects.values_list("comment", "replaced_from"))


def test_an_accepted_answer_that_is_returned_gives_its_place_back(cast, organisations, plan):
    kpi, fiji = Kpi.objects.get(code="1.1.1(a)"), organisations.fiji
    first, second = make_round(plan, "first"), make_round(plan, "second", date(2027, 6, 30))
    later = says(fiji, kpi, comment="later")
    enter(first, says(fiji, kpi, comment="earlier"))
    enter(second, later)
    assert spoken() == {"earlier": date(2027, 6, 30), "later": None}

    move(later, to=AnswerStatus.RETURNED, by=cast.ada, now=LATER, reason="Which one?")
    assert spoken() == {"earlier": None, "later": None}


def test_years_organisations_and_kpis_replace_only_themselves(organisations, plan):
    a, b = Kpi.objects.get(code="1.1.1(a)"), Kpi.objects.get(code="1.1.1(b)")
    base = {"standing": "", "participated": True}
    for code, as_at in (("first", date(2026, 12, 31)), ("second", date(2027, 6, 30))):
        enter(
            make_round(plan, code, as_at),
            says(organisations.fiji, a, comment=f"a {code}"),
            says(organisations.fiji, b, comment=f"base {code}", plan_year=2025, **base),
            says(organisations.fiji, b, comment=f"year {code}", plan_year=2026, **base),
        )
    enter(make_round(plan, "third", date(2027, 12, 31)), says(organisations.australia, a, comment="other"))
    assert spoken() == {
        "a first": date(2027, 6, 30),
        "base first": date(2027, 6, 30),
        "year first": date(2027, 6, 30),
        "a second": None,
        "base second": None,
        "year second": None,
        "other": None,
    }


def test_of_equal_dates_the_later_opened_speaks_and_one_never_opened_last(organisations, plan):
    kpi, fiji = Kpi.objects.get(code="1.1.1(a)"), organisations.fiji
    rounds = [make_round(plan, code) for code in ("never", "second", "first", "never again")]
    for collection in rounds:
        enter(collection, says(fiji, kpi, comment=collection.code))
    assert [comment for comment, day in spoken().items() if day is None] == ["never again"]
    open_round(collection=rounds[2], by=None, now=NOW)
    assert [comment for comment, day in spoken().items() if day is None] == ["first"]
    open_round(collection=rounds[1], by=None, now=LATER)
    assert [comment for comment, day in spoken().items() if day is None] == ["second"]


def test_what_is_not_accepted_replaces_nothing_and_is_not_replaced(organisations, plan):
    kpi, fiji = Kpi.objects.get(code="1.1.1(a)"), organisations.fiji
    enter(make_round(plan, "first"), says(fiji, kpi, comment="accepted"))
    enter(make_round(plan, "second", date(2027, 6, 30)), says(fiji, kpi, comment="sent"), accept=False)
    Answer.objects.filter(comment="sent").update(replaced_from=date(2027, 6, 30))
    settle_answers([key_of(Answer.objects.first())])
    assert spoken() == {"accepted": None, "sent": None}


def test_settling_takes_as_many_queries_for_many_keys_as_for_one(
    organisations, django_assert_num_queries, django_assert_max_num_queries
):
    plan = make_plan()
    kpi = make_kpi(make_milestone(plan), "1.1.1(a)", group="members", **STATUS)
    members = make_members(35)
    for year in (2026, 2027):
        enter(make_round(plan, f"in-{year}", date(year, 6, 30)), *(says(each, kpi) for each in members))
    right = list(Answer.objects.order_by("pk").values())
    for number in (1, 3, 35):
        keys = [(member.pk, kpi.pk, None) for member in members[:number]]
        Answer.objects.filter(organisation__in=members[:number]).update(replaced_from=date(2000, 1, 1))
        with django_assert_max_num_queries(5):
            settle_answers(keys)
        assert list(Answer.objects.order_by("pk").values()) == right
        with django_assert_num_queries(2):
            settle_answers(keys)
