"""Named reads of what is collected and released."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from workplan.models import Plan

from .models import ActivityVersion, Answer, ArrangementVersion, Release, Round
from .report import Occasion


def rounds_of(plan: Plan) -> tuple[Round, ...]:
    """The rounds by as-at date; of two with the same, the one opened later comes later."""
    return tuple(plan.rounds.all())


def occasion(plan: Plan, now: datetime) -> Occasion:
    """The default occasion of a plan: accepted figures at the as-at date of the latest round that has closed."""
    return Occasion(plan, rounds_of(plan), now)


def releases_of(plan: Plan) -> QuerySet[Release]:
    """The releases of a plan, the latest first, without their long content."""
    return Release.objects.filter(plan=plan).select_related("published_by").defer("content")


def activities_by_reference(references: Collection[str]) -> dict[str, ActivityVersion]:
    """Reference -> what the activity was, by its version that speaks."""
    found = ActivityVersion.objects.filter(activity__reference__in=references, reported=True)
    return {version.activity.reference: version for version in found.select_related("activity")}


def spoken_answers(kpi: int) -> QuerySet[Answer]:
    """The sent and decided answers on a KPI with who accepted them, for those who may see more than the words."""
    return Answer.objects.filter(kpi=kpi).exclude(sent_at=None).select_related("organisation", "decided_by")


def arrangements() -> QuerySet[ArrangementVersion]:
    return ArrangementVersion.objects.filter(reported=True).select_related(
        "arrangement__party_a", "arrangement__party_b"
    )
