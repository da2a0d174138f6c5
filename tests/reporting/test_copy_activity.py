"""An activity is copied to the next year: the form is filled in with what comes again, and with nothing else."""

from datetime import date

import pytest
from django.urls import reverse

from reporting.choices import Audience
from reporting.models import Activity

from .amending import retire
from .browsing import forms_of
from .looks import Page, page_of, queries_of
from .region import PLAN, activity

OPERATIONS, CHIPS = "2.2.2(a).1", "2.2.3(a)"


@pytest.fixture
def last(world) -> Activity:
    return activity(
        "LAST",
        date(2028, 2, 27),
        {OPERATIONS: 1, CHIPS: 12},
        organisers=["ROCB"],
        contributors=["FJI"],
        participants={"FJI": (10, 4), "NZL": (3, 1)},
        heads={"FJI": "f"},
        title="Chips again",
        kind="training",
        end=date(2028, 2, 29),
        place="Suva, Fiji",
        online=True,
        rating="4.25",
        respondents=9,
    )


def copy_of(client, pk: object) -> Page:
    return page_of(client.get(reverse("activity_add", args=[PLAN]) + f"?copy={pk}"))


def filled(page: Page) -> dict[str, str]:
    [form] = [each.fields for each in forms_of(page.html, "") if "reference" in each.fields]
    unsaid = ("csrfmiddlewaretoken", "reference", "token")
    said = {name: value for name, [value] in form.items() if value and name not in unsaid}
    return {name: value for name, value in said.items() if "_FORMS" not in name}


def test_it_comes_again_a_year_later_with_those_who_make_it_and_without_numbers(world, last, sign_in):
    page = copy_of(sign_in(world.people.connie), last.pk)
    assert page.status == 200
    assert filled(page) == {
        "title": "Chips again",
        "kind": "training",
        "status": "planned",
        "start": "27.02.29",
        "end": "28.02.29",
        "place": "Suva, Fiji",
        "online": "on",
        "audience": "everybody",
        "part-0-organisation": "FJI",
        "part-0-contributes": "on",
        "part-1-organisation": "ROCB",
        "part-1-organises": "on",
        "kpi-0-kpi": OPERATIONS,
        "kpi-0-items": "1",
        "kpi-1-kpi": CHIPS,
        "kpi-1-items": "1",
    }


def test_it_is_recorded_as_another_one(world, last, sign_in):
    client, path = sign_in(world.people.connie), reverse("activity_add", args=[PLAN]) + f"?copy={last.pk}"
    html = client.get(path).content.decode()
    [form] = [each.fields for each in forms_of(html, path) if "reference" in each.fields]
    assert client.post(path, form).status_code == 302
    made = Activity.objects.latest("pk")
    assert made.reference.startswith("FJI-")
    assert (made.recorded_by.code, made.versions.get().status, last.versions.count()) == ("FJI", "planned", 1)


def test_a_kpi_that_left_the_plan_is_not_copied(world, last, sign_in):
    retire(world, CHIPS)
    said = filled(copy_of(sign_in(world.people.connie), last.pk))
    assert [said[name] for name in sorted(said) if name.endswith("-kpi")] == [OPERATIONS]


def test_what_few_may_know_of_stays_so(world, last, sign_in):
    Activity.objects.filter(pk=last.pk).update(audience=Audience.INVOLVED)
    assert filled(copy_of(sign_in(world.people.connie), last.pk))["audience"] == "involved"


@pytest.mark.parametrize("which", ["hidden", "abc", "²", "9" * 25, "999999"])
def test_what_one_may_not_know_of_or_does_not_exist_is_not_copied(world, last, sign_in, which):
    made = activity("HIDDEN", date(2027, 2, 1), [OPERATIONS], participants=["NZL"], title="Unseen heron")
    Activity.objects.filter(pk=made.pk).update(audience=Audience.INVOLVED)
    page = copy_of(sign_in(world.people.connie), made.pk if which == "hidden" else which)
    assert page.status == 404
    assert "heron" not in page.html


@pytest.mark.parametrize(("name", "offered"), [("connie", True), ("ed", True), ("cora", False)])
def test_the_page_offers_it_to_whoever_may_add(world, last, sign_in, name, offered):
    page = page_of(sign_in(world.people[name]).get(reverse("activity", args=[PLAN, last.pk])))
    assert ("Copy it to the next year" in page.main) is offered


def test_it_takes_few_queries(world, last, sign_in):
    path = reverse("activity_add", args=[PLAN]) + f"?copy={last.pk}"
    assert queries_of(sign_in(world.people.connie), path) <= 12
