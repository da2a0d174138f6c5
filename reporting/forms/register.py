"""The forms of the register: activities with those who took part, and arrangements."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from members.days import DayField
from members.models import Organisation
from reporting import validators
from reporting.actions import ActivityRecord, ArrangementRecord
from reporting.actions.activities import OF_ACTIVITY
from reporting.actions.plurilateral import TOO_FEW
from reporting.choices import ActivityKind, ActivityStatus, Audience, Head
from reporting.models import ActivityLink, ActivityPart, ActivityVersion, ArrangementVersion, Plurilateral
from workplan.models import Kpi

from .base import PlainForm
from .returns import Checked, lines

FIELDS = {"class": "form-control w-s", "autocomplete": "off", "inputmode": "numeric"}
AUDIENCES = [("", "Everybody; of an operation those involved"), *Audience.choices]
OPEN_AGAIN = "This form is not complete. Open the record again."
PARTS = {"organises": "Organised", "contributes": "Contributed", "takes_part": "Took part"}


def one_line(longest: int) -> Any:
    return partial(validators.line, longest=longest)


def choose(label: str, choices: Iterable[tuple[str, str]], wrong: str, *, required: bool = True) -> forms.ChoiceField:
    messages = {"required": wrong, "invalid_choice": wrong}
    found = [("", "Choose one"), *choices]
    return forms.ChoiceField(label=label, choices=found, required=required, error_messages=messages)


MORE = ("place", "online", "audience", "rating", "respondents")
"""Of an activity, what many records leave out."""


class ActivityForm(PlainForm):
    """What an activity was. ``token``: the newest version that the person saw; ``reference``: its name, once.
    ``recorders``: the organisations for which the person records a new one; ``today``: theirs."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    reference = Checked(one_line(100), widget=forms.HiddenInput)
    title = Checked(one_line(300), label="Title")
    kind = choose("Kind", ActivityKind.choices, "Choose the kind.")
    status = choose("Is it planned, held or cancelled?", ActivityStatus.choices, "Choose the state.")
    start = DayField(label="First day", error_messages={"required": "Give the day, such as 30.06.27."})
    end = DayField(label="Last day", required=False, help_text="Leave it blank where it lasted one day.")
    place = Checked(one_line(200), required=False, label="Place", help_text="City and country, such as Suva, Fiji.")
    online = forms.BooleanField(label="People took part online", required=False)
    audience = forms.ChoiceField(
        label="Who may know of it", required=False, choices=AUDIENCES, help_text="It counts all the same.",
        error_messages={"invalid_choice": "Say who may know of it."},
    )  # fmt: skip
    rating = Checked(validators.rating, blank=None, required=False, label="Mean rating by participants",
                     help_text="From 1 to 5, such as 4.25.", widget=forms.TextInput(FIELDS))  # fmt: skip
    respondents = Checked(validators.at_least_one, blank=None, required=False, label="How many rated it",
                          widget=forms.TextInput(FIELDS))  # fmt: skip

    def __init__(self, *args: Any, recorders: list[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if len(recorders) > 1:
            self.fields["recorded_by"] = choose("Recorded for", recorders, "Choose one of your organisations.")
            self.order_fields(["recorded_by"])
            self.style()

    @property
    def first(self) -> list[forms.BoundField]:
        """What every record says."""
        return [field for field in self.visible_fields() if field.name not in MORE]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE]

    @property
    def says_more(self) -> bool:
        """Is any of the rest said, or wrong."""
        return any(each.value() or each.errors for each in self.more)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "title" not in self.errors and not found.get("title"):
            self.add_error("title", "Give a title.")
        start, end = found.get("start"), found.get("end")
        if start and end and end < start:
            self.add_error("end", "It does not end before it starts.")
        last = end or start
        if last and last > self.today and found.get("status") == ActivityStatus.HELD:
            self.add_error("status", f"It is not held yet on {self.today:%d.%m.%y}: choose “Planned”.")
        return found

    def version(self) -> ActivityVersion:
        return ActivityVersion(**{name: self.cleaned_data[name] for name in OF_ACTIVITY})


def check_women(form: PlainForm, found: Mapping[str, Any]) -> None:
    women, participants = found.get("women"), found.get("participants")
    if women is not None and participants is not None and women > participants:
        form.add_error("women", f"{women} women are more than {participants} participants.")


class PartForm(PlainForm):
    """One organisation's part; a row that is left blank says nothing."""

    organisation = forms.ChoiceField(label="Organisation", required=False, error_messages={
        "invalid_choice": "Choose one of the organisations."})  # fmt: skip
    organises = forms.BooleanField(label=PARTS["organises"], required=False)
    contributes = forms.BooleanField(label=PARTS["contributes"], required=False)
    takes_part = forms.BooleanField(label=PARTS["takes_part"], required=False)
    participants = Checked(validators.head_count, blank=None, required=False, label="Participants",
                           widget=forms.TextInput(FIELDS))  # fmt: skip
    women = Checked(validators.head_count, blank=None, required=False, label="Of them women",
                    widget=forms.TextInput(FIELDS))  # fmt: skip
    head = forms.ChoiceField(label="Delegation", required=False, choices=[("", "Not stated"), *Head.choices],
                             error_messages={"invalid_choice": "Say who headed it, or leave it blank."})  # fmt: skip

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", "Nobody"), *organisations]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        stated = any(found.get(name) for name in PARTS)
        more = [name for name in ("participants", "women", "head") if found.get(name) not in (None, "")]
        if (stated or more) and not found.get("organisation"):
            self.add_error("organisation", "Choose the organisation, or leave the whole row blank.")
        if found.get("organisation") and not stated:
            self.add_error("organisation", "Say whether it organised, contributed or took part.")
        check_women(self, found)
        return found

    def part(self, organisations: Mapping[str, Organisation]) -> ActivityPart | None:
        found = self.cleaned_data
        if not found.get("organisation"):
            return None
        names = (*PARTS, "participants", "women", "head")
        says = {name: found[name] for name in names}
        return ActivityPart(organisation=organisations[found["organisation"]], **says)


class RowFormSet(forms.BaseFormSet):
    """Rows of a form that was sent whole, and not too many of them."""

    default_error_messages: ClassVar = {
        "missing_management_form": "The rows did not arrive whole. Open the form again.",
        "too_many_forms": "There are more rows than one record can have.",
    }

    def clean(self) -> None:
        if self.total_form_count() < 0:
            raise ValidationError(self.default_error_messages["missing_management_form"])


class PartFormSet(RowFormSet):
    def clean(self) -> None:
        super().clean()
        named = [form.cleaned_data.get("organisation") for form in self.forms if hasattr(form, "cleaned_data")]
        for form, code in zip(self.forms, named, strict=False):
            if code and named.count(code) > 1:
                form.add_error("organisation", "This organisation stands in two rows.")


PartForms = forms.formset_factory(
    PartForm, formset=PartFormSet, extra=2, max_num=100, absolute_max=100, validate_max=True
)


class LinkForm(PlainForm):
    """A KPI that an activity counts for, and how many items it stands for."""

    kpi = forms.ChoiceField(label="KPI", required=False, error_messages={"invalid_choice": "Choose one of the KPIs."})
    items = Checked(validators.at_least_one, blank=1, required=False, label="Stands for",
                    widget=forms.TextInput(FIELDS))  # fmt: skip

    def __init__(self, *args: Any, kpis: list[tuple[str, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kpi"].choices = [("", "No KPI"), *kpis]  # type: ignore[attr-defined]


class LinkFormSet(RowFormSet):
    def clean(self) -> None:
        super().clean()
        named = [form.cleaned_data.get("kpi") for form in self.forms if hasattr(form, "cleaned_data")]
        for form, code in zip(self.forms, named, strict=False):
            if code and named.count(code) > 1:
                form.add_error("kpi", "This KPI stands in two rows.")


LinkForms = forms.formset_factory(
    LinkForm, formset=LinkFormSet, extra=1, max_num=30, absolute_max=30, validate_max=True
)


def activity_record(
    form: ActivityForm, parts: Any, links: Any, organisations: Mapping[str, Organisation], kpis: Mapping[str, Kpi]
) -> ActivityRecord:
    """What the three forms say together."""
    linked = [each.cleaned_data for each in links if each.cleaned_data.get("kpi")]
    return ActivityRecord(
        reference=form.cleaned_data["reference"],
        version=form.version(),
        parts=[part for each in parts if (part := each.part(organisations))],
        links=[ActivityLink(kpi=kpis[each["kpi"]], items=each["items"] or 1) for each in linked],
        audience=form.cleaned_data["audience"] or None,
    )


class SaidOfArrangement(PlainForm):
    """What is known of an arrangement, whoever its parties are."""

    signed = Checked(
        validators.partial_day,
        required=False,
        label="Signed",
        help_text="As much as is known: 2018-06-28, 2018-06 or 2018.",
        widget=forms.TextInput(FIELDS | {"inputmode": "text"}),
    )
    in_force = DayField(label="In force from", required=False, help_text="Such as 30.06.27. Blank: it is only signed.")
    ended = DayField(label="Ended on", required=False, help_text="Such as 30.06.27.")
    source = Checked(one_line(300), required=False, label="Source", help_text="Where this is written.")
    comment = Checked(
        lines, required=False, label="Comment", widget=forms.Textarea({"class": "form-control", "rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        in_force, ended = found.get("in_force"), found.get("ended")
        if in_force and ended and ended < in_force:
            self.add_error("ended", "It does not end before it is in force.")
        if not (found.get("signed") or in_force or self.errors):
            self.add_error("signed", "Say when it was signed, or from when it is in force.")
        return found

    @property
    def says(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("signed", "in_force", "ended", "source", "comment")}


class ArrangementForm(SaidOfArrangement):
    """What is known of an arrangement between two Members. ``plurilaterals``: those of which it may be a pair, for who
    may say so."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    party_a = choose("First party", [], "Choose a Member.")
    party_b = choose("Second party", [], "Choose a Member.")
    field_order = ("token", "party_a", "party_b")

    def __init__(
        self,
        *args: Any,
        members: list[tuple[str, str]],
        plurilaterals: Mapping[str, Plurilateral],
        locked: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.plurilaterals = plurilaterals
        for name in ("party_a", "party_b"):
            self.fields[name].choices = [("", "Choose one"), *members]  # type: ignore[attr-defined]
            self.fields[name].disabled = locked
        if plurilaterals:
            self.fields["plurilateral"] = forms.ChoiceField(
                label="A pair of",
                required=False,
                choices=[("", "None: it is between these two alone"), *((key, key) for key in plurilaterals)],
                help_text="Where it is one pair of an arrangement of more than two Members.",
                error_messages={"invalid_choice": "Choose one of them, or none."},
            )
            self.style()

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        a, b = found.get("party_a"), found.get("party_b")
        if a and a == b:
            self.add_error("party_b", "An arrangement is between two different Members.")
        return found

    def record(self, organisations: Mapping[str, Organisation]) -> ArrangementRecord:
        found = self.cleaned_data
        parties = (organisations[found["party_a"]], organisations[found["party_b"]])
        version = ArrangementVersion(**self.says)
        if "plurilateral" in found:
            version.plurilateral = self.plurilaterals.get(found["plurilateral"])
        return ArrangementRecord(parties, version, keeps_plurilateral="plurilateral" not in found)


class PlurilateralForm(SaidOfArrangement):
    """An arrangement of more than two Members, which is recorded as its pairs."""

    name = Checked(one_line(200), label="Name", help_text="As the text calls it.")
    parties = forms.MultipleChoiceField(
        label="Members",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": TOO_FEW, "invalid_choice": "Choose Members of the list."},
    )
    field_order = ("name", "parties")

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parties"].choices = members  # type: ignore[attr-defined]
