"""Guessing is slowed down, and nobody can lock another person out by it (docs/adr/0014)."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from members.throttles import COOKIE, MOST
from tests.conftest import person

from .signing_in import NEW, PASSWORD, browser_of, signed_in, try_password, with_password

TOO_MANY = ["Too many wrong tries. Wait a few minutes, or set a new password."]
WRONG = ["The e-mail address or the password is not right."]


def said(response) -> list[str]:
    return response.context["form"].non_field_errors()


def guess(client: Client, user, times: int, first_address: int = 1) -> list[list[str]]:
    """Each from another network address, as somebody with many of them would."""
    return [
        said(try_password(client, user, "a wrong one", REMOTE_ADDR=f"10.0.{n // 200}.{n % 200 + 1}"))
        for n in range(first_address, first_address + times)
    ]


def test_a_stranger_has_five_guesses_for_an_account_from_wherever(cast):
    with_password(cast.connie)
    assert guess(Client(), cast.connie, 8) == [WRONG] * 5 + [TOO_MANY] * 3
    late = Client()
    assert said(try_password(late, cast.connie, PASSWORD, REMOTE_ADDR="10.9.9.9")) == TOO_MANY
    assert not signed_in(late)


def test_the_victim_gets_in_all_the_same_where_they_signed_in_before(cast):
    victim = browser_of(cast.connie)
    victim.post(reverse("account_logout"))
    assert guess(Client(), cast.connie, 8)[-1] == TOO_MANY
    assert try_password(victim, cast.connie).status_code == 302
    assert signed_in(victim)


def test_a_known_browser_has_five_guesses_of_its_own(cast):
    """So a stolen telephone guesses no more than a stranger, and its guesses shut out no other browser."""
    stolen, other = browser_of(cast.connie), browser_of(cast.connie)
    for each in (stolen, other):
        each.post(reverse("account_logout"))
    assert guess(stolen, cast.connie, 6) == [WRONG] * 5 + [TOO_MANY]
    assert try_password(other, cast.connie).status_code == 302
    fresh = Client()
    assert try_password(fresh, cast.connie).status_code == 302


def test_the_mark_of_one_person_gives_no_guesses_for_another(cast):
    mine = browser_of(cast.fay)
    mine.post(reverse("account_logout"))
    with_password(cast.connie)
    assert guess(Client(), cast.connie, 5) == [WRONG] * 5
    assert guess(mine, cast.connie, 1, first_address=50) == [TOO_MANY]


@pytest.mark.parametrize("change", [lambda mark: mark[:-2], lambda mark: "x" + mark, lambda mark: ""])
def test_a_forged_mark_is_none(cast, change):
    forger = browser_of(cast.connie)
    forger.post(reverse("account_logout"))
    forger.cookies[COOKIE] = change(forger.cookies[COOKIE].value)
    assert guess(Client(), cast.connie, 5) == [WRONG] * 5
    assert guess(forger, cast.connie, 1, first_address=50) == [TOO_MANY]


def test_an_address_without_an_account_is_answered_alike(db):
    class Nobody:
        email = "nobody@example.org"

    assert guess(Client(), Nobody, 7) == [WRONG] * 5 + [TOO_MANY] * 2


def test_the_address_counts_however_it_is_written(cast):
    with_password(cast.connie)
    spellings = ["connie@example.org", "CONNIE@example.org", "Connie@Example.ORG", " connie@example.org "] * 2
    answers = []
    for n, email in enumerate(spellings):
        typed = {"login": email, "password": "a wrong one"}
        answers.append(said(Client().post(reverse("account_login"), typed, REMOTE_ADDR=f"10.1.1.{n + 1}")))
    assert answers == [WRONG] * 5 + [TOO_MANY] * 3


def test_one_network_address_guesses_for_ten_accounts_a_minute(cast, organisations):
    people = [person(f"P{n}", "member_contributor", organisations.fiji) for n in range(12)]
    answers = [said(try_password(Client(), each, "a wrong one")) for each in people]
    assert answers == [WRONG] * 10 + [TOO_MANY] * 2


OFFICE = {"REMOTE_ADDR": "10.3.3.3"}


def used_up_by_others(organisations, times: int) -> None:
    """Somebody behind the address of the office tries one account after the other."""
    people = [person(f"P{n}", "member_contributor", organisations.fiji) for n in range(times)]
    for each in people:
        last = try_password(Client(), each, "a wrong one", **OFFICE)
    assert last.status_code == 429 or said(last) == TOO_MANY


@pytest.mark.parametrize("times", [12, 31], ids=["wrong passwords", "tries of any kind"])
def test_a_known_browser_is_not_shut_out_by_others_behind_its_network_address(cast, organisations, times):
    victim = browser_of(cast.connie)
    victim.post(reverse("account_logout"))
    used_up_by_others(organisations, times)
    assert try_password(victim, cast.connie, **OFFICE).status_code == 302
    assert signed_in(victim)
    victim.post(reverse("account_logout"))
    assert [said(try_password(victim, cast.connie, "a wrong one", **OFFICE)) for _ in range(6)] == [WRONG] * 5 + [
        TOO_MANY
    ]


def test_a_known_browser_signs_in_again_there_all_the_same(cast, organisations):
    client, page = browser_of(cast.ada), reverse("account_reauthenticate")
    used_up_by_others(organisations, 12)
    assert client.post(page, {"password": PASSWORD}, **OFFICE).status_code == 302


def test_the_mark_of_one_person_gets_no_other_past_the_network_address(cast, organisations):
    """So who has an account cannot guess for all others; nor does it count to name the own account besides."""
    mine = browser_of(cast.fay)
    mine.post(reverse("account_logout"))
    with_password(cast.connie)
    used_up_by_others(organisations, 12)
    assert said(try_password(mine, cast.connie, **OFFICE)) == TOO_MANY
    both = {"login": [cast.fay.email, cast.connie.email], "password": PASSWORD}
    assert said(mine.post(reverse("account_login"), both, **OFFICE)) == TOO_MANY


@pytest.mark.parametrize("address", ["connie\0@example.org", "x" * 5000, ""])
def test_an_odd_address_at_a_known_browser_is_refused_as_everywhere(cast, address):
    client = browser_of(cast.connie)
    client.post(reverse("account_logout"))
    response = client.post(reverse("account_login"), {"login": address, "password": PASSWORD})
    assert response.status_code == 422


# ---------------------------------------------------------------- the ways round, while somebody else guesses


def test_a_new_password_by_mail_lets_the_victim_in_at_a_new_browser(cast, django_capture_on_commit_callbacks):
    """At the same moment, and with the tries of strangers used up; the link of the mail marks the browser."""
    with_password(cast.connie)
    assert guess(Client(), cast.connie, 6)[-1] == TOO_MANY
    fresh = Client()
    assert said(try_password(fresh, cast.connie, REMOTE_ADDR="10.9.9.9")) == TOO_MANY
    with django_capture_on_commit_callbacks(execute=True):
        fresh.post(reverse("account_reset_password"), {"email": cast.connie.email}, follow=True)
    form = fresh.get(re.search(rf"{settings.SITE_ADDRESS}(\S+)", mail.outbox[-1].body)[1])
    fresh.post(form.url, {"password1": NEW, "password2": NEW})
    assert guess(Client(), cast.connie, 6, first_address=100)[-1] == TOO_MANY
    assert try_password(fresh, cast.connie, NEW, REMOTE_ADDR="10.9.9.9").status_code == 302
    assert signed_in(fresh)


def test_the_mark_is_signed_and_for_the_server_alone(cast):
    cookie = browser_of(cast.connie).cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "connie" not in cookie.value


def test_a_shared_browser_knows_the_last_five(cast, organisations):
    client = Client()
    people = [with_password(person(f"P{n}", "member_contributor", organisations.fiji)) for n in range(MOST + 1)]
    for each in people:
        try_password(client, each)
        client.post(reverse("account_logout"))
        cache.clear()
    for n, each in enumerate((people[0], people[-1])):
        guess(Client(), each, 5, first_address=20 * n + 1)
    assert said(try_password(client, people[0], REMOTE_ADDR="10.2.2.2")) == TOO_MANY
    assert try_password(client, people[-1], REMOTE_ADDR="10.2.2.3").status_code == 302


def test_guesses_at_signing_in_again_are_counted_too(cast):
    client = browser_of(cast.ada)
    page = reverse("account_reauthenticate")
    forms = [client.post(page, {"password": "a wrong one"}).context["form"] for _ in range(6)]
    answers = [list(form.errors["password"]) for form in forms]
    assert answers == [["The password is not right."]] * 5 + [TOO_MANY]
    client.post(reverse("account_logout"))
    fresh = Client()
    assert try_password(fresh, cast.ada).status_code == 302
