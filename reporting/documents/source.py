"""What every document of the conference is made from, and what all of them say in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reporting.presentation import day_words
from reporting.report import Report
from reporting.striking import struck, unnamed
from workplan.choices import Period
from workplan.tree import FocusAreaText, KpiText

from .blocks import About, Cell, Value
from .figures import value_words

BASES = {"accepted": "accepted answers", "reported": "reported answers"}


@dataclass(frozen=True)
class Released:
    """The release that a document is part of."""

    number: int
    title: str
    checksum: str
    day: date

    def __str__(self) -> str:
        return f"release {self.number}"


@dataclass(frozen=True)
class Source:
    """A report, with its comments and narratives, and what is to be said of it. ``named``: whether Members are named;
    otherwise they are counted. ``released``: None of the figures of the moment. ``before``: the report that moves are
    told against, and ``before_words`` what it is. ``made``: the day of a document that is not released. ``more``:
    further facts that stand at its head. ``invented``: the site is a demonstration. ``covers``: the focus areas of a
    report that has not all of them ("Focus Area 4"); titles and headlines say it."""

    report: Report
    named: bool
    released: Released | None
    made: date
    before: Report | None = None
    before_words: str = ""
    more: tuple[tuple[str, str], ...] = ()
    invented: bool = False
    covers: str = ""
    names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {each.code: each.name for each in self.report.organisations})
        if not self.named:
            object.__setattr__(self, "report", unnamed(self.report))

    def hushed(self, text: str) -> str:
        """What people wrote, also as a title; without the names and codes of Members where these are not named. (The
        plan's own wording is printed as it was adopted.)"""
        return text if self.named else struck(text, self.report.organisations)

    @property
    def day(self) -> str:
        return day_words(self.report.as_of)

    @property
    def of_areas(self) -> str:
        """What a sentence that counts says of KPIs or targets which are not those of the whole plan."""
        return f" of {self.covers}" if self.covers else ""

    def titled(self, name: str) -> str:
        return f"{name}{f', {self.covers}' if self.covers else ''}: {self.report.plan.title}"

    def about(self) -> About:
        report, release = self.report, self.released
        amendment = report.plan.amendment
        made = () if release else (("Made", day_words(self.made)),)
        return About(
            plan=report.plan.title,
            covers=self.covers,
            as_at=report.as_of,
            basis=BASES[report.basis.value],
            version=f"as amended by amendment {amendment}" if amendment else "as adopted",
            release=f"Release {release.number}: {self.hushed(release.title)}" if release else "Not released",
            dated=release.day if release else self.made,
            provisional=report.provisional,
            checksum=release.checksum if release else "",
            more=(*made, *self.more),
            invented=self.invented,
        )

    def listed(self, codes: tuple[str, ...] | list[str]) -> str:
        """Members by name, or how many."""
        if self.named:
            return ", ".join(self.names.get(code, code) for code in codes)
        return f"{len(codes)} Member{'' if len(codes) == 1 else 's'}"


# ---------------------------------------------------------------- what several documents say alike


def area_heading(area: FocusAreaText) -> str:
    return f"Focus Area {area.code}: {area.title}"


def objective_heading(code: str, title: str) -> str:
    return f"Objective {code}: {title}"


def co_coordinators(source: Source, area: FocusAreaText) -> str:
    """As the plan prints them, where organisations are named."""
    named = [source.names.get(code, code) for code in area.co_coordinators]
    return f"Co-coordinators: {' and '.join(named)}" if named and source.named else ""


def number_cell(kpi: KpiText, value: Decimal | None) -> Cell:
    """A figure as a number; a percentage says so in words."""
    if value is None:
        return Cell("–")
    shown: Value = value_words(kpi, value) if kpi.reading.unit == "percent" else value
    return Cell(shown)


def milestone_words(kpi: KpiText, *, themed: bool = True) -> str:
    """A milestone with its letter, below the theme that it is the first of: as the plan prints it."""
    letter = kpi.milestone_code.rpartition("(")[2] if kpi.milestone_code.endswith(")") else ""
    theme = f"{kpi.theme_number}. {kpi.theme}" if themed and kpi.theme_number and kpi.theme else ""
    words = f"({letter} {kpi.milestone}" if letter else kpi.milestone
    if not letter and kpi.theme_number and not kpi.theme:
        words = f"{kpi.theme_number}. {kpi.milestone}"
    return "\n".join(filter(None, (theme, words)))


def every_year(kpi: KpiText) -> bool:
    return kpi.reading.period is Period.EACH_YEAR
