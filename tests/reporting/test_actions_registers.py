"""What is decided on activities and arrangements, and which of their versions speaks on which basis."""

from datetime import date
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from members.choices import RoleName
from members.models import AuditEntry
from reporting.actions import (
    ActivityRecord,
    ArrangementRecord,
    decide,
    record_activities,
    record_arrangements,
    settle_versions,
)
from reporting.actions.versions import DECISIONS
from reporting.choices import ActivityStatus, Decision
from reporting.models import Activity, ActivityVersion, ArrangementVersion
from tests.conftest import person
from tests.reporting.builders import LATER, NOW

A, R = "accepted", "reported"


def record(title: str, *, accept: bool = False, by=None, **more) -> ActivityVersion:
    version = ActivityVersion(title=title, kind="alert", start=date(2026, 9, 1), **more)
    record_activities(records=[ActivityRecord("A-1", version)], accept=accept, by=by, now=NOW)
    return version


def speaking() -> dict[str, list[str]]:
    return {
        version.title: [basis for basis in (A, R) if getattr(version, basis)]
        for version in ActivityVersion.objects.order_by("number")
    }


@pytest.mark.parametrize(("decision", "to"), list(product(Decision, Decision)))
def test_a_decision_follows_another_as_the_table_says_and_not_otherwise(cast, decision, to):
    version = record("Alert", by=cast.ed)
    version.decision, version.decided_at = decision, None if decision == Decision.UNDECIDED else NOW
    version.save()
    settle_versions(ActivityVersion, [version.activity_id])
    if to in DECISIONS[decision]:
        decide(version, to=to, by=cast.ada, now=LATER, reason="Seen.")
        stored = ActivityVersion.objects.get()
        assert (stored.decision, stored.decided_at, stored.decided_by, stored.decision_reason) == (
            to, LATER, cast.ada, "Seen.",
        )  # fmt: skip
        assert speaking() == {"Alert": [A, R] if to == Decision.CONFIRMED else []}
        assert AuditEntry.objects.latest("pk").changes == {"decision": [decision, to]}
        return
    with pytest.raises(ValidationError) as refused:
        decide(version, to=to, by=cast.ada, now=LATER)
    assert refused.value.messages == [f"What is decided as “{decision.label}” cannot become “{to.label}”."]


def test_only_what_was_held_is_confirmed(cast):
    version = record("Alert", status=ActivityStatus.PLANNED)
    with pytest.raises(ValidationError, match="Only an activity that was held can be confirmed"):
        decide(version, to=Decision.CONFIRMED, by=cast.ada, now=LATER)


def test_nobody_decides_on_their_own_work(cast):
    version = record("Alert", by=cast.ed)
    with pytest.raises(ValidationError, match="Nobody decides on what they entered or sent themselves"):
        decide(version, to=Decision.CONFIRMED, by=cast.ed, now=LATER)


def test_the_last_confirmed_version_is_accepted_and_the_last_that_may_count_reported(cast):
    first = record("first", accept=True)
    assert speaking() == {"first": [A, R]}
    second = record("second")
    assert speaking() == {"first": [A], "second": [R]}
    third = record("third")
    assert speaking() == {"first": [A], "second": [], "third": [R]}
    decide(third, to=Decision.REFUSED, by=cast.ada, now=LATER)
    assert speaking() == {"first": [A], "second": [R], "third": []}
    decide(second, to=Decision.CONFIRMED, by=cast.ada, now=LATER)
    assert speaking() == {"first": [], "second": [A, R], "third": []}
    decide(second, to=Decision.WITHDRAWN, by=cast.ada, now=LATER)
    assert speaking() == {"first": [A, R], "second": [], "third": []}
    decide(first, to=Decision.WITHDRAWN, by=cast.ada, now=LATER)
    assert speaking() == {"first": [], "second": [], "third": []}


@pytest.mark.parametrize("decision", [Decision.REFUSED, Decision.WITHDRAWN])
def test_what_was_refused_comes_back_only_confirmed(cast, decision):
    version = record("Alert", accept=decision == Decision.WITHDRAWN)
    decide(version, to=decision, by=cast.ada, now=LATER)
    record("Alert")
    assert ActivityVersion.objects.count() == 1
    record("Alert", accept=True)
    assert [version.decision for version in ActivityVersion.objects.all()] == [decision, "confirmed"]


def test_an_arrangement_is_decided_on_alike(cast, organisations):
    version = ArrangementVersion(signed="2018")
    parties = (organisations.fiji, organisations.australia)
    record_arrangements(records=[ArrangementRecord(parties, version)], accept=False, by=cast.ed, now=NOW)
    decide(version, to=Decision.CONFIRMED, by=cast.ada, now=LATER)
    stored = ArrangementVersion.objects.get()
    assert (stored.accepted, stored.reported, stored.decided_by) == (True, True, cast.ada)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.object_label) == ("confirmed", "Australia - Fiji")


def test_recorded_before_it_was_kept_is_whose_who_entered_it_first_speaks_for(organisations):
    fiji, australia = organisations.fiji, organisations.australia
    one, both = person("One", RoleName.MEMBER_CONTRIBUTOR, fiji), person("Both", RoleName.MEMBER_CONTRIBUTOR, fiji)
    one.roles.create(role=RoleName.MEMBER_APPROVER, organisation=fiji)
    both.roles.create(role=RoleName.MEMBER_CONTRIBUTOR, organisation=australia)
    for reference, by in {"A-1": one, "A-2": both, "A-3": None}.items():
        version = ActivityVersion(title="Workshop", kind="workshop", start=date(2026, 9, 1))
        record_activities(records=[ActivityRecord(reference, version)], accept=False, by=by, now=NOW)
    import_module("reporting.migrations.0004_activity_recorded_by").from_the_first_version(apps, None)
    assert dict(Activity.objects.values_list("reference", "recorded_by__code")) == {
        "A-1": "FJI", "A-2": None, "A-3": None,
    }  # fmt: skip
