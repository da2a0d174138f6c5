"""The forms with which the secretariat amends the plan and confirms readings."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from members.models import Organisation
from reporting.validators import round_title, words
from workplan.choices import COMBINATIONS, PARENTS, STANDING_ORDER, BaselineOrigin, Kind, Part, ReporterGroup
from workplan.outline import OF_KIND, Node, Outline, Says, place, plain, said
from workplan.words import field_words

from .base import DayField, PlainForm
from .returns import Checked, lines

ROWS = {"text": 3, "target": 2, "baseline_reason": 2, "question": 2, "guidance": 4, "note": 4}
"""Texts of several lines."""
NEEDED = ("text", "responsible", "target", "unit", "question")
WHOLE = "Write a whole number from 1 on, such as 35."
COUNTED_AS = "counted_as"
"""Source, measure and period in one choice, as only some go together."""


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
    """A button on a draft, with the number of edits that its reader saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


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
        yield f"{parent.kind.label} {parent.code}", list(spots(parent.code, outline.children(parent), kind, but))
    if not PARENTS[kind]:
        yield "The plan", list(spots("", outline.focus_areas, kind, but))


def path(outline: Outline, node: Node) -> list[tuple[Decimal, str]]:
    return [place(each) for each in (*outline.above(node), node)]


def spots(parent: str, nodes: Iterable[Node], kind: Kind, but: str) -> Iterator[tuple[str, str]]:
    yield f"{parent}|", f"First under {parent}" if parent else "First"
    for node in nodes:
        if node.kind is kind and node.code != but:
            yield f"{parent}|{node.code}", f"After {node.code}"


def spot_of(outline: Outline, node: Node) -> str:
    """Where an element stands, as ``places`` names it."""
    codes = [each.code for each in outline.siblings(node)]
    index = codes.index(node.code)
    return f"{node.parent}|{codes[index - 1] if index else ''}"


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
        return (before + behind) / 2
    if before is not None:
        return before + 1
    return Decimal(1) if behind is None else behind - 1


def choices_of(labelled: Any) -> list[tuple[str, str]]:
    return [(each.value, each.label) for each in labelled]


class ElementForm(PlainForm):
    """What one element of the plan shall say and where it shall stand; of a KPI, how it is counted. ``says`` is what
    the action needs. ``node``: what it says now, None for a new one, which is ``like`` another at first."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, outline: Outline, kind: Kind, node: Node | None, *args: Any, like: Says | None = None, **kwargs: Any
    ) -> None:
        self.outline, self.kind, self.node = outline, kind, node
        self.now = said(node) if node else (like or {})
        initial = kwargs.pop("initial", {}) | self.written()
        super().__init__(*args, initial=initial, **kwargs)
        if node is None:
            self.fields["code"] = forms.CharField(
                label="Code", max_length=20, error_messages={"required": "Give the code."},
                help_text="It begins with the code of what this stands under, and never changes.",
                widget=forms.TextInput({"class": "form-control w-s", "autocomplete": "off"}),
            )  # fmt: skip
        for name in OF_KIND[kind]:
            if name not in ("parent", "position", "retired", "source", "measure", "period"):
                self.fields[name] = self.field(name)
        self.fields["place"] = forms.ChoiceField(
            label="Place",
            choices=list(places(outline, kind, node.code if node else "")),
            error_messages={"invalid_choice": "Choose one of the places.", "required": "Choose where it stands."},
        )
        if kind is Kind.KPI:
            self.fields[COUNTED_AS] = forms.ChoiceField(
                label="What is counted",
                choices=combinations(),
                help_text="Only these go together.",
                error_messages={"invalid_choice": "Choose one of what can be counted."},
            )
        self.order_fields(["seen", "shown", "code", "text", "responsible", "target", "place", COUNTED_AS])
        self.style()

    def written(self) -> dict[str, Any]:
        """What stands in the fields at first."""
        found = {name: ", ".join(value) if isinstance(value, list) else value for name, value in self.now.items()}
        if self.node:
            found["place"] = spot_of(self.outline, self.node)
        if "source" in self.now:
            found[COUNTED_AS] = "/".join(self.now[name] for name in ("source", "measure", "period"))
        return found

    def field(self, name: str) -> forms.Field:
        label = field_words(self.kind, name)
        if name == "decision_needed":
            help_text = "Somebody still has to decide how this is read."
            return forms.BooleanField(label=label, required=False, help_text=help_text)
        if name in ("target_value", "baseline"):
            wrong = {"invalid": "Write a number, such as 28 or 2.5.", "required": "Give the target as a number."}
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
            return forms.CharField(label=label, required=False, max_length=400, help_text=help_text)
        if name in CHOICES:
            return forms.ChoiceField(label=label, required=False, choices=CHOICES[name])
        widget = forms.Textarea({"rows": ROWS[name]}) if name in ROWS else forms.TextInput()
        needed = name in NEEDED and self.kind is not Kind.THEME  # what is missing is said by the action, in its words
        return Checked(lines if name in ROWS else words, label=label, required=needed, widget=widget)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("reporters", "co_coordinators"):
            if name in found:
                found[name] = self.organisations(name, found[name])
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
            found |= dict(zip(("source", "measure", "period"), given[COUNTED_AS].split("/"), strict=True))
            found |= {name: found[name] or None for name in ("counts_from", "part")}
        if self.node is None or given["place"] != spot_of(self.outline, self.node):
            position = position_at(self.outline, self.kind, given["place"], self.node.code if self.node else "")
            found["position"] = plain(position)
            if PARENTS[self.kind]:
                found["parent"] = given["place"].partition("|")[0]
        if self.node is None:
            found["retired"] = False
        return found


CHOICES = {
    "counts_from": [("", "–"), *choices_of(STANDING_ORDER)],
    "part": [("", "–"), *choices_of(Part)],
    "baseline_origin": choices_of(BaselineOrigin),
    "reporter_group": choices_of(ReporterGroup),
}


def combinations() -> list[tuple[str, str]]:
    """The readings that exist, in words."""
    found = [
        (f"{source.value}/{measure.value}/{period.value}", f"{measure.label}, from {source.label}; {period.label}")
        for source, measure, period in COMBINATIONS
    ]
    return sorted(found, key=lambda each: each[1])
