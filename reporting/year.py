"""What the register holds of one organisation in one plan year."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from members.models import Organisation, User
from members.permissions import grants
from workplan.calendar import PlanYear, base_year, plan_years
from workplan.models import Plan

from .audience import SECRETARIAT, shown_to
from .choices import ActivityStatus, Decision
from .models import ActivityVersion, PartStatement
from .queries import registered_activities

MOST = 50
"""So many of each kind are shown; the register lists all."""
PARTS = {"organises": "organised", "contributes": "contributed", "takes_part": "took part"}
LIVE, HELD = ~Q(status=ActivityStatus.CANCELLED), Q(status=ActivityStatus.HELD)
SILENT = Q(named=True, said_something=False, own_record=False)
"""Somebody else recorded it, and the organisation has said nothing on its part."""
WAITS = LIVE & (SILENT | Q(contested=True))
STANDS = HELD & Q(contested=False)


def own_codes(user: User) -> list[str]:
    """The organisations whose year is the reader's own."""
    return list(dict.fromkeys(code for _, code in grants(user, "activity.list")))


def sees_year(user: User, code: str) -> bool:
    """Its own people, and the secretariat."""
    return code in own_codes(user) or any(held.role in SECRETARIAT for held in user.held_roles)


def years_of(plan: Plan) -> list[PlanYear]:
    """The base year, and those of the plan."""
    return [base_year(plan.starts), *plan_years(plan.starts, plan.ends)]


@dataclass(frozen=True)
class Year:
    """``user``: who reads it. What they may not know of is in no list and no number of it."""

    plan: Plan
    organisation: Organisation
    year: PlanYear
    user: User

    @property
    def rows(self) -> QuerySet[ActivityVersion, Any]:
        """The activities in which it has a part or which it recorded, each with that part."""
        said = PartStatement.objects.filter(activity=OuterRef("activity"), organisation=self.organisation)
        rows = registered_activities(self.plan).filter(shown_to(self.user))
        rows = rows.filter(day__gte=self.year.starts, day__lte=self.year.ends).annotate(
            own=FilteredRelation("parts", condition=Q(parts__organisation=self.organisation)),
            own_record=Coalesce(Q(activity__recorded_by=self.organisation), False),
            said_something=Exists(said),
        )
        rows = rows.filter(Q(own__isnull=False) | Q(own_record=True))
        return rows.annotate(
            named=Q(own__isnull=False),
            contested=Coalesce("own__contested", False),
            participants=F("own__participants"),
            women=F("own__women"),
            **{name: Coalesce(f"own__{name}", False) for name in PARTS},
        )

    def held(self) -> list[Any]:
        return list(self.rows.filter(HELD).order_by("-day", "-pk")[:MOST])

    def planned(self) -> list[Any]:
        return list(self.rows.filter(status=ActivityStatus.PLANNED).order_by("start", "pk")[:MOST])

    def waiting(self) -> list[Any]:
        """What it is asked to confirm, and what it contests."""
        return list(self.rows.filter(WAITS).order_by("-day", "-pk")[:MOST])

    def totals(self) -> dict[str, int]:
        """Of all of them, shown or not. People are those in what was held, without contested parts."""
        return self.rows.order_by().aggregate(
            all_held=Count("pk", filter=HELD),
            confirmed=Count("pk", filter=HELD & Q(decision=Decision.CONFIRMED)),
            all_planned=Count("pk", filter=Q(status=ActivityStatus.PLANNED)),
            people=Coalesce(Sum("participants", filter=STANDS), 0),
            all_women=Coalesce(Sum("women", filter=STANDS), 0),
            unstated=Count("pk", filter=STANDS & Q(takes_part=True, participants=None)),
            waits=Count("pk", filter=WAITS),
        )


def part_words(row: Any) -> str:
    """organised, took part"""
    return ", ".join(words for name, words in PARTS.items() if getattr(row, name))
