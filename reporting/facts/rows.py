"""What the two ways of loading have in common: how columns become facts."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from reporting.choices import AnswerStatus, Decision, Likeness
from reporting.inputs import AnswerState, Arrangement
from reporting.models import ActivityLink, ArrangementVersion, Suspicion
from workplan.choices import Source, Standing

STATES = {
    AnswerStatus.ACCEPTED.value: AnswerState.ACCEPTED,
    AnswerStatus.SUBMITTED.value: AnswerState.SUBMITTED,
    AnswerStatus.RETURNED.value: AnswerState.RETURNED,
}
SOURCES = {source.value: source for source in Source}
STANDINGS: dict[str, Standing | None] = {standing.value: standing for standing in Standing} | {"": None}
CONTRIBUTES = Q(version__parts__organises=True) | Q(version__parts__contributes=True)


OPEN_SUSPICIONS = Suspicion.objects.filter(ruling=Likeness.OPEN)
HELD_BACK = Q(version__accepted=False, version__activity__in=OPEN_SUSPICIONS.order_by().values("second"))
"""Nothing is counted twice meanwhile: of two records that may be one, the later does not speak before it is confirmed,
which is not done before somebody ruled on the two (ADR 29)."""
SPEAKS = Q(version__reported=True) & ~HELD_BACK
"""On the basis of what is reported."""
SPEAKS_REPORTED = Case(When(SPEAKS, then=Value(True)), default=Value(False))
EITHER = Q(first=OuterRef("version__activity")) | Q(second=OuterRef("version__activity"))
DOUBTFUL = Exists(OPEN_SUSPICIONS.filter(EITHER))


def links(kpis: Collection[int]) -> QuerySet[ActivityLink]:
    """The links of versions that speak on some basis, and of refused ones: a part in those is no silence either."""
    speaks = Q(version__accepted=True) | Q(version__reported=True)
    refused = Q(version__decision__in=(Decision.REFUSED, Decision.WITHDRAWN))
    return ActivityLink.objects.filter(speaks | refused, kpi__in=kpis).order_by()


def only_for(kpis: Collection[int], field: str) -> Case:
    """The field for these KPIs; None for others, whose rows may so be put together."""
    return Case(When(kpi__in=kpis, then=F(field)))


def earliest(partial: str) -> date | None:
    """The first day that a date, or only a month or year, can mean."""
    return date.fromisoformat((partial + "-01-01")[:10]) if partial else None


def latest(partial: str) -> date | None:
    """The last day that a date, or only a month or year, can mean."""
    first = earliest(partial)
    if first is None or len(partial) == len("2018-06-28"):
        return first
    year, month = (first.year, first.month) if "-" in partial else (first.year, 12)
    return date(year, month, monthrange(year, month)[1])


def load_arrangements(code_of: dict[int, str]) -> tuple[Arrangement, ...]:
    rows = ArrangementVersion.objects.filter(Q(accepted=True) | Q(reported=True)).values_list(
        "arrangement__party_a_id", "arrangement__party_b_id", "accepted", "reported", "signed", "in_force", "ended",
        "arrangement__contested", "plurilateral__name",
    )  # fmt: skip
    return tuple(as_fact(frozenset((code_of[row[0]], code_of[row[1]])), *row[2:]) for row in rows)


def as_fact(
    parties: frozenset[str], accepted: bool, reported: bool, signed: str, in_force: date | None, ended: date | None,
    contested: bool, plurilateral: str | None,
) -> Arrangement:  # fmt: skip
    """A version of an arrangement, as the rules need it."""
    return Arrangement(
        parties=parties,
        accepted=accepted,
        reported=reported,
        in_force=in_force,
        ended=ended,
        known_from=min(filter(None, (earliest(signed), in_force)), default=None),
        contested=contested,
        signed=latest(signed),
        plurilateral=plurilateral or "",
    )
