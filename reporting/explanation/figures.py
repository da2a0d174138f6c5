"""What organisations state in figures, and what else they say of a KPI that is counted from the register."""

from collections.abc import Iterator

from reporting.inputs import Answer
from workplan.calendar import PlanYear
from workplan.choices import Measure, Standing

from .ground import NOT_DECIDED, Explained, Line
from .words import said


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
