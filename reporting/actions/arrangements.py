"""Arrangements between two Members are recorded in versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from members.choices import AuditAction
from members.models import Organisation, User
from reporting.models import (
    Arrangement,
    ArrangementVersion,
)

from .bulk import (
    Effect,
    Outcome,
    picked,
)
from .refusals import Stale
from .versions import (
    CHANGED,
    Said,
    compared,
    newest_versions,
    record_versions,
    seen_as,
)


@dataclass(frozen=True)
class ArrangementRecord:
    """What is to be recorded of an arrangement. The parties come in any order."""

    parties: tuple[Organisation, Organisation]
    version: ArrangementVersion
    keeps_plurilateral: bool = True
    """Whether it says nothing of that: the version stands by the one that the record stood by before."""

    @property
    def pair(self) -> tuple[int, int]:
        a, b = (party.pk for party in self.parties)
        return (min(a, b), max(a, b))


@transaction.atomic
def record_arrangements(
    *,
    records: Sequence[ArrangementRecord],
    accept: bool,
    by: User | None,
    now: datetime,
    audited: AuditAction = AuditAction.IMPORTED,
) -> Outcome:
    """Records arrangements by their pair, as activities by their reference."""
    held = hold_arrangements({record.pair for record in records})
    newest = newest_of_arrangements()
    return write_arrangements(records=records, held=held, newest=newest, accept=accept, by=by, now=now, audited=audited)


def write_arrangements(
    *,
    records: Sequence[ArrangementRecord],
    held: Mapping[tuple[int, int], Arrangement],
    newest: Mapping[tuple[int, int], ArrangementVersion],
    accept: bool,
    by: User | None,
    now: datetime,
    audited: AuditAction = AuditAction.IMPORTED,
) -> Outcome:
    """The same of arrangements that are ``held``, of which the ``newest`` versions were read since."""
    keep_plurilaterals(records, newest)
    return record_versions(
        [said_of_arrangement(held[record.pair], record.version) for record in records],
        {each.arrangement_id: said_of_arrangement(each.arrangement, each) for each in newest.values()},
        accept=accept,
        by=by,
        now=now,
        audited=audited,
    )


def hold_arrangements(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Arrangement]:
    """Pair -> arrangement, made where there was none, and nobody else's until the transaction ends."""
    wanted = [Arrangement(party_a_id=a, party_b_id=b) for a, b in sorted(pairs)]
    Arrangement.objects.bulk_create(wanted, ignore_conflicts=True)
    named = Arrangement.objects.select_related("party_a", "party_b")
    held = {
        (each.party_a_id, each.party_b_id): each
        for each in named.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    return {pair: held[pair] for pair in pairs}


def newest_of_arrangements() -> dict[tuple[int, int], ArrangementVersion]:
    """Pair -> the newest version; a region has some hundreds at most."""
    about = ("arrangement__party_a", "arrangement__party_b", "plurilateral")
    rows = newest_versions(ArrangementVersion.objects.select_related(*about))
    return {(each.arrangement.party_a_id, each.arrangement.party_b_id): each for each in rows}


def keep_plurilaterals(
    records: Iterable[ArrangementRecord], newest: Mapping[tuple[int, int], ArrangementVersion]
) -> None:
    """Who says nothing of it leaves a pair with the arrangement of more than two Members that it is of."""
    for record in records:
        before = newest.get(record.pair)
        if before and record.keeps_plurilateral:
            record.version.plurilateral = before.plurilateral


def compare_arrangements(
    *, records: Sequence[ArrangementRecord], newest: Mapping[tuple[int, int], ArrangementVersion]
) -> Outcome:
    """What recording them would do; nothing is written."""
    keep_plurilaterals(records, newest)
    owners = {pair: version.arrangement for pair, version in newest.items()}
    said = [said_of_arrangement(owners.get(each.pair) or Arrangement(), each.version) for each in records]
    return compared(
        said, {each.arrangement_id: said_of_arrangement(each.arrangement, each) for each in newest.values()}
    )


def said_of_arrangement(arrangement: Arrangement, version: ArrangementVersion) -> Said:
    content = picked(version, ("signed", "in_force", "ended", "source", "comment"))
    if version.plurilateral:
        content["plurilateral"] = version.plurilateral.name
    return Said(arrangement, version, content)


@transaction.atomic
def record_arrangement(*, record: ArrangementRecord, seen: str, by: User, now: datetime) -> Arrangement:
    """The same for an arrangement."""
    arrangement = hold_arrangements([record.pair])[record.pair]
    known = seen_as(arrangement.versions.all())
    action = AuditAction.CHANGED if known != "0" else AuditAction.CREATED
    outcome = record_arrangements(records=[record], accept=False, by=by, now=now, audited=action)
    if known != seen and outcome.rows[0].effect is not Effect.UNCHANGED:
        raise Stale(CHANGED)
    return arrangement
