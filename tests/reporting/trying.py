"""Requests whose traces are taken back, so that many can be tried on the same things."""

from typing import Any

from django.db import transaction
from django.test import Client

from members.models import AuditEntry

from .looks import Page, page_of

SENT_AWAY = {
    "/accounts/login/": "sign in",
    "/accounts/reauthenticate/": "sign in again",
    "/accounts/second-factor/": "second factor",
}


def attempted(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[Page, bool]:
    """What came back, and whether something was written. A refusal writes nothing."""
    with transaction.atomic():
        before = AuditEntry.objects.count()
        page = page_of(getattr(client, method)(path, data or {}))
        wrote = AuditEntry.objects.count() != before
        transaction.set_rollback(True)
    assert not (wrote and page.status >= 400), path
    return page, wrote


def came(page: Page, *, wrote: bool) -> str:
    """How it ended, in a word: the status; "done" where something was written; "sign in" (also where a form is answered
    so, as a redirect would lose what was typed), "sign in again" or "second factor" for whoever is sent there first."""
    if page.status == 403 and "You are signed out" in page.main:
        return "sign in"
    for start, word in SENT_AWAY.items():
        if page.location.startswith(start):
            return word
    return "done" if wrote else str(page.status)


def ended(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> str:
    page, wrote = attempted(client, method, path, data)
    return came(page, wrote=wrote)
