"""The form of one answer: it asks what its KPI asks, and keeps whatever is typed."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms

from reporting import validators
from reporting.models import NOTHING_SAID, SAYS, Answer
from reporting.wording import Level, levels, number, unit_words
from workplan.choices import REGISTERS, Measure, Source, Standing
from workplan.tree import ReadingText

from .base import PlainForm

NOT_APPLICABLE = Standing.NOT_APPLICABLE.value
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
"""A number as the plan's language groups it: 1,250.50."""


class Checked(forms.CharField):
    """A text that one of the shared validators reads; blank is blank."""

    def __init__(self, check: Callable[[str], Any], *, blank: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check, self.blank = check, blank

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        return self.check(text) if text else self.blank


def figure(text: str) -> Decimal:
    """A number as people type it: with spaces or commas between the thousands, or without."""
    plain = re.sub(r"\s", "", text)
    return validators.figure(plain.replace(",", "") if GROUPED.fullmatch(plain) else plain, text)


def lines(text: str) -> str:
    """Browsers and scripts write the end of a line differently; what is the same shall be the same."""
    return validators.words(text.replace("\r\n", "\n"))


def amount(label: str, help_text: str = "") -> Checked:
    attributes = {"class": "form-control w-s", "inputmode": "decimal", "autocomplete": "off"}
    return Checked(figure, blank=None, label=label, help_text=help_text, widget=forms.TextInput(attributes))


def short(label: str, longest: int, help_text: str) -> Checked:
    """A text that may be left out."""
    check, widget = partial(validators.line, longest=longest), forms.TextInput({"class": "form-control"})
    return Checked(check, required=False, label=label, help_text=help_text, widget=widget)


def figure_words() -> dict[str, forms.Field]:
    """Where a figure comes from and how it is counted: what makes two figures comparable."""
    source, definition = validators.LONGEST_SOURCE, validators.LONGEST_DEFINITION
    return {
        "figure_source": short("Where the figure comes from", source, "Such as: statistics of the single window."),
        "figure_definition": short(
            "How it is counted, if not as asked above",
            definition,
            "Such as: without re-exports. When this changes, growth cannot be compared.",
        ),
    }


NOT_YET = ("", "Not answered yet")
"""The last radio button: without it a wrong click could not be taken back where no script runs."""


def choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    wrong = {"invalid_choice": "Choose one of the answers that are offered."}
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, required=False, error_messages=wrong
    )


class AnswerForm(PlainForm):
    """An answer to one KPI (for one plan year). ``says`` is what it says, for ``save_draft``; a draft may be
    unfinished, so nothing is required here. ``token``: what the person had before them. ``whose``: the organisation
    whose answer it is, where somebody else enters it."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    last_choices: tuple[tuple[str, str], ...] = (NOT_YET,)

    def __init__(self, reading: ReadingText, as_at: str, *args: Any, whose: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading, self.whose, self.whom = reading, whose, whose or "you"
        self.fields |= self.asked_fields(as_at)
        # Not marked as optional, as it is needed at times; blank is taken here, and refused where it is sent.
        self.fields["comment"] = Checked(
            lines,
            label="Comment",
            widget=forms.Textarea({"class": "form-control", "rows": 3}),
            help_text=f"What helps to understand the answer. Needed where it does not apply to {self.whom}: why.",
        )
        self.fields["evidence_url"] = Checked(
            validators.link,
            required=False,
            label="Link to evidence",
            widget=forms.TextInput({"class": "form-control", "inputmode": "url", "autocomplete": "off"}),
            help_text="An address that begins with https:// or http://.",
        )
        self.style()

    def asked_fields(self, as_at: str) -> dict[str, forms.Field]:
        reading, not_applicable = self.reading, (NOT_APPLICABLE, "Not applicable")
        if reading.source is Source.STATUS:
            return {"answer": self.choice([(each.value, each.label) for each in Standing])}
        if reading.source is Source.PARTICIPATION:
            return {"answer": self.choice([("yes", "Yes"), ("no", "No"), not_applicable])}
        if reading.source in REGISTERS:
            complete = ("complete", f"Yes, the register is complete up to {as_at}")
            return {"answer": self.choice([complete, not_applicable])}
        applies = f"This does not apply to {self.whose}" if self.whose else "This does not apply to us"
        not_for_us = forms.BooleanField(label=applies, required=False)
        if reading.measure is Measure.SHARE:
            fields = {"denominator": amount("How many in all"), "numerator": amount("Of these, how many as asked")}
        else:
            unit = unit_words(reading.measure, reading.unit)
            said = "Counted in" if reading.measure is Measure.SUM else "Unit"
            fields = {"value": amount("Figure", f"{said}: {unit}. Digits, with up to two decimals.")}
        return fields | {"not_applicable": not_for_us} | figure_words()

    @property
    def explains(self) -> bool:
        """Does it say where the figure comes from or how it is counted, rightly or not."""
        return any(self[name].value() or self[name].errors for name in validators.FIGURE_WORDS if name in self.fields)

    def choice(self, choices: list[tuple[str, str]]) -> forms.ChoiceField:
        return choice(f"The answer of {self.whose}" if self.whose else "Your answer", [*choices, *self.last_choices])

    @property
    def levels(self) -> list[Level]:
        """What each standing means for this KPI, where a standing is asked for."""
        if self.reading.source is not Source.STATUS:
            return []
        return levels(self.reading.counts_from, self.reading.guidance)

    @property
    def options(self) -> list[dict[str, Any]]:
        """The radio buttons, each with what it means; not every one needs that said."""
        meanings = iter(self.levels)
        return [{"button": each, "level": next(meanings, None)} for each in self["answer"]]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        above, below = found.get("numerator"), found.get("denominator")
        if above is not None and below is not None and above > below:
            self.add_error("numerator", f"{number(above)} is more than {number(below)}, the number in all.")
        stated = [name for name in ("value", "numerator", "denominator") if found.get(name) is not None]
        stated += [name for name in validators.FIGURE_WORDS if found.get(name)]
        if found.get("not_applicable") and stated:
            self.add_error("not_applicable", f"Either give the figure, or say that it does not apply to {self.whom}.")
        return found

    @property
    def says(self) -> dict[str, Any]:
        found = self.cleaned_data
        stated = {name: found[name] for name in SAYS if name in found}
        answer = NOT_APPLICABLE if found.get("not_applicable") else found.get("answer", "")
        return NOTHING_SAID | stated | chosen(answer)


def chosen(answer: str) -> dict[str, Any]:
    """What a radio button says."""
    if answer in ("yes", "no"):
        return {"participated": answer == "yes"}
    return {"register_complete": True} if answer == "complete" else {"standing": answer}


def typed(answer: Answer | None) -> Mapping[str, Any]:
    """What stands in the fields of an answer that is there."""
    if answer is None:
        return {}
    button = answer.standing
    if answer.participated is not None:
        button = "yes" if answer.participated else "no"
    elif answer.register_complete:
        button = "complete"
    figures = {name: getattr(answer, name) for name in ("value", "numerator", "denominator")}
    return {
        "answer": button,
        "not_applicable": answer.standing == NOT_APPLICABLE,
        "comment": answer.comment,
        "evidence_url": answer.evidence_url,
        "figure_source": answer.figure_source,
        "figure_definition": answer.figure_definition,
        **{name: plain(value) for name, value in figures.items()},
    }


def plain(value: Decimal | None) -> str:
    return "" if value is None else number(value)


class NoteForm(PlainForm):
    """What the approver asks the contributor to change."""

    note = Checked(
        lines,
        label="What should the contributor change?",
        widget=forms.Textarea({"class": "form-control", "rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="%s", **kwargs)
