"""The history in words: what an entry says, from what to what, as a reader of that time zone reads it.

Fields of models are called by their own names and choices. What differs from that, and the names of kinds, each app
says by ``tell`` when it is ready.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet

from members.choices import AuditAction, Scope
from members.differences import are_short, in_one
from members.lists import Filter
from members.models import AuditEntry, User
from members.permissions import grants

SHOWN = 10
MOST = 500
"""Entries on the page of an object: at first, and where all are asked for."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}.*")
VERBS = {
    AuditAction.CREATED: "created",
    AuditAction.CHANGED: "changed",
    AuditAction.IMPORTED: "imported",
    AuditAction.GRANTED: "gave",
    AuditAction.WITHDRAWN: "took back",
    AuditAction.DISCARDED: "discarded the draft of",
    AuditAction.OPENED: "opened",
    AuditAction.CLOSED: "closed",
    AuditAction.SENT_TO_APPROVER: "handed to the approver",
    AuditAction.SUBMITTED: "sent",
    AuditAction.ACCEPTED: "accepted",
    AuditAction.RETURNED: "returned",
    AuditAction.CONFIRMED: "confirmed",
    AuditAction.PUBLISHED: "published",
    AuditAction.SENT_BACK: "sent back to the contributor",
    AuditAction.LET_IN: "let in late",
    AuditAction.APPROVED: "approved",
    AuditAction.CONTESTED: "contested",
    AuditAction.SETTLED: "settled",
    AuditAction.CANCELLED: "cancelled",
    AuditAction.INVITED: "sent",
    AuditAction.DEACTIVATED: "closed",
    AuditAction.REACTIVATED: "opened again",
    AuditAction.RESET: "reset the second factor of",
    AuditAction.SIGNED_OUT: "signed out everywhere from",
    AuditAction.EXPORTED: "took out",
    AuditAction.REMINDED: "reminded the people of",
}
"""What somebody did, before what it was done to."""


# ---------------------------------------------------------------- what things are called


@dataclass(frozen=True)
class Named:
    """A field in words. ``words``: of a value, or of each one where it holds several by name. ``parts``: of what says
    by itself what became of several: each by its label, from what, to what."""

    label: str
    words: Callable[[Any], str] | None = None
    parts: Callable[[Any], Iterable[tuple[str, str, str]]] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of object. ``of``: models whose fields it also has, such as its versions. ``did``: what somebody did, in
    words that name the object by its label, where a verb does not say it; else "". ``found``: words that it
    says then, and which entries say them, for who searches the log; ``changed`` is the text of their changes."""

    noun: str
    fields: Mapping[str, Named] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    verbs: Mapping[AuditAction, str] = field(default_factory=dict)
    did: Callable[[AuditEntry], str] | None = None
    found: tuple[tuple[str, Q], ...] = ()


KINDS: dict[str, Kind] = {}


def tell(kinds: Mapping[str, Kind]) -> None:
    KINDS.update(kinds)


def kind_of(object_type: str) -> Kind:
    return KINDS.get(object_type) or Kind(object_type.rpartition(".")[2])


def kind_words(object_type: str) -> str:
    """As a cell of a list holds it."""
    noun = kind_of(object_type).noun
    return noun[:1].upper() + noun[1:]


def model_field(object_type: str, name: str) -> Any:
    """The model's field of that name, of the object or its versions; None where there is none."""
    for label in (object_type, *kind_of(object_type).of):
        try:
            model: type[Model] = apps.get_model(label)
            return model._meta.get_field(name)
        except (LookupError, ValueError, FieldDoesNotExist):
            continue
    return None


@cache
def named(object_type: str, name: str) -> Named:
    """How a field of a kind is called. One that nobody knows any more still reads."""
    if told := kind_of(object_type).fields.get(name):
        return told
    found = model_field(object_type, name)
    label = str(getattr(found, "verbose_name", name)).replace("_", " ")
    choices = {str(value): str(words) for value, words in getattr(found, "flatchoices", None) or ()}
    return Named(
        label[:1].upper() + label[1:], (lambda value: choices.get(str(value), str(value))) if choices else None
    )


# ---------------------------------------------------------------- values in words


def moment_here(moment: datetime, zone: ZoneInfo) -> str:
    """31.01.28, 17:00 (Asia/Tokyo)"""
    return f"{moment.astimezone(zone):%d.%m.%y, %H:%M} ({zone.key})"


def words_of(value: Any, name: Named, zone: ZoneInfo) -> str:
    """A value as a reader reads it; "" for nothing."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        return ", ".join(words_of(each, name, zone) for each in value)
    if name.words:
        return name.words(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {words_of(each, name, zone)}" for key, each in value.items())
    return day_or_moment(str(value), zone)


def day_or_moment(text: str, zone: ZoneInfo) -> str:
    """A date as the plan writes it, a moment as the reader's clock shows it; any other text as it is."""
    try:
        if DAY.fullmatch(text):
            return f"{date.fromisoformat(text):%d.%m.%y}"
        if MOMENT.fullmatch(text):
            return moment_here(datetime.fromisoformat(text), zone)
    except ValueError:
        pass  # it only looks like one
    return text


@dataclass(frozen=True)
class Change:
    """What became of a field. ``is_text``: one in which people write sentences."""

    label: str
    before: str
    after: str
    is_text: bool = False

    @cached_property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Of a changed text its words, each "same", "gone" or "new". It takes long, so only who shows it asks."""
        short = self.is_text and self.before and self.after and are_short(self.before, self.after)
        return tuple(in_one(self.before, self.after)) if short else ()

    @property
    def words(self) -> str:
        """from Planned to In place; where there was nothing before, only what there is."""
        after = self.after or "nothing"
        return f"from {self.before} to {after}" if self.before else after


def change(label: str, name: Named, before: Any, after: Any, zone: ZoneInfo) -> Change:
    old, new = words_of(before, name, zone), words_of(after, name, zone)
    is_text = isinstance(before, str) and isinstance(after, str) and name.words is None and " " in old + new
    return Change(label, old, new, is_text)


def changes_of(entry: AuditEntry, zone: ZoneInfo) -> Iterator[Change]:
    """What became what; a field that said nothing and says nothing is left out."""
    for key, (before, after) in entry.changes.items():
        for each in became(named(entry.object_type, key), before, after, zone):
            if each.before or each.after:
                yield each


def became(name: Named, before: Any, after: Any, zone: ZoneInfo) -> Iterator[Change]:
    if name.parts:
        for label, was, now in name.parts(after):
            yield change(label, Named(label), was, now, zone)
    elif isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        for each in sorted({*old, *new}):
            if old.get(each) != new.get(each):
                yield change(f"{name.label}: {each}", name, old.get(each), new.get(each), zone)
    elif before != after:
        yield change(name.label, name, before, after, zone)


# ---------------------------------------------------------------- an entry in words


@dataclass(frozen=True)
class Line:
    """An entry as a page shows it."""

    pk: int
    moment: str
    sentence: str
    changes: list[Change]
    reason: str


def sentence_of(entry: AuditEntry) -> str:
    kind = kind_of(entry.object_type)
    if said := kind.did(entry) if kind.did else "":
        return f"{entry.actor_name} {said}"
    action = AuditAction(entry.action) if entry.action in set(AuditAction) else None
    verb = kind.verbs.get(action) or VERBS[action] if action else entry.action
    return f"{entry.actor_name} {verb} the {kind.noun} “{entry.object_label}”"


def changes_in_words(entry: AuditEntry, zone: ZoneInfo) -> str:
    """Standing: from Planned to In place; Comment: As stated."""
    return "; ".join(f"{each.label}: {each.words}" for each in changes_of(entry, zone))


def line_of(entry: AuditEntry, zone: ZoneInfo) -> Line:
    changes = list(changes_of(entry, zone))
    return Line(entry.pk, moment_here(entry.at, zone), sentence_of(entry), changes, entry.reason)


# ---------------------------------------------------------------- where it leads


Way = tuple[str, str]
"""What an entry is about, as type and key, and the address of its page."""


class Ways(Protocol):
    """What an app knows of where the history leads one person."""

    def filters(self) -> Iterable[Filter]:
        """To what else the log can be limited."""

    def lead(self, entries: Sequence[AuditEntry]) -> Mapping[str, str]:
        """The addresses of what entries are about, by type and key, as far as the person may open them. All are asked
        for at once, so that a list takes no query for each."""


WAYS: list[Callable[[User], Ways]] = []


def lead(ways: Callable[[User], Ways]) -> None:
    if ways not in WAYS:
        WAYS.append(ways)


def links(ways: Iterable[Ways], entries: Sequence[AuditEntry]) -> dict[int, str]:
    """The address of the object of each entry, or else of the page on which it stands; none where there is no page of
    it for this person."""
    known: dict[str, str] = {}
    for each in ways:
        known |= each.lead(entries)
    found = {each.pk: known.get(own(each)) or known.get(each.about) for each in entries}
    return {pk: address for pk, address in found.items() if address}


def own(entry: AuditEntry) -> str:
    return f"{entry.object_type}/{entry.object_key}"


def keys_of(kind: str, entries: Iterable[AuditEntry]) -> frozenset[str]:
    """The keys of the objects of a kind that entries are about."""
    begin = f"{kind}/"
    places = (place for each in entries for place in (own(each), each.about))
    return frozenset(place.removeprefix(begin) for place in places if place.startswith(begin))


# ---------------------------------------------------------------- who reads what


def own_drafts(user: User) -> frozenset[str]:
    """The organisations whose drafts the person may read: their own ones."""
    return frozenset(code for scope, code in grants(user, "submission.history") if scope is Scope.OWN)


def readable(user: User) -> QuerySet[AuditEntry]:
    """The history without what is only for others. Whether the person may read about the object is for its page."""
    own: Collection[str] = own_drafts(user)
    return AuditEntry.objects.filter(only_for__in=["", *sorted(own)]) if own else AuditEntry.objects.filter(only_for="")


def past(user: User, which: Q, *, everything: bool) -> dict[str, Any]:
    """What a page shows of the history of its object (templates/components/history.html). ``which``: its ``about``, or
    its type and key."""
    many = MOST if everything else SHOWN
    entries = list(readable(user).filter(which)[: many + 1])
    zone = user.time_zone
    return {"lines": [line_of(entry, zone) for entry in entries[:many]], "more": len(entries) > many, "most": many}
