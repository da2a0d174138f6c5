"""Who has sent: every organisation that a round asks, by focus area, at one glance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from workplan.choices import YEARLY
from workplan.queries import plan_at

from .choices import AnswerStatus
from .facts import load_organisations
from .looking import Look, digest, kept
from .models import UNSAID, Answer, Round, Submission
from .questions import years_begun
from .threads import UNSENT

AREA = "kpi__milestone__specific_action__objective__focus_area__code"
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


@dataclass
class Cell:
    """How far one organisation is on one focus area. ``states``: of its answers; a draft that says nothing is none."""

    asked: int
    states: Counter[str] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        return sum(self.states.values())

    @property
    def sent(self) -> int:
        return self.answered - sum(self.states[state] for state in UNSENT)

    @property
    def state(self) -> str:
        """The most pressing one."""
        if self.states[AnswerStatus.RETURNED]:
            return "returned"
        if self.states[AnswerStatus.ACCEPTED] == self.asked:
            return "accepted"
        if self.sent == self.asked:
            return "sent"
        if self.sent:
            return "part"
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
        return Cell(self.asked + other.asked, self.states + other.states)


@dataclass(frozen=True)
class Row:
    """One organisation: a cell for each focus area (None: it is not asked there), and all together."""

    code: str
    name: str
    submission: Submission | None
    cells: tuple[Cell | None, ...]

    @property
    def total(self) -> Cell:
        return sum((cell for cell in self.cells if cell), start=Cell(0))


@dataclass(frozen=True)
class Asked:
    """How many answers a round asks: by organisation and focus area; kept until the data change."""

    areas: tuple[tuple[str, str, tuple[str, ...]], ...]
    names: Mapping[str, str]
    counts: Mapping[tuple[str, str], int]


def asked_by(look: Look, collection: Round) -> Asked:
    found: Asked = kept(f"board:{digest(look.token, collection.pk)}", lambda: find_asked(collection))
    return found


def find_asked(collection: Round) -> Asked:
    text, organisations = plan_at(collection.plan, collection.as_at), load_organisations()
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
    )


def board(asked: Asked, collection: Round, areas: Iterable[str], only: frozenset[str] | None) -> list[Row]:
    """The rows of some focus areas, of the chosen organisations (None: all)."""
    states = states_of(collection, only)
    submissions = Submission.objects.filter(round=collection).select_related("organisation")
    by_code = {each.organisation.code: each for each in submissions}
    shown = tuple(areas)
    rows = []
    for code, name in asked.names.items():
        if only is None or code in only:
            cells = tuple(
                Cell(asked.counts[code, area], states[code, area]) if (code, area) in asked.counts else None
                for area in shown
            )
            if any(cells):
                rows.append(Row(code, name, by_code.get(code), cells))
    return rows


def states_of(collection: Round, only: frozenset[str] | None) -> Mapping[tuple[str, str], Counter[str]]:
    """(Organisation, focus area) -> how many answers are in which state. Nearly every answer has one version, so these
    are counted by the database; those with more are read."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    answers = Answer.objects.filter(round=collection).order_by()
    answers = answers if only is None else answers.filter(organisation__code__in=only)
    silent = Q(
        state=AnswerStatus.DRAFT,
        **{
            f"{name}__isnull" if unsaid is None else name: True if unsaid is None else unsaid
            for name, unsaid in UNSAID.items()
        },
    )
    first = answers.filter(version=1).exclude(silent).values_list("organisation__code", AREA, "state")
    for code, area, state, many in first.annotate(many=Count("pk")):
        found[code, area][state] += many
    for (code, area), before, now in corrected(answers):
        found[code, area][before] -= 1
        found[code, area][now] += 1
    return found


def corrected(answers: Any) -> Iterable[tuple[tuple[str, str], str, str]]:
    """Of each answer with more than one version: the state of its first, and the one it is in."""
    same = Answer.objects.filter(submission=OuterRef("submission"), kpi=OuterRef("kpi"), version=1)
    same = same.filter(Q(plan_year=OuterRef("plan_year")) | Q(plan_year__isnull=True))
    later = (
        answers.filter(version__gt=1)
        .annotate(first=Subquery(same.values("state")[:1]))
        .order_by("submission", "kpi", "plan_year", "version")
        .values_list("organisation__code", AREA, "submission", "kpi", "plan_year", "state", "first")
    )
    threads: dict[tuple[Any, ...], list[str]] = {}
    for code, area, *place, state, first in later:
        threads.setdefault((code, area, *place), [first]).append(state)
    for (code, area, *_), states in threads.items():
        sent = [state for state in states if state not in UNSENT]
        returned = states[-1] == AnswerStatus.DRAFT and sent[-1] == AnswerStatus.RETURNED
        yield (code, area), states[0], AnswerStatus.RETURNED if returned else states[-1]
