"""Writes on people and what they may do. Each is one transaction with its audit entry."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from members import refusals
from members.audit import record
from members.choices import AuditAction, OrganisationKind, RoleName
from members.invitations import LASTS, hash_of, invitation_of, new_token, refusal
from members.mail import post
from members.models import Invitation, Organisation, Role, User
from members.permissions import missing_to_invite

R = TypeVar("R")
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


def locked(organisation: Organisation) -> None:
    """Whatever else is done about its people waits until this transaction ends. (SQLite has one writer at a time.)"""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def locked_administration() -> None:
    """Two administrators who take each other's account or role away do so one after the other."""
    list(Organisation.objects.select_for_update(no_key=True).filter(secretariat=True))


def refuse(sentence: str) -> None:
    if sentence:
        raise ValidationError(sentence)


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: RoleName,
    organisation: Organisation,
    by: User,
    now: datetime,
    address: Callable[[str], str],
) -> Invitation:
    """Offers the role by mail; `address` makes the link of the token, which is nowhere else. A new invitation to the
    same role takes the place of the one before."""
    if missing_to_invite(by, role, organisation.code):
        raise PermissionDenied
    check_fits(role, organisation)
    locked(organisation)
    email, token = email.lower(), new_token()
    if Role.objects.filter(user__email=email, organisation=organisation, role=role).exists():
        raise ValidationError("This person holds that role already.")
    same = Invitation.objects.filter(email=email, organisation=organisation, role=role)
    for before in same.filter(used_at=None, withdrawn_at=None):
        withdraw(invitation=before, by=by, now=now)
    invitation = Invitation(
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        token_hash=hash_of(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + LASTS,
    )
    invitation.full_clean()
    invitation.save(force_insert=True)
    record(by=by, action=AuditAction.INVITED, obj=invitation, changes={"role": (None, role.value)})
    content = {"invitation": invitation, "address": address(token)}
    post(
        key=f"invitation/{invitation.pk}",
        to=email,
        subject=f"Invitation to RSP Tracker: {role.label}, {organisation}",
        text=render_to_string("account/email/invitation.txt", content),
        now=now,
        secret=True,
    )
    return invitation


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> None:
    """A second time does nothing."""
    offered = Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None)
    if offered.update(withdrawn_at=now):
        record(by=by, action=AuditAction.WITHDRAWN, obj=invitation, changes={"role": (invitation.role, None)})


@transaction.atomic
def accept(*, token: str, now: datetime, by: User | None = None, name: str = "", password: str | None = None) -> User:
    """Whoever has the token takes the role, once: `by` with the account of that address, or nobody yet, for whom an
    account is made. Of two at once the second finds it used."""
    invitation = invitation_of(token)
    refuse(refusal(invitation, now))
    assert invitation is not None  # noqa: S101 -- refused above
    if not Invitation.objects.pending(now).filter(pk=invitation.pk).update(used_at=now):
        refuse(refusal(invitation_of(token), now))
    person = by or User.objects.filter(email=invitation.email).first()
    if person != by or (by and by.email != invitation.email):
        raise PermissionDenied
    if person is None:
        person = User.objects.create_user(email=invitation.email, name=name, password=password)
        changes = {"email": (None, person.email), "name": (None, person.name)}
        record(by=person, action=AuditAction.CREATED, obj=person, changes=changes)
    offer = {"invited_by": (None, invitation.invited_by.name)}
    record(by=person, action=AuditAction.ACCEPTED, obj=invitation, changes=offer)
    if not person.roles.filter(organisation=invitation.organisation, role=invitation.role).exists():
        grant_role(user=person, role=invitation.invited_role, organisation=invitation.organisation, by=person)
    return person


@transaction.atomic
def close_account(*, person: User, by: User) -> None:
    """They are signed out with their next request, and cannot sign in. Their roles stay, for the day it is opened."""
    locked_administration()
    refuse(refusals.to_close(by, person))
    if User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        record(by=by, action=AuditAction.DEACTIVATED, obj=person, changes={"is_active": (True, False)})


@transaction.atomic
def open_account(*, person: User, by: User) -> None:
    refuse(refusals.to_open(by, person))
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        record(by=by, action=AuditAction.REACTIVATED, obj=person, changes={"is_active": (False, True)})


@transaction.atomic
def take_role(*, role: Role, by: User) -> None:
    locked_administration()
    refuse(refusals.to_take(role))
    record(by=by, action=AuditAction.WITHDRAWN, obj=role, changes={"role": (role.role, None)})
    role.delete()


@transaction.atomic
def sign_out_everywhere(*, person: User) -> None:
    end_sessions(person=person)
    record(by=person, action=AuditAction.SIGNED_OUT, obj=person, changes={})


@transaction.atomic
def change_password(*, person: User, store: Callable[[], object]) -> None:
    """``store`` is how it is stored. Nothing of a password is ever recorded, and whoever had it, or the link of a mail,
    is taken for the person."""
    store()
    record(by=person, action=AuditAction.CHANGED, obj=person, changes={"password": (None, "another one")})


@transaction.atomic
def change_second_factor(*, person: User, act: Callable[[], R]) -> R:
    """``act`` may add, rename or remove one; what it did is recorded with it."""
    before = second_factors(person)
    done = act()
    after = second_factors(person)
    if before != after:
        changes = {"second_factor": (list(before.values()), list(after.values()))}
        record(by=person, action=AuditAction.CHANGED, obj=person, changes=changes)
    return done


def second_factors(person: User) -> dict[int, str]:
    """By row, so that new recovery codes are seen to be others."""
    found = Authenticator.objects.filter(user=person).order_by("pk")
    return {each.pk: f"{each.type} {each.data.get('name', '')}".strip() for each in found}


def end_sessions(*, person: User) -> None:
    """Everywhere, with the next request of each."""
    User.objects.filter(pk=person.pk).update(session_round=F("session_round") + 1)


@transaction.atomic
def reset_second_factor(*, person: User, by: User, now: datetime) -> None:
    """For somebody who lost theirs. They sign in with their password alone until they set up another."""
    removed = list(Authenticator.objects.filter(user=person).order_by("pk").values_list("type", flat=True))
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person=person)
    entry = record(by=by, action=AuditAction.RESET, obj=person, changes={"second_factor": (removed, [])})
    post(
        key=f"second-factor-reset/{entry.pk}",
        to=person.email,
        subject="Your second factor was reset",
        text=render_to_string("account/email/second_factor_reset.txt", {"by": by}),
        now=now,
    )
