"""Answers from a file, for one round."""

from collections.abc import Mapping
from functools import partial

from members.models import Organisation
from reporting import validators
from reporting.models import SAYS, Answer, Round
from reporting.questions import Question, questions_of
from reporting.validators import LONGEST_DEFINITION, LONGEST_SOURCE
from workplan.calendar import year_label

from .sheet import Layout, Refusals, Row, read_sheet

NEEDED = ("organisation", "kpi")
LAYOUT = Layout(columns=(*NEEDED, "plan_year", *SAYS), needed=NEEDED, key=(*NEEDED, "plan_year"))


def read_answers(content: bytes, refusals: Refusals, collection: Round) -> dict[int, Answer]:
    """The answers by row, not stored yet. Raises Refused where anything is wrong."""
    organisations = {each.code: each for each in Organisation.objects.all()}
    questions = questions_of(collection)
    answers = {}
    for row in read_sheet(content, refusals, LAYOUT):
        answer = read_answer(row, collection, organisations, questions)
        if answer is not None:
            answers[row.number] = answer
    refusals.check()
    return answers


def what(answer: Answer) -> str:
    year = f" for {year_label(answer.plan_year)}" if answer.plan_year else ""
    return f"{answer.organisation.code} on {answer.kpi.code}{year}"


def read_answer(
    row: Row, collection: Round, organisations: Mapping[str, Organisation], questions: Mapping[str, Question]
) -> Answer | None:
    organisation = row.need("organisation", partial(validators.organisation, known=organisations))
    question = row.need("kpi", partial(validators.kpi, known=questions, place="round"))
    answer = read_content(row, collection)
    if row.refused or organisation is None or question is None:
        return None
    answer.organisation, answer.kpi, answer.reading = organisation, question.kpi, question.reading
    attests = answer.register_complete
    row.check(lambda: validators.may_answer(organisation, question, attests=attests), "organisation")
    row.check(lambda: validators.says_what_is_asked(answer, question))
    return None if row.refused else answer


def read_content(row: Row, collection: Round) -> Answer:
    year = partial(validators.plan_year, plan=collection.plan, as_at=collection.as_at)
    return Answer(
        plan_year=row.read("plan_year", year),
        standing=row.read("standing", validators.standing) or "",
        participated=row.read("participated", validators.yes_or_no),
        value=row.read("value", validators.figure),
        numerator=row.read("numerator", validators.figure),
        denominator=row.read("denominator", validators.figure),
        register_complete=row.read("register_complete", validators.only_yes) or False,
        comment=row.read("comment", validators.words) or "",
        evidence_url=row.read("evidence_url", validators.link) or "",
        figure_source=row.read("figure_source", partial(validators.line, longest=LONGEST_SOURCE)) or "",
        figure_definition=row.read("figure_definition", partial(validators.line, longest=LONGEST_DEFINITION)) or "",
    )
