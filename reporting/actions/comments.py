"""Comments on answers, seen by the Member or only inside (domain.md, "The workflow", 4)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import Organisation, User
from reporting import mails
from reporting.models import AnswerComment, Submission
from reporting.threads import thread_of

from .entry import held


@transaction.atomic
def comment_on_answer(
    *,
    submission: Submission,
    kpi: int,
    plan_year: int | None,
    text: str,
    internal: bool,
    organisation: str,
    by: User,
    now: datetime,
) -> AnswerComment:
    """Keeps a comment for good. ``organisation``: the code of whom the person writes for; a Member's people get a mail
    about what others write, once. ``internal``: nobody but the secretariat hears of it. The same words once more, as of
    a second click, are the same comment. Raises ValidationError."""
    if not text.strip():
        raise ValidationError({"text": "Write something."})
    submission, _ = held(submission)
    place = {"submission": submission, "kpi_id": kpi, "plan_year": plan_year}
    says = {"text": text.strip(), "internal": internal, "by": by}
    last = AnswerComment.objects.filter(**place).last()
    if last is not None and all(getattr(last, name) == value for name, value in says.items()):
        return last
    whose = Organisation.objects.get(code=organisation)
    made = AnswerComment.objects.create(**place, **says, organisation=whose, at=now)
    changes = {"comment": (None, made.text), "internal": (None, internal)}
    sent = thread_of(submission, kpi, plan_year).sent
    only_for = "" if sent else submission.organisation.code  # what is said over a draft is as private as the draft
    record(by=by, action=AuditAction.CREATED, obj=made, changes=changes, only_for=only_for)
    if not internal and whose.pk != submission.organisation_id:
        mails.commented(made, now)
    return made
