"""Facts as they would be if one of them were settled another way. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date

from reporting.inputs import Answer, Facts, Participation
from workplan.calendar import year_of

Settled = Callable[[Facts], Facts]


def instead(code: str, now: Answer, before: Answer | None) -> Settled:
    """One organisation said something else than ``now``; None: it said nothing."""

    def settled(facts: Facts) -> Facts:
        found = [each for each in facts.answers if each.order == now.order and code in each.organisations]
        if not found:
            return facts
        kept = [each for each in facts.answers if each not in found]
        kept += [each._replace(organisations=each.organisations - {code}) for each in found]
        said = () if before is None else (before._replace(organisations=frozenset({code})),)
        return replace(facts, answers=(*(each for each in kept if each.organisations), *said))

    return settled


def also(answers: Iterable[Answer]) -> Settled:
    """These were said, too."""
    more = tuple(answers)
    return lambda facts: replace(facts, answers=(*facts.answers, *more))


def without_answers(unwanted: Callable[[Answer], bool], codes: Collection[str]) -> Settled:
    """These organisations did not give such answers."""
    gone = frozenset(codes)

    def settled(facts: Facts) -> Facts:
        left = (
            each._replace(organisations=each.organisations - gone) if unwanted(each) else each for each in facts.answers
        )
        return replace(facts, answers=tuple(each for each in left if each.organisations))

    return settled


def part_settled(activity: str, code: str) -> Settled:
    """What an organisation contests of its part is settled as it was recorded."""

    def settled(facts: Facts) -> Facts:
        mine = [part for part in facts.participations if part.reference == activity and code in part.organisations]
        more = [part._replace(organisations=frozenset({code}), contested=False) for part in mine if part.contested]
        return replace(facts, participations=(*facts.participations, *more)) if more else facts

    return settled


def only_parts(kept: Iterable[Participation]) -> Settled:
    parts = tuple(kept)
    return lambda facts: replace(facts, participations=parts)


def not_there(whose: Collection[tuple[str, int]]) -> Settled:
    """Organisations took no part in anything of a plan year."""

    def settled(facts: Facts) -> Facts:
        left = []
        for part in facts.participations:
            year = year_of(part.day)
            gone = {code for code in part.organisations if (code, year) in whose}
            left.append(part._replace(organisations=part.organisations - gone) if gone else part)
        return replace(facts, participations=tuple(part for part in left if part.organisations))

    return settled


def two_events(*activities: str) -> Settled:
    """Both are confirmed, as far as they were held."""

    def settled(facts: Facts) -> Facts:
        return replace(
            facts,
            activities=tuple(
                row._replace(accepted=True, reported=True) if row.reference in activities else row
                for row in facts.activities
            ),
            participations=tuple(
                part._replace(accepted=True, reported=True) if part.reference in activities else part
                for part in facts.participations
            ),
        )

    return settled


def one_event(kept: str, gone: str) -> Settled:
    """They are merged and that is confirmed: the parts and KPIs of both on the day of the one that is kept, and the
    greater number of items (ADR 29). The parts of both stand for one organisation each."""

    def settled(facts: Facts) -> Facts:
        both = two_events(kept, gone)(facts)
        rows = [row for row in both.activities if row.reference in (kept, gone)]
        if not rows:
            return facts
        first = next((row for row in rows if row.reference == kept), rows[0])
        merged = first._replace(reference=kept, items=max(row.items for row in rows), held=True)
        others = (row for row in both.activities if row.reference not in (kept, gone))
        parts = merged_parts(both.participations, kept, gone, first.day)
        return replace(both, activities=(*others, merged), participations=parts)

    return settled


def merged_parts(parts: Iterable[Participation], kept: str, gone: str, day: date) -> tuple[Participation, ...]:
    others: list[Participation] = []
    found: dict[str, Participation] = {}
    for part in sorted(parts, key=lambda each: each.reference != kept):
        if part.reference not in (kept, gone):
            others.append(part)
        elif part.organisation in found:
            found[part.organisation] = filled(found[part.organisation], part)
        else:
            found[part.organisation] = part._replace(reference=kept, day=day)
    return (*others, *found.values())


def filled(mine: Participation, other: Participation) -> Participation:
    """What the other leaves open; numbers go together (``actions.duplicates.fill``)."""
    contributing = mine.contributing or other.contributing
    if mine.participants is None and mine.women is None:
        mine = mine._replace(participants=other.participants, women=other.women)
    if not mine.heads:
        mine = mine._replace(heads=other.heads, woman_heads=other.woman_heads)
    return mine._replace(contributing=contributing)


def pair_settled(parties: Collection[str], *, contested: bool) -> Settled:
    """An arrangement is contested by a party, or is no more."""

    def settled(facts: Facts) -> Facts:
        rows = (
            row._replace(contested=contested) if row.parties == frozenset(parties) else row
            for row in facts.arrangements
        )
        return replace(facts, arrangements=tuple(rows))

    return settled


def no_pairs(gone: Collection[frozenset[str]]) -> Settled:
    pairs = frozenset(gone)
    return lambda facts: replace(
        facts, arrangements=tuple(row for row in facts.arrangements if row.parties not in pairs)
    )
