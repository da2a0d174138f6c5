"""The forms of comments, narratives and releases."""

from django import forms

from reporting import validators

from .base import PlainForm
from .returns import Checked, lines


class WordsForm(PlainForm):
    """A text; ``seen``: how often it had been changed when the person opened it."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = Checked(lines, required=False, label="Text", widget=forms.Textarea({"class": "form-control", "rows": 10}))


class ReleaseForm(PlainForm):
    """What a release is called. ``seen`` is the checksum of what the person saw."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    title = Checked(validators.round_title, label="Title", help_text="Such as Heads of Customs, May 2027.")
