"""For which KPIs an activity may count is suggested with the reason, and chosen by a person."""

from datetime import date

from django.urls import reverse

from reporting.choices import Audience
from reporting.models import Activity

from .browsing import forms_of
from .looks import page_of, queries_of
from .region import PLAN, activity

ITEMS, DAY = "2.1.1(a).2", date(2026, 11, 20)


def at(name: str) -> str:
    return reverse(name, args=[PLAN])


def suggested(client, **typed: str) -> str:
    return page_of(client.get(at("activity_alike"), typed)).main


def test_what_records_like_it_counted_for_is_suggested(world, sign_in):
    activity("A", DAY, {ITEMS: 5}, title="Notices on gems, May", kind="alert")
    client = sign_in(world.people.connie)
    said = suggested(client, title="Notices on gems, June", kind="alert", start="20.03.27")
    assert f"Choose {ITEMS}" in said
    assert "As “Notices on gems, May” did." in said
    for other in ({"kind": "workshop"}, {"kind": ""}, {"kind": "alert", "title": "No"}):
        assert "Notices on gems, May" not in suggested(client, **({"title": "Notices on gems, June"} | other))
    assert queries_of(client, at("activity_alike") + "?title=Notices+on+gems&kind=alert") <= 12


def test_what_says_the_same_words_is_suggested(world, sign_in):
    said = suggested(sign_in(world.people.connie), title="Dialogue on drugs", kind="dialogue")
    assert "It says “drug”, too." in said


def test_what_one_may_not_know_of_is_no_reason(world, sign_in):
    activity("A", DAY, {ITEMS: 5}, title="Operation Heron, May", kind="operation")
    typed = {"title": "Operation Heron, June", "kind": "operation"}
    assert "Operation Heron, May" not in suggested(sign_in(world.people.connie), **typed)
    assert "Operation Heron, May" in suggested(sign_in(world.people.ada), **typed)
    Activity.objects.filter(reference="A").update(audience=Audience.EVERYBODY)
    assert "Operation Heron, May" in suggested(sign_in(world.people.connie), **typed)


def test_one_is_chosen_by_its_button_and_nothing_is_recorded_yet(world, sign_in):
    activity("A", DAY, {ITEMS: 5}, title="Notices on gems, May", kind="alert")
    client, path, before = sign_in(world.people.connie), at("activity_add"), Activity.objects.count()
    [form] = [each.fields for each in forms_of(client.get(path).content.decode(), path) if "reference" in each.fields]
    typed = form | {"title": "Notices on gems, June", "kind": "alert", "status": "held", "start": "20.03.27"}
    page = page_of(client.post(path, typed | {"suggested": ITEMS}))
    assert (page.status, Activity.objects.count()) == (200, before)
    [again] = [each.fields for each in forms_of(page.html, path) if "reference" in each.fields]
    assert [again["kpi-0-kpi"], again["title"]] == [[ITEMS], ["Notices on gems, June"]]
    twice = page_of(client.post(path, again | {"suggested": ITEMS}))
    assert twice.html.count(f'<option value="{ITEMS}" selected') == 1
    assert page_of(client.post(path, again | {"suggested": "nonsense"})).status == 200
    assert client.post(path, again).status_code == 302
    assert list(Activity.objects.latest("pk").versions.get().links.values_list("kpi__code", flat=True)) == [ITEMS]
