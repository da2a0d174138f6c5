"""Records that a party has not confirmed, and records that may be one."""

from collections.abc import Iterator

from reporting.inputs import Facts
from reporting.sides import Told
from workplan.choices import Source
from workplan.tree import KpiText

from . import ways
from .changes import no_pairs, one_event, only_parts, pair_settled, two_events
from .contradictions import areas_of, of_arrangements, organised_by
from .finding import Finding, Kind
from .ground import Ground


def one_sided(ground: Ground) -> Iterator[Finding]:
    yield from silent_sides(ground)
    yield from unconfirmed_parts(ground)


def silent_sides(ground: Ground) -> Iterator[Finding]:
    """Arrangements of which one side has said nothing, one by one; those of which neither has, together."""
    unheard: dict[KpiText, list[tuple[int, frozenset[str]]]] = {}
    for kpi, version, sides, parties in of_arrangements(ground):
        if sides.told is Told.ONE_SIDED:
            silent = ground.names[sides.silent[0]]
            other = ground.named(parties - set(sides.silent))
            yield Finding(
                Kind.ONE_SIDED,
                areas_of(ground, [kpi]),
                tuple(sorted(parties)),
                f"{other} has an arrangement with {silent}, and {silent} has not said so.",
                f"{silent} says whether it is so.",
                ways.to_side(ground, [(version.arrangement_id, parties)]),
                f"{silent}: its contributor or approver.",
                (
                    ground.change(
                        kpi,
                        ("if the silent side disagrees", pair_settled(parties, contested=True)),
                        of=(version.accepted, version.in_force, version.ended, parties <= ground.members(kpi)),
                    ),
                ),
            )
        elif sides.told is Told.UNHEARD:
            unheard.setdefault(kpi, []).append((version.arrangement_id, parties))
    for kpi, pairs in unheard.items():
        yield unheard_pairs(ground, kpi, pairs)


def unheard_pairs(ground: Ground, kpi: KpiText, records: list[tuple[int, frozenset[str]]]) -> Finding:
    pairs = [parties for _, parties in records]
    codes = frozenset().union(*pairs)
    one = len(pairs) == 1
    return Finding(
        Kind.ONE_SIDED,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        f"Of {len(pairs)} arrangement{'' if one else 's'} neither side has said that it is so.",
        "Each party confirms its own side, or says what is wrong.",
        ways.to_side(ground, records),
        f"{ground.named(codes)}: their contributors or approvers.",
        (ground.change(kpi, ("if it is not so" if one else "if none of them is so", no_pairs(pairs))),),
    )


def unconfirmed_parts(ground: Ground) -> Iterator[Finding]:
    """By KPI, the Members that count by records alone, of which they have not said that they took part."""
    for kpi in ground.kpis:
        span = ground.span(kpi)
        if kpi.reading.source is Source.PARTICIPATION and span:
            open_ = [part for part in ground.loaded.unsaid[kpi.id] if span.holds(part.day)]
            codes = frozenset().union(*(part.organisations for part in open_))
            codes = ground.scope.of(kpi, codes & ground.members(kpi))
            if codes:
                yield unconfirmed(ground, kpi, codes)


def unconfirmed(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> Finding:
    many = f"{len(codes)} Members have" if len(codes) > 1 else f"{ground.named(codes)} has"
    their = "their" if len(codes) > 1 else "its"
    own = codes & ground.scope.own
    way = ways.to(ground, "register_year", min(own)) if own else ways.to_figure(ground, kpi)
    return Finding(
        Kind.ONE_SIDED,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        f"{many} not confirmed {their} part in activities that count here.",
        "Each Member confirms its part, or says what is wrong with it.",
        way,
        f"{ground.named(codes)}: contributor or approver.",
        (
            ground.change(
                kpi,
                (
                    "if they took no part" if len(codes) > 1 else "if it took no part",
                    only_parts(ground.loaded.said[kpi.id]),
                ),
            ),
        ),
    )


# ---------------------------------------------------------------- two records of one event


def duplicates(ground: Ground) -> Iterator[Finding]:
    for first, second in ground.beside.pairs:
        one, other = ground.beside.events[first], ground.beside.events[second]
        codes = frozenset(ground.codes[each] for each in one.involved | other.involved)
        names = (str(first), str(second))
        kpis = [kpi for kpi in ground.kpis if ground.scope.of(kpi, codes) and speaks_of(ground.facts(kpi), names)]
        if kpis:
            yield Finding(
                Kind.DUPLICATE,
                areas_of(ground, kpis),
                tuple(sorted(codes)),
                f"“{one.title}” and “{other.title}” may be one event, recorded twice.",
                "Look at both records beside each other, and say whether they are one or two.",
                way_to_pair(ground, first, second),
                f"The secretariat rules{organised_by(ground, one, other)}.",
                tuple(
                    ground.change(
                        kpi,
                        ("if they are two events", two_events(*names)),
                        ("if they are one", one_event(*names)),
                        counts=counted_now(ground.facts(kpi), names),
                    )
                    for kpi in kpis
                ),
            )


def speaks_of(facts: Facts, activities: tuple[str, str]) -> bool:
    return any(row.reference in activities for row in facts.activities)


def counted_now(facts: Facts, activities: tuple[str, str]) -> str:
    """Of the two, how many count."""
    counting = sum(row.reference in activities and row.accepted and row.held for row in facts.activities)
    return {0: "counts neither of them:", 1: "counts one of them:", 2: "counts both:"}[min(counting, 2)]


def way_to_pair(ground: Ground, first: int, second: int) -> str:
    if ground.look.user and ways.may(ground.look.user, "activity.merge"):
        return ways.to(ground, "activity_pair", first, second)
    return ways.to(ground, "activity", first)
