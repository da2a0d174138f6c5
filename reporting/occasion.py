"""What a report is asked for: the plan, its rounds, the date, the basis, the moment."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from workplan.models import Plan

from .inputs import Basis
from .models import Round


@dataclass(frozen=True)
class RoundInfo:
    """A round as pages need it; its state is that at the moment of the report."""

    id: int
    code: str
    title: str
    as_at: date
    closes_at: datetime | None
    time_zone: str
    state: str


@dataclass(frozen=True)
class Occasion:
    """What a report is asked for: the plan and its rounds, the date (None: the default), the basis, the moment."""

    plan: Plan
    rounds: tuple[Round, ...]
    now: datetime
    basis: Basis = Basis.ACCEPTED
    asked_date: date | None = None
    frame: str = ""
    """The token of the frame, where it is known: what depends on the frame alone is kept for it."""

    @cached_property
    def default_date(self) -> date:
        """The as-at date of the latest round that has closed; before the first, the baseline date."""
        closed = [round.as_at for round in self.rounds if round.closed(self.now)]
        return max(closed, default=self.plan.baseline_date)

    @property
    def as_of(self) -> date:
        return self.asked_date or self.default_date

    @property
    def provisional(self) -> bool:
        return self.as_of > self.default_date

    @property
    def previous_date(self) -> date | None:
        """The as-at date of the closed round before the date; what moved is told against it."""
        closed = {round.as_at for round in self.rounds if round.closed(self.now)}
        return max((day for day in closed if day < self.as_of), default=None)

    @property
    def round_at(self) -> Round | None:
        """The round that the figures are of: the last that was opened for the date or before. Documents and releases
        tell of this one, whatever people answer meanwhile."""
        opened = [round for round in self.rounds if round.as_at <= self.as_of and round.opened_at]
        return opened[-1] if opened else None

    @property
    def current_round(self) -> Round | None:
        """For screens: the round that people answer now or, where none is open, the last one up to the date."""
        collecting = [round for round in self.rounds if round.state(self.now) == "open"]
        done = [round for round in self.rounds if round.closed(self.now) and round.as_at <= self.as_of]
        return collecting[-1] if collecting else done[-1] if done else None

    def round_infos(self) -> tuple[RoundInfo, ...]:
        return tuple(
            RoundInfo(
                each.pk,
                each.code,
                each.title,
                each.as_at,
                each.closes_at,
                each.time_zone,
                each.state(self.now),
            )
            for each in self.rounds
        )
