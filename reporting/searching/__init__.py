"""What a search finds in the plan, among the organisations, in the answers and in the register, within what the reader
may see. Every word must be found, in small or capital letters, with or without accents; in the answers and the
register, where the database compares, an accent is a letter of its own."""

from reporting.looking import Look

from .answers import in_answers
from .hits import MOST, Group, Hit, Making, known_at, limited
from .plan import in_plan, organisations
from .register import in_activities, in_arrangements
from .words import LONGEST, MOST_WORDS, Wanted, fold, marked, snippet

__all__ = ["LONGEST", "MOST", "MOST_WORDS", "Group", "Hit", "Making", "Wanted", "fold", "marked", "search", "snippet"]


def search(look: Look, wanted: Wanted) -> list[Group]:
    """What is found of each kind that the reader may see."""
    known = known_at(look)
    return [
        Group("plan", "place in the plan", "places in the plan", limited(in_plan(look, known, wanted))),
        Group("organisations", "organisation", "organisations", limited(organisations(look, known, wanted))),
        Group("answers", "answer", "answers", in_answers(look, known, wanted)),
        Group("activities", "activity", "activities", in_activities(look, known, wanted)),
        Group("arrangements", "arrangement", "arrangements", in_arrangements(look, known, wanted)),
    ]
