"""What allauth does otherwise here: who gets in, how tries are counted, how mail goes out, how secrets are kept."""

import base64
import hashlib
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from members.actions import change_password
from members.mail import post
from members.throttles import counted_for, counted_from, remember_device

INVENTED = "@demo.example"
"""The addresses of demonstration accounts end so. Everybody knows their password, so a real site lets none of them in,
not even where it got a copy of a demonstration's database."""
WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code from your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "too_many_login_attempts": "Too many wrong tries. Wait a few minutes, or set a new password.",
        "rate_limited": "Too many wrong tries. Wait a few minutes.",
        "incorrect_password": "The password is not right.",
        "enter_current_password": "That is not your present password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The secretariat makes the accounts."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Nobody where the address is invented and the site is not a demonstration."""
        address = str(credentials.get("email") or credentials.get("login") or "")
        if address.lower().endswith(INVENTED) and not settings.DEBUG:
            return None
        return super().authenticate(request, **credentials)

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        remember_device(user)

    def set_password(self, user: Any, password: str) -> None:
        change_password(person=user, store=lambda: super(AccountAdapter, self).set_password(user, password))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        return [way | {"description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return counted_for(request, str(credentials.get("email") or ""))

    def get_client_ip(self, request: HttpRequest) -> str:
        """What allauth counts tries by. (It would also stand in mails that say who did something; ours do not.)"""
        return counted_from(request, super().get_client_ip(request))

    def format_email_subject(self, subject: str) -> str:
        return f"[RSP Tracker] {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """What the request calls the host, anybody may write; a link in a mail begins as the settings say."""
        return settings.SITE_ADDRESS + str(urlsplit(super().get_reset_password_from_key_url(key)).path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By the outbox. What allauth writes holds links that open something."""
        message = self.render_mail(template_prefix, email, context)
        key = hashlib.sha256(f"{template_prefix} {email} {message.body}".encode()).hexdigest()
        content = {"to": email, "subject": message.subject, "text": message.body, "secret": True}
        with transaction.atomic():
            post(key=f"account/{key}", now=timezone.now(), **content)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not right. An app shows a new code every half minute; every code works once.",
    }

    def get_totp_issuer(self) -> str:
        return "RSP Tracker"

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 -- allauth's name
        return "Passkey"

    def encrypt(self, text: str) -> str:
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return keys().decrypt(encrypted_text.encode()).decode()


def keys() -> MultiFernet:
    """From the site's secret, so that a copy of the database alone opens no account."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hashlib.sha256(f"second factor {secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
