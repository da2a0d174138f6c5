"""What the constraints of several tables have in common."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

GREATEST = 10**12
"""No count or figure is beyond this."""


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("%(name)s is not a time zone; one is named like Asia/Hong_Kong.", params={"name": name})


def one_of(field: str, values: Iterable[str], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": sorted(values)}),
        name=name,
        violation_error_message=f"This is none of the values that {field} can have.",
    )


def together(*names: str) -> Q:
    """The condition that all of these are set, or none."""
    return Q(**{f"{name}__isnull": True for name in names}) | Q(**{f"{name}__isnull": False for name in names})


def person() -> Any:
    """Who did something; nobody where it came with a fixture or a command without ``--by``."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
