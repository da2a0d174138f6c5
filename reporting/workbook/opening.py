"""The return that a workbook is made of, for whom it is made, and what they may change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from members.models import User
from reporting import rules
from reporting.looking import Look, find
from reporting.models import Round, Submission
from reporting.occasion import Occasion
from reporting.returns import Item, Return, asked_in_full, nothing_here, open_return
from reporting.rules import Verdict
from reporting.threads import Thread

DOWNLOADS, UPLOADS = "workbook.download", "workbook.upload"
OWN_PEOPLE = (
    "Only the people of {} bring its workbook. What it sent by e-mail is entered on its behalf, in the browser."
)
NOTHING_OPEN = "No answer of this return is yours to change now: each is sent, or with your approver."


def return_on_page(look: Look, round: str, organisation: str) -> Return:
    """As its reader sees it: its own people with their drafts, the secretariat with what was sent. Raises Missing."""
    return open_return(look, round, organisation, DOWNLOADS)


def return_by_command(collection: Round, organisation: str, by: User | None, now: datetime) -> Return:
    """The same for a command. Whoever runs commands for nobody in particular gets what was sent, as drafts are seen by
    their own organisation alone. Raises Missing."""
    look = looked_at(collection, by or nobody(), now)
    if by is not None:
        return return_on_page(look, collection.code, organisation)
    rows = Submission.objects.filter(round=collection, organisation__code=organisation)
    submission = rows.select_related("organisation").first()
    if submission is None:
        raise nothing_here()
    submission.round = next(each for each in look.occasion.rounds if each.pk == collection.pk)
    return Return(look, submission, own=False, items=asked_in_full(look, submission))


def nobody() -> User:
    """Who runs a command without saying for whom."""
    user = User(email="", name="")
    user.held_roles = []
    return user


def looked_at(collection: Round, user: User, now: datetime) -> Look:
    """A look at the plan of a round, as a page about it has."""
    found = find(collection.plan.code, None, (), dated=False)
    occasion = replace(Occasion(found.plan, found.rounds, now), frame=found.frame)
    return Look(user, occasion, found.token, found.frame, None, {}, found.own_area, found.demonstration)


# ---------------------------------------------------------------- what may be changed


def state_alone(found: Return) -> Callable[[Item, Thread], Verdict]:
    """What the state of an answer allows, whoever it is."""
    now, zone = found.look.occasion.now, found.look.time_zone
    return lambda _, thread: rules.change(found.round, found.submission, thread, now, zone)


def verdicts(found: Return) -> Callable[[Item, Thread], Verdict]:
    """May an answer be changed in a workbook: by the one of its people who takes it out; where somebody else does, by
    any of them."""
    return found.change if found.own else state_alone(found)


def shut(found: Return) -> str:
    """Why the workbook cannot be uploaded now, in a sentence; "" where it can."""
    may = verdicts(found)
    takes = any(may(item, each).allowed for item in found.items for each in item.threads)
    return "" if takes else found.entry.reason or NOTHING_OPEN
