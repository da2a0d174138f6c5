"""The forms of the secretariat's decisions."""

from typing import Any

from django import forms

from members.days import DayField

from .base import PlainForm
from .returns import AnswerForm, Checked, lines


class ReturnForm(PlainForm):
    """Why an answer goes back, and until when it can be corrected."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = Checked(
        lines,
        label="What should be corrected, and why",
        help_text="The Member reads this, here and in the mail.",
        widget=forms.Textarea({"class": "form-control", "rows": 4}),
    )
    correct_by = DayField(label="Can be corrected until the end of", error_messages={"required": "Give a day."})


class RefuseForm(PlainForm):
    """Why a colleague's correction is refused."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = Checked(
        lines,
        label="Why the correction is refused",
        help_text="It stays among the versions of the answer, with your reason. The Member gets no mail.",
        widget=forms.Textarea({"class": "form-control", "rows": 4}),
    )


class CorrectionForm(AnswerForm):
    """An accepted answer as it should be, and why it is changed. "Not answered yet" corrects nothing."""

    last_choices = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = Checked(
            lines,
            label="Why it is corrected",
            help_text="The Member reads this beside the answer.",
            widget=forms.Textarea({"class": "form-control", "rows": 3}),
        )
        self.style()
