"""Who has sent: every organisation that a round asks, by focus area, at one glance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, Subquery, Value, When

from workplan.choices import YEARLY
from workplan.tree import PlanText

from .choices import AnswerStatus
from .facts import Organisations, load_organisations
from .keeping import digest, kept
from .looking import Look
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
Place = tuple[str, str]
"""An organisation and a focus area, by their codes."""
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
        if self is Sees.OWN:
            return own
        return sent or own if self is Sees.ANSWERED else sent


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

    def add(self, pair: Pair, many: int, sees: Sees) -> None:
        if state := sees.state(pair):
            self.states[state] += many
        if pair[1]:
            self.sent += many

    @classmethod
    def together(cls, cells: Iterable["Cell | None"]) -> "Cell":
        found = cls(0)
        for cell in cells:
            if cell:
                found.asked += cell.asked
                found.sent += cell.sent
                found.states.update(cell.states)
        return found

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


@dataclass(frozen=True)
class Row:
    """One organisation: a cell for each focus area (None: it is not asked there), and those shown together."""

    code: str
    name: str
    submission: Submission | None
    cells: tuple[Cell | None, ...]

    @cached_property
    def total(self) -> Cell:
        return Cell.together(self.cells)


@dataclass(frozen=True)
class Asked:
    """How many answers a round asks: by organisation and focus area; kept until the frame changes."""

    areas: tuple[Area, ...]
    names: Mapping[str, str]
    counts: Mapping[Place, int]
    area_of: Mapping[int, str]


def asked_by(look: Look, collection: Round) -> Asked:
    def find() -> Asked:
        return find_asked(collection, look.plan_at(collection.as_at), load_organisations())

    found: Asked = kept(f"board:{digest(look.frame, collection.pk)}", find)
    return found


def find_asked(collection: Round, text: PlanText, organisations: Organisations) -> Asked:
    begun = len(years_begun(collection.plan, collection.as_at))
    alike: Counter[tuple[frozenset[str], str]] = Counter()  # most KPIs ask the same organisations
    for area in text.focus_areas:
        for kpi in area.kpis:
            if collection.asks(kpi.id):
                years = begun if kpi.reading.source in YEARLY else 1
                alike[organisations.asked(kpi.reading, collection.as_at), area.code] += years
    counts: Counter[Place] = Counter()
    for (codes, place), many in alike.items():
        for code in codes:
            counts[code, place] += many
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
    reminders = Reminder.objects.filter(submission=OuterRef("pk")).order_by("-sent_at")
    submissions = Submission.objects.filter(round=collection).select_related("organisation")
    submissions = submissions.annotate(reminded=Subquery(reminders.values("sent_at")[:1]))
    by_code = {each.organisation.code: each for each in submissions}
    shown = areas_shown(asked, reader)
    found = cells_of(asked, collection, reader)
    rows = []
    for code, name in asked.names.items():
        cells = tuple(found.get((code, area)) for area, _, _ in shown)
        if any(cell and cell.asked for cell in cells):
            rows.append(Row(code, name, by_code.get(code), cells))
    return rows


def areas_shown(asked: Asked, reader: Reader) -> list[Area]:
    """All for who sees a whole row; else those that they co-ordinate."""
    whole = reader.everything or not reader.areas or not reader.own.isdisjoint(asked.names)
    return [area for area in asked.areas if whole or area[0] in reader.areas]


def cells_of(asked: Asked, collection: Round, reader: Reader) -> dict[Place, Cell]:
    """A cell of nothing asked for what the reader does not see."""
    seen = {place: reader.sees(*place) for place in asked.counts}
    cells = {place: Cell(many if seen[place] else 0) for place, many in asked.counts.items()}
    for place, pair, many in states_of(asked, collection, reader.only):
        if sees := seen.get(place):
            cells[place].add(pair, many, sees)
    return cells


def sums(rows: Iterable[Row]) -> list[Cell]:
    """All rows together: for each focus area, and for all."""
    columns = zip(*((*row.cells, row.total) for row in rows), strict=True)
    return [Cell.together(column) for column in columns]


def states_of(asked: Asked, collection: Round, only: frozenset[str] | None) -> Iterator[tuple[Place, Pair, int]]:
    """How many answers are in which states, at each place. Nearly every answer has one version, so these are counted
    by the database; of those with more, all versions are read, and what the first one counted is taken off."""
    answers = Answer.objects.filter(round=collection).order_by()
    answers = answers if only is None else answers.filter(organisation__code__in=only)
    answers = answers.filter(kpi__in=asked.area_of)  # a KPI that was retired is not asked any more
    first = answers.filter(version=1).exclude(SILENT).annotate(area=area_of(asked))
    alone = {state: pair_of([state]) for state in AnswerStatus.values}
    for code, area, state, many in first.values_list("organisation__code", "area", "state").annotate(many=Count("pk")):
        yield (code, area), alone[state], many
    for (code, kpi), states in corrected(answers):
        place = code, asked.area_of[kpi]
        yield place, alone[states[0]], -1
        yield place, pair_of(states), 1


def area_of(asked: Asked) -> Case:
    kpis: dict[str, list[int]] = defaultdict(list)
    for kpi, area in asked.area_of.items():
        kpis[area].append(kpi)
    return Case(*(When(kpi__in=ids, then=Value(area)) for area, ids in kpis.items()), output_field=CharField())


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
