"""The setting of a plan that decides whether Members see each other by name."""

import pytest

from members.models import AuditEntry
from tests.members.signing_in import recently
from workplan.models import Plan

from .looks import page_of
from .region import PLAN
from .test_release import publish

ADDRESS = f"/plans/{PLAN}/documents/naming/"


@pytest.fixture
def ada(world, sign_in):
    return recently(sign_in(world.people.ada))


def typed(**differently: str) -> dict[str, str]:
    return {"named": "False", "seen": "True", "reason": "The conference wishes it."} | differently


def named() -> bool:
    return Plan.objects.get(code=PLAN).members_named


def test_it_says_that_a_person_reads_what_people_wrote(ada):
    assert "So a person must read what people wrote before each release." in page_of(ada.get(ADDRESS)).main


def test_it_says_what_it_holds_for(ada):
    main = page_of(ada.get(ADDRESS)).main
    assert "and for the data and the pages of a release" in main
    assert "The register of activities and arrangements says who took part." in main


def test_it_is_changed_with_a_reason_that_stands_in_the_history(world, ada):
    assert page_of(ada.get(ADDRESS)).heading == "Members see each other by name"
    page = page_of(ada.post(ADDRESS, typed(), follow=True))
    assert "Members see each other only as how many." in page.main
    assert not named()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.changes, entry.reason) == ({"members_named": [True, False]}, "The conference wishes it.")


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"named": ""}, {"named": "Perhaps"}, {"seen": "x"}])
def test_what_is_wrong_is_said_and_changes_nothing(ada, wrong):
    page = page_of(ada.post(ADDRESS, typed(**wrong)))
    assert page.status == 422
    assert named()


def test_two_people_do_not_change_it_back_unseen(ada):
    ada.post(ADDRESS, typed())
    page = page_of(ada.post(ADDRESS, typed(named="True", seen="True")))
    assert (page.status, named()) == (409, False)


def test_the_same_once_more_changes_nothing(ada):
    ada.post(ADDRESS, typed())
    many = AuditEntry.objects.count()
    assert ada.post(ADDRESS, typed()).status_code == 302
    assert AuditEntry.objects.count() == many


def test_a_release_keeps_what_held_when_it_was_published(world, ada):
    before = publish(world, title="Before")
    ada.post(ADDRESS, typed())
    after = publish(world, title="After")
    assert [each.members_named for each in (before, after)] == [True, False]
    before.refresh_from_db()
    assert before.members_named
