"""Every write on what is collected. Each is one transaction with its audit entries, acts for ``by`` (None:
the command line) at the moment ``now``, and takes as many queries for many rows as for few."""

from .activities import ActivityRecord, record_activities
from .answers import enter_answers, move, settle_answers
from .arrangements import ArrangementRecord, record_arrangements
from .bulk import Outcome
from .releases import publish_release
from .rounds import close_round, create_round, open_round
from .versions import decide, settle_versions

__all__ = [
    "ActivityRecord",
    "ArrangementRecord",
    "Outcome",
    "close_round",
    "create_round",
    "decide",
    "enter_answers",
    "move",
    "open_round",
    "publish_release",
    "record_activities",
    "record_arrangements",
    "settle_answers",
    "settle_versions",
]
