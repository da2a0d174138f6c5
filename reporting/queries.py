"""Named reads of what is collected and released."""

from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat

from workplan.database import Listed
from workplan.models import Plan
from workplan.queries import named_by

from .choices import ActivityStatus, StatementKind, Telling
from .models import (
    LATEST,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    ArrangementVersion,
    Release,
    Round,
    SideStatement,
)
from .occasion import Occasion


def rounds_of(plan: Plan) -> tuple[Round, ...]:
    """The rounds by as-at date; of two with the same, the one opened later comes later."""
    return tuple(Round.objects.filter(plan=plan).select_related("plan").with_kpis())


def occasion(plan: Plan, now: datetime) -> Occasion:
    """The default occasion of a plan: accepted figures at the as-at date of the latest round that has closed."""
    return Occasion(plan, rounds_of(plan), now)


def releases_of(plan: Plan) -> QuerySet[Release]:
    """The releases of a plan, the latest first, without their long content."""
    return Release.objects.filter(plan=plan).select_related("published_by").defer("content")


def releases_and_last(plan: Plan, day: date) -> QuerySet[Release, Any]:
    """The same, the last one as at the day or before with its content, as ``stored``."""
    last = Release.objects.filter(plan=plan, as_at__lte=day).order_by(*LATEST).values("pk")[:1]
    return releases_of(plan).annotate(stored=Case(When(pk=Subquery(last), then="content")))


def registered_activities(plan: Plan, *, refused: bool = False) -> QuerySet[ActivityVersion]:
    """Every activity that counts for the plan or for nothing yet, as its latest version that speaks has it.
    ``refused``: instead those of which none speaks, because it was not confirmed."""
    elsewhere = ActivityLink.objects.filter(version=OuterRef("pk")).exclude(kpi__plan=plan)
    here = ActivityLink.objects.filter(version=OuterRef("pk"), kpi__plan=plan)
    speaks = ActivityVersion.objects.filter(activity=OuterRef("activity"), reported=True)
    later = ActivityVersion.objects.filter(activity=OuterRef("activity"), number__gt=OuterRef("number"))
    chosen = ~Exists(speaks) & ~Exists(later) & Q(activity__merged_into=None) if refused else Q(reported=True)
    return ActivityVersion.objects.filter(Exists(here) | ~Exists(elsewhere), chosen)


def with_whom(rows: QuerySet[ActivityVersion]) -> QuerySet[ActivityVersion, Any]:
    """The same with who organised them, how many took part in any way, and for which KPIs they count: in a few words
    each, as rows of their own would be ten times as many (``codes_by_position`` reads them)."""
    parts = ActivityPart.objects.filter(version=OuterRef("pk")).order_by().values("version")
    return rows.annotate(
        organised_by=named_by(ActivityPart.objects.filter(version=OuterRef("pk"), organises=True), "version"),
        how_many=Coalesce(Subquery(parts.annotate(many=Count("pk")).values("many")), 0),
        serves=serving(ActivityLink.objects.filter(version=OuterRef("pk"))),
    )


def serving(links: QuerySet[ActivityLink]) -> Subquery:
    """The KPIs that a version counts for by these links, each with for how many items (``codes_by_position`` reads
    that)."""
    place = Concat("kpi__position", Value(":"), "kpi__code", Value(" × "), "items", output_field=CharField())
    return Subquery(links.order_by().values("version").values(named=Listed(place)))


def parts_held(collection: Round, *, contested: bool = False) -> QuerySet[ActivityPart]:
    """The parts in what was held up to the date of a round, as it is reported. ``contested``: with those that are."""
    held = {"version__reported": True, "version__status": ActivityStatus.HELD}
    parts = ActivityPart.objects.filter(version__day__lte=collection.as_at, **held)
    return parts if contested else parts.filter(contested=False)


def arrangements() -> QuerySet[ArrangementVersion]:
    return ArrangementVersion.objects.filter(reported=True).select_related(
        "arrangement__party_a", "arrangement__party_b", "plurilateral"
    )


def with_what_is_told(rows: QuerySet[ArrangementVersion]) -> QuerySet[ArrangementVersion, Any]:
    """The same with what the sides say, as ``told``: as ``sides.of_version`` has it, by the database."""
    every = SideStatement.objects.filter(arrangement=OuterRef("arrangement"))
    since = OuterRef("entered_at")
    contests = every.filter(settled_at=None, kind=StatementKind.CONTESTED)
    said = every.filter(settled_at=None, made_at__gte=since)
    one, other = (Exists(said.filter(organisation=OuterRef(f"arrangement__party_{side}"))) for side in "ab")
    ruled = every.filter(settled_at__gte=since).exclude(source="")
    told = Case(
        When(Exists(contests), then=Value(Telling.CONTRADICTION)),
        When(one & other, then=Value(Telling.BOTH)),
        When(Exists(ruled), then=Value(Telling.RULED)),
        When(one | other, then=Value(Telling.ONE)),
        default=Value(Telling.NEITHER),
        output_field=CharField(),
    )
    return rows.annotate(told=told)
