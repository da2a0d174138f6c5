"""What is needed of those who recorded or organise something: the activities of theirs in the register."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from members.choices import Scope
from members.numbers import counted
from members.permissions import grants
from reporting.choices import ActivityStatus, Decision
from reporting.looking import Look
from reporting.models import ActivityPart, ActivityVersion

from .blocks import Block, Line, Press, block


def for_register(look: Look) -> Iterator[Block]:
    """Of the activities that the reader's organisation recorded or organises, the latest first; one query, of plain
    rows, as all of them are counted. What somebody contests of one is a question to them until it is settled."""
    codes = [code for scope, code in grants(look.user, "activity.edit") if scope is Scope.OWN]
    if not codes:
        return
    by = ActivityPart.objects.filter(version=OuterRef("pk"), organises=True, organisation__code__in=codes)
    contested = ActivityPart.objects.filter(version=OuterRef("pk"), contested=True)
    today = look.occasion.now.astimezone(look.time_zone).date()
    passed = Q(status=ActivityStatus.PLANNED, day__lt=today)
    own = ActivityVersion.objects.filter(Exists(by) | Q(activity__recorded_by__code__in=codes), reported=True)
    own = own.annotate(contested=Exists(contested)).filter(passed | Q(contested=True) | Q(decision=Decision.UNDECIDED))
    columns = ("activity", "title", "day", "status", "decision", "contested")
    found = list(own.order_by("-day", "title").values_list(*columns, named=True))
    over = [each for each in found if each.status == ActivityStatus.PLANNED and each.day < today]
    yield from told(
        look,
        Press.REGISTER,
        over,
        ("planned activity has passed: was it held?", "planned activities have passed: were they held?"),
        "activity_edit",
        "",
    )
    disputed = [each for each in found if each.contested]
    yield from told(
        look,
        Press.REGISTER,
        disputed,
        ("activity of yours is contested", "activities of yours are contested"),
        "activity",
        "?state=contested&ours=1",
    )
    waiting = [each for each in found if each.decision == Decision.UNDECIDED and each not in over]
    yield from told(
        look,
        Press.KNOW,
        waiting,
        ("activity of yours waits for the secretariat", "activities of yours wait for the secretariat"),
        "activity",
        "?state=undecided&ours=1",
    )


def told(
    look: Look, press: Press, found: Sequence[Any], words: tuple[str, str], name: str, everything: str
) -> Iterator[Block]:
    if found:
        plan = look.occasion.plan.code
        lines = [Line(each.title, reverse(name, args=[plan, each.activity]), f"{each.day:%d.%m.%y}") for each in found]
        href = reverse("register", args=[plan]) + everything if everything else ""
        yield block(press, counted(len(found), *words), lines, href=href)
