"""Which records may be of one event: those on the same days whose titles say nearly the same. A library measures how
alike two texts are; what follows from it is decided by a person (ADR 29)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, QuerySet
from rapidfuzz import fuzz, utils

from .choices import ActivityStatus
from .models import ActivityPart, ActivityVersion

NUMBER = re.compile(r"\d+")
NEAR = timedelta(days=3)
"""Two events that lie further apart are two."""
ALIKE, ALIKE_WITH_ORGANISER = 85, 70
"""How alike two titles are, from 0 to 100, to be taken for one: by themselves, or where somebody organised both."""
SHOWN_FROM = 55
"""While somebody types, less is enough: they see at once that it is another."""
MOST_SHOWN = 5


@dataclass(frozen=True)
class Event:
    """What of an activity tells whether it is the same as another."""

    activity: int
    title: str
    start: date
    end: date
    organisers: frozenset[int] = frozenset()
    reference: str = ""
    words: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """The words of the title, sorted once, and not again for each record that it is compared with."""
        object.__setattr__(self, "words", " ".join(sorted(utils.default_process(self.title).split())))

    def likeness(self, other: "Event", least: float = 0) -> float:
        """Of the titles, whatever the order of their words: 0 to 100. What is below ``least`` is 0, found sooner."""
        return fuzz.ratio(self.words, other.words, score_cutoff=least)

    def is_near(self, other: "Event") -> bool:
        return self.start - NEAR <= other.end and other.start - NEAR <= self.end

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Those in its title: phase 1 and phase 2 are two, however alike the rest is."""
        return frozenset(NUMBER.findall(self.words))

    def may_be(self, other: "Event") -> bool:
        return self.is_near(other) and self.is_called_like(other)

    def is_called_like(self, other: "Event") -> bool:
        if self.numbers and other.numbers and self.numbers != other.numbers:
            return False
        needed = ALIKE if self.organisers.isdisjoint(other.organisers) else ALIKE_WITH_ORGANISER
        return self.likeness(other, needed) >= needed


def newest_that_stand(first: date, last: date) -> QuerySet[ActivityVersion]:
    """The newest versions of the activities around these days, but the cancelled and the merged ones."""
    later = ActivityVersion.objects.filter(activity=OuterRef("activity"), number__gt=OuterRef("number"))
    around = ActivityVersion.objects.filter(start__lte=last + NEAR, day__gte=first - NEAR, activity__merged_into=None)
    return around.exclude(status=ActivityStatus.CANCELLED).filter(~Exists(later))


def events(versions: QuerySet[ActivityVersion]) -> list[Event]:
    """Two queries."""
    rows = list(versions.values_list("pk", "activity", "title", "start", "day", "activity__reference"))
    organisers: dict[int, set[int]] = defaultdict(set)
    by = ActivityPart.objects.filter(organises=True, version__in=versions.values("pk")).order_by()
    for version, organisation in by.values_list("version", "organisation"):
        organisers[version].add(organisation)
    return [
        Event(activity, title, start, day, frozenset(organisers[pk]), reference)
        for pk, activity, title, start, day, reference in rows
    ]


def pairs(found: Iterable[Event], changed: Collection[int]) -> Iterator[tuple[int, int]]:
    """The pairs of activities that may be one, of which at least one was changed; the one recorded first stands first.
    Sorted by day, so that each is compared with its neighbours alone: those still open are near."""
    open_: list[Event] = []
    for event in sorted(found, key=lambda each: each.start):
        open_ = [each for each in open_ if event.start - NEAR <= each.end]
        for other in open_:
            if (event.activity in changed or other.activity in changed) and event.is_called_like(other):
                a, b = sorted((event.activity, other.activity))
                yield a, b
        open_.append(event)


def like(typed: Event, shown: Q) -> list[Event]:
    """The records that somebody may be about to make once more, the likest first; of those they may know of. Two
    queries."""
    if len(typed.words) < 4:
        return []
    rows = events(newest_that_stand(typed.start, typed.end).filter(shown).exclude(activity=typed.activity))
    close = [(score, each) for each in rows if (score := typed.likeness(each)) >= SHOWN_FROM]
    return [each for _, each in sorted(close, key=lambda pair: -pair[0])[:MOST_SHOWN]]
