"""What all forms share: the look of the fields, refusals of an action."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict

LOOK: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.Select: "form-select",
    forms.HiddenInput: "",
}


class PlainForm(forms.Form):
    """A form in the product's look. The browser checks nothing, so that every refusal is one of our sentences."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.style()

    def style(self) -> None:
        for field in self.fields.values():
            look = next((look for kind, look in LOOK.items() if isinstance(field.widget, kind)), "form-control")
            field.widget.attrs.setdefault("class", look)

    def say_nothing(self) -> None:
        """Keeps what was typed, and finds no fault with it yet."""
        self._errors = ErrorDict()

    def refused(self, error: ValidationError) -> None:
        """Shows why an action refused: at the field that it names, else on top."""
        found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, messages in found.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


class Refusal(PlainForm):
    """Carries the sentences of an action that refused a button, for the summary on top."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__({})
        self.refused(error)
