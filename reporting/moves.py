"""What moved between two reports, KPI by KPI. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from .achievement import Result, Status
from .report import Report


@dataclass(frozen=True)
class Move:
    """A KPI whose value or status differs; ``before`` is None where the earlier report does not have it, ``now`` where
    the later one does not."""

    code: str
    before: Result | None
    now: Result | None

    @property
    def slipped(self) -> bool:
        """Is there less than before, of what is still in the plan. Another plan year begins anew, so it is no fall."""
        was = self.before.value if self.before else None
        if was is None or self.now is None or self.new_year:
            return False
        return self.now.value is None or self.now.value < was

    @property
    def new_year(self) -> str:
        """The plan year that is shown now, where it is another one; "" where it is the same, or none is."""
        if self.before is None or self.now is None or self.now.year_shown == self.before.year_shown:
            return ""
        return self.now.year_shown

    @property
    def begun(self) -> bool:
        """Had it not begun before; it is still one that moved."""
        return self.now is not None and self.before is not None and self.before.status is Status.NOT_BEGUN


def moves(before: Report, now: Report) -> Iterator[Move]:
    """Every KPI of ``now`` whose value or status is not what it was in ``before``, in the plan's order; then those that
    left the plan."""
    for kpi in now.plan.kpis:
        was, result = before.results.get(kpi.code), now.results[kpi.code]
        if was is None or (was.value, was.status) != (result.value, result.status):
            yield Move(kpi.code, was, result)
    for code, was in before.results.items():
        if code not in now.results:
            yield Move(code, was, None)


class Figure(msgspec.Struct):
    value: Decimal | None
    status: str


class Results(msgspec.Struct):
    """The part of a stored report that moves; the rest is skipped, which is several times quicker."""

    results: dict[str, Figure]


def moved(stored: Iterable[str], befores: Mapping[int, int]) -> dict[int, int]:
    """How many KPIs moved between stored reports. ``befores``: the place of a report -> that of the one which it is
    compared with."""
    read = [msgspec.json.decode(text, type=Results).results for text in stored]
    return {place: differing(read[before], read[place]) for place, before in befores.items()}


def differing(was: Mapping[str, Figure], now: Mapping[str, Figure]) -> int:
    return sum(was.get(code) != now.get(code) for code in {*was, *now})
