"""The forms with which the secretariat amends the plan and confirms readings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from members.days import DayField
from members.models import Organisation
from reporting.validators import round_title, words
from workplan.choices import (
    COMBINATIONS,
    NAMES_MEMBERS,
    PARENTS,
    STANDING_ORDER,
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
)
from workplan.outline import OF_KIND, Node, Outline, Says, contradictions, place, plain, said
from workplan.queries import Draft
from workplan.validators import PLACES
from workplan.words import NOTHING, field_words, value_words

from .base import PlainForm
from .returns import Checked, lines

ROWS = {"text": 3, "target": 2, "baseline_reason": 2, "question": 2, "guidance": 4, "note": 4}
"""Texts of several lines."""
NEEDED = ("text", "responsible", "target", "unit", "question")
KEPT = "Write it with at most 13 digits before the point and 2 behind it."
WHOLE = "Write a whole number from 1 on, such as 35."
AT_ONCE = "Co-coordinators change as soon as this is published, and for earlier days too."
"""They have no dates, unlike all else that an amendment changes (ADR 21)."""
COUNTED_AS = "counted_as"
"""Source, measure and period in one choice, as only some go together."""
COUNTED = ("source", "measure", "period")
GROUPS = {
    "What the plan says, and where": ("code", "text", "responsible", "target", "place", "co_coordinators"),
    "How it is counted": (
        *(COUNTED_AS, "counts_from", "part", "pair_from", "plurilateral", "target_value", "denominator", "unit"),
        *("baseline", "baseline_origin", "baseline_reason"),
    ),
    "Who is asked, and what": ("reporter_group", "reporters", "question", "guidance"),
    "What the target leaves open": ("note", "decision_needed"),
}
"""The fields, in the order of the page."""


class AmendmentForm(PlainForm):
    """What an amendment is called, from when on it is valid, and why."""

    title = Checked(round_title, label="Title", help_text="Such as Mid-term amendment.")
    valid_from = DayField(
        label="Valid from",
        help_text="The first day on which the plan says and counts so, such as 01.07.27. Figures before it stay.",
        error_messages={"required": "Give the first day, such as 01.07.27."},
    )
    reason = Checked(
        lines,
        label="Reason",
        required=False,
        help_text="Why the plan is changed, for everybody to read. Needed before it is published.",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "title" not in self.errors and not found.get("title"):
            self.add_error("title", "Give the amendment a title.")
        return found


class SeenForm(PlainForm):
    """A button on a draft, with the number of edits that its reader saw; on an element also with its token."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    element = forms.CharField(widget=forms.HiddenInput, required=False)
    behind = False
    """Somebody else changed the element after this person opened the page."""


class ConfirmReadingForm(PlainForm):
    why = Checked(
        lines,
        label="Why it is to be counted so",
        help_text="Who agreed to it, and where it is written.",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )


# ---------------------------------------------------------------- one element


def places(outline: Outline, kind: Kind, but: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Where an element of a kind can stand: under what, and after which of those that stand there."""
    above = [outline.nodes[key] for key in outline.in_force if key[0] in PARENTS[kind]]
    for parent in sorted(above, key=lambda each: path(outline, each)):
        label = f"{parent.kind.label} {parent.called}"
        yield label, list(spots(parent, outline.children(parent), kind, but))
    if not PARENTS[kind]:
        yield "The plan", list(spots(None, outline.focus_areas, kind, but))


def path(outline: Outline, node: Node) -> list[tuple[Decimal, str]]:
    return [place(each) for each in (*outline.above(node), node)]


def spots(parent: Node | None, nodes: Iterable[Node], kind: Kind, but: str) -> Iterator[tuple[str, str]]:
    code = parent.code if parent else ""
    yield f"{code}|", f"First under {parent.called}" if parent else "First"
    for node in nodes:
        if node.kind is kind and node.code != but:
            yield f"{code}|{node.code}", f"After {node.called}"


def spot_of(outline: Outline, node: Node) -> str:
    """Where an element stands, as ``places`` names it."""
    codes = [each.code for each in outline.siblings(node)]
    index = codes.index(node.code)
    return f"{node.parent}|{codes[index - 1] if index else ''}"


def place_words(outline: Outline, node: Node) -> str:
    """The same in words: under Milestone 1.1.1(b), after 1.1.1(b).1"""
    parent, _, after = spot_of(outline, node).partition("|")
    above = outline.parent_of(node)
    where = f"under {above.kind.label} {parent}" if above else "in the plan"
    return f"{where}, {f'after {after}' if after else 'first'}"


def position_at(outline: Outline, kind: Kind, spot: str, but: str) -> Decimal:
    """The number that puts an element into a place: between its neighbours."""
    parent, _, after = spot.partition("|")
    above = next((outline.nodes[each, parent] for each in PARENTS[kind] if (each, parent) in outline.nodes), None)
    there = outline.children(above) if above else outline.focus_areas
    nodes = [each for each in there if each.kind is kind and each.code != but]
    index = next((place for place, each in enumerate(nodes, start=1) if each.code == after), 0)
    before = nodes[index - 1].position if index else None
    behind = nodes[index].position if index < len(nodes) else None
    if before is not None and behind is not None:
        return between(before, behind)
    if before is not None:
        return before + 1
    return Decimal(1) if behind is None else behind - 1


def between(before: Decimal, behind: Decimal) -> Decimal:
    """A number between two, near their middle and of few digits, so that there is room for many at one place."""
    middle = (before + behind) / 2
    rounded = (round(middle, digits) for digits in range(PLACES + 1))
    return next((each for each in rounded if before < each < behind), middle)


def choices_of(labelled: Any) -> list[tuple[str, str]]:
    return [(each.value, each.label) for each in labelled]


class Chosen(forms.ChoiceField):
    """A menu of which every entry says something, the blank one too, so that its label never reads "optional"."""

    def validate(self, value: str) -> None:
        if not self.valid_value(value):
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})


class YesOrNo(forms.BooleanField):
    """A box of which no tick says something, too."""

    def validate(self, value: bool) -> None:
        pass


def key_of(source: Source, measure: Measure, period: Period) -> str:
    return f"{source.value}/{measure.value}/{period.value}"


SOME_NEED = {
    "counts_from": [key_of(*each) for each in COMBINATIONS if each[0] is Source.STATUS],
    "part": [key_of(*each) for each in COMBINATIONS if each[0] is Source.PARTICIPATION],
    "pair_from": [key_of(*each) for each in COMBINATIONS if each[0] is Source.ARRANGEMENTS],
    "plurilateral": [key_of(*each) for each in COMBINATIONS if each[0] is Source.ARRANGEMENTS],
    "denominator": [key_of(*each) for each in COMBINATIONS if each[1] in NAMES_MEMBERS],
}
"""The fields that not every reading needs, and which do, as the menu of what is counted names them."""
UNSAID = {"pair_from": "", "plurilateral": ""}
"""What a field says of a reading that does not need it, where that is not None."""
MISSING = {
    "counts_from": "Say from which standing on a Member counts.",
    "part": "Say which part in an activity counts.",
}


@dataclass(frozen=True)
class Shown:
    """A field on the page. ``was``: what the published plan says there, where the draft changes it; ``theirs``: what
    the draft says there by now, where somebody else was faster and it differs from what is typed. ``only_for``: the
    readings that need the field; "" where all do. ``unneeded``: the chosen one does not."""

    field: BoundField
    was: str
    theirs: str
    only_for: str
    unneeded: bool


class ElementForm(SeenForm):
    """What one element of the plan shall say and where it shall stand; of a KPI, how it is counted. ``says`` is what
    the action needs. ``node``: what it says now, None for a new one, which is ``like`` another at first."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, draft: Draft, kind: Kind, node: Node | None, *args: Any, like: Says | None = None, **kwargs: Any
    ) -> None:
        self.outline, self.kind, self.node = draft.outline, kind, node
        self.base_outline, self.base = draft.base, draft.base.nodes.get(node.key) if node else None
        self.now = self.standing(node) if node else (like or {})
        initial = kwargs.pop("initial", {}) | self.written()
        super().__init__(*args, initial=initial, **kwargs)
        if node is None:
            self.fields["code"] = forms.CharField(
                label="Code", max_length=20, error_messages={"required": "Give the code."},
                help_text="It begins with the code of what this stands under, and never changes.",
                widget=forms.TextInput({"class": "form-control w-s", "autocomplete": "off"}),
            )  # fmt: skip
        for name in OF_KIND[kind]:
            if name not in ("parent", "position", "retired", *COUNTED):
                self.fields[name] = self.field(name)
        self.fields["place"] = forms.ChoiceField(
            label="Place",
            choices=list(places(self.outline, kind, node.code if node else "")),
            error_messages={"invalid_choice": "Choose one of the places.", "required": "Choose where it stands."},
        )
        if kind is Kind.KPI:
            self.fields[COUNTED_AS] = forms.ChoiceField(
                label="What is counted",
                choices=combinations(),
                help_text="Only these go together.",
                error_messages={"invalid_choice": "Choose one of what can be counted."},
            )
        self.order_fields(["seen", "element", "shown", *(name for names in GROUPS.values() for name in names)])
        self.style()

    def standing(self, node: Node) -> Says:
        """What the element says. A contradiction asks for a decision by itself; once mended, it asks for none."""
        found = said(node)
        if contradictions(node):
            reading = self.base.reading if self.base else None
            found["decision_needed"] = reading is not None and reading.unconfirmed
        return found

    def written(self) -> dict[str, Any]:
        """What stands in the fields at first."""
        found = {name: ", ".join(value) if isinstance(value, list) else value for name, value in self.now.items()}
        if self.node:
            found["place"] = spot_of(self.outline, self.node)
        if "source" in self.now:
            found[COUNTED_AS] = counted_as(self.now)
        return found

    @property
    def groups(self) -> Iterator[tuple[str, list[Shown]]]:
        """The fields under their headings; an element that is no KPI has them under none."""
        was = self.was
        for heading, names in GROUPS.items():
            if shown := [self.shown_as(name, was.get(name, "")) for name in names if name in self.fields]:
                yield heading if self.kind is Kind.KPI else "", shown

    def shown_as(self, name: str, was: str) -> Shown:
        only_for = SOME_NEED.get(name, [])
        unneeded = bool(only_for) and self[COUNTED_AS].value() not in only_for
        return Shown(self[name], was, self.theirs.get(name, ""), " ".join(sorted(only_for)), unneeded)

    @cached_property
    def theirs(self) -> dict[str, str]:
        if not (self.behind and self.node):
            return {}
        first = self.written()
        typed = {name: self[name].value() for name in first.keys() & self.fields.keys()}
        differ = {name for name, value in typed.items() if str(value or "") != str(first[name] or "")}
        found = {name: value_words(name, self.now[name]) for name in differ & self.now.keys()}
        if "place" in differ:
            found["place"] = place_words(self.outline, self.node)
        if COUNTED_AS in differ:
            found[COUNTED_AS] = dict(combinations())[first[COUNTED_AS]]
        return found

    @property
    def was(self) -> dict[str, str]:
        """Field -> what the published plan says there, where it is changed: in the draft, or as it is typed."""
        if self.base is None or self.node is None:
            return {}
        typed = self.says if hasattr(self, "cleaned_data") and self.is_valid() else {}  # else only typed, not checked
        before, after = said(self.base), self.now | typed
        changed = {name for name in after if before.get(name) != after[name]}
        found = {name: value_words(name, before.get(name)) for name in changed & set(self.fields)}
        if changed & {"parent", "position"}:
            found["place"] = place_words(self.base_outline, self.base)
        if changed & set(COUNTED) and self.base.reading:
            found[COUNTED_AS] = dict(combinations())[counted_as(before)]
        return found

    def field(self, name: str) -> forms.Field:
        label = field_words(self.kind, name)
        if name == "decision_needed":
            return YesOrNo(label=label, help_text="Somebody still has to decide how this is read.")
        if name in ("target_value", "baseline"):
            wrong = dict.fromkeys(("max_digits", "max_decimal_places", "max_whole_digits"), KEPT)
            wrong |= {"invalid": "Write a number, such as 28 or 2.5.", "required": "Give the target as a number."}
            return forms.DecimalField(
                label=label, required=name == "target_value", max_digits=15, decimal_places=2, error_messages=wrong,
                widget=forms.TextInput({"class": "form-control w-s", "inputmode": "decimal"}),
            )  # fmt: skip
        if name == "denominator":
            return forms.IntegerField(
                label=label, required=False, min_value=1, max_value=10**6,
                help_text="The 35 of 28/35. Leave it empty where the target has none.",
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WHOLE),
                widget=forms.TextInput({"class": "form-control w-s", "inputmode": "numeric"}),
            )  # fmt: skip
        if name in ("reporters", "co_coordinators"):
            help_text = "Codes with commas between them, such as JPN, RILO."
            help_text += f" {AT_ONCE}" if name == "co_coordinators" else ""
            return forms.CharField(label=label, required=False, max_length=400, help_text=help_text)
        if name in CHOICES:
            return Chosen(label=label, choices=CHOICES[name])
        widget = forms.Textarea({"rows": ROWS[name]}) if name in ROWS else forms.TextInput()
        needed = name in NEEDED and self.kind is not Kind.THEME  # what is missing is said by the action, in its words
        return Checked(lines if name in ROWS else words, label=label, required=needed, widget=widget)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("reporters", "co_coordinators"):
            if name in found:
                found[name] = self.organisations(name, found[name])
        for name in SOME_NEED.keys() & self.fields.keys():
            if found.get(COUNTED_AS) not in SOME_NEED[name]:
                self.errors.pop(name, None)
                found[name] = UNSAID.get(name)
            elif name in MISSING and not found.get(name) and name not in self.errors:
                self.add_error(name, MISSING[name])
        return found

    def organisations(self, name: str, text: str) -> list[str]:
        """The codes in a text, in the order of organisations; one that nobody has is refused at its field."""
        codes = {each.strip().upper() for each in text.split(",") if each.strip()}
        known = list(Organisation.objects.filter(code__in=codes).order_by("position", "code"))
        if missing := codes - {each.code for each in known}:
            self.add_error(name, ValidationError(f"There is no organisation {', '.join(sorted(missing))}."))
        return [each.code for each in known]

    @property
    def says(self) -> Says:
        """All that the element shall say."""
        given = self.cleaned_data
        found = {name: plain(given[name]) for name in OF_KIND[self.kind] if name in given}
        if self.kind is Kind.KPI:
            found |= dict(zip(COUNTED, given[COUNTED_AS].split("/"), strict=True))
        if self.node is None or given["place"] != spot_of(self.outline, self.node):
            position = position_at(self.outline, self.kind, given["place"], self.node.code if self.node else "")
            found["position"] = plain(position)
            if PARENTS[self.kind]:
                found["parent"] = given["place"].partition("|")[0]
        if self.node is None:
            found["retired"] = False
        return found


CHOICES = {
    "counts_from": [("", NOTHING), *choices_of(STANDING_ORDER)],
    "part": [("", NOTHING), *choices_of(Part)],
    "pair_from": choices_of(PairFrom),
    "plurilateral": choices_of(Plurilateral),
    "baseline_origin": choices_of(BaselineOrigin),
    "reporter_group": choices_of(ReporterGroup),
}


def counted_as(says: Says) -> str:
    """How a KPI is counted, as the menu names it."""
    return "/".join(says[name] for name in COUNTED)


def combinations() -> list[tuple[str, str]]:
    """The readings that exist, in words."""
    found = [
        (key_of(source, measure, period), f"{measure.label}, from {source.label}; {period.label}")
        for source, measure, period in COMBINATIONS
    ]
    return sorted(found, key=lambda each: each[1])
