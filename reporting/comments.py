"""What is written about answers, as far as somebody may read it (domain.md, "The workflow", 4)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from members.models import User
from members.permissions import may

from .models import Answer, AnswerComment, Round
from .threads import UNSENT

Place = tuple[int, int, int | None]
"""Submission, KPI, plan year: what one thread of comments is about."""
Talk = tuple[AnswerComment, ...]
"""The comments on one answer, the oldest first."""


def readable(user: User) -> QuerySet[AnswerComment]:
    """Of the comments on answers that the reader may see, those that they may read: what stays inside is read by the
    secretariat alone."""
    rows = AnswerComment.objects.annotate(by_name=F("by__name"), by_code=F("organisation__code"))
    return rows if may(user, "submission.comment_internal") else rows.filter(internal=False)


def by_thread(rows: Iterable[AnswerComment]) -> Mapping[Place, Talk]:
    found: dict[Place, list[AnswerComment]] = defaultdict(list)
    for each in rows:
        found[each.submission_id, each.kpi_id, each.plan_year].append(each)
    return {place: tuple(talk) for place, talk in found.items()}


def waits_for_reply(talk: Talk, answer: Answer) -> bool:
    """Is the last word the Member's own, and nothing was decided since."""
    if not talk or talk[-1].organisation_id != answer.organisation_id:
        return False
    return answer.decided_at is None or answer.decided_at < talk[-1].at


def counts(collection: Round, user: User) -> tuple[Counter[int], Counter[tuple[int, int]]]:
    """KPI -> how many comments the reader may read; (submission, KPI) -> how many threads wait for a
    reply; of answers that were sent. One query."""
    same = {name: OuterRef(name) for name in ("submission", "kpi")}
    year = Q(plan_year=OuterRef("plan_year")) | Q(plan_year__isnull=True)
    versions = Answer.objects.filter(year, **same).order_by()
    sent = versions.exclude(state__in=UNSENT)
    decided = versions.values("submission").annotate(last=Max("decided_at"))
    rows = readable(user).filter(Exists(sent), submission__round=collection)
    found = rows.annotate(decided=Subquery(decided.values("last"))).values_list(
        "submission", "kpi", "plan_year", "at", "decided", F("submission__organisation"), "organisation"
    )
    many: Counter[int] = Counter()
    last: dict[Place, bool] = {}
    for submission, kpi, year, at, ruled, whose, by in found:
        many[kpi] += 1
        last[submission, kpi, year] = whose == by and (ruled is None or ruled < at)
    return many, Counter((submission, kpi) for (submission, kpi, _), waits in last.items() if waits)
