"""Who has sent: every organisation that a round asks, by focus area, at one glance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from workplan.choices import YEARLY
from workplan.queries import plan_at
from workplan.tree import PlanText

from .choices import AnswerStatus
from .facts import Organisations, load_organisations
from .looking import Look, digest, kept
from .models import REFUSED, SILENT, Answer, Reminder, Round, Submission
from .questions import years_begun
from .threads import UNSENT

WORDS = {
    "nothing": "Nothing yet",
    "filling": "Being filled in",
    "awaiting_approval": "With the approver",
    "part": "Partly sent",
    "sent": "Sent",
    "returned": "Being corrected",
    "accepted": "Accepted",
}
"""The states of a return, or of its part on one focus area."""


Area = tuple[str, str, tuple[str, ...]]
"""A focus area: its code, its title, who co-ordinates it."""
Pair = tuple[str, str]
"""The state of an answer as its own organisation sees it, and that of its latest version that was sent ("": none)."""


class Sees(Enum):
    """Which of the two states somebody sees: the first; the second, or before anything was sent the first, as others
    see how many are answered; the second."""

    OWN = "own"
    ANSWERED = "answered"
    SENT = "sent"

    def state(self, pair: Pair) -> str:
        own, sent = pair
        return {Sees.OWN: own, Sees.ANSWERED: sent or own, Sees.SENT: sent}[self]


@dataclass(frozen=True)
class Reader:
    """Whose returns somebody sees: of everybody, of the own organisations, on the focus areas that they co-ordinate."""

    everything: bool
    own: frozenset[str]
    areas: frozenset[str]

    def sees(self, organisation: str, area: str) -> Sees | None:
        if organisation in self.own:
            return Sees.OWN
        if self.everything:
            return Sees.ANSWERED
        return Sees.SENT if area in self.areas else None

    @property
    def only(self) -> frozenset[str] | None:
        """The organisations of which anything is seen (None: of any)."""
        return None if self.everything or self.areas else self.own


@dataclass
class Cell:
    """How far one organisation is on one focus area. ``states``: of its answers, as the reader sees them; a draft that
    says nothing is none. ``sent``: how many were ever sent, whatever became of them. Nothing asked: not shown."""

    asked: int
    states: Counter[str] = field(default_factory=Counter)
    sent: int = 0

    @classmethod
    def of(cls, asked: int, pairs: Counter[Pair], sees: Sees) -> "Cell":
        states: Counter[str] = Counter()
        for pair, many in pairs.items():
            states[sees.state(pair)] += many
        del states[""]
        return cls(asked, states, sum(many for (_, sent), many in pairs.items() if sent))

    @property
    def answered(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> bool:
        """Is nothing that was sent being changed, as far as the reader sees."""
        return self.sent == self.answered - sum(self.states[state] for state in UNSENT)

    @property
    def state(self) -> str:
        """The most pressing one."""
        if self.states[AnswerStatus.RETURNED]:
            return "returned"
        if self.sent and self.settled:
            if self.states[AnswerStatus.ACCEPTED] == self.asked:
                return "accepted"
            return "sent" if self.sent == self.asked else "part"
        if self.states[AnswerStatus.AWAITING_APPROVAL]:
            return "awaiting_approval"
        return "filling" if self.answered else "nothing"

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def count(self) -> str:
        """Sent of asked; before anything is sent, filled in of asked."""
        return f"{self.sent or self.answered} of {self.asked}"

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.asked + other.asked, self.states + other.states, self.sent + other.sent)


@dataclass(frozen=True)
class Row:
    """One organisation: a cell for each focus area (None: it is not asked there), and those shown together."""

    code: str
    name: str
    submission: Submission | None
    cells: tuple[Cell | None, ...]

    @cached_property
    def total(self) -> Cell:
        return sum((cell for cell in self.cells if cell), start=Cell(0))


@dataclass(frozen=True)
class Asked:
    """How many answers a round asks: by organisation and focus area; kept until the data change."""

    areas: tuple[Area, ...]
    names: Mapping[str, str]
    counts: Mapping[tuple[str, str], int]
    area_of: Mapping[int, str]


def asked_by(look: Look, collection: Round) -> Asked:
    def find() -> Asked:
        return find_asked(collection, plan_at(collection.plan, collection.as_at), load_organisations())

    found: Asked = kept(f"board:{digest(look.token, collection.pk)}", find)
    return found


def find_asked(collection: Round, text: PlanText, organisations: Organisations) -> Asked:
    begun = len(years_begun(collection.plan, collection.as_at))
    counts: Counter[tuple[str, str]] = Counter()
    for area in text.focus_areas:
        for kpi in area.kpis:
            if collection.asks(kpi.id):
                years = begun if kpi.reading.source in YEARLY else 1
                for code in organisations.asked(kpi.reading, collection.as_at):
                    counts[code, area.code] += years
    asked = {code for code, _ in counts}
    return Asked(
        tuple((area.code, area.title, area.co_coordinators) for area in text.focus_areas),
        {each.code: each.name for each in organisations.all if each.code in asked},
        dict(counts),
        {kpi.id: area.code for area in text.focus_areas for kpi in area.kpis},
    )


def board(asked: Asked, collection: Round, reader: Reader) -> list[Row]:
    """The rows of the organisations of which the reader sees anything; each return says when it was last
    ``reminded``."""
    pairs = states_of(asked, collection, reader.only)
    reminders = Reminder.objects.filter(submission=OuterRef("pk")).order_by("-sent_at")
    submissions = Submission.objects.filter(round=collection).select_related("organisation")
    submissions = submissions.annotate(reminded=Subquery(reminders.values("sent_at")[:1]))
    by_code = {each.organisation.code: each for each in submissions}
    shown = areas_shown(asked, reader)
    rows = []
    for code, name in asked.names.items():
        cells = tuple(cell_of(asked, reader, code, area, pairs) for area, _, _ in shown)
        if any(cell and cell.asked for cell in cells):
            rows.append(Row(code, name, by_code.get(code), cells))
    return rows


def areas_shown(asked: Asked, reader: Reader) -> list[Area]:
    """All for who sees a whole row; else those that they co-ordinate."""
    whole = reader.everything or not reader.areas or not reader.own.isdisjoint(asked.names)
    return [area for area in asked.areas if whole or area[0] in reader.areas]


def cell_of(
    asked: Asked, reader: Reader, code: str, area: str, pairs: Mapping[tuple[str, str], Counter[Pair]]
) -> Cell | None:
    if (code, area) not in asked.counts:
        return None
    sees = reader.sees(code, area)
    return Cell.of(asked.counts[code, area], pairs[code, area], sees) if sees else Cell(0)


def sums(rows: Iterable[Row]) -> list[Cell]:
    """All rows together: for each focus area, and for all."""
    columns = zip(*((*row.cells, row.total) for row in rows), strict=True)
    return [sum((cell for cell in column if cell), start=Cell(0)) for column in columns]


def states_of(asked: Asked, collection: Round, only: frozenset[str] | None) -> Mapping[tuple[str, str], Counter[Pair]]:
    """(Organisation, focus area) -> how many answers are in which states. Nearly every answer has one version, so these
    are counted by the database; those with more are read."""
    found: dict[tuple[str, str], Counter[Pair]] = defaultdict(Counter)
    answers = Answer.objects.filter(round=collection).order_by()
    answers = answers if only is None else answers.filter(organisation__code__in=only)
    answers = answers.filter(kpi__in=asked.area_of)  # a KPI that was retired is not asked any more
    first = answers.filter(version=1).exclude(SILENT).values_list("organisation__code", "kpi", "state")
    for code, kpi, state, many in first.annotate(many=Count("pk")):
        found[code, asked.area_of[kpi]][pair_of([state])] += many
    for (code, kpi), states in corrected(answers):
        place = code, asked.area_of[kpi]
        found[place][pair_of(states[:1])] -= 1
        found[place][pair_of(states)] += 1
    return found


def pair_of(states: list[str]) -> Pair:
    """As ``Thread.state`` and ``Thread.state_for_others`` have it, from the states of all versions."""
    sent = next((state for state in reversed(states) if state not in UNSENT), "")
    if sent == AnswerStatus.SUBMITTED:
        return sent, sent
    returned = states[-1] == AnswerStatus.DRAFT and sent == AnswerStatus.RETURNED
    return AnswerStatus.RETURNED if returned else states[-1], sent


def corrected(answers: Any) -> Iterable[tuple[tuple[str, int], list[str]]]:
    """Of each answer with more than one version: the states of all, the oldest first."""
    same = Answer.objects.filter(submission=OuterRef("submission"), kpi=OuterRef("kpi"), version=1)
    same = same.filter(Q(plan_year=OuterRef("plan_year")) | Q(plan_year__isnull=True))
    later = (
        answers.filter(version__gt=1)
        .exclude(REFUSED)
        .annotate(first=Subquery(same.values("state")[:1]))
        .order_by("submission", "kpi", "plan_year", "version")
        .values_list("organisation__code", "kpi", "plan_year", "state", "first")
    )
    threads: dict[tuple[Any, ...], list[str]] = {}
    for code, kpi, year, state, first in later:
        threads.setdefault((code, kpi, year), [first]).append(state)
    for (code, kpi, _), states in threads.items():
        yield (code, kpi), states
