"""Whom one asks: the address of the secretariat is a setting, and stands where people need it."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members import actions
from members.choices import RoleName
from members.models import OutgoingMail
from members.secretariat import secretariat, signed
from reporting.models import Round
from reporting.rules import entry
from tests.reporting.builders import LATER, NOW

ADDRESS = "apvc@example.org"
LINK = f'the secretariat (<a href="mailto:{ADDRESS}">{ADDRESS}</a>)'
FOOT = f"Questions? Write to {LINK}"
MAIL_FOOT = f"\n\nQuestions? Write to the secretariat ({ADDRESS}).\n"


@pytest.fixture(params=[ADDRESS, None], ids=["address", "none"])
def address(request, settings):
    settings.SECRETARIAT_EMAIL = request.param
    return request.param


def body(path: str, client: Client | None = None) -> tuple[int, str]:
    response = (client or Client()).get(path)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [("account_login", 200), ("account_reset_password_done", 200), ("account_inactive", 200), ("invitation", 410)],
)
def test_it_stands_below_the_pages_before_signing_in(db, address, name, status):
    found, html = body(reverse(name))
    assert (found, html.count(FOOT)) == (status, 1 if address else 0)
    assert ("mailto:" in html, "None" in html) == (bool(address), False)


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/people/invite/", 403), ("/accounts/", 200)])
def test_it_stands_below_the_others_and_those_that_refuse(cast, address, path, status):
    client = Client()
    client.force_login(cast.connie)
    found, html = body(path, client)
    assert (found, html.count(FOOT)) == (status, 1 if address else 0)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/people/invite/", "Ask {} if you think that they should."),
        ("/accounts/", "A role is missing or wrong? Ask {}."),
        ("/accounts/inactive/", "Ask {}, or the approver of your organisation, to open it again."),
        ("/accounts/password/reset/done/", "If none comes, ask {}."),
    ],
)
def test_who_is_told_to_ask_is_told_where(cast, address, path, says):
    client = Client()
    if path in ("/people/invite/", "/accounts/"):
        client.force_login(cast.connie)
    assert says.format(LINK if address else "the secretariat") in body(path, client)[1]


def test_the_sentence_of_a_refusal_says_it(address):
    closed = entry(Round(opened_at=NOW, closed_at=NOW, time_zone="Asia/Hong_Kong"), None, LATER)
    assert closed.reason.endswith(f". The {secretariat()} can let you in late.")
    assert secretariat() == (f"secretariat ({ADDRESS})" if address else "secretariat")


def test_every_mail_ends_with_it(cast, organisations, address, settings, django_capture_on_commit_callbacks):
    """Whatever is posted goes one way; these are a mail of each kind of text."""
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite(
            email="new@example.org",
            name="New",
            role=RoleName.MEMBER_CONTRIBUTOR,
            organisation=organisations.fiji,
            by=cast.ada,
            now=NOW,
            address=lambda token: f"https://rsp.example.org/{token}",
        )
        actions.reset_second_factor(person=cast.connie, by=cast.ada, now=NOW)
        Client().post(reverse("account_reset_password"), {"email": cast.ali.email})
    assert OutgoingMail.objects.count() == len(mail.outbox) == 3
    for letter in mail.outbox:
        assert letter.body.endswith(MAIL_FOOT) is bool(address), letter.subject
        assert letter.body.count("Questions?") == (1 if address else 0)


def test_without_an_address_a_mail_stays_as_it_is(settings):
    settings.SECRETARIAT_EMAIL = None
    assert signed("Look.\n") == "Look.\n"
    settings.SECRETARIAT_EMAIL = ADDRESS
    assert signed("Look.\n\n") == f"Look.{MAIL_FOOT}"
