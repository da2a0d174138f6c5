"""What the state of a plan and of its amendments allows; who may do it stands in ``members.permissions``. A refusal is
one sentence, and the page that cannot offer something shows the same sentence."""

from collections.abc import Iterator
from datetime import date

from django.utils.timezone import localtime

from .choices import Kind
from .models import Amendment, Change, Plan, Reading
from .outline import said
from .queries import Draft


def why_not_changed(amendment: Amendment) -> str:
    """Why a draft cannot be changed any more; "" where it can."""
    if amendment.state == "published":
        return f"Amendment {amendment.number} is published. What is published changes by another amendment."
    if amendment.state == "discarded":
        return f"Amendment {amendment.number} was discarded. Begin another one."
    return ""


def why_not_from(plan: Plan, day: date) -> str:
    """Why no amendment can be valid from a day; "" where one can."""
    if not plan.baseline_date <= day <= plan.ends:
        return f"An amendment is valid from a day from {plan.baseline_date:%d.%m.%y} to {plan.ends:%d.%m.%y}."
    return ""


def hindrances(draft: Draft) -> Iterator[str]:
    """Why a draft cannot be published as it is."""
    if not draft.changes:
        yield "This amendment changes nothing yet."
    if not draft.amendment.reason:
        yield "The amendment gives no reason yet."
    yield from filter(None, (why_not_applied(draft, change) for change in draft.changes))
    changed = {(Kind(each.kind), each.code) for each in draft.changes}
    for kind, code in sorted(draft.gone & draft.later_versions.keys() - changed):
        yield too_early(f"{kind.label} {code}", draft.later_versions[kind, code])
    for (kind, code), day in draft.lost_later.items():
        name = f"{kind.label} {code}"
        yield f"{name} would stand under a retired element from {day:%d.%m.%y} on. Put it elsewhere, or keep that one."
    for node in draft.outline.empty_headings:
        yield f"{node.kind.label} {node.code} has no KPI. Add one, or retire it."


def why_not_applied(draft: Draft, change: Change) -> str:
    """Why a change no longer fits the plan; "" where it does."""
    key = Kind(change.kind), change.code
    node, later = draft.base.nodes.get(key), draft.later_versions.get(key)
    if change.adds and (node or later):
        return f"{change} exists by now. Take the change back, and add it under another code."
    if change.adds:
        return why_not_standing(draft, change)
    if node is None:
        return why_not_there(draft, change)
    if later:
        return too_early(str(change), later)
    now = said(node)
    if any(now.get(name) != value for name, value in change.was.items()):
        return f"{change} was changed by another amendment meanwhile. Take the change back, and make it again."
    return why_not_standing(draft, change)


def too_early(name: str, later: date) -> str:
    return f"{name} has a version from {later:%d.%m.%y}. An amendment of it is valid from a later day."


def why_too_early(draft: Draft, kind: Kind, code: str) -> str:
    """Why an element cannot be changed from the draft's day on; "" where it can."""
    later = draft.later_versions.get((kind, code))
    return too_early(f"{kind.label} {code}", later) if later else ""


def why_not_there(draft: Draft, change: Change) -> str:
    """Why a change of an element cannot be valid from the draft's day; "" where the element is there, or begins."""
    if change.adds or (Kind(change.kind), change.code) in draft.base.nodes:
        return ""
    return f"{change} is not in the plan on {draft.amendment.valid_from:%d.%m.%y} yet. Choose a later day."


def why_not_standing(draft: Draft, change: Change) -> str:
    """Why what a change says would be in no plan; "" where it is in force, or retired by this draft."""
    key = Kind(change.kind), change.code
    stays_with_its_heading = key in draft.gone and "parent" not in change.says
    if key in draft.outline.in_force or stays_with_its_heading or (change.says.get("retired") and not change.adds):
        return ""
    if change.says.get("retired"):
        return f"{change} is new and retired at once. Take the change back."
    day = f"{draft.amendment.valid_from:%d.%m.%y}"
    if draft.outline.nodes[key].retired:
        return f"{change} is retired by another amendment on {day}. Take the change back."
    return f"{change} stands under what is not in the plan on {day}. Move it, or take the change back."


def why_not_confirmed(reading: Reading) -> str:
    """Why a reading cannot be confirmed; "" where it can."""
    if not reading.decision_needed:
        return "This reading needs no decision."
    if reading.confirmed_at:
        return f"This reading was confirmed on {localtime(reading.confirmed_at):%d.%m.%y}."
    return ""
