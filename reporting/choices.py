"""The states and kinds of what is collected (domain.md, "Terms" and "The workflow")."""

from django.db.models import TextChoices


class AnswerStatus(TextChoices):
    """The states of an answer; ``workflow.TRANSITIONS`` says which follows which."""

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    SUBMITTED = "submitted", "Sent"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"


class ActivityKind(TextChoices):
    WORKSHOP = "workshop", "Workshop"
    TRAINING = "training", "Training"
    MEETING = "meeting", "Meeting"
    DIALOGUE = "dialogue", "Dialogue"
    OPERATION = "operation", "Operation"
    SURVEY = "survey", "Survey"
    REPORT = "report", "Report"
    ALERT = "alert", "Alert"
    PUBLICATION = "publication", "Publication"
    MISSION = "mission", "Mission"
    EXCHANGE = "exchange", "Exchange"
    OTHER = "other", "Other"


class ActivityStatus(TextChoices):
    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Cancelled"


class Audience(TextChoices):
    """Who may know of an activity."""

    EVERYBODY = "everybody", "Everybody with an account"
    CUSTOMS = "customs", "Customs administrations and their regional entities"
    INVOLVED = "involved", "Those involved, the secretariat and RILO A/P"


class Likeness(TextChoices):
    """What was decided on two records that may be of one event."""

    OPEN = "open", "Not decided yet"
    SAME = "same", "One event"
    DIFFERENT = "different", "Two events"


class Decision(TextChoices):
    """What the secretariat decided on a version of an activity or arrangement."""

    UNDECIDED = "undecided", "Not decided yet"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Confirmation withdrawn"


class Head(TextChoices):
    WOMAN = "f", "headed by a woman"
    MAN = "m", "headed by a man"


class StatementKind(TextChoices):
    CONFIRMED = "confirmed", "Took part, as recorded"
    CONTESTED = "contested", "Contests its part"


class Telling(TextChoices):
    """What the sides of an arrangement say of it as it is, in the list (``sides.Told``); ``RULED``: the secretariat
    ruled with a source since the record is as it is, and not both sides have spoken since."""

    BOTH = "both", "Both sides"
    ONE = "one", "One side alone"
    NEITHER = "neither", "Neither side"
    CONTRADICTION = "contradiction", "They contradict each other"
    RULED = "ruled", "Ruled by the secretariat"


class MemberSays(TextChoices):
    """What a Member says of an answer that was entered on its behalf."""

    CONFIRMED = "confirmed", "Confirmed"
    CONTESTED = "contested", "Not what was said"


class ReminderKind(TextChoices):
    BY_HAND = "by_hand", "By hand"
    BEFORE = "before", "Before the deadline"
    AFTER = "after", "After the deadline"


class JobKind(TextChoices):
    """The long work that is done behind the pages."""

    PACK = "pack", "The pack"
    SCORECARDS = "scorecards", "All scorecards"


class JobState(TextChoices):
    """From waiting to running; from either to cancelled; from running to done or failed, or back to waiting where
    whoever did it was ended."""

    WAITING = "waiting", "Waits"
    RUNNING = "running", "Is being made"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
