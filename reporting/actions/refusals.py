"""How an action refuses: ValidationError where something is not allowed or wrong, Stale where somebody was faster."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from members import refusals
from reporting.models import Answer
from reporting.rules import Verdict


class Stale(refusals.Stale):
    """Somebody else changed it meanwhile. ``newest``: what it says now, where one answer is concerned."""

    def __init__(self, sentence: str, newest: Answer | None = None) -> None:
        super().__init__(sentence)
        self.newest = newest


def check(verdict: Verdict) -> None:
    if not verdict.allowed:
        raise ValidationError(verdict.reason)


class Contested(ValidationError):
    """What would be accepted is what the Member says that it did not say. ``answers``: those of them."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        super().__init__([contested_words(answer) for answer in answers])
        self.answers = answers


def contested_words(answer: Answer) -> str:
    return f"{answer.organisation.name} says that it did not say this, so it cannot be accepted."
