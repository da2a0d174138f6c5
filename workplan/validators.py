"""The checks of what a plan can say; pages and imports share them. Each raises ``ValidationError`` with plain sentences
by field."""

import re
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from .choices import PARENTS, Kind
from .models import Reading
from .outline import OF_KIND, READING, Node, Outline, Says
from .queries import Draft

LONGEST = 5000
"""Letters in one text."""
LONGEST_RESPONSIBLE = 200
PLACES, DIGITS = 15, 10
"""Of a position: digits that the table of wordings keeps behind the point, and before it."""
NO_ROOM = "There is no room left between its neighbours. Put one of them elsewhere first."
NEEDED = {
    "target": "Write the target as the plan is to say it.",
    "responsible": "Say who is responsible.",
    "unit": "Say what is counted, such as Members.",
    "question": "Write the question that is asked.",
}
"""What a KPI cannot be without."""
CODES: dict[Kind, str] = {
    Kind.FOCUS_AREA: r"[1-9]\d?",
    Kind.OBJECTIVE: r"{parent}\.[1-9]\d?",
    Kind.SPECIFIC_ACTION: r"{parent}\.[1-9]\d?",
    Kind.THEME: r"{parent}-[1-9]\d?",
    Kind.MILESTONE: r"{parent}(\([a-z]\))?",
    Kind.KPI: r"{parent}(\.[1-9])?",
}
"""How the codes of new elements are written: with that of what they stand under, which is kept when they move."""


def check_added(draft: Draft, outline: Outline, node: Node, says: Says) -> None:
    """A new element: its place, its code, all that it says. ``outline``: the plan as it would be without it."""
    check_parent(outline, node.kind, node.parent)
    check_code(outline, node.kind, node.code, outline.parent_of(node))
    if node.key in draft.history.elements:
        raise ValidationError({"code": f"{node.code} exists already in this plan, before or after this amendment."})
    check_says(node.kind, says)


def check_code(outline: Outline, kind: Kind, code: str, parent: Node | None) -> None:
    """A new element's code: of the right form, and not in use, retired elements included."""
    if not re.fullmatch(CODES[kind].format(parent=re.escape(parent.code) if parent else ""), code, re.ASCII):
        free = outline.free_code(kind, parent)
        written = f"The code of this {kind.noun} is written like {free}." if free else "No code is left there."
        raise ValidationError({"code": written})
    if (kind, code) in outline.nodes:
        retired = " It was retired, and codes are not used again." if outline.nodes[kind, code].retired else ""
        raise ValidationError({"code": f"{code} exists already.{retired}"})


def check_says(kind: Kind, says: Says) -> None:
    """All that an element shall say: complete, and such as can be counted."""
    unknown = set(says) - set(OF_KIND[kind])
    if unknown:
        raise ValidationError(f"{kind.label}: {', '.join(sorted(unknown))} cannot be changed.")
    wrong: dict[str, str] = {}
    if kind is not Kind.THEME and not says["text"]:
        wrong["text"] = "Write the text as the plan is to say it."
    if kind is Kind.KPI:
        wrong |= {name: sentence for name, sentence in NEEDED.items() if not says[name]}
    if len(says.get("responsible", "")) > LONGEST_RESPONSIBLE:
        wrong["responsible"] = f"This is longer than {LONGEST_RESPONSIBLE} letters."
    if not is_kept(Decimal(says["position"])):
        wrong["position"] = NO_ROOM
    wrong |= {name: f"This is longer than {LONGEST} letters." for name, text in says.items() if too_long(text)}
    if wrong:
        raise ValidationError(wrong)
    if kind is Kind.KPI:
        check_reading(says)


def is_kept(position: Decimal) -> bool:
    """Whether a position is stored as it is."""
    return abs(position) < 10**DIGITS and position == round(position, PLACES)


def too_long(text: Any) -> bool:
    return isinstance(text, str) and len(text) > LONGEST


def check_reading(says: Says) -> None:
    """How a KPI is to be counted, as the table of readings itself accepts it."""
    reading = reading_row(says)
    if not (says["reporter_group"] or says["reporters"]):
        raise ValidationError({"reporters": "Say who is asked: a group, organisations, or both."})
    reading.clean_fields(exclude=["kpi", "valid_from"])
    reading.validate_constraints(exclude=["kpi", "valid_from"])


COLUMNS = {"target_value": "target_value", "baseline": "baseline_value"}
"""Fields of a change that are called otherwise in the table of readings."""
CHOSEN = ("counts_from", "part", "pair_from", "plurilateral")
"""Fields that not every reading needs; the table keeps them empty there."""


def reading_row(says: Says, **more: Any) -> Reading:
    """A reading that is not stored yet, of the fields of a change."""
    chosen: Says = {**dict.fromkeys(CHOSEN), **says}  # older drafts do not say all of them
    values = {COLUMNS.get(name, name): chosen[name] for name in READING if name != "reporters"}
    numbers = {name: None if values[name] is None else Decimal(values[name]) for name in COLUMNS.values()}
    return Reading(**values | numbers | {name: values.get(name) or "" for name in CHOSEN} | more)


def check_parent(outline: Outline, kind: Kind, code: str) -> None:
    """What an element shall stand under: there, of the right kind, and in force."""
    if not PARENTS[kind]:
        return
    if any(outline.holds((above, code)) for above in PARENTS[kind]):
        return
    kinds = " or ".join(above.noun for above in PARENTS[kind])
    gone = next((outline.nodes[above, code] for above in PARENTS[kind] if (above, code) in outline.nodes), None)
    if gone:
        told = f"{gone.kind.label} {code} is retired, or stands under what is: choose another {kinds}."
    elif code:
        told = f"There is no {kinds} {code} in this plan."
    else:
        told = f"Choose the {kinds} that this stands under."
    raise ValidationError({"parent": told})
