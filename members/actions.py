"""Writes on people and what they may do. Each is one transaction with its audit entry."""

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction, OrganisationKind, RoleName
from members.models import Organisation, Role, User

MEMBER_ROLES = {RoleName.MEMBER_CONTRIBUTOR, RoleName.MEMBER_APPROVER}
SECRETARIAT_ROLES = {RoleName.SECRETARIAT_ADMINISTRATOR, RoleName.SECRETARIAT_EDITOR}


def check_fits(role: RoleName, organisation: Organisation) -> None:
    """A role in the wrong kind of organisation would give rights that nobody meant to give."""
    fits, whose = True, ""
    if role in SECRETARIAT_ROLES:
        fits, whose = organisation.secretariat, "the secretariat"
    elif role in MEMBER_ROLES:
        fits, whose = organisation.kind == OrganisationKind.MEMBER, "a Member"
    elif role == RoleName.REGIONAL_OFFICER:
        fits, whose = organisation.kind == OrganisationKind.REGIONAL_ENTITY, "a regional entity"
    if not fits:
        raise ValidationError(f"{role.label} is a role in {whose}, which {organisation.code} is not.")


@transaction.atomic
def grant_role(*, user: User, role: RoleName, organisation: Organisation, by: User | None) -> Role:
    check_fits(role, organisation)
    granted = Role(user=user, organisation=organisation, role=role)
    granted.full_clean()
    granted.save(force_insert=True)
    record(by=by, action=AuditAction.GRANTED, obj=granted, changes={"role": (None, role.value)})
    return granted


@transaction.atomic
def create_account(
    *,
    email: str,
    name: str,
    role: RoleName,
    organisation: Organisation,
    by: User | None,
    password: str | None = None,
) -> User:
    user = User.objects.create_user(email=email, name=name, password=password)
    changes = {"email": (None, user.email), "name": (None, user.name)}
    record(by=by, action=AuditAction.CREATED, obj=user, changes=changes)
    grant_role(user=user, role=role, organisation=organisation, by=by)
    return user
