"""What the reports count is what all rows give, counted one by one; whatever was entered, at any date, on any basis."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from members.models import Attribute, Membership, Organisation
from reporting.actions import decide, move
from reporting.choices import AnswerStatus, Decision
from reporting.counter import Counter
from reporting.inputs import Basis
from reporting.models import ActivityPart, ActivityVersion, Answer, ArrangementVersion, Round
from reporting.report import build_report, count_returns, explained_report, kpi_report
from workplan.choices import Source
from workplan.models import Plan, Reading

from .naive import Naive
from .region import (
    BASELINE,
    INTERIM,
    NOW,
    Event,
    activity,
    answer,
    arrangement,
    collect,
    enter,
    moment,
    new_reading,
    on,
    org,
    record,
    said,
    standings,
)

BOTH = (Basis.ACCEPTED, Basis.REPORTED)
DAYS = (
    date(1990, 1, 1), date(2026, 6, 29), BASELINE, date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), INTERIM,
    date(2027, 12, 31), date(2028, 6, 30), date(2030, 1, 1),
)  # fmt: skip
MEMBERS = ("AUS", "CHN", "FJI", "HKG", "JPN", "KOR", "NPL", "TON", "VNM")
ENTITIES = ("APVC", "RILO", "ROCB")


# ---------------------------------------------------------------- anything at all


class Chance:
    """Invents what was collected, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.kpis = list(
            Reading.objects.values_list("kpi__code", "source", "measure").order_by("kpi__position").distinct()
        )

    def says(self, source: str, measure: str) -> dict[str, object]:
        if self.pick.random() < 0.07:
            return {"standing": "not_applicable", "comment": "not ours"}
        if source == Source.STATUS:
            return {"standing": self.pick.choice(["not_started", "planned", "in_progress", "in_place", "in_place"])}
        if source == Source.PARTICIPATION:
            return {"participated": self.pick.random() < 0.7}
        if source == Source.FIGURES and measure == "share":
            whole = self.pick.randrange(20)
            return {"numerator": Decimal(self.pick.randrange(whole + 1)), "denominator": Decimal(whole)}
        if source == Source.FIGURES:
            return {"value": Decimal(self.pick.randrange(40)) / 4}
        return {"register_complete": True}

    def answers(self, as_at: date, share: float) -> Iterator[tuple[str, str, Answer]]:
        begun = [year for year in (2025, 2026, 2027) if date(year, 7, 1) <= as_at]
        for code, source, measure in self.kpis:
            yearly = source in (Source.PARTICIPATION, Source.FIGURES)
            for member in (*MEMBERS, *ENTITIES):
                for year in begun if yearly else [None]:
                    if self.pick.random() < share:
                        yield said(member, code, year, **self.says(source, measure))

    def events(self, prefix: str, number: int) -> Iterator[Event]:
        codes = [code for code, source, _ in self.kpis if source in (Source.ACTIVITIES, Source.PARTICIPATION)]
        for index in range(number):
            start = date(2025, 6, 1) + timedelta(days=self.pick.randrange(1200))
            linked = {code: self.pick.choice([1, 1, 3]) for code in self.pick.sample(codes, 4)}
            people = {member: self.numbers() for member in self.pick.sample(MEMBERS, 3)}
            heads = {member: self.pick.choice("fm") for member in self.pick.sample(MEMBERS, 2)}
            says = {"status": "held"}
            if self.pick.random() < 0.5:
                says |= {"rating": Decimal(self.pick.randrange(10, 51)) / 10, "respondents": self.pick.randrange(1, 9)}
            if self.pick.random() < 0.4:
                says |= {"end": start + timedelta(days=self.pick.randrange(30))}
            roles = self.pick.sample((*MEMBERS, *ENTITIES), 3)
            yield Event(f"{prefix}-{index}", start, linked, roles[:1], roles[1:], people, heads, says)

    def numbers(self) -> tuple[int | None, int | None]:
        total = self.pick.choice([None, self.pick.randrange(30)])
        return total, None if total is None or self.pick.random() < 0.3 else self.pick.randrange(total + 1)

    def some(self, rows: list, share: float) -> list:
        return [row for row in rows if self.pick.random() < share]

    def collect_everything(self) -> None:
        rounds = [
            collect("baseline", BASELINE),
            collect("interim-1", date(2026, 12, 31)),
            collect("interim-2", INTERIM),
            collect("again-2", INTERIM, opened=moment(date(2027, 7, 9))),
            collect("last", date(2028, 6, 30), closed=False),
        ]
        for each in rounds:
            for share, accept in ((0.14, True), (0.06, False), (0.04, True)):
                enter(each, self.answers(each.as_at, share), accept=accept)
        self.decide_answers()
        self.register()

    def decide_answers(self) -> None:
        sent = self.some(list(Answer.objects.filter(state="submitted").select_related("kpi", "organisation")), 0.3)
        back = self.some(list(Answer.objects.filter(state="accepted").select_related("kpi", "organisation")), 0.1)
        half = len(sent) // 2
        move(*sent[:half], to=AnswerStatus.ACCEPTED, by=None, now=NOW)
        move(*sent[half:], *back, to=AnswerStatus.RETURNED, by=None, now=NOW, reason="Look again")

    def register(self) -> None:
        record(*self.events("A", 25))
        record(*self.events("B", 15), accept=False)
        record(*self.events("A", 6), accept=False)  # other versions of the first six
        record(*self.events("B", 5))
        waiting = list(ActivityVersion.objects.filter(decision="undecided").select_related("activity"))
        decide(*waiting[:3], to=Decision.REFUSED, by=None, now=NOW, reason="no")
        confirmed = list(ActivityVersion.objects.filter(decision="confirmed").select_related("activity"))
        decide(*confirmed[:3], to=Decision.WITHDRAWN, by=None, now=NOW, reason="no")
        for part in self.some(list(ActivityPart.objects.all()), 0.1):
            ActivityPart.objects.filter(pk=part.pk).update(contested=True)
        for version in ActivityVersion.objects.filter(decision="undecided")[:4]:
            ActivityVersion.objects.filter(pk=version.pk).update(status="planned")
        self.pairs()

    def pairs(self) -> None:
        pairs = [(a, b) for a in MEMBERS for b in MEMBERS if a < b]
        for a, b in self.pick.sample(pairs, 8):
            begins = date(2026, 1, 1) + timedelta(days=self.pick.randrange(700))
            ends = self.pick.choice([None, begins + timedelta(days=200)])
            accept = self.pick.random() < 0.6
            arrangement(a, b, accept=accept, signed=self.pick.choice(["2019", "2026-11", "", "2027-05-04"]),
                        in_force=self.pick.choice([None, begins]), ended=None)  # fmt: skip
            if self.pick.random() < 0.5:
                arrangement(a, b, accept=self.pick.random() < 0.5, signed="2020", in_force=begins, ended=ends)


def collect_anything(seed: int) -> None:
    Chance(seed).collect_everything()
    Membership.objects.filter(organisation__code="TON").update(joined=date(2026, 12, 31))
    Membership.objects.filter(organisation__code="NPL").update(left=INTERIM)
    new_reading("1.1.1(b)", date(2027, 1, 1), counts_from="planned", target_value=30)
    new_reading("2.2.2(a).1", date(2027, 7, 1), part="contributing")


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """KPI -> field -> what was found and what was wanted, where they differ."""
    assert list(found) == list(wanted)
    return {
        code: {name: (each, vars(wanted[code])[name]) for name, each in vars(found[code]).items()
               if each != vars(wanted[code])[name]}
        for code in wanted
        if found[code] != wanted[code]
    }  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_a_report_counts_what_all_rows_give(plan, seed):
    collect_anything(seed)
    naive = Naive(plan)
    found = {}
    for day in DAYS:
        for basis in BOTH:
            found[f"{day} {basis}"] = differences(build_report(on(day, basis)).results, naive.results(day, basis))
    assert {when: each for when, each in found.items() if each} == {}


def test_all_reports_say_the_same(plan):
    collect_anything(3)
    for basis in BOTH:
        whole, detailed = build_report(on(INTERIM, basis)), explained_report(on(INTERIM, basis))
        assert differences(detailed.results, whole.results) == {}
        assert detailed.before == whole.before
        counter, told = Counter(on(INTERIM, basis)), on(INTERIM, basis).round_at
        kpis = tuple(counter.text.kpis)
        assert detailed.returns == count_returns(counter, kpis, counter.answers_at(kpis, told.as_at), told)
        for code in ("1.1.1(b)", "2.2.2(a).1", "2.1.1(a).2", "4.2.1(f)", "1.1.2(c)", "3.1.3(a)", "2.1.1(b).1"):
            single, _ = kpi_report(on(INTERIM, basis), code)
            assert single.results[code] == whole.results[code]
            assert single.explanations[code] == detailed.explanations[code]
            assert single.series[code] == detailed.series[code]
    stood_before()


def stood_before() -> None:
    """Where a KPI stood is what a report of that day says, unless its reading has changed since."""
    for day in (date(2027, 1, 1), INTERIM, date(2028, 7, 1)):
        report = build_report(on(day))
        now = {kpi.code: kpi.reading for kpi in report.plan.kpis}
        then = build_report(on(report.previous_date))
        same = [kpi.code for kpi in then.plan.kpis if kpi.reading == now[kpi.code]]
        wanted = {code: (then.results[code].value, then.results[code].status) for code in same}
        assert {code: (report.before[code].value, report.before[code].status) for code in same} == wanted


# ---------------------------------------------------------------- who is a Member, who is asked


def counted(day: date, code: str = "1.1.1(b)") -> tuple[set[str], set[str], int]:
    result = build_report(on(day)).results[code]
    return set(result.counted), set(result.unanswered), result.members


def test_a_member_counts_from_the_day_it_joins_until_the_day_before_it_leaves(plan):
    enter(collect("baseline", BASELINE), standings("1.1.1(b)", {"FJI": "in_place", "TON": "in_place"}))
    Membership.objects.filter(organisation__code="FJI").update(joined=date(2027, 1, 1), left=date(2027, 3, 1))
    assert [("FJI" in counted(day)[0], counted(day)[2]) for day in (
        BASELINE, date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 28), date(2027, 3, 1)
    )] == [(False, 34), (False, 34), (True, 35), (True, 35), (False, 34)]  # fmt: skip


def test_who_is_no_member_is_not_silent_either(plan):
    Membership.objects.filter(organisation__code="FJI").update(joined=date(2027, 1, 1))
    collect("baseline", BASELINE)
    assert ["FJI" in counted(day)[1] for day in (date(2026, 12, 31), date(2027, 1, 1))] == [False, True]


def test_a_member_may_leave_and_come_back(plan):
    enter(collect("baseline", BASELINE), standings("1.1.1(b)", {"FJI": "in_place"}))
    Membership.objects.filter(organisation__code="FJI").update(left=date(2026, 9, 1))
    Membership.objects.create(organisation=org("FJI"), joined=date(2027, 1, 1))
    days = (date(2026, 8, 31), date(2026, 9, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [("FJI" in counted(day)[0], counted(day)[2]) for day in days] == [
        (True, 35), (False, 34), (False, 34), (True, 35)
    ]  # fmt: skip


def test_the_answer_of_a_regional_entity_is_no_member(plan):
    collected = collect("baseline", BASELINE)
    answer(collected, "APVC", "4.1.1(c)", standing="in_place")
    answer(collected, "FJI", "4.1.1(c)", standing="in_place")
    assert counted(BASELINE, "4.1.1(c)")[0] == {"FJI"}


def test_developed_members_are_those_of_the_day(plan):
    Reading.objects.filter(kpi__code="1.1.1(b)").update(reporter_group="developed")
    asked = set(Attribute.objects.filter(name="developed").values_list("organisation__code", flat=True))
    Attribute.objects.create(organisation=org("FJI"), name="developed", since=date(2027, 1, 1), until=date(2027, 3, 1))
    Attribute.objects.filter(organisation__code="JPN", name="developed").update(until=date(2027, 1, 1))
    Membership.objects.filter(organisation__code="AUS").update(left=date(2027, 1, 1))
    assert {"AUS", "JPN"} <= asked
    wanted = {
        date(2026, 12, 31): asked,
        date(2027, 1, 1): asked - {"AUS", "JPN"} | {"FJI"},
        date(2027, 2, 28): asked - {"AUS", "JPN"} | {"FJI"},
        date(2027, 3, 1): asked - {"AUS", "JPN"},
    }
    assert {day: counted(day)[1] for day in wanted} == wanted


def test_another_attribute_makes_nobody_developed(plan):
    collect("baseline", BASELINE)
    before = build_report(on(BASELINE)).returns.asked
    Attribute.objects.create(organisation=org("SLB"), name="landlocked")
    Attribute.objects.create(organisation=org("SLB"), name="rtc")
    assert build_report(on(BASELINE)).returns.asked == before


# ---------------------------------------------------------------- a reading that changes


def value(day: date, code: str = "1.1.1(b)", basis: Basis = Basis.ACCEPTED):
    return build_report(on(day, basis)).results[code].value


def test_a_reading_counts_from_its_day_on(plan):
    says = {"FJI": "in_place", "TON": "in_progress", "NPL": "planned"}
    enter(collect("baseline", BASELINE), standings("1.1.1(b)", says))
    new_reading("1.1.1(b)", date(2027, 1, 1), counts_from="in_progress", target_value=3)
    days = (date(2026, 12, 31), date(2027, 1, 1))
    assert [value(day) for day in days] == [1, 2]
    assert [build_report(on(day)).results["1.1.1(b)"].target for day in days] == [28, 3]


def test_answers_to_a_reading_with_another_source_are_not_counted(plan):
    baseline = collect("baseline", BASELINE)
    enter(baseline, standings("1.1.1(b)", {"FJI": "in_place", "TON": "in_place"}))
    change = {"source": "participation", "measure": "members", "period": "plan", "counts_from": "", "part": "any"}
    new_reading("1.1.1(b)", date(2027, 1, 1), **change)
    assert [value(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [2, None]
    result = build_report(on(date(2027, 1, 1))).results["1.1.1(b)"]
    assert (result.counted, len(result.unanswered)) == ((), 35)
    answer(collect("interim", INTERIM), "FJI", "1.1.1(b)", 2026, participated=True)
    assert (value(INTERIM), value(date(2026, 12, 31))) == (1, 2)


# ---------------------------------------------------------------- rounds with the same as-at date


@pytest.mark.parametrize("later", ["first", "second"])
def test_of_two_rounds_with_the_same_date_the_one_opened_later_wins(plan, later):
    opened = {"first": moment(INTERIM, 9), "second": moment(INTERIM, 9)}
    opened[later] = moment(INTERIM, 10)
    for name, standing in (("first", "in_place"), ("second", "planned")):
        enter(collect(name, INTERIM, opened=opened[name]), standings("1.1.1(b)", {"FJI": standing}))
    wins = {"first": 1, "second": 0}[later]
    assert (value(INTERIM), value(date(2028, 1, 1))) == (wins, wins)
    assert kpi_report(on(INTERIM), "1.1.1(b)")[0].results["1.1.1(b)"].value == wins


def test_the_order_of_entry_does_not_matter(plan):
    first, second = collect("first", INTERIM, opened=moment(INTERIM, 9)), None
    second = collect("second", INTERIM, opened=moment(INTERIM, 10))
    enter(second, standings("1.1.1(b)", {"FJI": "planned"}))
    enter(first, standings("1.1.1(b)", {"FJI": "in_place"}))
    assert value(INTERIM) == 0


def test_returning_the_last_answer_lets_the_one_before_speak(plan):
    enter(collect("baseline", BASELINE), standings("1.1.1(b)", {"FJI": "in_place"}))
    [last] = enter(collect("interim", INTERIM), standings("1.1.1(b)", {"FJI": "planned"}))
    assert [value(day) for day in (BASELINE, INTERIM)] == [1, 0]
    move(last, to=AnswerStatus.RETURNED, by=None, now=timezone.now(), reason="Evidence is missing")
    assert [value(day) for day in (BASELINE, INTERIM)] == [1, 1]


def test_drafts_and_returned_answers_count_nowhere(plan):
    interim = collect("interim", INTERIM)
    [one, two] = enter(interim, standings("1.1.1(b)", {"FJI": "in_place", "TON": "in_place"}), accept=False)
    move(one, to=AnswerStatus.RETURNED, by=None, now=NOW, reason="Evidence is missing")
    move(two, to=AnswerStatus.DRAFT, by=None, now=NOW)
    for basis in BOTH:
        result = build_report(on(INTERIM, basis)).results["1.1.1(b)"]
        assert (result.value, result.counted, result.pending) == (None, (), ())
        assert {"FJI", "TON"} <= set(result.unanswered)
        assert result.being_corrected == ("FJI",)


def test_a_refused_correction_counts_nowhere_and_what_it_would_have_replaced_goes_on(plan):
    interim = collect("interim", INTERIM)
    enter(interim, standings("1.1.1(b)", {"FJI": "planned"}))
    [correction] = enter(interim, standings("1.1.1(b)", {"FJI": "in_place"}), accept=False)
    Answer.objects.filter(pk=correction.pk).update(correction_reason="By telephone.")
    assert [value(INTERIM, basis=basis) for basis in BOTH] == [0, 1]
    move(correction, to=AnswerStatus.RETURNED, by=None, now=NOW, reason="It is not in force.")
    for basis in BOTH:
        result = build_report(on(INTERIM, basis)).results["1.1.1(b)"]
        assert (result.value, result.being_corrected, result.pending) == (0, (), ())
        assert ("FJI" in result.not_counted, "FJI" in result.unanswered) == (True, False)


# ---------------------------------------------------------------- registers


def test_a_part_in_a_refused_activity_is_no_silence(plan):
    """``unanswered``: Members without "any part in an activity of it, in any state"."""
    activity("OP", date(2026, 11, 1), ["2.2.2(a).1"], participants=["FJI"], accept=False)
    decide(ActivityVersion.objects.select_related("activity").get(), to=Decision.REFUSED, by=None, now=NOW, reason="no")
    assert "FJI" not in build_report(on(INTERIM)).results["2.2.2(a).1"].unanswered


def test_a_changed_activity_counts_as_confirmed_until_the_change_is_decided(plan):
    activity("ALERTS", date(2026, 11, 1), {"2.1.1(a).2": 12})
    activity("ALERTS", date(2026, 11, 1), {"2.1.1(a).2": 5}, accept=False)
    assert [value(INTERIM, "2.1.1(a).2", basis) for basis in BOTH] == [12, 5]
    decide(ActivityVersion.objects.select_related("activity").latest("number"), to="confirmed", by=None, now=NOW)
    assert [value(INTERIM, "2.1.1(a).2", basis) for basis in BOTH] == [5, 5]


def test_an_activity_belongs_to_its_end(plan):
    activity("LONG", date(2027, 6, 20), ["2.1.1(a).2"], end=date(2027, 7, 2))
    assert [value(day, "2.1.1(a).2") for day in (INTERIM, date(2027, 7, 1), date(2027, 7, 2))] == [None, None, 1]


def test_activities_of_another_plan_year_or_kpi_do_not_mix(plan):
    activity("A", INTERIM, ["2.1.1(a).2"])
    activity("B", date(2027, 7, 1), {"2.1.1(a).2": 7})
    activity("C", INTERIM, ["2.1.1(a).1"])
    assert (value(INTERIM, "2.1.1(a).2"), value(date(2027, 7, 1), "2.1.1(a).2")) == (1, 7)


def test_an_arrangement_is_one_pair_and_needs_two_members_in_force(plan):
    arrangement("JPN", "NZL", in_force=date(2026, 1, 1))
    arrangement("NZL", "JPN", in_force=date(2026, 1, 1))
    arrangement("JPN", "KOR", signed="2026")
    arrangement("FJI", "NZL", in_force=INTERIM, ended=date(2027, 7, 5))
    assert ArrangementVersion.objects.count() == 3
    days = (BASELINE, date(2027, 6, 29), INTERIM, date(2027, 7, 4), date(2027, 7, 5))
    assert [value(day, "1.1.2(c)") for day in days] == [1, 1, 2, 2, 1]
    Membership.objects.filter(organisation__code="NZL").update(left=INTERIM)
    assert [value(day, "1.1.2(c)") for day in (BASELINE, INTERIM)] == [1, 0]


def test_the_rounds_of_another_plan_are_not_ours(plan):
    other = Plan.objects.create(
        code="other", title="Other", starts=date(2028, 7, 1), ends=date(2030, 6, 30),
        baseline_date=date(2028, 6, 30), deliverable_date=date(2030, 6, 30), published=True,
    )  # fmt: skip
    Round.objects.create(
        plan=other, code="theirs", title="Theirs", as_at=date(2027, 9, 9), opened_at=NOW, closed_at=NOW
    )
    assert build_report(on()).as_of == BASELINE
    assert Organisation.objects.count() == 39
