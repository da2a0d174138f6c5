"""A workbook is chosen to be looked at."""

from django import forms
from django.core.exceptions import ValidationError

from members.imports.held import Held
from reporting.workbook.package import EMPTY, LARGEST, TOO_LARGE

from .base import PlainForm


class WorkbookForm(PlainForm):
    """``file`` becomes what is held of it."""

    file = forms.FileField(
        label="The workbook that you filled in",
        widget=forms.FileInput({"class": "form-control", "accept": ".xlsx"}),
        help_text="The file that you downloaded here, saved as an Excel workbook (.xlsx).",
        error_messages={"required": "Choose a file.", "empty": EMPTY},
    )

    def clean_file(self) -> Held:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(TOO_LARGE)
        return Held(file.read(), file.name)
