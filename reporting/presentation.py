"""From a report to what the components in ``templates/components`` draw: places, words and letters.

The drawings' places go from 0 to 1000 of their width, as whole numbers. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from workplan.calendar import plan_years
from workplan.choices import LEVELS, NAMES_MEMBERS, Period
from workplan.tree import KpiText, PlanText

from .achievement import Result, Status, YearResult
from .explanation import plain
from .facts import OrganisationFact
from .report import Point, Report

END = 995  # a line drawn at 1000 would be cut in half
SQUARE = 28
MOST_SQUARES = 60

WORDS = {
    Status.REACHED: "target reached",
    Status.ACHIEVED: "achieved",
    Status.ON_TRACK: "on track",
    Status.AT_RISK: "at risk",
    Status.OFF_TRACK: "off track",
    Status.NOT_ACHIEVED: "not achieved",
    Status.NO_DATA: "no data",
    Status.NOT_BEGUN: "not begun",
}
"""The statuses in the order in which a reader meets them, with their words."""

GOOD = (Status.REACHED, Status.ACHIEVED, Status.ON_TRACK)
HEIGHTS = {
    Status.REACHED: (0, 20),
    Status.ACHIEVED: (0, 20),
    Status.ON_TRACK: (4, 16),
    Status.AT_RISK: (8, 12),
    Status.OFF_TRACK: (12, 8),
    Status.NOT_ACHIEVED: (12, 8),
}
STATE_LETTERS = {
    "counted": "y",
    "pending": "h",
    "not_counted": "o",
    "unanswered": "s",
    "being_corrected": "s",
    "not_applicable": "x",
}
STATE_WORDS = {
    "counted": "counts",
    "pending": "pending: sent, not decided yet",
    "not_counted": "answered, does not count",
    "unanswered": "silent: has not answered",
    "being_corrected": "being corrected",
    "not_applicable": "does not apply",
}
NOTHING = "–"


# ---------------------------------------------------------------- words and numbers


def day_words(day: date) -> str:
    """30.06.28, as the plan writes dates."""
    return f"{day:%d.%m.%y}"


def covered(plan: PlanText, part: PlanText) -> str:
    """Which focus areas a part of a plan has: "Focus Area 4", "Focus Areas 1 and 4"; "" where it has all of them."""
    codes = [area.code for area in part.focus_areas]
    if len(codes) == len(plan.focus_areas):
        return ""
    return f"Focus Area{'s' if len(codes) > 1 else ''} {' and '.join(filter(None, (', '.join(codes[:-1]), codes[-1])))}"


def figure(number: Decimal | None) -> str:
    return NOTHING if number is None else plain(number)


def percent_words(number: Decimal | None) -> str:
    return NOTHING if number is None else f"{number:.1f}"


def target_words(kpi: KpiText) -> str:
    """The target as a number with its sign: "28", "50 %"."""
    number = plain(kpi.reading.target)
    return f"{number} %" if kpi.reading.unit == "percent" else number


def value_words(kpi: KpiText, value: Decimal | None) -> str:
    return f"{figure(value)} %" if value is not None and kpi.reading.unit == "percent" else figure(value)


# ---------------------------------------------------------------- drawings


@dataclass(frozen=True)
class Bullet:
    words: str
    value: int | None
    target: int
    expected: int | None = None
    baseline: int | None = None
    pending: int | None = None
    silent: int | None = None
    silent_from: int | None = None


def place(number: Decimal | int | None, top: Decimal) -> int | None:
    if number is None:
        return None
    return max(0, min(END, round(1000 * Decimal(number) / top)))


def bullet(kpi: KpiText, result: Result) -> Bullet:
    """Value, expected, baseline and target of a KPI on one scale, which ends at the number of Members where they are
    counted."""
    named = kpi.reading.measure in NAMES_MEMBERS
    silent, pending = len(result.unanswered), len(result.pending)
    top = scale(kpi, result.value, result.members if named else 0)
    value = result.value or Decimal(0)
    return Bullet(
        words=bullet_words(kpi, result),
        value=place(result.value, top),
        target=place(kpi.reading.target, top) or 0,
        expected=place(result.expected, top),
        baseline=place(result.baseline, top) if kpi.reading.period is Period.STANDING else None,
        pending=place(pending, top) or None,
        silent=place(silent, top) or None,
        silent_from=place(value + pending, top) if silent else None,
    )


def scale(kpi: KpiText, value: Decimal | None, members: int = 0) -> Decimal:
    """The end of a bullet's scale."""
    greatest = max(kpi.reading.target, value or Decimal(0))
    return max(Decimal(kpi.reading.denominator or members), greatest) if members else greatest * Decimal("1.08")


def bullet_words(kpi: KpiText, result: Result) -> str:
    """The figures of a bullet, for those who cannot see it."""
    parts = [f"{value_words(kpi, result.value)} of {target_words(kpi)}" if result.value is not None else "No value"]
    if result.expected is not None:
        parts.append(f"expected by now {figure(result.expected)}")
    if kpi.reading.period is Period.STANDING:
        parts.append("baseline unknown" if result.baseline is None else f"baseline {figure(result.baseline)}")
    return "; ".join(parts)


def year_bullet(kpi: KpiText, year: YearResult) -> Bullet:
    top = scale(kpi, year.value, kpi.reading.denominator or 0)
    words = f"{value_words(kpi, year.value)} of {target_words(kpi)}; expected by now {figure(year.expected)}"
    target = place(kpi.reading.target, top) or 0
    return Bullet(words, place(year.value, top), target, place(year.expected, top))


def tally(counts: Mapping[Status, int]) -> dict[str, Any]:
    """KPIs by status as one bar."""
    found = {status: counts[status] for status in WORDS if counts.get(status)}
    total, x, parts = sum(found.values()), 0, []
    for status, count in found.items():
        width = round(1000 * count / total)
        y, height = HEIGHTS.get(status, (16, 4))
        parts.append({"status": status.value, "x": x, "width": max(width - 4, 3), "y": y, "height": height})
        x += width
    words = ", ".join(f"{count} {WORDS[status]}" for status, count in found.items())
    return {
        "words": words,
        "parts": parts,
        "total": total,
        "good": sum(found.get(status, 0) for status in GOOD),
    }


def squares(
    members: Iterable[OrganisationFact],
    states: Mapping[str, tuple[str, str]],
    hrefs: Mapping[str, str],
    target: int | None,
    counting: str = "y",
) -> list[dict[str, Any]]:
    """The 35 squares: one per Member, by group, then name. ``states``: code -> (letter, words); ``counting``: the
    letters that a group is counted by."""
    groups: list[dict[str, Any]] = []
    for number, member in enumerate(members, start=1):
        if not groups or groups[-1]["name"] != member.group_label:
            groups.append({"name": member.group_label, "squares": [], "target": None, "target_words": str(target)})
        group = groups[-1]
        x = SQUARE * len(group["squares"])
        letter, words = states.get(member.code, ("o", "not asked"))
        group["squares"].append(
            {
                "x": x,
                "mid": x + 12.5,
                "code": member.iso2,
                "href": hrefs.get(member.code, f"#{member.code}"),
                "words": f"{member.name} ({member.iso2}): {words}",
                "state": letter,
            }
        )
        if number == target:
            group["target"] = x + SQUARE - 1.5
    for group in groups:
        group["counted"] = sum(square["state"] in counting for square in group["squares"])
        group["total"] = len(group["squares"])
        group["width"] = SQUARE * group["total"]
    return groups


def square_bar(states: Mapping[str, tuple[str, str]], key: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The same as one bar, for more Members than can be drawn as squares."""
    parts, x, total = [], 0, len(states) or 1
    for letter, words in (key or STATE_KEY).items():
        count = sum(state == letter for state, _ in states.values())
        if count:
            width = round(1000 * count / total)
            parts.append({"state": letter, "x": x, "width": width, "count": count, "words": words})
            x += width
    return parts


STATE_KEY = {
    "y": "count",
    "h": "pending",
    "o": "answered, do not count",
    "s": "silent",
    "x": "not applicable",
}


def square_key(states: Mapping[str, tuple[str, str]], words: Mapping[str, str] = STATE_KEY) -> list[dict[str, str]]:
    counts = {letter: sum(state == letter for state, _ in states.values()) for letter in words}
    return [{"state": letter, "words": f"{counts[letter]} {words[letter]}"} for letter in words if counts[letter]]


def member_states(result: Result) -> dict[str, tuple[str, str]]:
    """Member -> the letter of its square, and its words; what was returned stands apart from silence."""
    states: dict[str, tuple[str, str]] = {}
    for name in ("not_counted", "not_applicable", "unanswered", "being_corrected", "pending", "counted"):
        for code in getattr(result, name):
            states[code] = (STATE_LETTERS[name], STATE_WORDS[name])
    return states


# ---------------------------------------------------------------- the chart of a KPI over the rounds

LEFT, RIGHT, TOP, BOTTOM = 40, 420, 20, 190


def chart(report: Report, kpi: KpiText) -> dict[str, Any]:
    """Value, expected line and target over the rounds, from the baseline date to the plan's end."""
    plan, series, target = report.plan, report.series[kpi.code], kpi.reading.target
    points = [point for point in series if point.value is not None]
    days = [plan.baseline_date, plan.ends, *(point.day for point in series)]
    expected = expected_line(report, kpi)
    heights = [target, *(point.value or Decimal(0) for point in points), *(height for _, height in expected)]
    drawn = Drawing(min(days), max(days), nice_top(max(heights)))
    return {
        "words": chart_words(kpi, points),
        "grid": [{"y": drawn.y(line), "label": plain(line)} for line in (drawn.top * step / 4 for step in range(5))],
        "dates": [
            {"x": drawn.x(day), "label": day_words(day)} for day in thinned([point.day for point in series], plan.ends)
        ],
        "target_y": drawn.y(target),
        "target_words": f"Target {target_words(kpi)}",
        "expected": drawn.line(expected) if expected else "",
        "expected_y": drawn.y(target) + (15 if drawn.y(target) < BOTTOM - 25 else -14),
        "value": drawn.line([(point.day, point.value) for point in points]) if len(points) > 1 else "",
        "points": [chart_point(drawn, kpi, point) for point in points],
    }


def expected_line(report: Report, kpi: KpiText) -> list[tuple[date, Decimal]]:
    """Where the value should be over the time: from the baseline (standing) or from nothing (plan, and each plan year)
    to the target. Of a level the full target is expected at any time, so the target's own line says it."""
    plan, target = report.plan, kpi.reading.target
    if kpi.reading.measure in LEVELS:
        return []
    if kpi.reading.period is Period.EACH_YEAR:
        years = plan_years(plan.starts, plan.ends)
        return [end for year in years for end in ((year.starts, Decimal(0)), (year.ends, target))]
    baseline = report.results[kpi.code].baseline if kpi.reading.period is Period.STANDING else None
    return [(plan.starts, baseline or Decimal(0)), (plan.ends, target)]


def chart_words(kpi: KpiText, points: list[Point]) -> str:
    if not points:
        return f"No value yet; target {target_words(kpi)}"
    ends = [points[0], points[-1]] if len(points) > 1 else points
    said = " to ".join(f"{value_words(kpi, point.value)} as at {day_words(point.day)}" for point in ends)
    return f"{said}; target {target_words(kpi)}"


def chart_point(drawn: "Drawing", kpi: KpiText, point: Point) -> dict[str, Any]:
    y = drawn.y(point.value or Decimal(0))
    return {
        "x": drawn.x(point.day),
        "y": y,
        "label_y": y + 20 if y < BOTTOM - 30 else y - 12,
        "label": figure(point.value),
    }


def nice_top(greatest: Decimal) -> Decimal:
    """The end of the scale: at least the greatest number, and four steps of a round one."""
    step = Decimal(1)
    for factor in (
        1,
        2,
        5,
        10,
        25,
        50,
        100,
        250,
        500,
        1000,
        2500,
        5000,
        10000,
        100000,
        10**6,
        10**8,
        10**10,
        10**12,
    ):
        step = Decimal(factor)
        if step * 4 >= greatest:
            break
    return step * 4


def thinned(days: list[date], end: date) -> list[date]:
    """At most five dates below the line, the plan's end among them."""
    chosen = sorted({*days, end})
    while len(chosen) > 5:
        chosen = [*chosen[:-1:2], chosen[-1]]
    return chosen


@dataclass(frozen=True)
class Drawing:
    first: date
    last: date
    top: Decimal

    def x(self, day: date) -> int:
        return LEFT + 20 + round((RIGHT - LEFT - 20) * (day - self.first).days / max((self.last - self.first).days, 1))

    def y(self, number: Decimal) -> int:
        return max(TOP, min(BOTTOM, round(BOTTOM - (BOTTOM - TOP) * number / self.top)))

    def line(self, points: Iterable[tuple[date, Decimal | None]]) -> str:
        return " ".join(f"{self.x(day)},{self.y(number or Decimal(0))}" for day, number in points)


# ---------------------------------------------------------------- rows of the work plan with their figures


@dataclass(frozen=True)
class Row:
    """A row of the work plan with its figures, as tables show it."""

    kpi: KpiText
    result: Result
    bullet: Bullet
    baseline: str
    value: str
    target: str
    percent: str
    status: str
    every_year: bool
    same_milestone: bool = False
    new_theme: bool = False


def row(report: Report, kpi: KpiText, before: KpiText | None = None) -> Row:
    result = report.results[kpi.code]
    return Row(
        kpi=kpi,
        result=result,
        bullet=bullet(kpi, result),
        baseline=figure(result.baseline),
        value=value_words(kpi, result.value),
        target=target_words(kpi),
        percent=percent_words(result.percent),
        status=result.status.value,
        every_year=kpi.reading.period is Period.EACH_YEAR,
        same_milestone=before is not None and before.milestone_code == kpi.milestone_code,
        new_theme=bool(kpi.theme) and (before is None or before.theme_number != kpi.theme_number),
    )


def rows(report: Report, kpis: Iterable[KpiText]) -> Iterator[Row]:
    before = None
    for kpi in kpis:
        yield row(report, kpi, before)
        before = kpi
