"""Contradictions: two that should know say different things."""

from collections.abc import Iterator

from reporting.counting import took_part
from reporting.explanation import said
from reporting.inputs import Answer, Participation
from reporting.models import ArrangementVersion
from reporting.sides import Sides, Told, of_version
from workplan.calendar import year_label, year_of
from workplan.choices import Source, Standing
from workplan.tree import KpiText

from . import ways
from .beside import Event
from .changes import instead, not_there, pair_settled, part_settled
from .finding import Finding, Kind
from .ground import Ground

SETTLE_PART = {"activity.confirm": "activity_settle", "activity.confirm_own_part": "activity_part"}
SETTLE_SIDE = {"arrangement.confirm": "arrangement_settle", "arrangement.confirm_own_side": "arrangement_side"}


def contradictions(ground: Ground) -> Iterator[Finding]:
    yield from contested_parts(ground)
    yield from denied_answers(ground)
    yield from noes(ground)
    yield from contested_arrangements(ground)


def contested_parts(ground: Ground) -> Iterator[Finding]:
    """What an organisation says of its part in a record; it does not count until that is settled."""
    for activity, organisation in ground.beside.contested:
        code, event = ground.codes[organisation], ground.beside.events[activity]
        name, asked = str(activity), frozenset({code}) | {ground.codes[each] for each in event.organisers}
        kpis = [kpi for kpi in ground.kpis if ground.scope.of(kpi, asked) and has_part(ground, kpi, name, code)]
        if kpis:
            organisers = organised_by(ground, event)
            yield Finding(
                Kind.CONTRADICTION,
                areas_of(ground, kpis),
                tuple(sorted(asked)),
                f"{ground.names[code]} contests its part in “{event.title}”, which does not count meanwhile.",
                "Look at what both say and settle it.",
                ways.of_record(ground, "activity", activity, SETTLE_PART, frozenset({code})),
                f"{ground.names[code]}{organisers}. The secretariat settles it.",
                tuple(ground.change(kpi, ("if its part is confirmed", part_settled(name, code))) for kpi in kpis),
            )


def organised_by(ground: Ground, *events: Event) -> str:
    """Where somebody did, for one or for several."""
    codes = {ground.codes[each] for event in events for each in event.organisers}
    return f"; {ground.named(codes)}, who organised {'it' if len(events) == 1 else 'them'}" if codes else ""


def has_part(ground: Ground, kpi: KpiText, activity: str, code: str) -> bool:
    parts = ground.facts(kpi).participations
    return any(part.reference == activity and code in part.organisations for part in parts)


def areas_of(ground: Ground, kpis: list[KpiText]) -> tuple[str, ...]:
    return tuple(sorted({ground.scope.area_of[kpi.code] for kpi in kpis}))


# ---------------------------------------------------------------- answers


def denied_answers(ground: Ground) -> Iterator[Finding]:
    """Entered for an organisation, which says that this is not what it said. Of what counts or waits the newest."""
    for organisation, pk, collection, version in ground.beside.denied:
        kpi, code = ground.by_id.get(pk), ground.codes[organisation]
        order = (ground.counter.ranks[collection], *version)
        if kpi and ground.scope.of(kpi, {code}) and (now := answer_of(ground, kpi, code, order)):
            before = next((each for each in said_before(ground, kpi, code, now)), None)
            yield Finding(
                Kind.CONTRADICTION,
                areas_of(ground, [kpi]),
                (code,),
                f"The secretariat entered “{said(now)}” for {ground.names[code]}, which says that it did not say so.",
                "Compare it with the e-mail. Return it, or enter what was said.",
                ways.about_answer(ground, kpi, code, now),
                f"{ground.names[code]}: its approver; the secretariat, which entered it.",
                (ground.change(kpi, ("if it is returned", instead(code, now, before))),),
            )


def answer_of(ground: Ground, kpi: KpiText, code: str, order: tuple[int, ...]) -> Answer | None:
    """The version, as long as it counts or waits."""
    seen = ground.known(kpi)
    answers = (*seen.answers, *seen.undecided)
    return next((each for each in answers if each.order == order and code in each.organisations), None)


def said_before(ground: Ground, kpi: KpiText, code: str, now: Answer) -> Iterator[Answer]:
    for each in ground.earlier(kpi)[now.year]:
        if code in each.organisations and each.order < now.order:
            yield each


def noes(ground: Ground) -> Iterator[Finding]:
    """By KPI, the Members that say no beside an activity in which they took part as it counts them. Named where the
    reader may know of the activity: a no beside others is not told."""
    for kpi in ground.kpis:
        span = ground.span(kpi)
        if kpi.reading.source is Source.PARTICIPATION and span:
            shown = shown_parts(ground, kpi)
            found: dict[tuple[str, int], Answer] = {}
            for now in ground.known(kpi).answers_for(span.years):
                if now.year and (now.participated is False or now.standing is Standing.NOT_APPLICABLE):
                    parts = [part for part in shown if year_of(part.day) == now.year]
                    taken = frozenset().union(*(part.organisations for part in parts))
                    for code in ground.scope.of(kpi, now.organisations & taken):
                        found[code, now.year] = now
            if found:
                yield noes_beside(ground, kpi, found)


def shown_parts(ground: Ground, kpi: KpiText) -> list[Participation]:
    """Those that count, in activities that the reader may know of."""
    return [part for part in ground.loaded.shown[kpi.id] if took_part(ground.rules[kpi.id], part)]


def noes_beside(ground: Ground, kpi: KpiText, found: dict[tuple[str, int], Answer]) -> Finding:
    """``found``: whose no, and for which plan year."""
    codes = frozenset(code for code, _ in found)
    one = len(codes) == 1
    return Finding(
        Kind.CONTRADICTION,
        areas_of(ground, [kpi]),
        tuple(sorted(codes)),
        no_words(ground, found) if len(found) == 1 else many_noes(ground, found),
        "Ask which is right. A no takes no activity back: the Member contests its part, or answers again.",
        way_to_noes(ground, kpi, found),
        f"{ground.named(codes)}: {'its approver' if one else 'their approvers'}; the organisers of the activities.",
        (ground.change(kpi, ("if it took no part" if one else "if they took no part", not_there(found.keys()))),),
    )


def no_words(ground: Ground, found: dict[tuple[str, int], Answer]) -> str:
    [((code, year), now)] = found.items()
    says = f"{ground.names[code]} says “{said(now)}”"
    return f"{says}, and the register names it in an activity of {year_label(year)} that counts here."


def many_noes(ground: Ground, found: dict[tuple[str, int], Answer]) -> str:
    """All of them by name, with the years: each has to be asked."""
    years: dict[str, list[str]] = {}
    for code, year in sorted(found, key=lambda each: (ground.by_name[each[0]], each[1])):
        years.setdefault(code, []).append(year_label(year))
    names = "; ".join(f"{ground.names[code]} ({', '.join(of)})" for code, of in years.items())
    who = "1 Member says" if len(years) == 1 else f"{len(years)} Members say"
    them = "it" if len(years) == 1 else "them"
    beside = f"and the register names {them} in an activity of that year that counts here"
    return f"{who} “No” or “Not applicable” of a plan year, {beside}: {names}."


def way_to_noes(ground: Ground, kpi: KpiText, found: dict[tuple[str, int], Answer]) -> str:
    """To the answer, where it is one, or one of the reader's own; else to all on the KPI."""
    own = sorted(each for each in found if each[0] in ground.scope.own)
    rounds = {ground.round_of(each).code for each in found.values()}
    if len(found) > 1 and (way := ways.to_answers(ground, kpi, rounds)):
        return way
    place = own[0] if own else min(found)
    return ways.about_answer(ground, kpi, place[0], found[place])


# ---------------------------------------------------------------- arrangements


def of_arrangements(ground: Ground) -> Iterator[tuple[KpiText, ArrangementVersion, Sides, frozenset[str]]]:
    """Each that is reported and concerns the reader, with what its sides say of it, and its parties."""
    for kpi in ground.kpis:
        if kpi.reading.source is Source.ARRANGEMENTS:
            for version in ground.arrangements:
                pair = version.arrangement
                parties = frozenset({pair.party_a.code, pair.party_b.code})
                if version.reported and ground.scope.of(kpi, parties):
                    spoken = ground.beside.statements.get(version.arrangement_id, {})
                    ruled = ground.beside.ruled.get(version.arrangement_id)
                    yield kpi, version, of_version(version, spoken, ruled), parties


def contested_arrangements(ground: Ground) -> Iterator[Finding]:
    for kpi, version, sides, parties in of_arrangements(ground):
        if sides.told is Told.CONTRADICTORY:
            yield Finding(
                Kind.CONTRADICTION,
                areas_of(ground, [kpi]),
                tuple(sorted(parties)),
                f"On the arrangement between {ground.named(parties)} the sides contradict each other, so it does not "
                "count.",
                "Look at what both say and settle it.",
                ways.of_record(ground, "arrangement", version.arrangement_id, SETTLE_SIDE, parties),
                f"{ground.named(parties)}: the approvers of both. The secretariat settles it.",
                (ground.change(kpi, ("if it is right as recorded", pair_settled(parties, contested=False))),),
            )
