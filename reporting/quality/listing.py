"""The findings as a list: what it can be limited to, its pages, and its files."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict

from members.columns import Column, ListTable
from members.lists import Filter, Listing
from reporting.facts import Organisations
from reporting.looking import Look
from workplan.tree import PlanText

from .finding import Finding, Kind

ON_A_PAGE = 50


class FindingTable(ListTable):
    """One row for each finding; a page draws them by kind."""

    kind = Column("Kind", sorts=False, look="s")
    kpis = Column("KPI", sorts=False, look="c")
    what = Column("What it is", sorts=False, look="x")
    change = Column("How the figure would change", sorts=False, look="x")
    status = Column("Status", sorts=False, look="x")
    do = Column("What to do", sorts=False, look="x")
    ask = Column("Whom to ask", sorts=False, look="x")

    class Meta:
        template_name = "tables/table.html"
        caption = "Findings on the quality of the data"

    def value_kind(self, record: Finding) -> str:
        return record.kind.words

    def value_kpis(self, record: Finding) -> str:
        return ", ".join(record.kpis)

    def value_change(self, record: Finding) -> str:
        if len(record.changes) == 1:
            return record.changes[0].words
        return " ".join(f"{each.kpi}: {each.words}." for each in record.changes)

    def value_status(self, record: Finding) -> str:
        return " ".join(each.moves for each in record.changes if each.moves)


class FindingListing(Listing):
    @property
    def pages(self) -> "Paginator[Any]":
        return Paginator(self.keys, ON_A_PAGE)


def limited(name: str, label: str, options: dict[str, str], of: Callable[[Finding], Iterable[str]]) -> Filter:
    def limits(rows: list[Finding], value: str) -> list[Finding]:
        return [row for row in rows if value in of(row)]

    return Filter(name, label, limits, options)


def moved(row: Finding) -> tuple[str, ...]:
    return ("yes",) if row.moves_status else ()


def listed(
    asked: QueryDict,
    look: Look,
    text: PlanText,
    organisations: Organisations,
    rows: tuple[Finding, ...],
    *,
    exports: bool,
) -> FindingListing:
    """The reader chooses among what there is: a code that only others are told of is no choice."""
    moving = limited("moves", "Would change a target's status", {"yes": "Yes"}, moved)
    codes = {code for row in rows for code in row.organisations}
    kpis = {code for row in rows for code in row.kpis}
    areas = {code for row in rows for code in row.areas}
    return FindingListing(
        asked,
        FindingTable(zone=look.time_zone),
        list(rows),
        nouns=("finding", "findings"),
        filters=[
            limited("kind", "Kind", {kind.code: kind.words for kind in Kind}, lambda row: (row.kind.code,)),
            limited(
                "area",
                "Focus area",
                {each.code: f"Focus Area {each.code}" for each in text.focus_areas if each.code in areas},
                lambda row: row.areas,
            ),
            limited(
                "kpi", "KPI", {each.code: each.code for each in text.kpis if each.code in kpis}, lambda row: row.kpis
            ),
            limited(
                "organisation",
                "Organisation",
                {each.code: each.name for each in organisations.all if each.code in codes},
                lambda row: row.organisations,
            ),
            *([moving] if any(row.moves_status for row in rows) else []),
        ],
        filename="data-quality",
        exports=exports,
    )
