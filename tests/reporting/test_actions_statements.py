"""Organisations confirm or contest what the register says of them, and the secretariat settles it."""

from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from members.models import AuditEntry
from reporting.actions import ActivityRecord, ArrangementRecord, record_activities, record_arrangements
from reporting.actions.statements import settle_part, settle_side, state_part, state_side
from reporting.choices import StatementKind
from reporting.models import (
    Activity,
    ActivityPart,
    ActivityVersion,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    SideStatement,
)
from tests.reporting.builders import LATER, NOW

RIGHT, WRONG = StatementKind.CONFIRMED, StatementKind.CONTESTED
SAYS = ("organisation__code", "kind", "reason", "made_by__name", "settled_by__name", "settlement")


def record_workshop(organisations, title="Workshop") -> Activity:
    version = ActivityVersion(title=title, kind="workshop", start=date(2026, 9, 1))
    both = (organisations.australia, organisations.fiji)
    parts = [ActivityPart(organisation=each, takes_part=True) for each in both]
    record_activities(records=[ActivityRecord("A-1", version, parts)], accept=True, by=None, now=NOW)
    return Activity.objects.get()


@pytest.fixture
def on_activity(cast, organisations):
    """What is said of a workshop of Australia and Fiji."""
    found = record_workshop(organisations)

    def state(kind, reason="", organisation=organisations.australia, by=cast.connie):
        return state_part(activity=found, organisation=organisation, kind=kind, reason=reason, by=by, now=LATER)

    def contested():
        rows = ActivityPart.objects.filter(version__activity=found, contested=True)
        return sorted(set(rows.values_list("version__number", "organisation__code")))

    return SimpleNamespace(
        model=PartStatement, found=found, state=state, settle=settle_part, contested=contested, mark=[(1, "AUS")],
        stranger="The record does not name RPSG.",
    )  # fmt: skip


@pytest.fixture
def on_arrangement(cast, organisations):
    """What is said of an arrangement of Australia and Fiji."""
    parties = (organisations.australia, organisations.fiji)
    record = ArrangementRecord(parties, ArrangementVersion(signed="2018"))
    record_arrangements(records=[record], accept=True, by=None, now=NOW)
    found = Arrangement.objects.get()

    def state(kind, reason="", organisation=organisations.australia, by=cast.connie):
        return state_side(arrangement=found, organisation=organisation, kind=kind, reason=reason, by=by, now=LATER)

    return SimpleNamespace(
        model=SideStatement, found=found, state=state, settle=partial(settle_side, source="The gazette."), mark=[True],
        contested=lambda: [True] if Arrangement.objects.get().contested else [],
        stranger="RPSG is not a party of it.",
    )  # fmt: skip


@pytest.fixture(params=["on_activity", "on_arrangement"])
def on(request):
    return request.getfixturevalue(request.param)


def said(on) -> list[tuple[object, ...]]:
    return list(on.model.objects.order_by("pk").values_list(*SAYS))


def last_entry() -> tuple[object, ...]:
    return AuditEntry.objects.values_list("action", "actor_name", "changes", "reason").latest("pk")


def test_what_is_right_is_said_and_still_counts(on):
    on.state(RIGHT)
    assert said(on) == [("AUS", "confirmed", "", "Connie", None, "")]
    assert on.contested() == []
    assert last_entry() == ("confirmed", "Connie", {"statement": [None, "confirmed"]}, "")


def test_what_is_contested_is_marked_until_it_is_settled(on, cast):
    one = on.state(WRONG, " Not us. ")
    assert (said(on), on.contested()) == ([("AUS", "contested", "Not us.", "Connie", None, "")], on.mark)
    assert last_entry() == ("contested", "Connie", {"statement": [None, "contested"]}, "Not us.")
    on.settle(statement=one, settlement=" The list. ", by=cast.ed, now=LATER)
    assert (said(on), on.contested()) == ([("AUS", "contested", "Not us.", "Connie", "Ed", "The list.")], [])
    source = {"source": ["", "The gazette."]} if on.mark == [True] else {}
    assert last_entry()[:3] == ("settled", "Ed", {"settled": [False, True]} | source)


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_who_contests_says_why(on, reason):
    with pytest.raises(ValidationError) as refused:
        on.state(WRONG, reason)
    assert refused.value.message_dict == {"reason": ["Say what is wrong with the record."]}
    assert (said(on), on.contested()) == ([], [])


def test_an_organisation_that_is_not_named_says_nothing(on, organisations):
    with pytest.raises(ValidationError) as refused:
        on.state(WRONG, "Not us.", organisations.rpsg)
    assert (refused.value.messages, said(on)) == ([on.stranger], [])


def test_the_same_twice_is_said_once(on):
    assert on.state(WRONG, "Not us.") == on.state(WRONG, "Not us.")
    assert (len(said(on)), AuditEntry.objects.filter(action="contested").count()) == (1, 1)


def test_who_says_something_else_takes_the_first_back_and_both_stay(on):
    for kind, reason in ((WRONG, "Not us."), (RIGHT, ""), (WRONG, "Not then.")):
        on.state(kind, reason)
    back = ("Connie", "Connie", "Took it back.")
    assert said(on) == [
        ("AUS", "contested", "Not us.", *back),
        ("AUS", "confirmed", "", *back),
        ("AUS", "contested", "Not then.", "Connie", None, ""),
    ]
    assert on.contested() == on.mark


def test_two_contests_are_settled_one_by_one(on, cast, organisations):
    first = on.state(WRONG, "Not us.")
    second = on.state(WRONG, "Nor us.", organisations.fiji, cast.fay)
    both = on.contested()
    on.settle(statement=second, settlement="The list.", by=cast.ed, now=LATER)
    assert on.contested() == on.mark
    on.settle(statement=first, settlement="The list.", by=cast.ed, now=LATER)
    assert (both != [], on.contested()) == (True, [])


@pytest.mark.parametrize("settlement", ["", "  "])
def test_who_settles_says_what_was_decided(on, cast, settlement):
    one = on.state(WRONG, "Not us.")
    with pytest.raises(ValidationError) as refused:
        on.settle(statement=one, settlement=settlement, by=cast.ed, now=LATER)
    assert refused.value.message_dict == {"settlement": ["Say what was decided, and from which source."]}
    assert on.contested() == on.mark


def test_only_a_contest_is_settled(on, cast):
    one = on.state(RIGHT)
    with pytest.raises(ValidationError, match="This is settled already"):
        on.settle(statement=one, settlement="The list.", by=cast.ed, now=LATER)


def test_the_second_of_two_who_settle_is_told_and_changes_nothing(on, cast):
    """Both opened the page before either of them settled."""
    on.state(WRONG, "Not us.")
    first, second = on.model.objects.get(), on.model.objects.get()
    on.settle(statement=first, settlement="The list.", by=cast.ed, now=LATER)
    with pytest.raises(ValidationError, match="This is settled already"):
        on.settle(statement=second, settlement="The gazette.", by=cast.ada, now=LATER)
    assert said(on) == [("AUS", "contested", "Not us.", "Connie", "Ed", "The list.")]


def test_what_was_taken_back_meanwhile_is_not_settled(on, cast):
    on.state(WRONG, "Not us.")
    seen = on.model.objects.get()
    on.state(RIGHT)
    with pytest.raises(ValidationError, match="This is settled already"):
        on.settle(statement=seen, settlement="The list.", by=cast.ed, now=LATER)


def test_a_contested_part_stays_so_in_the_next_version(on_activity, organisations, cast):
    one = on_activity.state(WRONG, "Not us.")
    record_workshop(organisations, "Changed")
    assert on_activity.contested() == [(1, "AUS"), (2, "AUS")]
    settle_part(statement=one, settlement="The list.", by=cast.ed, now=LATER)
    assert on_activity.contested() == []
    assert ActivityVersion.objects.count() == 2
