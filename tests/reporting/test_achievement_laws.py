"""What holds for every KPI at every date, tried on made-up ones; above all: it is what the oracle says."""

from collections.abc import Callable
from dataclasses import asdict, fields, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from reporting.achievement import Result, Status, achievement, percent_of, progress_of, rounded, shown
from reporting.inputs import Answer, AnswerState, Basis, Facts, Participation, Rule
from tests.reporting.oracle import Expectation, View, exact_value, expectation
from tests.reporting.strategies import Case, Combination, cases
from workplan.choices import COMBINATIONS, NAMES_MEMBERS, Measure, Period, Source

EVERY = sorted(COMBINATIONS)
NAMING = [combination for combination in EVERY if combination[1] in NAMES_MEMBERS]

many = settings(max_examples=300, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
some = settings(many, max_examples=80)


def each(combinations: list[Combination]) -> pytest.MarkDecorator:
    ids = ["-".join(combination) for combination in combinations]
    return pytest.mark.parametrize("combination", combinations, ids=ids)


def of(case: Case) -> Result:
    return achievement(case.rule, case.facts, case.frame, case.rosters, case.as_of, case.basis)


def as_expected(result: Result) -> Expectation:
    """The fields of a result of which the oracle speaks."""
    spoken_of = {field.name: getattr(result, field.name) for field in fields(Expectation)}
    years = tuple((year.year, year.value, year.percent, year.met) for year in result.years)
    return Expectation(**(spoken_of | {"years": years}))


@each(EVERY)
@many
@given(data=st.data())
def test_it_is_what_the_oracle_says(combination, data):
    case = data.draw(cases(combination))
    wanted = expectation(case.rule, case.facts, case.frame, case.rosters, case.as_of, case.basis)
    assert as_expected(of(case)) == wanted


# ---------------------------------------------------------------- who counts


@each(NAMING)
@some
@given(data=st.data())
def test_a_member_counts_once(combination, data):
    result = of(data.draw(cases(combination)))
    assert len(set(result.counted)) == len(result.counted)
    if result.value is not None:
        assert result.value == len(result.counted)


@each(NAMING)
@some
@given(data=st.data())
def test_everybody_asked_is_in_a_list_and_nobody_in_two(combination, data):
    case = data.draw(cases(combination))
    result, roster = of(case), case.rosters.now
    kinds = (result.counted, result.not_counted, result.pending, result.unanswered, result.not_applicable)
    listed = [set(kind) for kind in kinds]
    assert [sorted(kind) for kind in listed] == [list(kind) for kind in kinds]
    counted, not_counted, pending, unanswered, not_applicable = listed
    everybody = set.union(*listed)
    assert roster.asked_members <= everybody <= roster.members
    assert not_counted | unanswered <= roster.asked_members
    # A Member can be pending and not applicable; no other two lists share anybody.
    assert sum(map(len, listed)) - len(pending & not_applicable) == len(everybody)
    assert set(result.being_corrected) <= unanswered
    assert result.up_to == len(counted | pending | unanswered)


@each(NAMING)
@some
@given(data=st.data())
def test_nobody_is_pending_on_the_reported_basis(combination, data):
    assert of(replace(data.draw(cases(combination)), basis=Basis.REPORTED)).pending == ()


# ---------------------------------------------------------------- what must not matter


@each(EVERY)
@some
@given(data=st.data())
def test_the_order_of_entry_does_not_matter(combination, data):
    case = data.draw(cases(combination))
    mixed = [tuple(data.draw(st.permutations(rows))) for rows in vars(case.facts).values()]
    assert of(replace(case, facts=Facts(*mixed))) == of(case)


def all_accepted(facts: Facts) -> Facts:
    """What is sent is accepted, and what is undecided confirmed."""
    sent = AnswerState.SUBMITTED
    return Facts(
        tuple(row._replace(state=AnswerState.ACCEPTED) if row.state is sent else row for row in facts.answers),
        tuple(row._replace(accepted=row.reported) for row in facts.activities),
        tuple(row._replace(accepted=row.reported) for row in facts.participations),
        tuple(row._replace(accepted=row.reported) for row in facts.arrangements),
    )


@each(EVERY)
@some
@given(data=st.data())
def test_accepting_everything_makes_accepted_what_was_reported(combination, data):
    """The baseline is always on the accepted basis, so it is stated here lest it moves."""
    case = data.draw(cases(combination))
    case = replace(case, rule=replace(case.rule, baseline=Fraction(1)), basis=Basis.REPORTED)
    accepted = replace(case, facts=all_accepted(case.facts), basis=Basis.ACCEPTED)
    as_before = {"baseline_collected": of(case).baseline_collected}
    assert replace(of(accepted), **as_before) == of(case)


def put_together(facts: Facts) -> Facts:
    """The same facts, each standing for all that are alike but for who they are about."""
    answers: dict[Answer, set[str]] = {}
    for row in facts.answers:
        answers.setdefault(row._replace(organisations=frozenset()), set()).update(row.organisations)
    parts: dict[tuple[object, ...], list[Participation]] = {}
    for part in facts.participations:
        parts.setdefault(part[1:7], []).append(part)
    return replace(
        facts,
        answers=tuple(row._replace(organisations=frozenset(codes)) for row, codes in answers.items()),
        participations=tuple(added_up(alike) for alike in parts.values()),
    )


def added_up(alike: list[Participation]) -> Participation:
    both = [part for part in alike if part.participants is not None and part.women is not None]
    return alike[0]._replace(
        organisations=frozenset().union(*(part.organisations for part in alike)),
        participants=sum(part.participants for part in both) if both else None,
        women=sum(part.women for part in both) if both else None,
        heads=sum(part.heads for part in alike),
        woman_heads=sum(part.woman_heads for part in alike),
    )


@each(EVERY)
@some
@given(data=st.data())
def test_facts_that_are_alike_may_be_put_together(combination, data):
    case = data.draw(cases(combination))
    assert of(replace(case, facts=put_together(case.facts))) == of(case)


# ---------------------------------------------------------------- numbers as shown


@each(EVERY)
@some
@given(data=st.data())
def test_nothing_below_its_target_is_shown_as_having_reached_it(combination, data):
    case = data.draw(cases(combination))
    result = of(case)
    view = View(case.rule, case.facts, case.frame, case.as_of, case.basis)
    value = exact_value(view, case.rosters.now)
    assert (value is None) == (result.value is None) == (result.percent is None)
    if value is None or result.value is None or result.percent is None:
        return
    assert 0 <= result.percent <= 100
    below = value < case.rule.target
    assert (Fraction(result.value) < case.rule.target) == below
    assert (result.percent < 100) == below
    assert result.progress is None or (result.progress < 100) == below


fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=100_000)
targets = st.fractions(min_value="0.01", max_value=1000, max_denominator=100)


@many
@given(value=fractions, target=targets)
def test_percent_is_between_0_and_100_and_100_only_where_it_is_reached(value, target):
    percent = percent_of(value, target)
    assert percent is not None
    assert 0 <= percent <= 100
    assert (percent == 100) == (value >= target)
    assert abs(Fraction(percent) - min(max(100 * value / target, 0), 100)) <= Fraction(1, 10)


@many
@given(target=targets, short=st.fractions(min_value="0.000001", max_value="0.1", max_denominator=1_000_000))
def test_a_hairs_breadth_below_the_target_is_below_it(target, short):
    rule = Rule(Source.STATUS, Measure.MEMBERS, Period.STANDING, target)
    value = target - short * target
    percent, progress = percent_of(value, target), progress_of(rule, value, Fraction(0))
    assert percent == progress
    assert percent is not None
    assert percent <= Decimal("99.9")
    assert Fraction(shown(value, 2, target)) < target


@many
@given(number=fractions, places=st.integers(0, 3))
def test_rounding_is_to_the_nearest_and_the_same_on_both_sides_of_zero(number, places):
    result = rounded(number, places)
    assert abs(Fraction(result) - number) <= Fraction(1, 2 * 10**places)
    assert rounded(-number, places) == -result
    assert abs(result) >= abs(number) or abs(Fraction(result) - number) < Fraction(1, 2 * 10**places)


# ---------------------------------------------------------------- the made-up KPIs reach everything


def reached_by(combination: Combination, condition: Callable[[Result], bool]) -> Result:
    """One that fits; hypothesis says so where there is none."""
    without_shrinking = settings(max_examples=5000, database=None, phases=["generate"], deadline=None)
    return of(find(cases(combination), lambda case: condition(of(case)), settings=without_shrinking))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_reached(status):
    wanted = [Source.STATUS] if status is not Status.NOT_BEGUN else [Source.PARTICIPATION]
    combination = next(each for each in EVERY if each[0] in wanted)
    assert reached_by(combination, lambda result: result.status is status).status is status


@pytest.mark.parametrize(
    "kind",
    ["counted", "not_counted", "pending", "unanswered", "being_corrected", "not_applicable", "without_base"],
)
def test_every_list_is_reached(kind):
    combination = next(each for each in EVERY if each[1] is Measure.MEMBERS_GROWING)
    assert asdict(reached_by(combination, lambda result: bool(getattr(result, kind))))[kind]
