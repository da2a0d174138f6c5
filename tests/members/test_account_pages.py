import re
from datetime import UTC, datetime

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.afterwards import answering
from members.forms import ForgottenForm
from members.models import User

PASSWORD = "seven green boats"


@pytest.fixture
def connie(cast) -> User:
    cast.connie.set_password(PASSWORD)
    cast.connie.save(update_fields=["password"])
    return cast.connie


def sign_in(client, email="connie@example.org", password=PASSWORD, going_to=""):
    return client.post(reverse("account_login") + going_to, {"login": email, "password": password})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def title(response) -> str:
    return re.search("<title>(.*)</title>", response.content.decode())[1]


def test_sign_in_by_address_however_written(client, connie):
    response = sign_in(client, email="Connie@Example.org")
    assert (response.status_code, response.url) == (302, "/")
    assert signed_in(client)


def test_sign_in_goes_on_to_where_the_reader_was_going(client, connie):
    assert sign_in(client, going_to="?next=/plan/").url == "/plan/"
    client.logout()
    assert sign_in(client, going_to="?next=https://elsewhere.example/").url == "/"


def test_a_wrong_password_says_so_and_no_more(client, connie):
    known, unknown = sign_in(client, password="wrong"), sign_in(client, email="x@example.org")
    for response in (known, unknown):
        assert response.status_code == 422
        assert title(response) == "Error: Sign in · RSP Tracker"
        assert "There is a problem" in response.content.decode()
        assert response.context["form"].non_field_errors() == ["The e-mail address or the password is not right."]
    assert not signed_in(client)


def test_an_empty_form_names_each_field(client, db):
    page = sign_in(client, email="", password="").content.decode()
    assert 'href="#id_login"' in page
    assert 'href="#id_password"' in page
    assert 'aria-describedby="id_login_error"' in page


def test_many_wrong_passwords_are_slowed_down(client, connie):
    for _ in range(6):
        response = sign_in(client, password="wrong")
    assert response.context["form"].non_field_errors() == [
        "Too many wrong tries. Wait a few minutes, or set a new password."
    ]
    assert not signed_in(client)
    sign_in(client)
    assert not signed_in(client)


def test_a_closed_account_gets_a_page_and_no_session(client, connie):
    User.objects.update(is_active=False)
    sign_in(client)
    assert not signed_in(client)


def test_sign_out_takes_a_post(client, connie):
    client.force_login(connie)
    assert title(client.get(reverse("account_logout"))) == "Sign out · RSP Tracker"
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


def test_the_bar_says_who_is_signed_in_for_whom(client, connie):
    client.force_login(connie)
    person = client.get(reverse("account_change_password")).context["person"]
    ways = {"href": "/accounts/", "people": "/people/", "history": None}
    assert person == {"name": "Connie", "organisation": "Australia", **ways}


def test_the_way_to_people_is_for_who_may_list_them(client, cast):
    client.force_login(cast.percy)
    assert client.get(reverse("account")).context["person"]["people"] is None


def test_nobody_signs_up(client, db):
    assert client.get("/accounts/signup/").status_code == 404
    assert not get_adapter().is_open_for_signup(None)


def test_a_password_is_changed(client, connie):
    client.force_login(connie)
    new = "eight yellow boats"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), data)
    connie.refresh_from_db()
    assert connie.check_password(new)


def test_a_short_password_is_refused(client, connie):
    client.force_login(connie)
    data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    response = client.post(reverse("account_change_password"), data)
    assert (response.status_code, title(response)) == (422, "Error: Change your password · RSP Tracker")
    connie.refresh_from_db()
    assert connie.check_password(PASSWORD)


def ask_for_a_link(client, django_capture_on_commit_callbacks, email: str):
    with django_capture_on_commit_callbacks(execute=True):
        return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def test_a_new_account_sets_its_password_by_mail(client, cast, django_capture_on_commit_callbacks):
    ask_for_a_link(client, django_capture_on_commit_callbacks, "fay@example.org")
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["fay@example.org"], "[RSP Tracker] Set a new password")
    link = re.search(rf"{settings.SITE_ADDRESS}(\S+)", letter.body)[1]

    form = client.get(link)
    data = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(form.url, data).url == reverse("account_reset_password_from_key_done")

    assert sign_in(client, email="fay@example.org").url == "/"
    assert title(client.get(link)) == "This link does not work any more · RSP Tracker"


@pytest.mark.parametrize("email", ["x@example.org", "connie@example.org"], ids=["unknown", "closed"])
def test_an_address_without_an_open_account_gets_the_same_page_and_no_mail(
    client, connie, django_capture_on_commit_callbacks, email
):
    User.objects.filter(pk=connie.pk).update(is_active=False)
    response = ask_for_a_link(client, django_capture_on_commit_callbacks, email)
    assert title(response) == "Look in your mail · RSP Tracker"
    assert mail.outbox == []


def test_before_the_answer_nothing_is_done_that_differs_by_address(client, connie):
    """What makes and mails the link comes once the answer has gone; what comes before takes the same for everybody."""
    statements = []
    for email in ("x@example.org", "connie@example.org"):
        request = RequestFactory().post("/", {"email": email})
        form = ForgottenForm(request.POST)
        with CaptureQueriesContext(connection) as caught, answering() as tasks:
            assert form.is_valid()
            form.save(request)
        statements.append((len(caught), len(tasks)))
    assert statements[0] == statements[1]


def test_the_fourth_mail_within_an_hour_does_not_go_and_the_page_does_not_say_so(
    client, connie, django_capture_on_commit_callbacks
):
    pages = set()
    for minute in range(4):
        User.objects.filter(pk=connie.pk).update(last_login=datetime(2027, 7, 1, 9, minute, tzinfo=UTC))
        response = ask_for_a_link(client, django_capture_on_commit_callbacks, "connie@example.org")
        pages.add((response.status_code, title(response)))
    assert pages == {(200, "Look in your mail · RSP Tracker")}
    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    "name", ["account_login", "account_inactive", "account_reset_password", "account_reset_password_done"]
)
def test_a_stranger_sees_these_pages_in_our_layout(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "base.html" in [template.name for template in response.templates]
    assert "<h1>" in response.content.decode()


def test_pages_allow_no_script_or_style_but_our_files(client, db):
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(("debug", "let_in"), [(True, True), (False, False)])
def test_a_demonstration_account_opens_no_real_site(client, connie, settings, debug, let_in):
    """Its password is known to everybody, and a copy of a demonstration's database may end up on a real site."""
    User.objects.filter(pk=connie.pk).update(email="connie@demo.example")
    settings.DEBUG = debug
    sign_in(client, email="Connie@Demo.example")
    assert signed_in(client) is let_in
