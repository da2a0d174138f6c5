"""Who may do what. What the state of a thing allows stands in the `rules` of its app."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from members.choices import RoleName, Scope

# A row per action, a column per role, a letter per scope (`members.choices.Scope` says what each means):
# secretariat administrator and editor, Member contributor and approver, focus area co-coordinator,
# regional officer, observer.
MATRIX = """
action                             SA SE MC MA CC RO OB
account.own                        +  +  +  +  +  +  +
mfa.own                            +  +  +  +  +  +  +
search                             +  +  +  +  +  +  +
plan.view_published                +  +  +  +  +  +  +
plan.view_draft                    +  +  -  -  -  -  -
plan.edit                          +  +  -  -  -  -  -
plan.diff                          +  +  +  +  +  +  +
plan.confirm_reading               X  -  -  -  -  -  -
plan.publish                       X  -  -  -  -  -  -
organisation.edit                  +  +  -  -  -  -  -
round.edit                         +  +  -  -  -  -  -
round.open_close                   X  -  -  -  -  -  -
round.reopen_member                X  -  -  -  -  -  -
submission.list                    +  +  o  o  f  o  -
submission.view                    t  t  o  o  f  o  -
submission.edit                    -  -  d  s  -  d  -
submission.send_to_approver        -  -  d  s  -  -  -
submission.submit                  -  -  -  s  -  d  -
submission.return_to_contributor   -  -  -  s  -  -  -
submission.withdraw                -  -  -  w  -  w  -
submission.accept_answer           +  +  -  -  -  -  -
submission.return_answer           +  +  -  -  -  -  -
submission.edit_after_close        X  -  -  -  -  -  -
submission.enter_on_behalf         +  +  -  -  -  -  -
submission.confirm_on_behalf       -  -  -  o  -  o  -
submission.history                 t  t  o  o  f  o  -
submission.comment                 t  t  o  o  f  o  -
submission.comment_internal        +  +  -  -  -  -  -
kpi_comment.edit                   +  +  -  -  f  -  -
narrative.edit                     +  +  -  -  f  -  -
narrative.approve                  +  +  -  -  -  -  -
evidence.upload                    +  +  d  s  -  d  -
evidence.download                  t  t  o  o  f  o  -
evidence.delete                    X  -  d  s  -  d  -
activity.list                      +  +  +  +  +  +  -
activity.add                       +  +  +  +  -  +  -
activity.edit                      +  +  o  o  -  o  -
activity.confirm                   +  +  -  -  -  -  -
activity.merge                     +  +  -  -  -  -  -
activity.cancel                    +  +  o  o  -  o  -
activity.confirm_own_part          -  -  o  o  -  o  -
arrangement.list                   +  +  +  +  +  +  -
arrangement.add                    +  +  o  o  -  -  -
arrangement.edit                   +  +  o  o  -  -  -
arrangement.confirm_own_side       -  -  o  o  -  -  -
arrangement.confirm                +  +  -  -  -  -  -
workbook.download                  +  +  o  o  -  o  -
workbook.upload                    +  +  d  s  -  d  -
import.plan                        +  +  -  -  -  -  -
import.answers                     +  +  -  -  -  -  -
import.activities                  +  +  -  -  -  -  -
import.arrangements                +  +  -  -  -  -  -
release.publish                    X  -  -  -  -  -  -
release.view                       +  +  +  +  +  +  +
quality.view                       +  +  o  o  f  o  -
dashboard.region_unreleased        +  +  -  -  f  -  -
dashboard.region_released          +  +  +  +  +  +  +
dashboard.focus_area_unreleased    +  +  -  -  f  -  -
dashboard.focus_area_released      +  +  +  +  +  +  +
dashboard.member                   +  +  o  o  f  o  -
export.unreleased                  +  +  -  -  f  -  -
export.released                    +  +  +  +  +  +  +
reminder.send                      +  +  -  -  -  -  -
user.list                          +  +  o  o  -  o  -
user.invite                        X  -  -  o  -  -  -
user.deactivate                    X  -  -  o  -  -  -
user.set_role                      X  -  -  -  -  -  -
user.reset_mfa                     X  -  -  -  -  -  -
audit.view                         +  +  -  -  -  -  -
audit.verify                       X  -  -  -  -  -  -
handover.export                    X  -  -  -  -  -  -
"""


def scopes_of_the(matrix: str) -> dict[RoleName, dict[str, Scope]]:
    """The table by role and action; an odd letter or a missing cell raises."""
    scopes: dict[RoleName, dict[str, Scope]] = {role: {} for role in RoleName}
    for line in matrix.strip().splitlines()[1:]:
        action, *cells = line.split()
        for role, cell in zip(RoleName, cells, strict=True):
            scopes[role][action] = Scope(cell)
    return scopes


@dataclass(frozen=True)
class RoleDefinition:
    """A role as code: who has it, and how far each of its rights reaches."""

    name: RoleName
    description: str
    scopes: Mapping[str, Scope]

    def scope(self, action: str) -> Scope:
        return self.scopes[known(action)]

    @property
    def permissions(self) -> frozenset[str]:
        return frozenset(action for action, scope in self.scopes.items() if scope != Scope.NO)


DESCRIPTIONS = {
    RoleName.SECRETARIAT_ADMINISTRATOR: "Runs the site for the secretariat: plan, rounds, releases, people.",
    RoleName.SECRETARIAT_EDITOR: "Prepares the plan and the rounds, and decides on what Members send.",
    RoleName.MEMBER_CONTRIBUTOR: "Fills in the answers of their organisation.",
    RoleName.MEMBER_APPROVER: "Sends the answers of their organisation, and invites its contributors.",
    RoleName.CO_COORDINATOR: "Reads and comments on the focus areas that their organisation co-coordinates.",
    RoleName.REGIONAL_OFFICER: "Keeps the register and answers for their regional entity.",
    RoleName.OBSERVER: "Reads what has been released.",
}
SCOPES = scopes_of_the(MATRIX)
ACTIONS = frozenset(SCOPES[RoleName.OBSERVER])
ROLES = {role: RoleDefinition(role, DESCRIPTIONS[role], SCOPES[role]) for role in RoleName}


class UnknownAction(LookupError):
    pass


def known(action: str) -> str:
    if action not in ACTIONS:
        raise UnknownAction(f"There is no action {action!r}. There are: {', '.join(sorted(ACTIONS))}.")
    return action


@dataclass(frozen=True)
class Target:
    """What the scopes need to know of a thing; whoever asks states what its state is.

    `organisations` are the codes of those that own it, `focus_area_organisations` of those that co-coordinate
    a focus area it belongs to.
    """

    organisations: frozenset[str] = frozenset()
    focus_area_organisations: frozenset[str] = frozenset()
    open_for_entry: bool = False
    awaits_approval: bool = False
    undecided: bool = False
    submitted: bool = False

    def within(self, scope: Scope, organisation: str) -> bool:
        """Whether somebody with this scope, held for this organisation, reaches it."""
        own = organisation in self.organisations
        return {
            Scope.NO: False,
            Scope.YES: True,
            Scope.SIGNED_IN_AGAIN: True,
            Scope.OWN: own,
            Scope.OWN_DRAFT: own and self.open_for_entry,
            Scope.OWN_UNSENT: own and (self.open_for_entry or self.awaits_approval),
            Scope.OWN_UNDECIDED: own and self.undecided,
            Scope.SUBMITTED: self.submitted,
            Scope.FOCUS_AREA: self.submitted and organisation in self.focus_area_organisations,
        }[scope]


class HeldRole(Protocol):
    """A role as somebody holds it, for one organisation."""

    @property
    def role(self) -> str: ...
    @property
    def organisation_code(self) -> str: ...


class Actor(Protocol):
    @property
    def held_roles(self) -> Iterable[HeldRole]: ...


def grants(user: Actor, action: str) -> list[tuple[Scope, str]]:
    """How far the roles of the user reach, and for which organisation; querysets are scoped by it."""
    known(action)
    reach = ((ROLES[RoleName(held.role)].scope(action), held.organisation_code) for held in user.held_roles)
    return [(scope, organisation) for scope, organisation in reach if scope != Scope.NO]


def may(user: Actor, action: str, target: Target | None = None) -> bool:
    """Whether the user may do this to the target; without a target, whether to anything at all."""
    held = grants(user, action)
    return bool(held) if target is None else any(target.within(*grant) for grant in held)


def exports_everything(user: Actor) -> bool:
    """May they carry away what is not released, of the whole region; co-coordinators may of their own focus area alone
    (permissions.csv, export.unreleased)."""
    return any(scope == Scope.YES for scope, _ in grants(user, "export.unreleased"))


def missing_to_invite(user: Actor, role: RoleName, organisation: str) -> str:
    """The right that the user lacks to make an account with this role there; empty if none. Inviting gives a
    contributor; every other role must also be theirs to give."""
    target = Target(organisations=frozenset({organisation}))
    needed = ["user.invite"] + ([] if role == RoleName.MEMBER_CONTRIBUTOR else ["user.set_role"])
    return next((action for action in needed if not may(user, action, target)), "")


def must_sign_in_again(user: Actor, action: str) -> bool:
    """Whether anything that gives the user this action asks for a sign-in a moment ago.

    Another role may give the same action without that, but not for all that the first one reaches. So whoever holds
    both is asked every time: sometimes once too often, and never once too little.
    """
    return any(scope == Scope.SIGNED_IN_AGAIN for scope, _ in grants(user, action))
