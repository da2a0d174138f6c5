"""How an action refuses: ValidationError where something is not allowed or wrong, Stale where somebody was faster; and
why something is not done to a person, in the sentence that the page shows instead of a link."""

from members.choices import RoleName, Scope
from members.models import Role, User
from members.permissions import grants

EVERYBODY = {Scope.YES, Scope.SIGNED_IN_AGAIN}
LAST = "This is the last administrator of the secretariat. Give somebody else that role first."


class Stale(Exception):
    """Somebody else changed it meanwhile."""


def is_last_administrator(person: User) -> bool:
    """Whether nobody else could manage the site any more."""
    administrators = Role.objects.filter(role=RoleName.SECRETARIAT_ADMINISTRATOR, user__is_active=True)
    holders = set(administrators.values_list("user", flat=True))
    return holders == {person.pk}


def within_reach(by: User, person: User) -> bool:
    """permissions.csv, user.deactivate: the secretariat's administrators reach everybody, an approver the contributors
    of their own organisation. Who is also something else, or somewhere else, is not theirs alone to send away."""
    reach = grants(by, "user.deactivate")
    if any(scope in EVERYBODY for scope, _ in reach):
        return True
    contributed = {(RoleName.MEMBER_CONTRIBUTOR.value, organisation) for _, organisation in reach}
    held = {(role.role, role.organisation_code) for role in person.held_roles}
    return bool(held) and held <= contributed


def to_open(by: User, person: User) -> str:
    if not within_reach(by, person):
        return "You close and open accounts of people who are contributors of your own organisation and nothing else."
    return ""


def to_close(by: User, person: User) -> str:
    if by.pk == person.pk:
        return "Nobody closes their own account. Ask another administrator to do it."
    if refusal := to_open(by, person):
        return refusal
    return LAST if is_last_administrator(person) else ""


def to_take(role: Role) -> str:
    last = role.role == RoleName.SECRETARIAT_ADMINISTRATOR and is_last_administrator(role.user)
    return LAST if last else ""
