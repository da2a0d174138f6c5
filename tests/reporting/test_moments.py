"""A moment is said in the round's zone and, where the reader's differs, in the reader's own too: everywhere alike."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from members.choices import RoleName
from members.models import OutgoingMail, Role
from reporting.actions import close_round
from reporting.actions.deciding import return_answer
from reporting.actions.rounds import admit_late
from reporting.models import Round, Submission
from reporting.moments import day_end_words, moment_words
from reporting.threads import token_of
from tests.conftest import person
from tests.members.signing_in import recently

from .entering import brought
from .looks import page_of
from .region import NOW, PLAN, org

TOKYO, FIJI, SEOUL = ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Fiji"), ZoneInfo("Asia/Seoul")
MOMENT = datetime(2028, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "more"), [(None, ""), (TOKYO, ""), (SEOUL, ""), (FIJI, "; 31.01.28, 20:00 your time (Pacific/Fiji)")]
)
def test_a_moment_in_the_zone_of_the_round_and_in_that_of_the_reader(own, more):
    assert moment_words(MOMENT, "Asia/Tokyo", own) == f"31.01.28, 17:00 (Asia/Tokyo){more}"


@pytest.mark.parametrize(
    ("own", "more"), [(None, ""), (SEOUL, ""), (FIJI, "; 06.02.28, 03:00 your time (Pacific/Fiji)")]
)
def test_the_end_of_a_day_is_another_moment_elsewhere(own, more):
    assert day_end_words(date(2028, 2, 5), "Asia/Tokyo", own) == f"05.02.28 (Asia/Tokyo){more}"


@pytest.mark.parametrize(
    ("day", "more"), [(date(2028, 4, 1), "; 01.04.28, 23:00 your time (Pacific/Fiji)"), (date(2028, 4, 2), "")]
)
def test_the_end_of_a_day_on_which_clocks_are_put_back(day, more):
    """On 02.04.28 Auckland stops being an hour ahead of Fiji."""
    assert day_end_words(day, "Pacific/Auckland", FIJI) == f"{day:%d.%m.%y} (Pacific/Auckland){more}"


# ---------------------------------------------------------------- mails


@pytest.fixture
def here_and_abroad(world):
    """One of Fiji's people first belongs to an administration in Kabul."""
    abroad = person("Abby", RoleName.MEMBER_CONTRIBUTOR, org("AFG"))
    Role.objects.create(user=abroad, organisation=org("FJI"), role=RoleName.MEMBER_CONTRIBUTOR)
    return world


def mail_to(name: str) -> str:
    return OutgoingMail.objects.get(to=f"{name}@example.org").text


def test_a_mail_about_a_return_says_the_day_in_the_zone_of_whom_it_goes_to(here_and_abroad):
    answer = brought(here_and_abroad, "submitted")
    terms = {"reason": "Which law?", "correct_by": date(2028, 2, 5), "by": here_and_abroad.people.ed, "now": NOW}
    return_answer(answer=answer, seen=token_of(answer), **terms)
    told = "until the end of 05.02.28 (Asia/Tokyo); {} your time ({}). You can do so also when the round has closed."
    assert told.format("06.02.28, 03:00", "Pacific/Fiji") in mail_to("connie")
    assert told.format("05.02.28, 19:30", "Asia/Kabul") in mail_to("abby")


def let_in(world) -> None:
    close_round(collection=world.current, by=None, now=NOW)
    submission = Submission.objects.get(round=world.current, organisation__code="FJI")
    admit_late(submission=submission, until=MOMENT, reason="A storm.", by=world.people.ada, now=NOW)


def test_a_mail_about_late_admission_too(here_and_abroad):
    let_in(here_and_abroad)
    told = "You can fill in and send until 31.01.28, 17:00 (Asia/Tokyo); {} your time ({})."
    assert told.format("31.01.28, 20:00", "Pacific/Fiji") in mail_to("connie")
    assert told.format("31.01.28, 12:30", "Asia/Kabul") in mail_to("abby")


# ---------------------------------------------------------------- pages


def tasks(client) -> str:
    return page_of(client.get(reverse("return_tasks", args=(PLAN, "interim-2028", "FJI")))).main


def test_a_refusal_says_both_and_one_where_they_are_the_same(world, sign_in, clock):
    let_in(world)
    clock(MOMENT)
    said = "You were let in late until 31.01.28, 17:00 (Asia/Tokyo)"
    assert f"{said}; 31.01.28, 20:00 your time (Pacific/Fiji). That moment" in tasks(sign_in(world.people.connie))
    Round.objects.filter(pk=world.current.pk).update(time_zone="Pacific/Fiji")
    said = "You were let in late until 31.01.28, 20:00 (Pacific/Fiji). That moment has passed."
    assert said in tasks(sign_in(world.people.connie))


def test_who_lets_in_sees_until_when_in_the_own_zone(world, sign_in):
    close_round(collection=world.current, by=None, now=NOW)
    client = recently(sign_in(world.people.ada))
    path = reverse("round_late", args=(PLAN, "interim-2028", "FJI"))
    own = world.people.ada.time_zone
    page = page_of(client.post(path, {"until": "31.01.28 17:00", "reason": "A storm."}, follow=True))
    here = MOMENT.astimezone(own)
    assert here.utcoffset() != MOMENT.astimezone(TOKYO).utcoffset()
    said = f"Fiji can answer until 31.01.28, 17:00 (Asia/Tokyo); {here:%d.%m.%y, %H:%M} your time ({own.key})."
    assert said in page.main
