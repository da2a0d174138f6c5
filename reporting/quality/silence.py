"""What is not there: answers, figures of the base year, evidence."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from reporting.achievement import Result
from reporting.counting import figures_of
from reporting.inputs import Answer, AnswerState
from reporting.jumping import amount
from reporting.presentation import day_words, value_words
from workplan.choices import Measure, Source, Standing
from workplan.tree import KpiText

from . import ways
from .changes import Settled, also, without_answers
from .contradictions import areas_of
from .finding import Change, Finding, Kind
from .ground import BARE, SHOWN, Ground, amount_words, moves

AFTER_ALL = (10**9, 0, 0)
"""The place of an answer that comes after all others."""


def silences(ground: Ground) -> Iterator[Finding]:
    """By KPI, the Members that are asked and have said nothing, with when each said anything on it last."""
    for kpi in ground.kpis:
        if ground.rules[kpi.id].names_members and ground.span(kpi):
            result = ground.result(kpi)
            codes = ground.scope.of(kpi, result.unanswered)
            if codes:
                yield silent(ground, kpi, result, codes)


def silent(ground: Ground, kpi: KpiText, result: Result, codes: frozenset[str]) -> Finding:
    last = last_said(ground, kpi, codes)
    never = len(codes) - len(last)
    many = f"{len(codes)} Members say" if len(codes) > 1 else f"{ground.named(codes)} says"
    when = "; ".join(f"{ground.names[code]} answered last as at {day_words(day)}" for code, day in sorted(last.items()))
    words = [f"{many} nothing on this."]
    if never and last:
        words.append(f"{never} never did.")
    elif never:
        words.append("None of them ever did." if len(codes) > 1 else "It never did.")
    return Finding(
        Kind.SILENT,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        " ".join([*words, *([f"{when}."] if when else [])]),
        do_about(ground, codes),
        ways.about_silence(ground, kpi, codes),
        f"{ground.named(codes)}: the approver.",
        (up_to(ground, kpi, result, codes),),
    )


def do_about(ground: Ground, codes: frozenset[str]) -> str:
    if codes <= ground.scope.own:
        return "Answer in your return, while a round is open."
    return "Remind them while a round is open; they answer in their return."


def last_said(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> dict[str, date]:
    """Who answered on it before, for another plan year, and as at when last."""
    found: dict[str, date] = {}
    for answer in ground.known(kpi).answers:
        for code in answer.organisations & codes:
            found[code] = max(found.get(code, answer.as_at), answer.as_at)
    return found


def up_to(ground: Ground, kpi: KpiText, result: Result, codes: frozenset[str]) -> Change:
    """24, up to 30: where everybody counts that waits for a decision or is silent."""
    everybody = frozenset(result.unanswered) | frozenset(result.pending)
    if not ground.scope.sees_figure(kpi):
        return ground.change(kpi, ("if it counted", also(as_if(ground, kpi, codes))))
    _, then = ground.counts(kpi, also(as_if(ground, kpi, everybody)))
    waits = f", {len(result.pending)} of them not decided yet" if result.pending else ""
    words = f"counts {amount_words(kpi, result.value)}, up to {result.up_to}{waits}"
    return Change(kpi.code, words, moves(result.status, then if then is not result.status else None))


def as_if(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> Iterator[Answer]:
    """The answers with which these would count."""
    rule, frame = ground.rules[kpi.id], ground.frame
    years = sorted(ground.span(kpi).years, key=lambda year: year or 0)  # type: ignore[union-attr]
    begun = [year.first for year in frame.begun(ground.day)]
    year = None if years == [None] else begun[-1]
    answer = Answer(codes, year, ground.day, AFTER_ALL, AnswerState.ACCEPTED, rule.source)
    if rule.source is Source.STATUS:
        yield answer._replace(standing=rule.counts_from or Standing.IN_PLACE)
    elif rule.source is Source.PARTICIPATION:
        yield answer._replace(participated=True)
    else:
        yield answer._replace(value=Decimal(1))
        yield answer._replace(year=frame.base_year.first, value=Decimal(0))


# ---------------------------------------------------------------- figures without base


def without_base(ground: Ground) -> Iterator[Finding]:
    for kpi in ground.kpis:
        if kpi.reading.measure is Measure.MEMBERS_GROWING and ground.span(kpi):
            result = ground.result(kpi)
            codes = ground.scope.of(kpi, result.without_base)
            if codes:
                yield growing_without(ground, kpi, codes)
        elif kpi.reading.measure is Measure.GROWTH and ground.span(kpi):
            codes = ground.scope.of(kpi, stated_without(ground, kpi))
            if codes:
                yield growth_without(ground, kpi, codes)


def growing_without(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> Finding:
    base = ground.frame.base_year
    least = Answer(
        codes, base.first, ground.day, AFTER_ALL, AnswerState.ACCEPTED, Source.FIGURES, value=Decimal(0)
    )  # fmt: skip
    settled: Settled = also([least])
    most, status = ground.counts(kpi, settled)
    if ground.scope.sees_figure(kpi):
        value, now = ground.now(kpi)
        words = f"{amount_words(kpi, value)} Members growing; up to {value_words(kpi, most)}"
        change = Change(kpi.code, words, moves(now, status if status is not now else None))
    else:
        change = ground.change(kpi, ("if it grew", settled))
    return missing_base(ground, kpi, codes, change)


def stated_without(ground: Ground, kpi: KpiText) -> frozenset[str]:
    """Who states a figure for a plan year and none for the year before the plan."""
    seen = ground.known(kpi)
    stated = frozenset(code for year in ground.frame.begun(ground.day) for code in figures_of(seen, year))
    return stated - figures_of(seen, ground.frame.base_year).keys()


def growth_without(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> Finding:
    years = {year.first for year in ground.frame.years}
    settled = without_answers(lambda answer: answer.year in years, codes)
    return missing_base(ground, kpi, codes, ground.change(kpi, ("without the figures that have no base", settled)))


def missing_base(ground: Ground, kpi: KpiText, codes: frozenset[str], change: Change) -> Finding:
    many = f"{len(codes)} organisations state" if len(codes) > 1 else f"{ground.named(codes)} states"
    label = ground.frame.base_year.label
    return Finding(
        Kind.NO_BASE,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        f"{many} a figure, and none for {label}, the year before the plan.",
        f"State the figure for {label}.",
        ways.about_silence(ground, kpi, codes),
        f"{ground.named(codes)}: the approver.",
        (change,),
    )


# ---------------------------------------------------------------- evidence

COUNTING, STATED = ("answer that counts", "answers that count"), ("figure that is stated", "figures that are stated")
UNCHANGED = "no figure changes"


def which_of(some: int, every: int, one: str, many: str) -> str:
    """1 of the 3 answers that count has; the verb goes with the first number."""
    if every == 1:
        return f"The only {one} has"
    return f"{some} of the {every} {many} {'has' if some == 1 else 'have'}"


def missing_evidence(ground: Ground) -> Iterator[Finding]:
    yield from bare_answers(ground)
    yield from bare_activities(ground)
    yield from bare_arrangements(ground)


def bare_answers(ground: Ground) -> Iterator[Finding]:
    """Of the answers by which Members count, and of the figures that anybody states."""
    bare = {(pk, code, year) for pk, year, codes in ground.bare_answers() for code in codes}
    for kpi in ground.kpis:
        if ground.span(kpi) and kpi.reading.source in (Source.STATUS, Source.PARTICIPATION, Source.FIGURES):
            figures = kpi.reading.source is Source.FIGURES
            counting = figures_stated(ground, kpi) if figures else by_answer(ground, kpi)
            told = ground.scope.of(kpi, {code for code, _ in counting})
            among = {(code, year) for code, year in counting if code in told}
            without = {(code, year) for code, year in among if (kpi.id, code, year) in bare}
            if without:
                words = which_of(len(without), len(among), *(STATED if figures else COUNTING))
                yield lacking(ground, kpi, without, words)


def figures_stated(ground: Ground, kpi: KpiText) -> set[tuple[str, int | None]]:
    """Who states a figure, and for which year; that of the base year, too."""
    return {
        (code, answer.year)
        for answer in ground.known(kpi).answers
        if amount(answer) is not None
        for code in answer.organisations
    }


def by_answer(ground: Ground, kpi: KpiText) -> set[tuple[str, int | None]]:
    """The Members that count by an answer, and the year of that."""
    rule, span, members = ground.rules[kpi.id], ground.span(kpi), ground.members(kpi)
    least = rule.counts_from.rank if rule.counts_from else Standing.IN_PLACE.rank
    return {
        (code, answer.year)
        for answer in ground.known(kpi).answers_for(span.years if span else ())
        if answer.participated or (answer.standing is not None and answer.standing.rank >= least)
        for code in answer.organisations & members
    }


def lacking(ground: Ground, kpi: KpiText, without: Collection[tuple[str, int | None]], words: str) -> Finding:
    codes = frozenset(code for code, _ in without)
    return Finding(
        Kind.EVIDENCE,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        f"{words} neither a link nor evidence.",
        "Add a link or a file to the answer.",
        ways.about_evidence(ground, kpi, without),
        f"{ground.named(codes)}: contributor or approver.",
        (Change(kpi.code, UNCHANGED),),
    )


def bare_activities(ground: Ground) -> Iterator[Finding]:
    for kpi in ground.kpis:
        kinds = ground.loaded.bare.get(kpi.id, {})
        bare, shown = kinds.get(BARE, 0), kinds.get(SHOWN, 0)
        if bare:
            words = which_of(bare, bare + shown, "activity that counts", "activities that count")
            yield Finding(
                Kind.EVIDENCE,
                areas_of(ground, [kpi]),
                (),
                f"{words} no evidence.",
                "Add a programme, a report or a link to the record.",
                ways.to(ground, "register", query=ways.asked(kpi=kpi.code, evidence="without")),
                "The organisers, and who recorded the activities.",
                (Change(kpi.code, UNCHANGED),),
            )


def bare_arrangements(ground: Ground) -> Iterator[Finding]:
    for kpi in ground.kpis:
        if kpi.reading.source is Source.ARRANGEMENTS:
            pairs = {}
            for version in ground.arrangements:
                parties = frozenset({version.arrangement.party_a.code, version.arrangement.party_b.code})
                if version.accepted and ground.scope.of(kpi, parties):
                    pairs[parties] = bool(version.shown or version.source)  # type: ignore[attr-defined]
            bare = [parties for parties, shown in pairs.items() if not shown]
            if bare:
                codes = frozenset().union(*bare)
                words = which_of(len(bare), len(pairs), "confirmed arrangement", "confirmed arrangements")
                yield Finding(
                    Kind.EVIDENCE,
                    areas_of(ground, [kpi]),
                    tuple(sorted(codes)),
                    f"{words} neither a source nor evidence.",
                    "Add the source, or the text of the arrangement, to the record.",
                    ways.to(ground, "arrangements", query=ways.asked(evidence="without")),
                    f"{ground.named(codes)}: contributor or approver.",
                    (Change(kpi.code, UNCHANGED),),
                )
