"""A rule and an answer in words."""

from collections.abc import Callable
from decimal import Decimal

from reporting.achievement import exact
from reporting.inputs import Answer, Rule
from workplan.calendar import year_label
from workplan.choices import Measure, PairFrom, Part, Period, Plurilateral, Source, Standing


def plain(number: Decimal) -> str:
    """A number without needless zeros: 28, 4.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# ---------------------------------------------------------------- the rule


def rule_in_words(rule: Rule) -> str:
    return f"{WORDS[rule.measure](rule)} {over_time(rule)} {the_target(rule)}"


def the_target(rule: Rule) -> str:
    every_year = ", in every plan year" if rule.period is Period.EACH_YEAR else ""
    return f"The target is {amount_words(rule)}{every_year}."


def amount_words(rule: Rule) -> str:
    if rule.target == 1:
        return f"one or more {rule.unit}"
    number = plain(exact(rule.target))
    if rule.measure is Measure.AVERAGE:
        return f"a mean rating of at least {number}"
    return (
        f"at least {number} of {rule.denominator} {rule.unit}" if rule.denominator else f"at least {number} {rule.unit}"
    )


def over_time(rule: Rule) -> str:
    if rule.measure is Measure.MEMBERS_GROWING:
        return "The base is the Member's own figure for the year before the plan."
    return {
        Period.STANDING: "What holds at the date counts.",
        Period.PLAN: "Counted from the start of the plan up to the date.",
        Period.EACH_YEAR: "Each plan year (1 July to 30 June) is counted by itself.",
    }[rule.period]


def status_words(rule: Rule) -> str:
    label = rule.counts_from.label.lower() if rule.counts_from else ""
    further = "" if rule.counts_from is Standing.IN_PLACE else " or further"
    return f'Counts the Members whose latest answer says "{label}"{further}.'


def participation_words(rule: Rule) -> str:
    contributing = rule.part is Part.CONTRIBUTING
    part = "organised or contributed to" if contributing else "organised, contributed to or took part in"
    return f"Counts each Member once that answered yes, or that {part} an activity recorded for this KPI." + (
        " Only listening does not count." if contributing else ""
    )


def members_words(rule: Rule) -> str:
    return status_words(rule) if rule.source is Source.STATUS else participation_words(rule)


def pairs_words(rule: Rule) -> str:
    words = "Counts each pair of Members once that has an arrangement in force. "
    words += "One that is signed, without a date in force, is shown and not counted."
    if rule.pair_from is PairFrom.SIGNED:
        words = "Counts each pair of Members once that has an arrangement, from the day it is signed."
    if rule.plurilateral is Plurilateral.ONE:
        words += " An arrangement of more than two Members counts as one."
    return words


WORDS: dict[Measure, Callable[[Rule], str]] = {
    Measure.MEMBERS: members_words,
    Measure.ITEMS: lambda rule: (
        f"Counts {rule.unit}: each activity recorded for this KPI is one, unless its record says that it stands "
        "for more."
    ),
    Measure.WOMEN_SHARE: lambda rule: (
        "All women divided by all participants, over the delegations that state both numbers. "
        "Delegations are added up; percentages are not averaged."
    ),
    Measure.WOMEN_HEADS_SHARE: lambda rule: (
        "Delegations headed by a woman, divided by the delegations whose head is stated."
    ),
    Measure.AVERAGE: lambda rule: (
        "The mean rating of the activities, each weighted by the number of people who rated it."
    ),
    Measure.PAIRS: pairs_words,
    Measure.SUM: lambda rule: f"Adds up what organisations state for the plan year: {rule.unit}.",
    Measure.GROWTH: lambda rule: (
        "The total of a finished plan year compared with the year before, in percent. "
        "Figures stated before the end of their year are shown and not judged."
    ),
    Measure.SHARE: lambda rule: (
        "The sum of the parts divided by the sum of the wholes, in percent, over the plan years begun."
    ),
    Measure.MEMBERS_GROWING: lambda rule: (
        "Counts the Members whose latest figure is higher than their own base figure. "
        "Members without a base figure are listed and not counted."
    ),
}


# ---------------------------------------------------------------- what was said


def said(answer: Answer) -> str:
    """An answer in words, with its plan year where it has one."""
    year = f"{year_label(answer.year)}: " if answer.year else ""
    return year + what(answer)


def what(answer: Answer) -> str:
    if answer.standing is not None:
        return answer.standing.label
    if answer.participated is not None:
        return "Yes" if answer.participated else "No"
    if answer.value is not None:
        return plain(answer.value)
    if answer.numerator is not None and answer.denominator is not None:
        return f"{plain(answer.numerator)} of {plain(answer.denominator)}"
    return "The register is complete" if answer.register_complete else "Nothing yet"
