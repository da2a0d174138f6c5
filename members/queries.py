"""Named reads of organisations and people."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.choices import AttributeName
from members.models import Attribute, Membership, Organisation, User


def in_force(start: str, end: str, day: date) -> Q:
    """From the first day on until the day before the last one; a date that is not known is no limit."""
    begun = Q((f"{start}__isnull", True)) | Q((f"{start}__lte", day))
    not_ended = Q((f"{end}__isnull", True)) | Q((f"{end}__gt", day))
    return begun & not_ended


def organisation_by_code(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def members_at(day: date) -> QuerySet[Organisation]:
    """The Members on that day, by group, then name."""
    held = Membership.objects.filter(organisation=OuterRef("pk"))
    return Organisation.objects.filter(Exists(held.filter(in_force("joined", "left", day))))


def members_with(attribute: AttributeName, day: date) -> QuerySet[Organisation]:
    held = Attribute.objects.filter(name=attribute, organisation=OuterRef("pk"))
    return members_at(day).filter(Exists(held.filter(in_force("since", "until", day))))


def acting_user(email: str) -> User:
    """Whoever a command acts for."""
    return User.objects.get(email=email.lower(), is_active=True)
