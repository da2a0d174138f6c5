"""The form by which the secretariat reminds those that a round waits for."""

from typing import Any

from django import forms
from django.http import QueryDict

from .base import PlainForm


class RemindForm(PlainForm):
    """``chosen``: organisation -> the token of what the person saw of it, for each that is ticked. ``once`` names this
    look at the page."""

    word = forms.CharField(
        label="Your own line",
        help_text="It stands in every mail, such as whom one calls. Press “Show the mails” to see it there.",
        required=False,
        max_length=500,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": "Your line has %(show_value)s letters; 500 are the most."},
    )
    once = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def chosen(self) -> dict[str, str]:
        ticked: list[Any] = self.data.getlist("chosen") if isinstance(self.data, QueryDict) else []
        return {code: token for code, _, token in (str(each).partition(".") for each in ticked)}
