"""What is needed of the secretariat: decisions to take, rounds to open, those who are silent, mails that did not go."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from members.models import OutgoingMail
from members.numbers import counted
from members.permissions import may
from reporting import rules
from reporting.choices import ActivityStatus, AnswerStatus, Decision, Likeness, MemberSays
from reporting.looking import Look
from reporting.models import (
    ActivityPart,
    Answer,
    Arrangement,
    ArrangementVersion,
    Confirmation,
    Narrative,
    Suspicion,
)
from reporting.moments import moment_words
from reporting.places import in_plan
from reporting.queries import registered_activities
from reporting.reminders import reach_words, silent_and_reached, uncorrected
from reporting.threads import written_by
from workplan.queries import readings_to_decide, visible_plans

from .blocks import Block, Line, Press, block, days

UNDECIDED, CONTESTED = "?state=undecided", "?state=contested"
HELD = f"{UNDECIDED}&status=held"
SOON = 14
"""So many days before it opens or closes a round is told of."""


def for_secretariat(look: Look) -> Iterator[Block]:
    if not may(look.user, "submission.accept_answer"):
        return
    yield from to_decide(look)
    yield from contested(look)
    yield from overdue(look)
    yield from rounds(look)
    waits = counts(look)
    yield from of_register(look, waits)
    yield from of_words(look, waits)
    yield from readings(look, waits)
    yield from mails(waits)


# ---------------------------------------------------------------- answers


def to_decide(look: Look) -> Iterator[Block]:
    """The returns with answers that wait for a decision, the longest first; one query. What somebody entered or sent
    waits for a colleague."""
    rounds = {each.pk: each for each in look.occasion.rounds}
    answers = Answer.objects.filter(in_plan(look), state=AnswerStatus.SUBMITTED).order_by()
    others = ~written_by(look.user)
    rows = answers.values_list("round", "organisation__code", "organisation__name")
    found = list(
        rows.annotate(
            many=Count("pk", filter=others),
            kpis=Count("kpi", filter=others, distinct=True),
            first=Min("sent_at", filter=others),
            own=Count("pk", filter=~others),
        ).order_by("first", "organisation__name")
    )
    if not found:
        return
    plan, own = look.occasion.plan.code, sum(row[-1] for row in found)
    newest = max((rounds[row[0]] for row in found), key=lambda each: each.as_at)
    href = reverse("review_queue", args=[plan, newest.code])
    if own:
        wait = counted(own, "answer that you entered or sent waits", "answers that you entered or sent wait")
        yield block(Press.KNOW, f"{wait} for a colleague", [Line("Review", href)])
    found = [row for row in found if row[3]]
    if not found:
        return
    total, zone = sum(row[3] for row in found), look.time_zone
    today = look.occasion.now.astimezone(zone).date()
    lines = [
        Line(
            f"{name}: {counted(many, 'answer', 'answers')} on {counted(kpis, 'KPI', 'KPIs')}",
            reverse("review_member", args=[plan, rounds[pk].code, code]),
            f"{rounds[pk].title}. {waits_words((today - first.astimezone(zone).date()).days)}",
        )
        for pk, code, name, many, kpis, first, _ in found
    ]
    wait = counted(total, "answer waits", "answers wait")
    whose = counted(len(found), "return", "returns")
    yield block(Press.DECIDE, f"{wait} for your decision, in {whose}", lines, href=href)


def waits_words(number: int) -> str:
    return "Sent today." if number <= 0 else f"The first waits for {days(number)}."


def contested(look: Look) -> Iterator[Block]:
    """What was entered for a Member that says that this is not what it said, until it is returned; one query."""
    rounds = {each.pk: each for each in look.occasion.rounds}
    stands = (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED)
    said = Confirmation.objects.filter(kind=MemberSays.CONTESTED)  # few, so the search begins with them
    rows = Answer.objects.filter(in_plan(look), state__in=stands, pk__in=said.values("answer"))
    found = list(rows.select_related("organisation", "kpi", "confirmation").order_by("confirmation__made_at"))
    plan = look.occasion.plan.code
    lines = [
        Line(
            f"{each.organisation.name}, {each.kpi.code}: {each.confirmation.reason}",
            reverse("review_kpi", args=[plan, rounds[each.round_id].code, each.kpi.code]),
        )
        for each in found
    ]
    if lines:
        many = counted(len(lines), "answer entered for a Member is", "answers entered for Members are")
        yield block(Press.DECIDE, f"{many} not what they said", lines)


def overdue(look: Look) -> Iterator[Block]:
    """What was returned and not corrected by its day, by organisation; one query."""
    rounds = {each.pk: each for each in look.occasion.rounds}
    rows = uncorrected().filter(in_plan(look))
    columns = ("round", "organisation__code", "organisation__name", "correct_by")
    passed: dict[tuple[int, str, str], list[date]] = {}
    for pk, code, name, day in rows.order_by("correct_by", "organisation__name").values_list(*columns):
        if day and day < rules.day_in(rounds[pk].time_zone, look.occasion.now):
            passed.setdefault((pk, code, name), []).append(day)
    if not passed:
        return
    plan, total = look.occasion.plan.code, sum(map(len, passed.values()))
    lines = [
        Line(
            f"{name}: {counted(len(dates), 'answer', 'answers')}",
            reverse("review_member", args=[plan, rounds[pk].code, code]),
            f"{rounds[pk].title}. The first was due on {dates[0]:%d.%m.%y}.",
        )
        for (pk, code, name), dates in passed.items()
    ]
    many = counted(total, "returned answer was", "returned answers were")
    yield block(Press.OVERDUE, f"{many} not corrected in time", lines)


# ---------------------------------------------------------------- rounds


def rounds(look: Look) -> Iterator[Block]:
    """What opens and closes soon, and who has sent nothing in what is open; one query."""
    now, plan = look.occasion.now, look.occasion.plan.code
    opened = [each for each in look.occasion.rounds if each.state(now) == "open"]
    reached = silent_and_reached(opened) if opened and may(look.user, "reminder.send") else {}
    for each in look.occasion.rounds:
        if each in opened:
            yield from collecting(look, each, reached.get(each.pk, 0))
        elif each.state(now) == "planned" and each.opens_at and (each.opens_at - now).days < SOON:
            when = moment_words(each.opens_at, each.time_zone, look.time_zone)
            late = "should have been opened" if each.opens_at <= now else "is to be opened"
            press = Press.OVERDUE if each.opens_at <= now else Press.ROUND
            line = Line("Look at the round", reverse("board", args=[plan, each.code]), f"Opening: {when}.")
            yield block(press, f"{each.title} {late}", [line])


def collecting(look: Look, collection: Any, reached: int) -> Iterator[Block]:
    asked, answered = look.returns[collection.pk]
    plan = look.occasion.plan.code
    ends = collection.closes_at
    whole = (ends - look.occasion.now).days if ends else None
    when = (
        f"Closing: {moment_words(ends, collection.time_zone, look.time_zone)}." if ends else "It has no closing moment."
    )
    lines = [Line("Who has sent", reverse("board", args=[plan, collection.code]), when)]
    if asked > answered and may(look.user, "reminder.send"):
        many = counted(asked - answered, "organisation has", "organisations have")
        href = reverse("reminders", args=[plan, collection.code])
        lines.append(Line(f"Remind them: {many} sent nothing", href, reach_words(reached, asked - answered - reached)))
    soon = whole is not None and whole < SOON
    left = f", {days(whole) if whole else 'less than a day'} left" if whole is not None else ""
    heading = f"{collection.title}: {answered} of {asked} have sent something{left}"
    yield block(Press.ROUND if soon or asked > answered else Press.KNOW, heading, lines)


# ---------------------------------------------------------------- the register, words, readings, mails


def counts(look: Look) -> Any:
    """How many of several things wait, on the plan's row; one query."""
    plan = look.occasion.plan

    def many(rows: QuerySet[Any]) -> Coalesce:
        one = rows.order_by().annotate(all=Value(1)).values("all").annotate(many=Count("pk")).values("many")
        return Coalesce(Subquery(one), 0)

    undecided = Q(decision=Decision.UNDECIDED, reported=True)
    activities = registered_activities(plan).prefetch_related(None)
    contested = ActivityPart.objects.filter(version=OuterRef("pk"), contested=True)
    unconfirmed = readings_to_decide(plan, look.occasion.as_of).filter(confirmed_at=None)
    collected = [each.pk for each in look.occasion.rounds]
    return (
        visible_plans()
        .annotate(
            activities=many(activities.filter(undecided, status=ActivityStatus.HELD)),
            parts=many(activities.filter(Exists(contested))),
            arrangements=many(ArrangementVersion.objects.filter(undecided)),
            pairs=many(Suspicion.objects.filter(ruling=Likeness.OPEN)),
            sides=many(Arrangement.objects.filter(contested=True)),
            narratives=many(Narrative.objects.filter(round__in=collected, approved_at=None).exclude(text="")),
            readings=many(unconfirmed),
            failed=many(OutgoingMail.objects.filter(sent_at=None, claimed_at=None).exclude(last_error="")),
            doubtful=many(OutgoingMail.objects.filter(sent_at=None, claimed_at__isnull=False).exclude(last_error="")),
        )
        .get(pk=plan.pk)
    )


def of_register(look: Look, waits: Any) -> Iterator[Block]:
    here, pairs = (reverse(name, args=[look.occasion.plan.code]) for name in ("register", "arrangements"))
    found = (
        (
            waits.activities,
            ("activity was held and is", "activities were held and are"),
            "not decided yet",
            here + HELD,
        ),
        (waits.arrangements, ("arrangement is", "arrangements are"), "not decided yet", pairs + UNDECIDED),
        (waits.parts, ("activity is", "activities are"), "contested: settle it", here + CONTESTED),
        (
            waits.pairs,
            ("pair of records", "pairs of records"),
            "may be one event: say whether",
            reverse("activity_pairs", args=[look.occasion.plan.code]),
        ),
        (waits.sides, ("arrangement is", "arrangements are"), "contested: settle it", pairs + CONTESTED),
    )
    lines = [Line(f"{counted(many, *words)} {what}", where) for many, words, what, where in found if many]
    total = sum(many for many, *_ in found)
    if total:
        yield block(Press.REGISTER, f"{counted(total, 'record waits', 'records wait')} in the register", lines)


def of_words(look: Look, waits: Any) -> Iterator[Block]:
    opened = [each for each in look.occasion.rounds if each.opened_at]
    if waits.narratives and opened:
        many = counted(waits.narratives, "narrative waits", "narratives wait")
        href = reverse("round_words", args=[look.occasion.plan.code, opened[-1].code])
        yield block(Press.WRITE, f"{many} for approval", [Line(f"Comments and narratives of {opened[-1].title}", href)])


def readings(look: Look, waits: Any) -> Iterator[Block]:
    """How some KPIs are counted must be confirmed by a person."""
    if waits.readings:
        many = counted(waits.readings, "reading of a KPI is", "readings of KPIs are")
        href = reverse("readings", args=[look.occasion.plan.code])
        yield block(Press.WRITE, f"{many} not confirmed", [Line("Look at them, and confirm or change them", href)])


def mails(waits: Any) -> Iterator[Block]:
    lines = []
    if waits.failed:
        many = counted(waits.failed, "mail was", "mails were")
        lines.append(
            Line(f"{many} not taken by the mail server", "", "They wait, and go out by themselves when it does.")
        )
    if waits.doubtful:
        many = counted(waits.doubtful, "mail", "mails")
        note = "They are not sent again by themselves. Whoever runs the site sees them by deliver_mail --list."
        lines.append(Line(f"Nobody knows whether {many} arrived", "", note))
    if lines:
        yield block(Press.WRITE, "Some mail could not be delivered", lines)
