"""What findings are made of and kept pages do not notice, or that is few: read at every look, in one query. The pages
that are kept of the findings hang on it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, IntegerField, Max, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from members.models import User
from reporting.audience import shown_to
from reporting.choices import AnswerStatus, Likeness, MemberSays, StatementKind
from reporting.models import (
    ActivityPart,
    ActivityVersion,
    Confirmation,
    Evidence,
    PartStatement,
    SideStatement,
    Suspicion,
)
from workplan.models import Plan

Row = tuple[Any, ...]
OF, SIDE = "version__activity", ("arrangement", "organisation")
SHAPE = ("tag", "a", "b", "c", "said", "moment")
VERSION = Concat("answer__version", Value("/"), Coalesce("answer__plan_year", 0), output_field=TextField())
NO_NUMBER = Cast(Value(None), IntegerField())
NO_MOMENT = Cast(Value(None), DateTimeField())


@dataclass
class Event:
    """An activity in doubt, as the reader may know of it; organisations by their ids."""

    title: str = ""
    number: int = 0
    organisers: set[int] = field(default_factory=set)
    involved: set[int] = field(default_factory=set)

    def named(self, number: int, title: str) -> None:
        """As its newest version is called."""
        if number >= self.number:
            self.number, self.title = number, title


@dataclass
class Beside:
    """``pairs``: activities that may be one. ``contested``: activity and organisation. ``denied``: what was entered on
    behalf and is not what was said, as organisation, KPI, round, and plan year (0: none) and version. ``statements``:
    arrangement -> party -> what it says, and when. ``ruled``: arrangement -> when the secretariat ruled last.
    Activities of which the reader may not know are in none."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    contested: list[tuple[int, int]] = field(default_factory=list)
    events: defaultdict[int, Event] = field(default_factory=lambda: defaultdict(Event))
    denied: list[tuple[int, int, int, tuple[int, int]]] = field(default_factory=list)
    statements: defaultdict[int, dict[int, tuple[str, object]]] = field(default_factory=lambda: defaultdict(dict))
    ruled: dict[int, datetime] = field(default_factory=dict)

    @property
    def in_doubt(self) -> frozenset[int]:
        """The activities whose facts are told apart from all others."""
        return frozenset(pk for pair in self.pairs for pk in pair) | {activity for activity, _ in self.contested}


def columns(
    rows: QuerySet[Any],
    tag: str,
    a: str | Combinable,
    b: str | Combinable | None = None,
    c: str | Combinable | None = None,
    text: str | Combinable = "",
    at: str = "",
) -> QuerySet[Any]:
    """The rows in the one shape that all have."""
    numbers = {
        name: F(way) if isinstance(way, str) else way or NO_NUMBER for name, way in zip("abc", (a, b, c), strict=True)
    }
    words = F(text) if isinstance(text, str) and text else text or Value("")
    said = Cast(words, TextField())
    tagged = {"tag": Value(tag, output_field=TextField()), "said": said, "moment": F(at) if at else NO_MOMENT}
    return rows.order_by().annotate(**tagged, **numbers).values_list(*SHAPE)


def evidence_so_far() -> QuerySet[Any]:
    """What changes whenever evidence is added or removed: no token does."""
    found = Evidence.objects.order_by().values(tag=Value("evidence", output_field=TextField()))
    none = {"c": NO_NUMBER, "said": Value("", output_field=TextField()), "moment": NO_MOMENT}
    return found.annotate(a=Coalesce(Max("pk"), 0), b=Count("removed_at"), **none).values_list(*SHAPE)


def read_beside(user: User, plan: Plan) -> tuple[Row, ...]:
    """All of it, as plain rows in their order, by which a kept page is known; one query. Of an activity of which the
    reader may not know there is no title, and ``told`` leaves it out: to ask that once costs least."""
    pairs = Suspicion.objects.filter(ruling=Likeness.OPEN)
    stated = PartStatement.objects.filter(kind=StatementKind.CONTESTED, settled_at=None)
    ids = [pairs.values("first"), pairs.values("second"), stated.values("activity")]
    in_doubt = reduce(or_, (Q(activity__in=each.order_by()) for each in ids))
    versions = ActivityVersion.objects.filter(Q(accepted=True) | Q(reported=True)).filter(in_doubt)
    parts = ActivityPart.objects.filter(version__in=versions.order_by().values("pk"))
    stands = (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED)
    denied = Confirmation.objects.filter(kind=MemberSays.CONTESTED, answer__state__in=stands, answer__kpi__plan=plan)
    ruled = SideStatement.objects.exclude(settled_at=None).exclude(source="")
    organises = Case(When(organises=True, then=Value(1)), default=Value(0))
    rows = columns(SideStatement.objects.filter(settled_at=None), "side", *SIDE, text="kind", at="made_at").union(
        columns(ruled, "ruled", "arrangement", at="settled_at"),
        columns(pairs, "pair", "first", "second"),
        columns(stated, "contested", "activity", "organisation"),
        columns(parts, "part", OF, "organisation", organises),
        columns(versions.filter(shown_to(user)), "title", "activity", "number", text="title"),
        columns(denied, "denied", "answer__organisation", "answer__kpi", "answer__round", text=VERSION),
        evidence_so_far(),
    )
    return tuple(sorted(rows, key=repr))


def told(rows: Iterable[Row]) -> Beside:
    found = Beside()
    for tag, a, b, c, said, moment in rows:
        match tag:
            case "side":
                found.statements[a][b] = said, moment
            case "ruled":
                found.ruled[a] = max(moment, found.ruled.get(a, moment))
            case "pair":
                found.pairs.append((a, b))
            case "contested":
                found.contested.append((a, b))
            case "denied":
                version, year = map(int, said.split("/"))
                found.denied.append((a, b, c, (year, version)))
            case "title":
                found.events[a].named(b, said)
            case "part":
                found.events[a].involved.add(b)
                found.events[a].organisers |= {b} if c else set()
    return as_known(found)


def as_known(found: Beside) -> Beside:
    """Without the activities of which the reader may not know: they have no title here."""
    known = {pk: event for pk, event in found.events.items() if event.title}
    found.pairs = [pair for pair in found.pairs if known.keys() >= set(pair)]
    found.contested = [each for each in found.contested if each[0] in known]
    found.events = defaultdict(Event, known)
    return found
