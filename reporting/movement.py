"""Which figures a drafted amendment moves: at which dates, from what to what."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workplan.queries import Draft
from workplan.tree import KpiText, PlanText

from .achievement import Result
from .counter import Basics, Counter, WholeBook
from .facts import facts_in_detail, load_organisations
from .occasion import Occasion


@dataclass(frozen=True)
class Moved:
    """One figure at one date, by the plan before and as drafted; None where that plan has no such KPI.
    ``round``: what was collected as at that date."""

    code: str
    day: date
    round: str
    before: tuple[KpiText, Result] | None
    after: tuple[KpiText, Result] | None


def movements(draft: Draft, occasion: Occasion, since: Draft | None = None) -> list[Moved]:
    """The figures that move, in the order of the plan and then of the dates: those of the rounds from the day on from
    which the amendment is valid. ``since``: against an earlier state of the draft, not against the published plan. As
    many queries for many KPIs and dates as for few."""
    days = dates_of(draft, occasion)
    before = since or draft.history
    spans = {draft.history.span(day): day for day in days}
    pairs = {span: (before.text(day), draft.text(day)) for span, day in spans.items()}
    changed = changed_in(pairs.values())
    if not changed:
        return []
    plans = {day: pairs[draft.history.span(day)] for day in days}
    found = list(counted(draft, occasion, plans, days, changed))
    return sorted(found, key=lambda each: (changed.index(each.code), each.day))


def dates_of(draft: Draft, occasion: Occasion) -> dict[date, str]:
    """The days at which figures are shown, from that of the amendment on, and the rounds that were as at them."""
    days = {occasion.default_date: "", **{each.as_at: each.title for each in occasion.rounds}}
    return {day: days[day] for day in sorted(days) if day >= draft.amendment.valid_from}


def changed_in(pairs: Collection[tuple[PlanText, PlanText]]) -> list[str]:
    """The codes of the KPIs that are counted differently, or stand in one plan of a pair alone; those of the drafted
    plan first."""
    rules = [
        ({kpi.code: rule(kpi) for kpi in before.kpis}, {kpi.code: rule(kpi) for kpi in after.kpis})
        for before, after in pairs
    ]
    codes = dict.fromkeys(code for before, after in rules for code in (*after, *before))
    return [code for code in codes if any(before.get(code) != after.get(code) for before, after in rules)]


NEUTRAL: dict[str, Any] = {
    **dict.fromkeys(("question", "guidance", "note", "baseline_reason", "confirmed_by", "confirmed_why"), ""),
    "valid_from": date.min,
    "amendment": None,
    "unconfirmed": False,
    "confirmed_at": None,
}
"""Of a reading, what no figure depends on."""


def rule(kpi: KpiText) -> object:
    """What of a KPI its figure depends on."""
    return replace(kpi.reading, **NEUTRAL)


def counted(
    draft: Draft,
    occasion: Occasion,
    plans: Mapping[date, tuple[PlanText, PlanText]],
    days: Mapping[date, str],
    changed: list[str],
) -> Iterator[Moved]:
    organisations, sources = load_organisations(), draft.history.sources
    wanted = [kpi for pair in plans.values() for text in pair for kpi in text.kpis if kpi.code in changed]
    ranks = Counter(occasion, Basics(plans[next(iter(plans))][0], sources, organisations)).ranks
    facts = facts_in_detail(wanted, organisations, ranks)
    for day, pair in plans.items():
        then = replace(occasion, asked_date=day)
        counters = [Counter(then, Basics(text, sources, organisations)) for text in pair]
        for code in changed:
            before, after = (result_of(counter, WholeBook(facts), code) for counter in counters)
            if shown(before) != shown(after):
                yield Moved(code, day, days[day], before, after)


def shown(figure: tuple[KpiText, Result] | None) -> object:
    """What a reader sees of a figure: two that show the same are the same, whatever the words around them."""
    if figure is None:
        return None
    kpi, result = figure
    return result.value, result.percent, result.status, kpi.reading.target, kpi.reading.unit == "percent"


def result_of(counter: Counter, book: WholeBook, code: str) -> tuple[KpiText, Result] | None:
    kpi = next((each for each in counter.text.kpis if each.code == code), None)
    return None if kpi is None else (kpi, counter.result(kpi, book, counter.occasion.as_of))
