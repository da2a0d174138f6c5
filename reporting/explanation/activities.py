"""Which activities count, and what the delegations to them state."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby

from members.numbers import counted
from reporting.inputs import NOT_SHOWN, Activity, Participation
from workplan.choices import Measure

from .ground import Explained, Line, hidden, silent_version
from .members import part_counts, part_why
from .words import plain

MAY_BE_ANOTHER = "It may be the same event as another record: the secretariat decides on that."
RATED = re.compile(r" \(rated ([\d.]+ by [\d,]+ (?:person|people))\)$")
NUMBERS = re.compile(r"(.*): (\d+ (?:women )?of \d+) ", re.DOTALL)
"""What delegations to an activity state, after its title, which may have such words in it."""


def activity_lines(about: Explained) -> Iterator[Line]:
    """A line for each activity in the time of the value; what is not shown stands together, without days."""
    rows = [row for row in about.facts.activities if about.span.holds(row.day)]
    for activity in sorted((row for row in rows if not hidden(row)), key=lambda row: (row.day, row.reference)):
        left_out = activity_why(about, activity)
        why = " ".join(filter(None, (left_out, MAY_BE_ANOTHER if activity.doubtful else "")))
        words = activity.title + bears(about, activity)
        yield Line("activity", activity.reference, "left_out" if left_out else "counted", words, why, activity.day)
    alike: dict[str, list[Activity]] = defaultdict(list)
    for row in filter(hidden, rows):
        alike[activity_why(about, row)].append(row)
    for why, together in sorted(alike.items()):
        items = sum(row.items for row in together)
        words = not_shown(len(together)) + (f" (stands for {items})" if items > len(together) else "")
        yield Line("activity", NOT_SHOWN, "left_out" if why else "counted", words, why)


def bears(about: Explained, activity: Activity) -> str:
    """What it bears on the figure by, beside that it counts: its mean rating and by how many, or for how many it
    stands; "" where that is not said, or is one. (Of what is not shown the rating is not, either.)"""
    if about.rule.measure is Measure.AVERAGE:
        if not (activity.rating and activity.respondents):
            return ""
        return f" (rated {plain(activity.rating)} by {counted(activity.respondents, 'person', 'people')})"
    return f" (stands for {activity.items})" if activity.items > 1 else ""


def how_many(line: Line) -> int:
    """How many records a line tells of: what is not shown stands together, and its line says how many they are.
    Delegations to it stand together as one, as their line does not say to how many activities they are."""
    many = re.match(r"(\d+) activities ", line.said) if line.subject == NOT_SHOWN else None
    return int(many[1]) if many else 1


def stands_for(line: Line) -> int:
    """How many the activities of a line stand for."""
    many = re.search(r" \(stands for (\d+)\)$", line.said)
    return int(many[1]) if many else how_many(line)


def rating_of(line: Line) -> str:
    """4.5 by 20 people; "" where the line of an activity does not say it, as those of earlier releases."""
    found = RATED.search(line.said)
    return found[1] if found else ""


def numbers_of(line: Line) -> str:
    """5 women of 20; "" where the line of delegations states no numbers, as they do not count."""
    found = NUMBERS.match(line.said)
    return found[2] if found else ""


def title_of(line: Line) -> str:
    """The title of an activity that counts, without its rating or what the delegations to it state."""
    found = NUMBERS.match(line.said) if line.kind == "delegation" else None
    return found[1] if found else RATED.sub("", line.said)


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
