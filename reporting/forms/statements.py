"""The forms about records of the register: what organisations say of them, and what the secretariat decides."""

from typing import Any

from django import forms

from members.days import DayField
from reporting import validators
from reporting.choices import Head, StatementKind

from .base import PlainForm
from .register import FIELDS, OPEN_AGAIN, check_women, choose, one_line
from .returns import Checked, lines


class StatementForm(PlainForm):
    """An organisation confirms what the register says of it, or contests it."""

    organisation = choose("For", [], "Choose the organisation.")
    kind = forms.ChoiceField(
        label="What do you say?",
        widget=forms.RadioSelect,
        choices=[(StatementKind.CONFIRMED, "It is right"), (StatementKind.CONTESTED, "Something is wrong")],
        error_messages={"required": "Say whether it is right.", "invalid_choice": "Say whether it is right."},
    )
    reason = Checked(
        lines,
        required=False,
        label="What is wrong",
        help_text="Needed where something is wrong. It does not count until that is settled.",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()


OTHER_DAYS = "Other days are given where something is wrong. Choose that, or leave them blank."


class SideStatementForm(StatementForm):
    """The same of an arrangement, with the days that the party has for it."""

    in_force = DayField(
        label="In your records: in force from", required=False, help_text="Where the day is wrong, such as 30.06.27."
    )
    ended = DayField(label="In your records: ended on", required=False, help_text="Where it ended, such as 30.06.27.")

    def __init__(self, *args: Any, plurilateral: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if plurilateral:
            self.fields["all"] = forms.BooleanField(
                label=f"The same for our other pairs of {plurilateral} that say the same", required=False
            )
            self.style()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        days = [name for name in ("in_force", "ended") if found.get(name)]
        if days and found.get("kind") == StatementKind.CONFIRMED:
            self.add_error(days[0], OTHER_DAYS)
        if found.get("all") and found.get("kind") == StatementKind.CONTESTED:
            self.add_error("all", "What is wrong is said of each pair by itself.")
        if len(days) == 2 and found["ended"] < found["in_force"]:
            self.add_error("ended", "It does not end before it is in force.")
        return found


NUMBERS = ("participants", "women", "head")


class PartStatementForm(StatementForm):
    """The same of a part in an activity, with the organisation's own numbers. ``token``: as in ``DecisionForm``."""

    token = forms.CharField(widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN})
    participants = Checked(validators.head_count, blank=None, required=False, label="Your participants",
                           help_text="Blank: not stated.", widget=forms.TextInput(FIELDS))  # fmt: skip
    women = Checked(validators.head_count, blank=None, required=False, label="Of them women",
                    widget=forms.TextInput(FIELDS))  # fmt: skip
    head = forms.ChoiceField(label="Your delegation", required=False, choices=[("", "Not stated"), *Head.choices],
                             error_messages={"invalid_choice": "Say who headed it, or leave it blank."})  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        check_women(self, found)
        return found

    @property
    def numbers(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in NUMBERS}


class DecisionForm(PlainForm):
    """The secretariat confirms a record or not. ``token``: the version that the person saw."""

    token = forms.CharField(widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN})
    reason = Checked(
        lines, required=False, label="Reason", widget=forms.Textarea({"class": "form-control", "rows": 2}),
        help_text="Needed where you do not confirm it, or take a confirmation back.",
    )  # fmt: skip
    others = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, alike: str = "", **kwargs: Any) -> None:
        """``alike``: what other records that say the same can be decided on with it, in words."""
        super().__init__(*args, **kwargs)
        if alike:
            self.fields["all"] = forms.BooleanField(label=alike, required=False)
            self.style()


class PairForm(PlainForm):
    """Whether two records are of one event, and which of them is kept."""

    ruling = forms.ChoiceField(
        label="Are they one event?",
        widget=forms.RadioSelect,
        choices=[("two", "No, these are two events"), ("first", "Yes: keep the first record"),
                 ("second", "Yes: keep the second record")],
        error_messages={"required": "Say whether they are one.", "invalid_choice": "Say whether they are one."},
    )  # fmt: skip
    reason = Checked(lines, label="Why", widget=forms.Textarea({"class": "form-control", "rows": 2}))


class SettlementForm(PlainForm):
    """What the secretariat decides on a contest."""

    statement = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": OPEN_AGAIN, "invalid": OPEN_AGAIN}
    )
    settlement = Checked(
        lines, label="What was decided, and from which source",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )  # fmt: skip


class SideSettlementForm(SettlementForm):
    """The same where the sides of an arrangement disagree: who is right, and from which source."""

    ruling = forms.ChoiceField(
        label="Who is right?",
        widget=forms.RadioSelect,
        choices=[("record", "The record is right"), ("side", "The party is right: record its days")],
        error_messages={"required": "Say who is right.", "invalid_choice": "Say who is right."},
    )
    settlement = Checked(lines, label="What was decided", widget=forms.Textarea({"class": "form-control", "rows": 3}))
    field_order = ("statement", "ruling", "settlement")
    source = Checked(one_line(300), label="Source", help_text="Such as the text of the arrangement, or a gazette.")
