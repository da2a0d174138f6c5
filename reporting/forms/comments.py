"""The form of a comment on an answer."""

from typing import Any

from django import forms

from .base import PlainForm
from .returns import Checked, lines

MEMBER, INSIDE = "member", "inside"


class CommentForm(PlainForm):
    """What somebody writes. ``inside``: the writer can keep it inside the secretariat, and must say who reads it;
    nothing is chosen beforehand, so that nothing is told by mistake."""

    text = Checked(lines, label="Your comment", widget=forms.Textarea({"class": "form-control", "rows": 3}))

    def __init__(self, *args: Any, inside: bool, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = "Write something."
        if inside:
            readers = [(MEMBER, f"{name} and the co-coordinators, too"), (INSIDE, "Only inside the secretariat")]
            self.fields["audience"] = forms.ChoiceField(
                label="Who reads it",
                choices=readers,
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose who reads it."),
            )
        self.style()

    @property
    def internal(self) -> bool:
        return self.cleaned_data.get("audience") == INSIDE
