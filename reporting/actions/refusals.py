"""How an action refuses: ValidationError where something is not allowed or wrong, Stale where somebody was faster."""

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
