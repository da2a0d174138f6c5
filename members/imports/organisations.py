"""Organisations from a file. django-import-export runs the rows and takes all back where one is wrong; each is written
by our own action, so the audit record knows of it. The preview is the same run, taken back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult
from tablib import Dataset

from members.choices import AttributeName, Group, OrganisationKind
from members.models import Organisation, User
from members.organisations import Held, Stated, difference, save_organisation, stated_of, token_of
from members.refusals import Stale

from .outcome import CHANGED, ERROR, NEW, UNCHANGED, Line, Preview
from .sheet import Layout, Problem, Row, Sheet, read

LAYOUT = Layout(
    sheet="Organisations",
    columns=(
        "code", "name", "kind", "group", "also_known_as", "iso2", "time_zone", "attributes", "joined", "left",
    ),
    needed=("code",),
    key=("code",),
)  # fmt: skip
TEXTS = ("name", "also_known_as", "iso2", "time_zone")
CHANGED_MEANWHILE = "Organisations changed after the preview. Nothing is imported; this is the preview as of now."


def stored() -> dict[str, Stated]:
    rows = Organisation.objects.prefetch_related("memberships", "attributes")
    return {each.code: stated_of(each) for each in rows}


# ---------------------------------------------------------------- a row in words of ours


class Wrong(Exception):
    """What is wrong with a row, by column."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults


def stated(row: Row, before: Stated | None) -> Stated:
    """What a row says; a blank cell leaves what is stored. Raises Wrong with all that cannot be read."""
    faults: dict[str, str] = {}

    def take(column: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        try:
            return {column: parse(row.get(column))} if row.get(column) else {}
        except ValueError as error:
            faults[column] = str(error)
            return {}

    says: dict[str, Any] = {column: row.get(column) for column in TEXTS if row.get(column)}
    says |= take("kind", lambda text: named(text, OrganisationKind)) | take("group", lambda text: named(text, Group))
    says |= take("joined", day) | take("left", day) | take("attributes", attributes)
    code = row.get("code")
    if not code:
        faults["code"] = "It is blank, and must be stated."
    if not before:
        faults |= {name: "A new organisation needs it." for name in ("name", "kind") if not row.get(name)}
    if faults:
        raise Wrong(faults)
    return replace(before, **says) if before else Stated(**({"code": code} | says))


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


class OrganisationResource(Resource):
    """Runs rows that were read and checked in form; ``lines`` is what became of each."""

    class Meta:
        instance_loader_class = BaseInstanceLoader

    def __init__(self, rows: Iterable[Row], by: User) -> None:
        super().__init__()
        self.rows, self.by = list(rows), by
        self.before = stored()
        self.lines: list[Line] = []

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        read = self.rows[kwargs["row_number"] - 1]
        line = self.done(read)
        self.lines.append(line)
        result = self.get_row_result_class()()
        result.import_type = TYPES[line.effect]
        if line.problems:
            result.errors = [
                self.get_error_result_class()(Wrong({each.column: each.sentence})) for each in line.problems
            ]
        return result

    def done(self, row: Row) -> Line:
        code = row.get("code")
        before = self.before.get(code)
        try:
            after = stated(row, before)
            with transaction.atomic():
                save_organisation(stated=after, by=self.by)
        except Wrong as wrong:
            return Line(row.number, code, ERROR, problems=list(problems(row, wrong.faults.items())))
        except ValidationError as error:
            return Line(row.number, code, ERROR, problems=list(problems(row, said(error))))
        changes = difference(before, after)
        return Line(row.number, code, (CHANGED if before else NEW) if changes else UNCHANGED, changes)


TYPES = {
    NEW: RowResult.IMPORT_TYPE_NEW,
    CHANGED: RowResult.IMPORT_TYPE_UPDATE,
    UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    ERROR: RowResult.IMPORT_TYPE_ERROR,
}


def said(error: ValidationError) -> Iterator[tuple[str, str]]:
    found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for column, messages in found.items():
        for message in messages:
            yield ("" if column == NON_FIELD_ERRORS else column), message


def problems(row: Row, faults: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    return (Problem(row.number, column, sentence) for column, sentence in faults)


def preview(content: bytes, *, by: User) -> Preview:
    """What the file would do; nothing is stored. Raises ValidationError where it cannot be read."""
    sheet = read(content, LAYOUT)
    return run(sheet, by=by, dry_run=True)


@transaction.atomic
def apply(content: bytes, *, seen: str, by: User) -> Preview:
    """Does what the preview showed, all or nothing. ``seen``: the token of the preview. Raises Stale where
    organisations changed since, ValidationError where the file is not without fault."""
    list(Organisation.objects.select_for_update().order_by("pk"))
    if token_of(*stored().values()) != seen:
        raise Stale(CHANGED_MEANWHILE)
    done = run(read(content, LAYOUT), by=by, dry_run=False)
    if done.problems:
        raise ValidationError(done.sentences)
    return done


def run(sheet: Sheet, *, by: User, dry_run: bool) -> Preview:
    resource = OrganisationResource(sheet.rows, by)
    data = Dataset(*([row.get("code")] for row in sheet.rows), headers=["code"])
    seen = token_of(*resource.before.values())
    resource.import_data(data, dry_run=dry_run or bool(sheet.problems), use_transactions=True, raise_errors=False)
    by_number = {line.number: line for line in resource.lines}
    for problem in sheet.problems:
        line = by_number[problem.row]
        line.effect, line.changes = ERROR, {}
        line.problems.append(problem)
    return Preview(sheet, resource.lines, seen)
