"""Slips and jumps: answers that are not what was said before."""

from collections.abc import Iterator, Sequence

from reporting.explanation import said, what
from reporting.inputs import Answer
from reporting.jumping import amount, jumps_from
from reporting.presentation import day_words
from workplan.calendar import year_label
from workplan.choices import Source, Standing
from workplan.tree import KpiText

from . import ways
from .changes import instead
from .finding import Change, Finding, Kind
from .ground import Ground


def slips(ground: Ground) -> Iterator[Finding]:
    """Of each organisation what it says now and said further on before."""
    for kpi in ground.kpis:
        for codes, then, now in ground.said_before(kpi):
            if is_below(now, then) and not any(jumps_from(now, then)):
                for code in sorted(ground.scope.of(kpi, codes)):
                    yield slip(ground, kpi, code, then, now)


def is_below(now: Answer, then: Answer) -> bool:
    if then.standing is not None and now.standing is not None:
        return now.standing.rank < then.standing.rank
    if now.standing is Standing.NOT_APPLICABLE:
        return bool(then.participated) or amount(then) is not None
    if then.participated is not None:
        return then.participated and now.participated is False
    was, says = amount(then), amount(now)
    return was is not None and says is not None and says < was


def slip(ground: Ground, kpi: KpiText, code: str, then: Answer, now: Answer) -> Finding:
    name = ground.names[code]
    return Finding(
        Kind.SLIP,
        (ground.scope.area_of[kpi.code],),
        (code,),
        f"{name} says “{said(now)}” as at {day_words(now.as_at)}, after “{what(then)}” as at {day_words(then.as_at)}.",
        "Ask whether it is so. If it is not, the answer is returned, and the one before counts again.",
        ways.about_answer(ground, kpi, code, now),
        f"{name}: its approver.",
        (undone(ground, kpi, code, then, now, "without this slip"),),
    )


def undone(ground: Ground, kpi: KpiText, code: str, then: Answer, now: Answer, words: str) -> Change:
    settled = instead(code, now, then)
    return ground.change(kpi, (words, settled), of=ground.alike(kpi, code, settled))


# ---------------------------------------------------------------- figures


def jumps(ground: Ground) -> Iterator[Finding]:
    """Of each organisation the figure of the latest year that it states, beside the one before it and its base."""
    for kpi in ground.kpis:
        if kpi.reading.source is Source.FIGURES:
            before = {(code, now.order): then for codes, then, now in ground.said_before(kpi) for code in codes}
            for code, years in sorted(by_organisation(ground, kpi).items()):
                if ground.scope.of(kpi, {code}):
                    yield from jump(ground, kpi, code, years, before.get((code, years[max(years)].order)))


def by_organisation(ground: Ground, kpi: KpiText) -> dict[str, dict[int, Answer]]:
    """Organisation -> year -> what it states for it."""
    found: dict[str, dict[int, Answer]] = {}
    for answer in ground.known(kpi).answers:
        if answer.year is not None and amount(answer) is not None:
            for code in answer.organisations:
                found.setdefault(code, {})[answer.year] = answer
    return found


def jump(ground: Ground, kpi: KpiText, code: str, years: dict[int, Answer], then: Answer | None) -> Iterator[Finding]:
    """Beside what was said before for the same year, and for the year before."""
    year = max(years)
    now, base = years[year], years.get(ground.frame.base_year.first)
    far = list(jumps_from(now, then, years.get(year - 1)))
    name = ground.names[code]
    if far:
        words = " and ".join(f"{when(each, now)} it stated {what(each)}" for each in far)
        yield odd(ground, kpi, code, now, far, f"{name} states {said(now)}; {words}.")
    elif base is not None and base is not now and below(now, base):
        words = f"{name} states {said(now)}, less than its base: {said(base)}."
        yield odd(ground, kpi, code, now, [base], words)


def when(then: Answer, now: Answer) -> str:
    return f"for {year_label(then.year)}" if then.year and then.year != now.year else "before"


def with_number(now: Answer, then: Answer) -> Answer:
    return now._replace(value=then.value, numerator=then.numerator, denominator=then.denominator)


def below(now: Answer, base: Answer) -> bool:
    was, says = amount(base), amount(now)
    return was is not None and says is not None and says < was


def odd(ground: Ground, kpi: KpiText, code: str, now: Answer, earlier: Sequence[Answer], words: str) -> Finding:
    """``earlier``: the numbers that may be right instead."""
    settled = [instead(code, now, with_number(now, then)) for then in earlier]
    ways_out = [f"with {what(then)} as {when(then, now)}" for then in earlier]
    if len(earlier) == 1:
        ways_out = ["with the earlier number"]
    alike = tuple(ground.alike(kpi, code, each) for each in settled)
    change = ground.change(kpi, *zip(ways_out, settled, strict=True), of=alike)
    return Finding(
        Kind.JUMP,
        (ground.scope.area_of[kpi.code],),
        (code,),
        words,
        "Ask whether the number and its unit are right. If not, it is returned and stated again.",
        ways.about_answer(ground, kpi, code, now),
        f"{ground.names[code]}: its approver.",
        (change,),
    )
