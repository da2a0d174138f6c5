"""What is found, and the plan and the organisations as a search knows them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice

from members.models import Organisation
from reporting.facts import OrganisationFact, load_organisations
from reporting.keeping import digest, kept
from reporting.looking import Look
from workplan.tree import KpiText, PlanText

from .words import Part

MOST = 200
"""Hits of a kind; who needs more needs another word."""


@dataclass(frozen=True)
class Hit:
    """``href``: "" where the reader has no page of it."""

    title: list[Part]
    href: str
    snippet: list[Part] = field(default_factory=list)
    note: str = ""


Making = Callable[[], Hit]
"""A hit is drawn only where it is shown."""


@dataclass(frozen=True)
class Group:
    """The hits of one kind, the best first; at most MOST, of which ``more`` says that there are others."""

    name: str
    one: str
    many: str
    hits: list[Making]

    @property
    def more(self) -> bool:
        return len(self.hits) > MOST

    @property
    def shown(self) -> list[Making]:
        return self.hits[:MOST]

    @property
    def count(self) -> str:
        if self.more:
            return f"more than {MOST} {self.many}"
        return f"{len(self.hits)} {self.one if len(self.hits) == 1 else self.many}"


def limited(hits: Iterable[Making]) -> list[Making]:
    return list(islice(hits, MOST + 1))


@dataclass(frozen=True)
class Known:
    """What is searched in memory: the plan at the date and from each later day on which its words change, and who there
    is; kept until the data change."""

    plan: PlanText
    later: tuple[tuple[date, PlanText], ...]
    organisations: tuple[OrganisationFact, ...]
    also: Mapping[str, str]

    @cached_property
    def kpis(self) -> Mapping[int, KpiText]:
        """Those that begin later, too: a round may ask them already."""
        texts = (*(text for _, text in reversed(self.later)), self.plan)
        return {kpi.id: kpi for text in texts for kpi in text.kpis}

    @cached_property
    def by_id(self) -> Mapping[int, OrganisationFact]:
        return {each.id: each for each in self.organisations}


def known_at(look: Look) -> Known:
    def read() -> Known:
        also = Organisation.objects.values_list("code", "also_known_as")
        history, day = look.history, look.occasion.as_of
        days = sorted({each.valid_from for each in history.wordings if each.valid_from > day})
        later = tuple((each, history.text(each)) for each in days)
        return Known(history.text(day), later, load_organisations().all, dict(also))

    key = digest(look.frame, look.occasion.plan.pk, look.occasion.as_of)
    found: Known = kept(f"search:{key}", read)
    return found
