"""Comments and narratives are written and approved; nobody overwrites what they did not see."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from members.models import AuditEntry
from reporting.actions import open_round
from reporting.actions.refusals import Stale
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.models import KpiComment, Narrative, Round
from tests.reporting.builders import LATER, NOW, make_everything, make_round
from workplan.models import FocusArea, Kpi


@pytest.fixture
def planned(cast, organisations) -> Round:
    return make_round(make_everything(organisations), closes_at=datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture
def collection(cast, planned) -> Round:
    open_round(collection=planned, by=cast.ada, now=NOW)
    return planned


def comment(collection, by, text="Three more.", seen=0, now=NOW) -> KpiComment:
    kpi = Kpi.objects.get(code="1.1.1(a)")
    return write_comment(collection=collection, kpi=kpi, text=text, seen=seen, by=by, now=now)


def narrative(collection, by, text="We went far.", seen=0, now=NOW) -> Narrative:
    area = FocusArea.objects.get(code="1")
    return write_narrative(collection=collection, area=area, text=text, seen=seen, by=by, now=now)


def approve(collection, by, seen=1, now=LATER, text=None) -> Narrative:
    area = FocusArea.objects.get(code="1")
    return approve_narrative(collection=collection, area=area, seen=seen, by=by, now=now, text=text)


WRITING = pytest.mark.parametrize(("write", "model"), [(comment, KpiComment), (narrative, Narrative)])


@WRITING
def test_a_text_is_stored_with_its_author_and_audited(collection, cast, write, model):
    write(collection, cast.ed, " One.\r\nTwo. ")
    found = model.objects.get()
    assert (found.text, found.edits, found.changed_by, found.changed_at) == ("One.\nTwo.", 1, cast.ed, NOW)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name, entry.changes) == ("created", "Ed", {"text": ["", "One.\nTwo."]})


@WRITING
def test_a_change_keeps_the_old_text_in_the_audit(collection, cast, write, model):
    write(collection, cast.ed, "One.")
    write(collection, cast.ada, "Two.", seen=1, now=LATER)
    assert model.objects.values_list("text", "edits", "changed_by", "changed_at").get() == (
        "Two.", 2, cast.ada.pk, LATER,
    )  # fmt: skip
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.changes) == ("changed", {"text": ["One.", "Two."]})


@WRITING
def test_what_somebody_did_not_see_they_do_not_overwrite(collection, cast, write, model):
    write(collection, cast.ed, "One.")
    before = AuditEntry.objects.count()
    with pytest.raises(Stale, match="Somebody else changed this text"):
        write(collection, cast.ada, "Two.", seen=0)
    assert (model.objects.get().text, AuditEntry.objects.count()) == ("One.", before)


@WRITING
@pytest.mark.parametrize("seen", [0, 1, 7])
def test_the_same_text_once_more_changes_nothing(collection, cast, write, model, seen):
    write(collection, cast.ed, "One.")
    before = AuditEntry.objects.count()
    write(collection, cast.ada, "One. ", seen=seen, now=LATER)
    assert model.objects.values_list("edits", "changed_by").get() == (1, cast.ed.pk)
    assert AuditEntry.objects.count() == before


@WRITING
def test_nothing_written_where_nothing_is_stores_nothing(collection, cast, write, model):
    write(collection, cast.ed, " ")
    assert model.objects.count() == 0


@WRITING
def test_a_text_is_taken_away_by_writing_nothing(collection, cast, write, model):
    write(collection, cast.ed, "One.")
    write(collection, cast.ed, "", seen=1)
    assert model.objects.values_list("text", "edits").get() == ("", 2)


@WRITING
@pytest.mark.parametrize("text", ["a\0b", "x" * 5001])
def test_what_no_text_may_be_is_refused(collection, cast, write, model, text):
    with pytest.raises(ValidationError):
        write(collection, cast.ed, text)
    assert model.objects.count() == 0


@WRITING
def test_before_the_round_is_open_there_is_nothing_to_write_about(planned, cast, write, model):
    with pytest.raises(ValidationError, match="is not open yet"):
        write(planned, cast.ed)
    assert model.objects.count() == 0


# ---------------------------------------------------------------- approval


def test_an_approval_says_who_and_when_and_is_audited_once(collection, cast):
    narrative(collection, cast.ed)
    approve(collection, cast.ada)
    found = Narrative.objects.get()
    assert (found.approved_by, found.approved_at, found.edits) == (cast.ada, LATER, 1)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name) == ("approved", "Ada")
    approve(collection, cast.ed, now=NOW)
    assert Narrative.objects.values_list("approved_by", "approved_at").get() == (cast.ada.pk, LATER)
    assert AuditEntry.objects.latest("pk") == entry


def test_a_changed_narrative_is_not_approved_any_more(collection, cast):
    narrative(collection, cast.ed)
    approve(collection, cast.ada)
    narrative(collection, cast.ed, "We went further.", seen=1)
    assert Narrative.objects.values_list("approved_by", "approved_at").get() == (None, None)


def test_the_same_narrative_saved_again_stays_approved(collection, cast):
    narrative(collection, cast.ed)
    approve(collection, cast.ada)
    narrative(collection, cast.ed, seen=1)
    assert Narrative.objects.get().approved_by == cast.ada


@pytest.mark.parametrize("seen", [0, 2, -1])
def test_only_the_text_that_was_read_is_approved(collection, cast, seen):
    narrative(collection, cast.ed)
    with pytest.raises(Stale):
        approve(collection, cast.ada, seen)
    assert Narrative.objects.get().approved_at is None


def test_only_what_is_saved_is_approved(collection, cast):
    narrative(collection, cast.ed, "One.\nTwo.")
    with pytest.raises(ValidationError, match="Save it first"):
        approve(collection, cast.ada, text="One.\r\nThree.")
    assert Narrative.objects.get().approved_at is None
    approve(collection, cast.ada, text="One.\r\nTwo. ")
    assert Narrative.objects.get().approved_by == cast.ada


def test_where_nothing_is_written_nothing_is_approved(collection, cast):
    with pytest.raises(ValidationError, match="no narrative to approve"):
        approve(collection, cast.ada, 0)
    narrative(collection, cast.ed)
    narrative(collection, cast.ed, "", seen=1)
    with pytest.raises(ValidationError, match="no narrative to approve"):
        approve(collection, cast.ada, 2)


def test_before_the_round_is_open_nothing_is_approved(planned, cast):
    with pytest.raises(ValidationError, match="is not open yet"):
        approve(planned, cast.ada, 0)
