"""Signing in as people do it: by the pages, with their words."""

import re
import time
from datetime import datetime

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from members import actions
from members.choices import RoleName
from members.models import Invitation, Organisation, User

PASSWORD = "seven green boats"
NEW = "eight yellow boats"


def with_password(user: User, password: str = PASSWORD) -> User:
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def try_password(client: Client, user: User, password: str = PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": user.email, "password": password}, **more)


def browser_of(user: User) -> Client:
    """A browser in which this person has just signed in with the password."""
    client = Client()
    try_password(client, with_password(user))
    assert signed_in(client)
    return client


def recently(client: Client) -> Client:
    """The same browser, in which the person has given the password a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def signed_in(client: Client) -> bool:
    """Whether a page that takes a sign-in opens, at the next click."""
    return client.get(reverse("account")).status_code == 200


def title(response) -> str:
    return re.search("<title>(.*)</title>", response.content.decode())[1]


def invited(
    by: User,
    organisation: Organisation,
    now: datetime,
    email: str = "new@example.org",
    role: RoleName = RoleName.MEMBER_CONTRIBUTOR,
) -> tuple[Invitation, str]:
    """An invitation, with the word that only its mail has."""
    tokens: list[str] = []

    def address(token: str) -> str:
        tokens.append(token)
        return token

    content = {"email": email, "name": "New", "role": role, "organisation": organisation}
    invitation = actions.invite(**content, by=by, now=now, address=address)
    return invitation, tokens[0]


def code_of(secret: str, at: float) -> str:
    """What the app shows at that moment (RFC 6238, half a minute each)."""
    return format_hotp_value(hotp_value(secret, int(at) // 30))
