"""A reason why a figure moved, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from members.numbers import counted

from .explanation import PAIRED
from .inputs import NOT_SHOWN


class Because(StrEnum):
    """In the order in which reasons are told."""

    JOINED_PLAN = "joined_plan"
    LEFT_PLAN = "left_plan"
    BEGUN = "begun"
    BASIS = "basis"
    READING = "reading"
    NEW_YEAR = "new_year"
    NEW_ANSWER = "new_answer"
    NEW_PART = "new_part"
    DECISION = "decision"
    CORRECTION = "correction"
    NEW_RECORD = "new_record"
    CHANGED_RECORD = "changed_record"
    RECORD_DECIDED = "record_decided"
    SETTLED = "settled"
    CONTESTED = "contested"
    GONE_RECORD = "gone_record"
    IN_FORCE = "in_force"
    MEMBERSHIP = "membership"
    SETTING = "setting"
    BASELINE = "baseline"
    MORE_EXPECTED = "more_expected"
    LESS_EXPECTED = "less_expected"
    TIME = "time"
    UNKNOWN = "unknown"


WORDS = {
    Because.JOINED_PLAN: "New in the plan",
    Because.LEFT_PLAN: "No longer in the plan",
    Because.BEGUN: "The plan has begun",
    Because.BASIS: "Counted on another basis",
    Because.READING: "Amended reading",
    Because.NEW_YEAR: "Another plan year",
    Because.NEW_ANSWER: "New answer",
    Because.NEW_PART: "Part in an activity",
    Because.DECISION: "Answer decided since",
    Because.CORRECTION: "Correction",
    Because.NEW_RECORD: "New record",
    Because.CHANGED_RECORD: "Changed record",
    Because.RECORD_DECIDED: "Record decided since",
    Because.SETTLED: "Contest settled",
    Because.CONTESTED: "Contested since",
    Because.GONE_RECORD: "Record no longer counted here",
    Because.IN_FORCE: "In force or ended since",
    Because.MEMBERSHIP: "Joined or left",
    Because.SETTING: "Another setting of the plan",
    Because.BASELINE: "Another baseline",
    Because.MORE_EXPECTED: "More is expected by now",
    Because.LESS_EXPECTED: "Less is expected by now",
    Because.TIME: "Time went by",
    Because.UNKNOWN: "No reason is recorded",
}

MANY = {"activity": "activities"}
"""Of a kind, where it is not the word with an s."""
MOST_TITLES = 3
"""So many activities stand there by their titles, which are longer than names."""


@dataclass(frozen=True)
class Reason:
    """``counts``: what counts now and did not; ``slips`` and ``stopped``: what counts no longer, as its own answer went
    back, or otherwise; ``who``: what else it is about; each as codes of organisations, references of activities, pairs.
    ``kind``: which of these ``who`` are: organisation, activity or arrangement; ``items``, ``gone``: how many those
    that count now, or no longer, stand for, where a record stands for several; ``step``: how many more ``who`` stands
    for than before; ``detail``: what else is to be said."""

    because: Because
    who: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    kind: str = "organisation"
    items: int = 0
    gone: int = 0
    step: int = 0
    detail: str = ""

    def words(
        self,
        *,
        named: bool = True,
        most: int | None = None,
        names: Mapping[str, str] | None = None,
        titles: Mapping[str, str] | None = None,
    ) -> str:
        """One phrase: "New answer: 2 count now (AUS, FJI); 1 no longer counts, a slip (IND)"; where Members are not
        named, without the brackets. ``most``: so many are named, and how many more there are; ``names``, ``titles``:
        what stands in place of a code and of a reference."""
        now, gone = stand_for(self.counts, "stand", self.items), stand_for(self.stopped, "stood", self.gone)
        numbers = (
            (self.who, self.many + (f", {self.step:+d}" if self.step else "")),
            (self.counts, counted(len(self.counts), "counts now", "count now") + now),
            (self.slips, counted(len(self.slips), "no longer counts, a slip", "no longer count, slips")),
            (self.stopped, counted(len(self.stopped), "no longer counts", "no longer count") + gone),
        )
        told = [(number, listed(who, most, names or {}, titles or {})) for who, number in numbers if who]
        parts = [f"{number} ({who})" if named else number for number, who in told]
        about = "; ".join(filter(None, [self.detail, *parts]))
        return f"{WORDS[self.because]}: {about}" if about else WORDS[self.because]

    @property
    def many(self) -> str:
        """How many ``who`` are, with what they are."""
        return counted(len(self.who), self.kind, MANY.get(self.kind, ""))


def stand_for(who: Sequence[str], stand: str, items: int) -> str:
    verb = "stands" if stand == "stand" and len(who) == 1 else stand
    return f" and {verb} for {items}" if items else ""


def listed(who: Sequence[str], most: int | None, names: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Semicolons stand between them where one has a comma in it. What is not shown to everybody comes last."""
    shown = [each for each in who if each != NOT_SHOWN]
    at_most = min(most, MOST_TITLES) if most and titles.keys() & set(shown) else most
    called = (titles.get(each) or PAIRED.join(names.get(part, part) for part in each.split(PAIRED)) for each in shown)
    told = list(dict.fromkeys(called))[:at_most]
    words = ("; " if any("," in each for each in told) else ", ").join(told)
    more, hidden = len(shown) - len(told), len(who) - len(shown)
    ends = filter(None, [f"{more} more" if more else "", f"{hidden} not shown here" if hidden else ""])
    return " and ".join(filter(None, [words, *ends]))
