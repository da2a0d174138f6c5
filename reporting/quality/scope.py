"""How much of the data's quality a reader sees (permissions.csv, quality.view): all, that of their focus areas, or what
concerns their own organisation."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from members.choices import Scope as Reach
from members.permissions import Target, grants, may
from reporting.facts import Organisations
from reporting.looking import Look
from workplan.tree import KpiText, PlanText


@dataclass(frozen=True)
class Scope:
    look: Look
    text: PlanText
    organisations: Organisations

    @cached_property
    def reach(self) -> list[tuple[Reach, str]]:
        return grants(self.look.user, "quality.view")

    @cached_property
    def everything(self) -> bool:
        return any(scope is Reach.YES for scope, _ in self.reach)

    @cached_property
    def own(self) -> frozenset[str]:
        """The organisations for which the reader acts; of others, where not all is seen, nothing is said."""
        return frozenset(code for scope, code in self.reach if scope is Reach.OWN)

    @cached_property
    def whole(self) -> frozenset[int]:
        """The KPIs of which the reader sees what everybody sent, and the figure before it is released."""
        ours = frozenset(code for scope, code in self.reach if scope is Reach.FOCUS_AREA)
        areas = self.text.focus_areas
        found = (area for area in areas if self.everything or not ours.isdisjoint(area.co_coordinators))
        return frozenset(kpi.id for area in found for kpi in area.kpis)

    @cached_property
    def kpis(self) -> tuple[KpiText, ...]:
        """Those that anything is said about."""
        return tuple(kpi for kpi in self.text.kpis if self.own or kpi.id in self.whole)

    @cached_property
    def area_of(self) -> dict[str, str]:
        """Code of a KPI -> code of its focus area."""
        return {kpi.code: area.code for area in self.text.focus_areas for kpi in area.kpis}

    @cached_property
    def co_coordinators(self) -> dict[str, frozenset[str]]:
        """Code of a KPI -> who co-ordinates its focus area."""
        areas = self.text.focus_areas
        return {kpi.code: frozenset(area.co_coordinators) for area in areas for kpi in area.kpis}

    def sees_figure(self, kpi: KpiText) -> bool:
        return kpi.id in self.whole

    def of(self, kpi: KpiText, codes: Collection[str]) -> frozenset[str]:
        """Those of some organisations of which the reader is told on a KPI."""
        return frozenset(codes) if self.sees_figure(kpi) else self.own & frozenset(codes)

    def may(self, action: str, kpi: KpiText, code: str) -> bool:
        """May the reader do this to what an organisation sent on a KPI."""
        target = Target(
            organisations=frozenset({code}),
            focus_area_organisations=self.co_coordinators[kpi.code],
            open_for_entry=True,
            submitted=True,
        )
        return may(self.look.user, action, target)
