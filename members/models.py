"""Organisations, the people who act for them, and the record of what they did."""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from members.choices import AttributeName, AuditAction, Group, OrganisationKind, RoleName
from members.permissions import Target

CODE = r"^[A-Z]{3,4}$"


def ends_after_it_starts(start: str, end: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q((f"{start}__isnull", True)) | Q((f"{end}__isnull", True)) | Q((f"{end}__gt", F(start))),
        name=name,
        violation_error_message="It must end after it starts.",
    )


def once(fields: list[str], name: str, message: str, condition: Q | None = None) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=fields, name=name, condition=condition, violation_error_message=message)


class OrganisationManager(models.Manager["Organisation"]):
    def get_by_natural_key(self, code: str) -> "Organisation":
        return self.get(code=code)


class Organisation(models.Model):
    """A Member administration, or a regional entity; one of the entities is the secretariat."""

    code = models.CharField(max_length=4, unique=True, validators=[RegexValidator(CODE)])
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    secretariat = models.BooleanField(default=False)
    iso2 = models.CharField("two-letter code", max_length=2, blank=True)
    also_known_as = models.CharField(max_length=120, blank=True)
    group = models.CharField(max_length=30, choices=Group, blank=True)
    time_zone = models.CharField(max_length=60, default="Asia/Hong_Kong")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lists go by group, then name.")

    objects: ClassVar[OrganisationManager] = OrganisationManager()

    class Meta:
        ordering = ("position", "code")
        constraints = (
            models.CheckConstraint(
                condition=Q(code__regex=CODE),
                name="organisation_code_form",
                violation_error_message="A code is three or four capital letters, such as AUS or ROCB.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values),
                name="organisation_kind_known",
                violation_error_message="An organisation is a Member administration or a regional entity.",
            ),
            models.CheckConstraint(
                condition=Q(kind=OrganisationKind.MEMBER, group__in=Group.values)
                | Q(kind=OrganisationKind.REGIONAL_ENTITY, group=""),
                name="organisation_group_for_members",
                violation_error_message="A Member belongs to one of the groups; a regional entity to none.",
            ),
            models.CheckConstraint(
                condition=Q(secretariat=False) | Q(kind=OrganisationKind.REGIONAL_ENTITY),
                name="organisation_secretariat_is_entity",
                violation_error_message="The secretariat is a regional entity.",
            ),
            once(
                ["secretariat"],
                "organisation_one_secretariat",
                "There is one secretariat. Take the mark from the other one first.",
                Q(secretariat=True),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def is_member(self) -> bool:
        return self.kind == OrganisationKind.MEMBER

    def permission_target(self) -> Target:
        """What is said of an organisation is its own, and has always been sent."""
        return Target(organisations=frozenset({self.code}), submitted=True)


class MembershipManager(models.Manager["Membership"]):
    def get_by_natural_key(self, code: str, joined: date | None) -> "Membership":
        return self.get(organisation__code=code, joined=joined)


class Membership(models.Model):
    """A Member from the day it joined (unknown: before our records) until the day before it left."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    joined = models.DateField(null=True, blank=True)
    left = models.DateField(null=True, blank=True)

    objects: ClassVar[MembershipManager] = MembershipManager()

    class Meta:
        ordering = ("organisation", "joined")
        constraints = (
            ends_after_it_starts("joined", "left", "membership_ends_after_it_starts"),
            once(["organisation", "joined"], "membership_joined_once", "It joined on that day already."),
            once(
                ["organisation"],
                "membership_one_without_start",
                "One membership of it has no first day already.",
                Q(joined__isnull=True),
            ),
            once(["organisation"], "membership_one_open", "It is a Member already.", Q(left__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.organisation}, from {self.joined or 'the beginning'} to {self.left or 'now'}"

    def natural_key(self) -> tuple[str, date | None]:
        return (self.organisation.code, self.joined)

    natural_key.dependencies = ("members.organisation",)  # type: ignore[attr-defined]

    def clean(self) -> None:
        if not self.organisation.is_member:
            raise ValidationError("A regional entity is not a Member administration.")


class AttributeManager(models.Manager["Attribute"]):
    def get_by_natural_key(self, code: str, name: str, since: date | None) -> "Attribute":
        return self.get(organisation__code=code, name=name, since=since)


class Attribute(models.Model):
    """What a Member is, such as developed or landlocked, from one day until the day before another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="attributes")
    name = models.CharField(max_length=30, choices=AttributeName)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    objects: ClassVar[AttributeManager] = AttributeManager()

    class Meta:
        ordering = ("organisation", "name", "since")
        constraints = (
            ends_after_it_starts("since", "until", "attribute_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(name__in=AttributeName.values),
                name="attribute_name_known",
                violation_error_message="There is no such attribute.",
            ),
            once(
                ["organisation", "name", "since"],
                "attribute_since_once",
                "It has this from that day already.",
            ),
            once(
                ["organisation", "name"],
                "attribute_one_without_start",
                "It has this without a first day already.",
                Q(since__isnull=True),
            ),
            once(["organisation", "name"], "attribute_one_open", "It has this already.", Q(until__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_name_display()}"

    def natural_key(self) -> tuple[str, str, date | None]:
        return (self.organisation.code, self.name, self.since)

    natural_key.dependencies = ("members.organisation",)  # type: ignore[attr-defined]


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

    @cached_property
    def held_roles(self) -> list["Role"]:
        """Read once per user object, and so once per request."""
        return list(self.roles.select_related("organisation"))


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


class AppendOnly(Exception):
    pass


def refuse() -> NoReturn:
    raise AppendOnly("The audit trail is only ever added to.")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        refuse()

    def delete(self) -> NoReturn:
        refuse()


def audit_actions() -> list[tuple[str, str]]:
    """A function, so that a new action needs no migration."""
    return AuditAction.choices


class AuditEntry(models.Model):
    """Who did what to what, when and why. No foreign keys: it outlives everything that it names.

    Written by `members.audit.record` alone.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_email = models.EmailField(blank=True)
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=30, choices=audit_actions)
    object_type = models.CharField(max_length=60)
    object_key = models.CharField(max_length=250)
    object_label = models.CharField(max_length=250)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="field: [from, to]")
    reason = models.TextField(blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit entries"
        indexes = (models.Index(fields=["object_type", "object_key"], name="audit_object"),)

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%y %H:%M} {self.actor_name}: {self.get_action_display()} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse()
