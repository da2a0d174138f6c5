"""What an element of the plan says, field by field, in words for people. Pure."""

from collections.abc import Mapping
from typing import Any

from .choices import (
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
    Standing,
)

FIELDS = {
    "text": "Text",
    "responsible": "Responsible",
    "target": "Target",
    "parent": "Stands under",
    "position": "Place",
    "retired": "Retired",
    "co_coordinators": "Co-coordinators",
    "source": "Where the facts come from",
    "measure": "What is counted",
    "period": "Over what time",
    "counts_from": "Counts from",
    "part": "Part that counts",
    "pair_from": "An arrangement counts from",
    "plurilateral": "One of more than two Members counts as",
    "target_value": "Target value",
    "denominator": "Out of",
    "unit": "Unit",
    "baseline": "Baseline",
    "baseline_origin": "Where the baseline comes from",
    "baseline_reason": "Reason for the baseline",
    "reporter_group": "Group that is asked",
    "reporters": "Organisations that are asked",
    "question": "Question",
    "guidance": "Guidance",
    "note": "Note on the reading",
    "decision_needed": "Needs a decision",
}
LABELLED: Mapping[str, Any] = {
    "source": Source,
    "measure": Measure,
    "period": Period,
    "counts_from": Standing,
    "part": Part,
    "pair_from": PairFrom,
    "plurilateral": Plurilateral,
    "baseline_origin": BaselineOrigin,
    "reporter_group": ReporterGroup,
}
NOTHING = "–"


def field_words(kind: Kind, name: str) -> str:
    """A field's name, as people call it: the text of a KPI is the KPI."""
    return kind.label if name == "text" and kind in (Kind.KPI, Kind.MILESTONE) else FIELDS[name]


def value_words(name: str, value: Any) -> str:
    """A field's value, as a change keeps it, for reading."""
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in LABELLED:
        return str(LABELLED[name](value).label)
    return ", ".join(value) if isinstance(value, list) else str(value)
