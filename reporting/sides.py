"""What the two parties of an arrangement say of it, and all arrangements between Members at one glance."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from django.db.models import Exists, F, OuterRef, QuerySet

from .choices import StatementKind
from .models import ArrangementVersion, SideStatement


class Told(Enum):
    """Do the sides agree. What a side said counts until the record is changed."""

    AGREED = "Both sides say so"
    ONE_SIDED = "Only one side says so"
    CONTRADICTORY = "The sides contradict each other"
    UNHEARD = "Neither side has said anything"


@dataclass(frozen=True)
class Sides:
    """``silent``: the codes of the parties that have not spoken of the record as it is."""

    told: Told
    silent: tuple[str, ...]


def sides(versions: Collection[ArrangementVersion]) -> dict[int, Sides]:
    """Arrangement -> what its sides say of this version of it; one query."""
    rows = SideStatement.objects.filter(arrangement__in=[each.arrangement_id for each in versions], settled_at=None)
    spoken: dict[int, dict[int, tuple[str, object]]] = defaultdict(dict)
    for arrangement, organisation, kind, at in rows.values_list("arrangement", "organisation", "kind", "made_at"):
        spoken[arrangement][organisation] = kind, at
    return {each.arrangement_id: of_version(each, spoken[each.arrangement_id]) for each in versions}


def of_version(version: ArrangementVersion, spoken: Mapping[int, tuple[str, object]]) -> Sides:
    parties = {party.pk: party.code for party in (version.arrangement.party_a, version.arrangement.party_b)}
    said = {
        pk: kind
        for pk, (kind, at) in spoken.items()
        if kind == StatementKind.CONTESTED or at >= version.entered_at  # type: ignore[operator]
    }
    silent = tuple(code for pk, code in parties.items() if pk not in said)
    if StatementKind.CONTESTED in said.values():
        return Sides(Told.CONTRADICTORY, silent)
    told = {0: Told.AGREED, 1: Told.ONE_SIDED, 2: Told.UNHEARD}[len(silent)]
    return Sides(told, silent)


def waiting_for(codes: Iterable[str]) -> QuerySet[ArrangementVersion]:
    """The records that name one of these organisations, of which it has not spoken as they are."""
    said = SideStatement.objects.filter(
        arrangement=OuterRef("arrangement"), settled_at=None, organisation__code__in=list(codes)
    ).filter(made_at__gte=OuterRef("entered_at"))
    contested = SideStatement.objects.filter(
        arrangement=OuterRef("arrangement"), settled_at=None, kind=StatementKind.CONTESTED
    ).filter(organisation__code__in=list(codes))
    own = ArrangementVersion.objects.filter(reported=True, arrangement__party_a__code__in=list(codes))
    own |= ArrangementVersion.objects.filter(reported=True, arrangement__party_b__code__in=list(codes))
    return own.filter(~Exists(said), ~Exists(contested)).order_by(F("entered_at").desc())


# ---------------------------------------------------------------- at one glance


class Standing(Enum):
    """Where an arrangement stands on a day: a sign for a small cell, and what it means."""

    IN_FORCE = "F", "In force"
    SIGNED = "S", "Signed, not in force"
    ENDED = "E", "Ended"
    DOUBTFUL = "?", "Contested, or not decided yet"

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


def standing(version: ArrangementVersion, day: date) -> Standing:
    """As it is counted (domain.md, "How a KPI is counted"): in force on or before the day, not ended by then."""
    if not version.accepted or version.arrangement.contested:
        return Standing.DOUBTFUL
    if version.ended and version.ended <= day:
        return Standing.ENDED
    return Standing.IN_FORCE if version.in_force and version.in_force <= day else Standing.SIGNED


@dataclass
class MemberRow:
    """One Member, and with whom it has what."""

    code: str
    name: str
    partners: dict[str, tuple[Standing, int]] = field(default_factory=dict)

    def with_standing(self, wanted: Standing) -> list[tuple[str, int]]:
        return sorted((code, pk) for code, (found, pk) in self.partners.items() if found is wanted)


def rows(versions: Iterable[ArrangementVersion], day: date) -> list[MemberRow]:
    """Every Member that has an arrangement, in the order of lists."""
    found: dict[str, MemberRow] = {}
    places: dict[str, int] = {}
    for version in versions:
        stands, pair = standing(version, day), (version.arrangement.party_a, version.arrangement.party_b)
        for one, other in (pair, pair[::-1]):
            row = found.setdefault(one.code, MemberRow(one.code, one.name))
            row.partners[other.code] = stands, version.arrangement_id
            places[one.code] = one.position
    return sorted(found.values(), key=lambda row: places[row.code])
