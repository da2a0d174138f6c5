"""Found in the plan, and among the organisations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from reporting.facts import OrganisationFact
from reporting.looking import Look
from workplan.tree import PlanText

from .hits import Hit, Known, Making
from .words import Wanted, fold, marked, snippet


@dataclass(frozen=True)
class Element:
    """A place in the plan. ``rank``: of several with the same code the KPI comes first. ``since``: the later day from
    which it reads so."""

    kind: str
    code: str
    text: str
    page: tuple[str, str]
    rank: int
    more: tuple[str, ...] = ()
    since: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code

    @property
    def words(self) -> tuple[str, ...]:
        return self.text, *self.more


def elements(plan: PlanText) -> Iterator[Element]:
    for area in plan.focus_areas:
        page = ("focus_area", area.code)
        yield Element("Focus area", area.code, area.title, page, 4)
        for objective in area.objectives:
            yield Element("Objective", objective.code, objective.title, page, 3)
            for action in objective.actions:
                yield Element("Specific action", action.code, action.title, page, 2)
                seen: set[str] = set()
                for kpi in action.kpis:
                    if kpi.milestone_code not in seen:
                        seen.add(kpi.milestone_code)
                        yield Element("Milestone", kpi.milestone_code, kpi.milestone, ("kpi", kpi.code), 1)
                    yield Element(
                        "KPI", kpi.code, kpi.text, ("kpi", kpi.code), 0, (kpi.target, kpi.responsible, kpi.theme)
                    )


def in_plan(look: Look, known: Known, wanted: Wanted) -> Iterator[Making]:
    """The element with exactly this code first, then those whose own text says it, then the others in the plan's
    order; each once, as it reads at the date where that is what was found."""
    found: dict[tuple[str, str], Element] = {}
    for each in (*elements(known.plan), *changed_later(known)):
        if each.key not in found and wanted.found_in(each.code, *each.words):
            found[each.key] = each
    for each in sorted(found.values(), key=lambda each: order(each, wanted)):
        yield partial(plan_hit, look, known, wanted, each)


def changed_later(known: Known) -> Iterator[Element]:
    """What amendments that are valid later add to the plan or say in other words."""
    before = {each.key: each.words for each in elements(known.plan)}
    for day, text in known.later:
        for each in elements(text):
            if before.get(each.key) != each.words:
                before[each.key] = each.words
                yield replace(each, since=day)


def plan_hit(look: Look, known: Known, wanted: Wanted, element: Element) -> Hit:
    said = next((text for text in element.words if wanted.found_in(text)), element.text)
    note = f"from {element.since:%d.%m.%y}" if element.since else ""
    title = marked(f"{element.kind} {element.code}", wanted)
    return Hit(title, plan_page(look, known, element), snippet(said, wanted), note)


def plan_page(look: Look, known: Known, element: Element) -> str:
    """Of what reads so from a later day on, the work plan of that day: there everybody may read it."""
    name, code = element.page
    if not element.since:
        return reverse(name, args=[known.plan.code, code]) + look.query()
    asked = {"as-at": element.since.isoformat()} | ({"q": code} if name == "kpi" else {})
    return f"{reverse('work_plan', args=[known.plan.code])}?{urlencode(asked)}"


def order(element: Element, wanted: Wanted) -> tuple[int, int]:
    if wanted.names(element.code):
        return 0, element.rank
    if fold(element.code).startswith(fold(wanted.text)):
        return 1, 0
    return (2, 0) if wanted.found_in(element.text) else (3, 0)


def organisations(look: Look, known: Known, wanted: Wanted) -> Iterator[Making]:
    """Codes are no secret: the plan names whom it asks. Pages of Members are for those who may see them."""
    found = [each for each in known.organisations if wanted.found_in(each.code, each.name, known.also[each.code])]
    for each in sorted(found, key=lambda each: not wanted.names(each.code)):
        yield partial(organisation_hit, look, known, wanted, each)


def organisation_hit(look: Look, known: Known, wanted: Wanted, found: OrganisationFact) -> Hit:
    also = known.also[found.code]
    kind = "Member" if found.is_member(look.occasion.as_of) else "Not a Member" if found.member else "Regional entity"
    return Hit(
        marked(f"{found.name} ({found.code})", wanted),
        member_page(look, known, found),
        marked(f"Also known as {also}", wanted) if also else [],
        kind,
    )


def member_page(look: Look, known: Known, organisation: OrganisationFact) -> str:
    if not organisation.is_member(look.occasion.as_of):
        return ""
    areas = [frozenset(area.co_coordinators) for area in known.plan.focus_areas]
    if not any(look.sees_member(organisation.code, by) for by in areas):
        return ""
    return reverse("member", args=[known.plan.code, organisation.code]) + look.query()
