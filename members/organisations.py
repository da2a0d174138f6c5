"""What an organisation is, as somebody states it, and the one action that writes it: page and import alike."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AttributeName, AuditAction, Group, OrganisationKind
from members.models import Attribute, Membership, Organisation, User
from members.refusals import Stale

CHANGED = "Somebody changed {} after you opened this page. Look at it again."


@dataclass(frozen=True, order=True)
class Held:
    """An attribute from one day until the day before another; None: always was, still is."""

    name: str
    since: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        dates = f":{self.since or ''}/{self.until or ''}" if self.since or self.until else ""
        return f"{self.name}{dates}"


@dataclass(frozen=True)
class Stated:
    """All that is said of an organisation. ``joined`` and ``left`` are those of its last membership."""

    code: str
    name: str
    kind: str
    group: str = ""
    also_known_as: str = ""
    iso2: str = ""
    time_zone: str = "Asia/Hong_Kong"
    joined: date | None = None
    left: date | None = None
    attributes: tuple[Held, ...] = ()


BEFORE = "before our records"
"""How lists say of a Member that nobody recorded since when it is one."""
OWN = ("name", "group", "also_known_as", "iso2", "time_zone")
"""What is the organisation's own; its code and its kind never change, as everything else hangs on them."""


def stated_of(organisation: Organisation) -> Stated:
    """What is stored. Read with its memberships and attributes."""
    last = last_membership(organisation)
    held = (Held(each.name, each.since, each.until) for each in organisation.attributes.all())
    return Stated(
        code=organisation.code,
        kind=organisation.kind,
        joined=last.joined if last else None,
        left=last.left if last else None,
        attributes=tuple(sorted(held, key=str)),
        **{name: getattr(organisation, name) for name in OWN},
    )


def last_membership(organisation: Organisation) -> Membership | None:
    return max(organisation.memberships.all(), key=lambda each: each.joined or date.min, default=None)


def token_of(*stated: Stated) -> str:
    """Changes with whatever is said of them."""
    return hashlib.sha256(repr(stated).encode()).hexdigest()[:24]


def difference(before: Stated | None, after: Stated) -> dict[str, tuple[Any, Any]]:
    """Field -> from, to; as an audit entry keeps it."""
    names = [each.name for each in fields(Stated)]
    pairs = {name: (said(before, name) if before else None, said(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and (before or pair[1])}


def said(stated: Stated, name: str) -> Any:
    value = getattr(stated, name)
    return "; ".join(map(str, value)) if name == "attributes" else value


@transaction.atomic
def save_organisation(*, stated: Stated, seen: str | None = None, by: User) -> dict[str, tuple[Any, Any]]:
    """Adds an organisation, or changes the one that has this code; returns what changed. Nothing is deleted: who leaves
    gets a last day. ``seen``: the token of what the person had before them. Raises ValidationError by field, Stale."""
    found = Organisation.objects.select_for_update(no_key=True).filter(code=stated.code).first()
    before = stated_of(found) if found else None
    if before and seen == "":
        raise ValidationError({"code": "There is an organisation with this code already."})
    if seen is not None and seen != (token_of(before) if before else ""):
        raise Stale(CHANGED.format(stated.code))
    check(stated, before)
    changes = difference(before, stated)
    if not changes:
        return {}
    organisation = found or Organisation(code=stated.code, kind=stated.kind, position=32_000)
    for name in OWN:
        setattr(organisation, name, getattr(stated, name))
    organisation.full_clean()
    organisation.save()
    set_membership(organisation, stated)
    set_attributes(organisation, stated)
    put_in_order()
    record(by=by, action=AuditAction.CHANGED if before else AuditAction.CREATED, obj=organisation, changes=changes)
    return changes


def check(stated: Stated, before: Stated | None) -> None:
    """Raises ValidationError with all that is wrong, by field."""
    wrong = dict(faults(stated, before))
    if wrong:
        raise ValidationError(wrong)


def faults(stated: Stated, before: Stated | None) -> Iterator[tuple[str, str]]:
    member = stated.kind == OrganisationKind.MEMBER
    if stated.kind not in OrganisationKind.values:
        yield "kind", f"There is no kind “{stated.kind}”. Accepted are {', '.join(OrganisationKind.values)}."
    if before and stated.kind != before.kind:
        yield "kind", "The kind of an organisation does not change: everything that it answered hangs on it."
    if not stated.name:
        yield "name", "Enter the name."
    if member and stated.group not in Group.values:
        yield "group", f"Say to which group the Member belongs: {', '.join(Group.values)}."
    if not member and stated.group:
        yield "group", "A regional entity belongs to no group."
    if stated.time_zone not in available_timezones():
        yield "time_zone", f"There is no time zone “{stated.time_zone}”. Write one such as Asia/Tokyo."
    if not member and (stated.joined or stated.left):
        yield "joined", "A regional entity is not a Member, so it has no first and no last day."
    if stated.joined and stated.left and stated.left <= stated.joined:
        yield "left", "The day on which it left comes after the day on which it joined."
    yield from attribute_faults(stated)


def attribute_faults(stated: Stated) -> Iterator[tuple[str, str]]:
    for each in stated.attributes:
        if each.name not in AttributeName.values:
            yield "attributes", f"There is no attribute “{each.name}”. Accepted are {', '.join(AttributeName.values)}."
        elif each.since and each.until and each.until <= each.since:
            yield "attributes", f"{each.name} ends before it begins."
    for one, other in pairs(stated.attributes):
        if one.name == other.name and overlap(one, other):
            yield "attributes", f"{one.name} is stated twice for the same time."


def pairs(held: tuple[Held, ...]) -> Iterator[tuple[Held, Held]]:
    return ((one, other) for place, one in enumerate(held) for other in held[place + 1 :])


def overlap(one: Held, other: Held) -> bool:
    return (one.since or date.min) < (other.until or date.max) and (other.since or date.min) < (one.until or date.max)


def set_membership(organisation: Organisation, stated: Stated) -> None:
    """The last membership as stated; who left and joins again later gets another one."""
    if not organisation.is_member:
        return
    last = last_membership(organisation)
    comes_back = last and last.left and stated.joined and stated.joined >= last.left
    held = Membership(organisation=organisation) if last is None or comes_back else last
    held.joined, held.left = stated.joined, stated.left
    held.full_clean()
    held.save()


def set_attributes(organisation: Organisation, stated: Stated) -> None:
    """As stated. One that ended keeps its dates; one that is not stated any more was never so, and goes."""
    wanted = {(each.name, each.since): each.until for each in stated.attributes}
    for stored in Attribute.objects.filter(organisation=organisation):
        if (stored.name, stored.since) not in wanted:
            stored.delete()
    for (name, since), until in sorted(wanted.items(), key=lambda item: item[1] or date.max):
        found = Attribute.objects.filter(organisation=organisation, name=name, since=since).first()
        held = found or Attribute(organisation=organisation, name=name, since=since)
        held.until = until
        held.full_clean()
        held.save()


def put_in_order() -> None:
    """Lists go by group, then name; what is no Member comes last, as it stands."""
    groups = {group: place for place, group in enumerate(Group.values)}
    last = len(groups)

    def place(each: Organisation) -> tuple[int, str]:
        return (groups[each.group], each.name) if each.is_member else (last, f"{each.position:05}")

    for position, each in enumerate(sorted(Organisation.objects.all(), key=place), 1):
        if each.position != position:
            Organisation.objects.filter(pk=each.pk).update(position=position)
