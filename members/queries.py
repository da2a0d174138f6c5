"""Named reads of organisations and people."""

from datetime import date

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from members.choices import AttributeName, Scope
from members.models import Attribute, Invitation, Membership, Organisation, Role, User
from members.permissions import grants

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Codes to fall back on are none by themselves."""


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


def within_list(user: User, organisation: str) -> Q:
    """permissions.csv, user.list: the secretariat lists everybody, others what belongs to their own organisation.
    `organisation` is the way to its code."""
    reach = grants(user, "user.list")
    if any(scope == Scope.YES for scope, _ in reach):
        return Q()
    return Q((f"{organisation}__in", {code for _, code in reach}))


def roles_in_list(user: User) -> QuerySet[Role]:
    return Role.objects.filter(within_list(user, "organisation__code")).select_related("organisation")


def people_visible_to(user: User) -> QuerySet[User]:
    """With the roles that this reader may see as `listed_roles`, and whether they have a second factor."""
    found = User.objects.filter(within_list(user, "roles__organisation__code")).distinct()
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
    listed = Prefetch("roles", queryset=roles_in_list(user), to_attr="listed_roles")
    return found.annotate(second_factor=Exists(factors)).prefetch_related(listed)


def invitations_visible_to(user: User) -> QuerySet[Invitation]:
    found = Invitation.objects.filter(within_list(user, "organisation__code"))
    return found.select_related("organisation", "invited_by")


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()
