"""Every write on the plan: amendments are drafted and published, readings confirmed. Each is one transaction with its
audit entries, acts for ``by`` at the moment ``now``."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Model

from members.audit import made, natural_key_of, record, record_all
from members.choices import AuditAction
from members.models import InHistory, Organisation, User
from members.refusals import Stale

from . import drafted
from .choices import Kind
from .models import (
    Amendment,
    Change,
    Element,
    FocusArea,
    Kpi,
    Milestone,
    Objective,
    Plan,
    Reading,
    SpecificAction,
    Theme,
    Wording,
)
from .outline import READING, WORDS, Drafted, Node, Outline, Says, changed, differing, said, settles, with_fields
from .queries import Draft, draft_of, history_of
from .rules import hindrances, why_not_changed, why_not_confirmed, why_not_from, why_not_there, why_too_early
from .validators import check_added, check_parent, check_says, reading_row

DECIDED_BY_CONFIRMING = (
    "This reading waits for a decision. An administrator confirms it with a reason; nobody settles it without."
)
CHANGED = "This amendment or the plan was changed after you opened the page. Look at it again."
MODELS: dict[Kind, type[Element]] = {
    Kind.FOCUS_AREA: FocusArea,
    Kind.OBJECTIVE: Objective,
    Kind.SPECIFIC_ACTION: SpecificAction,
    Kind.THEME: Theme,
    Kind.MILESTONE: Milestone,
    Kind.KPI: Kpi,
}


def refuse(sentence: str) -> None:
    if sentence:
        raise ValidationError(sentence)


def record_as(
    label: str, *, by: User, action: AuditAction, obj: Model, changes: Mapping[str, tuple[Any, Any]], reason: str = ""
) -> None:
    """An entry whose headline says more of the object than its row does, such as the words beside a code."""
    what = getattr(obj, "in_history", None) or InHistory(natural_key_of(obj), "")
    record_all([made(by, action, obj._meta.label_lower, replace(what, label=label), changes, reason)])


def hold(plan: Plan) -> None:
    """One at a time changes a plan. (SQLite has one writer at a time.)"""
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)


def held(amendment: Amendment, seen: int) -> Amendment:
    """The draft, to be changed. ``seen``: the number of edits that the person saw. Raises Stale and ValidationError."""
    hold(amendment.plan)
    found = as_seen(amendment, seen)
    found.edits += 1
    return found


def as_seen(amendment: Amendment, seen: int) -> Amendment:
    found = Amendment.objects.select_related("plan").get(pk=amendment.pk)
    refuse(why_not_changed(found))
    if found.edits != seen:
        raise Stale(CHANGED)
    return found


# ---------------------------------------------------------------- a draft


@transaction.atomic
def begin_amendment(*, plan: Plan, title: str, valid_from: date, reason: str, by: User, now: datetime) -> Amendment:
    """An empty draft, valid from a day. Raises ValidationError."""
    hold(plan)
    refuse(why_not_from(plan, valid_from))
    last = Amendment.objects.filter(plan=plan).aggregate(Max("number"))["number__max"] or 0
    begun = Amendment(
        plan=plan, number=last + 1, title=title, valid_from=valid_from, reason=reason, begun_at=now, begun_by=by
    )
    begun.full_clean()
    begun.save(force_insert=True)
    changes = {"title": (None, title), "valid_from": (None, valid_from), "reason": (None, reason)}
    record(by=by, action=AuditAction.CREATED, obj=begun, changes=changes)
    return begun


@transaction.atomic
def edit_amendment(
    *, amendment: Amendment, seen: int, title: str, valid_from: date, reason: str, by: User, now: datetime
) -> None:
    """What a draft is called, from when on it is valid, and why. Raises Stale and ValidationError."""
    found = held(amendment, seen)
    if valid_from != found.valid_from:
        refuse(why_not_from(found.plan, valid_from))
    after = {"title": title, "valid_from": valid_from, "reason": reason}
    before = {name: getattr(found, name) for name in after}
    if before == after:
        return
    for name, value in after.items():
        setattr(found, name, value)
    draft = draft_of(found)
    refuse(next(filter(None, (why_not_there(draft, change) for change in draft.changes)), ""))
    found.full_clean(exclude=["plan"])
    found.save(update_fields=[*after, "edits"])
    changes = {name: (before[name], value) for name, value in after.items() if before[name] != value}
    record(by=by, action=AuditAction.CHANGED, obj=found, changes=changes)


class Drafting:
    """One or many changes of a draft, which is read and held once. To be used within a transaction; ``keep`` ends it.
    ``stores``: False only looks at what they would do, and holds nothing. Raises Stale and ValidationError."""

    def __init__(self, *, amendment: Amendment, seen: int, by: User, stores: bool = True) -> None:
        self.amendment, self.by, self.stores = (held if stores else as_seen)(amendment, seen), by, stores
        draft = draft_of(self.amendment)
        self.base, self.outline = draft.base, draft.outline
        self.draft = draft
        self.changes = {(Kind(each.kind), each.code): each for each in draft.changes}
        self.before: dict[tuple[Kind, str], Says] = {}
        self.after: dict[tuple[Kind, str], Says] = {}

    def change(self, kind: Kind, code: str, says: Says) -> Change | None:
        """What an element shall say, in some of its fields or all; nothing is kept where it says that already."""
        node = self.outline.nodes.get((kind, code))
        if node is None:
            raise ValidationError(f"{kind.label} {code} is not in this plan.")
        whole = with_fields(node, says)
        if (published := self.base.nodes.get(node.key)) and settles(published, whole):
            raise ValidationError({"decision_needed": DECIDED_BY_CONFIRMING})
        check_fits(self.outline, whole, said(node) | says)
        change = self.changes.get((kind, code))
        if not change:
            refuse(why_too_early(self.draft, kind, code))
        if change and change.adds:
            return self.put(change, {}, change.says | says)
        was, becomes = differing(said(self.base.nodes[kind, code]), (change.says if change else {}) | says)
        return self.put(change or Change(amendment=self.amendment, kind=kind, code=code), was, becomes)

    def add(self, kind: Kind, code: str, says: Says) -> Change:
        """A new element, from the day of the amendment on."""
        node = with_fields(Node(kind, code, says.get("parent", ""), Decimal(says["position"])), says)
        check_added(self.draft, self.outline, node, says)
        made = self.put(Change(amendment=self.amendment, kind=kind, code=code, adds=True), {}, says)
        assert made is not None  # noqa: S101 -- a new element says something
        return made

    def put(self, change: Change, was: Says, says: Says) -> Change | None:
        """Keeps a change of the draft; one that says nothing new is taken out."""
        key = (Kind(change.kind), change.code)
        before = change.says if key in self.changes else {}
        if before == says:
            return self.changes.get(key)
        self.before.setdefault(key, before)
        self.after[key] = says
        base = self.base.nodes.get(key)
        after = changed(base, Drafted(key[0], key[1], says, change.adds)) if says else base
        self.outline = self.outline.with_node(key, after)
        return self.store(change, key, was, says)

    def store(self, change: Change, key: tuple[Kind, str], was: Says, says: Says) -> Change | None:
        if not says:
            del self.changes[key]
            if self.stores:
                change.delete()
            return None
        change.was, change.says = was, says
        self.changes[key] = change
        if self.stores:
            change.save()
        return change

    def keep(self) -> None:
        """The draft has another edit, and the history one entry for all that was changed."""
        if worked_on := [key for key, says in self.after.items() if self.before[key] != says]:
            self.amendment.save(update_fields=["edits"])
            changes = {drafted.NAME: (None, list(map(self.told, worked_on)))}
            record(by=self.by, action=AuditAction.CHANGED, obj=self.amendment, changes=changes)

    def told(self, key: tuple[Kind, str]) -> drafted.Told:
        before, after = self.draft.outline.nodes.get(key), self.outline.nodes.get(key)
        return drafted.told(key, self.after[key], before, after)


@transaction.atomic
def change_element(*, amendment: Amendment, seen: int, kind: Kind, code: str, says: Says, by: User) -> Change | None:
    """What an element shall say, in some of its fields or all. Raises Stale and ValidationError."""
    drafting = Drafting(amendment=amendment, seen=seen, by=by)
    change = drafting.change(kind, code, says)
    drafting.keep()
    return change


@transaction.atomic
def add_element(*, amendment: Amendment, seen: int, kind: Kind, code: str, says: Says, by: User) -> Change:
    """A new element, from the day of the amendment on. Raises Stale and ValidationError."""
    drafting = Drafting(amendment=amendment, seen=seen, by=by)
    change = drafting.add(kind, code, says)
    drafting.keep()
    return change


def check_fits(outline: Outline, node: Node, says: Says) -> None:
    check_says(node.kind, says)
    check_parent(outline, node.kind, node.parent)


@transaction.atomic
def take_back(*, amendment: Amendment, seen: int, kind: Kind, code: str, by: User) -> None:
    """Takes a change out of the draft. What was added under an added element must go first. Raises Stale and
    ValidationError."""
    drafting = Drafting(amendment=amendment, seen=seen, by=by)
    change = drafting.changes.get((kind, code))
    if change is None:
        return
    if change.adds and (below := drafting.outline.has_below(drafting.outline.nodes[kind, code])):
        raise ValidationError(f"{below.kind.label} {below.code} stands under it. Take that away first.")
    drafting.put(change, {}, {})
    drafting.keep()


@transaction.atomic
def discard_amendment(*, amendment: Amendment, seen: int, by: User, now: datetime) -> None:
    """The draft is kept, and can no longer be changed or published. Raises Stale and ValidationError."""
    found = held(amendment, seen)
    found.discarded_at, found.discarded_by = now, by
    found.save(update_fields=["discarded_at", "discarded_by", "edits"])
    record(by=by, action=AuditAction.DISCARDED, obj=found, changes={"discarded_at": (None, now)})


# ---------------------------------------------------------------- publication


@transaction.atomic
def publish_amendment(*, amendment: Amendment, seen: int, by: User, now: datetime) -> Amendment:
    """The plan says and counts, from the amendment's day on, what the draft says. All or nothing. Raises Stale and
    ValidationError with every hindrance."""
    found = held(amendment, seen)
    draft = draft_of(found)
    if problems := list(hindrances(draft)):
        raise ValidationError(problems)
    for node in affected(draft):
        apply(draft, node, by)
    found.published_at, found.published_by = now, by
    found.save(update_fields=["published_at", "published_by", "edits"])
    others = Amendment.objects.filter(plan=found.plan, published_at=None, discarded_at=None)
    others.update(edits=F("edits") + 1)  # what they were seen to do, they did to a plan that is no longer so
    facts = {"published_at": (None, now), "valid_from": (None, found.valid_from)}
    record(by=by, action=AuditAction.PUBLISHED, obj=found, changes=facts, reason=found.reason)
    return found


def affected(draft: Draft) -> Iterable[Node]:
    """The elements that say something else with the amendment, from the whole to the part. What stands under a retired
    one is retired with it."""
    changed = {(Kind(each.kind), each.code) for each in draft.changes}
    for kind in Kind:
        for key, node in draft.outline.nodes.items():
            if key[0] is kind and key in changed | draft.gone:
                yield with_fields(node, {"retired": True}) if key in draft.gone else node


def apply(draft: Draft, node: Node, by: User) -> None:
    """Stores new versions of what an element says and of how it is counted, where these change."""
    before = draft.base.nodes.get(node.key)
    was, says = differing(said(before) if before else {}, said(node))
    element = MODELS[node.kind]._default_manager.get(pk=node.id) if node.id else create(draft, node)
    if set(says) & set(WORDS):
        word(draft, node, element)
    if set(says) & set(READING):
        count(draft, node, element)
    if isinstance(element, FocusArea) and "co_coordinators" in says:
        element.co_coordinators.set(Organisation.objects.filter(code__in=node.co_coordinators))
    changes = {name: (was.get(name), value) for name, value in says.items() if was.get(name) != value}
    action = AuditAction.CHANGED if before else AuditAction.CREATED
    record_as(node.called, by=by, action=action, obj=element, changes=changes, reason=draft.amendment.reason)


def create(draft: Draft, node: Node) -> Element:
    """The row of a new element, after all others of its kind."""
    model, plan = MODELS[node.kind], draft.amendment.plan
    position = (model._default_manager.filter(plan=plan).aggregate(Max("position"))["position__max"] or 0) + 1
    above = {each.kind.value: row_of(plan, each) for each in draft.outline.above(node)[-2:]}
    names = {field.name for field in model._meta.get_fields()}
    parents = {name: row for name, row in above.items() if name in names}
    made = model(plan=plan, code=node.code, position=position, **parents)
    made.full_clean()
    made.save(force_insert=True)
    return made


def row_of(plan: Plan, node: Node) -> Element:
    row: Element = MODELS[node.kind]._default_manager.get(plan=plan, code=node.code)
    return row


def word(draft: Draft, node: Node, element: Element) -> None:
    words = Wording(
        plan=draft.amendment.plan,
        text=node.text,
        responsible=node.responsible,
        target=node.target,
        parent=node.parent,
        position=node.position,
        retired=node.retired,
        **versioned(draft),
        **{node.kind.value: element},
    )
    words.full_clean()
    words.save(force_insert=True)


def count(draft: Draft, node: Node, element: Element) -> None:
    reading = reading_row(said(node), kpi=element, **versioned(draft))
    reading.full_clean()
    reading.save(force_insert=True)
    asked = node.reading.reporters if node.reading else ()
    reading.reporters.set(Organisation.objects.filter(code__in=asked))


def versioned(draft: Draft) -> Mapping[str, Any]:
    amendment = draft.amendment
    return {"valid_from": amendment.valid_from, "reason": amendment.reason, "amendment": amendment}


# ---------------------------------------------------------------- readings


@transaction.atomic
def confirm_reading(*, reading: Reading, why: str, by: User, now: datetime) -> Reading:
    """Somebody says that a KPI is to be counted as this reading proposes, and why (domain.md, "How a KPI is counted").
    Raises ValidationError."""
    hold(reading.kpi.plan)
    found = Reading.objects.select_related("kpi__plan").get(pk=reading.pk)
    refuse(why_not_confirmed(found))
    if not why.strip():
        raise ValidationError({"why": "Say why it is to be counted so."})
    found.confirmed_at, found.confirmed_by, found.confirmed_why = now, by, why.strip()
    found.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_why"])
    changes = {"confirmed_at": (None, now)}
    called = history_of(found.kpi.plan).outline(found.valid_from).nodes[Kind.KPI, found.kpi.code].called
    label = f"{called}, from {found.valid_from:%d.%m.%y}"
    record_as(label, by=by, action=AuditAction.CONFIRMED, obj=found, changes=changes, reason=found.confirmed_why)
    return found
