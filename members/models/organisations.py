"""Members and regional entities: since when each is one, and what it is at which time."""

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from members.choices import AttributeName, Group, OrganisationKind
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
