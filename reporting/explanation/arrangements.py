"""Which arrangements count."""

from collections.abc import Iterator

from reporting.counting import counts_as, counts_from
from reporting.inputs import Arrangement
from workplan.choices import PairFrom

from .ground import PAIRED, PARTY_CONTESTS, Explained, Line, silent_version


def arrangement_lines(about: Explained) -> Iterator[Line]:
    counted: set[frozenset[str]] = set()
    for row in sorted(about.facts.arrangements, key=lambda row: sorted(row.parties)):
        why, counts = arrangement_why(about, row), counts_as(about.rule, row)
        if not why and counts in counted:
            why = f"It is counted already, as {row.plurilateral}."
        if not why:
            counted.add(counts)
        words = f"in force from {row.in_force:%d.%m.%y}" if row.in_force else "signed"
        words += f", by {row.plurilateral}" if row.plurilateral else ""
        state = "left_out" if why else "counted"
        yield Line("pair", PAIRED.join(sorted(row.parties)), state, words, why, counts_from(about.rule, row))


def arrangement_why(about: Explained, row: Arrangement) -> str:
    day = about.seen.as_of
    if not about.seen.speaks(row):
        return silent_version(row)
    if row.contested:
        return PARTY_CONTESTS
    first, signed = counts_from(about.rule, row), about.rule.pair_from is PairFrom.SIGNED
    if first is None:
        return "It has no date." if signed else "It has no date in force."
    if first > day:
        return "It is not signed yet." if signed else "It is not in force yet."
    if row.ended is not None and row.ended <= day:
        return f"It ended on {row.ended:%d.%m.%y}."
    return "" if row.parties <= about.rosters.now.members else "A party is not a Member at the date."
