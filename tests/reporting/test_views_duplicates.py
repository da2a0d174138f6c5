"""The pages about two records that may be of one event."""

from datetime import date

import pytest
from django.urls import reverse

from reporting.models import Activity, Suspicion

from .browsing import forms_of
from .looks import page_of, queries_of
from .region import PLAN, activity

ITEMS, DAY = "2.1.1(a).2", date(2026, 11, 20)


def at(name: str, *args: object) -> str:
    return reverse(name, args=[PLAN, *args])


def alike(client, **typed: str):
    return page_of(client.get(at("activity_alike"), typed))


@pytest.fixture
def pair(world) -> tuple[Activity, Activity]:
    one, two = (activity(name, DAY, {ITEMS: 5}, accept=False, title="Alerts on drugs") for name in ("AA", "BB"))
    return one, two


def form_on(client, path: str, name: str) -> dict[str, list[str]]:
    [form] = [each.fields for each in forms_of(client.get(path).content.decode(), path) if name in each.fields]
    return form


def test_while_somebody_types_what_is_recorded_already_is_shown(world, sign_in, pair):
    client = sign_in(world.people.connie)
    found = alike(client, title="alerts on drug", start="21.11.26")
    assert found.status == 200
    assert found.html.count("Alerts on drugs") == 2
    assert f'href="{at("activity", pair[0].pk)}"' in found.html
    for typed in ({"title": "al"}, {"title": "alerts on drugs", "start": "21.03.27"}, {"title": "E-commerce"}, {}):
        assert "Alerts" not in alike(client, **typed).html
    assert alike(client, title="x" * 9000, start="31.02.27").status == 200
    assert queries_of(client, at("activity_alike") + "?title=alerts+on+drugs&start=21.11.26") <= 12


def test_what_one_may_not_know_of_is_not_shown(world, sign_in):
    activity("OP", DAY, {ITEMS: 5}, accept=False, title="Operation Heron", kind="operation")
    assert "Heron" not in alike(sign_in(world.people.connie), title="Operation Heron", start="20.11.26").html
    assert "Heron" in alike(sign_in(world.people.ada), title="Operation Heron", start="20.11.26").html
    assert sign_in(world.people.percy).get(at("activity_alike")).status_code == 403


def test_without_javascript_it_is_shown_before_anything_is_recorded(world, sign_in, pair):
    client, path = sign_in(world.people.connie), at("activity_add")
    typed = {"title": "Alerts on Drugs", "kind": "alert", "status": "held", "start": "20.11.26"}
    form = form_on(client, path, "reference") | typed
    page = page_of(client.post(path, form))
    assert "Nothing is recorded yet." in page.main
    assert Activity.objects.count() == Activity.objects.exclude(reference=form["reference"][0]).count()
    [again] = [each.fields for each in forms_of(page.html, path) if "alike" in each.fields]
    assert again["title"] == ["Alerts on Drugs"]
    assert client.post(path, again).status_code == 302
    assert Activity.objects.filter(reference=form["reference"][0]).exists()


def test_the_record_says_that_it_may_be_another(world, sign_in, pair):
    one, two = pair
    for name in ("ada", "connie"):
        page = page_of(sign_in(world.people[name]).get(at("activity", two.pk)))
        assert "It may be the same event as another record" in page.main
        assert (at("activity_pair", one.pk, two.pk) in page.html) is (name == "ada")


def test_the_secretariat_finds_the_pairs_on_its_first_page_and_tells_two_apart(world, sign_in, pair):
    client, (one, two) = sign_in(world.people.ada), pair
    today = page_of(client.get(at("today")))
    assert "may be one event: say whether" in today.main
    listed = page_of(client.get(at("activity_pairs")))
    assert listed.heading == "1 pair of records that may be one event"
    address = at("activity_pair", one.pk, two.pk)
    assert f'href="{address}"' in listed.html
    page = page_of(client.post(address, {"ruling": "", "reason": ""}))
    assert (page.status, "Say whether they are one." in page.main) == (422, True)
    page = page_of(client.post(address, {"ruling": "two", "reason": "Two teams."}, follow=True))
    assert "They are two events, and both count." in page.main
    assert Suspicion.objects.get(first=one).reason == "Two teams."
    page = page_of(client.post(address, {"ruling": "two", "reason": "Again."}))
    assert page.status == 409
    assert "Two events: Ada said so" in page.main


def test_the_secretariat_merges_one_into_the_other(world, sign_in, pair):
    client, (one, two) = sign_in(world.people.ada), pair
    page = page_of(client.post(at("activity_pair", one.pk, two.pk), {"ruling": "first", "reason": "One."}, follow=True))
    assert "Merged into AA." in page.main
    gone = page_of(client.get(at("activity", two.pk)))
    assert "It is the same event as AA , and was merged into it" in gone.main
    for verb in ("edit", "cancel", "decide"):
        assert client.get(at(f"activity_{verb}", two.pk)).status_code == 403, verb
    listed = page_of(client.get(at("register"))).main
    assert listed.count("Alerts on drugs") == 1
    assert "Alerts on drugs" not in page_of(client.get(at("register") + "?state=refused")).main


def test_only_the_secretariat_rules(world, sign_in, pair):
    for name in ("connie", "olga", "cora"):
        client = sign_in(world.people[name])
        assert client.get(at("activity_pairs")).status_code == 403
        assert client.post(at("activity_pair", pair[0].pk, pair[1].pk), {"ruling": "two"}).status_code == 403
    for name in ("ada", "connie", "olga", "percy"):
        client = sign_in(world.people[name])
        for one, other in ((999999, 999998), (pair[0].pk, 999998), (pair[1].pk, pair[0].pk), (2**70, 1)):
            assert client.get(at("activity_pair", one, other)).status_code == 404, (name, one, other)


def test_who_may_not_know_of_both_learns_nothing_of_the_pair(world, sign_in):
    """Operations are known to those involved; a meeting like it to everybody."""
    one = activity("OP", DAY, {ITEMS: 5}, accept=False, title="Operation Heron", kind="operation")
    two = activity("MEET", DAY, {ITEMS: 5}, accept=False, title="Operation Heron")
    address = at("activity_pair", one.pk, two.pk)
    assert sign_in(world.people.ada).get(address).status_code == 200
    for name in ("connie", "percy"):
        client = sign_in(world.people[name])
        assert (client.get(address).status_code, client.post(address, {"ruling": "two"}).status_code) == (404, 404)
