"""Whether Members see each other by name in documents, or only how many there are: a setting of the plan."""

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from workplan.models import Plan

from .refusals import Stale


@transaction.atomic
def set_naming(*, plan: Plan, named: bool, seen: bool, reason: str, by: User | None) -> None:
    """Holds for every document that is made from now on; a release keeps what held when it was published. ``seen``:
    what held when the person opened the page. Raises Stale where somebody else changed it meanwhile, and
    ValidationError without a reason. The same once more changes nothing."""
    found = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if not reason.strip():
        raise ValidationError({"reason": "Say why, for who asks later."})
    if found.members_named == named:
        return
    if found.members_named != seen:
        raise Stale("Somebody else changed it after you opened this page. Look at it again.")
    found.members_named = named
    found.save(update_fields=["members_named"])
    changes = {"members_named": (not named, named)}
    record(by=by, action=AuditAction.CHANGED, obj=found, changes=changes, reason=reason.strip())
