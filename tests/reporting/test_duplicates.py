"""Two records that may be of one event: noticed, told apart or merged, and never counted twice meanwhile."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from members.models import AuditEntry
from reporting.actions import decide
from reporting.actions.duplicates import merge, tell_apart
from reporting.actions.refusals import Stale
from reporting.choices import Decision, Likeness
from reporting.duplicates import Event, like, pairs
from reporting.inputs import Basis
from reporting.models import Activity, ActivityVersion, PartStatement, Suspicion
from reporting.report import build_report, kpi_report

from .region import INTERIM, NOW, activity, on, org

ITEMS, YES = "2.1.1(a).2", "2.2.2(a).1"
DAY = date(2026, 11, 20)


def event(number: int, title: str, start: date = DAY, days: int = 0, organisers: frozenset[int] = frozenset()) -> Event:
    return Event(number, title, start, start + timedelta(days=days), organisers)


def value(basis: Basis = Basis.REPORTED, code: str = ITEMS):
    return build_report(on(INTERIM, basis)).results[code].value


def of_a() -> list[Suspicion]:
    return list(Suspicion.objects.filter(first__reference="A"))


def newest(reference: str) -> ActivityVersion:
    return ActivityVersion.objects.filter(activity__reference=reference).latest("number")


# ---------------------------------------------------------------- what may be one event


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (event(1, "Workshop on risk management"), event(2, "Workshop on Risk Management"), True),
        (event(1, "Workshop on risk management"), event(2, "Risk management workshop"), True),
        (event(1, "Workshop on risk management"), event(2, "Workshop, on risk management", DAY + timedelta(3)), True),
        (event(1, "Workshop on risk management"), event(2, "Workshop on risk management", DAY + timedelta(4)), False),
        (
            event(1, "Workshop on risk management", days=5),
            event(2, "Workshop on risk management", DAY + timedelta(8)),
            True,
        ),
        (event(1, "Alerts of March 2027"), event(2, "Survey on e-commerce"), False),
        (event(1, "Operation Heron, phase 1"), event(2, "Operation Heron, phase 2"), False),
        (event(1, "Operation Heron, phase 1"), event(2, "Operation Heron, phase"), True),
        (
            event(1, "Operation Heron, second phase", organisers=frozenset({7})),
            event(2, "Operation Heron phase 2", organisers=frozenset({7, 9})),
            True,
        ),
        (event(1, "Operation Heron, second phase"), event(2, "Operation Heron phase 2"), False),
    ],
)
def test_the_same_days_and_nearly_the_same_title_make_a_pair(one, other, same):
    assert (list(pairs([other, one], {1})) == [(1, 2)]) is same
    assert list(pairs([one, other], {3})) == []


TITLES = st.sampled_from(
    ["Risk management workshop", "Workshop on risk", "Heron", "Alerts of March", "Alerts of April"]
)
EVENTS = st.builds(
    event,
    number=st.integers(1, 30),
    title=TITLES,
    start=st.integers(0, 20).map(lambda day: DAY + timedelta(days=day)),
    days=st.integers(0, 12),
    organisers=st.frozensets(st.integers(1, 3), max_size=2),
)


@given(st.lists(EVENTS, max_size=12, unique_by=lambda each: each.activity))
def test_the_quick_comparison_finds_what_comparing_all_with_all_finds(events):
    every = {
        tuple(sorted((a.activity, b.activity)))
        for a in events
        for b in events
        if a.activity != b.activity and a.may_be(b)
    }
    assert set(pairs(events, {each.activity for each in events})) == every


# ---------------------------------------------------------------- noticed


def test_a_second_record_is_noticed_and_forgotten_when_it_is_no_more_alike(world):
    one = activity("A", DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs")
    two = activity("B", DAY, {ITEMS: 5}, accept=False, title="Alerts on Drugs")
    [found] = of_a()
    assert (found.first, found.second, found.ruling, found.noticed_at) == (one, two, Likeness.OPEN, NOW)
    activity("B", DAY + timedelta(days=30), {ITEMS: 5}, accept=False, title="Alerts on Drugs")
    assert not of_a()


def test_what_was_told_apart_is_not_noticed_again(world):
    activity("A", DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs")
    activity("B", DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs")
    tell_apart(suspicion=of_a()[0], reason="Two teams.", by=world.people.ada, now=NOW)
    activity("B", DAY, {ITEMS: 6}, accept=False, title="Alerts on drugs")
    assert of_a()[0].ruling == Likeness.DIFFERENT


# ---------------------------------------------------------------- counted once meanwhile


def test_nothing_is_counted_twice_meanwhile(world):
    before = value()
    activity("A", DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs")
    assert value() == before + 5
    activity("B", DAY, {ITEMS: 7}, accept=False, title="Alerts on drugs")
    assert value() == before + 5
    report, _ = kpi_report(on(INTERIM, Basis.REPORTED), ITEMS)
    assert report.results[ITEMS].value == before + 5
    lines = {line.subject: line for line in report.explanations[ITEMS].lines}
    assert (lines["A"].state, lines["B"].state) == ("counted", "left_out")
    for name in "AB":
        assert "may be the same event as another record" in lines[name].why


def test_it_is_not_confirmed_before_somebody_ruled(world):
    activity("A", DAY, {ITEMS: 5}, title="Alerts on drugs")
    activity("B", DAY, {ITEMS: 7}, accept=False, title="Alerts on drugs")
    with pytest.raises(ValidationError, match=r"This may be the same event as A\. Say first whether it is"):
        decide(newest("B"), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    before = value(Basis.ACCEPTED)
    tell_apart(suspicion=of_a()[0], reason="Two teams.", by=world.people.ada, now=NOW)
    decide(newest("B"), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)
    assert value(Basis.ACCEPTED) == before + 7


def test_two_that_people_have_confirmed_both_count_and_are_marked(world):
    """A person decided on each. The figure says so, until somebody rules."""
    before = value(Basis.ACCEPTED)
    activity("A", DAY, {ITEMS: 5}, title="Alerts on drugs")
    activity("B", DAY, {ITEMS: 7}, title="Alerts on drugs")
    assert value(Basis.ACCEPTED) == before + 12
    report, _ = kpi_report(on(INTERIM), ITEMS)
    lines = {line.subject: line for line in report.explanations[ITEMS].lines}
    assert (lines["A"].state, lines["B"].state) == ("counted", "counted")
    assert "may be the same event" in lines["B"].why


# ---------------------------------------------------------------- ruled on


def test_one_is_merged_into_the_other_and_both_keep_their_histories(world):
    people = world.people
    one = activity("A", DAY, {ITEMS: 5}, title="Alerts on drugs", participants={"FJI": (3, 1), "TON": (None, None)})
    two = activity(
        "B",
        DAY,
        {ITEMS: 7, YES: 1},
        title="Alerts on drugs",
        participants={"FJI": (9, 9), "TON": (2, 2), "WSM": (None, None)},
    )
    before = value(Basis.ACCEPTED)
    merge(kept=one, gone=two, reason="One event.", by=people.ada, now=NOW)
    two.refresh_from_db()
    assert two.merged_into == one
    assert value(Basis.ACCEPTED) == before - 7
    made = newest("A")
    assert (made.decision, made.number, made.entered_by) == (Decision.UNDECIDED, 2, people.ada)
    assert dict(made.links.values_list("kpi__code", "items")) == {ITEMS: 7, YES: 1}
    assert {part.organisation.code: (part.participants, part.women) for part in made.parts.all()} == {
        "FJI": (3, 1),
        "TON": (2, 2),
        "WSM": (None, None),
    }
    decide(made, to=Decision.CONFIRMED, by=people.ed, now=NOW)
    assert value(Basis.ACCEPTED) == before - 5
    assert of_a()[0].ruling == Likeness.SAME
    assert not ActivityVersion.objects.filter(activity=two, reported=True).exists()
    assert two.versions.count() == 1
    told = AuditEntry.objects.filter(object_key="B", changes__has_key="merged_into").get()
    assert (told.changes["merged_into"], told.reason) == ([None, "A"], "One event.")


def test_what_is_merged_is_merged_once_and_not_decided_on(world):
    one, two = (activity(name, DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs") for name in "AB")
    merge(kept=two, gone=one, reason="One event.", by=world.people.ada, now=NOW)
    for kept, gone in ((one, two), (two, one)):
        with pytest.raises(Stale, match="A is merged into B already"):
            merge(kept=kept, gone=gone, reason="Again.", by=world.people.ed, now=NOW)
    with pytest.raises(ValidationError, match="merged into B"):
        decide(newest("A"), to=Decision.CONFIRMED, by=world.people.ada, now=NOW)


def test_a_ruling_has_a_reason_and_is_made_once(world):
    for name in "AB":
        activity(name, DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs")
    [found] = of_a()
    with pytest.raises(ValidationError, match="Say why"):
        tell_apart(suspicion=found, reason=" ", by=world.people.ada, now=NOW)
    tell_apart(suspicion=found, reason="Two teams.", by=world.people.ada, now=NOW)
    with pytest.raises(Stale):
        tell_apart(suspicion=found, reason="Really.", by=world.people.ed, now=NOW)
    with pytest.raises(ValidationError, match="this is the same one"):
        merge(kept=found.first, gone=found.first, reason="x", by=world.people.ed, now=NOW)


def test_a_contest_goes_with_the_record(world):
    one, two = (activity(name, DAY, {ITEMS: 5}, title="Alerts", participants=["FJI", "TON"]) for name in "AB")
    asked = {"kind": "contested", "reason": "Not us.", "made_at": NOW}
    PartStatement.objects.create(activity=two, organisation=org("FJI"), **asked)
    merge(kept=one, gone=two, reason="One event.", by=world.people.ada, now=NOW)
    assert [part.organisation.code for part in newest("A").parts.filter(contested=True)] == ["FJI"]


# ---------------------------------------------------------------- while somebody types


def test_what_is_like_it_is_shown_the_likest_first(world):
    for name, title in (("A", "Workshop on risks"), ("B", "Risk management workshop"), ("C", "E-commerce survey")):
        activity(name, DAY, {ITEMS: 1}, accept=False, title=title)
    found = like(event(0, "Risk management workshops"), Q())
    assert [each.reference for each in found] == ["B", "A"]
    assert like(event(0, "x"), Q()) == []
    known = Activity.objects.get(reference="B").pk
    assert [each.reference for each in like(event(known, "Risk management workshops"), Q())] == ["A"]
