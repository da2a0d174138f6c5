"""Where the KPIs of a plan stood at the dates of its rounds: an amendment moves and retires them from a day on."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from workplan.choices import Kind

from .keeping import digest, kept
from .looking import Look
from .models import Round

Area = tuple[str, tuple[str, ...], tuple[int, ...]]
"""A focus area: its code, who co-ordinates it, and the ids of its KPIs."""
Areas = tuple[Area, ...]


def areas_of_rounds(look: Look) -> dict[Areas, list[int]]:
    """The focus areas with the rounds at whose dates they were so, mostly all; two queries, kept until the
    frame changes."""

    def read() -> dict[Areas, list[int]]:
        history = look.history
        found: dict[Areas, list[int]] = defaultdict(list)
        alike: dict[int, list[Round]] = defaultdict(list)
        for each in look.occasion.rounds:
            alike[history.span(each.as_at)].append(each)
        for rounds in alike.values():
            areas = history.text(rounds[0].as_at).focus_areas
            key = tuple((area.code, area.co_coordinators, tuple(kpi.id for kpi in area.kpis)) for area in areas)
            found[key] += [each.pk for each in rounds]
        return dict(found)

    rounds: dict[Areas, list[int]] = kept(f"places:{digest(look.frame, look.occasion.plan.pk)}", read)
    return rounds


def kpis_of_rounds(look: Look) -> dict[int, frozenset[int]]:
    """Round -> the KPIs that belonged to the plan at its date, by their ids."""
    places = areas_of_rounds(look).items()
    return {each: frozenset(kpi for area in areas for kpi in area[2]) for areas, rounds in places for each in rounds}


def in_areas(look: Look, chosen: Callable[[Area], bool], round: str = "round") -> Q:
    """The answers to KPIs that stood in one of the chosen focus areas at the date of their round. ``round``: how one
    comes to it from what stands with an answer."""
    found = Q(pk__in=[])
    for areas, rounds in areas_of_rounds(look).items():
        kpis = [kpi for area in areas if chosen(area) for kpi in area[2]]
        found |= Q((f"{round}__in", rounds), kpi__in=kpis)
    return found


def in_plan(look: Look) -> Q:
    """The answers to KPIs that belonged to the plan at the date of their round. The others were asked once, and nobody
    can decide on them or correct them any more."""
    return in_areas(look, lambda _: True)


@dataclass(frozen=True)
class KpiPlace:
    """A KPI, also one that left the plan. ``area``: the code of the focus area in which it stands, or stood last."""

    id: int
    code: str
    area: str


def kpi_places(look: Look, day: date) -> tuple[KpiPlace, ...]:
    """All KPIs of the plan, those that begin after the day as they begin; two queries, kept until the frame changes."""

    def read() -> tuple[KpiPlace, ...]:
        history, found = look.history, {}
        for each in {history.span(each): each for each in (*history.begins[-1:], day)}.values():
            outline = history.outline(each)
            for node in outline.nodes.values():
                if node.kind is Kind.KPI and (above := outline.above(node)):
                    found[node.id] = KpiPlace(node.id, node.code, above[0].code)
        return tuple(found.values())

    places: tuple[KpiPlace, ...] = kept(f"kpis:{digest(look.frame, look.occasion.plan.pk, day)}", read)
    return places


def co_ordinated(look: Look, round: str = "round") -> Q:
    """The answers to KPIs of the focus areas that the reader co-ordinates."""
    return in_areas(look, lambda area: not look.co_ordinates_for.isdisjoint(area[1]), round)
