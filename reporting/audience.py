"""Who may know of an activity (ADR 28): everybody, those of customs, or those involved, the secretariat and RILO A/P.
It holds wherever an activity is named; that it counts is no secret, since every figure says what it is made of."""

from django.db.models import Exists, OuterRef, Q

from members.choices import RoleName
from members.models import Role, User

from .choices import ActivityKind, Audience
from .models import ActivityPart

SECRETARIAT = (RoleName.SECRETARIAT_ADMINISTRATOR, RoleName.SECRETARIAT_EDITOR)
INTELLIGENCE, PRIVATE_SECTOR = "RILO", "RPSG"
"""The codes of the regional entities that see more, and less, than others; codes never change."""


def at_first(kind: str) -> Audience:
    """The audience of a new record: what customs do against crime begins with the fewest."""
    return Audience.INVOLVED if kind == ActivityKind.OPERATION else Audience.EVERYBODY


def sees_all(user: User) -> bool:
    return any(held.role in SECRETARIAT or held.organisation_code == INTELLIGENCE for held in speaking(user))


def reach(user: User) -> tuple[bool, bool, tuple[str, ...]]:
    """What of the audiences a reader belongs to: to all, to those of customs, and to whom they speak for. Pages that
    name activities and are kept depend on it."""
    own = tuple(sorted({held.organisation_code for held in speaking(user)}))
    return sees_all(user), any(code != PRIVATE_SECTOR for code in own), own


def speaking(user: User) -> list[Role]:
    """The roles in which somebody acts for an organisation, and does not only read."""
    return [held for held in user.held_roles if held.role != RoleName.OBSERVER]


def shown_to(user: User, path: str = "activity") -> Q:
    """The activities that somebody may know of. ``path``: from the rows to the activity."""
    everything, customs, own = reach(user)
    if everything:
        return Q()
    audiences = [Audience.EVERYBODY, *([Audience.CUSTOMS] if customs else [])]
    speaks = Q(version__accepted=True) | Q(version__reported=True)
    named = ActivityPart.objects.filter(speaks, version__activity=OuterRef(path), organisation__code__in=own)
    own_record = Q(**{f"{path}__recorded_by__code__in": own})
    return Q(**{f"{path}__audience__in": audiences}) | own_record | Q(Exists(named))


def shown_to_all(path: str = "activity") -> Q:
    """Those that what is published may name."""
    return Q(**{f"{path}__audience": Audience.EVERYBODY})
