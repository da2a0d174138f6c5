"""When a session ends, and that a forgotten password tells nobody who has an account (docs/adr/0014)."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import actions, sessions
from members.models import User

from .signing_in import NEW, PASSWORD, browser_of, signed_in, title, try_password, with_password

HOUR = 3600


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(sessions.time.time())
    monkeypatch.setattr(sessions, "time", clock)
    return clock


def test_it_ends_four_hours_after_the_last_click(cast, clock):
    client = browser_of(cast.connie)
    for _ in range(2):
        clock.now += 4 * HOUR
        assert signed_in(client)
    clock.now += 4 * HOUR + 1
    assert not signed_in(client)
    assert "_auth_user_id" not in client.session


def test_it_ends_twelve_hours_after_signing_in_however_busy(cast, clock):
    client = browser_of(cast.connie)
    for _ in range(12):
        clock.now += HOUR
        assert signed_in(client)
    clock.now += 1
    assert not signed_in(client)


def test_clicks_count_also_where_they_come_quickly(cast, clock):
    """The last click is stored at most once a minute, so no session ends more than a minute early."""
    client = browser_of(cast.connie)
    clock.now += sessions.EXACT
    assert signed_in(client)
    clock.now += 4 * HOUR - sessions.EXACT
    assert signed_in(client)


def test_who_was_signed_out_is_told_so_and_comes_back_to_the_page(cast, clock):
    client = browser_of(cast.connie)
    clock.now += 5 * HOUR
    response = client.get(reverse("people"), follow=True)
    assert response.redirect_chain == [("/accounts/login/?next=/people/", 302)]
    assert "You were signed out, because some time has passed." in response.content.decode()


def test_a_session_that_does_not_say_when_it_began_is_none(cast):
    client = browser_of(cast.connie)
    session = client.session
    del session[sessions.BEGAN]
    session.save()
    assert not signed_in(client)


def test_signing_in_anew_begins_anew(cast, clock):
    client = browser_of(cast.connie)
    clock.now += 11 * HOUR
    client.logout()
    try_password(client, cast.connie)
    clock.now += 3 * HOUR
    assert signed_in(client)


def test_it_ends_when_the_account_is_closed(cast):
    client = browser_of(cast.connie)
    actions.close_account(person=cast.connie, by=cast.ada)
    assert not signed_in(client)
    try_password(client, cast.connie)
    assert not signed_in(client)


def test_a_new_password_ends_the_others_and_not_this_one(cast):
    here, elsewhere = browser_of(cast.connie), Client()
    try_password(elsewhere, cast.connie)
    assert signed_in(elsewhere)
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert (signed_in(here), signed_in(elsewhere)) == (True, False)


def test_a_wrong_present_password_changes_nothing(cast):
    here = browser_of(cast.connie)
    here.post(reverse("account_change_password"), {"oldpassword": "x", "password1": NEW, "password2": NEW})
    cast.connie.refresh_from_db()
    assert cast.connie.check_password(PASSWORD)


def test_a_reset_of_the_second_factor_ends_all(cast):
    client = browser_of(cast.connie)
    actions.reset_second_factor(person=cast.connie, by=cast.ada, now=timezone.now())
    assert not signed_in(client)


def test_signing_out_everywhere_ends_all_of_this_person_and_nobody_elses(cast):
    here, elsewhere, other = browser_of(cast.connie), Client(), browser_of(cast.ali)
    try_password(elsewhere, cast.connie)
    assert here.get(reverse("sign_out_everywhere")).status_code == 200
    assert signed_in(elsewhere)
    assert here.post(reverse("sign_out_everywhere")).url == reverse("account_login")
    assert [signed_in(each) for each in (here, elsewhere, other)] == [False, False, True]


def test_the_cookie_is_for_the_server_alone(cast):
    cookie = browser_of(cast.connie).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")


# ---------------------------------------------------------------- a forgotten password


def ask(client: Client, commits, email: str):
    with commits(execute=True):
        return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(cast, django_capture_on_commit_callbacks):
    with_password(cast.connie)
    said = [
        ask(Client(), django_capture_on_commit_callbacks, email)
        for email in ("connie@example.org", "CONNIE@example.org", "nobody@example.org")
    ]
    answers = {
        (each.status_code, tuple(each.redirect_chain), re.sub(r'csrf\w*" value="\w+"', "", each.content.decode()))
        for each in said
    }
    assert len(answers) == 1
    assert {name for each in said for name in each.client.cookies} <= {"csrftoken", "sessionid", "messages"}
    assert {*(address for letter in mail.outbox for address in letter.to)} == {"connie@example.org"}


def link_in(letter) -> str:
    return re.search(r"(/accounts/password/reset/key/\S+)", letter.body)[1]


def test_a_new_password_by_mail_ends_all_sessions_and_the_link(cast, django_capture_on_commit_callbacks):
    elsewhere = browser_of(cast.connie)
    client = Client()
    ask(client, django_capture_on_commit_callbacks, "connie@example.org")
    link = link_in(mail.outbox[0])
    form = client.get(link).url
    assert client.post(form, {"password1": NEW, "password2": NEW}).url == reverse(
        "account_reset_password_from_key_done"
    )
    assert not signed_in(elsewhere)
    assert not signed_in(client)
    assert title(Client().get(link)) == "This link does not work any more · RSP Tracker"
    try_password(client, cast.connie, NEW)
    assert signed_in(client)


def test_a_weak_password_is_refused_there_too(cast, django_capture_on_commit_callbacks):
    with_password(cast.connie)
    client = Client()
    ask(client, django_capture_on_commit_callbacks, "connie@example.org")
    form = client.get(link_in(mail.outbox[0])).url
    response = client.post(form, {"password1": "short", "password2": "short"})
    assert title(response) == "Error: Set a new password · RSP Tracker"
    assert User.objects.get(pk=cast.connie.pk).check_password(PASSWORD)


def test_the_link_begins_as_the_settings_say_whatever_host_was_named(
    cast, settings, django_capture_on_commit_callbacks
):
    settings.SITE_ADDRESS, settings.ALLOWED_HOSTS = "https://rsp.example.org", ["*"]
    with_password(cast.connie)
    client = Client(headers={"host": "evil.example"})
    ask(client, django_capture_on_commit_callbacks, "connie@example.org")
    [letter] = mail.outbox
    assert f"https://rsp.example.org{link_in(letter)}" in letter.body
    assert "evil" not in letter.subject + letter.body
