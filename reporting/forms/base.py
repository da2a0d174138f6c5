"""What all forms share: the look of the fields, days as the plan writes them, refusals of an action."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict

from reporting.validators import FIRST_YEAR, LAST_YEAR

DAYS = ("%d.%m.%y", "%d.%m.%Y", "%Y-%m-%d")
LOOK: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.Select: "form-select",
    forms.HiddenInput: "",
}


class DayField(forms.DateField):
    """A day as the plan writes it, 30.06.27; typed, because a browser's own picker shows days in its own language."""

    default_error_messages: ClassVar = {"invalid": "Write day, month and year, such as 30.06.27."}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format=DAYS[0], attrs={"class": "form-control w-s", "autocomplete": "off"})
        super().__init__(input_formats=DAYS, **({"widget": widget} | kwargs))

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(f"A day is from {FIRST_YEAR} to {LAST_YEAR}.")
        return day


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
