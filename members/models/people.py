"""People, their roles, and what they are invited to."""

from datetime import datetime
from functools import cached_property
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from members.choices import RoleName
from members.permissions import Target

from .organisations import Organisation, once
from .trail import InHistory


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        """Without a password the person sets one by the "forgotten password" page."""
        user = self.model(email=email.lower(), name=name)
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
        return user


class User(AbstractBaseUser):
    """A person, known by their e-mail address; what they may do comes from their roles alone."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    session_round = models.PositiveIntegerField(default=0, editable=False, help_text="One more ends all sessions.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("name", "email")
        constraints = (
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_in_small_letters",
                violation_error_message="An e-mail address is kept in small letters.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.email,)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must agree with. Django's, so that a new password ends the others, and `session_round`."""
        words = f"{self.password} {self.session_round}"
        return salted_hmac("members.User.session", words, secret=secret, algorithm="sha256").hexdigest()

    def permission_target(self) -> Target:
        """A person is part of the organisations that they have a role in."""
        return Target(organisations=frozenset(held.organisation_code for held in self.held_roles))

    @cached_property
    def held_roles(self) -> list["Role"]:
        """Read once per user object, and so once per request."""
        return list(self.roles.select_related("organisation"))

    @property
    def time_zone(self) -> ZoneInfo:
        """By which clocks they live: that of the organisation which they first hold a role for."""
        roles = self.held_roles
        return ZoneInfo(roles[0].organisation.time_zone if roles else timezone.get_default_timezone_name())


class RoleManager(models.Manager["Role"]):
    def get_by_natural_key(self, email: str, code: str, role: str) -> "Role":
        return self.get(user__email=email, organisation__code=code, role=role)


class Role(models.Model):
    """A person may hold several, for one organisation or more; their rights are the union."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=30, choices=RoleName)

    objects: ClassVar[RoleManager] = RoleManager()

    class Meta:
        ordering = ("organisation", "role")
        constraints = (
            once(["user", "organisation", "role"], "role_held_once", "This person holds that role already."),
            models.CheckConstraint(
                condition=Q(role__in=RoleName.values),
                name="role_known",
                violation_error_message="There is no such role.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"

    def natural_key(self) -> tuple[str, str, str]:
        return (self.user.email, self.organisation.code, self.role)

    natural_key.dependencies = ("members.user", "members.organisation")  # type: ignore[attr-defined]

    @property
    def organisation_code(self) -> str:
        return self.organisation.code

    @property
    def in_history(self) -> InHistory:
        label = f"{self.get_role_display()}, {self.organisation}, of {self.user}"
        return InHistory("/".join(self.natural_key()), label, f"members.user/{self.user.email}")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self, now: datetime) -> Self:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """A role in an organisation, offered to an address. Whoever has the link of the mail may take it, once.

    Of the link only a hash is kept. Written by `members.actions` alone.
    """

    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=120, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=30, choices=RoleName)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitation_email_in_small_letters"),
            models.CheckConstraint(condition=Q(role__in=RoleName.values), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="invitation_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_used_or_withdrawn",
            ),
            once(
                ["email", "organisation", "role"],
                "invitation_one_pending",
                "This person is invited to that role already.",
                Q(used_at__isnull=True, withdrawn_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.get_role_display()}, {self.organisation}"

    @property
    def invited_role(self) -> RoleName:
        return RoleName(self.role)

    def natural_key(self) -> tuple[str, str, str]:
        return (self.email, self.organisation.code, self.role)

    @property
    def in_history(self) -> InHistory:
        return InHistory("/".join(self.natural_key()), str(self), f"members.user/{self.email}")

    def permission_target(self) -> Target:
        return Target(organisations=frozenset({self.organisation.code}))
