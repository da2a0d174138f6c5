"""What somebody adds as evidence: a file or a link."""

from typing import Any

from django import forms

from reporting import validators
from reporting.evidence import EMPTY, KINDS, LARGEST, TOO_LARGE

from .base import PlainForm
from .register import one_line
from .returns import Checked, lines

ACCEPTED = ",".join(f".{kind}" for kind in (*KINDS, "jpeg"))
CHOOSE = "Choose a file, or give a link."


class EvidenceForm(PlainForm):
    """One piece at a time."""

    file = forms.FileField(
        label="A file", required=False,
        help_text=f"{', '.join(KINDS)}, at most {LARGEST // 2**20} MB, without macros.",
        widget=forms.FileInput({"class": "form-control", "accept": ACCEPTED}),
        error_messages={"empty": EMPTY, "missing": CHOOSE, "invalid": CHOOSE},
    )  # fmt: skip
    url = Checked(
        validators.link, required=False, label="Or a link",
        help_text="An address that begins with https:// or http://.",
        widget=forms.TextInput({"class": "form-control", "inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    title = Checked(
        one_line(200), required=False, label="What it is", help_text="Such as: Report of the workshop, signed.",
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found and found.size > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("file") and found.get("url"):
            self.add_error("url", "Give a file or a link, not both: add the other one afterwards.")
        if not self.errors and not (found.get("file") or found.get("url")):
            self.add_error("file", CHOOSE)
        return found


class RemovalForm(PlainForm):
    """Why a piece of evidence is removed."""

    reason = Checked(lines, label="Why", widget=forms.Textarea({"class": "form-control", "rows": 2}))
