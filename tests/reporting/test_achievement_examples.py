"""The worked examples of domain.md, and a small case worked by hand for each sentence of "How a KPI is
counted" and "Achievement at a date D"."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from reporting.achievement import (
    Result,
    Status,
    YearResult,
    achievement,
    percent_of,
    progress_of,
    rounded,
    shown,
)
from reporting.inputs import (
    Activity,
    Answer,
    AnswerState,
    Arrangement,
    Basis,
    Facts,
    Frame,
    Participation,
    Roster,
    Rosters,
    Rule,
)
from workplan.choices import Measure, PairFrom, Part, Period, Plurilateral, Source, Standing

BASELINE_DATE = date(2026, 6, 30)
START = date(2026, 7, 1)
MID_FIRST = date(2026, 12, 31)
THREE_QUARTERS = date(2027, 3, 31)
END_FIRST = date(2027, 6, 30)
START_SECOND = date(2027, 7, 1)
MID_SECOND = date(2027, 12, 31)
DELIVERABLE = date(2028, 6, 30)
ONE_DAY = timedelta(days=1)

PLAN = Frame(starts=START, ends=DELIVERABLE, baseline_date=BASELINE_DATE, deliverable_date=DELIVERABLE)
THREE_YEARS = replace(PLAN, ends=date(2029, 6, 30), deliverable_date=date(2029, 6, 30))

ALL = tuple(f"M{number:02}" for number in range(1, 36))
AUS, FJI, JPN, NPL = FEW = ("AUS", "FJI", "JPN", "NPL")
ROCB = "ROCB"

IN_PLACE, IN_PROGRESS, PLANNED = Standing.IN_PLACE, Standing.IN_PROGRESS, Standing.PLANNED
NOT_APPLICABLE = Standing.NOT_APPLICABLE
SENT, RETURNED = AnswerState.SUBMITTED, AnswerState.RETURNED

# ---------------------------------------------------------------- readings


def reading(source: Source, measure: Measure, period: Period, target: object, **more: Any) -> Rule:
    return Rule(source, measure, period, Fraction(str(target)), **more)


def status(target: object = 3, counts_from: Standing = IN_PLACE, **more: Any) -> Rule:
    return reading(Source.STATUS, Measure.MEMBERS, Period.STANDING, target, counts_from=counts_from, **more)


def participation(period: Period = Period.PLAN, target: object = 3, part: Part = Part.ANY, **more: Any) -> Rule:
    return reading(Source.PARTICIPATION, Measure.MEMBERS, period, target, part=part, **more)


def activities(measure: Measure = Measure.ITEMS, target: object = 4, period: Period = Period.PLAN) -> Rule:
    return reading(Source.ACTIVITIES, measure, period, target)


def items_each_year(target: object = 4) -> Rule:
    return activities(Measure.ITEMS, target, Period.EACH_YEAR)


def pairs(target: object = 3, **more: Any) -> Rule:
    return reading(Source.ARRANGEMENTS, Measure.PAIRS, Period.STANDING, target, **more)


def figures(measure: Measure, target: object) -> Rule:
    yearly = measure in (Measure.SUM, Measure.GROWTH)
    return reading(Source.FIGURES, measure, Period.EACH_YEAR if yearly else Period.PLAN, target)


EACH_YEAR = participation(Period.EACH_YEAR)
GROWTH = figures(Measure.GROWTH, 5)
GROWING = figures(Measure.MEMBERS_GROWING, 2)

# ---------------------------------------------------------------- facts


def says(
    organisation: str,
    standing: Standing | None = None,
    as_at: date = MID_FIRST,
    state: AnswerState = AnswerState.ACCEPTED,
    **more: Any,
) -> Answer:
    """An answer to a status KPI. ``opened`` tells rounds with the same as-at date apart."""
    opened, version, year = more.pop("opened", 0), more.pop("version", 1), more.pop("year", None)
    order = (as_at.toordinal() * 10 + opened, year or 0, version)
    return Answer(
        organisations=frozenset({organisation}),
        year=year,
        as_at=as_at,
        order=order,
        state=state,
        source=more.pop("source", Source.STATUS),
        standing=standing,
        **more,
    )


def all_say(codes: tuple[str, ...], standing: Standing, as_at: date) -> list[Answer]:
    return [says(code, standing, as_at) for code in codes]


def took_part(organisation: str, yes: bool = True, year: int = 2026, **more: Any) -> Answer:
    """An answer to a participation KPI."""
    return says(organisation, year=year, participated=yes, source=Source.PARTICIPATION, **more)


def excused(organisation: str, source: Source, year: int | None = 2026, **more: Any) -> Answer:
    return says(organisation, NOT_APPLICABLE, year=year, source=source, **more)


def states(organisation: str, value: object, year: int, as_at: date | None = None, **more: Any) -> Answer:
    """A figure, by default as at the end of its year."""
    as_at = as_at or date(year + 1, 6, 30)
    said = {} if value is None else {"value": Decimal(str(value))}
    return says(organisation, as_at=as_at, year=year, source=Source.FIGURES, **said, **more)


def quota(organisation: str, numerator: int, denominator: int, year: int = 2026) -> Answer:
    said = {"numerator": Decimal(numerator), "denominator": Decimal(denominator)}
    return states(organisation, None, year, **said)


def attests(as_at: date, source: Source = Source.ACTIVITIES, **more: Any) -> Answer:
    return says(ROCB, as_at=as_at, source=source, register_complete=True, **more)


CONFIRMED = {"accepted": True, "reported": True, "held": True}
UNDECIDED = {"accepted": False, "reported": True, "held": True}
REPLACED = {"accepted": True, "reported": False, "held": True}
JUST_PLANNED = {"accepted": False, "reported": True, "held": False}


def event(day: date = MID_FIRST, **more: Any) -> Activity:
    return Activity(day=day, **(CONFIRMED | more))


def part(organisation: str, day: date = MID_FIRST, contributing: bool = True, **more: Any) -> Participation:
    return Participation(
        organisations=frozenset({organisation}), day=day, contributing=contributing, **(CONFIRMED | more)
    )


def agreed(one: str, other: str, in_force: date | None, ended: date | None = None, **more: Any) -> Arrangement:
    state = {"accepted": True, "reported": True, "known_from": in_force} | more
    return Arrangement(parties=frozenset({one, other}), in_force=in_force, ended=ended, **state)


Fact = Answer | Activity | Participation | Arrangement


def recorded(facts: list[Fact]) -> Facts:
    def of(kind: type) -> tuple[Any, ...]:
        return tuple(fact for fact in facts if type(fact) is kind)

    return Facts(of(Answer), of(Activity), of(Participation), of(Arrangement))


def achieved(rule: Rule, *facts: Fact, at: date, reported: bool = False, **more: Any) -> Result:
    """By default the four are Members and asked, and nobody else is."""
    members = frozenset(more.get("members", FEW))
    roster = Roster(members, frozenset(more.get("asked", members)))
    basis = Basis.REPORTED if reported else Basis.ACCEPTED
    rosters = Rosters(roster, more.get("baseline_roster", roster))
    return achievement(rule, recorded(list(facts)), more.get("plan", PLAN), rosters, at, basis)


def shows(result: Result, **wanted: Any) -> None:
    """The fields named are as wanted; numbers may be written as text."""
    found = {field: getattr(result, field) for field in wanted}
    assert found == {field: as_number(value) for field, value in wanted.items()}


def as_number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and value[-1:].isdigit() else value


def lists(**named: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """All the lists of a result; those not named are empty."""
    kinds = (
        "counted",
        "not_counted",
        "pending",
        "unanswered",
        "being_corrected",
        "not_applicable",
        "without_base",
    )
    assert named.keys() <= set(kinds)
    return {kind: named.get(kind, ()) for kind in kinds}


def year(label: str, value: object, percent: object, met: bool | None, expected: object = "40") -> YearResult:
    def number(shown: object) -> Decimal | None:
        return None if shown is None else Decimal(str(shown))

    return YearResult(label, number(value), number(percent), met, number(expected))


# ---------------------------------------------------------------- the worked examples


def test_worked_example_1():
    in_place, started, silent = ALL[:25], ALL[25:33], ALL[33:]
    facts = [
        *all_say(in_place, IN_PLACE, BASELINE_DATE),
        *all_say(started, IN_PROGRESS, BASELINE_DATE),
        says("M26", IN_PLACE, END_FIRST),
    ]
    result = achieved(status(28, denominator=35), *facts, at=END_FIRST, members=ALL)
    assert result == Result(
        value=Decimal(26),
        target=Decimal(28),
        baseline=Decimal(25),
        baseline_collected=Decimal(25),
        percent=Decimal("92.9"),
        progress=Decimal("33.3"),
        expected=Decimal(26),
        status=Status.ON_TRACK,
        counted=ALL[:26],
        not_counted=ALL[26:33],
        unanswered=silent,
        members=35,
    )
    assert (result.up_to, result.applies_to) == (28, 35)


ALERTS = (
    event(date(2026, 9, 15), items=12),
    event(date(2026, 12, 15), items=15),
    event(date(2027, 3, 15), items=9),
)


def alerts(at: date, *more: Activity) -> Result:
    return achieved(items_each_year(40), *ALERTS, *more, at=at)


def test_worked_example_2_in_the_first_year():
    first = Result(
        value=Decimal(36),
        target=Decimal(40),
        baseline=None,
        baseline_collected=None,
        percent=Decimal("90.0"),
        progress=None,
        expected=Decimal(30),
        status=Status.ON_TRACK,
        members=4,
        years=(year("2026/27", 36, "90.0", None, 30),),
    )
    assert alerts(THREE_QUARTERS) == first
    ended = (year("2026/27", 36, "90.0", False),)
    assert alerts(END_FIRST) == replace(first, expected=Decimal(40), status=Status.OFF_TRACK, years=ended)
    assert alerts(END_FIRST).years_met == 0


def test_worked_example_2_in_the_second_year():
    missed = year("2026/27", 36, "90.0", False)
    result = alerts(MID_SECOND, event(date(2027, 10, 1), items=20))
    shows(result, value="20", percent="50.0", expected="20", status=Status.ON_TRACK)
    assert result.years == (missed, year("2027/28", 20, "50.0", None, 20))

    result = alerts(DELIVERABLE, event(date(2027, 10, 1), items=41))
    shows(result, value="41", percent="100.0", status=Status.NOT_ACHIEVED, years_met=1)
    assert result.years == (missed, year("2027/28", 41, "100.0", True))


@pytest.mark.parametrize(
    ("number", "percent", "progress", "verdict"),
    [(9, "75.0", "0.0", Status.ON_TRACK), (8, "66.7", "-33.3", Status.AT_RISK)],
)
def test_worked_example_3(number, percent, progress, verdict):
    facts = all_say(ALL[:number], IN_PLACE, MID_FIRST)
    result = achieved(status(12, baseline=Fraction(9)), *facts, at=MID_FIRST, members=ALL)
    shows(
        result,
        value=str(number),
        baseline="9",
        baseline_collected=None,
        percent=percent,
        progress=progress,
        expected="9",
        status=verdict,
    )


def test_worked_example_4():
    facts = [
        part(AUS, participants=10, women=4),
        part(FJI, participants=50, women=30),
        part(JPN, participants=20),
    ]
    result = achieved(activities(Measure.WOMEN_SHARE, 50), event(), *facts, at=MID_FIRST)
    shows(result, value="56.67", percent="100.0", expected="50", status=Status.REACHED)


# ---------------------------------------------------------------- status: members, standing

STATUS_CASES = {
    "a standing of at least counts_from counts": (
        status(counts_from=IN_PROGRESS),
        [says(AUS, IN_PLACE), says(FJI, IN_PROGRESS), says(JPN, PLANNED), says(NPL, Standing.NOT_STARTED)],
        lists(counted=(AUS, FJI), not_counted=(JPN, NPL)),
    ),
    "silence is never no": (
        status(),
        [says(AUS, IN_PLACE)],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "a later answer replaces an earlier one, also downwards": (
        status(),
        [says(AUS, PLANNED, START), says(AUS, IN_PLACE), says(FJI, IN_PLACE, START), says(FJI, IN_PROGRESS)],
        lists(counted=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "the order of entry does not matter": (
        status(),
        [says(AUS, IN_PLACE), says(AUS, PLANNED, START), says(FJI, IN_PROGRESS), says(FJI, IN_PLACE, START)],
        lists(counted=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "of two rounds with one as-at date, the one opened later wins": (
        status(),
        [
            says(AUS, IN_PLACE, opened=1),
            says(AUS, PLANNED, opened=0),
            says(FJI, PLANNED, opened=1),
            says(FJI, IN_PLACE),
        ],
        lists(counted=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "an answer as at D counts, one as at a later date is not there yet": (
        status(),
        [says(AUS, IN_PLACE, END_FIRST), says(FJI, IN_PLACE, END_FIRST + ONE_DAY)],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "not applicable never counts": (
        status(counts_from=Standing.NOT_STARTED),
        [says(AUS, IN_PLACE, START), says(AUS, NOT_APPLICABLE), says(FJI, Standing.NOT_STARTED)],
        lists(counted=(FJI,), not_applicable=(AUS,), unanswered=(JPN, NPL)),
    ),
    "a returned answer counts nowhere; the last accepted one does": (
        status(),
        [says(AUS, IN_PLACE, START), says(AUS, PLANNED, state=RETURNED), says(FJI, IN_PLACE, state=RETURNED)],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL), being_corrected=(FJI,)),
    ),
    "what was returned and is sent again is pending, not being corrected": (
        status(),
        [says(AUS, IN_PLACE, state=RETURNED), says(AUS, IN_PLACE, state=SENT, version=2)],
        lists(pending=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "an undecided answer is pending, whatever it says, if it is newer than the counted one": (
        status(),
        [
            says(AUS, PLANNED, START),
            says(AUS, PLANNED, state=SENT),
            says(FJI, PLANNED),
            says(FJI, IN_PLACE, START, SENT),
        ],
        lists(pending=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "one that counts is not pending, though something newer is undecided": (
        status(),
        [says(AUS, IN_PLACE, START), says(AUS, PLANNED, state=SENT)],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "a Member can be pending and not applicable": (
        status(),
        [says(AUS, NOT_APPLICABLE, START), says(AUS, IN_PLACE, state=SENT)],
        lists(pending=(AUS,), not_applicable=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "where the source has changed, the older answer does not count and is asked again": (
        status(),
        [
            says(AUS, IN_PLACE, source=Source.PARTICIPATION),
            says(FJI, IN_PLACE, state=RETURNED, source=Source.FIGURES),
        ],
        lists(unanswered=FEW),
    ),
    "only Members count": (status(), [says(ROCB, IN_PLACE), says("XXX", IN_PLACE)], lists(unanswered=FEW)),
    "a part in an undecided activity makes no status; but it is not silence": (
        status(),
        [event(**UNDECIDED), part(AUS, **UNDECIDED)],
        lists(not_counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
}


@pytest.mark.parametrize(("rule", "facts", "wanted"), STATUS_CASES.values(), ids=STATUS_CASES)
def test_status(rule, facts, wanted):
    shows(achieved(rule, *facts, at=END_FIRST), **wanted)


def test_reported_counts_what_is_sent_and_a_newer_one_before_an_older_one():
    facts = [
        says(AUS, PLANNED),
        says(AUS, IN_PLACE, state=SENT, version=2),
        says(FJI, IN_PLACE),
        says(FJI, PLANNED, state=SENT, version=2),
        says(JPN, IN_PLACE),
        says(JPN, PLANNED, START, SENT),
        says(NPL, NOT_APPLICABLE, state=SENT),
    ]
    shows(
        achieved(status(), *facts, at=END_FIRST, reported=True),
        value="2",
        **lists(counted=(AUS, JPN), not_counted=(FJI,), not_applicable=(NPL,)),
    )
    shows(
        achieved(status(), *facts, at=END_FIRST),
        value="2",
        **lists(counted=(FJI, JPN), pending=(AUS, NPL)),
    )


def test_a_member_that_is_not_asked_counts_and_is_never_silent():
    result = achieved(status(), says(AUS, IN_PLACE), says(FJI, IN_PLACE, state=SENT), at=END_FIRST, asked=(NPL,))
    shows(result, value="1", **lists(counted=(AUS,), pending=(FJI,), unanswered=(NPL,)))


def test_a_member_that_has_left_does_not_count_and_is_not_asked():
    facts = [says(AUS, IN_PLACE, BASELINE_DATE), says(FJI, IN_PLACE, BASELINE_DATE)]
    before = Roster(frozenset(FEW), frozenset(FEW))
    result = achieved(status(), *facts, at=END_FIRST, members=(AUS, JPN), asked=FEW, baseline_roster=before)
    shows(result, value="1", baseline="2", members=2, **lists(counted=(AUS,), unanswered=(JPN,)))


def test_not_applicable_says_to_how_many_members_the_kpi_applies():
    result = achieved(status(), says(AUS, NOT_APPLICABLE), at=END_FIRST)
    shows(result, value="0", members=4, applies_to=3, up_to=3)


# ---------------------------------------------------------------- participation: members

LATER = MID_SECOND
PARTICIPATION_CASES = {
    "once per Member, however many": (
        participation(),
        [
            took_part(AUS),
            took_part(AUS, year=2027, as_at=LATER),
            event(),
            part(AUS),
            event(LATER),
            part(AUS, LATER),
        ],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "a later no takes an answered yes back, never an activity": (
        participation(),
        [
            took_part(AUS),
            took_part(AUS, False, as_at=END_FIRST),
            event(),
            part(FJI),
            took_part(FJI, False, as_at=END_FIRST),
        ],
        lists(counted=(FJI,), not_counted=(AUS,), unanswered=(JPN, NPL)),
    ),
    "a no for another plan year takes nothing back": (
        participation(),
        [took_part(AUS), took_part(AUS, False, 2027, as_at=LATER)],
        lists(counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "each year: only the plan year of D speaks": (
        EACH_YEAR,
        [took_part(AUS), took_part(FJI, year=2027, as_at=LATER), took_part(JPN, False, 2027, as_at=LATER)],
        lists(counted=(FJI,), not_counted=(JPN,), unanswered=(AUS, NPL)),
    ),
    "each year: only activities dated in the plan year of D, up to D": (
        EACH_YEAR,
        [
            *(event(day) for day in (END_FIRST, START_SECOND, LATER, LATER + ONE_DAY)),
            part(AUS, END_FIRST),
            part(FJI, START_SECOND),
            part(JPN, LATER),
            part(NPL, LATER + ONE_DAY),
        ],
        lists(counted=(FJI, JPN), unanswered=(AUS, NPL)),
    ),
    "plan: nothing before its start": (
        participation(),
        [
            event(BASELINE_DATE),
            part(AUS, BASELINE_DATE),
            took_part(FJI, year=2025, as_at=BASELINE_DATE),
            event(START),
            part(JPN, START),
        ],
        lists(counted=(JPN,), unanswered=(AUS, FJI, NPL)),
    ),
    "listening is not sharing": (
        participation(part=Part.CONTRIBUTING),
        [event(), part(AUS), part(FJI, contributing=False)],
        lists(counted=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "any part counts where the reading says so": (
        participation(part=Part.ANY),
        [event(), part(AUS), part(FJI, contributing=False)],
        lists(counted=(AUS, FJI), unanswered=(JPN, NPL)),
    ),
    "a contested part does not count, nor is it pending or silence": (
        participation(),
        [event(), part(AUS, contested=True), event(**UNDECIDED), part(FJI, contested=True, **UNDECIDED)],
        lists(not_counted=(AUS, FJI), unanswered=(JPN, NPL)),
    ),
    "a part in a planned activity does not count, nor is it silence": (
        participation(),
        [event(**JUST_PLANNED), part(AUS, **JUST_PLANNED)],
        lists(not_counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "a part in a refused activity does not count, nor is it silence": (
        participation(),
        [event(accepted=False, reported=False), part(AUS, accepted=False, reported=False)],
        lists(not_counted=(AUS,), unanswered=(FJI, JPN, NPL)),
    ),
    "a part that would count in an undecided activity is pending": (
        participation(part=Part.CONTRIBUTING),
        [event(**UNDECIDED), part(AUS, **UNDECIDED), part(FJI, contributing=False, **UNDECIDED)],
        lists(pending=(AUS,), not_counted=(FJI,), unanswered=(JPN, NPL)),
    ),
    "the confirmed version counts while a newer one is undecided": (
        participation(),
        [event(**REPLACED), part(AUS, **REPLACED), event(**UNDECIDED), part(FJI, **UNDECIDED)],
        lists(counted=(AUS,), pending=(FJI,), unanswered=(JPN, NPL)),
    ),
    "not applicable, but counting otherwise": (
        participation(),
        [excused(AUS, Source.PARTICIPATION), event(), part(AUS), excused(FJI, Source.PARTICIPATION)],
        lists(counted=(AUS,), not_applicable=(FJI,), unanswered=(JPN, NPL)),
    ),
    "of several answers for a plan, the latest round's latest plan year is the latest": (
        participation(),
        [
            excused(AUS, Source.PARTICIPATION),
            took_part(AUS, False, 2027, as_at=LATER),
            took_part(FJI, False, 2027, as_at=LATER),
            excused(FJI, Source.PARTICIPATION, as_at=LATER),
            took_part(JPN, False),
            excused(JPN, Source.PARTICIPATION, 2027, as_at=LATER),
        ],
        lists(not_counted=(AUS, FJI), not_applicable=(JPN,), unanswered=(NPL,)),
    ),
    "only Members count, and entities are never silent": (
        participation(),
        [event(), part(ROCB), took_part(ROCB)],
        lists(unanswered=FEW),
    ),
    "an answer on the base year breaks no silence": (
        EACH_YEAR,
        [
            took_part(AUS, year=2025, as_at=LATER),
            took_part(FJI, year=2027, as_at=LATER, state=RETURNED),
            took_part(JPN, state=RETURNED),
        ],
        lists(unanswered=FEW, being_corrected=(FJI,)),
    ),
}


@pytest.mark.parametrize(("rule", "facts", "wanted"), PARTICIPATION_CASES.values(), ids=PARTICIPATION_CASES)
def test_participation(rule, facts, wanted):
    shows(achieved(rule, *facts, at=LATER, asked=(*FEW, ROCB)), **wanted)


def test_a_counted_activity_is_a_fact_whoever_took_part():
    shows(achieved(participation(), event(), part(ROCB), at=END_FIRST), value="0", status=Status.AT_RISK)
    shows(achieved(participation(), at=END_FIRST), value=None, status=Status.NO_DATA)
    undecided = [event(**UNDECIDED), part(AUS, **UNDECIDED)]
    shows(achieved(participation(), *undecided, at=END_FIRST), value=None, pending=(AUS,))
    shows(achieved(participation(), *undecided, at=END_FIRST, reported=True), value="1", pending=())


def test_before_the_plan_starts_nobody_is_silent_and_nothing_has_a_value():
    facts = [took_part(AUS, year=2025, as_at=BASELINE_DATE)]
    before = achieved(participation(), *facts, at=BASELINE_DATE)
    shows(before, value=None, percent=None, status=Status.NOT_BEGUN, counted=(), pending=(), unanswered=())
    before = achieved(status(), says(AUS, IN_PLACE, BASELINE_DATE), at=BASELINE_DATE)
    shows(before, value="1", status=Status.ON_TRACK, counted=(AUS,), unanswered=(FJI, JPN, NPL))


# ---------------------------------------------------------------- activities


def test_items_are_what_the_counted_activities_stand_for():
    facts = [
        event(),
        event(items=12),
        event(items=5, held=False),
        event(items=6, **UNDECIDED),
        event(BASELINE_DATE, items=7),
        event(END_FIRST + ONE_DAY, items=8),
    ]
    shows(achieved(activities(target=50), *facts, at=END_FIRST), value="13", **lists())
    shows(achieved(activities(target=50), *facts, at=END_FIRST, reported=True), value="19")


def test_a_changed_activity_counts_once():
    facts = [event(items=2, **REPLACED), event(items=9, **UNDECIDED)]
    shows(achieved(activities(target=50), *facts, at=END_FIRST), value="2")
    shows(achieved(activities(target=50), *facts, at=END_FIRST, reported=True), value="9")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ([], None),
        ([attests(MID_FIRST)], "0"),
        ([attests(END_FIRST)], "0"),
        ([attests(END_FIRST + ONE_DAY)], None),
        ([attests(BASELINE_DATE)], None),
        ([attests(MID_FIRST, state=SENT)], None),
        ([attests(MID_FIRST, state=RETURNED)], None),
        ([attests(MID_FIRST, source=Source.STATUS)], None),
    ],
    ids=[
        "silence",
        "attested",
        "as at D",
        "after D",
        "before the plan",
        "sent",
        "returned",
        "another source",
    ],
)
@pytest.mark.parametrize("rule", [activities(), items_each_year()], ids=["plan", "each year"])
def test_attested_is_a_zero_and_silence_is_no_value(rule, said, value):
    shows(achieved(rule, *said, at=END_FIRST), value=value)


def test_an_attestation_in_the_plan_still_speaks_after_a_later_one():
    said = [attests(DELIVERABLE), attests(DELIVERABLE + 92 * ONE_DAY)]
    shows(achieved(activities(), *said, at=DELIVERABLE + 100 * ONE_DAY), value="0", status=Status.NOT_ACHIEVED)


def test_a_begun_year_without_facts_is_a_zero_once_anything_counted():
    result = achieved(items_each_year(40), event(items=40), at=MID_SECOND)
    shows(result, value="0", percent="0.0", status=Status.OFF_TRACK)
    assert result.years == (year("2026/27", 40, "100.0", True), year("2027/28", 0, "0.0", None, 20))
    result = achieved(items_each_year(40), event(BASELINE_DATE, items=40), at=MID_SECOND)
    shows(result, value=None, percent=None, baseline="40", status=Status.NO_DATA)
    assert result.years == (year("2026/27", None, None, False), year("2027/28", None, None, None, 20))


LEVEL_CASES = {
    "women: pooled, not a mean of percentages": (
        Measure.WOMEN_SHARE,
        [part(AUS, participants=1, women=1), part(FJI, participants=99, women=0)],
        "1.00",
    ),
    "women: all organisations, contested parts apart": (
        Measure.WOMEN_SHARE,
        [part(ROCB, participants=4, women=1), part(AUS, participants=4, women=4, contested=True)],
        "25.00",
    ),
    "women: a participant is as good as a speaker": (
        Measure.WOMEN_SHARE,
        [part(AUS, contributing=False, participants=4, women=1)],
        "25.00",
    ),
    "women: nobody": (Measure.WOMEN_SHARE, [event(), part(AUS, participants=0, women=0)], None),
    "heads: of those stated": (
        Measure.WOMEN_HEADS_SHARE,
        [
            part(AUS, heads=1, woman_heads=1),
            part(FJI, heads=1, woman_heads=0),
            part(JPN, heads=1, woman_heads=0),
            part(NPL),
        ],
        "33.33",
    ),
    "heads: two thirds are rounded away from zero": (
        Measure.WOMEN_HEADS_SHARE,
        [part(AUS, heads=1, woman_heads=1), part(FJI, heads=1, woman_heads=1), part(JPN, heads=1, woman_heads=0)],
        "66.67",
    ),
    "average: weighted by respondents": (
        Measure.AVERAGE,
        [event(rating=Decimal(5), respondents=1), event(rating=Decimal(2), respondents=9)],
        "2.30",
    ),
    "average: of those that state both": (
        Measure.AVERAGE,
        [event(rating=Decimal(3), respondents=2), event(rating=Decimal(5)), event(respondents=100)],
        "3.00",
    ),
    "average: nobody responded": (Measure.AVERAGE, [event(rating=Decimal(3), respondents=0)], None),
    "average: nothing before the plan or after D": (
        Measure.AVERAGE,
        [event(day, rating=Decimal(3), respondents=2) for day in (BASELINE_DATE, END_FIRST + ONE_DAY)],
        None,
    ),
}


@pytest.mark.parametrize(("measure", "facts", "value"), LEVEL_CASES.values(), ids=LEVEL_CASES)
def test_levels_of_activities(measure, facts, value):
    facts = [event(), *facts]
    result = achieved(activities(measure, 4), *facts, at=END_FIRST)
    shows(result, value=value, expected="4", **lists())


# ---------------------------------------------------------------- arrangements

PAIR_CASES = {
    "in force on D": ([agreed(AUS, FJI, END_FIRST)], "1"),
    "not in force yet": ([agreed(AUS, FJI, END_FIRST + ONE_DAY)], None),
    "ended on D": ([agreed(AUS, FJI, START, END_FIRST)], "0"),
    "ended after D": ([agreed(AUS, FJI, START, END_FIRST + ONE_DAY)], "1"),
    "signed, without a date in force": ([agreed(AUS, FJI, None, known_from=START)], "0"),
    "without any date": ([agreed(AUS, FJI, None)], "0"),
    "signed after D": ([agreed(AUS, FJI, None, known_from=END_FIRST + ONE_DAY)], None),
    "in either order the same pair": ([agreed(AUS, FJI, START), agreed(FJI, AUS, MID_FIRST)], "1"),
    "in force before the plan": ([agreed(AUS, FJI, date(2012, 1, 1)), agreed(AUS, JPN, BASELINE_DATE)], "2"),
    "with somebody who is no Member": ([agreed(AUS, ROCB, START)], "0"),
    "not decided": ([agreed(AUS, FJI, START, accepted=False)], None),
    "nothing, attested": ([attests(MID_FIRST, Source.ARRANGEMENTS)], "0"),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("facts", "value"), PAIR_CASES.values(), ids=PAIR_CASES)
def test_pairs(facts, value):
    shows(achieved(pairs(), *facts, at=END_FIRST), value=value, **lists())


SIGNED, ONE, TOO_LATE = PairFrom.SIGNED, Plurilateral.ONE, END_FIRST + ONE_DAY
PACIFIC = {"plurilateral": "Pacific"}
THREE = [agreed(*two, START, **PACIFIC) for two in ((AUS, FJI), (AUS, JPN), (FJI, JPN))]
READ_CASES = {
    "signed, where that counts": ({"pair_from": SIGNED}, [agreed(AUS, FJI, None, signed=MID_FIRST)], "1"),
    "signed after D": ({"pair_from": SIGNED}, [agreed(AUS, FJI, None, known_from=START, signed=TOO_LATE)], "0"),
    "in force, signing unknown": ({"pair_from": SIGNED}, [agreed(AUS, FJI, START)], "1"),
    "signed, and ended": ({"pair_from": SIGNED}, [agreed(AUS, FJI, None, END_FIRST, signed=START)], "0"),
    "of three Members, as pairs": ({}, THREE, "3"),
    "of three Members, as one": ({"plurilateral": ONE}, THREE, "1"),
    "one of its pairs contested": ({"plurilateral": ONE}, [*THREE[1:], THREE[0]._replace(contested=True)], "1"),
    "all of its pairs ended": ({"plurilateral": ONE}, [each._replace(ended=END_FIRST) for each in THREE], "0"),
    "beside one of two Members": ({"plurilateral": ONE}, [*THREE, agreed(AUS, NPL, START)], "2"),
    "two of more than two": ({"plurilateral": ONE}, [*THREE, agreed(AUS, NPL, START, plurilateral="Mekong")], "2"),
}


@pytest.mark.parametrize(("read", "facts", "value"), READ_CASES.values(), ids=READ_CASES)
def test_the_reading_says_which_arrangements_count_and_as_what(read, facts, value):
    shows(achieved(pairs(**read), *facts, at=END_FIRST), value=value, **lists())


def test_pairs_have_the_baseline_of_the_baseline_date():
    facts = [
        agreed(AUS, FJI, BASELINE_DATE),
        agreed(AUS, JPN, START),
        agreed(AUS, NPL, START - ONE_DAY, START),
    ]
    shows(achieved(pairs(), *facts, at=START), value="2", baseline="2", progress="0.0")
    shows(achieved(pairs(), agreed(AUS, JPN, START), at=START), value="1", baseline=None, progress=None)


# ---------------------------------------------------------------- figures


def test_sum_is_of_all_organisations_and_the_latest_figures():
    facts = [
        states(AUS, 5, 2026, MID_FIRST),
        states(AUS, "7.5", 2026),
        states(ROCB, 2, 2026),
        states(FJI, 99, 2025, BASELINE_DATE),
        states(JPN, 50, 2026, state=SENT),
        excused(NPL, Source.FIGURES),
    ]
    result = achieved(figures(Measure.SUM, 10), *facts, at=END_FIRST)
    shows(result, value="9.5", baseline="99", percent="95.0", status=Status.OFF_TRACK, progress=None, **lists())
    shows(achieved(figures(Measure.SUM, 10), *facts, at=MID_FIRST), value="5", expected="5")
    shows(achieved(figures(Measure.SUM, 10), *facts, at=END_FIRST, reported=True), value="59.5")


BASE = states(AUS, 100, 2025, BASELINE_DATE)


def grown(*facts: Answer, at: date, plan: Frame = PLAN) -> tuple[Decimal | None, Status, list[bool | None]]:
    result = achieved(GROWTH, *facts, at=at, plan=plan)
    assert result.baseline is None
    return result.value, result.status, [entry.met for entry in result.years]


GROWTH_CASES = {
    "on the last day of a year it has ended": (
        [BASE, states(AUS, 106, 2026)], END_FIRST, (Decimal("6.00"), Status.REACHED, [True])),
    "a day before, the year is running and a partial figure is not judged": (
        [BASE, states(AUS, 106, 2026, MID_FIRST)], END_FIRST - ONE_DAY, (None, Status.NO_DATA, [None])),
    "a partial figure is not judged after the end either": (
        [BASE, states(AUS, 106, 2026, MID_FIRST)], MID_SECOND, (None, Status.NO_DATA, [False, None])),
    "a base that is missing": ([states(AUS, 106, 2026)], END_FIRST, (None, Status.NO_DATA, [False])),
    "a base of zero": (
        [states(AUS, 0, 2025), states(AUS, 106, 2026)], END_FIRST, (None, Status.NO_DATA, [False])),
    "a running year shows the one before, judged by 6 to 8": (
        [BASE, states(AUS, 106, 2026), states(AUS, 200, 2027, MID_SECOND)],
        MID_SECOND, (Decimal("6.00"), Status.ON_TRACK, [True, None])),
    "at least two thirds": (
        [BASE, states(AUS, 104, 2026)], MID_SECOND, (Decimal("4.00"), Status.AT_RISK, [False, None])),
    "a fall": (
        [BASE, states(AUS, 90, 2026)], MID_SECOND, (Decimal("-10.00"), Status.OFF_TRACK, [False, None])),
    "the total of all organisations": (
        [BASE, states(ROCB, 100, 2025), states(AUS, 150, 2026), states(FJI, 60, 2026)],
        END_FIRST, (Decimal("5.00"), Status.REACHED, [True])),
    "both years": (
        [BASE, states(AUS, 110, 2026), states(AUS, 121, 2027)],
        DELIVERABLE, (Decimal("10.00"), Status.ACHIEVED, [True, True])),
    "the second year missed": (
        [BASE, states(AUS, 110, 2026), states(AUS, 110, 2027)],
        DELIVERABLE, (Decimal("0.00"), Status.NOT_ACHIEVED, [True, False])),
    "the second year missing": (
        [BASE, states(AUS, 110, 2026)], DELIVERABLE, (Decimal("10.00"), Status.NOT_ACHIEVED, [True, False])),
    "a base stated late": (
        [states(AUS, 100, 2025, MID_FIRST), states(AUS, 110, 2026)],
        END_FIRST, (Decimal("10.00"), Status.REACHED, [True])),
    "below its target it is not shown as having reached it": (
        [states(AUS, 100000, 2025), states(AUS, 104999, 2026)],
        MID_SECOND, (Decimal("4.99"), Status.AT_RISK, [False, None])),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "at", "wanted"), GROWTH_CASES.values(), ids=GROWTH_CASES)
def test_growth(facts, at, wanted):
    assert grown(*facts, at=at) == wanted


@pytest.mark.parametrize(("value", "verdict"), [("1.34", Status.AT_RISK), ("1.33", Status.OFF_TRACK)])
def test_a_level_is_never_one_short(value, verdict):
    facts = [BASE, states(AUS, 100 + Decimal(value), 2026)]
    shows(achieved(figures(Measure.GROWTH, 2), *facts, at=MID_SECOND), value=value, status=verdict)


def test_growth_of_an_ended_year_that_has_none_is_off_track_whatever_is_shown():
    facts = [BASE, states(AUS, 110, 2026)]
    assert grown(*facts, at=DELIVERABLE, plan=THREE_YEARS) == (
        Decimal("10.00"),
        Status.OFF_TRACK,
        [True, False],
    )


def test_share_is_of_sums_over_the_plan_years_begun():
    rule = figures(Measure.SHARE, 70)
    facts = [
        quota(AUS, 1, 2),
        quota(FJI, 90, 98),
        quota(ROCB, 0, 50),
        quota(JPN, 9, 9, 2025),
        quota(AUS, 0, 30, 2027),
    ]
    shows(achieved(rule, *facts, at=END_FIRST), value="60.67", expected="70", status=Status.AT_RISK)
    shows(achieved(rule, *facts, at=DELIVERABLE), value="50.56", percent="72.2", status=Status.NOT_ACHIEVED)
    shows(achieved(rule, quota(AUS, 0, 0), at=END_FIRST), value=None, percent=None, status=Status.NO_DATA)


def test_members_growing():
    facts = [
        *(states(code, 10, 2025, BASELINE_DATE) for code in (AUS, FJI, JPN)),
        states(AUS, 11, 2026),
        states(FJI, 12, 2026),
        states(FJI, 10, 2027),
        states(JPN, 11, 2026, state=SENT),
        states(NPL, 11, 2026),
        states(ROCB, 1, 2025),
        states(ROCB, 2, 2026),
    ]
    without = lists(not_counted=(NPL,), pending=(JPN,), without_base=(NPL,))
    shows(achieved(GROWING, *facts, at=END_FIRST), value="2", **without | {"counted": (AUS, FJI)})
    latest = lists(counted=(AUS,), not_counted=(FJI, NPL), pending=(JPN,), without_base=(NPL,))
    shows(achieved(GROWING, *facts, at=DELIVERABLE), value="1", status=Status.NOT_ACHIEVED, **latest)


def test_members_growing_silence_is_about_the_years_of_the_plan():
    facts = [
        states(AUS, 10, 2025, BASELINE_DATE),
        states(FJI, 10, 2025, BASELINE_DATE, state=SENT),
        states(FJI, 11, 2026, MID_FIRST),
        excused(JPN, Source.FIGURES),
    ]
    wanted = lists(not_counted=(FJI,), unanswered=(AUS, NPL), not_applicable=(JPN,), without_base=(FJI,))
    shows(achieved(GROWING, *facts, at=END_FIRST), value="0", **wanted)


def test_a_year_that_is_not_applicable_leaves_the_year_before_as_the_latest_stated():
    facts = [
        states(AUS, 10, 2025),
        states(AUS, 11, 2026),
        excused(AUS, Source.FIGURES, 2027, as_at=DELIVERABLE),
    ]
    shows(achieved(GROWING, *facts, at=DELIVERABLE), value="1", counted=(AUS,), not_applicable=())


# ---------------------------------------------------------------- numbers as shown


@pytest.mark.parametrize(
    ("value", "target", "percent"),
    [
        (None, 28, None),
        (26, 28, "92.9"),
        (28, 28, "100.0"),
        (40, 28, "100.0"),
        (-3, 28, "0.0"),
        ("99.96", 100, "99.9"),
        ("27.99", 28, "99.9"),
        ("12.25", 100, "12.3"),
        (0, 28, "0.0"),
    ],
)
def test_percent(value, target, percent):
    exact = None if value is None else Fraction(value)
    assert percent_of(exact, Fraction(target)) == (None if percent is None else Decimal(percent))


@pytest.mark.parametrize(
    ("value", "baseline", "target", "progress"),
    [
        (26, 25, 28, "33.3"),
        (8, 9, 12, "-33.3"),
        (30, 25, 28, "166.7"),
        (9999, 0, 10000, "99.9"),
        (-1, 0, 800, "-0.1"),
        (26, None, 28, None),
        (None, 25, 28, None),
        (26, 28, 28, None),
        (26, 30, 28, None),
    ],
)
def test_progress(value, baseline, target, progress):
    exact = [None if number is None else Fraction(number) for number in (value, baseline)]
    assert progress_of(status(target), *exact) == (None if progress is None else Decimal(progress))


def test_progress_is_for_standing_kpis_only():
    assert progress_of(activities(), Fraction(2), Fraction(1)) is None


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        ("0.05", 1, "0.1"), ("-0.05", 1, "-0.1"), ("0.25", 1, "0.3"), ("-0.25", 1, "-0.3"),
        ("2.675", 2, "2.68"), ("1/3", 2, "0.33"), ("-2/3", 2, "-0.67"), ("-0.001", 2, "0.00"),
    ],
)  # fmt: skip
def test_rounded_half_away_from_zero(number, places, text):
    assert str(rounded(Fraction(number), places)) == text


def test_what_is_below_its_target_is_not_shown_as_having_reached_it():
    assert shown(Fraction("29.996"), 2, Fraction(30)) == Decimal("29.99")
    assert shown(Fraction(30), 2, Fraction(30)) == Decimal("30.00")
    assert shown(Fraction("30.004"), 2, Fraction(30)) == Decimal("30.00")
    crowd = part(AUS, participants=100000, women=49999)
    shows(
        achieved(activities(Measure.WOMEN_SHARE, 50), event(), crowd, at=END_FIRST),
        value="49.99",
        percent="99.9",
        status=Status.AT_RISK,
    )


# ---------------------------------------------------------------- baseline


def test_a_stated_baseline_goes_before_the_collected_one_which_is_still_shown():
    facts = all_say((AUS, FJI), IN_PLACE, BASELINE_DATE)
    shows(achieved(status(3, baseline=Fraction(1)), *facts, at=START), baseline="1", baseline_collected="2")
    shows(achieved(status(3), *facts, at=START), baseline="2", baseline_collected="2", progress="0.0")


def test_the_baseline_is_on_the_accepted_basis_and_unknown_where_nothing_is_recorded():
    sent = says(AUS, IN_PLACE, BASELINE_DATE, SENT)
    shows(achieved(status(), sent, at=START, reported=True), value="1", baseline=None, progress=None)
    shows(
        achieved(status(), says(AUS, PLANNED, BASELINE_DATE), at=START),
        value="0",
        baseline="0",
        progress="0.0",
    )
    shows(achieved(status(), says(AUS, IN_PLACE, START), at=START), value="1", baseline=None)


@pytest.mark.parametrize(
    ("rule", "facts", "baseline"),
    [
        (items_each_year(), [event(date(2025, 7, 1), items=3), event(BASELINE_DATE), event(START)], "4"),
        (items_each_year(), [event(date(2025, 6, 30), items=3)], None),
        (items_each_year(), [event(BASELINE_DATE, **UNDECIDED)], None),
        (EACH_YEAR, [took_part(AUS, year=2025), event(BASELINE_DATE), part(FJI, BASELINE_DATE)], "2"),
        (EACH_YEAR, [took_part(AUS, False, 2025, as_at=BASELINE_DATE)], "0"),
        (EACH_YEAR, [took_part(AUS)], None),
        (figures(Measure.SUM, 9), [BASE, states(FJI, 1, 2026, MID_FIRST)], "100"),
        (GROWTH, [BASE], None),
        (participation(), [took_part(AUS, year=2025, as_at=BASELINE_DATE)], None),
    ],
)  # fmt: skip
def test_the_baseline_of_each_year_is_the_base_year(rule, facts, baseline):
    shows(achieved(rule, *facts, at=END_FIRST), baseline=baseline, baseline_collected=baseline)


# ---------------------------------------------------------------- expected, and the status


def quarter(days: int) -> date:
    return START + timedelta(days=days)


@pytest.mark.parametrize(
    ("rule", "at", "expected"),
    [
        (activities(target=10), START, "0"),
        (activities(target=10), quarter(365), "5"),
        (activities(target=10), quarter(547), "7"),
        (activities(target=10), quarter(548), "8"),
        (activities(target=10), DELIVERABLE - ONE_DAY, "10"),
        (activities(target=10), DELIVERABLE + ONE_DAY, "10"),
        (items_each_year(10), quarter(272), "7"),
        (items_each_year(10), quarter(273), "8"),
        (items_each_year(10), END_FIRST, "10"),
        (items_each_year(10), START_SECOND, "0"),
        (items_each_year(10), DELIVERABLE + ONE_DAY, "10"),
        (status(8, baseline=Fraction(4)), BASELINE_DATE, "4"),
        (status(8, baseline=Fraction(4)), quarter(365), "6"),
        (status(8), quarter(365), "4"),
        (status(4, baseline=Fraction(8)), quarter(365), "6"),
        (activities(Measure.AVERAGE, 4), START, "4"),
        (GROWTH, START, "5"),
        (items_each_year(10), BASELINE_DATE, None),
        (GROWTH, BASELINE_DATE, None),
    ],
)
def test_expected(rule, at, expected):
    shows(achieved(rule, at=at), expected=expected)


def test_the_three_quarters_and_two_thirds_are_settings_of_the_plan():
    strict = replace(PLAN, round_up_from=Fraction(1, 2), at_risk_share=Fraction(9, 10))
    facts = [event(items=90)]
    shows(achieved(activities(target=201), *facts, at=quarter(365)), expected="100", status=Status.AT_RISK)
    shows(
        achieved(activities(target=201), *facts, at=quarter(365), plan=strict),
        expected="101",
        status=Status.OFF_TRACK,
    )


STATUS_TABLE = [
    # the value against a target of 30 in the plan, half of which has gone by: 15 expected
    (activities(target=30), 30, quarter(365), Status.REACHED),
    (activities(target=30), 15, quarter(365), Status.ON_TRACK),
    (activities(target=30), 14, quarter(365), Status.AT_RISK),
    (activities(target=30), 10, quarter(365), Status.AT_RISK),
    (activities(target=30), 9, quarter(365), Status.OFF_TRACK),
    (activities(target=30), 30, DELIVERABLE - ONE_DAY, Status.REACHED),
    (activities(target=30), 30, DELIVERABLE, Status.ACHIEVED),
    (activities(target=30), 29, DELIVERABLE, Status.NOT_ACHIEVED),
    (activities(target=30), 30, DELIVERABLE + ONE_DAY, Status.ACHIEVED),
    (activities(target=30), 30, BASELINE_DATE, Status.NOT_BEGUN),
    # a count is at most one short of 1, though it is less than two thirds
    (activities(target=2), 0, quarter(365), Status.NO_DATA),
    (activities(target=3), 1, quarter(547), Status.AT_RISK),
]


@pytest.mark.parametrize(("rule", "items", "at", "verdict"), STATUS_TABLE)
def test_the_status_of_a_count(rule, items, at, verdict):
    facts = [event(START, items=items)] if items else []
    shows(achieved(rule, *facts, at=at), status=verdict)


def test_one_short_is_at_risk_and_two_are_off_track():
    rule = status(28, baseline=Fraction(25))
    for number, verdict in ((26, Status.ON_TRACK), (25, Status.AT_RISK), (24, Status.OFF_TRACK)):
        facts = all_say(ALL[:number], IN_PLACE, END_FIRST)
        shows(achieved(rule, *facts, at=quarter(400), members=ALL), expected="26", status=verdict)


def test_the_gain_of_a_standing_kpi_is_counted_from_its_baseline():
    rule = status(35, baseline=Fraction(15))
    for number, verdict in ((25, Status.ON_TRACK), (22, Status.AT_RISK), (21, Status.OFF_TRACK)):
        facts = all_say(ALL[:number], IN_PLACE, END_FIRST)
        shows(achieved(rule, *facts, at=quarter(365), members=ALL), expected="25", status=verdict)
    facts = all_say(ALL[:12], IN_PLACE, END_FIRST)
    shows(achieved(status(35), *facts, at=quarter(365), members=ALL), expected="17", status=Status.AT_RISK)


@pytest.mark.parametrize("baseline", [3, 4])
def test_a_baseline_at_or_above_the_target_leaves_no_progress(baseline):
    rule = status(3, baseline=Fraction(baseline))
    two, three = all_say((AUS, FJI), IN_PLACE, MID_FIRST), all_say((AUS, FJI, JPN), IN_PLACE, MID_FIRST)
    shows(achieved(rule, *three, at=MID_FIRST), progress=None, percent="100.0", status=Status.REACHED)
    shows(achieved(rule, *two, at=MID_FIRST), progress=None, percent="66.7", expected="3")


def test_a_standing_kpi_can_be_reached_before_the_plan_starts():
    facts = all_say(FEW, IN_PLACE, BASELINE_DATE)
    shows(achieved(status(4), *facts, at=BASELINE_DATE), status=Status.REACHED, progress=None, baseline="4")


EACH_YEAR_TABLE = [
    # items in the first and in the second year, against 4 in each
    (3, 0, END_FIRST - ONE_DAY, Status.AT_RISK, [None]),
    (4, 0, END_FIRST - ONE_DAY, Status.REACHED, [True]),
    (3, 0, END_FIRST, Status.OFF_TRACK, [False]),
    (4, 0, END_FIRST, Status.REACHED, [True]),
    (4, 0, START_SECOND, Status.ON_TRACK, [True, None]),
    (3, 4, MID_SECOND, Status.REACHED, [False, True]),
    (3, 4, DELIVERABLE, Status.NOT_ACHIEVED, [False, True]),
    (4, 3, DELIVERABLE, Status.NOT_ACHIEVED, [True, False]),
    (4, 4, DELIVERABLE, Status.ACHIEVED, [True, True]),
    (4, 4, DELIVERABLE + 90 * ONE_DAY, Status.ACHIEVED, [True, True]),
]


@pytest.mark.parametrize(("first", "second", "at", "verdict", "met"), EACH_YEAR_TABLE)
def test_the_status_of_each_year(first, second, at, verdict, met):
    facts = [event(START, items=first), event(START_SECOND, items=second)]
    result = achieved(items_each_year(4), *facts, at=at)
    shows(result, status=verdict)
    assert [entry.met for entry in result.years] == met


def test_every_plan_year_is_needed_also_of_three():
    facts = [event(START, items=4), event(START_SECOND, items=4), event(date(2028, 7, 1), items=3)]
    at = THREE_YEARS.deliverable_date
    shows(achieved(items_each_year(4), *facts, at=at, plan=THREE_YEARS), status=Status.NOT_ACHIEVED, years_met=2)
    facts.append(event(at))
    shows(achieved(items_each_year(4), *facts, at=at, plan=THREE_YEARS), status=Status.ACHIEVED, years_met=3)


def test_a_deliverable_date_in_the_last_year_judges_the_years_as_they_stand():
    early = replace(PLAN, deliverable_date=date(2028, 3, 31))
    facts = [event(START, items=4), event(START_SECOND, items=3), event(date(2028, 4, 1))]
    shows(achieved(items_each_year(4), *facts, at=date(2028, 3, 31), plan=early), status=Status.NOT_ACHIEVED)
    shows(achieved(items_each_year(4), *facts, at=date(2028, 4, 1), plan=early), status=Status.ACHIEVED)


def test_after_the_plans_end_nothing_more_is_counted_but_what_is_standing():
    after = DELIVERABLE + ONE_DAY
    shows(achieved(activities(), event(items=3), event(after), at=after), value="3", status=Status.NOT_ACHIEVED)
    shows(achieved(items_each_year(), event(DELIVERABLE, items=3), event(after), at=after), value="3")
    facts = all_say((AUS, FJI), IN_PLACE, MID_FIRST)
    shows(achieved(status(3), *facts, says(JPN, IN_PLACE, after), at=after), value="3", status=Status.ACHIEVED)
