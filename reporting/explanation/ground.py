"""What an explanation is drawn from, and the lines that it is made of."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from reporting.achievement import Result
from reporting.counting import Known, Span
from reporting.inputs import (
    NOT_SHOWN,
    Activity,
    Answer,
    AnswerState,
    Arrangement,
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
NOT_CONFIRMED = "It is not confirmed yet."
NEWER_VERSION = "A newer version of it is not decided yet."
REFUSED = "It was refused."
PARTY_CONTESTS = "A party contests it, and that is not settled."
PART_CONTESTED = "Its part is contested and not settled."
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


def hidden(row: Activity | Participation) -> bool:
    """Is it of an activity that the reader may not know of (ADR 28). Then neither its day, nor who took part together
    and in which role, is said."""
    return row.reference == NOT_SHOWN


def silent_version(version: Activity | Participation | Arrangement) -> str:
    """Why a version does not speak on the basis."""
    if version.reported:
        return NOT_CONFIRMED
    return NEWER_VERSION if version.accepted else REFUSED
