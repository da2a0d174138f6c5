"""Organisations from a file, and as such a file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.choices import AttributeName, Group, OrganisationKind
from members.days import WITH_WHOLE_YEAR, day_of
from members.models import Organisation, User
from members.organisations import BEFORE, Held, Stated, difference, save_organisation, stated_of, token_of
from members.organisations import faults as wrong_with
from members.refusals import Stale

from .outcome import Preview
from .rows import Changes, Rows, accepted, named, parsed
from .sheet import Column, Layout, Row

LAYOUT = Layout(
    sheet="Organisations",
    fields=(
        Column("code", "Three or four capital letters. By it an organisation is known; it never changes.", "JPN"),
        Column("name", "A new organisation needs it.", "Japan"),
        Column("kind", f"One of {accepted(OrganisationKind)}. A new one needs it; it never changes.", "member"),
        Column("group", f"Of a Member alone: one of {accepted(Group)}.", "far_east"),
        Column("also_known_as", "Other names, with ; between.", "Nippon", also="Also known as"),
        Column("iso2", "The two letters of its country.", "JP", also="Two letters"),
        Column("time_zone", "Where its people work. Blank for a new one: Asia/Hong_Kong.", "Asia/Tokyo"),
        Column(
            "attributes",
            "All that it is or was, with ; between, each with its first day and the day after its last where these are "
            "known. What is stored and not written here is taken away. "
            f"Accepted are {accepted(AttributeName)}.",
            "developed; landlocked:2026-07-01/2027-07-01",
        ),
        Column("joined", "The first day of its last membership.", date(1964, 6, 15), also="Member since"),
        Column("left", "The day after the last of that membership.", date(2027, 7, 1), also="Member until"),
    ),
    key=("code",),
    shown=("Is", "People"),
)
CHANGED_MEANWHILE = "Organisations changed after the preview. Nothing is imported; this is the preview as of now."


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
    says, faults = parsed(row, PARSERS)
    if not before:
        faults |= {name: "A new organisation needs it." for name in ("name", "kind") if not row.get(name)}
    made = replace(before, **says) if before else Stated(**{"name": "", "kind": ""} | says)
    if faults:
        raise ValidationError(dict(wrong_with(made, before)) | faults)
    return made


def first_day(text: str) -> date | None:
    """The list says in words where it is not known."""
    return None if text.casefold() == BEFORE else day(text)


def day(text: str) -> date:
    """With the whole year: of 64 nobody knows the century. Raises ValueError."""
    if found := day_of(text, WITH_WHOLE_YEAR):
        return found
    raise ValueError(f"“{text[:60]}” is no date with a whole year. Write 2027-06-30 or 30.06.2027.")


def attributes(text: str) -> tuple[Held, ...]:
    """developed; landlocked:2026-07-01/2027-07-01"""
    return tuple(sorted((held(part.strip()) for part in text.split(";") if part.strip()), key=str))


def held(text: str) -> Held:
    name, _, dates = text.partition(":")
    since, _, until = dates.partition("/")
    first, last = (day(each.strip()) if each.strip() else None for each in (since, until))
    return Held(named(name.strip(), AttributeName), first, last)


LABELLED: dict[str, Any] = {"kind": OrganisationKind, "group": Group}
PARSERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(LAYOUT.columns, str),
    **{column: partial(named, choices=choices) for column, choices in LABELLED.items()},
    "attributes": attributes,
    "joined": first_day,
    "left": day,
}


# ---------------------------------------------------------------- all rows


class OrganisationRows(Rows):
    layout = LAYOUT

    def __init__(self, content: bytes, by: User) -> None:
        self.by, self.before = by, stored()
        super().__init__(content, token_of(*self.before.values()))

    def words(self, column: str, value: Any) -> str:
        named = LABELLED[column](value).label if value and column in LABELLED else value
        return super().words(column, named)

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
    list(Organisation.objects.select_for_update(no_key=True).order_by("pk"))
    rows = OrganisationRows(content, by)
    if rows.seen != seen:
        raise Stale(CHANGED_MEANWHILE)
    return rows.apply()
