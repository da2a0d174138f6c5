"""A figure in words: the rule of every combination, and every line with its reason."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from reporting.achievement import achievement
from reporting.explanation import explain, look_into, plain, rule_in_words
from reporting.inputs import Activity, Answer, AnswerState, Basis, Facts, Frame, Participation, Roster, Rosters, Rule
from workplan.choices import COMBINATIONS, Measure, Part, Period, Source, Standing

FRAME = Frame(date(2026, 7, 1), date(2028, 6, 30), date(2026, 6, 30), date(2028, 6, 30))
DAY = date(2027, 6, 30)
EVERYBODY = Roster(frozenset({"AUS", "FJI", "JPN", "NPL"}), frozenset({"AUS", "FJI", "JPN", "NPL"}))
STATUS = Rule(
    Source.STATUS, Measure.MEMBERS, Period.STANDING, Fraction(3), Standing.IN_PLACE, denominator=4, unit="Members"
)
YES = Rule(Source.PARTICIPATION, Measure.MEMBERS, Period.EACH_YEAR, Fraction(3), part=Part.CONTRIBUTING, unit="Members")


def rule_for(source: Source, measure: Measure, period: Period) -> Rule:
    counts_from = Standing.PLANNED if source is Source.STATUS else None
    part = Part.ANY if source is Source.PARTICIPATION else None
    return Rule(source, measure, period, Fraction(7), counts_from, part, unit="things")


def explained(rule: Rule, facts: Facts, basis: Basis = Basis.ACCEPTED):
    rosters = Rosters(EVERYBODY, EVERYBODY)
    result = achievement(rule, facts, FRAME, rosters, DAY, basis)
    return explain(rule, look_into(rule, facts, FRAME, rosters, DAY, basis, result))


def stated(member: str, standing: str, as_at: date, state: AnswerState = AnswerState.ACCEPTED, rank: int = 1) -> Answer:
    return Answer(frozenset([member]), None, as_at, (rank, 0, 1), state, Source.STATUS, standing=Standing(standing))


@pytest.mark.parametrize("combination", sorted(COMBINATIONS), ids="/".join)
def test_every_rule_has_its_words(combination):
    words = rule_in_words(rule_for(*combination))
    assert words.count(".") >= 2
    assert "The target is" in words
    assert "7" in words
    assert "None" not in words
    assert ("in every plan year" in words) is (combination[2] is Period.EACH_YEAR)


def test_no_two_rules_have_the_same_words():
    words = [rule_in_words(rule_for(*each)) for each in COMBINATIONS]
    assert len(words) == len(set(words))


def test_the_words_say_which_part_and_which_standing_counts():
    assert "Only listening does not count" in rule_in_words(YES)
    assert '"in place"' in rule_in_words(STATUS)
    assert "or further" not in rule_in_words(STATUS)
    assert '"planned" or further' in rule_in_words(rule_for(Source.STATUS, Measure.MEMBERS, Period.STANDING))
    assert "at least 3 of 4 Members" in rule_in_words(STATUS)


@pytest.mark.parametrize(
    ("number", "words"), [("28", "28"), ("4.50", "4.5"), ("100", "100"), ("0", "0"), ("0.10", "0.1"), ("1E+3", "1000")]
)
def test_numbers_are_plain(number, words):
    assert plain(Decimal(number)) == words


def test_every_member_has_a_line_with_its_state_and_why():
    facts = Facts(
        answers=(
            stated("AUS", "in_place", date(2026, 6, 30), rank=0),
            stated("AUS", "planned", DAY),
            stated("FJI", "in_place", DAY),
            stated("JPN", "in_place", DAY, AnswerState.SUBMITTED),
        )
    )
    lines = {line.subject: (line.state, line.said, line.why, line.day) for line in explained(STATUS, facts).lines}
    assert lines == {
        "AUS": ("not_counted", "Planned", "A slip: it said in place as at 30.06.26.", DAY),
        "FJI": ("counted", "In place", "", DAY),
        "JPN": ("pending", "In place", "Sent, and not decided yet.", DAY),
        "NPL": ("unanswered", "", "Neither an accepted nor a sent answer.", None),
    }


def test_a_return_is_being_corrected():
    facts = Facts(answers=(stated("AUS", "in_place", DAY, AnswerState.RETURNED),))
    [line] = [line for line in explained(STATUS, facts).lines if line.subject == "AUS"]
    assert (line.state, line.why) == ("being_corrected", "Its answer was returned and is being corrected.")


def test_a_slip_is_no_slip_when_it_has_recovered():
    facts = Facts(
        answers=(
            stated("AUS", "in_place", date(2026, 6, 30), rank=0),
            stated("AUS", "planned", date(2026, 12, 31), rank=1),
            stated("AUS", "in_place", DAY, rank=2),
        )
    )
    [line] = [line for line in explained(STATUS, facts).lines if line.subject == "AUS"]
    assert (line.state, line.why) == ("counted", "")


def part(member: str, *, accepted: bool = True, held: bool = True, contributing: bool = True, contested: bool = False):
    flags = (accepted, True, held, contributing, contested)
    return Participation(frozenset([member]), date(2026, 9, 1), *flags, reference="OP")


def test_a_part_that_does_not_count_says_why():
    event = Activity(date(2026, 9, 1), True, True, True, reference="OP", title="Operation")
    facts = Facts(
        activities=(event,),
        participations=(part("AUS"), part("FJI", contributing=False), part("JPN", contested=True)),
    )
    lines = {line.subject: (line.state, line.why) for line in explained(YES, facts).lines if line.kind == "member"}
    assert lines == {
        "AUS": ("counted", ""),
        "FJI": ("not_counted", "It took part without contributing."),
        "JPN": ("not_counted", "Its part is contested and not settled."),
        "NPL": ("unanswered", "Neither an accepted nor a sent answer."),
    }


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Activity(DAY, True, True, True, reference="A"), ""),
        (Activity(DAY, False, True, True, reference="A"), "It is not confirmed yet."),
        (Activity(DAY, False, True, False, reference="A"), "It was not held, or not yet."),
    ],
)
def test_an_activity_says_why_it_does_not_count(event, why):
    rule = Rule(Source.ACTIVITIES, Measure.ITEMS, Period.EACH_YEAR, Fraction(3), unit="alerts")
    [line] = explained(rule, Facts(activities=(event,))).lines
    assert (line.subject, line.state, line.why) == ("A", "left_out" if why else "counted", why)


def test_nothing_after_the_date_is_in_it():
    rule = Rule(Source.ACTIVITIES, Measure.ITEMS, Period.PLAN, Fraction(3), unit="alerts")
    later = Activity(date(2027, 7, 1), True, True, True, reference="LATER")
    found = explained(rule, Facts(activities=(later,)))
    assert (found.lines, found.no_value_because) == ((), "Nothing has been counted yet.")


def test_a_level_without_a_denominator_says_so_only_where_something_is_recorded_by_the_date():
    rule = Rule(Source.ACTIVITIES, Measure.AVERAGE, Period.PLAN, Fraction(4), unit="score")
    unrated = Activity(DAY, True, True, True, reference="A")
    later = Activity(date(2027, 7, 1), True, True, True, reference="B")
    because = [explained(rule, Facts(activities=(each,))).no_value_because for each in (unrated, later)]
    assert because == ["No activity states both a rating and how many rated.", "Nothing has been counted yet."]
