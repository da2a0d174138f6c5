"""Requests whose traces are taken back, so that many can be tried on the same things."""

from typing import Any

from django.db import transaction
from django.test import Client

from members.models import AuditEntry

from .looks import Page, page_of


def answered(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> Page:
    """What came back. A refusal writes nothing."""
    with transaction.atomic():
        before = AuditEntry.objects.count()
        page = page_of(getattr(client, method)(path, data or {}))
        wrote = AuditEntry.objects.count() != before
        transaction.set_rollback(True)
    assert not (wrote and page.status >= 400), path
    return page
