"""The whole history as a list. However long it is, a look at it goes through so many entries, the newest ones of the
days that are asked for, and says how far back that came."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, CharField, F, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict

from members.choices import AuditAction
from members.days import day_of
from members.history import KINDS, VERBS, WAYS, kind_words, readable
from members.lists import DayFilter, Filter, Listing, on_days, pick
from members.models import AuditEntry, User
from members.tables import HistoryTable

LOOKED_THROUGH = 20_000
IN_WORDS = ("actor_name", "actor_email", "object_label", "object_key", "reason")
BOUNDS = ("from", "to", "before")
"""Limits that say through which entries a look goes; the others say which of those are shown."""
NUMBER = re.compile(r"[0-9]{1,18}")
Rows = QuerySet[AuditEntry]


class Log(Listing):
    """What the reader may see of it. ``last``: the entry to which it came, where it did not come to the end."""

    def __init__(self, asked: QueryDict, by: User) -> None:
        ways = [each(by) for each in WAYS]
        super().__init__(
            asked,
            HistoryTable(zone=by.time_zone, ways=ways),
            readable(by),
            nouns=("entry of the history", "entries of the history"),
            filters=filters(by.time_zone, (each for way in ways for each in way.filters())),
            filename="history",
            exports=True,
        )
        self.rows, self.last = newest(self.bounded())
        self.rows = sortable(self.rows)
        self.nouns = self.called()

    def bounded(self) -> Rows:
        rows: Rows = self.rows
        for name in self.values.keys() & set(BOUNDS):
            rows = self.filters[name].limits(rows, self.values[name])
        return rows

    def called(self) -> tuple[str, str]:
        """What is counted: those in which it was looked, which are not always all."""
        where = "of this time" if self.values.keys() & set(BOUNDS) else "of the history"
        which = "newest " if self.last else ""
        return f"{which}entry {where}", f"{which}entries {where}"

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What a file says of it."""
        return (("Goes back to", self.back_to_words),) if self.last else ()

    @property
    def back_to_words(self) -> str:
        return self.table.column("when").words(self.last.at, self.table.zone) if self.last else ""

    @property
    def further_back(self) -> str:
        """The same list of the entries before."""
        return self.address(before=str(self.last.pk)) if self.last else ""


def newest(rows: Rows) -> tuple[Rows, AuditEntry | None]:
    """So many of them as a look goes through, and the last one where there are more."""
    last = list(rows.order_by("-at", "-pk")[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1])
    if len(last) < 2:
        return rows, None
    return rows.filter(Q(at__gt=last[0].at) | Q(pk__gte=last[0].pk), at__gte=last[0].at), last[0]


# ---------------------------------------------------------------- what it can be limited to


def filters(zone: ZoneInfo, more: Iterable[Filter]) -> tuple[Filter, ...]:
    nouns = dict(sorted({(kind.noun, kind_words(key)) for key, kind in KINDS.items()}, key=lambda each: each[1]))
    return (
        Filter("q", "Find by person, action, object, change or reason", saying),
        Filter("who", "Person", by_person),
        pick("action", "Action", dict(sorted(AuditAction.choices, key=lambda each: each[1]))),
        Filter("kind", "Kind of object", of_kind, nouns),
        *more,
        DayFilter("from", "From day", on_days(lambda rows, day: rows.filter(at__gte=midnight(day, zone)))),
        DayFilter("to", "To day", on_days(lambda rows, day: rows.filter(at__lt=midnight(next_day(day), zone)))),
        EntryFilter("before", "Before entry", before_entry, offered=False),
    )


def saying(rows: Rows, typed: str) -> Rows:
    """Those in which each word stands somewhere, in what the list shows of them."""
    rows = rows.alias(changed=Cast("changes", TextField()))
    for word in typed.split():
        anywhere = done(word.casefold())
        for column in IN_WORDS:
            anywhere |= Q(**{f"{column}__icontains": word})
        for form in stored(word):
            anywhere |= Q(changed__icontains=form)
        rows = rows.filter(anywhere)
    return rows


def done(word: str) -> Q:
    """What was done to what, as the list calls it: an action by its name or its verb, which some kinds have for
    themselves, and a kind of object."""
    actions = [each for each in AuditAction if word in f"{each.label}\n{VERBS[each]}".casefold()]
    found = Q(action__in=actions) | Q(object_type__in=[key for key in KINDS if word in kind_words(key).casefold()])
    for key, kind in KINDS.items():
        if own := [action for action, verb in kind.verbs.items() if word in verb.casefold()]:
            found |= Q(object_type=key, action__in=own)
        for said, which in kind.found:
            found |= Q(object_type=key) & which if word in said else Q()
    return found


def stored(word: str) -> set[str]:
    """A word as the changes hold it, and a day as well, which they write in another way. SQLite keeps what we wrote,
    with letters beyond English as numbers; PostgreSQL keeps the letters."""
    escaped = json.dumps(word, ensure_ascii=connection.vendor == "sqlite")[1:-1]
    day = day_of(word)
    return {escaped, day.isoformat()} if day else {escaped}


class EntryFilter(Filter):
    """The number of an entry, as a link gives it."""

    def said(self, value: str) -> str:
        return f"{self.label} {value}"

    def fault(self, value: str) -> str:
        return "" if NUMBER.fullmatch(value) else f"“{value}” is no entry, so the list is not limited by it."


def before_entry(rows: Rows, number: str) -> Rows:
    """Those that were written before; none where there is no such entry."""
    moment = AuditEntry.objects.filter(pk=number).values("at")
    return rows.filter(Q(at__lt=Subquery(moment)) | Q(pk__lt=number), at__lte=Subquery(moment))


def by_person(rows: Rows, words: str) -> Rows:
    return rows.filter(Q(actor_name__icontains=words) | Q(actor_email__icontains=words))


def of_kind(rows: Rows, noun: str) -> Rows:
    """Several kinds may have one name, such as comments."""
    return rows.filter(object_type__in=[key for key, kind in KINDS.items() if kind.noun == noun])


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """By the clocks of the reader."""
    return datetime.combine(day, time.min, zone)


# ---------------------------------------------------------------- how it sorts


def sortable(rows: Rows) -> Rows:
    """Actions and kinds sort by what the reader calls them."""
    kinds = {key: kind_words(key) for key in KINDS}
    return rows.annotate(
        action_words=words("action", dict(AuditAction.choices)), kind_words=words("object_type", kinds)
    )


def words(column: str, named: dict[str, str]) -> Case:
    whens = [When(**{column: key}, then=Value(text.casefold())) for key, text in named.items()]
    return Case(*whens, default=F(column), output_field=CharField())
