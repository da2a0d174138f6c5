"""The enumerations of organisations, people and rights."""

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    MEMBER = "member", "Member administration"
    REGIONAL_ENTITY = "regional_entity", "Regional entity"


class Group(TextChoices):
    """The parts of the region, in the order in which lists show them."""

    SUB_CONTINENT = "sub_continent", "Sub-Continent"
    FAR_EAST = "far_east", "Far East"
    ASEAN = "asean", "ASEAN"
    AUSTRALASIA_OCEANIA = "australasia_oceania", "Australasia/Oceania"


class AttributeName(TextChoices):
    SMALL_ISLAND_ECONOMY = "small_island_economy", "Small island economy"
    DEVELOPED = "developed", "Developed"
    LEAST_DEVELOPED = "least_developed", "Least developed"
    LANDLOCKED = "landlocked", "Landlocked"
    RTC = "rtc", "Hosts a Regional Training Centre"
    RCL = "rcl", "Hosts a Regional Customs Laboratory"
    RDTC = "rdtc", "Hosts a Regional Dog Training Centre"


class RoleName(TextChoices):
    """In the order of the columns of the permission matrix."""

    SECRETARIAT_ADMINISTRATOR = "secretariat_administrator", "Secretariat administrator"
    SECRETARIAT_EDITOR = "secretariat_editor", "Secretariat editor"
    MEMBER_CONTRIBUTOR = "member_contributor", "Member contributor"
    MEMBER_APPROVER = "member_approver", "Member approver"
    CO_COORDINATOR = "co_coordinator", "Focus area co-coordinator"
    REGIONAL_OFFICER = "regional_officer", "Regional officer"
    OBSERVER = "observer", "Observer"


class Scope(TextChoices):
    """How far a right reaches; the letter is the one of the permission matrix."""

    NO = "-", "no"
    YES = "+", "yes"
    OWN = "o", "own organisation"
    OWN_DRAFT = "d", "own, while it may be entered or corrected"
    OWN_UNSENT = "s", "own, while it may be entered or corrected or awaits approval"
    OWN_UNDECIDED = "w", "own, submitted and not yet decided"
    SUBMITTED = "t", "any, once submitted"
    FOCUS_AREA = "f", "own focus area, once submitted"
    SIGNED_IN_AGAIN = "X", "yes, after signing in again a moment ago"


class AuditAction(TextChoices):
    """What was done; the entry's object says to what."""

    CREATED = "created", "Created"
    CHANGED = "changed", "Changed"
    IMPORTED = "imported", "Imported"
    GRANTED = "granted", "Granted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DISCARDED = "discarded", "Discarded"
    OPENED = "opened", "Opened"
    CLOSED = "closed", "Closed"
    SENT_TO_APPROVER = "sent_to_approver", "Sent to the approver"
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"
    CONFIRMED = "confirmed", "Confirmed"
    PUBLISHED = "published", "Published"
    SENT_BACK = "sent_back", "Sent back to the contributor"
    LET_IN = "let_in", "Let in late"
    APPROVED = "approved", "Approved"
    CONTESTED = "contested", "Contested"
    SETTLED = "settled", "Settled"
    CANCELLED = "cancelled", "Cancelled"
    INVITED = "invited", "Invited"
    DEACTIVATED = "deactivated", "Account closed"
    REACTIVATED = "reactivated", "Account opened again"
    RESET = "reset", "Second factor reset"
    SIGNED_OUT = "signed_out", "Signed out everywhere"
    EXPORTED = "exported", "Exported"
    REMINDED = "reminded", "Reminded"
