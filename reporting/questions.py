"""What a round asks, and whom (domain.md, "Who is asked")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workplan.calendar import base_year, plan_years
from workplan.choices import YEARLY
from workplan.models import Kpi, Plan, Reading
from workplan.queries import codes_by_position, readings_at, readings_of, valid_at

from .facts import Organisations, load_organisations
from .models import Round


@dataclass(frozen=True)
class AsRead:
    """A KPI with its reading at the round's date, which is all that an answer to it needs."""

    kpi: Kpi
    reading: Reading


@dataclass(frozen=True)
class Question(AsRead):
    """The same with the codes of those asked, and the plan years asked for."""

    asked: frozenset[str]
    years: tuple[int, ...]


def years_begun(plan: Plan, day: date) -> tuple[int, ...]:
    """The base year and the plan's years, as far as they have begun."""
    years = (base_year(plan.starts), *plan_years(plan.starts, plan.ends))
    return tuple(year.first for year in years if year.starts <= day)


def read_at(collection: Round) -> Mapping[int, AsRead]:
    """Every KPI of the plan by its id, whether the round asks about it or not, in one query."""
    readings = readings_at(collection.plan, collection.as_at)
    return {kpi: AsRead(reading.kpi, reading) for kpi, reading in readings.items()}


def questions_of(collection: Round) -> Mapping[str, Question]:
    """Code of a KPI -> what the round asks about it, in three queries."""
    plan, day = collection.plan, collection.as_at
    chosen = set(collection.kpis.values_list("pk", flat=True))
    organisations, begun = load_organisations(), years_begun(plan, day)
    return {
        reading.kpi.code: Question(
            kpi=reading.kpi,
            reading=reading,
            asked=asked(reading, organisations, day),
            years=begun if reading.source in YEARLY else (),
        )
        for kpi, reading in readings_at(plan, day).items()
        if kpi in chosen or not chosen
    }


def question_on(collection: Round, kpi: int) -> Question:
    """The same for one KPI that the round asks about, in two queries."""
    plan, day = collection.plan, collection.as_at
    readings = readings_of(plan).filter(kpi=kpi)
    reading = valid_at(day, readings, lambda each: each.kpi_id)[kpi]
    years = years_begun(plan, day) if reading.source in YEARLY else ()
    return Question(reading.kpi, reading, asked(reading, load_organisations(), day), years)


def asked(reading: Any, organisations: Organisations, day: date) -> frozenset[str]:
    """Whom a reading, read by ``readings_of``, asks at the day."""
    return organisations.named(reading.reporter_group, codes_by_position(reading.asked_by_name), day)
