"""What is collected: rounds and answers, activities, arrangements; and the releases made from them.

Versions stay. Which version speaks on which basis is kept in columns that ``settle_answers`` and ``settle_versions`` in
``actions`` write, so that a figure as of any date is one indexed look-up and not a search through history.
"""

from .checks import GREATEST, known_time_zone
from .correspondence import AnswerComment, Confirmation, Original
from .evidence import Evidence, EvidenceFile
from .feeds import Feed
from .jobs import UNDER_WAY, Job, ReleaseFile
from .registers import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    Plurilateral,
    SideStatement,
)
from .releases import LATEST, Release, Revision
from .reminders import Reminder
from .rounds import (
    ALIKE,
    NOTHING_SAID,
    REFUSED,
    SAYS,
    SILENT,
    THINGS,
    UNSAID,
    Answer,
    AnswerWriter,
    Receipt,
    Round,
    Submission,
)
from .suspicions import Suspicion
from .words import KpiComment, Narrative
from .workbooks import WorkbookUpload

__all__ = [
    "ALIKE",
    "GREATEST",
    "LATEST",
    "NOTHING_SAID",
    "REFUSED",
    "SAYS",
    "SILENT",
    "THINGS",
    "UNDER_WAY",
    "UNSAID",
    "Activity",
    "ActivityLink",
    "ActivityPart",
    "ActivityVersion",
    "Answer",
    "AnswerComment",
    "AnswerWriter",
    "Arrangement",
    "ArrangementVersion",
    "Confirmation",
    "Evidence",
    "EvidenceFile",
    "Feed",
    "Job",
    "KpiComment",
    "Narrative",
    "Original",
    "PartStatement",
    "Plurilateral",
    "Receipt",
    "Release",
    "ReleaseFile",
    "Reminder",
    "Revision",
    "Round",
    "SideStatement",
    "Submission",
    "Suspicion",
    "WorkbookUpload",
    "known_time_zone",
]
