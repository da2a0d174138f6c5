"""The releases."""

import re

import pytest
from django.urls import reverse

from reporting.actions import publish_release
from reporting.inputs import Basis
from reporting.models import Job, Release
from reporting.moves import moves
from reporting.report import from_json

from .looks import address, look, page_of, queries_of, stored
from .region import BASELINE, INTERIM, NOW, PLAN, ROLES, leave_only


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "documents")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert look(sign_in(world.people.nobody), "documents").status == 403


@pytest.mark.parametrize("name", ROLES)
def test_everybody_sees_the_releases_and_opens_them(world, sign_in, name):
    client = sign_in(world.people[name])
    page = look(client, "documents")
    assert page.heading == "One release; the latest is as at 30.06.26"
    row = page.row("30.06.26")
    assert "1. The Baseline" in row
    assert "Ada" in row
    assert world.release.checksum in row
    opened = client.get(f"/plans/{PLAN}/?release=1")
    assert f'href="/plans/{PLAN}/?release=1"' in page.html
    assert opened.status_code == 200


def test_the_latest_release_stands_first(world, sign_in):
    publish_release(plan=world.plan, title="Second", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    page = look(sign_in(world.people.percy), "documents")
    assert page.heading == "2 releases; the latest is as at 30.06.27"
    rows = [row for row in page.rows() if "." in row[:3]]
    assert ["2. Second" in rows[0], "1. The Baseline" in rows[1]] == [True, True]
    assert "the secretariat" in rows[0]


def test_each_says_how_many_figures_moved_since_the_one_before(world, sign_in):
    for title in ("Second", "Third"):
        publish_release(plan=world.plan, title=title, as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    [first, second, third] = Release.objects.order_by("number")
    many = len(list(moves(from_json(first.content), from_json(second.content))))
    rows = [row for row in look(sign_in(world.people.percy), "documents").rows() if "." in row[:3]]
    told = [re.search(r"(\d+ figures?|No figure) moved", row) for row in rows]
    assert [found and found[0] for found in told] == ["No figure moved", f"{many} figures moved", None]
    assert many > 1
    assert third.checksum in rows[0]


def test_before_the_first_it_says_so(world, sign_in):
    Job.objects.all().delete()
    Release.objects.all().delete()
    page = look(sign_in(world.people.percy), "documents")
    assert page.heading == "No release yet"
    assert "Nothing is released yet" in page.main


@pytest.mark.parametrize("asked", [{"as_at": "x"}, {"basis": "x"}, {"release": "x"}])
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.percy), "documents", **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_it_is_only_read(world, sign_in):
    client = sign_in(world.people.ada)
    before = stored()
    assert client.post(address("documents")).status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", ROLES)
def test_it_takes_at_most_12_queries(world, sign_in, name):
    client = sign_in(world.people[name])
    before = queries_of(client, address("documents"))
    for number in range(3):
        publish_release(plan=world.plan, title=f"No. {number}", as_at=INTERIM, basis=Basis.REPORTED, by=None, now=NOW)
    leave_only("FJI")
    assert queries_of(client, address("documents")) == before <= 12


def test_the_list_and_the_page_of_a_release_compare_it_with_the_same_one(world, sign_in):
    publish_release(plan=world.plan, title="Second", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)
    again = publish_release(plan=world.plan, title="Again", as_at=BASELINE, basis=Basis.ACCEPTED, by=None, now=NOW)
    client = sign_in(world.people.percy)
    [row] = [row for row in look(client, "documents").rows() if "Again" in row]
    assert "No figure moved" in row
    page = page_of(client.get(reverse("release", args=[PLAN, again.number])))
    assert "No figure moved since the release before" in page.main
    first = page_of(client.get(reverse("release", args=[PLAN, 1])))
    assert "There is no earlier release to compare with" in first.main
