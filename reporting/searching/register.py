"""Found among activities and arrangements, as far as the reader may know of them."""

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from members.permissions import may
from reporting.audience import shown_to
from reporting.choices import ActivityStatus, Decision
from reporting.looking import Look
from reporting.models import ActivityPart
from reporting.queries import arrangements, registered_activities

from .answers import named
from .hits import MOST, Hit, Known, Making
from .words import Wanted, marked, snippet


def in_activities(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """Those of the register by title, reference and who organised them, the latest first; one query."""
    if not may(look.user, "activity.list"):
        return []
    rows = registered_activities(look.occasion.plan).filter(shown_to(look.user)).prefetch_related(None)
    in_text = wanted.in_column("title", "activity__reference")
    for word in wanted.words:
        whose = named(word, known)
        by = ActivityPart.objects.filter(version=OuterRef("pk"), organises=True, organisation__in=whose)
        rows = rows.filter(in_text(word) | Exists(by) if whose else in_text(word))
    columns = ("activity", "activity__reference", "title", "day", "status")
    found = rows.order_by("-day", "title").values_list(*columns, named=True)[: MOST + 1]
    in_order = sorted(found, key=lambda row: not wanted.names(row.activity__reference))
    return [partial(activity_hit, look, wanted, row) for row in in_order]


def activity_hit(look: Look, wanted: Wanted, row: Any) -> Hit:
    href = reverse("activity", args=[look.occasion.plan.code, row.activity])
    note = f"{ActivityStatus(row.status).label} on {row.day:%d.%m.%y}."
    return Hit(marked(row.title, wanted), href, marked(row.activity__reference, wanted), note)


OF_A_PAIR = (
    *("arrangement", "arrangement__party_a", "arrangement__party_b", "arrangement__contested", "decision"),
    *("in_force", "ended", "source", "plurilateral__name"),
)
"""Of each arrangement that is found."""


def in_arrangements(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """Those of the register by both Members, the source, and the name of one of more than two, in the order of their
    list; one query."""
    if not may(look.user, "arrangement.list"):
        return []
    rows = arrangements()
    in_text = wanted.in_column("source", "plurilateral__name")
    for word in wanted.words:
        whose = named(word, known)
        party = Q(arrangement__party_a__in=whose) | Q(arrangement__party_b__in=whose)
        rows = rows.filter(in_text(word) | party if whose else in_text(word))
    in_order = rows.order_by("arrangement__party_a__position", "arrangement__party_b__position")
    found = in_order.values_list(*OF_A_PAIR, named=True)[: MOST + 1]
    return [partial(arrangement_hit, look, known, wanted, row) for row in found]


def arrangement_hit(look: Look, known: Known, wanted: Wanted, row: Any) -> Hit:
    one, other = known.by_id[row.arrangement__party_a], known.by_id[row.arrangement__party_b]
    said = ". ".join(each for each in (row.plurilateral__name, row.source) if each)
    return Hit(
        marked(f"{one.name} ({one.code}) and {other.name} ({other.code})", wanted),
        reverse("arrangement", args=[look.occasion.plan.code, row.arrangement]),
        snippet(said, wanted) if said else [],
        f"{from_when(row)} {'Contested' if row.arrangement__contested else Decision(row.decision).label}.",
    )


def from_when(row: Any) -> str:
    if row.ended:
        return f"Ended on {row.ended:%d.%m.%y}."
    return f"In force from {row.in_force:%d.%m.%y}." if row.in_force else "No date in force."
