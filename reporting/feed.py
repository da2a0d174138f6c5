"""The planned activities as a calendar that other programs read (RFC 5545)."""

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from members.access import without_second_factor
from members.invitations import hash_of
from members.models import User
from members.permissions import may

from .audience import shown_to
from .choices import ActivityStatus
from .models import ActivityVersion, Feed

NAME = "RSP Tracker: planned activities"


def owner_of(token: str) -> User | None:
    """Whose calendar an address gives; nobody's where it was taken back, or its owner may not open the register now."""
    found = Feed.objects.select_related("person").filter(token_hash=hash_of(token), revoked_at=None).first()
    if found is None or not found.person.is_active or not may(found.person, "activity.list"):
        return None
    return None if without_second_factor(found.person) else found.person


def planned_for(user: User) -> Iterable[ActivityVersion]:
    """What is planned and the person may know of now."""
    rows = ActivityVersion.objects.filter(shown_to(user), reported=True, status=ActivityStatus.PLANNED)
    return rows.select_related("activity").order_by("start", "pk")


def calendar_of(planned: Iterable[ActivityVersion]) -> bytes:
    found = Calendar()
    for name, value in {"prodid": "-//RSP Tracker//Planned activities//EN", "version": "2.0"}.items():
        found.add(name, value)
    found.add("x-wr-calname", NAME)
    for each in planned:
        found.add_component(event_of(each))
    content: bytes = found.to_ical()
    return content


def event_of(version: ActivityVersion) -> Event:
    """Whole days, the last one not included, as the format has it. Its name is that of the record, which never changes;
    planned is not certain."""
    found = Event()
    found.add("uid", f"{version.activity.reference}@rsp-tracker")
    found.add("dtstamp", version.entered_at)
    found.add("last-modified", version.entered_at)
    found.add("sequence", version.number - 1)
    found.add("dtstart", version.start)
    found.add("dtend", version.day + timedelta(days=1))
    found.add("summary", version.title)
    found.add("status", "TENTATIVE")
    found.add("transp", "TRANSPARENT")
    if where := ", ".join(filter(None, [version.place, "online" if version.online else ""])):
        found.add("location", where[:1].upper() + where[1:])
    return found
