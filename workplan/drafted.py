"""What became of the elements of the plan in a draft, as the history keeps it and tells it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from members.models import AuditEntry
from members.numbers import counted

from .choices import Kind
from .outline import OF_KIND, Node, Says, said
from .words import field_words, value_words

NAME = "drafted"
"""The field of an entry in which they stand."""
MOVED = frozenset({"parent", "position"})
REWORDED = frozenset({"text", "responsible", "target"})
TAKEN_BACK = "taken back"
Told = dict[str, Any]
Row = tuple[str, str, str]
"""What a field is called, what it said and what it says."""


# ---------------------------------------------------------------- as it is kept


def told(change: tuple[Kind, str], says: Says, before: Node | None, after: Node | None) -> Told:
    """``says``: what the draft keeps of the element now. ``before``, ``after``: the element as the plan in force on the
    draft's day says it with the draft, before somebody worked on it and then."""
    node = after or before
    assert node is not None  # noqa: S101 -- what is changed is there before, or then
    kind, code = change
    nothing: Collection[Any] = (None, "", []) if before and after else (None, "", [], False)
    was, now = fields_of(before, nothing), fields_of(after, nothing)
    names = [name for name in OF_KIND[kind] if was.get(name, "") != now.get(name, "")]
    return {
        "kind": kind.value,
        "code": code,
        "called": node.called,
        "done": done(says, before, after, frozenset(names)),
        "fields": [[field_words(kind, name), was.get(name, ""), now.get(name, "")] for name in names],
    }


def fields_of(node: Node | None, nothing: Collection[Any]) -> Mapping[str, str]:
    """What an element says, without what it leaves empty; of a whole element a no says nothing either."""
    found = said(node) if node else {}
    return {name: value_words(name, value) for name, value in found.items() if value not in nothing}


def done(says: Says, before: Node | None, after: Node | None, names: frozenset[str]) -> str:
    if not says:
        return TAKEN_BACK
    if before is None or after is None:
        return "added"
    if after.retired and not before.retired:
        return "retired"
    if names <= MOVED:
        return "moved"
    return "reworded" if names <= REWORDED else "changed"


# ---------------------------------------------------------------- as it is told


def did(entry: AuditEntry) -> str:
    """reworded the KPI “1.1.1(b): Number of Members” in the draft of “Amendment 1: Mid-term”"""
    _, elements = entry.changes.get(NAME, (None, ()))
    if not elements:
        return ""
    first, *more = elements
    alike = {each["done"] for each in elements}
    what = alike.pop() if len(alike) == 1 else "changed"
    verb = "took back the change of" if what == TAKEN_BACK else what
    others = f" and {counted(len(more), 'more element')}" if more else ""
    return f"{verb} the {Kind(first['kind']).noun} “{first['called']}”{others} in the draft of “{entry.object_label}”"


def rows(elements: list[Told]) -> Iterable[Row]:
    """Field by field. Of several elements the first field of each says which, and what was done."""
    for each in elements:
        name = f"{Kind(each['kind']).label} {each['code']}, {each['done']}" if len(elements) > 1 else ""
        fields = each["fields"] or [["", "", each["done"]]]
        for place, (label, was, now) in enumerate(fields):
            here = [part for part in (name if place == 0 else "", label) if part]
            yield ": ".join(here) or "In the draft", was, now
