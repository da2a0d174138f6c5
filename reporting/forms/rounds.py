"""The forms of rounds: planned and changed by the secretariat, one organisation let in late."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from members.days import DayField
from members.models import Organisation
from reporting import validators
from reporting.models import Round, known_time_zone
from workplan.models import Kpi, Plan
from workplan.tree import PlanText

from .base import PlainForm
from .returns import Checked, lines

WRITTEN = "%d.%m.%y %H:%M"


def zones(*more: str) -> list[tuple[str, str]]:
    """Those in which the region's organisations work, and some more."""
    found = set(Organisation.objects.order_by().values_list("time_zone", flat=True)) | {"UTC", *more}
    return [(zone, zone) for zone in sorted(found)]


def moment_field(label: str, help_text: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=40,
        widget=forms.TextInput({"class": "form-control w-s", "autocomplete": "off"}),
        error_messages={"required": "Give a day and a time, such as 31.01.28 17:00."},
    )


def read(form: forms.Form, name: str, zone: str | None) -> datetime | None:
    """The moment that a field says in a time zone; what is wrong with it is shown there."""
    text = str(form.cleaned_data.get(name) or "").strip()
    if not (text and zone):
        return None
    try:
        return validators.local_moment(text, ZoneInfo(zone))
    except ValidationError as error:
        form.add_error(name, error)
        return None


class RoundForm(PlainForm):
    """A round as it is planned. ``moments`` and ``chosen`` are what the action needs."""

    code = Checked(
        validators.round_code,
        label="Code",
        help_text="It stands in addresses and files, such as interim-2027. It cannot be changed later.",
        widget=forms.TextInput({"class": "form-control w-s"}),
    )
    title = Checked(validators.round_title, label="Title", help_text="Such as Interim at 30.06.27.")
    as_at = DayField(
        label="As-at date",
        help_text="The day whose progress is asked for, such as 30.06.27.",
        error_messages={"required": "Give the as-at date, such as 30.06.27."},
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="In which the moments below are meant. Everybody also sees them in their own.",
        error_messages={"invalid_choice": "Choose one of the time zones."},
    )
    opens_at = moment_field("Planned opening", "Such as 01.07.27 09:00. You open the round yourself.")
    closes_at = moment_field(
        "Closing", "Such as 31.01.28 17:00; 24:00 is the end of the day. The round closes by itself."
    )
    kpis = forms.MultipleChoiceField(
        label="KPIs that are asked",
        required=False,
        help_text="Tick none to ask all.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "%(value)s is no KPI of this plan."},
    )
    edits = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, plan: PlanText, *args: Any, locked: Iterable[str] = (), zone: str = "", **kwargs: Any) -> None:
        """``zone``: the reader's own, to choose beside the round's."""
        super().__init__(*args, **kwargs)
        self.plan = plan
        offered = filter(None, (zone, self.initial["time_zone"]))
        self.fields["time_zone"].choices = zones(*offered)  # type: ignore[attr-defined]
        self.fields["kpis"].choices = [  # type: ignore[attr-defined]
            (f"{area.code} {area.title}", [(kpi.code, f"{kpi.code} {kpi.text}") for kpi in area.kpis])
            for area in plan.focus_areas
        ]
        for name in locked:
            self.fields[name].disabled = True
        for name, sentence in (("code", "Give a code."), ("title", "Give a title.")):
            self.fields[name].error_messages["required"] = sentence

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name, sentence in (("code", "Give a code, such as interim-2027."), ("title", "Give a title.")):
            if name not in self.errors and not found.get(name):
                self.add_error(name, sentence)
        first, last, day = self.plan.baseline_date, self.plan.deliverable_date, found.get("as_at")
        if day and not first <= day <= last:
            self.add_error("as_at", f"A round of this plan is as at a day from {first:%d.%m.%y} to {last:%d.%m.%y}.")
        zone = found.get("time_zone")
        opens, closes = read(self, "opens_at", zone), read(self, "closes_at", zone)
        if opens and closes and closes <= opens:
            self.add_error("closes_at", "A round closes after it opens.")
        return found | {"opens_at": opens, "closes_at": closes}

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The KPIs by focus area, and which are ticked."""
        ticked = set(self["kpis"].value() or [])
        found = []
        for name, choices in self.fields["kpis"].choices:  # type: ignore[attr-defined]
            each = [{"value": value, "text": text, "ticked": value in ticked} for value, text in choices]
            found.append({"name": name, "choices": each, "ticked": sum(one["ticked"] for one in each)})
        return found

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "as_at", "opens_at", "closes_at", "time_zone")}

    def beside(self, collection: Round) -> list[dict[str, str]]:
        """What is stored now beside what was typed, of each field in which they differ."""
        stored, typed = written(collection), {name: self[name].value() for name in self.fields}
        pairs = [
            {"label": str(self[name].label), "stored": in_words(stored[name]), "typed": in_words(typed[name])}
            for name, field in self.fields.items()
            if name != "edits" and not field.disabled
        ]
        return [pair for pair in pairs if pair["stored"] != pair["typed"]]

    def chosen(self, plan: Plan) -> list[Kpi]:
        """The KPIs that are ticked; none of them where all are, as that means the same."""
        codes = self.cleaned_data["kpis"]
        found = list(Kpi.objects.filter(plan=plan, code__in=codes)) if codes else []
        return [] if len(found) == Kpi.objects.filter(plan=plan).count() else found


def written(collection: Round) -> dict[str, Any]:
    """A round as its form shows it."""
    zone = ZoneInfo(collection.time_zone)
    known_time_zone(collection.time_zone)
    moments = {name: getattr(collection, name) for name in ("opens_at", "closes_at")}
    return {
        "code": collection.code,
        "title": collection.title,
        "as_at": collection.as_at,
        "time_zone": collection.time_zone,
        "kpis": list(collection.kpis.values_list("code", flat=True)),
        "edits": collection.edits,
        **{name: each and each.astimezone(zone).strftime(WRITTEN) for name, each in moments.items()},
    }


def in_words(value: Any) -> str:
    """What a field holds, for reading."""
    if isinstance(value, list):
        return ", ".join(sorted(value)) or "All"
    return value.strftime("%d.%m.%y") if isinstance(value, date) else str(value or "").strip() or "Not set"


class LateForm(PlainForm):
    """Until when one organisation is let in, and why."""

    reason = Checked(
        lines,
        label="Why it is let in late",
        help_text="Its people read this.",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )

    def __init__(self, zone: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        help_text = f"In {zone}, such as 15.02.28 17:00."
        self.fields = {"until": moment_field("Until", help_text, required=True), **self.fields}
        self.style()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        return found | {"until": read(self, "until", self.zone)} if "until" in found else found


class ConfirmForm(PlainForm):
    """Nothing to fill in: pressing the button says it all."""
