"""Days as people type them: as the plan writes them, 30.06.27, with the whole year, or as files do, 2027-06-30."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

WITH_WHOLE_YEAR = ("%d.%m.%Y", "%Y-%m-%d")
"""For days of other centuries, which two digits do not say."""
ALL = ("%d.%m.%y", *WITH_WHOLE_YEAR)
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""What lies beyond is a slip of the finger, and databases do not reckon with all of it."""


def day_of(text: str, ways: Sequence[str] = ALL) -> date | None:
    """None where it is no day, or one of another age."""
    for way in ways:
        try:
            found = datetime.strptime(text, way).replace(tzinfo=UTC).date()
        except ValueError:
            continue  # perhaps it is written the next way
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


class DayField(forms.DateField):
    """Typed, because a browser's own picker shows days in its own language. ``ways``: how it may be written, and first
    how it is shown; ``years``: the first and the last that make sense."""

    default_error_messages: ClassVar = {"invalid": "Write day, month and year, such as 30.06.27."}

    def __init__(self, *, ways: Sequence[str] = ALL, years: tuple[int, int] = (1990, 2100), **kwargs: Any) -> None:
        widget = forms.DateInput(format=ways[0], attrs={"class": "form-control w-s", "autocomplete": "off"})
        super().__init__(input_formats=ways, **({"widget": widget} | kwargs))
        self.years = years

    def to_python(self, value: Any) -> Any:
        day = super().to_python(value)
        if day and not self.years[0] <= day.year <= self.years[1]:
            raise ValidationError("A day is from {} to {}.".format(*self.years))
        return day
