"""An invitation opens one role, to whoever has the link, once (issue 3, 7)."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import actions
from members.choices import AuditAction, RoleName
from members.invitations import EXPIRED, INVALID, USED, WITHDRAWN
from members.models import AuditEntry, Invitation, OutgoingMail, Role, User

from .signing_in import NEW, PASSWORD, browser_of, invited, signed_in, title, try_password, with_password

PAGE = "/accounts/invitation/"
JOINING = {"name": "Nia New", "password1": NEW, "password2": NEW}


@pytest.fixture
def offer(cast, organisations) -> tuple[Invitation, str]:
    return invited(cast.ali, organisations.australia, timezone.now())


def opened(token: str, client: Client | None = None) -> Client:
    client = client or Client()
    response = client.get(reverse("open_invitation", args=[token]))
    assert (response.status_code, response.url) == (302, PAGE)
    return client


def refused(client: Client) -> str:
    """What the page says instead, whether it is opened or sent."""
    answers = [client.get(PAGE), client.post(PAGE, JOINING)]
    assert [each.status_code for each in answers] == [410, 410]
    said = {each.context["refused"] for each in answers}
    assert len(said) == 1
    return said.pop()


def roles_of(email: str) -> list[tuple[str, str]]:
    return list(Role.objects.filter(user__email=email).values_list("organisation__code", "role"))


# ---------------------------------------------------------------- a new person


def test_a_new_person_gets_an_account_with_that_role_and_is_signed_in(offer):
    client = opened(offer[1])
    assert title(client.get(PAGE)).startswith("Accept")
    assert client.post(PAGE, JOINING).status_code == 302
    assert signed_in(client)
    made = User.objects.get(email="new@example.org")
    assert (made.name, made.check_password(NEW)) == ("Nia New", True)
    assert roles_of("new@example.org") == [("AUS", RoleName.MEMBER_CONTRIBUTOR)]
    entries = AuditEntry.objects.filter(actor_email="new@example.org").order_by("pk").values_list("action", flat=True)
    assert list(entries) == [AuditAction.CREATED, AuditAction.ACCEPTED, AuditAction.GRANTED]


def test_programs_that_open_links_use_nothing_up(offer):
    for _ in range(3):
        opened(offer[1]).get(PAGE)
    assert not User.objects.filter(email="new@example.org").exists()
    assert opened(offer[1]).post(PAGE, JOINING).status_code == 302


def test_it_works_once(offer):
    opened(offer[1]).post(PAGE, JOINING)
    assert refused(opened(offer[1])) == USED
    assert User.objects.filter(email="new@example.org").count() == 1


def test_two_forms_that_were_open_at_once_make_one_account(offer):
    first, second = opened(offer[1]), opened(offer[1])
    assert (first.get(PAGE).status_code, second.get(PAGE).status_code) == (200, 200)
    assert first.post(PAGE, JOINING).status_code == 302
    assert second.post(PAGE, JOINING | {"name": "Somebody else"}).status_code == 410
    assert User.objects.get(email="new@example.org").name == "Nia New"
    assert not signed_in(second)


def test_it_expires_after_seven_days_to_the_second(cast, organisations):
    now = timezone.now()
    _, token = invited(cast.ali, organisations.australia, now)
    with pytest.raises(ValidationError, match="too old"):
        actions.accept(token=token, now=now + timedelta(days=7), name="Nia", password=NEW)
    assert roles_of("new@example.org") == []
    actions.accept(token=token, now=now + timedelta(days=7, seconds=-1), name="Nia", password=NEW)
    assert roles_of("new@example.org") == [("AUS", RoleName.MEMBER_CONTRIBUTOR)]


def test_the_page_of_one_that_is_too_old_says_so(cast, organisations):
    _, token = invited(cast.ali, organisations.australia, timezone.now() - timedelta(days=7, seconds=1))
    assert refused(opened(token)) == EXPIRED


def test_one_that_was_withdrawn_opens_nothing(offer, cast):
    client = opened(offer[1])
    browser_of(cast.ali).post(reverse("people_withdraw", args=[offer[0].pk]))
    assert refused(client) == WITHDRAWN
    assert roles_of("new@example.org") == []


def test_one_that_was_used_cannot_be_withdrawn(offer, cast):
    opened(offer[1]).post(PAGE, JOINING)
    assert browser_of(cast.ali).post(reverse("people_withdraw", args=[offer[0].pk])).status_code == 404
    actions.withdraw(invitation=offer[0], by=cast.ali, now=timezone.now())
    assert not AuditEntry.objects.filter(action=AuditAction.WITHDRAWN).exists()


def test_a_second_one_to_the_same_role_takes_the_place_of_the_first(cast, organisations):
    _, first = invited(cast.ali, organisations.australia, timezone.now())
    _, second = invited(cast.ali, organisations.australia, timezone.now())
    assert refused(opened(first)) == WITHDRAWN
    assert opened(second).post(PAGE, JOINING).status_code == 302


@pytest.mark.parametrize("lost", ["role", "account"])
def test_whoever_lost_the_right_to_invite_invites_nobody_any_more(offer, cast, lost):
    if lost == "role":
        cast.ali.roles.all().delete()
    else:
        User.objects.filter(pk=cast.ali.pk).update(is_active=False)
    assert refused(opened(offer[1])) == WITHDRAWN


@pytest.mark.parametrize("token", ["x", "a" * 500, "%00", "é"])
def test_an_odd_link_says_that_it_is_not_valid(db, token):
    client = Client()
    client.get(f"/accounts/invitation/{token}/")
    assert refused(client) == INVALID


def test_without_a_link_there_is_nothing_to_accept(db):
    assert refused(Client()) == INVALID


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("eleven char", "This password is too short. It must contain at least 12 characters."),
        ("1q2w3e4r5t6y", "This password is too common."),
        ("new@example.org", "The password is too similar to the e-mail address."),
        ("Nia-Newcomer-1", "The password is too similar to the name."),
    ],
    ids=["short", "common", "address", "name"],
)
def test_a_weak_password_is_refused_and_what_was_typed_stays(offer, password, sentence):
    client = opened(offer[1])
    typed = {"name": "Nia Newcomer", "password1": password, "password2": password}
    response = client.post(PAGE, typed)
    assert response.status_code == 422
    assert title(response).startswith("Error: ")
    assert response.context["form"].errors == {"password1": [sentence]}
    assert 'value="Nia Newcomer"' in response.content.decode()
    assert password not in response.content.decode() or password == "new@example.org"
    assert roles_of("new@example.org") == []
    assert client.post(PAGE, JOINING).status_code == 302


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"password2": "another password"}, {"password2": ["The two passwords are not the same."]}),
        ({"name": ""}, {"name": ["Enter your name."]}),
        ({"name": "a\x00b"}, {"name": ["Null characters are not allowed."]}),
        ({"name": "x" * 121}, {"name": ["Ensure this value has at most 120 characters (it has 121)."]}),
    ],
    ids=["not twice the same", "no name", "NUL", "long"],
)
def test_bad_input_is_named_at_its_field(offer, typed, errors):
    response = opened(offer[1]).post(PAGE, JOINING | typed)
    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert not User.objects.filter(email="new@example.org").exists()


def test_no_hidden_field_gives_more(offer, organisations):
    more = {"email": "x@example.org", "role": "secretariat_administrator", "organisation": organisations.secretariat.pk}
    opened(offer[1]).post(PAGE, JOINING | more | {"is_active": "", "token": "x"})
    assert roles_of("new@example.org") == [("AUS", RoleName.MEMBER_CONTRIBUTOR)]


# ---------------------------------------------------------------- an account that is there


@pytest.fixture
def offer_to_fay(cast, organisations) -> str:
    return invited(cast.ali, organisations.australia, timezone.now(), email="Fay@example.org")[1]


def test_an_existing_person_signs_in_and_says_yes(offer_to_fay, cast):
    with_password(cast.fay)
    client = opened(offer_to_fay)
    assert title(client.get(PAGE)).startswith("Sign in to accept the invitation")
    assert try_password(client, cast.fay, QUERY_STRING="").status_code == 302
    opened(offer_to_fay, client)
    assert client.post(PAGE).url == reverse("account")
    assert sorted(roles_of("fay@example.org")) == [("AUS", "member_contributor"), ("FJI", "member_contributor")]
    assert refused(opened(offer_to_fay)) == USED


def test_without_signing_in_nobody_takes_or_changes_an_account(offer_to_fay, cast):
    with_password(cast.fay)
    client = opened(offer_to_fay)
    assert title(client.post(PAGE, JOINING)).startswith("Sign in to accept the invitation")
    cast.fay.refresh_from_db()
    assert (cast.fay.name, cast.fay.check_password(PASSWORD)) == ("Fay", True)
    assert not signed_in(client)
    assert roles_of("fay@example.org") == [("FJI", "member_contributor")]
    with pytest.raises(PermissionDenied):
        actions.accept(token=offer_to_fay, now=timezone.now(), name="Nia", password=NEW)


def test_another_who_is_signed_in_does_not_take_it(offer_to_fay, cast):
    client = opened(offer_to_fay, browser_of(cast.connie))
    for response in (client.get(PAGE), client.post(PAGE, JOINING)):
        assert "account/invitation_other.html" in [each.name for each in response.templates]
    with pytest.raises(PermissionDenied):
        actions.accept(token=offer_to_fay, now=timezone.now(), by=cast.connie)
    assert roles_of("fay@example.org") == [("FJI", "member_contributor")]
    assert len(roles_of("connie@example.org")) == 1
    assert Invitation.objects.get().used_at is None


def test_a_closed_account_is_not_opened_by_an_invitation(offer_to_fay, cast):
    User.objects.filter(pk=cast.fay.pk).update(is_active=False)
    assert "closed" in refused(opened(offer_to_fay))
    assert roles_of("fay@example.org") == [("FJI", "member_contributor")]


# ---------------------------------------------------------------- the mail


def test_the_mail_has_the_only_copy_of_the_link(cast, organisations, settings, django_capture_on_commit_callbacks):
    """It begins with the address that the settings name, whatever host the click named."""
    settings.SITE_ADDRESS, settings.ALLOWED_HOSTS = "https://rsp.example.org", ["*"]
    client = browser_of(cast.ali)
    typed = {"email": "New@Example.org", "organisation": organisations.australia.pk, "role": "member_contributor"}
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("people_invite"), typed, headers={"host": "evil.example"})
    assert response.status_code == 302
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (
        ["new@example.org"],
        "Invitation to RSP Tracker: Member contributor, Australia",
    )
    token = re.search(r"https://rsp\.example\.org/accounts/invitation/(\S+)/", letter.body)[1]
    assert "evil" not in letter.body
    kept = [
        *Invitation.objects.values_list("token_hash", flat=True),
        *OutgoingMail.objects.values_list("text", flat=True),
    ]
    assert not any(token in each for each in kept)
    assert opened(token).post(PAGE, JOINING).status_code == 302


def test_nothing_of_the_page_tells_the_link_to_others(offer):
    client = opened(offer[1])
    page = client.get(PAGE)
    assert offer[1] not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]


def test_links_are_not_guessed_quickly(db):
    client = Client()
    answers = [client.get(reverse("open_invitation", args=[f"guess{n}"])).status_code for n in range(25)]
    assert answers == [302] * 20 + [429] * 5
