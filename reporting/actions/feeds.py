"""A person makes the address of their calendar, and takes it back."""

from datetime import datetime

from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.invitations import hash_of, new_token
from members.models import User
from reporting.models import Feed


@transaction.atomic
def make_feed(*, by: User, now: datetime) -> str:
    """The token of a new address, which is nowhere else; the one before stops working."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    revoke_feed(by=by, now=now)
    token = new_token()
    made = Feed.objects.create(person=by, token_hash=hash_of(token), made_at=now)
    record(by=by, action=AuditAction.CREATED, obj=made, changes={"made_at": (None, now)})
    return token


@transaction.atomic
def revoke_feed(*, by: User, now: datetime) -> bool:
    """Whether there was one."""
    found = Feed.objects.select_for_update(no_key=True).filter(person=by, revoked_at=None).first()
    if found is None:
        return False
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    record(by=by, action=AuditAction.WITHDRAWN, obj=found, changes={"revoked_at": (None, now)})
    return True
