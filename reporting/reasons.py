"""Why a figure differs between two reports: what counts now and did not, what counts no longer, and how it is counted.
Pure.

Every figure that moved has a reason; where nothing that is kept tells one, that is said too. What had no effect on the
figure is no reason; where Members are counted, those that count now less those that count no longer are the difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from workplan.choices import LEVELS, Measure, Period
from workplan.tree import KpiText, ReadingText

from .achievement import Result, Status
from .because import Because, Reason
from .differing import OF_ANSWERS, Comparison, Found, behind_figure, comparison, counts_hidden, items_in, lines_of
from .explanation import plain, title_of
from .moves import Move, moves
from .report import Report

COMPLETE = "the register is complete"
COUNTED_BY: dict[str, str] = {
    "source": "where the facts come from",
    "measure": "what is counted",
    "period": "over what time",
    "target": "the target",
    "denominator": "of how many",
    "counts_from": "the standing from which a Member counts",
    "part": "which part counts",
    "pair_from": "the day from which an arrangement counts",
    "plurilateral": "how an arrangement of more than two counts",
    "baseline": "the baseline",
}
"""What of a reading changes a figure, in words."""
GOAL = ("target", "denominator", "baseline")
"""What of these says how much is wanted, and lets nothing count that did not."""
KINDS = {"activity": "activity", "delegation": "activity", "pair": "arrangement"}
KINDS |= dict.fromkeys(OF_ANSWERS, "organisation")
"""Of lines -> what a reason calls those that they tell of."""

DUE = (Status.ACHIEVED, Status.NOT_ACHIEVED)
GOODNESS = (
    (),
    (Status.OFF_TRACK, Status.NOT_ACHIEVED),
    (Status.AT_RISK,),
    (Status.ON_TRACK,),
    (Status.REACHED, Status.ACHIEVED),
)


@dataclass(frozen=True)
class Change:
    """A figure that moved, and why: at least one reason. ``kpi``: as the plan says it now, or said it last; ``titles``:
    reference of an activity -> its title."""

    move: Move
    reasons: tuple[Reason, ...]
    kpi: KpiText
    titles: Mapping[str, str] = field(default_factory=dict)


def changes(before: Report, now: Report) -> list[Change]:
    """Every figure whose value or status is another one than in the report before, in the plan's order; then those
    that left the plan. Both reports with their explanations."""
    kpis = {kpi.code: kpi for report in (before, now) for kpi in report.plan.kpis}
    return [
        Change(
            move,
            tuple(why(before, now, move)) or (Reason(Because.UNKNOWN),),
            kpis[move.code],
            titles(before, now, move.code),
        )
        for move in moves(before, now)
    ]


def titles(before: Report, now: Report, code: str) -> dict[str, str]:
    """Of the activities that count or counted: as the explanations keep them."""
    lines = [line for report in (before, now) for line in lines_of(report, code) if line.state == "counted"]
    return {line.subject: title_of(line) for line in lines if line.kind in ("activity", "delegation")}


def why(before: Report, now: Report, move: Move) -> Iterator[Reason]:
    """In the order of the reasons."""
    if move.before is None or move.now is None:
        yield Reason(Because.LEFT_PLAN if move.now is None else Because.JOINED_PLAN)
        return
    was, is_now = ({kpi.code: kpi for kpi in each.plan.kpis}[move.code] for each in (before, now))
    details = dict(of_the_whole(before, now, was, is_now, move))
    found: dict[Because, list[Found]] = defaultdict(list)
    amended = any(differs(was.reading, is_now.reading, name) for name in COUNTED_BY if name not in GOAL)
    how = comparison(before, now, is_now, move, details, amended=amended)
    for each in behind_figure(before, now, move, how):
        found[each.because].append(each)
        if each.kind == "attestation":
            details.setdefault(each.because, COMPLETE)
    if not found and move.before.value != move.now.value and is_of_hidden(before, now, move.code, how):
        details.setdefault(Because.CHANGED_RECORD, "among the activities that are not shown here")
    measure = is_now.reading.measure
    more = items_in(now, move.code, measure)
    more.subtract({} if how.another_year else items_in(before, move.code, measure))
    for because in Because:
        if because in details or because in found:
            yield put_together(because, found[because], more, details.get(because, ""))


def is_of_hidden(before: Report, now: Report, code: str, how: Comparison) -> bool:
    """Where ratings make the figure, it is counted as before and none that is shown is another: did those move it that
    are not shown? Nobody is told which, or how many."""
    return how.rated and not how.recounted and all(counts_hidden(each, code) for each in (before, now))


def put_together(because: Because, found: list[Found], more: Counter[str], detail: str) -> Reason:
    """One reason of all that it moved. ``more``: how many more each stands for than before."""
    about: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for each in found:
        about[each.turn] += (each.subject,)
    adds = {turn: sum(more[each] for each in set(subjects)) for turn, subjects in about.items()}
    items, gone = adds.get("counts", 0), -adds.get("stopped", 0)
    return Reason(
        because,
        **about,
        kind=next((KINDS[each.kind] for each in found if each.turn == "who"), "organisation"),
        items=0 if items == len(about["counts"]) else items,
        gone=0 if gone == len(about["stopped"]) else gone,
        step=adds.get("who", 0),
        detail=detail,
    )


def of_the_whole(
    before: Report, now: Report, was: KpiText, is_now: KpiText, move: Move
) -> Iterator[tuple[Because, str]]:
    """What holds of the figure as a whole, each with what is to be said of it."""
    if move.before is None or move.now is None:
        return
    if move.begun:
        yield Because.BEGUN, "" if move.now.value is not None else "there is no value yet"
    elif year := move.new_year:
        yield Because.NEW_YEAR, year if is_now.reading.measure is Measure.GROWTH else f"{year}, counted from 0"
    if before.basis is not now.basis:
        yield Because.BASIS, now.basis.value
    if amended := ", ".join(amendments(was, is_now)):
        yield Because.READING, amended
    if not move.begun:
        shares = before.plan.at_risk_share, now.plan.at_risk_share
        if move.before.status is not move.now.status and by_share(move.now, is_now, shares):
            yield Because.SETTING, f"at risk from {shares[1]} of the expected gain on, {shares[0]} before"
        yield from beside_value(move.before, move.now, is_now, passed=before.as_of != now.as_of)


def by_share(now: Result, kpi: KpiText, shares: tuple[str, str]) -> bool:
    """Do these two settings give the same numbers another status. A count that is one short is at risk with any
    (domain.md, "status, the first that fits")."""
    if now.status not in (Status.AT_RISK, Status.OFF_TRACK) or now.value is None or now.expected is None:
        return False
    if kpi.reading.measure not in LEVELS and now.value >= now.expected - 1:
        return False
    start = start_of(now, kpi)
    less, more = sorted(Fraction(share) * Fraction(now.expected - start) for share in shares)
    return less <= now.value - start < more


def start_of(result: Result, kpi: KpiText) -> Decimal:
    """From where a gain is reckoned: the baseline, of a KPI that stands; else nothing."""
    return result.baseline or Decimal(0) if kpi.reading.period is Period.STANDING else Decimal(0)


def beside_value(was: Result, now: Result, kpi: KpiText, *, passed: bool) -> Iterator[tuple[Because, str]]:
    """What changed the status where the value did not: it stayed, or moved the other way. ``passed``: is it another
    day; if not, what is expected differs only by what the baseline is."""
    step = further(now.status) - further(was.status)
    if was.value != now.value and not (
        was.value is not None and now.value is not None and step * (now.value - was.value) < 0
    ):
        return
    if step * (start_of(now, kpi) - start_of(was, kpi)) < 0:
        yield Because.BASELINE, both(now.baseline, was.baseline, kpi)
        if not passed:
            return
    rise = (now.expected or Decimal(0)) - (was.expected or Decimal(0))
    if passed and now.status in DUE and was.status not in DUE:
        yield Because.TIME, "the deliverable is due"
    elif step * rise < 0:
        yield Because.MORE_EXPECTED if rise > 0 else Because.LESS_EXPECTED, both(now.expected, was.expected, kpi)
    elif passed and was.value == now.value:
        yield Because.TIME, ""


def both(now: Decimal | None, before: Decimal | None, kpi: KpiText) -> str:
    """16 %, 20 % before"""
    unit = " %" if kpi.reading.unit == "percent" else ""
    after, then = ("none" if each is None else plain(each) + unit for each in (now, before))
    return f"{after}, {then} before"


def further(status: Status) -> int:
    """How good it is, to compare; 0 where nothing is judged."""
    return next((place for place, alike in enumerate(GOODNESS) if status in alike), 0)


def amendments(was: KpiText, is_now: KpiText) -> Iterator[str]:
    """What of how it is counted is another."""
    then, after = was.reading, is_now.reading
    yield from (words for name, words in COUNTED_BY.items() if differs(then, after, name))


def differs(then: ReadingText, after: ReadingText, name: str) -> bool:
    return bool(getattr(then, name) != getattr(after, name))
