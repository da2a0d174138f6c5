"""Reports: the default date, what is provisional, who has answered; and that they take as many queries for many as for
few."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting.achievement import Status
from reporting.actions import create_round
from reporting.counter import Counter
from reporting.inputs import Basis
from reporting.report import build_report, explained_report, kpi_report, member_standpoints
from workplan.choices import NAMES_MEMBERS

from .region import (
    BASELINE,
    INTERIM,
    NOW,
    OPEN,
    Event,
    activity,
    answer,
    arrangement,
    collect,
    enter,
    kpi,
    leave_only,
    moment,
    new_reading,
    on,
    record,
    said,
    standings,
)

STATUS, YES, ITEMS = "1.1.1(b)", "2.2.2(a).1", "2.1.1(a).2"


# ---------------------------------------------------------------- dates


def test_the_default_date_is_that_of_the_latest_closed_round(plan):
    assert on().as_of == BASELINE
    collect("open", OPEN, closed=False)
    assert (on().as_of, on().provisional) == (BASELINE, False)
    collect("interim", INTERIM)
    collect("baseline", BASELINE)
    assert on().as_of == INTERIM
    assert [on(day).provisional for day in (BASELINE, INTERIM, date(2027, 7, 1))] == [False, False, True]


def test_what_counting_needs_beside_the_facts_is_kept_until_the_frame_changes(plan):
    occasion = on()

    def queries(frame: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            Counter(replace(occasion, frame=frame))
        return len(captured)

    assert [queries(frame) > 0 for frame in ("one", "one", "two", "two", "")] == [True, False, True, False, True]


def test_a_round_closes_by_its_moment(plan):
    closes = datetime(2028, 1, 31, 8, tzinfo=UTC)
    collect("by-moment", OPEN, closed=False, closes=closes)
    assert on(now=closes - timedelta(seconds=1)).as_of == BASELINE
    assert on(now=closes).as_of == OPEN


def test_a_planned_round_closes_nothing(plan):
    create_round(
        plan=plan, code="planned", title="Planned", as_at=INTERIM, opens_at=None, closes_at=moment(INTERIM),
        time_zone="Asia/Tokyo", by=None,
    )  # fmt: skip
    assert on().as_of == BASELINE


def test_what_moved_is_told_against_the_closed_round_before(plan):
    baseline, interim = collect("baseline", BASELINE), collect("interim", INTERIM)
    enter(baseline, standings(STATUS, {"FJI": "in_place", "TON": "in_place"}))
    enter(baseline, standings("1.1.1(a)", {"FJI": "in_place"}))
    enter(interim, standings(STATUS, {"TON": "planned"}))
    report = build_report(on())
    assert report.previous_date == BASELINE
    moved = {each.kpi.code: (each.before.value, each.result.value) for each in report.moved(report.plan.kpis)}
    assert moved[STATUS] == (2, 1)
    assert build_report(on(BASELINE)).previous_date is None


# ---------------------------------------------------------------- who has answered


def test_returns_count_the_kpis_that_were_sent_of_those_asked(plan):
    interim = collect("interim", INTERIM)
    enter(interim, [*standings(STATUS, {"FJI": "in_place"}), said("FJI", YES, 2025, participated=True)])
    enter(
        interim, [said("FJI", YES, 2026, participated=True), said("TON", YES, 2026, participated=False)], accept=False
    )
    returns = build_report(on()).returns
    assert returns.sent == {"FJI": 2, "TON": 1}
    assert (returns.round, returns.as_at, returns.answering) == ("interim", INTERIM, 2)
    asked = [each.code for each in build_report(on()).plan.kpis if each.reading.reporter_group == "members"]
    assert returns.asked["FJI"] == len(asked)
    assert set(returns.asked) >= {"APVC", "ROCB", "RILO"}
    assert "RPSG" not in returns.asked


def test_a_round_that_is_limited_to_some_kpis_asks_no_more(plan):
    """ "A round may be limited to some KPIs." """
    interim = collect("interim", INTERIM)
    interim.kpis.set([kpi(STATUS), kpi(ITEMS)])
    returns = build_report(on()).returns
    assert (returns.asked["FJI"], returns.asked["RILO"]) == (1, 1)
    assert "ROCB" not in returns.asked


def test_the_round_that_is_open_is_the_one_that_is_told_of(plan):
    collect("interim", INTERIM)
    assert build_report(on()).returns.round == "interim"
    collect("open", OPEN, closed=False)
    assert build_report(on()).returns.round == "open"


# ---------------------------------------------------------------- one Member


def test_a_member_stands_where_the_whole_region_says(plan):
    interim = collect("interim", INTERIM)
    enter(collect("baseline", BASELINE), standings(STATUS, {"FJI": "in_place", "TON": "planned"}))
    enter(interim, [*standings(STATUS, {"FJI": "planned"}), said("FJI", "4.2.1(f)", 2026, value=3)])
    enter(interim, standings("1.1.1(a)", {"FJI": "in_place", "TON": "not_applicable"}, comment="why"), accept=False)
    activity("OP", date(2026, 9, 9), [YES, "2.2.2(a).2"], organisers=["RILO"], participants=["FJI", "TON"])
    activity("OP-2", date(2026, 9, 9), [YES], contributors=["NPL"], accept=False)
    for basis in Basis:
        for day in (BASELINE, INTERIM, date(2028, 1, 1)):
            whole = explained_report(on(day, basis))
            for code in ("FJI", "TON", "NPL", "TLS"):
                _, found = member_standpoints(on(day, basis), code)
                wanted = {
                    each.code: [line for line in whole.explanations[each.code].lines if is_line_of(line, code)]
                    for each in whole.plan.kpis
                    if each.reading.measure in NAMES_MEMBERS
                }
                assert {name: [each.line] for name, each in found.items()} == {k: v for k, v in wanted.items() if v}


def is_line_of(line: object, code: str) -> bool:
    return line.subject == code and line.kind == "member"  # type: ignore[attr-defined]


def test_an_organisation_that_does_not_exist_raises(plan):
    with pytest.raises(KeyError):
        member_standpoints(on(), "XYZ")
    with pytest.raises(KeyError):
        kpi_report(on(), "9.9.9(z)")


# ---------------------------------------------------------------- explanations


def test_every_member_asked_has_one_line_and_every_list_agrees(plan):
    enter(collect("baseline", BASELINE), standings(STATUS, dict.fromkeys(("FJI", "TON"), "in_place")))
    enter(collect("interim", INTERIM), standings(STATUS, {"TON": "planned", "NPL": "in_place"}), accept=False)
    report = explained_report(on())
    for each in report.plan.kpis:
        result, lines = report.results[each.code], report.explanations[each.code].lines
        if each.reading.measure in NAMES_MEMBERS and result.status is not Status.NOT_BEGUN:
            states = {line.subject: line.state for line in lines if line.kind == "member"}
            assert set(states) == set(report_members(report))
            for name in ("counted", "pending", "not_counted"):
                assert {code for code, state in states.items() if state == name} == set(getattr(result, name)), (
                    each.code
                )


def report_members(report: object) -> list[str]:
    return [each.code for each in report.members()]  # type: ignore[attr-defined]


# ---------------------------------------------------------------- queries


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        call()
    return len(asked)


def every_report() -> dict[str, int]:
    occasion = on()
    calls: dict[str, Callable[[], object]] = {
        "all": lambda: build_report(occasion),
        "in detail": lambda: explained_report(occasion),
        "status": lambda: kpi_report(occasion, STATUS),
        "participation": lambda: kpi_report(occasion, YES),
        "items": lambda: kpi_report(occasion, ITEMS),
        "pairs": lambda: kpi_report(occasion, "1.1.2(c)"),
        "member": lambda: member_standpoints(occasion, "FJI"),
    }
    return {name: queries(call) for name, call in calls.items()}


def test_the_number_of_queries_depends_on_nothing(plan):
    collect("baseline", BASELINE)
    counts = [every_report()]
    for number in range(5):
        made = collect(f"round-{number}", date(2026, 7 + number, 15))
        codes = ("FJI", "JPN", "NPL", "TON")
        enter(made, standings(STATUS, dict.fromkeys(codes, "in_place")))
        enter(made, [said(code, YES, 2026, participated=True) for code in codes], accept=False)
    record(*(Event(f"E{n}", date(2026, 9, 1), [YES, ITEMS], ["RILO"], ["FJI"], ["JPN"]) for n in range(40)))
    for other in ("JPN", "NPL", "TON"):
        arrangement("FJI", other, in_force=BASELINE)
    new_reading(STATUS, date(2026, 9, 1), counts_from="planned")
    counts.append(every_report())
    for codes in (("FJI", "JPN", "NPL"), ("FJI",)):
        leave_only(*codes)
        counts.append(every_report())
    assert counts[1:] == counts[:1] * 3
    assert max(counts[0].values()) <= 9


def test_a_later_answer_and_an_answer_of_another_year_stand_beside(plan):
    answer(collect("interim", INTERIM), "FJI", YES, 2025, participated=True)
    result = build_report(on()).results[YES]
    assert (result.value, result.baseline, NOW.year) == (None, 1, 2028)
