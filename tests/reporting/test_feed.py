"""The calendar of planned activities at a personal address."""

import re
from datetime import UTC, date, datetime

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from members.models import AuditEntry, Role
from reporting.actions.feeds import make_feed, revoke_feed
from reporting.choices import Audience
from reporting.inputs import Basis
from reporting.models import Activity, ActivityVersion, Feed
from reporting.report import build_report

from .looks import page_of
from .region import NOW, OPEN, PLAN, Event, activity, on, org, record

CHIPS = "2.2.3(a)"
PLANNED = {"status": "planned"}
LATER = datetime(2028, 1, 11, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_else_is_planned(world):
    ActivityVersion.objects.filter(status="planned").update(status="held")


def plan(reference: str = "P-1", day: date = date(2028, 3, 1), **says: object) -> Activity:
    return activity(reference, day, [CHIPS], accept=False, **{"title": reference, **PLANNED, **says})


def address(token: str) -> str:
    return reverse("feed_ics", args=[token])


def events(client, token: str) -> list:
    response = client.get(address(token))
    assert response.status_code == 200
    return Calendar.from_ical(response.content).walk("VEVENT")


def titles(client, token: str) -> list[str]:
    return [str(each["SUMMARY"]) for each in events(client, token)]


def test_it_says_what_is_planned_as_whole_days(world, client):
    plan(title="Chips, once; more", end=date(2028, 3, 3), place="Suva, Fiji", online=True, participants=["FJI"])
    token = make_feed(by=world.people.connie, now=NOW)
    response = client.get(address(token))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    assert event.decoded("DTSTAMP") == NOW
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2028, 3, 1), date(2028, 3, 4))
    assert {name: str(event[name]) for name in ("UID", "SUMMARY", "LOCATION", "STATUS")} == {
        "UID": "P-1@rsp-tracker",
        "SUMMARY": "Chips, once; more",
        "LOCATION": "Suva, Fiji, online",
        "STATUS": "TENTATIVE",
    }
    assert event.decoded("LAST-MODIFIED") == NOW


def test_one_day_ends_on_the_next_and_its_name_stays(world, client):
    plan()
    token = make_feed(by=world.people.connie, now=NOW)
    [before] = events(client, token)
    assert before.decoded("DTEND") == date(2028, 3, 2)
    record(Event("P-1", date(2028, 3, 8), [CHIPS], says={"title": "Moved", **PLANNED}), accept=False, now=LATER)
    [after] = events(client, token)
    assert (after["UID"], str(after["SUMMARY"])) == (before["UID"], "Moved")
    assert (after.decoded("LAST-MODIFIED"), int(after["SEQUENCE"])) == (LATER, 1)


def test_what_was_held_or_cancelled_is_not_there(world, client):
    plan("P-1")
    plan("P-2", status="held")
    plan("P-3", status="cancelled")
    assert titles(client, make_feed(by=world.people.connie, now=NOW)) == ["P-1"]


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        (Audience.EVERYBODY, {"ada", "ed", "connie", "ali", "cora", "olga"}),
        (Audience.CUSTOMS, {"ada", "ed", "connie", "ali", "cora", "olga"}),
        (Audience.INVOLVED, {"ada", "ed", "connie", "ali"}),
    ],
)
def test_it_holds_what_its_owner_may_know_of_now(world, client, audience, readers):
    made = plan(participants=["FJI"])
    tokens = {
        name: make_feed(by=world.people[name], now=NOW) for name in ("ada", "ed", "connie", "ali", "cora", "olga")
    }
    assert {name for name, token in tokens.items() if titles(client, token)} == set(tokens)
    Activity.objects.filter(pk=made.pk).update(audience=audience)
    assert {name for name, token in tokens.items() if titles(client, token)} == readers


def gone(client, token: str) -> bool:
    response = client.get(address(token))
    found = (response.status_code, response.content.decode(), response["Referrer-Policy"])
    return found == (404, "There is no calendar at this address.", "no-referrer")


def test_a_wrong_address_and_one_that_was_taken_back_give_nothing(world, client):
    connie = world.people.connie
    first = make_feed(by=connie, now=NOW)
    second = make_feed(by=connie, now=NOW)
    assert (gone(client, first), gone(client, second), gone(client, "x"), gone(client, second + "x")) == (
        True, False, True, True
    )  # fmt: skip
    assert revoke_feed(by=connie, now=NOW)
    assert not revoke_feed(by=connie, now=NOW)
    assert gone(client, second)


def test_a_closed_account_and_one_without_the_right_get_nothing(world, client):
    connie, ali = world.people.connie, world.people.ali
    tokens = [make_feed(by=each, now=NOW) for each in (connie, ali)]
    assert [gone(client, each) for each in tokens] == [False, False]
    type(connie).objects.filter(pk=connie.pk).update(is_active=False)
    Role.objects.filter(user=ali).update(role="observer", organisation=org("RPSG"))
    assert [gone(client, each) for each in tokens] == [True, True]


def test_an_administrator_without_a_second_factor_gets_nothing_where_one_is_needed(world, client, settings):
    token = make_feed(by=world.people.ada, now=NOW)
    assert not gone(client, token)
    settings.MFA_REQUIRED = True
    assert gone(client, token)


def test_it_is_only_read(world, client):
    assert client.post(address(make_feed(by=world.people.connie, now=NOW))).status_code == 405


def test_somebody_who_tries_many_addresses_is_stopped(world, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "feed": "3/m/ip"}
    caches["default"].clear()
    assert [client.get(address(f"guess-{n}")).status_code for n in range(4)] == [404, 404, 404, 429]
    caches["default"].clear()


def test_of_the_address_a_hash_alone_is_kept(world):
    token = make_feed(by=world.people.connie, now=NOW)
    [stored] = Feed.objects.values_list("token_hash", flat=True)
    assert (token in stored, len(stored)) == (False, 64)
    assert all(token not in str(each) for each in AuditEntry.objects.values_list())


def test_it_is_made_shown_once_and_taken_back_on_a_page(world, sign_in, client):
    connie, path = sign_in(world.people.connie), reverse("feed", args=[PLAN])
    assert "You have no address." in page_of(connie.get(path)).main
    response = connie.post(path)
    assert "no-store" in response["Cache-Control"]
    token = re.search(r"/calendar/([\w-]+)\.ics", response.content.decode())[1]
    assert titles(client, token) == []
    again = page_of(connie.get(path))
    assert ("You have an address, made on" in again.main, token in again.html) == (True, False)
    assert connie.post(path, {"revoke": "1"}).status_code == 302
    assert gone(client, token)
    log = page_of(sign_in(world.people.ada).get(reverse("history"))).main
    assert "Connie created the calendar address “Connie”" in log
    said = AuditEntry.objects.filter(object_type="reporting.feed").order_by("pk")
    assert list(said.values_list("actor_name", "action", "about")) == [
        ("Connie", "created", "members.user/connie@example.org"),
        ("Connie", "withdrawn", "members.user/connie@example.org"),
    ]


def test_it_takes_few_queries_however_much_is_planned(world, client):
    token = make_feed(by=world.people.connie, now=NOW)
    record(*(Event(f"M-{n}", date(2028, 3, 20), [CHIPS], participants=["FJI"], says=PLANNED) for n in range(60)),
           accept=False)  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert len(events(client, token)) == 60
    assert len(asked) <= 12


@pytest.mark.parametrize("basis", Basis)
def test_what_is_planned_is_counted_nowhere(world, basis):
    before = build_report(on(OPEN, basis)).results[CHIPS]
    plan(day=date(2027, 12, 1), participants={"FJI": (10, 4)}, organisers=["ROCB"])
    after = build_report(on(OPEN, basis)).results[CHIPS]
    assert (after.value, after.percent) == (before.value, before.percent)
    plan("P-2", day=date(2027, 12, 8), status="held")
    held = build_report(on(OPEN, basis)).results[CHIPS]
    assert (held.value != before.value) is (basis == Basis.REPORTED)
