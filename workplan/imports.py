"""A plan's structure from a file, and as such a file. It goes into the draft of an amendment, and nothing is
published."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.imports.outcome import Preview
from members.imports.rows import Changes, Rows, accepted, named, parsed
from members.imports.sheet import Column, Layout, Row, folded
from members.models import Organisation, User

from .actions import Drafting
from .choices import (
    PARENTS,
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
    Standing,
)
from .models import Amendment
from .outline import OF_KIND, Node, Outline, Says, differing, plain, said
from .queries import Draft
from .words import FIELDS, LABELLED, value_words

NUMBERS = ("position", "target_value", "baseline")
"""Which a change keeps as texts."""
DEPTHS = {folded(kind): place for place, kind in enumerate(Kind)}
LAYOUT = Layout(
    sheet="Plan",
    fields=(
        Column("kind", f"What it is: {accepted(Kind)}. It never changes.", "kpi"),
        Column("code", "By it and its kind an element is known; it never changes.", "1.1.1(e).1"),
        Column("parent", "The code of what it stands under. All that is new needs it, but a focus area.", "1.1.1(e)"),
        Column("position", "Its place among those beside it. Blank for a new one: the last.", Decimal(1)),
        Column("retired", "yes: it belongs to the plan no more. no: it does.", "no"),
        Column("co_coordinators", "Of a focus area alone: codes of organisations, with ; between.", "JPN;RILO"),
        Column("text", "The wording. Only a theme may be without.", "Number of Members with an up-to-date manual"),
        Column("responsible", "Of a KPI, as all columns from here on: who is responsible.", "Members"),
        Column("target", "The target, in the plan's words.", "At least 20 of 35 Members"),
        Column("target_value", "The target, as a number. A new KPI needs it.", Decimal(20)),
        Column("source", f"Where the facts come from: {accepted(Source)}. A new KPI needs it.", "status"),
        Column("measure", f"What is counted: {accepted(Measure)}. A new KPI needs it.", "members"),
        Column("period", f"Over what time: {accepted(Period)}. A new KPI needs it.", "standing"),
        Column("counts_from", f"Where the source is status, from what on: {accepted(Standing)}.", "in_place"),
        Column("part", f"Where the source is participation, which part counts: {accepted(Part)}.", ""),
        Column("pair_from", f"Where the source is arrangements, from when one counts: {accepted(PairFrom)}.", ""),
        Column("plurilateral", f"The same, what one of more than two Members counts as: {accepted(Plurilateral)}.", ""),
        Column("denominator", "Out of how many, where the target is a part of something.", Decimal(35)),
        Column("unit", "What is counted, in words.", "Members"),
        Column("baseline", "The value at the beginning, where one is stated.", Decimal(8)),
        Column("baseline_origin", f"Where it comes from: {accepted(BaselineOrigin)}.", "entered"),
        Column("baseline_reason", "Why it is so.", "Survey of June 2026"),
        Column(
            "reporter_group",
            f"Who is asked: {accepted(ReporterGroup)}. A new KPI without it asks all Members, or those named.",
            "members",
        ),
        Column("reporters", "Who is named: codes of organisations, with ; between.", "RILO"),
        Column("question", "What they are asked.", "Is your manual up to date?"),
        Column("guidance", "Help for the answer.", "A manual of the last two years counts."),
        Column("note", "How the target's text is read, and why.", ""),
        Column("decision_needed", "yes: the reading waits for a decision. no: it does not.", "no"),
    ),
    key=("kind", "code"),
)
OF_A_SOURCE: Says = {"counts_from": None, "part": None, "pair_from": "", "plurilateral": ""}
"""What belongs to where the facts come from, and so is not kept where that changes."""
NEW_KPI: Says = {
    **OF_A_SOURCE, "denominator": None, "baseline": None, "baseline_origin": "",
    "baseline_reason": "", "reporter_group": "members", "reporters": [], "guidance": "", "note": "",
    "decision_needed": False, "responsible": "", "target": "", "unit": "", "question": "",
}  # fmt: skip
"""What a new KPI says where its row does not: all Members are asked, unless the row names who is."""


# ---------------------------------------------------------------- what a row says


def codes(text: str, organisations: dict[str, int]) -> list[str]:
    found = [each.strip().upper() for each in text.split(";") if each.strip()]
    if missing := [each for each in found if each not in organisations]:
        raise ValueError(
            f"There is no organisation {', '.join(missing)[:60]}. Codes are separated by ; such as JPN;RILO."
        )
    return sorted(set(found), key=organisations.__getitem__)


def number(text: str) -> str:
    """1 and 1.00 are the same number."""
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text[:60]}” is no number. Write 28 or 4.5.") from error
    if not (found.is_finite() and abs(found) < 10**12):
        raise ValueError(f"“{text[:60]}” is no number that can be kept.")
    return str(plain(found))


def whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**6):
        raise ValueError(f"“{text[:60]}” is no whole number from 1 on.")
    return int(text)


def yes_or_no(text: str) -> bool:
    if text.casefold() not in ("yes", "no"):
        raise ValueError(f"“{text[:60]}” is neither yes nor no.")
    return text.casefold() == "yes"


PARSERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(LAYOUT.columns[len(LAYOUT.key) :], str),
    **{column: partial(named, choices=choices) for column, choices in LABELLED.items()},
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(("retired", "decision_needed"), yes_or_no),
    "denominator": whole,
}


# ---------------------------------------------------------------- all rows


class PlanRows(Rows):
    """From the whole to the part, so that a child may stand before its parent. ``seen``: the number of edits of the
    draft. Raises Stale too."""

    layout = LAYOUT

    def __init__(self, content: bytes, *, amendment: Amendment, seen: int, by: User, stores: bool) -> None:
        super().__init__(content, str(seen))
        self.drafting = Drafting(amendment=amendment, seen=seen, by=by, stores=stores)
        found = Organisation.objects.order_by("position", "code").values_list("code", flat=True)
        listed = partial(codes, organisations={code: place for place, code in enumerate(found)})
        self.parsers = PARSERS | {"reporters": listed, "co_coordinators": listed}

    def name(self, row: Row) -> str:
        label = {folded(kind): kind.label for kind in Kind}.get(folded(row.get("kind")), row.get("kind"))
        return f"{label} {row.get('code')}"

    def label(self, column: str) -> str:
        return FIELDS.get(column) or super().label(column)

    def place(self, row: Row) -> tuple[int, int]:
        return DEPTHS.get(folded(row.get("kind")), 0), row.number

    def write(self, row: Row) -> tuple[bool, Changes]:
        kind, says = self.stated(row)
        code = row.get("code")
        before = self.drafting.outline.nodes.get((kind, code))
        if before is None:
            says = with_defaults(self.drafting.outline, kind, says)
            self.drafting.add(kind, code, says)
            return False, in_words(None, says)
        if before.reading and says.get("source", before.reading.source) != before.reading.source:
            says = {
                "counts_from": None,
                "part": None,
                "pair_from": "",
                "plurilateral": "",
            } | says  # they belong to the source
        self.drafting.change(kind, code, says)
        return True, in_words(before, says)

    def stated(self, row: Row) -> tuple[Kind, Says]:
        """What a row says, and of which kind of element. Raises ValidationError with all that cannot be read or
        said."""
        try:
            kind = Kind(named(row.get("kind"), Kind))
        except ValueError as error:
            raise ValidationError({"kind": str(error)}) from error

        def refuse(text: str) -> None:
            raise ValueError(f"This is not said of a {kind.noun}.")

        parsers = {name: parse if name in OF_KIND[kind] else refuse for name, parse in self.parsers.items()}
        says, faults = parsed(row, parsers)
        if faults:
            raise ValidationError(faults)
        return kind, says


def with_defaults(outline: Outline, kind: Kind, says: Says) -> Says:
    """What a new element needs: it stands last where its row says no place. Raises ValidationError."""
    if PARENTS[kind] and not says.get("parent"):
        above = " or ".join(each.noun for each in PARENTS[kind])
        raise ValidationError({"parent": f"Say below which {above} it stands."})
    needed = ("source", "measure", "period", "target_value") if kind is Kind.KPI else ()
    if missing := [name for name in needed if name not in says]:
        raise ValidationError(dict.fromkeys(missing, "It is blank; a new KPI needs it."))
    beside = (each for each in outline.nodes.values() if each.kind is kind and not each.retired)
    last = max((each.position for each in beside if each.parent == says.get("parent", "")), default=Decimal(0))
    own: Says = {"text": "", "position": plain(last + 1), "retired": False}
    own |= NEW_KPI if kind is Kind.KPI else {}
    own |= {"reporter_group": ""} if says.get("reporters") else {}
    own |= {"co_coordinators": []} if kind is Kind.FOCUS_AREA else {}
    return own | says


def in_words(before: Node | None, says: Says) -> dict[str, tuple[Any, Any]]:
    was, becomes = differing(said(before) if before else {}, says)
    pairs = {name: (value_words(name, was.get(name)), value_words(name, value)) for name, value in becomes.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def preview(content: bytes, *, amendment: Amendment, by: User) -> Preview:
    """What the file would change in the draft; nothing is stored, and nobody waits. Raises ValidationError where it
    cannot be read, or the draft is none any more."""
    return looked_at(content, amendment=amendment, by=by)[0]


@transaction.atomic
def looked_at(content: bytes, *, amendment: Amendment, by: User) -> tuple[Preview, Draft]:
    """The same, with the draft as it would then be."""
    rows = PlanRows(content, amendment=amendment, seen=amendment.edits, by=by, stores=False)
    found = rows.preview()
    return found, replace(rows.drafting.draft, changes=list(rows.drafting.changes.values()))


@transaction.atomic
def apply(content: bytes, *, amendment: Amendment, seen: int, by: User) -> Preview:
    """Puts into the draft what the preview showed, all or nothing. ``seen``: the number of edits of the draft then.
    Raises Stale, and ValidationError where the file is not without fault."""
    rows = PlanRows(content, amendment=amendment, seen=seen, by=by, stores=True)
    done = rows.apply()
    rows.drafting.keep()
    return done


# ---------------------------------------------------------------- the plan as such a file


def rows_of(outline: Outline) -> Iterator[list[Any]]:
    """A plan as rows of a file that, imported again, changes nothing."""
    for area in outline.focus_areas:
        for node in (area, *outline.descendants(area)):
            says = {"kind": node.kind.value, "code": node.code, **said(node)}
            yield [celled(column, says.get(column)) for column in LAYOUT.columns]


def celled(column: str, value: Any) -> Any:
    """Numbers as such, so that they are in a workbook too."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(value)
    return Decimal(value) if column in NUMBERS and value else value
