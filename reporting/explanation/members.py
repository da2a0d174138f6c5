"""Why a Member counts or does not: what it answered, and in what it took part."""

from collections.abc import Iterable, Iterator

from reporting.achievement import Result
from reporting.counting import figures_of, took_part
from reporting.inputs import Answer, Participation
from workplan.choices import Measure

from .ground import NOT_DECIDED, PART_CONTESTED, Explained, Line, hidden, silent_version
from .words import plain, said

SLIP = "A slip: "
"""So begins why a Member does or does not count whose answer before was further on."""


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
    return f"{SLIP}it said {before.standing.label.lower()} as at {before.as_at:%d.%m.%y}."


def part_why(about: Explained, part: Participation) -> str:
    if hidden(part):
        return "" if part_counts(about, part) else "What is not shown here does not count, or not yet."
    if part.contested:
        return PART_CONTESTED
    if not part.held:
        return "The activity was not held, or not yet."
    if not took_part(about.rule, part):
        return "It took part without contributing."
    return "" if about.seen.speaks(part) else silent_version(part)
