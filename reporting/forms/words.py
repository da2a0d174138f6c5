"""The forms of comments, narratives and releases."""

from typing import Any

from django import forms

from reporting import validators

from .base import PlainForm
from .returns import Checked, lines


class WordsForm(PlainForm):
    """A text; ``seen``: how often it had been changed when the person opened it."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = Checked(lines, required=False, label="Text", widget=forms.Textarea({"class": "form-control", "rows": 10}))


class NamingForm(PlainForm):
    """Whether Members see each other by name. ``seen``: what held when the person opened the page."""

    seen = forms.ChoiceField(widget=forms.HiddenInput, choices=[("True", ""), ("False", "")])
    named = forms.ChoiceField(
        label="Members see each other",
        choices=[("True", "By name"), ("False", "Only as how many")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
    )
    reason = Checked(lines, label="Reason", widget=forms.Textarea({"class": "form-control", "rows": 2}))

    @property
    def says(self) -> dict[str, Any]:
        found = self.cleaned_data
        return {"named": found["named"] == "True", "seen": found["seen"] == "True", "reason": found["reason"]}


class ReleaseForm(PlainForm):
    """What a release is called. ``seen`` is the checksum of what the person saw."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    title = Checked(validators.round_title, label="Title", help_text="Such as Heads of Customs, May 2027.")
