"""Who wrote into an answer: nobody decides on what they entered or sent (domain.md, "The workflow")."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError

from members.models import User
from reporting.choices import AnswerStatus
from reporting.models import Answer, AnswerWriter
from reporting.threads import written_by

from .bulk import BATCH, OWN_WORK


def keep_writers(*pairs: tuple[Answer | None, Answer], by: User | None) -> None:
    """``by`` wrote into the second of each pair, in the transaction that stores it. The first is the version that it
    was built on: its writers are also those of the second, unless it was accepted, so that somebody else has decided
    on their words already."""
    built = {before.pk: after.pk for before, after in pairs if before and before.state != AnswerStatus.ACCEPTED}
    rows = [(built[answer], person) for answer, person in writers_of(built)]
    if by is not None:
        rows += [(after.pk, by.pk) for _, after in pairs]
    found = [AnswerWriter(answer_id=answer, person_id=person) for answer, person in rows]
    AnswerWriter.objects.bulk_create(found, batch_size=BATCH, ignore_conflicts=True)


def writers_of(answers: Iterable[int]) -> Sequence[tuple[int, int]]:
    wanted = list(answers)
    return list(AnswerWriter.objects.filter(answer__in=wanted).values_list("answer", "person")) if wanted else []


def check_others_work(answers: Iterable[Answer], by: User | None) -> None:
    """Raises ValidationError where ``by`` wrote into one of these, or sent it."""
    if by and Answer.objects.filter(written_by(by), pk__in=[answer.pk for answer in answers]).exists():
        raise ValidationError(OWN_WORK)
