"""What happens at 23:59:59 and at 00:00:00, in ten time zones of the region."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from reporting import rules, validators
from reporting.actions.entry import save_draft
from reporting.models import UNSAID, Round, Submission
from reporting.questions import questions_of
from reporting.threads import Thread

from .looks import page_of
from .region import PLAN
from .world import STATUS

ZONES = (
    "Pacific/Apia", "Pacific/Auckland", "Pacific/Fiji", "Australia/Sydney", "Asia/Tokyo",
    "Asia/Hong_Kong", "Asia/Bangkok", "Asia/Yangon", "Asia/Kathmandu", "Asia/Kabul",
)  # fmt: skip
DAY = date(2028, 1, 31)
IN_FIJI = {
    "Pacific/Apia": "31.01.28, 23:00", "Pacific/Auckland": "31.01.28, 23:00", "Australia/Sydney": "01.02.28, 01:00",
    "Asia/Tokyo": "01.02.28, 03:00", "Asia/Hong_Kong": "01.02.28, 04:00", "Asia/Bangkok": "01.02.28, 05:00",
    "Asia/Yangon": "01.02.28, 05:30", "Asia/Kathmandu": "01.02.28, 06:15", "Asia/Kabul": "01.02.28, 07:30",
}  # fmt: skip
"""Where it is the end of the day -> when that is for Connie, who lives in Fiji."""
END = {"Pacific/Fiji": "01.02.28, 00:00 (Pacific/Fiji)"} | {
    zone: f"01.02.28, 00:00 ({zone}); {own} your time (Pacific/Fiji)" for zone, own in IN_FIJI.items()
}
"""How the end of the day is said to her."""


def midnight(zone: str) -> datetime:
    """The end of the day there."""
    return datetime(2028, 2, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.fixture(params=ZONES)
def closing(world, request):
    """The round closes at the end of 31.01.28 in one of the zones."""
    Round.objects.filter(pk=world.current.pk).update(time_zone=request.param, closes_at=midnight(request.param))
    world.current.refresh_from_db()
    return world, request.param


def save(world, now):
    submission = Submission.objects.select_related("round__plan", "organisation").get(
        round=world.current, organisation__code="FJI"
    )
    says = UNSAID | {"standing": "planned", "comment": "", "evidence_url": ""}
    question = questions_of(submission.round)[STATUS]
    by = world.people.connie
    return save_draft(submission=submission, question=question, plan_year=None, says=says, seen="0", by=by, now=now)


def test_the_last_second_is_in_time_and_the_next_is_not(closing):
    world, zone = closing
    last = midnight(zone) - timedelta(seconds=1)
    with pytest.raises(ValidationError) as refused:
        save(world, midnight(zone))
    assert refused.value.messages == [f"This round closed on {END[zone]}. The secretariat can let you in late."]
    assert save(world, last).standing == "planned"


def test_the_pages_say_the_same(closing, sign_in, clock):
    world, zone = closing
    path = reverse("return_kpi", args=(PLAN, world.current.code, "FJI", STATUS))
    form = {"answer-token": "0", "answer-answer": "planned"}
    clock(midnight(zone))
    page = page_of(sign_in(world.people.connie).post(path, form))
    assert (page.status, f"This round closed on {END[zone]}." in page.main) == (403, True)
    clock(midnight(zone) - timedelta(seconds=1))
    client = sign_in(world.people.connie)
    assert f"until {END[zone]}." in page_of(client.get(path)).main
    assert client.post(path, form).status_code == 302


@pytest.mark.parametrize("zone", ZONES)
def test_a_correction_is_in_time_until_its_day_has_ended_there(zone):
    collection = Round(time_zone=zone, opened_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert rules.correctable(collection, DAY, midnight(zone) - timedelta(seconds=1))
    assert not rules.correctable(collection, DAY, midnight(zone))
    assert rules.day_in(zone, midnight(zone) - timedelta(seconds=1)) == DAY
    assert rules.day_in(zone, midnight(zone)) == date(2028, 2, 1)


@pytest.mark.parametrize("zone", ZONES)
def test_who_is_let_in_late_is_so_until_the_second_before(zone):
    collection = Round(
        time_zone=zone, opened_at=datetime(2027, 1, 1, tzinfo=UTC), closed_at=datetime(2028, 1, 1, tzinfo=UTC)
    )
    submission = Submission(round=collection, late_until=midnight(zone), late_reason="A storm.")
    nothing = Thread(1, None)
    assert rules.change(collection, submission, nothing, midnight(zone) - timedelta(seconds=1)).allowed
    refused = rules.change(collection, submission, nothing, midnight(zone))
    assert refused.reason == f"You were let in late until 01.02.28, 00:00 ({zone}). That moment has passed."


@pytest.mark.parametrize("zone", ZONES)
def test_24_00_and_the_midnight_after_are_the_same_moment(zone):
    there = ZoneInfo(zone)
    moments = {
        validators.local_moment(text, there) for text in ("31.01.28 24:00", "01.02.28 00:00", "01.02.2028, 0:00")
    }
    assert moments == {midnight(zone)}


@pytest.mark.parametrize(
    ("text", "zone", "says"),
    [
        ("26.09.27 02:30", "Pacific/Auckland", "does not exist in Pacific/Auckland: clocks are put forward then."),
        ("04.04.27 02:30", "Pacific/Auckland", "comes twice in Pacific/Auckland: clocks are put back then."),
        ("04.04.27 01:45", "Australia/Lord_Howe", "comes twice in Australia/Lord_Howe: clocks are put back then."),
        ("31.02.28 10:00", "Asia/Tokyo", "is not in the calendar"),
        ("31.01.28 24:01", "Asia/Tokyo", "is not a time of the day"),
        ("31.01.28 10:60", "Asia/Tokyo", "is not a time of the day"),
        ("tomorrow", "Asia/Tokyo", "is not a day with a time; write it like 31.01.28 17:00."),
    ],
)
def test_a_moment_that_there_is_not_gets_a_sentence(text, zone, says):
    with pytest.raises(ValidationError) as refused:
        validators.local_moment(text, ZoneInfo(zone))
    assert says in refused.value.messages[0]
