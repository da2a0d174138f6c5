"""Where this reader does what is to be done about a finding; "" where that is for others."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

from members.permissions import Target, may
from reporting.inputs import Answer
from reporting.models import Round
from workplan.tree import KpiText

from .ground import Ground


def to(ground: Ground, name: str, *args: object, query: str = "") -> str:
    return reverse(name, args=[ground.look.occasion.plan.code, *args]) + query


def asked(**limits: str) -> str:
    """What a list is limited to, as its address says it."""
    return f"?{urlencode(limits)}"


def open_round(ground: Ground, kpi: KpiText) -> Round | None:
    """The round in which the KPI can be answered now."""
    now = ground.look.occasion.now
    return next((each for each in ground.look.occasion.rounds if each.state(now) == "open" and each.asks(kpi.id)), None)


def to_answer(ground: Ground, kpi: KpiText, code: str) -> str:
    """The form in which an organisation answers, for its own people while a round is open."""
    collection = open_round(ground, kpi)
    if collection is None or code not in ground.scope.own or not ground.scope.may("submission.edit", kpi, code):
        return ""
    asked = ground.look.organisations.asked(kpi.reading, collection.as_at)
    return to(ground, "return_kpi", collection.code, code, kpi.code) if code in asked else ""


def about_answer(ground: Ground, kpi: KpiText, code: str, answer: Answer) -> str:
    """Where an answer is sent back, answered anew, or talked about."""
    collection, year = ground.round_of(answer), f"?year={answer.year}" if answer.year else ""
    if ground.scope.may("submission.return_answer", kpi, code):
        return to(ground, "review_return", collection.code, code, kpi.code, query=year)
    form = to_answer(ground, kpi, code)
    if not form and ground.scope.may("submission.comment", kpi, code):
        return to(ground, "return_comments", collection.code, code, kpi.code, query=year)
    return form


def to_answers(ground: Ground, kpi: KpiText, rounds: Collection[str], **limits: str) -> str:
    """The list of what was answered on a KPI, for who sees the answers of others; of one round or of all."""
    if not ground.scope.sees_figure(kpi) or not may(ground.look.user, "submission.list"):
        return ""
    one = next(iter(rounds)) if len(rounds) == 1 else "all"
    return to(ground, "answers", query=asked(q=kpi.code, round=one, **limits))


def about_evidence(ground: Ground, kpi: KpiText, without: Collection[tuple[str, int | None]]) -> str:
    """The list of the answers that lack it; else the form of an organisation of the reader's that may add some.
    ``without``: whose answers, and for which plan year."""
    rounds = {
        ground.round_of(answer).code
        for answer in ground.known(kpi).answers
        if any((code, answer.year) in without for code in answer.organisations)
    }
    if found := to_answers(ground, kpi, rounds, evidence="without"):
        return found
    codes = sorted({code for code, _ in without} & ground.scope.own)
    forms = (to_answer(ground, kpi, code) for code in codes if ground.scope.may("evidence.upload", kpi, code))
    return next(filter(None, forms), "")


def about_silence(ground: Ground, kpi: KpiText, codes: frozenset[str]) -> str:
    """Where who is silent answers, or is reminded; else where the figure is opened."""
    own = codes & ground.scope.own
    if own and (form := to_answer(ground, kpi, min(own))):
        return form
    collection = open_round(ground, kpi)
    if collection and may(ground.look.user, "reminder.send"):
        return to(ground, "reminders", collection.code)
    return to_figure(ground, kpi)


def to_figure(ground: Ground, kpi: KpiText) -> str:
    """The page of the figure as it is looked at here, for who may see it so."""
    return to(ground, "kpi", kpi.code, query=ground.look.query()) if ground.scope.sees_figure(kpi) else ""


def of_record(ground: Ground, kind: str, record: int, ends: dict[str, str], own: frozenset[str]) -> str:
    """Where one acts on a record of the register. ``ends``: action -> the page for it, the first that the reader may
    do; else the record itself."""
    target = Target(organisations=own)
    for action, name in ends.items():
        if may(ground.look.user, action, target):
            return to(ground, name, record)
    return to(ground, kind, record) if may(ground.look.user, f"{kind}.list") else ""


def to_side(ground: Ground, records: Collection[tuple[int, frozenset[str]]]) -> str:
    """Where a party says of an arrangement of its own whether it is so, the first of several; for all others the list,
    of the two parties where it is one. ``records``: arrangements and their parties."""
    for record, parties in records:
        if may(ground.look.user, "arrangement.confirm_own_side", Target(organisations=parties)):
            return to(ground, "arrangement_side", record)
    if not may(ground.look.user, "arrangement.list"):
        return ""
    names = {" ".join(sorted(ground.names[code] for code in parties)) for _, parties in records}
    return to(ground, "arrangements", query=asked(q=names.pop()) if len(names) == 1 else "")
