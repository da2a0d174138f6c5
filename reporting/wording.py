"""What an answer says, in a few words. The same words as in explanations, for answers of any state."""

from decimal import Decimal

from workplan.choices import Standing

from .models import Answer


def number(value: Decimal) -> str:
    """1,250 or 0.5: without zeros that say nothing."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def said(answer: Answer) -> str:
    if answer.standing:
        return Standing(answer.standing).label
    if answer.participated is not None:
        return "Yes" if answer.participated else "No"
    if answer.value is not None:
        return number(answer.value)
    if answer.numerator is not None or answer.denominator is not None:
        return " of ".join("?" if each is None else number(each) for each in (answer.numerator, answer.denominator))
    return "The register is complete" if answer.register_complete else "Nothing yet"
