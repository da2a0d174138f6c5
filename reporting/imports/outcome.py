"""What an import did with each row, in a line."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from reporting.actions import Outcome
from reporting.actions.bulk import Changes, Done, Effect
from reporting.validators import shown

T = TypeVar("T")
STATES = ("state", "decision")
"""Said last."""


def row_lines(rows: Mapping[int, T], what: Callable[[T], str], outcome: Outcome) -> Iterator[str]:
    """A line for each row that is new or changes something. ``rows``: what was entered, by row."""
    for (number, entered), done in zip(rows.items(), outcome.rows, strict=True):
        if done.effect is not Effect.UNCHANGED:
            yield f"row {number}: {what(entered)}: {said(done)}"


def said(done: Done) -> str:
    if done.effect is Effect.NEW:
        return "new"
    ordered = sorted(done.changes.items(), key=lambda change: change[0] in STATES)
    return ", ".join(["changed", *differences(dict(ordered))])


def differences(changes: Changes) -> Iterator[str]:
    for name, (before, after) in changes.items():
        if isinstance(before, dict) or isinstance(after, dict):
            for part, inner in parts(before or {}, after or {}).items():
                yield from (f"{name} {each}" for each in differences({part: inner}))
        elif before != after:
            yield f"{name} {value(before)} -> {value(after)}"


def parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What differs in a list. Of what is there but once, only what it states."""
    both = {name: (before.get(name), after.get(name)) for name in dict.fromkeys((*after, *before))}
    return {
        name: change
        for name, change in both.items()
        if (name in before and name in after) or not all(map(silent, change))
    }


def silent(found: object) -> bool:
    return found is None or found is False or found == ""


def value(found: object) -> str:
    """Fit for one line; words that could be taken for something else stand in quotation marks."""
    if found is None or found == "":
        return "blank"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, Decimal):
        return f"{found:.2f}".removesuffix(".00")
    return str(found) if re.fullmatch(r"[\w.:/-]{1,60}", str(found)) else shown(str(found))
