"""Organisations from a file, and as such a file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.choices import AttributeName, Group, OrganisationKind
from members.models import Organisation, User
from members.organisations import Held, Stale, Stated, difference, save_organisation, stated_of, token_of

from .outcome import Preview
from .rows import Changes, Rows
from .sheet import Column, Layout, Row

LAYOUT = Layout(
    sheet="Organisations",
    fields=(
        Column("code", "Three or four capital letters. By it an organisation is known; it never changes.", "JPN"),
        Column("name", "A new organisation needs it.", "Japan"),
        Column("kind", f"One of {', '.join(OrganisationKind.values)}. A new one needs it; it never changes.", "member"),
        Column("group", f"Of a Member alone: one of {', '.join(Group.values)}.", "far_east"),
        Column("also_known_as", "Another name.", "Nippon", also="Also known as"),
        Column("iso2", "The two letters of its country.", "JP", also="Two letters"),
        Column("time_zone", "As computers call it. Blank for a new one: Asia/Hong_Kong.", "Asia/Tokyo"),
        Column(
            "attributes",
            "All that it is and was, with ; between; what is stored and not said here is taken away. Where they are "
            "known with the first day and the day after the last. "
            f"Accepted are {', '.join(AttributeName.values)}.",
            "developed; landlocked:2026-07-01/2027-07-01",
        ),
        Column("joined", "The first day on which a Member is one.", date(1964, 6, 15), also="Member since"),
        Column("left", "The first day on which it is none any more.", date(2027, 7, 1), also="Member until"),
    ),
    key=("code",),
    shown=("Is", "People"),
)
TEXTS = ("name", "also_known_as", "iso2", "time_zone")
CHANGED_MEANWHILE = "Organisations changed after the preview. Nothing is imported; this is the preview as of now."
BEFORE = "before our records"


def stored() -> dict[str, Stated]:
    rows = Organisation.objects.prefetch_related("memberships", "attributes")
    return {each.code: stated_of(each) for each in rows}


def rows_of() -> Iterator[list[Any]]:
    """The organisations as rows of a file that, imported again, changes nothing."""
    for each in stored().values():
        says = vars(each) | {"attributes": "; ".join(map(str, each.attributes))}
        yield [says[column] for column in LAYOUT.columns]


# ---------------------------------------------------------------- what a row says


def stated(row: Row, before: Stated | None) -> Stated:
    """What a row says; a blank cell leaves what is stored. Raises ValidationError with all that cannot be read."""
    faults: dict[str, str] = {}

    def take(column: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        try:
            return {column: parse(row.get(column))} if row.get(column) else {}
        except ValueError as error:
            faults[column] = str(error)
            return {}

    says: dict[str, Any] = {column: row.get(column) for column in TEXTS if row.get(column)}
    says |= take("kind", lambda text: named(text, OrganisationKind)) | take("group", lambda text: named(text, Group))
    says |= take("joined", first_day) | take("left", day) | take("attributes", attributes)
    if not before:
        faults |= {name: "A new organisation needs it." for name in ("name", "kind") if not row.get(name)}
    if faults:
        raise ValidationError(faults)
    return replace(before, **says) if before else Stated(code=row.get("code"), **says)


def first_day(text: str) -> date | None:
    """The list says in words where it is not known."""
    return None if text.casefold() == BEFORE else day(text)


def named(text: str, choices: Any) -> str:
    """By the name in the address of things, or by the words on a page."""
    found = {each.value: each.value for each in choices} | {each.label.casefold(): each.value for each in choices}
    if text.casefold() not in found:
        raise ValueError(f"There is no “{text[:60]}”. Accepted are {', '.join(choices.values)}.")
    return str(found[text.casefold()])


def day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise ValueError(f"“{text[:60]}” is no date. Write 2027-06-30 or 30.06.27.")


def attributes(text: str) -> tuple[Held, ...]:
    """developed; landlocked:2026-07-01/2027-07-01"""
    return tuple(sorted((held(part.strip()) for part in text.split(";") if part.strip()), key=str))


def held(text: str) -> Held:
    name, _, dates = text.partition(":")
    since, _, until = dates.partition("/")
    first, last = (day(each.strip()) if each.strip() else None for each in (since, until))
    return Held(named(name.strip(), AttributeName), first, last)


# ---------------------------------------------------------------- all rows


class OrganisationRows(Rows):
    layout = LAYOUT

    def __init__(self, content: bytes, by: User) -> None:
        self.by, self.before = by, stored()
        super().__init__(content, token_of(*self.before.values()))

    def write(self, row: Row) -> tuple[bool, Changes]:
        before = self.before.get(row.get("code"))
        after = stated(row, before)
        save_organisation(stated=after, by=self.by)
        return before is not None, difference(before, after)


def preview(content: bytes, *, by: User) -> Preview:
    """What the file would do; nothing is stored. Raises ValidationError where it cannot be read."""
    return OrganisationRows(content, by).preview()


@transaction.atomic
def apply(content: bytes, *, seen: str, by: User) -> Preview:
    """Does what the preview showed, all or nothing. ``seen``: the token of the preview. Raises Stale where
    organisations changed since, ValidationError where the file is not without fault."""
    list(Organisation.objects.select_for_update().order_by("pk"))
    rows = OrganisationRows(content, by)
    if rows.seen != seen:
        raise Stale(CHANGED_MEANWHILE)
    return rows.apply()
