"""The plan: its elements, what they say and how they are counted from a date on (domain.md, "Terms"), and how that is
amended."""

from .amendments import Amendment, Change
from .plans import (
    Element,
    FocusArea,
    FractionField,
    Kpi,
    Milestone,
    Objective,
    Plan,
    SpecificAction,
    Theme,
)
from .summaries import BuildingBlock, StrategicSummary
from .versions import ELEMENT_KINDS, Reading, Wording

__all__ = [
    "ELEMENT_KINDS",
    "Amendment",
    "BuildingBlock",
    "Change",
    "Element",
    "FocusArea",
    "FractionField",
    "Kpi",
    "Milestone",
    "Objective",
    "Plan",
    "Reading",
    "SpecificAction",
    "StrategicSummary",
    "Theme",
    "Wording",
]
