"""What becomes of accounts is in the history, and the page that checks whether it was altered."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.actions import invite
from members.audit import record
from members.chain import head
from members.choices import AuditAction, RoleName
from members.models import AuditEntry, User

from .signing_in import NEW, PASSWORD, browser_of, recently, with_password


def heading_and_words(client: Client, path: str, **asked: str) -> tuple[int, str]:
    response = client.get(path, asked)
    return response.status_code, response.content.decode()


# ---------------------------------------------------------------- checked


@pytest.mark.django_db(transaction=True)
def test_the_page_that_checks_says_what_it_found(cast, organisations):
    client = recently(browser_of(cast.ada))
    path = reverse("history_check")
    assert "Nothing is recorded yet" in heading_and_words(client, path, heads="")[1]
    with transaction.atomic():
        record(by=cast.ed, action=AuditAction.CHANGED, obj=organisations.fiji, changes={"name": ("a", "b")})
    _, html = heading_and_words(client, path, heads="")
    assert "<h1>The history is as it was written</h1>" in html
    assert str(head()) in html
    unknown = "No head kept before was compared, so it would not be noticed if the end was cut off."
    assert unknown in html
    assert unknown not in heading_and_words(client, path, heads=str(head()))[1]
    _, html = heading_and_words(client, path, heads=f"5 {'a' * 64}")
    assert "<h1>The history is not what it was</h1>" in html
    assert "The end is cut off: the history had 5 entries, and has 1." in html
    status, html = heading_and_words(client, path, heads=f"{head()}\nhello")
    assert (status, "Line 2: This is no head." in html) == (422, True)


# ---------------------------------------------------------------- accounts


def trail():
    return [
        (each.actor_name, each.action, each.object_label, each.changes) for each in AuditEntry.objects.order_by("pk")
    ]


def test_a_changed_password_is_in_the_history_and_nothing_of_it(cast):
    client = recently(browser_of(with_password(cast.connie)))
    fields = {"oldpassword": "not it", "password1": NEW, "password2": NEW}
    assert client.post(reverse("account_change_password"), fields).status_code == 422
    assert trail() == []
    assert client.post(reverse("account_change_password"), fields | {"oldpassword": PASSWORD}).status_code == 302
    assert trail() == [("Connie", "changed", "Connie", {"password": [None, "another one"]})]
    assert User.objects.get(pk=cast.connie.pk).check_password(NEW)


def test_signing_out_everywhere_is_in_the_history(cast):
    browser_of(cast.connie).post(reverse("sign_out_everywhere"))
    assert trail() == [("Connie", "signed_out", "Connie", {})]


def test_an_invitation_that_takes_the_place_of_another_says_so(cast, organisations):
    asked = {"email": "new@example.org", "name": "New", "role": RoleName.MEMBER_CONTRIBUTOR, "by": cast.ali}
    for number in range(2):
        now = timezone.now() + timedelta(days=number)
        invite(organisation=organisations.australia, now=now, address=lambda token: token, **asked)
    assert [(who, action) for who, action, *_ in trail()] == [
        ("Ali", "invited"), ("Ali", "withdrawn"), ("Ali", "invited"),
    ]  # fmt: skip
