"""Releases: frozen, numbered, with a checksum; whatever happens later, they stay what they were."""

import gzip
import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError

from members.chain import head
from members.models import AuditEntry, Membership, Organisation
from reporting.actions import close_round, publish_release
from reporting.audience import shown_to_all
from reporting.because import Because, Reason
from reporting.inputs import Basis
from reporting.models import Answer, Release, Round
from reporting.reasons import changes
from reporting.report import build_report, checksum, explained_report, from_json, to_be_released, to_json
from tests.history import link_now
from tests.reporting.builders import run
from workplan.choices import NAMES_MEMBERS
from workplan.models import Plan, Wording

from .looks import look
from .region import BASELINE, INTERIM, NOW, OPEN, activity, enter, kpi, new_reading, on, standings
from .world import STATUS


def publish(world: Any, as_at: date | None = INTERIM, basis: Basis = Basis.ACCEPTED, **more: Any) -> Release:
    return publish_release(
        **{"plan": world.plan, "title": "A release", "as_at": as_at, "basis": basis, "by": None, "now": NOW} | more
    )


def change_everything(world: Any) -> None:
    enter(world.baseline, standings(STATUS, {"TLS": "in_place", "AFG": "planned"}))
    activity("LATER", date(2026, 8, 1), {"2.1.1(a).2": 40})
    new_reading(STATUS, date(2026, 1, 1), counts_from="planned", target_value=3)
    Wording.objects.filter(kpi=kpi(STATUS)).update(text="Other words")
    Membership.objects.filter(organisation__code="AUS").update(left=date(2020, 1, 1))
    Organisation.objects.filter(code="FJI").update(name="Fiji (renamed)")
    Plan.objects.update(title="Another title")


@pytest.mark.parametrize("basis", list(Basis))
def test_it_freezes_the_whole_report(world, basis):
    release = publish(world, basis=basis)
    report = explained_report(on(INTERIM, basis), shown_to_all("version__activity"))
    assert from_json(release.content) == to_be_released(report, release.title)
    assert (release.as_at, release.basis, release.published_at) == (INTERIM, basis.value, NOW)
    assert set(report.explanations) == set(report.series) == set(report.results)
    assert len(report.results) == 87


def test_it_says_who_answered_in_the_round_of_its_date_while_a_later_one_is_open(world):
    kept = from_json(publish(world).content)
    assert Round.objects.filter(opened_at__isnull=False, as_at__gt=INTERIM, closed_at=None).exists()
    assert kept.returns is not None
    assert kept.returns.as_at == INTERIM
    assert build_report(on(INTERIM)).returns.as_at > INTERIM  # the screen tells of what is collected now


def test_it_comes_back_from_text_as_it_went_and_is_the_same_text_again(world):
    report = explained_report(on(INTERIM))
    text = to_json(report)
    back = from_json(text)
    assert back == report
    assert to_json(back) == text == to_json(explained_report(on(INTERIM)))
    assert checksum(text) == hashlib.sha256(text.encode()).hexdigest()
    assert json.loads(text)["as_of"] == "2027-06-30"


def test_what_changes_later_does_not_change_it(world, sign_in):
    before = {name: look(sign_in(world.people[name]), "kpi", STATUS, release=1).main for name in ("ada", "percy")}
    content = Release.objects.get().content
    change_everything(world)
    assert Release.objects.get().content == content
    for name, main in before.items():
        assert look(sign_in(world.people[name]), "kpi", STATUS, release=1).main == main
    assert "Other words" in look(sign_in(world.people.ada), "kpi", STATUS).main


@pytest.mark.parametrize("place", [("overview", ""), ("focus_area", "1"), ("focus_area", "2"), ("kpi", "2.2.2(a).1")])
def test_its_pages_show_what_the_live_ones_showed(world, sign_in, place):
    live = look(sign_in(world.people.ada), *place)
    publish(world)
    change_everything(world)
    released = look(sign_in(world.people.connie), *place)
    assert released.heading == live.heading
    if place[0] == "focus_area":
        assert [row for row in released.rows() if "(" in row] == [row for row in live.rows() if "(" in row]


def test_nothing_that_only_some_may_read_is_in_it(world):
    assert "CANARY" not in publish(world, basis=Basis.REPORTED).content


def test_the_default_is_the_latest_closed_round(world):
    assert publish(world, as_at=None).as_at == INTERIM


@pytest.mark.parametrize("day", [date(2027, 7, 1), OPEN, date(2030, 1, 1)])
def test_a_provisional_date_is_refused(world, day):
    with pytest.raises(ValidationError, match="its figures are provisional"):
        publish(world, as_at=day)
    assert Release.objects.count() == 1


def test_once_the_round_has_closed_by_hand_or_by_its_moment_it_is_not_provisional(world):
    later = datetime(2028, 2, 1, tzinfo=UTC)
    assert publish(world, as_at=OPEN, now=later).as_at == OPEN
    close_round(collection=Round.objects.get(code="interim-2028"), by=None, now=NOW)
    assert publish(world, as_at=OPEN).as_at == OPEN


@pytest.mark.parametrize("title", ["", "  "])
def test_it_needs_a_title(world, title):
    with pytest.raises(ValidationError, match="needs a title"):
        publish(world, title=title)


def test_they_are_numbered_within_their_plan(world):
    assert [publish(world).number for _ in range(3)] == [2, 3, 4]
    other = Plan.objects.create(
        code="other", title="Other", starts=date(2024, 7, 1), ends=date(2026, 6, 30),
        baseline_date=date(2024, 6, 30), deliverable_date=date(2026, 6, 30), published=True,
    )  # fmt: skip
    assert publish(world, plan=other, as_at=date(2024, 6, 30)).number == 1


def test_it_is_in_the_audit_trail_with_its_checksum(world):
    release = publish(world, by=world.people.ada)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_email, entry.action, entry.object_type) == ("ada@example.org", "published", "reporting.release")
    assert entry.changes == {
        "number": [None, 2],
        "as_at": [None, "2027-06-30"],
        "basis": [None, "accepted"],
        "checksum": [None, release.checksum],
    }


def test_a_refused_one_leaves_nothing_in_the_audit_trail(world):
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError):
        publish(world, as_at=OPEN)
    assert AuditEntry.objects.count() == before


# ---------------------------------------------------------------- the command


def test_the_command_publishes_lists_and_verifies(world):
    link_now()
    before = head()
    said = run("release", "publish", "--title=Interim", "--as-of=2027-06-30", "--by=ada@example.org")
    release = Release.objects.get(number=2)
    assert said == (
        f"Release 2, as at 30.06.27, is published. SHA-256: {release.checksum}\nHead of the history: {before}\n"
    )
    assert release.published_by == world.people.ada
    of_baseline = f"  history {world.release.history_head}" if world.release.history_head else ""
    assert run("release", "list").splitlines() == [
        f"2  30.06.27  accepted  {release.checksum}  Interim  history {before}",
        f"1  30.06.26  accepted  {world.release.checksum}  The Baseline{of_baseline}",
    ]
    assert run("release", "verify") == "2 releases are as they were released.\n"


@pytest.mark.parametrize("tampered", [{"content": "{}"}, {"checksum": "0" * 64}])
def test_verify_finds_what_was_tampered_with(world, tampered):
    publish(world)
    if "content" in tampered:
        tampered = {"content": Release.objects.get(number=2).content.replace('"25"', '"28"')}
    Release.objects.filter(number=2).update(**tampered)
    with pytest.raises(CommandError, match=r"Release 2 is not what was released\."):
        run("release", "verify")


def test_verify_finds_a_release_whose_day_or_title_was_changed(world):
    """ "A frozen, dated, reproducible set of results": its date and basis are part of it."""
    Release.objects.update(as_at=INTERIM)
    with pytest.raises(CommandError, match="Release 1 is not what was released"):
        run("release", "verify")


@pytest.mark.parametrize("name", ["ed", "connie", "percy"])
def test_who_may_not_publish_cannot(world, name):
    with pytest.raises(CommandError, match=r"does not have the right release\.publish"):
        run("release", "publish", "--title=x", f"--by={name}@example.org")
    assert Release.objects.count() == 1


@pytest.mark.parametrize("day", ["2027-02-30", "soon", "2027-12-31"])
def test_a_date_that_cannot_be_released_is_refused(world, day):
    with pytest.raises(CommandError):
        run("release", "publish", "--title=x", f"--as-of={day}")
    assert Release.objects.count() == 1
    assert Answer.objects.exists()
    assert BASELINE < INTERIM


def test_a_release_of_the_first_version_still_opens():
    """What was released stays readable: a field may be added with a default, none renamed (docs/adr/0005)."""
    stored = gzip.decompress((Path(__file__).parents[1] / "data" / "release.json.gz").read_bytes()).decode()
    report = from_json(stored)
    assert (report.plan.code, report.as_of.isoformat(), len(report.results)) == ("rsp-2026-2028", "2026-06-30", 87)
    assert report.results["1.1.1(b)"].value == 21
    assert len(report.explanations["1.1.1(b)"].lines) == 35


def test_a_release_is_neither_changed_nor_deleted(world):
    release = publish(world)
    release.title = "Another title"
    with pytest.raises(TypeError, match="never changed"):
        release.save()
    with pytest.raises(TypeError, match="never deleted"):
        release.delete()
    assert Release.objects.get(pk=release.pk).title == "A release"


def test_every_figure_that_moved_since_a_release_has_a_reason(world):
    first, second = from_json(world.release.content), from_json(publish(world).content)
    found = changes(first, second)
    assert len(found) > 5
    assert not [each.move.code for each in found if each.reasons == (Reason(Because.UNKNOWN),)]


def test_who_counts_now_less_who_counts_no_longer_is_the_difference(world):
    first, second = from_json(world.release.content), from_json(publish(world).content)
    named = {each.code for each in second.plan.kpis if each.reading.measure in NAMES_MEMBERS}
    moved = [each for each in changes(first, second) if each.move.code in named]
    assert len(moved) > 3
    for each in moved:
        told = sum(len(why.counts) - len(why.slips) - len(why.stopped) for why in each.reasons)
        was, now = (result.value or 0 for result in (each.move.before, each.move.now))
        assert (each.move.code, told) == (each.move.code, now - was)
