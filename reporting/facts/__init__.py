"""The only bridge from rows to facts (``counting.py``): a fixed number of queries, however many Members, KPIs, rounds
or activities there are."""

from .detail import facts_in_detail, facts_of_organisation, put_together
from .roster import (
    OrganisationFact,
    Organisations,
    RosterBook,
    frame_of,
    load_organisations,
    round_ranks,
    rule_of,
)
from .summary import FactBook, answers_at, facts_at, stretches

__all__ = [
    "FactBook",
    "OrganisationFact",
    "Organisations",
    "RosterBook",
    "answers_at",
    "facts_at",
    "facts_in_detail",
    "facts_of_organisation",
    "frame_of",
    "load_organisations",
    "put_together",
    "round_ranks",
    "rule_of",
    "stretches",
]
