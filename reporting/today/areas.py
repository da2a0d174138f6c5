"""What is needed of the co-coordinators: their focus area, what slipped, who is silent, what is to be written."""

from collections.abc import Iterable, Iterator

from django.urls import reverse

from members.numbers import counted
from reporting.commentary import gathered, word_rows
from reporting.facts import Organisations
from reporting.looking import Look
from reporting.models import Answer, Round
from reporting.presentation import GOOD, day_words, value_words
from reporting.report import Report
from reporting.threads import UNSENT
from workplan.tree import FocusAreaText

from .blocks import Block, Line, Press, block

NAMED = 6
"""So many of those who are silent are named."""


def for_areas(look: Look) -> Iterator[Block]:
    """Of each own focus area. The figures are those of the moment, which the reader may see of these alone."""
    if not look.co_ordinates_for:
        return
    report = look.live_report
    own = [area for area in report.plan.focus_areas if not look.co_ordinates_for.isdisjoint(area.co_coordinators)]
    for area in own:
        yield standing(look, report, area)
        yield from slipped(look, report, area)
        yield from silent(look, report, area)
    yield from missing(look, report, own)
    yield from to_write(look, own)


def href(look: Look, name: str, *args: str) -> str:
    return reverse(name, args=[look.occasion.plan.code, *args])


def standing(look: Look, report: Report, area: FocusAreaText) -> Block:
    counts = report.statuses(area.kpis)
    good, total = sum(counts.get(each, 0) for each in GOOD), sum(counts.values())
    words = f"{good} of {total} targets reached or on track as at {day_words(report.as_of)}"
    lines = [Line("Where it stands", href(look, "focus_area", area.code))]
    return block(Press.KNOW, f"Focus Area {area.code}: {words}", lines)


def slipped(look: Look, report: Report, area: FocusAreaText) -> Iterator[Block]:
    """What has less than at the round before."""
    found = [each for each in report.moved(area.kpis) if each.slipped]
    if found and report.previous_date:
        lines = [
            Line(
                f"{each.kpi.code}: {value_words(each.kpi, each.before.value)}, now "
                f"{value_words(each.kpi, each.result.value) or 'no data'}",
                href(look, "kpi", each.kpi.code),
                each.kpi.text,
            )
            for each in found
        ]
        many = counted(len(found), "KPI slipped", "KPIs slipped")
        heading = f"Focus Area {area.code}: {many} since {day_words(report.previous_date)}"
        yield block(Press.SLIPPED, heading, lines, href=href(look, "focus_area", area.code))


def silent(look: Look, report: Report, area: FocusAreaText) -> Iterator[Block]:
    """The KPIs on which most Members have said nothing."""
    names = {each.code: each.name for each in report.organisations}
    found = [(kpi, report.results[kpi.code].unanswered) for kpi in area.kpis]
    found = sorted((each for each in found if each[1]), key=lambda each: -len(each[1]))
    if found:
        lines = [
            Line(
                f"{kpi.code}: {counted(len(who), 'Member is', 'Members are')} silent",
                href(look, "kpi", kpi.code),
                some(names, who),
            )
            for kpi, who in found
        ]
        many = counted(len(found), "KPI has", "KPIs have")
        yield block(
            Press.SILENT,
            f"Focus Area {area.code}: {many} Members that have said nothing",
            lines,
            href=href(look, "focus_area", area.code),
        )


def some(names: dict[str, str], codes: Iterable[str]) -> str:
    """The first by name; commas stand in names."""
    every = sorted((names[code] for code in codes), key=str.casefold)
    shown = "; ".join(every[:NAMED])
    return f"{shown} and {len(every) - NAMED} more" if len(every) > NAMED else shown


def missing(look: Look, report: Report, own: list[FocusAreaText]) -> Iterator[Block]:
    """Who has sent nothing on the own focus areas in the round that is open; one query."""
    collection = look.occasion.current_round
    if collection is None or collection.state(look.occasion.now) != "open":
        return
    asked = asked_in(report, collection, own)
    kpis = [kpi.id for area in own for kpi in area.kpis]
    rows = Answer.objects.filter(round=collection, kpi__in=kpis).exclude(state__in=UNSENT).order_by()
    sent = set(rows.values_list("organisation__code", flat=True).distinct())
    left = [each for each in report.organisations if each.code in asked - sent]
    if left:
        many = counted(len(left), "organisation has", "organisations have")
        heading = f"{many} sent nothing on Focus Area {' and '.join(area.code for area in own)}: {collection.title}"
        names = {each.code: each.name for each in left}
        yield block(
            Press.SILENT, heading, [Line("Who has sent", href(look, "board", collection.code), some(names, [*names]))]
        )


def asked_in(report: Report, collection: Round, own: list[FocusAreaText]) -> frozenset[str]:
    """Whom the round asks anything about these focus areas."""
    organisations = Organisations(report.organisations)
    kpis = (kpi for area in own for kpi in area.kpis if collection.asks(kpi.id))
    return frozenset().union(*(organisations.asked(kpi.reading, collection.as_at) for kpi in kpis))


def to_write(look: Look, own: list[FocusAreaText]) -> Iterator[Block]:
    """The comments and narratives of the last round that was opened; one query."""
    opened = [each for each in look.occasion.rounds if each.opened_at]
    if not opened:
        return
    collection = opened[-1]
    words = gathered(*word_rows(collection))
    lines = []
    for area in own:
        narrative = href(look, "narrative", collection.code, area.code)
        if area.code in words.waiting:
            lines.append(Line(f"The narrative of Focus Area {area.code} waits for approval", narrative))
        elif area.code not in words.narratives:
            lines.append(Line(f"The narrative of Focus Area {area.code} is not written", narrative))
        kpis = list(area.kpis)
        silent = [kpi for kpi in kpis if kpi.code not in words.comments]
        if silent:
            have = "has" if len(silent) == 1 else "have"
            text = f"{len(silent)} of {len(kpis)} KPIs of Focus Area {area.code} {have} no comment"
            lines.append(Line(text, href(look, "round_words", collection.code)))
    if lines:
        yield block(Press.WRITE, f"Comments and narratives of {collection.title}", lines)
