"""Before anything is collected, every page is there and says so in plain words."""

import pytest

from workplan.models import Plan

from .looks import look, page_of
from .region import ROLES, make_people

ADDRESSES = (
    ("overview", ""),
    ("focus_area", "1"),
    ("kpi", "1.1.1(b)"),
    ("kpi", "2.1.1(a).2"),
    ("member", "FJI"),
    ("work_plan", ""),
    ("rounds", ""),
    ("register", ""),
    ("documents", ""),
)


@pytest.fixture
def people(plan, clock):
    return make_people()


def test_the_secretariat_has_every_page(people, sign_in):
    client = sign_in(people.ada)
    assert [look(client, *each).status for each in ADDRESSES] == [200] * len(ADDRESSES)


@pytest.mark.parametrize("name", ROLES)
def test_nobody_meets_an_error(people, sign_in, name):
    client = sign_in(people[name])
    assert {look(client, *each).status for each in ADDRESSES} <= {200, 403, 404}


def test_there_are_no_rounds(people, sign_in):
    page = look(sign_in(people.ada), "rounds")
    assert page.heading == "No round is open"
    assert "No rounds yet" in page.main


def test_the_register_is_empty(people, sign_in):
    page = look(sign_in(people.ada), "register")
    assert page.heading == "The register holds no activities"
    assert "No activities yet" in page.main
    page = page_of(sign_in(people.ada).get("/plans/rsp-2026-2028/register/arrangements/"))
    assert page.heading == "The register holds no arrangements"
    assert "No arrangements yet" in page.main


def test_no_kpi_has_a_value(people, sign_in):
    assert look(sign_in(people.ada), "overview").heading == (
        "The region: 0 of 87 targets reached or on track as at 30.06.26"
    )
    assert "no value yet" in look(sign_in(people.ada), "kpi", "1.1.1(b)").heading


def test_the_front_door_leads_to_the_current_plan(people, sign_in, client):
    page = page_of(sign_in(people.percy).get("/"))
    assert (page.status, page.location) == (302, "/plans/rsp-2026-2028/")
    Plan.objects.update(published=False)
    page = page_of(sign_in(people.percy).get("/"))
    assert (page.status, page.heading) == (404, "No plan is published yet.")
