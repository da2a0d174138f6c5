"""What a form carries of the answers that its reader had before them: id and token of each, such as 12:12.3.su. So
nobody sends or decides on what they did not see."""

from collections.abc import Iterable, Mapping

from .models import Answer
from .threads import token_of

Seen = Mapping[int, str]
"""Answer -> its token."""


def tokens(answers: Iterable[Answer]) -> dict[int, str]:
    return {answer.pk: token_of(answer) for answer in answers}


def written(answers: Iterable[Answer]) -> str:
    """For a field of a form."""
    return " ".join(f"{pk}:{token}" for pk, token in tokens(answers).items())


def parsed(text: str) -> dict[int, str]:
    """What such a field says; nonsense is something that nobody saw."""
    pairs = (part.partition(":") for part in text[:20_000].split())
    return {int(pk): token for pk, _, token in pairs if pk.isascii() and pk.isdigit() and len(pk) < 18}
