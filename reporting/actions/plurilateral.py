"""An arrangement of more than two Members, recorded as the pairs that it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from members.audit import record as audited
from members.choices import AuditAction
from members.models import Organisation, User
from reporting.models import ArrangementVersion, Plurilateral

from .arrangements import ArrangementRecord, hold_arrangements, record_arrangements
from .versions import newest_versions

FEWEST = 3
"""Parties: two are a pair."""
MOST = 60
"""Parties: their 1,770 pairs are written while one waits."""
TOO_MANY = f"Choose at most {MOST} Members, with those that are in it already."
TOO_FEW = f"Choose at least {FEWEST} Members. An arrangement between two is recorded by itself."
NOTHING_NEW = "Each of these pairs is recorded already. Open a pair to change it."


@dataclass(frozen=True)
class Made:
    """What recording came to. ``recorded``: pairs that are new; ``kept``: pairs that had a record, which stays as it
    was."""

    plurilateral: Plurilateral
    recorded: int
    kept: tuple[str, ...]


def parties_of(plurilateral: Plurilateral) -> QuerySet[Organisation]:
    """Who is in it, by the newest versions of its pairs."""
    pairs = newest_versions(ArrangementVersion.objects.all()).filter(plurilateral=plurilateral)
    either = Q(pk__in=pairs.values("arrangement__party_a")) | Q(pk__in=pairs.values("arrangement__party_b"))
    return Organisation.objects.filter(either).order_by("position")


@transaction.atomic
def record_plurilateral(
    *, name: str, parties: Sequence[Organisation], says: Mapping[str, Any], by: User, now: datetime
) -> Made:
    """Records every pair of the parties that has no record yet; what is recorded of a pair is never changed by this.
    By the name of a known one further parties come to it, each with all that are in it. ``says``: signed, in_force,
    ended, source, comment. Raises ValidationError."""
    if not name:
        raise ValidationError({"name": "Give its name."})
    plurilateral = Plurilateral.objects.filter(name__iexact=name).first()
    everybody = {each.pk: each for each in [*(parties_of(plurilateral) if plurilateral else ()), *parties]}
    if len(everybody) < FEWEST:
        raise ValidationError({"parties": TOO_FEW})
    if len(everybody) > MOST:
        raise ValidationError({"parties": TOO_MANY})
    if strange := [each.name for each in everybody.values() if not each.is_member]:
        raise ValidationError({"parties": f"{', '.join(strange)}: not a Member."})
    if plurilateral is None:
        plurilateral = Plurilateral.objects.create(name=name)
        audited(by=by, action=AuditAction.CREATED, obj=plurilateral, changes={"name": ("", name)})
    records = [
        ArrangementRecord(pair, ArrangementVersion(**says, plurilateral=plurilateral), keeps_plurilateral=False)
        for pair in combinations(everybody.values(), 2)
    ]
    held = hold_arrangements({each.pair for each in records})
    known = ArrangementVersion.objects.filter(arrangement__in=held.values()).values_list("arrangement", flat=True)
    stay = set(known)
    fresh = [each for each in records if held[each.pair].pk not in stay]
    if not fresh:
        raise ValidationError(NOTHING_NEW)
    record_arrangements(records=fresh, accept=False, by=by, now=now, audited=AuditAction.CREATED)
    kept = tuple(f"{a.name} and {b.name}" for a, b in (each.parties for each in records if held[each.pair].pk in stay))
    return Made(plurilateral, len(fresh), kept)
