"""What the two parties of an arrangement say of it, and all arrangements between Members at one glance."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from .choices import StatementKind
from .models import ArrangementVersion, SideStatement


class Told(Enum):
    """Do the sides agree. What a side said counts until the record is changed."""

    AGREED = "Both sides say so"
    ONE_SIDED = "Only one side says so"
    CONTRADICTORY = "The sides contradict each other"
    UNHEARD = "Neither side has said anything"
    RULED = "The secretariat ruled on it, with a source"


@dataclass(frozen=True)
class Sides:
    """``silent``: the codes of the parties that have not spoken of the record as it is."""

    told: Told
    silent: tuple[str, ...]


def sides(versions: Collection[ArrangementVersion]) -> dict[int, Sides]:
    """Arrangement -> what its sides say of this version of it; one query."""
    rows = SideStatement.objects.filter(arrangement__in=[each.arrangement_id for each in versions])
    rows = rows.filter(Q(settled_at=None) | ~Q(source=""))
    spoken: dict[int, dict[int, tuple[str, object]]] = defaultdict(dict)
    ruled: dict[int, datetime] = {}
    said = rows.order_by("settled_at").values_list("arrangement", "organisation", "kind", "made_at", "settled_at")
    for arrangement, organisation, kind, at, settled in said:
        if settled:
            ruled[arrangement] = max(settled, ruled.get(arrangement, settled))
        else:
            spoken[arrangement][organisation] = kind, at
    found = ((each, each.arrangement_id) for each in versions)
    return {pk: of_version(each, spoken[pk], ruled.get(pk)) for each, pk in found}


def of_version(
    version: ArrangementVersion, spoken: Mapping[int, tuple[str, object]], ruled: datetime | None = None
) -> Sides:
    """``ruled``: when the secretariat ruled last; that holds until the record is changed, or a party contests anew."""
    parties = {party.pk: party.code for party in (version.arrangement.party_a, version.arrangement.party_b)}
    said = {
        pk: kind
        for pk, (kind, at) in spoken.items()
        if kind == StatementKind.CONTESTED or at >= version.entered_at  # type: ignore[operator]
    }
    silent = tuple(code for pk, code in parties.items() if pk not in said)
    if StatementKind.CONTESTED in said.values():
        return Sides(Told.CONTRADICTORY, silent)
    if silent and ruled and ruled >= version.entered_at:
        return Sides(Told.RULED, ())
    told = {0: Told.AGREED, 1: Told.ONE_SIDED, 2: Told.UNHEARD}[len(silent)]
    return Sides(told, silent)


def differences(version: ArrangementVersion, statements: Iterable[SideStatement]) -> list[str]:
    """In what the sides differ from the record, as far as a party gives days of its own; one sentence each."""
    open_ones = [each for each in statements if each.settled_at is None and each.kind == StatementKind.CONTESTED]
    return [sentence for each in open_ones for sentence in other_days(version, each)]


def other_days(version: ArrangementVersion, said: SideStatement) -> Iterator[str]:
    who = said.organisation.name
    if said.in_force and said.in_force != version.in_force:
        recorded = f"from {version.in_force:%d.%m.%y}" if version.in_force else "without a day"
        yield f"{who} says in force from {said.in_force:%d.%m.%y}, the record {recorded}."
    if said.ended and said.ended != version.ended:
        recorded = f"on {version.ended:%d.%m.%y}" if version.ended else "not"
        yield f"{who} says that it ended on {said.ended:%d.%m.%y}, the record {recorded}."


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
    ruled = SideStatement.objects.filter(arrangement=OuterRef("arrangement"), settled_at__gte=OuterRef("entered_at"))
    return own.filter(~Exists(said), ~Exists(contested), ~Exists(ruled.exclude(source=""))).order_by(
        F("entered_at").desc()
    )


# ---------------------------------------------------------------- at one glance


class Standing(Enum):
    """Where an arrangement stands on a day: a sign for a small cell, and what it means."""

    IN_FORCE = "F", "In force"
    SIGNED = "S", "Signed, not in force"
    ENDED = "E", "Ended"
    CONTESTED = "!", "Contested"
    UNDECIDED = "?", "Not decided yet"

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


def standing(version: ArrangementVersion, day: date) -> Standing:
    """As it is counted (domain.md, "How a KPI is counted"): in force on or before the day, not ended by then."""
    if version.arrangement.contested:
        return Standing.CONTESTED
    if not version.accepted:
        return Standing.UNDECIDED
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
