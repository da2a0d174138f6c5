"""A result in words: the rule by which it was counted, what was counted, what was left out and why. Pure."""

from collections.abc import Iterable
from datetime import date

from reporting.achievement import Result
from reporting.counting import known, span_at
from reporting.inputs import Basis, Facts, Frame, Rosters, Rule
from workplan.choices import Measure, Source

from .activities import activity_lines, delegation_lines, how_many, numbers_of, rating_of, stands_for, title_of
from .arrangements import arrangement_lines
from .figures import figure_answers, figure_lines, other_answers
from .ground import (
    NEWER_VERSION,
    NOT_CONFIRMED,
    PAIRED,
    PART_CONTESTED,
    PARTY_CONTESTS,
    REFUSED,
    STATES,
    Explained,
    Explanation,
    Line,
)
from .members import SLIP, deciding_answers, member_lines
from .words import amount_words, plain, rule_in_words, said, what

__all__ = [
    "NEWER_VERSION",
    "NOT_CONFIRMED",
    "PAIRED",
    "PARTY_CONTESTS",
    "PART_CONTESTED",
    "REFUSED",
    "SLIP",
    "STATES",
    "Explained",
    "Explanation",
    "Line",
    "amount_words",
    "deciding_answers",
    "explain",
    "figure_answers",
    "how_many",
    "look_into",
    "member_lines",
    "numbers_of",
    "plain",
    "rating_of",
    "rule_in_words",
    "said",
    "stands_for",
    "title_of",
    "what",
]


def lines_for(about: Explained) -> Iterable[Line]:
    match about.rule.source:
        case Source.STATUS:
            return member_lines(about)
        case Source.PARTICIPATION:
            return (*member_lines(about), *activity_lines(about))
        case Source.FIGURES:
            named = about.rule.measure is Measure.MEMBERS_GROWING
            return (*(member_lines(about) if named else ()), *figure_lines(about))
        case Source.ARRANGEMENTS:
            return (*arrangement_lines(about), *other_answers(about))
    shares = about.rule.measure in (Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE)
    return (*(delegation_lines(about) if shares else activity_lines(about)), *other_answers(about))


NO_DENOMINATOR = {
    Measure.WOMEN_SHARE: "No delegation states both participants and women.",
    Measure.WOMEN_HEADS_SHARE: "No delegation states who headed it.",
    Measure.AVERAGE: "No activity states both a rating and how many rated.",
    Measure.SHARE: "The wholes add up to zero.",
    Measure.GROWTH: "No finished plan year has a total, or the total of the year before is missing or zero.",
}


def why_no_value(about: Explained) -> str:
    """The reason where a KPI has no value; empty where it has one."""
    if about.result.value is not None:
        return ""
    recorded = any(about.seen.answers_for(about.span.years)) or any(about.seen.activities(about.span))
    if recorded and about.rule.measure in NO_DENOMINATOR:
        return NO_DENOMINATOR[about.rule.measure]
    return "Nothing has been counted yet."


def look_into(
    rule: Rule, facts: Facts, frame: Frame, rosters: Rosters, as_of: date, basis: Basis, result: Result
) -> Explained | None:
    """What an explanation is drawn from; None before the plan's start. Facts in detail must go in, not put together."""
    span = span_at(rule, frame, as_of)
    return span and Explained(rule, facts, frame, rosters, known(rule, facts, as_of, basis), span, result)


def explain(rule: Rule, about: Explained | None) -> Explanation:
    """The explanation of a result."""
    words = rule_in_words(rule)
    if about is None:
        return Explanation(words, (), "The plan has not begun.")
    return Explanation(words, tuple(lines_for(about)), why_no_value(about))
