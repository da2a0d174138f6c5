"""What the secretariat types when it enters answers that came by e-mail, and what the Member says of them."""

from typing import Any

from django import forms

from members.days import DayField
from reporting.originals import KINDS, LARGEST

from .base import PlainForm
from .returns import Checked, lines

ACCEPTED = ",".join(f".{kind}" for kind in (*KINDS, "jpeg"))


class OriginalForm(PlainForm):
    """The file as it came, from whom and when."""

    file = forms.FileField(
        label="The original",
        help_text=f"The e-mail, or the file that came with it: {', '.join(KINDS)}, at most {LARGEST // 2**20} MB.",
        widget=forms.FileInput({"class": "form-control", "accept": ACCEPTED}),
        error_messages={
            "required": "Choose the file that came.",
            "empty": "This file is empty.",
            "missing": "Choose the file that came.",
            "invalid": "Choose the file that came.",
        },
    )
    received_from = Checked(
        lines,
        label="From whom",
        help_text="The name as it stands in the e-mail, such as J. Rabuka.",
        widget=forms.TextInput({"class": "form-control w-m", "autocomplete": "off", "maxlength": 120}),
    )
    received_on = DayField(label="Received on", error_messages={"required": "Give the day."})

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > LARGEST:
            raise forms.ValidationError("This file is larger than 10 MB.")
        return found

    def clean_received_from(self) -> str:
        name = " ".join(str(self.cleaned_data["received_from"]).split())
        if not name:
            raise forms.ValidationError("Say from whom it came.")
        if len(name) > 120:
            raise forms.ValidationError("A name has at most 120 characters.")
        return name


class ContestForm(PlainForm):
    """What is wrong with an answer that was entered on behalf of the Member."""

    reason = Checked(
        lines,
        label="What is wrong",
        help_text="The secretariat reads this beside the answer.",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )
