"""Arrangements between two Members from a file."""

from collections.abc import Mapping
from functools import partial

from members.models import Organisation
from reporting import validators
from reporting.actions import ArrangementRecord
from reporting.models import ArrangementVersion

from .sheet import Layout, Refusals, Row, read_sheet

NEEDED = ("party_a", "party_b")
LAYOUT = Layout(
    columns=(*NEEDED, "signed", "in_force", "ended", "source", "comment"), needed=NEEDED, key=NEEDED, in_any_order=True
)


def read_arrangements(content: bytes, refusals: Refusals) -> dict[int, ArrangementRecord]:
    """The arrangements by row, not stored yet. Raises Refused where anything is wrong."""
    organisations = {each.code: each for each in Organisation.objects.all()}
    records = {}
    for row in read_sheet(content, refusals, LAYOUT):
        record = read_arrangement(row, organisations)
        if record is not None:
            records[row.number] = record
    refusals.check()
    return records


def what(record: ArrangementRecord) -> str:
    a, b = record.parties
    return f"{a.code} and {b.code}"


def read_arrangement(row: Row, organisations: Mapping[str, Organisation]) -> ArrangementRecord | None:
    a, b = (row.need(column, partial(validators.member, known=organisations)) for column in NEEDED)
    version = read_version(row)
    if a is None or b is None:
        return None
    if a == b:
        row.refuse(f"Both parties are {a.code}; an arrangement is between two different Members.", "party_b")
        return None
    return ArrangementRecord((a, b), version)


def read_version(row: Row) -> ArrangementVersion:
    version = ArrangementVersion(
        signed=row.read("signed", validators.partial_day) or "",
        in_force=row.read("in_force", validators.day),
        ended=row.read("ended", validators.day),
        source=row.read("source", partial(validators.line, longest=300)) or "",
        comment=row.read("comment", validators.words) or "",
    )
    signed = validators.earliest_day(version.signed) if version.signed else None
    row.check(lambda: validators.in_order(signed, version.in_force, "in_force", "the signing"))
    row.check(lambda: validators.in_order(version.in_force or signed, version.ended, "ended", "the start"))
    return version
