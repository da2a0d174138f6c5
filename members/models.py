"""Organisations, the people who act for them, and the record of what they did."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, NoReturn, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

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
    def in_history(self) -> "InHistory":
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
    def in_history(self) -> "InHistory":
        return InHistory("/".join(self.natural_key()), str(self), f"members.user/{self.email}")

    def permission_target(self) -> Target:
        return Target(organisations=frozenset({self.organisation.code}))


class AppendOnly(Exception):
    pass


def refuse() -> NoReturn:
    raise AppendOnly("The audit trail is only ever added to.")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        refuse()

    def delete(self) -> NoReturn:
        refuse()


@dataclass(frozen=True)
class InHistory:
    """How the history calls an object: `key` still means something when the row is gone; `about`: on whose page its
    entries stand, where that is not its own."""

    key: str
    label: str
    about: str = ""


def audit_actions() -> list[tuple[str, str]]:
    """A function, so that a new action needs no migration."""
    return AuditAction.choices


class AuditEntry(models.Model):
    """Who did what to what, when and why. No foreign keys: it outlives everything that it names.

    Written by `members.audit.record` alone. `about`: on whose page it stands, such as the return of an answer, as type
    and key; `only_for`: the code of the organisation that alone may read it, such as what its drafts say.
    """

    at = models.DateTimeField(default=timezone.now)
    actor_email = models.EmailField(blank=True)
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=30, choices=audit_actions)
    object_type = models.CharField(max_length=60)
    object_key = models.CharField(max_length=250)
    object_label = models.CharField(max_length=250)
    about = models.CharField(max_length=320)
    only_for = models.CharField(max_length=4, blank=True)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="field: [from, to]")
    reason = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, editable=False, help_text="SHA-256 of all the above")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=["object_type", "object_key", "-at", "-id"], name="audit_of_object"),
            models.Index(fields=["about", "-at", "-id"], name="audit_about"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
        )

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%y %H:%M} {self.actor_name}: {self.get_action_display()} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse()


class AuditLink(models.Model):
    """The place of an entry in the chain (`members.chain`). Numbered from 1 without a gap, by the database itself where
    it can. Whether its entry is still there is for `verify_history` to say, so nothing ties the two."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.DO_NOTHING, db_constraint=False, related_name="link")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> Self:
        """Those that were tried least come first, so that one which is always refused is in nobody's way."""
        return self.filter(claimed_at=None, sent_at=None).order_by("attempts", "pk")

    def doubtful(self, before: datetime) -> Self:
        """Claimed before that moment and not marked since: sent or not, nobody knows."""
        return self.filter(claimed_at__lte=before, sent_at=None).order_by("pk")


class OutgoingMail(models.Model):
    """A mail from when it was decided until it is sent. Written by `members.mail` alone."""

    SUBJECT_LENGTH = 200
    ERROR_LENGTH = 500

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    text = models.TextField(blank=True)
    secret = models.BooleanField(default=False, help_text="Its text is forgotten as soon as it is sent.")
    queued_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=ERROR_LENGTH, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "outgoing mail"
        constraints = (
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(claimed_at__isnull=False),
                name="outgoing_mail_claimed_before_sent",
            ),
        )
        indexes = (
            models.Index(fields=["attempts", "id"], condition=Q(sent_at__isnull=True), name="outgoing_mail_not_sent"),
        )

    def __str__(self) -> str:
        return f"{self.subject}, to {self.to}"
