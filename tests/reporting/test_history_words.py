"""The history reads as sentences: people by name, dates as the plan writes them, codes by their labels."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps

from members.actions import (
    change_password,
    change_second_factor,
    close_account,
    reset_second_factor,
    sign_out_everywhere,
    take_role,
)
from members.audit import record, record_export
from members.choices import AuditAction
from members.history import KINDS, VERBS, Change, changes_of, kind_of, line_of, model_field, named
from members.models import AuditEntry, User
from reporting.actions.activities import OwnNumbers, cancel_activity, record_activity, state_numbers
from reporting.actions.rounds import admit_late, end_late
from reporting.actions.versions import seen_as
from reporting.actions.words import approve_narrative, write_narrative
from reporting.models import Activity, Answer, Submission
from workplan.models import FocusArea, Reading, Wording

from .conftest import in_module
from .forms_stage import make_stage
from .region import NOW, Event, kpi, org

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def stored_stage(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, make_stage)


@pytest.fixture
def stage(stored_stage, db, clock):
    return stored_stage


def written(obj, action=AuditAction.CHANGED, by=None, reason="", **changes):
    return record(by=by, action=action, obj=obj, changes=changes, reason=reason)


def said(entry):
    return [(each.label, each.before, each.after) for each in changes_of(entry, TOKYO)]


@pytest.fixture
def world(stage):
    return stage


# ---------------------------------------------------------------- everything that is recorded has words


def more_of_it(stage):
    """What the stage does not do: an export, a late admission and its end, an approved narrative that is changed, what
    becomes of an account, an activity that is cancelled, numbers that are stated."""
    world, now = stage, {"now": NOW}
    record_export(by=world.people.ed, what="Answers", address="/", rows=3, released=False)
    late = Submission.objects.get(round=world.interim, organisation__code="FJI")
    admit_late(submission=late, until=datetime(2028, 3, 1, tzinfo=UTC), reason="Storm", by=world.people.ada, **now)
    end_late(submission=late, by=world.people.ada, **now)
    words = {"collection": world.current, "area": FocusArea.objects.get(plan=world.plan, code="1"), **now}
    approve_narrative(seen=1, by=world.people.ed, **words)
    write_narrative(text="It goes very well.", seen=1, by=world.people.ed, **words)
    col = User.objects.get(email="col@example.org")
    change_password(person=col, store=lambda: None)
    change_second_factor(person=col, act=lambda: Authenticator.objects.filter(user=col).delete())
    reset_second_factor(person=col, by=world.people.ada, **now)
    sign_out_everywhere(person=col)
    close_account(person=col, by=world.people.ada)
    take_role(role=col.roles.get(), by=world.people.ada)
    activity = Activity.objects.get(reference="ROCB-W1")
    numbers = {"participants": 12, "women": 6, "head": "m"}
    by = {"by": world.people.olga, **now}
    own = OwnNumbers(activity, numbers, seen_as(activity.versions.all()))
    state_numbers(organisation=org("AUS"), said=[own], **by)
    cancel_activity(activity=activity, seen=seen_as(activity.versions.all()), **by)


def test_everything_that_the_actions_record_has_words(stage):
    more_of_it(stage)
    recorded = {(entry.object_type, name) for entry in AuditEntry.objects.all() for name in entry.changes or [""]}
    types = {kind for kind, _ in recorded}
    assert len(types) >= 14
    assert types <= set(KINDS)
    assert {
        each for each in recorded if each[1] and each[1] not in kind_of(each[0]).fields and model_field(*each) is None
    } == set()
    for entry in AuditEntry.objects.all():
        line = line_of(entry, TOKYO)
        assert line.sentence.startswith(f"{entry.actor_name} ")
        assert "_" not in "".join(change.label for change in line.changes)


def test_every_kind_is_one_of_a_model_and_every_action_has_a_verb():
    ours = {
        model._meta.label_lower for app in ("members", "workplan", "reporting")
        for model in apps.get_app_config(app).get_models()
    }  # fmt: skip
    assert set(KINDS) - ours == {"export", "import"}
    assert set(VERBS) == set(AuditAction)


# ---------------------------------------------------------------- sentences


def test_an_entry_is_a_sentence_with_the_moment_in_the_readers_zone(world):
    answer = Answer.objects.filter(organisation=org("FJI"), round=world.interim, plan_year=2026).first()
    entry = written(answer, AuditAction.ACCEPTED, world.people.ed, "It is clear.", state=("submitted", "accepted"))
    entry.at = datetime(2028, 1, 10, 9, 0, tzinfo=UTC)
    line = line_of(entry, TOKYO)
    assert line.sentence == f"Ed accepted the answer “Fiji, {world.interim}, on {answer.kpi.code}, 2026/27, version 1”"
    assert (line.moment, line.reason) == ("10.01.28, 18:00 (Asia/Tokyo)", "It is clear.")
    assert line.changes == [Change("State", "Sent", "Accepted")]


def test_values_are_words(world):
    answer = Answer.objects.filter(organisation=org("FJI")).first()
    entry = written(
        answer,
        standing=("planned", "in_place"),
        participated=(None, True),
        register_complete=(False, True),
        correct_by=(None, date(2028, 6, 30)),
        sent_at=(None, datetime(2028, 6, 30, 1, 2, 3, 4567, tzinfo=UTC)),
        comment=("", "All of it"),
        evidence_url=("", "https://example.org/law"),
        value=(None, ""),
        unchanged=(True, False),
    )
    assert said(entry) == [
        ("Standing", "Planned", "In place"),
        ("Participated", "", "yes"),
        ("Register complete", "no", "yes"),
        ("Correct by", "", "30.06.28"),
        ("Sent at", "", "30.06.28, 10:02 (Asia/Tokyo)"),
        ("Comment", "", "All of it"),
        ("Evidence", "", "https://example.org/law"),
        ("Unchanged", "yes", "no"),
    ]


def test_the_parts_of_an_activity_are_named_where_they_differ(world):
    before = {"AUS": {"takes_part": True, "participants": 1, "women": None, "head": ""}, "FJI": {"organises": True}}
    after = {"AUS": {"takes_part": True, "participants": 10, "women": 1, "head": "f"}, "FJI": {"organises": True}}
    activity = Activity.objects.first()
    entry = written(activity, parts=(before, after), kpis=({}, {"2.1.1(a).2": 12}), kind=("workshop", "alert"))
    took_part = "took part, 10 participants, 1 woman, headed by a woman"
    assert said(entry) == [
        ("Part: AUS", "took part, 1 participant", took_part),
        ("Counts for: 2.1.1(a).2", "", "counts as 12"),
        ("Kind", "Workshop", "Alert"),
    ]


def test_a_long_text_stands_in_full_word_by_word(world):
    old = "The law is ready. " * 200 + "It waits for Parliament."
    new = "The law is ready. " * 200 + "It waits for the President.\nSoon."
    [change] = changes_of(written(Submission.objects.first(), late_reason=(old, new)), TOKYO)
    assert "".join(text for kind, text in change.parts if kind != "new") == old
    assert "".join(text for kind, text in change.parts if kind != "gone") == new
    assert [kind for kind, _ in change.parts] == ["same", "gone", "new", "same", "new"]


def test_texts_that_are_too_long_to_compare_stand_before_and_after():
    assert Change("Words", "a " * 100, "b " * 100, is_text=True).parts
    assert Change("Words", "a " * 3000, "b " * 3000, is_text=True).parts == ()


def test_what_nobody_knows_any_more_still_reads(world):
    entry = written(org("FJI"), was_once_called=("a", "2028-99-99"))
    entry.object_type, entry.action = "old.thing_of_old", "burnt"
    assert said(entry) == [("Was once called", "a", "2028-99-99")]
    assert line_of(entry, TOKYO).sentence == "Command line burnt the thing_of_old “Fiji”"


def test_the_plan_is_found_under_its_elements(world):
    reading = Reading.objects.get(kpi__code="1.1.1(b)")
    wording = Wording.objects.filter(kpi__code="1.1.1(b)").first()
    entries = [written(each, valid_from=(None, each.valid_from)) for each in (reading, wording)]
    assert {each.about for each in entries} == {"workplan.kpi/rsp-2026-2028/1.1.1(b)"}
    assert named("workplan.reading", "counts_from").label == "Counts from"


def test_what_is_recorded_of_an_activity_says_whose_it_is(world):
    members = {each.code: each for each in (org("FJI"), org("AUS"))}
    event = Event("FJI-1", date(2027, 1, 1), ["1.1.1(b)"], participants=["AUS"])
    made = event.record(members, {"1.1.1(b)": kpi("1.1.1(b)")})
    by = {"by": world.people.connie, "now": NOW, "plan": world.plan}
    record_activity(record=made, recorded_by=org("FJI"), seen="0", **by)
    entry = AuditEntry.objects.get(object_type="reporting.activity", object_key="FJI-1")
    assert ("Whose it is", "", "FJI") in said(entry)


def test_an_opened_round_says_whom_it_asked(world):
    entry = AuditEntry.objects.get(object_type="reporting.round", object_key=world.current.code, action="opened")
    assert set(entry.changes["asked"][1]) == {each.organisation.code for each in world.current.submissions.all()}
