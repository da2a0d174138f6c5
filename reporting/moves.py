"""What moved between two reports, KPI by KPI. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from .achievement import Result
from .report import Report


@dataclass(frozen=True)
class Move:
    """A KPI whose value or status differs; ``before`` is None where the earlier report does not have it."""

    code: str
    before: Result | None
    now: Result

    @property
    def slipped(self) -> bool:
        was = self.before.value if self.before else None
        return was is not None and (self.now.value is None or self.now.value < was)


def moves(before: Report, now: Report) -> Iterator[Move]:
    """Every KPI of ``now`` whose value or status is not what it was in ``before``, in the plan's order."""
    for kpi in now.plan.kpis:
        was, result = before.results.get(kpi.code), now.results[kpi.code]
        if was is None or (was.value, was.status) != (result.value, result.status):
            yield Move(kpi.code, was, result)
