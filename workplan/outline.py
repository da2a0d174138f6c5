"""A plan as its elements at a date: what each says and where it stands; and the plan as a draft would make it. Pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from textwrap import shorten
from typing import Any

from .agreement import differences
from .choices import (
    PARENTS,
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
    Standing,
)
from .tree import ActionText, FocusAreaText, KpiText, ObjectiveText, ReadingText

Says = dict[str, Any]
"""Fields of an element as a change keeps them: texts, numbers as texts, yes or no, lists of codes."""

LONGEST_CALLED = 70
"""Letters of an element's words in a menu or a headline."""


@dataclass(frozen=True)
class Node:
    """One element at a date. ``parent``: the code of the element that it stands under; ``id``: of its row, 0 for one
    that is only drafted; ``amendment``: the number of the one that these words came with, None: as adopted."""

    kind: Kind
    code: str
    parent: str
    position: Decimal
    id: int = 0
    text: str = ""
    responsible: str = ""
    target: str = ""
    retired: bool = False
    co_coordinators: tuple[str, ...] = ()
    reading: ReadingText | None = None
    valid_from: date | None = None
    amendment: int | None = None

    @property
    def key(self) -> tuple[Kind, str]:
        return self.kind, self.code

    @property
    def called(self) -> str:
        """1.1.1(b): Develop a National Risk Management Database…"""
        return f"{self.code}: {shorten(self.text, LONGEST_CALLED, placeholder='…')}" if self.text else self.code


@dataclass(frozen=True)
class Outline:
    """The elements of a plan at a date, by kind and code; retired ones among them."""

    nodes: Mapping[tuple[Kind, str], Node]

    @cached_property
    def under(self) -> Mapping[tuple[Kind, str], list[Node]]:
        """(kind, code) -> what stands directly under it and is not retired, in order."""
        found: dict[tuple[Kind, str], list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if not node.retired and (parent := self.parent_of(node)):
                found[parent.key].append(node)
        for nodes in found.values():
            nodes.sort(key=place)
        return found

    @cached_property
    def focus_areas(self) -> list[Node]:
        return sorted(
            (node for node in self.nodes.values() if node.kind is Kind.FOCUS_AREA and not node.retired), key=place
        )

    def parent_of(self, node: Node) -> Node | None:
        return next(
            (self.nodes[kind, node.parent] for kind in PARENTS[node.kind] if (kind, node.parent) in self.nodes), None
        )

    def has_below(self, node: Node) -> Node | None:
        """One that stands directly under it, a retired one too; None where nothing does."""
        return next((each for each in self.nodes.values() if self.parent_of(each) == node), None)

    def children(self, node: Node) -> list[Node]:
        return self.under.get(node.key, [])

    def descendants(self, node: Node) -> Iterator[Node]:
        for child in self.children(node):
            yield child
            yield from self.descendants(child)

    def siblings(self, node: Node) -> list[Node]:
        """Those that stand under the same element, itself among them."""
        parent = self.parent_of(node)
        return [each for each in self.children(parent) if each.kind is node.kind] if parent else self.focus_areas

    def above(self, node: Node) -> list[Node]:
        """What the element stands under, the focus area first."""
        parent = self.parent_of(node)
        return [*self.above(parent), parent] if parent else []

    @cached_property
    def in_force(self) -> frozenset[tuple[Kind, str]]:
        """What belongs to the plan: not retired, and standing under nothing that is."""
        whole = (each for area in self.focus_areas for each in (area, *self.descendants(area)))
        return frozenset(each.key for each in whole)

    def holds(self, key: tuple[Kind, str]) -> bool:
        """Whether an element is in force; for one alone that takes less than all that are."""
        node = self.nodes.get(key)
        line = [*self.above(node), node] if node else []
        return bool(line) and line[0].kind is Kind.FOCUS_AREA and not any(each.retired for each in line)

    def free_code(self, kind: Kind, under: Node | None) -> str:
        """The next free code there, as the plan writes them; "" where all are taken."""
        base = under.code if under else ""
        forms: dict[Kind, Callable[[int], str]] = {
            Kind.FOCUS_AREA: str,
            Kind.THEME: lambda n: f"{base}-{n}",
            Kind.MILESTONE: lambda n: f"{base}({chr(96 + n)})",
            Kind.KPI: lambda n: base if n == 1 else f"{base}.{n}",
        }
        make = forms.get(kind, lambda n: f"{base}.{n}")
        most = 9 if kind is Kind.KPI else 26
        return next((make(n) for n in range(1, most + 1) if (kind, make(n)) not in self.nodes), "")

    @cached_property
    def area_of(self) -> dict[str, Node]:
        """KPI -> the focus area that it stands in, of those in force."""
        return {
            each.code: area for area in self.focus_areas for each in self.descendants(area) if each.kind is Kind.KPI
        }

    @property
    def empty_headings(self) -> Iterator[Node]:
        """The headings in force that no KPI stands under."""
        for node in map(self.nodes.__getitem__, sorted(self.in_force)):
            if node.kind is not Kind.KPI and not any(each.kind is Kind.KPI for each in self.descendants(node)):
                yield node

    def with_changes(self, changes: Iterable["Drafted"]) -> "Outline":
        """The plan as these changes would make it."""
        found = dict(self.nodes)
        for change in changes:
            key = (change.kind, change.code)
            if after := changed(found.get(key), change):
                found[key] = after
        return Outline(found)

    def with_node(self, key: tuple[Kind, str], node: Node | None) -> "Outline":
        """With one element as given; None: without it."""
        found = dict(self.nodes)
        found.pop(key, None) if node is None else found.update({key: node})
        return Outline(found)

    # ------------------------------------------------------------ as text

    def texts(self) -> tuple[FocusAreaText, ...]:
        """The plan as pages and counting read it; headings without a KPI are left out."""
        found = (self.area_text(area) for area in self.focus_areas)
        return tuple(area for area in found if area.objectives)

    def area_text(self, area: Node) -> FocusAreaText:
        objectives = tuple(each for each in map(self.objective_text, self.children(area)) if each.actions)
        return FocusAreaText(area.code, area.text, area.co_coordinators, objectives)

    def objective_text(self, objective: Node) -> ObjectiveText:
        actions = tuple(each for each in map(self.action_text, self.children(objective)) if each.kpis)
        return ObjectiveText(objective.code, objective.text, actions)

    def action_text(self, action: Node) -> ActionText:
        return ActionText(action.code, action.text, tuple(self.kpi_texts(action)))

    def kpi_texts(self, action: Node) -> Iterator[KpiText]:
        for child in sorted(self.children(action), key=lambda each: each.kind is Kind.THEME):
            theme = child if child.kind is Kind.THEME else None
            for milestone in self.children(child) if theme else [child]:
                yield from (kpi_text(kpi, milestone, theme) for kpi in self.children(milestone) if kpi.reading)


@dataclass(frozen=True)
class Shift:
    """KPIs that go from one focus area to another: by how many KPIs each of them then counts, and counted before."""

    before: Node
    after: Node
    kpis: tuple[str, ...]
    count_before: tuple[int, int]
    count_after: tuple[int, int]


def shifts(before: Outline, after: Outline) -> list[Shift]:
    """Which KPIs another plan has in another focus area; those that one of the plans has not are told elsewhere."""
    moved: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kpi, area in before.area_of.items():
        if (other := after.area_of.get(kpi)) and other.code != area.code:
            moved[area.code, other.code].append(kpi)
    counts = [Counter(area.code for area in each.area_of.values()) for each in (before, after)]
    areas = {area.code: area for area in (*before.focus_areas, *after.focus_areas)}
    return [
        Shift(areas[a], areas[b], tuple(kpis), (counts[0][a], counts[1][a]), (counts[0][b], counts[1][b]))
        for (a, b), kpis in moved.items()
    ]


def changed(node: Node | None, change: "Drafted") -> Node | None:
    """The element as a change makes it. A change of what is not there says only some of its fields, so it makes
    nothing of that. Where a target comes to contradict its reading, that waits for a decision."""
    if node is None and not change.adds:
        return None
    after = with_fields(node or Node(change.kind, change.code, "", Decimal(0)), change.says)
    return undecided(after) if newly_contradicting(node, after) else after


def contradictions(node: Node) -> tuple[str, ...]:
    """In what the target of a KPI and its reading differ, in sentences."""
    return differences(node.target, node.reading) if node.reading else ()


def newly_contradicting(before: Node | None, node: Node) -> tuple[str, ...]:
    """The same, where that is another contradiction than there was."""
    told = contradictions(node)
    return () if node.retired or (before and told == contradictions(before)) else told


def undecided(node: Node) -> Node:
    return replace(node, reading=replace(node.reading, unconfirmed=True)) if node.reading else node


def place(node: Node) -> tuple[Decimal, str]:
    return node.position, node.code


def kpi_text(kpi: Node, milestone: Node, theme: Node | None) -> KpiText:
    assert kpi.reading is not None  # noqa: S101 -- asked for by the caller
    return KpiText(
        id=kpi.id,
        code=kpi.code,
        theme_number=theme_number(theme.code) if theme else None,
        theme=theme.text if theme else "",
        milestone_code=milestone.code,
        milestone=milestone.text,
        responsible=kpi.responsible,
        text=kpi.text,
        target=kpi.target,
        reading=kpi.reading,
        amendment=kpi.amendment,
    )


def theme_number(code: str) -> int:
    """1.1.3-12 -> 12"""
    return int(code.rpartition("-")[2])


# ---------------------------------------------------------------- what an element says, field by field


@dataclass(frozen=True)
class Drafted:
    """A change of one element, as an amendment keeps it."""

    kind: Kind
    code: str
    says: Says
    adds: bool = False


WORDS = ("text", "responsible", "target", "parent", "position", "retired", "co_coordinators")
"""What a wording says, and where its element stands."""
DECIDED = ("valid_from", "amendment", "unconfirmed", "confirmed_at", "confirmed_by", "confirmed_why")
"""Of a reading, what no change says."""
COUNTS = tuple(field.name for field in fields(ReadingText) if field.name not in (*DECIDED, "target"))
READING = ("target_value", *COUNTS, "decision_needed")
"""How a KPI is counted. The target's number is called so beside the wording's target text."""
OF_KIND: dict[Kind, tuple[str, ...]] = {
    kind: (
        "text",
        *(("responsible", "target") if kind is Kind.KPI else ()),
        *(("parent",) if PARENTS[kind] else ()),
        "position",
        "retired",
        *(("co_coordinators",) if kind is Kind.FOCUS_AREA else ()),
        *(READING if kind is Kind.KPI else ()),
    )
    for kind in Kind
}
"""What can be changed of each kind of element."""


def said(node: Node) -> Says:
    """An element as a change writes it."""
    found: Says = {name: plain(getattr(node, name)) for name in OF_KIND[node.kind] if name in WORDS}
    if node.reading:
        found |= {name: plain(getattr(node.reading, name)) for name in COUNTS}
        found |= {"target_value": plain(node.reading.target), "decision_needed": node.reading.unconfirmed}
    return found


def settles(before: Node, after: Node) -> bool:
    """Would a reading that waits for a decision wait no more, and nothing that it waited for was mended."""
    waits = [node.reading is not None and node.reading.unconfirmed for node in (before, after)]
    return waits == [True, False] and not contradictions(before)


def token_of(node: Node | None) -> str:
    """Changes with whatever an element says; "" of none."""
    return hashlib.sha256(repr(said(node)).encode()).hexdigest()[:16] if node else ""


def plain(value: Any) -> Any:
    """As JSON keeps it; a number without the zeros behind it, so that 1 and 1.00 are the same."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value


def with_fields(node: Node, says: Says) -> Node:
    """The element, saying these of its fields anew."""
    words = {name: says[name] for name in WORDS if name in says}
    if "position" in words:
        words["position"] = Decimal(words["position"])
    if "co_coordinators" in words:
        words["co_coordinators"] = tuple(words["co_coordinators"])
    counts = {name: says[name] for name in READING if name in says}
    if counts and node.kind is Kind.KPI:
        whole = (said(node) if node.reading else {}) | counts
        words["reading"] = reading_of(whole, node.reading.valid_from if node.reading else date.min)
    return replace(node, **words)


def reading_of(says: Says, valid_from: date) -> ReadingText:
    """A reading from its fields. Raises KeyError where one is missing, ValueError where one is none of its values."""
    return ReadingText(
        source=Source(says["source"]),
        measure=Measure(says["measure"]),
        period=Period(says["period"]),
        counts_from=Standing(says["counts_from"]) if says["counts_from"] else None,
        part=Part(says["part"]) if says["part"] else None,
        pair_from=PairFrom(says.get("pair_from") or ""),
        plurilateral=Plurilateral(says.get("plurilateral") or ""),
        target=Decimal(says["target_value"]),
        denominator=says["denominator"],
        unit=says["unit"],
        baseline=None if says["baseline"] is None else Decimal(says["baseline"]),
        baseline_origin=BaselineOrigin(says["baseline_origin"]),
        baseline_reason=says["baseline_reason"],
        reporter_group=ReporterGroup(says["reporter_group"]),
        reporters=tuple(says["reporters"]),
        question=says["question"],
        guidance=says["guidance"],
        note=says["note"],
        valid_from=valid_from,
        unconfirmed=says["decision_needed"],
        confirmed_at=None,
        confirmed_by="",
    )


def differing(before: Says, after: Says) -> tuple[Says, Says]:
    """What changes: the fields as they were, and as they become."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names if name in before}, {name: after[name] for name in names}
