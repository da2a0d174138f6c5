"""A result in words: the rule by which it was counted, what was counted, what was left out and why. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from members.numbers import counted
from workplan.calendar import PlanYear, year_label
from workplan.choices import Measure, PairFrom, Part, Period, Plurilateral, Source, Standing

from .achievement import Result, exact
from .counting import Known, Span, counts_as, counts_from, figures_of, known, span_at, took_part
from .inputs import (
    NOT_SHOWN,
    Activity,
    Answer,
    AnswerState,
    Arrangement,
    Basis,
    Facts,
    Frame,
    Participation,
    Rosters,
    Rule,
)


@dataclass(frozen=True)
class Line:
    """One thing that a figure is made of, or that was left out of it. ``kind``: member, activity, delegation, pair,
    figure or attestation; ``subject``: the code of an organisation, the reference of an activity, two codes of a pair;
    ``state``: see ``STATES``."""

    kind: str
    subject: str
    state: str
    said: str
    why: str = ""
    day: date | None = None

    @property
    def waits(self) -> bool:
        """Does it tell of an answer that was sent and is not decided."""
        return self.state == "pending" or (self.kind == "figure" and self.why == NOT_DECIDED)


PAIRED = " - "
"""Between the two codes of a pair."""
NOT_DECIDED = "Sent, and not decided yet."
STATES = {
    "counted": "Counts",
    "pending": "Not decided yet",
    "not_counted": "Answered, does not count",
    "unanswered": "No answer",
    "being_corrected": "Being corrected",
    "not_applicable": "Does not apply",
    "left_out": "Not counted",
}


@dataclass(frozen=True)
class Explanation:
    rule: str
    lines: tuple[Line, ...]
    no_value_because: str = ""


# ---------------------------------------------------------------- the rule in words


def plain(number: Decimal) -> str:
    """A number without needless zeros: 28, 4.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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


# ---------------------------------------------------------------- the lines


@dataclass(frozen=True)
class Explained:
    """What the lines are drawn from."""

    rule: Rule
    facts: Facts
    frame: Frame
    rosters: Rosters
    seen: Known
    span: Span
    result: Result

    @cached_property
    def parts_of(self) -> dict[str, list[Participation]]:
        """Organisation -> its parts, at any time."""
        found = defaultdict(list)
        for part in self.facts.participations:
            found[part.organisation].append(part)
        return found

    @cached_property
    def said_by(self) -> dict[str, list[Answer]]:
        """Organisation -> its accepted answers to the reading, at any time."""
        found = defaultdict(list)
        for answer in self.facts.answers:
            if answer.source == self.rule.source and answer.state is AnswerState.ACCEPTED:
                found[answer.organisation].append(answer)
        return found


def states_of(result: Result) -> dict[str, str]:
    """Member -> its state; what was returned stands apart from silence, and what waits before all else but counting."""
    found = dict.fromkeys(result.not_counted, "not_counted")
    for state in ("not_applicable", "unanswered", "being_corrected", "pending", "counted"):
        found |= dict.fromkeys(getattr(result, state), state)
    return found


def deciding_answers(about: Explained) -> dict[str, Answer]:
    """Member -> the answer that its line tells of."""
    found = {code: last_answer(about, code, state) for code, state in states_of(about.result).items()}
    return {code: answer for code, answer in found.items() if answer is not None}


def member_lines(about: Explained) -> Iterator[Line]:
    """A line for each Member asked or counting: its state, what it said last, and why it does or does not count."""
    for code, state in sorted(states_of(about.result).items()):
        answer, part = last_answer(about, code, state), last_part(about, code)
        words = "; ".join(filter(None, (said(answer) if answer else "", part_words(part) if part else "")))
        told = part if part and not hidden(part) else None
        day = told.day if told and not answer else answer.as_at if answer else None
        yield Line("member", code, state, words, member_why(about, state, answer, part, code), day)


def last_answer(about: Explained, code: str, state: str) -> Answer | None:
    """The answer that decides on a Member's state: the sent one where it waits, else the counted one; a yes before a no
    of another plan year. For growing Members the base figure does not decide."""
    waiting = answers_of(about, about.seen.undecided, code) if state == "pending" else []
    answers = waiting or answers_of(about, about.seen.answers, code)
    return max(answers, key=lambda answer: (bool(answer.participated), answer.order), default=None)


def answers_of(about: Explained, answers: Iterable[Answer], code: str) -> list[Answer]:
    return [answer for answer in answers if code in answer.organisations and answer.year in about.span.years]


def last_part(about: Explained, code: str) -> Participation | None:
    """A part that counts where there is one, else any part in the time."""
    parts = [part for part in about.parts_of[code] if about.span.holds(part.day)]
    return max(parts, key=lambda part: (part_counts(about, part), not hidden(part), part.day), default=None)


def part_counts(about: Explained, part: Participation) -> bool:
    return about.seen.speaks(part) and part.held and not part.contested and took_part(about.rule, part)


def part_words(part: Participation) -> str:
    """In which role, and in what; of what is not shown here, only that the register says so."""
    if hidden(part):
        return "by the register, in what is not shown here"
    return f"{'contributed to' if part.contributing else 'took part in'} {part.reference}"


def hidden(row: Activity | Participation) -> bool:
    """Is it of an activity that the reader may not know of (ADR 28). Then neither its day, nor who took part together
    and in which role, is said."""
    return row.reference == NOT_SHOWN


def member_why(about: Explained, state: str, answer: Answer | None, part: Participation | None, code: str) -> str:
    if about.rule.measure is Measure.MEMBERS_GROWING and answer and answer.value is not None and state != "pending":
        return growth_words(about, answer, code)
    if state == "not_counted" and part and not (answer and answer.participated):
        return part_why(about, part)
    if state in ("counted", "not_counted") and answer and answer.standing:
        return slip_words(about, answer)
    return {
        "pending": NOT_DECIDED,
        "unanswered": "Neither an accepted nor a sent answer.",
        "being_corrected": "Its answer was returned and is being corrected.",
    }.get(state, "")


def growth_words(about: Explained, answer: Answer, code: str) -> str:
    """The figure beside the Member's own base."""
    base = figures_of(about.seen, about.frame.base_year).get(code)
    if base is None:
        return "There is no base figure to compare with."
    above = "" if answer.value is not None and answer.value > base else " It is not above its base."
    return f"Base {about.frame.base_year.label}: {plain(base)}.{above}"


def slip_words(about: Explained, answer: Answer) -> str:
    """Says so where the answer before was further on."""
    earlier = (each for each in about.said_by[answer.organisation] if each.order < answer.order)
    before = max(earlier, key=lambda each: each.order, default=None)
    if (
        before is None
        or before.standing is None
        or answer.standing is None
        or before.standing.rank <= answer.standing.rank
    ):
        return ""
    return f"A slip: it said {before.standing.label.lower()} as at {before.as_at:%d.%m.%y}."


def part_why(about: Explained, part: Participation) -> str:
    if hidden(part):
        return "" if part_counts(about, part) else "What is not shown here does not count, or not yet."
    if part.contested:
        return "Its part is contested and not settled."
    if not part.held:
        return "The activity was not held, or not yet."
    if not took_part(about.rule, part):
        return "It took part without contributing."
    return "" if about.seen.speaks(part) else silent_version(part)


def silent_version(version: Activity | Participation | Arrangement) -> str:
    """Why a version does not speak on the basis."""
    if version.reported:
        return "It is not confirmed yet."
    return "A newer version of it is not decided yet." if version.accepted else "It was refused."


MAY_BE_ANOTHER = "It may be the same event as another record: the secretariat decides on that."


def activity_lines(about: Explained) -> Iterator[Line]:
    """A line for each activity in the time of the value; what is not shown stands together, without days."""
    rows = [row for row in about.facts.activities if about.span.holds(row.day)]
    for activity in sorted((row for row in rows if not hidden(row)), key=lambda row: (row.day, row.reference)):
        left_out = activity_why(about, activity)
        why = " ".join(filter(None, (left_out, MAY_BE_ANOTHER if activity.doubtful else "")))
        words = activity.title + (f" (stands for {activity.items})" if activity.items > 1 else "")
        yield Line("activity", activity.reference, "left_out" if left_out else "counted", words, why, activity.day)
    alike: dict[str, list[Activity]] = defaultdict(list)
    for row in filter(hidden, rows):
        alike[activity_why(about, row)].append(row)
    for why, together in sorted(alike.items()):
        items = sum(row.items for row in together)
        words = not_shown(len(together)) + (f" (stands for {items})" if items > len(together) else "")
        yield Line("activity", NOT_SHOWN, "left_out" if why else "counted", words, why)


def not_shown(many: int) -> str:
    """An activity not shown here; 3 activities not shown here"""
    return NOT_SHOWN.capitalize() if many == 1 else f"{many} activities not shown here"


def activity_why(about: Explained, activity: Activity) -> str:
    """Why an activity does not count; empty where it does."""
    if not activity.held:
        return "It was not held, or not yet."
    if not about.seen.speaks(activity):
        return silent_version(activity)
    if about.rule.measure is Measure.AVERAGE and (activity.rating is None or not activity.respondents):
        return "It does not state both a rating and how many rated."
    return ""


def delegation_lines(about: Explained) -> Iterator[Line]:
    """For the shares of women, a line for each activity with what its delegations state, and one for each reason why
    some of them are left out; the delegations to what is not shown stand together."""
    titles = {activity.reference: activity.title for activity in about.facts.activities}
    parts = sorted((part for part in about.facts.participations if about.span.holds(part.day)), key=by_activity)
    for (day, reference), delegations in groupby(parts, key=lambda part: by_activity(part)[:2]):
        for why, alike in groupby(sorted(delegations, key=lambda part: delegation_why(about, part)), by_reason(about)):
            together = list(alike)
            state = "left_out" if why else "counted"
            words = left_out_words(together) if why else numbers_words(about, together)
            title = titles[reference] if reference != NOT_SHOWN else "Not shown here"
            told = " ".join(filter(None, (why, MAY_BE_ANOTHER if together[0].doubtful else "")))
            yield Line("delegation", reference, state, f"{title}: {words}", told, None if day == date.max else day)


def left_out_words(parts: list[Participation]) -> str:
    """Whose delegations; of an activity that is not shown here, only how many."""
    return counted(len(parts), "delegation") if hidden(parts[0]) else names_of(parts)


def by_activity(part: Participation) -> tuple[date, str, str]:
    """What is not shown comes last, as if on one day."""
    return (date.max if hidden(part) else part.day, part.reference, part.organisation)


def by_reason(about: Explained) -> Callable[[Participation], str]:
    return lambda part: delegation_why(about, part)


def delegation_why(about: Explained, part: Participation) -> str:
    """Why a delegation does not count; empty where it does."""
    counts = part_counts(about, part)
    if not counts:
        return part_why(about, part)
    if about.rule.measure is Measure.WOMEN_HEADS_SHARE:
        return "" if part.heads else "They do not state who headed the delegation."
    both = part.participants is not None and part.women is not None
    return "" if both else "They do not state both participants and women."


def names_of(parts: Iterable[Participation]) -> str:
    return ", ".join(sorted(part.organisation for part in parts))


def numbers_words(about: Explained, parts: list[Participation]) -> str:
    """What the delegations to one activity state, added up."""
    many, whose = counted(len(parts), "delegation"), "" if hidden(parts[0]) else f": {names_of(parts)}"
    if about.rule.measure is Measure.WOMEN_HEADS_SHARE:
        return f"{sum(part.woman_heads for part in parts)} of {many} headed by a woman{whose}"
    women, all_of_them = sum(part.women or 0 for part in parts), sum(part.participants or 0 for part in parts)
    return f"{women} women of {all_of_them} participants, {many}{whose}"


def arrangement_lines(about: Explained) -> Iterator[Line]:
    counted: set[frozenset[str]] = set()
    for row in sorted(about.facts.arrangements, key=lambda row: sorted(row.parties)):
        why, counts = arrangement_why(about, row), counts_as(about.rule, row)
        if not why and counts in counted:
            why = f"It is counted already, as {row.plurilateral}."
        if not why:
            counted.add(counts)
        words = f"in force from {row.in_force:%d.%m.%y}" if row.in_force else "signed"
        words += f", by {row.plurilateral}" if row.plurilateral else ""
        state = "left_out" if why else "counted"
        yield Line("pair", PAIRED.join(sorted(row.parties)), state, words, why, counts_from(about.rule, row))


def arrangement_why(about: Explained, row: Arrangement) -> str:
    day = about.seen.as_of
    if not about.seen.speaks(row):
        return silent_version(row)
    if row.contested:
        return "A party contests it, and that is not settled."
    first, signed = counts_from(about.rule, row), about.rule.pair_from is PairFrom.SIGNED
    if first is None:
        return "It has no date." if signed else "It has no date in force."
    if first > day:
        return "It is not signed yet." if signed else "It is not in force yet."
    if row.ended is not None and row.ended <= day:
        return f"It ended on {row.ended:%d.%m.%y}."
    return "" if row.parties <= about.rosters.now.members else "A party is not a Member at the date."


def figure_answers(about: Explained) -> list[Answer]:
    """The answers of which ``figure_lines`` tell, in the same order."""
    years = {year.first for year in (about.frame.base_year, *about.frame.years)}
    found = [each for each in (*about.seen.answers, *about.seen.undecided) if each.year in years]
    return sorted(found, key=lambda row: (row.year or 0, row.organisation))


def figure_lines(about: Explained) -> Iterator[Line]:
    """A line for each figure of the base year and the plan, the counted and the waiting ones."""
    years = {year.first: year for year in (about.frame.base_year, *about.frame.years)}
    for answer in figure_answers(about):
        if answer.year is not None:
            why = NOT_DECIDED if answer in about.seen.undecided else figure_why(about, answer, years[answer.year])
            state = "left_out" if why else "counted"
            if answer.standing is Standing.NOT_APPLICABLE:
                state, why = "not_applicable", ""
            yield Line("figure", answer.organisation, state, said(answer), why, answer.as_at)


def figure_why(about: Explained, answer: Answer, year: PlanYear) -> str:
    """Why a figure does not count; empty where it does, or is what others are compared with."""
    measure = about.rule.measure
    if measure is Measure.GROWTH and answer.as_at < year.ends:
        return "Stated before the end of its year."
    if year == about.frame.base_year and measure in (Measure.SUM, Measure.SHARE):
        return "The year before the plan is shown and not counted."
    return ""


def other_answers(about: Explained) -> Iterator[Line]:
    """What reporters of a register KPI said of it: that the register is complete, or that it does not apply."""
    for answer in sorted(about.seen.answers, key=lambda row: row.organisation):
        state = "not_applicable" if answer.standing is Standing.NOT_APPLICABLE else "attested"
        yield Line("attestation", answer.organisation, state, said(answer), "", answer.as_at)


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
