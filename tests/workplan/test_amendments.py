"""A plan is amended: drafted, looked at, published; what was valid before stays readable."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.history import changes_of, sentence_of
from members.models import AuditEntry
from members.refusals import Stale
from tests.reporting.region import kpi, make_people
from workplan.actions import (
    Drafting,
    add_element,
    begin_amendment,
    change_element,
    confirm_reading,
    discard_amendment,
    edit_amendment,
    publish_amendment,
    take_back,
)
from workplan.choices import Kind
from workplan.models import Amendment, Kpi, Milestone, Plan, Reading, Wording
from workplan.outline import said
from workplan.queries import draft_of, history_of, plan_at, readings_to_decide
from workplan.tree import KpiText, PlanText

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
BEFORE, FROM, AFTER = date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1)


@pytest.fixture
def people(plan):
    return make_people()


class Desk:
    """Somebody at work on one amendment, who has always seen its latest state."""

    def __init__(self, plan: Plan, by, valid_from: date = FROM) -> None:
        self.by = by
        facts = {"title": "Mid-term", "reason": "The conference decided so.", "by": by, "now": NOW}
        self.amendment = begin_amendment(plan=plan, valid_from=valid_from, **facts)

    @property
    def seen(self) -> dict:
        self.amendment.refresh_from_db()
        return {"amendment": self.amendment, "seen": self.amendment.edits, "by": self.by}

    def change(self, kind: Kind, code: str, **says):
        return change_element(**self.seen, kind=kind, code=code, says=says)

    def add(self, kind: Kind, code: str, **says):
        return add_element(**self.seen, kind=kind, code=code, says=says)

    def take_back(self, kind: Kind, code: str) -> None:
        take_back(**self.seen, kind=kind, code=code)

    def publish(self) -> Amendment:
        return publish_amendment(**self.seen, now=NOW)


@pytest.fixture
def desk(plan, people) -> Desk:
    return Desk(plan, people.ada)


def row(text: PlanText, code: str) -> KpiText | None:
    return next((each for each in text.kpis if each.code == code), None)


def new_kpi(plan: Plan, parent: str, **more) -> dict:
    """What a new KPI says: what another one says, in other words."""
    like = said(history_of(plan).outline(FROM).nodes[Kind.KPI, "1.1.1(b)"])
    words = {"text": "Number of ports", "target": "At least 5 ports", "parent": parent, "position": "1"}
    return like | words | more


# ---------------------------------------------------------------- each kind of change


def test_words_change_from_the_day_and_stay_before_it(plan, desk):
    desk.change(Kind.KPI, "1.1.1(b)", text="Number of administrations", target="At least 28 of 35")
    old = row(plan_at(plan, FROM), "1.1.1(b)")
    desk.publish()
    assert row(plan_at(plan, BEFORE), "1.1.1(b)") == old
    assert row(plan_at(plan, FROM), "1.1.1(b)") == replace(
        old, text="Number of administrations", target="At least 28 of 35", amendment=1
    )
    assert plan_at(plan, BEFORE).amendment is None
    assert plan_at(plan, AFTER).amendment == 1


def test_a_reading_changes_and_says_by_which_amendment(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 30/35 Members", target_value="30", counts_from="in_progress")
    old = row(plan_at(plan, FROM), "1.1.1(b)").reading
    desk.publish()
    new = row(plan_at(plan, FROM), "1.1.1(b)").reading
    assert row(plan_at(plan, BEFORE), "1.1.1(b)").reading == old
    assert (new.target, new.counts_from, new.valid_from, new.amendment) == (Decimal(30), "in_progress", FROM, 1)
    entry = AuditEntry.objects.get(object_type="workplan.kpi", action=AuditAction.CHANGED)
    assert entry.changes == {
        "target": ["At least 28/35 Members", "At least 30/35 Members"],
        "target_value": ["28", "30"],
        "counts_from": ["in_place", "in_progress"],
    }
    assert (entry.actor_email, entry.reason) == (people.ada.email, "The conference decided so.")


def test_whom_a_reading_asks_changes(plan, desk):
    desk.change(Kind.KPI, "2.1.1(a).1", reporters=["JPN", "RILO"])
    desk.publish()
    assert row(plan_at(plan, FROM), "2.1.1(a).1").reading.reporters == ("JPN", "RILO")
    assert row(plan_at(plan, BEFORE), "2.1.1(a).1").reading.reporters == ("RILO",)


def test_a_kpi_moves_under_another_milestone_and_keeps_its_code(plan, desk):
    desk.change(Kind.KPI, "1.1.1(b)", parent="4.1.1(a)", position="900")
    desk.change(Kind.MILESTONE, "1.1.1(b)", retired=True)
    drafted = draft_of(desk.amendment).text(FROM)
    desk.publish()
    at = {
        day: {each.code: [kpi.code for kpi in each.kpis] for each in plan_at(plan, day).focus_areas}
        for day in (BEFORE, FROM)
    }
    assert "1.1.1(b)" in at[BEFORE]["1"]
    assert "1.1.1(b)" not in at[FROM]["1"]
    assert at[FROM]["4"][:2] == ["4.1.1(a)", "1.1.1(b)"]
    assert row(plan_at(plan, FROM), "1.1.1(b)").milestone == row(drafted, "1.1.1(b)").milestone
    assert len(list(plan_at(plan, FROM).kpis)) == 87


@pytest.mark.parametrize(
    ("kind", "code"), [(Kind.KPI, "2.1.1(a).2"), (Kind.SPECIFIC_ACTION, "1.1.3"), (Kind.FOCUS_AREA, "4")]
)
def test_what_is_retired_is_no_longer_part_of_the_plan_with_all_under_it(plan, desk, kind, code):
    count = len(list(plan_at(plan, BEFORE).kpis))
    expected = len(list(history_of(plan).outline(FROM).descendants(history_of(plan).outline(FROM).nodes[kind, code])))
    desk.change(kind, code, retired=True)
    desk.publish()
    gone = {each.code for each in plan_at(plan, BEFORE).kpis} - {each.code for each in plan_at(plan, FROM).kpis}
    assert len(list(plan_at(plan, BEFORE).kpis)) == count
    assert all(each.startswith(code) for each in gone)
    retired = Wording.objects.filter(retired=True)
    assert retired.count() == expected + 1
    assert {each.code for each in Kpi.objects.filter(wordings__retired=True)} == gone


def test_a_new_objective_with_all_that_belongs_to_it(plan, desk):
    desk.add(Kind.OBJECTIVE, "1.9", text="Ports", parent="1", position="99")
    desk.add(Kind.SPECIFIC_ACTION, "1.9.1", text="Connect ports", parent="1.9", position="1")
    desk.add(Kind.MILESTONE, "1.9.1(a)", text="Ports are connected", parent="1.9.1", position="1")
    desk.add(Kind.KPI, "1.9.1(a)", **new_kpi(plan, "1.9.1(a)"))
    drafted = draft_of(desk.amendment).text(FROM)
    desk.publish()
    assert row(plan_at(plan, BEFORE), "1.9.1(a)") is None
    published = plan_at(plan, FROM)
    assert published.focus_areas[0].objectives[-1].title == "Ports"
    found, was = row(published, "1.9.1(a)"), row(drafted, "1.9.1(a)")
    assert (found.milestone, found.text, found.target) == (was.milestone, was.text, was.target)
    assert found.id == Kpi.objects.get(plan=plan, code="1.9.1(a)").pk


def test_a_theme_and_a_milestone_under_it(plan, desk):
    desk.add(Kind.THEME, "1.1.3-13", text="Drones", parent="1.1.3", position="13")
    desk.add(Kind.MILESTONE, "1.1.3-13", text="Drones fly", parent="1.1.3-13", position="1")
    desk.add(Kind.KPI, "1.1.3-13", **new_kpi(plan, "1.1.3-13"))
    desk.publish()
    found = row(plan_at(plan, FROM), "1.1.3-13")
    assert (found.theme_number, found.theme, found.milestone) == (13, "Drones", "Drones fly")
    milestone = Milestone.objects.get(plan=plan, code="1.1.3-13")
    assert (milestone.theme.code, milestone.specific_action.code) == ("1.1.3-13", "1.1.3")


def test_who_co_ordinates_a_focus_area(plan, desk):
    desk.change(Kind.FOCUS_AREA, "1", co_coordinators=["CHN", "JPN"])
    desk.publish()
    assert plan_at(plan, FROM).focus_areas[0].co_coordinators == ("CHN", "JPN")
    assert Wording.objects.filter(amendment=desk.amendment).count() == 1


# ---------------------------------------------------------------- a draft


def test_a_draft_changes_nothing_that_is_published(plan, desk):
    before = plan_at(plan, AFTER)
    desk.change(Kind.KPI, "1.1.1(b)", text="Other words", target_value="30")
    desk.change(Kind.OBJECTIVE, "1.1", retired=True)
    assert plan_at(plan, AFTER) == before
    assert draft_of(desk.amendment).text(BEFORE) == before


def test_what_the_draft_shows_is_what_is_published(plan, desk):
    desk.change(Kind.FOCUS_AREA, "2", text="Security first")
    desk.change(Kind.KPI, "1.1.1(b)", target_value="30", text="Other words")
    desk.change(Kind.KPI, "1.1.1(a)", parent="1.1.1(b)", position="0.5")
    desk.change(Kind.MILESTONE, "1.1.1(a)", retired=True)
    desk.add(Kind.KPI, "1.1.1(c).2", **new_kpi(plan, "1.1.1(c)"))
    drafted = draft_of(desk.amendment).text(AFTER)
    desk.publish()
    assert plain(plan_at(plan, AFTER)) == plain(drafted)


def plain(text: PlanText) -> list:
    """Without what is known only afterwards: the rows' numbers, and which amendment it was."""
    return [
        (area.code, area.title, objective.code, action.code, replace(each, id=0, amendment=None, reading=undated(each)))
        for area in text.focus_areas
        for objective in area.objectives
        for action in objective.actions
        for each in action.kpis
    ]


def undated(each: KpiText):
    return replace(each.reading, valid_from=FROM, amendment=None)


def test_to_write_what_it_says_already_is_no_change(desk):
    desk.change(Kind.KPI, "1.1.1(b)", text="Other words")
    assert desk.change(Kind.KPI, "1.1.1(b)", text="Number of Members") is None
    assert desk.amendment.changes.count() == 0


def test_a_second_change_of_an_element_adds_to_the_first(desk):
    desk.change(Kind.KPI, "1.1.1(b)", text="Other words")
    change = desk.change(Kind.KPI, "1.1.1(b)", target_value="30")
    assert change.was == {"text": "Number of Members", "target_value": "28"}
    assert change.says == {"text": "Other words", "target_value": "30"}


def test_a_change_is_taken_back_and_what_stands_under_it_first(plan, desk):
    desk.add(Kind.MILESTONE, "1.1.1(z)", text="Last", parent="1.1.1", position="99")
    desk.add(Kind.KPI, "1.1.1(z)", **new_kpi(plan, "1.1.1(z)"))
    with pytest.raises(ValidationError, match=r"KPI 1\.1\.1\(z\) stands under it\. Take that away first\."):
        desk.take_back(Kind.MILESTONE, "1.1.1(z)")
    desk.take_back(Kind.KPI, "1.1.1(z)")
    desk.take_back(Kind.MILESTONE, "1.1.1(z)")
    assert desk.amendment.changes.count() == 0


def test_somebody_elses_change_is_not_overwritten(desk, people):
    old = desk.seen
    desk.change(Kind.KPI, "1.1.1(b)", text="Other words")
    with pytest.raises(Stale):
        change_element(**(old | {"amendment": Amendment.objects.get()}), kind=Kind.KPI, code="1.1.1(a)", says={})
    with pytest.raises(Stale):
        publish_amendment(**old, now=NOW)
    assert desk.amendment.changes.get().says == {"text": "Other words"}


def test_a_published_or_discarded_draft_is_over(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", text="Other words")
    desk.publish()
    with pytest.raises(ValidationError, match="is published"):
        desk.change(Kind.KPI, "1.1.1(b)", text="More words")
    other = Desk(plan, people.ed)
    discard_amendment(**other.seen, now=NOW)
    with pytest.raises(ValidationError, match="was discarded"):
        other.publish()
    assert [each.number for each in Amendment.objects.all()] == [1, 2]


# ---------------------------------------------------------------- the history


def headlines() -> list[str]:
    return [sentence_of(each) for each in AuditEntry.objects.order_by("pk")]


def test_each_headline_says_which_element(plan, desk):
    already = len(headlines())
    desk.change(Kind.KPI, "1.1.1(b)", text="Number of Members that " + "really " * 20 + "do so")
    desk.change(Kind.OBJECTIVE, "4.3", retired=True)
    desk.take_back(Kind.OBJECTIVE, "4.3")
    desk.publish()
    first, retired, back, published, _ = headlines()[already:]
    where = "…” in the draft of “Amendment 1: Mid-term”"
    assert first.startswith("Ada reworded the KPI “1.1.1(b): Number of Members that really")
    assert first.endswith(f"really{where}")
    assert retired.startswith("Ada retired the objective “4.3: ")
    assert back.startswith("Ada took back the change of the objective “4.3: ")
    assert retired.endswith(where)
    assert back.endswith(where)
    assert published.startswith("Ada changed the KPI “1.1.1(b): Number of Members that really")


def told() -> list[str]:
    """What the newest entry says of each field."""
    return [f"{each.label}: {each.words}" for each in changes_of(AuditEntry.objects.latest("pk"), ZoneInfo("UTC"))]


def test_what_is_drafted_is_told_against_the_plan_in_force(plan, desk):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 30/35 Members")
    assert told()[0] == "Target: from At least 28/35 Members to At least 30/35 Members"
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 31/35 Members")
    assert told() == ["Target: from At least 30/35 Members to At least 31/35 Members"]
    desk.take_back(Kind.KPI, "1.1.1(b)")
    assert told()[0] == "Target: from At least 31/35 Members to At least 28/35 Members"
    desk.change(Kind.OBJECTIVE, "4.3", retired=True)
    assert told() == ["Retired: from no to yes"]
    desk.take_back(Kind.OBJECTIVE, "4.3")
    assert told() == ["Retired: from yes to no"]


def test_what_is_added_or_moved_says_so_and_no_empty_field(plan, desk):
    desk.add(Kind.KPI, "1.1.1(b).2", **new_kpi(plan, "1.1.1(b)", guidance="", baseline=None))
    assert headlines()[-1] == (
        "Ada added the KPI “1.1.1(b).2: Number of ports” in the draft of “Amendment 1: Mid-term”"
    )
    said_of_it = told()
    assert said_of_it[0] == "KPI: Number of ports"
    assert not [each for each in said_of_it if each.endswith((": –", ": nothing", ": no")) or "1.1.1(b).2" in each]
    assert not [each for each in said_of_it if each.startswith(("Guidance", "Baseline:"))]
    desk.change(Kind.KPI, "1.1.1(c)", position="7")
    assert headlines()[-1].startswith("Ada moved the KPI “1.1.1(c): ")
    desk.change(Kind.KPI, "1.1.1(c)", guidance="Other guidance")
    assert headlines()[-1].startswith("Ada changed the KPI “1.1.1(c): ")
    desk.take_back(Kind.KPI, "1.1.1(b).2")
    assert headlines()[-1].startswith("Ada took back the change of the KPI “1.1.1(b).2: Number of ports”")
    assert told()[0] == "KPI: from Number of ports to nothing"


def test_of_several_elements_each_is_named_once(plan, desk):
    with transaction.atomic():
        drafting = Drafting(**desk.seen)
        drafting.change(Kind.OBJECTIVE, "4.3", {"retired": True})
        drafting.change(Kind.KPI, "1.1.1(b)", {"text": "Number of ports", "responsible": "Nobody else"})
        drafting.keep()
    assert headlines()[-1].startswith("Ada changed the objective “4.3: ")
    assert headlines()[-1].endswith("” and 1 more element in the draft of “Amendment 1: Mid-term”")
    first, second, third = told()
    assert first == "Objective 4.3, retired: Retired: from no to yes"
    assert second.startswith("KPI 1.1.1(b), reworded: KPI: from ")
    assert third.startswith("Responsible: from ")


def test_older_entries_of_a_draft_still_read(plan, desk):
    changes = {"elements": ({"KPI 1.1.1(b), Target": "At least 29"}, {"KPI 1.1.1(b), Target": "At least 30"})}
    record(by=desk.by, action=AuditAction.CHANGED, obj=desk.amendment, changes=changes)
    assert headlines()[-1] == "Ada changed the amendment “Amendment 1: Mid-term”"
    assert told() == ["In the draft: KPI 1.1.1(b), Target: from At least 29 to At least 30"]


def test_the_headline_of_a_confirmed_reading_says_which_kpi(plan, people):
    reading = Reading.objects.filter(decision_needed=True, kpi__code="4.1.1(c)").get()
    confirm_reading(reading=reading, why="Agreed in Suva.", by=people.ada, now=NOW)
    assert headlines()[-1].startswith("Ada confirmed the reading “4.1.1(c): Attach WCO guidance")


def test_no_draft_settles_what_waits_for_a_decision(plan, desk, people):
    reading = Reading.objects.filter(decision_needed=True, kpi__code="4.1.1(c)").get()
    with pytest.raises(ValidationError, match="An administrator confirms it with a reason"):
        desk.change(Kind.KPI, "4.1.1(c)", decision_needed=False)
    desk.change(Kind.KPI, "4.1.1(c)", guidance="Other guidance")
    confirm_reading(reading=reading, why="Agreed in Suva.", by=people.ada, now=NOW)
    desk.change(Kind.KPI, "4.1.1(c)", decision_needed=False)
    desk.publish()
    assert not row(plan_at(plan, FROM), "4.1.1(c)").reading.unconfirmed


# ---------------------------------------------------------------- a target that contradicts its reading


def test_a_target_that_contradicts_its_reading_waits_for_a_decision(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    told = ("The target says 5, the reading at least 28 of 35.",)
    assert draft_of(desk.amendment).contradicting == {"1.1.1(b)": told}
    assert desk.amendment.changes.get().says == {"target": "At least 5/35 Members"}
    desk.publish()
    assert row(plan_at(plan, FROM), "1.1.1(b)").reading.unconfirmed
    assert not row(plan_at(plan, BEFORE), "1.1.1(b)").reading.unconfirmed
    reading = readings_to_decide(plan, FROM).get(kpi__code="1.1.1(b)")
    confirm_reading(reading=reading, why="A misprint.", by=people.ada, now=NOW)
    assert not row(plan_at(plan, FROM), "1.1.1(b)").reading.unconfirmed


def test_a_contradiction_that_is_mended_in_the_draft_asks_for_nothing(plan, desk):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    desk.change(Kind.KPI, "1.1.1(b)", target_value="5")
    assert draft_of(desk.amendment).contradicting == {}
    desk.publish()
    assert not row(plan_at(plan, FROM), "1.1.1(b)").reading.unconfirmed


def test_a_contradiction_that_was_confirmed_is_not_asked_again(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    desk.publish()
    reading = readings_to_decide(plan, FROM).get(kpi__code="1.1.1(b)")
    confirm_reading(reading=reading, why="A misprint.", by=people.ada, now=NOW)
    later = Desk(plan, people.ed, AFTER)
    later.change(Kind.KPI, "1.1.1(b)", guidance="Other guidance")
    assert draft_of(later.amendment).contradicting == {}
    later.publish()
    assert not row(plan_at(plan, AFTER), "1.1.1(b)").reading.unconfirmed


def test_what_another_reading_replaced_no_longer_waits(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    desk.publish()
    later = Desk(plan, people.ed, AFTER)
    later.change(Kind.KPI, "1.1.1(b)", target_value="5", decision_needed=False)
    later.publish()
    waits = [
        readings_to_decide(plan, day).filter(kpi__code="1.1.1(b)", confirmed_at=None).exists() for day in (FROM, AFTER)
    ]
    assert waits == [True, False]


def test_the_reading_of_a_retired_kpi_waits_for_nobody(plan, desk, people):
    waiting, confirmed = (
        Reading.objects.get(kpi__code=code, decision_needed=True) for code in ("1.1.2(c)", "4.1.1(c)")
    )
    confirm_reading(reading=confirmed, why="Agreed.", by=people.ada, now=NOW)
    for each in (waiting, confirmed):
        desk.change(Kind.KPI, each.kpi.code, retired=True)
        desk.change(Kind.MILESTONE, each.kpi.milestone.code, retired=True)
    desk.publish()
    told = {day: {each.pk for each in readings_to_decide(plan, day)} for day in (BEFORE, FROM)}
    assert told[BEFORE] - told[FROM] == {waiting.pk}


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("kind", "code", "says", "sentence"),
    [
        (Kind.KPI, "9.9.9(a)", {}, "KPI 9.9.9(a) is not in this plan."),
        (Kind.KPI, "1.1.1(b)", {"text": ""}, "Write the text as the plan is to say it."),
        (Kind.KPI, "1.1.1(b)", {"target": ""}, "Write the target as the plan is to say it."),
        (Kind.KPI, "1.1.1(b)", {"responsible": ""}, "Say who is responsible."),
        (Kind.KPI, "1.1.1(b)", {"text": "x" * 5001}, "This is longer than 5000 letters."),
        (Kind.KPI, "1.1.1(b)", {"parent": ""}, "Choose the milestone that this stands under."),
        (Kind.KPI, "1.1.1(b)", {"parent": "1.1.1"}, "There is no milestone 1.1.1 in this plan."),
        (Kind.KPI, "1.1.1(b)", {"target_value": "36"}, "A target is more than 0 and not more than its denominator."),
        (Kind.KPI, "1.1.1(b)", {"target_value": "-1"}, "A target is more than 0 and not more than its denominator."),
        (Kind.KPI, "1.1.1(b)", {"measure": "sum"}, "This combination of source, measure and period does not exist."),
        (Kind.KPI, "1.1.1(b)", {"reporter_group": ""}, "Say who is asked: a group, organisations, or both."),
        (Kind.OBJECTIVE, "1.1", {"responsible": "Members"}, "Objective: responsible cannot be changed."),
    ],
)
def test_a_change_that_does_not_fit_is_refused(desk, kind, code, says, sentence):
    with pytest.raises(ValidationError) as told:
        desk.change(kind, code, **says)
    assert sentence in told.value.messages
    assert desk.amendment.changes.count() == 0


@pytest.mark.parametrize(
    ("kind", "code", "parent", "sentence"),
    [
        (Kind.OBJECTIVE, "1.1", "1", "1.1 exists already."),
        (Kind.OBJECTIVE, "2.9", "1", "The code of this objective is written like 1.4."),
        (Kind.OBJECTIVE, "1.x", "1", "The code of this objective is written like 1.4."),
        (Kind.OBJECTIVE, "1.9", "7", "There is no focus area 7 in this plan."),
        (Kind.MILESTONE, "zzz", "4.1.2", "The code of this milestone is written like 4.1.2(c)."),
    ],
)
def test_a_new_element_with_a_wrong_code_is_refused(desk, kind, code, parent, sentence):
    with pytest.raises(ValidationError) as told:
        desk.add(kind, code, text="New", parent=parent, position="1")
    assert sentence in told.value.messages


def test_nothing_stands_under_what_is_retired(plan, desk):
    desk.change(Kind.MILESTONE, "1.1.1(a)", retired=True)
    with pytest.raises(ValidationError) as told:
        desk.change(Kind.KPI, "1.1.1(b)", parent="1.1.1(a)")
    sentence = "Milestone 1.1.1(a) is retired, or stands under what is: choose another milestone."
    assert told.value.message_dict == {"parent": [sentence]}


def test_it_is_told_which_kpis_go_to_another_focus_area(desk):
    desk.change(Kind.SPECIFIC_ACTION, "1.1.2", parent="2.1")
    [shift] = draft_of(desk.amendment).shifts
    assert (shift.before.code, shift.after.code, shift.kpis[0]) == ("1", "2", "1.1.2(a)")
    gone = len(shift.kpis)
    assert (shift.count_before[0] - shift.count_before[1], shift.count_after[1] - shift.count_after[0]) == (gone, gone)
    desk.change(Kind.SPECIFIC_ACTION, "1.1.2", parent="1.2")
    assert draft_of(desk.amendment).shifts == []


def test_a_retired_code_is_not_used_again(plan, desk, people):
    desk.change(Kind.KPI, "2.1.1(a).2", retired=True)
    desk.publish()
    later = Desk(plan, people.ada, AFTER)
    with pytest.raises(ValidationError, match="It was retired, and codes are not used again"):
        later.add(Kind.KPI, "2.1.1(a).2", **new_kpi(plan, "2.1.1(a)"))


def test_an_amendment_is_valid_from_a_day_of_its_plan(plan, people):
    for day in (date(2026, 6, 29), date(2028, 7, 1)):
        with pytest.raises(ValidationError, match=r"from 30\.06\.26 to 30\.06\.28"):
            Desk(plan, people.ada, day)


def test_nothing_is_published_without_a_reason_or_a_change(plan, desk):
    with pytest.raises(ValidationError) as told:
        desk.publish()
    edit_amendment(**desk.seen, title="Mid-term", valid_from=FROM, reason="", now=NOW)
    with pytest.raises(ValidationError) as told_more:
        desk.publish()
    assert told.value.messages == ["This amendment changes nothing yet."]
    assert told_more.value.messages == ["This amendment changes nothing yet.", "The amendment gives no reason yet."]


def test_a_heading_without_a_kpi_is_not_published(plan, desk):
    desk.change(Kind.KPI, "1.1.1(b)", retired=True)
    with pytest.raises(ValidationError, match=r"Milestone 1\.1\.1\(b\) has no KPI\. Add one, or retire it\."):
        desk.publish()
    assert not Wording.objects.filter(retired=True).exists()


def test_what_another_amendment_changed_meanwhile_is_not_overwritten(plan, desk, people):
    other = Desk(plan, people.ed, date(2026, 12, 1))
    desk.change(Kind.KPI, "1.1.1(b)", text="Ours")
    other.change(Kind.KPI, "1.1.1(b)", text="Theirs")
    other.publish()
    with pytest.raises(ValidationError, match="was changed by another amendment meanwhile"):
        desk.publish()
    desk.take_back(Kind.KPI, "1.1.1(b)")
    desk.change(Kind.KPI, "1.1.1(b)", text="Ours")
    desk.publish()
    assert [row(plan_at(plan, day), "1.1.1(b)").text for day in (date(2026, 12, 2), FROM)] == ["Theirs", "Ours"]


def moved_and_its_new_place(plan, desk):
    desk.change(Kind.KPI, "2.1.1(a).2", parent="2.1.1(b)", position="9")


def added_under_it(plan, desk):
    desk.add(Kind.KPI, "2.1.1(b).9", **new_kpi(plan, "2.1.1(b)"))


@pytest.mark.parametrize(("draft", "code"), [(moved_and_its_new_place, "2.1.1(a).2"), (added_under_it, "2.1.1(b).9")])
@pytest.mark.parametrize("day", [FROM, date(2026, 12, 1)])
def test_nothing_is_published_under_what_another_amendment_retires(plan, desk, people, draft, code, day):
    other = Desk(plan, people.ed, day)
    draft(plan, desk)
    other.change(Kind.MILESTONE, "2.1.1(b)", retired=True)
    other.publish()
    sentence = f"KPI {code} stands under what is not in the plan on 01.01.27. Move it, or take the change back."
    with pytest.raises(ValidationError) as told:
        desk.publish()
    assert told.value.messages == [sentence]
    assert row(plan_at(plan, AFTER), "2.1.1(a).2")
    assert not Kpi.objects.filter(code="2.1.1(b).9").exists()


@pytest.mark.parametrize("draft", [moved_and_its_new_place, added_under_it])
def test_nothing_is_published_under_what_is_retired_on_a_later_day(plan, desk, people, draft):
    other = Desk(plan, people.ed, AFTER)
    other.change(Kind.MILESTONE, "2.1.1(b)", retired=True)
    other.publish()
    draft(plan, desk)
    with pytest.raises(ValidationError, match=r"would stand under a retired element from 01\.01\.28 on"):
        desk.publish()


def test_nothing_is_retired_under_which_something_begins_on_a_later_day(plan, desk, people):
    other = Desk(plan, people.ed, AFTER)
    added_under_it(plan, other)
    other.publish()
    desk.change(Kind.MILESTONE, "2.1.1(b)", retired=True)
    with pytest.raises(
        ValidationError, match=r"KPI 2\.1\.1\(b\)\.9 would stand under a retired element from 01\.01\.28"
    ):
        desk.publish()


def test_what_another_amendment_retired_is_not_published_as_changed(plan, desk, people):
    other = Desk(plan, people.ed, date(2026, 12, 1))
    desk.change(Kind.KPI, "2.1.1(a).2", text="Other words")
    other.change(Kind.KPI, "2.1.1(a).2", retired=True)
    other.publish()
    with pytest.raises(ValidationError, match=r"KPI 2\.1\.1\(a\)\.2 is retired by another amendment on 01\.01\.27"):
        desk.publish()


def test_what_is_new_is_not_retired_at_once(plan, desk):
    added_under_it(plan, desk)
    desk.change(Kind.KPI, "2.1.1(b).9", retired=True)
    with pytest.raises(ValidationError, match=r"KPI 2\.1\.1\(b\)\.9 is new and retired at once"):
        desk.publish()


def test_who_saw_a_draft_before_the_plan_changed_sees_it_again(plan, desk, people):
    other = Desk(plan, people.ed)
    desk.change(Kind.KPI, "1.1.1(b)", text="Ours")
    other.change(Kind.KPI, "1.1.1(a)", text="Theirs")
    seen = desk.seen
    other.publish()
    with pytest.raises(Stale):
        publish_amendment(**(seen | {"amendment": Amendment.objects.get(number=1)}), now=NOW)
    desk.publish()


def test_no_version_is_put_before_a_later_one(plan, desk, people):
    desk.change(Kind.KPI, "1.1.1(b)", text="From January")
    desk.publish()
    earlier = Desk(plan, people.ed, date(2026, 12, 1))
    late = Desk(plan, people.ed, date(2027, 6, 1))
    late.change(Kind.KPI, "1.1.1(b)", text="From June")
    with pytest.raises(ValidationError, match=r"has a version from 01\.01\.27"):
        earlier.change(Kind.KPI, "1.1.1(b)", text="From December")
    edit_amendment(**late.seen, title="Early", valid_from=date(2026, 12, 1), reason="Agreed.", now=NOW)
    with pytest.raises(ValidationError, match=r"has a version from 01\.01\.27"):
        late.publish()


def test_no_retirement_is_put_before_a_later_version_of_what_stands_below(plan, desk, people):
    other = Desk(plan, people.ed)
    other.change(Kind.KPI, "4.3.1(a)", text="Other words")
    other.publish()
    desk.change(Kind.OBJECTIVE, "4.3", retired=True)
    with pytest.raises(ValidationError) as told:
        desk.publish()
    sentence = "KPI 4.3.1(a) has a version from 01.01.27. An amendment of it is valid from a later day."
    assert told.value.messages == [sentence]


@pytest.mark.parametrize("position", ["0.00000000000000000001", "10000000000"])
def test_a_position_that_cannot_be_kept_is_refused_at_once(desk, position):
    with pytest.raises(ValidationError) as told:
        desk.change(Kind.KPI, "1.1.1(b)", position=position)
    assert told.value.messages == ["There is no room left between its neighbours. Put one of them elsewhere first."]


def test_what_stands_under_an_added_element_goes_first_when_it_is_retired_too(plan, desk):
    desk.add(Kind.MILESTONE, "1.1.1(z)", text="Last", parent="1.1.1", position="99")
    desk.change(Kind.KPI, "1.1.1(b)", parent="1.1.1(z)", position="1", retired=True)
    with pytest.raises(ValidationError, match=r"KPI 1\.1\.1\(b\) stands under it\. Take that away first\."):
        desk.take_back(Kind.MILESTONE, "1.1.1(z)")


# ---------------------------------------------------------------- readings


def test_a_reading_is_confirmed_once_by_somebody_and_says_why(plan, people):
    reading = Reading.objects.filter(decision_needed=True).order_by("kpi__position").first()
    with pytest.raises(ValidationError, match="Say why it is to be counted so"):
        confirm_reading(reading=reading, why=" ", by=people.ada, now=NOW)
    confirm_reading(reading=reading, why="Agreed in Suva.", by=people.ada, now=NOW)
    text = row(plan_at(plan, FROM), reading.kpi.code).reading
    assert (text.unconfirmed, text.confirmed_by, text.confirmed_why) == (False, people.ada.name, "Agreed in Suva.")
    with pytest.raises(ValidationError, match=r"was confirmed on 01\.12\.26"):
        confirm_reading(reading=reading, why="Again.", by=people.ed, now=NOW)


def test_the_day_of_a_confirmation_is_that_of_the_region(plan, people):
    """Not of the clock at Greenwich, where it is eight hours earlier."""
    reading = Reading.objects.filter(decision_needed=True).first()
    confirm_reading(reading=reading, why="Agreed.", by=people.ada, now=datetime(2026, 12, 1, 17, 0, tzinfo=UTC))
    with pytest.raises(ValidationError, match=r"was confirmed on 02\.12\.26"):
        confirm_reading(reading=reading, why="Again.", by=people.ed, now=NOW)


def test_a_reading_without_a_question_is_not_confirmed(plan, people):
    reading = Reading.objects.get(kpi=kpi("1.1.1(a)"))
    with pytest.raises(ValidationError, match="needs no decision"):
        confirm_reading(reading=reading, why="So.", by=people.ada, now=NOW)


# ---------------------------------------------------------------- a day before what is changed is there

SUMMER = date(2027, 7, 1)


@pytest.fixture
def late(plan, people) -> Desk:
    """A draft that changes what another amendment adds in the summer before."""
    first = Desk(plan, people.ada, SUMMER)
    added_under_it(plan, first)
    first.publish()
    found = Desk(plan, people.ed, date(2027, 12, 1))
    found.change(Kind.KPI, "2.1.1(b).9", target="At least 6 ports", target_value="6")
    return found


def test_a_day_before_what_is_changed_is_there_is_refused(late):
    with pytest.raises(ValidationError, match=r"KPI 2\.1\.1\(b\)\.9 is not in the plan on 01\.01\.27 yet\."):
        edit_amendment(**late.seen, title="Mid-term", valid_from=FROM, reason="So.", now=NOW)
    late.amendment.refresh_from_db()
    assert late.amendment.valid_from == date(2027, 12, 1)
    edit_amendment(**late.seen, title="Mid-term", valid_from=AFTER, reason="So.", now=NOW)


def test_a_change_of_what_is_not_there_is_left_out_and_said(plan, late):
    Amendment.objects.filter(pk=late.amendment.pk).update(valid_from=FROM)
    draft = draft_of(Amendment.objects.get(pk=late.amendment.pk))
    assert (Kind.KPI, "2.1.1(b).9") not in draft.outline.nodes
    assert draft.contradicting == {}
    assert row(draft.text(FROM), "2.1.1(b).9") is None
    with pytest.raises(ValidationError) as told:
        late.publish()
    assert told.value.messages == ["KPI 2.1.1(b).9 is not in the plan on 01.01.27 yet. Choose a later day."]
