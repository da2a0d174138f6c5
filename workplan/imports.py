"""A plan's structure from a file. django-import-export runs the rows and takes all back where one is wrong; each goes
into the draft of an amendment by our own action, so the history knows of it, and nothing is published. The preview is
the same run, taken back."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult
from tablib import Dataset

from members.imports.outcome import CHANGED, ERROR, NEW, UNCHANGED, Line, Preview
from members.imports.sheet import Layout, Problem, Row, Sheet, read
from members.models import Organisation, User

from .actions import Drafting
from .choices import PARENTS, BaselineOrigin, Kind, Measure, Part, Period, ReporterGroup, Source, Standing
from .models import Amendment
from .outline import OF_KIND, READING, Node, Outline, Says, differing, plain, said
from .words import value_words

TEXTS = ("text", "responsible", "target", "unit", "baseline_reason", "question", "guidance", "note")
CHOICES: dict[str, Any] = {
    "source": Source,
    "measure": Measure,
    "period": Period,
    "counts_from": Standing,
    "part": Part,
    "baseline_origin": BaselineOrigin,
    "reporter_group": ReporterGroup,
}
LAYOUT = Layout(
    sheet="Plan",
    columns=("kind", "code", "parent", "position", "retired", "co_coordinators", *TEXTS[:3], *READING),
    needed=("kind", "code"),
    key=("kind", "code"),
)
NEW_KPI: Says = {
    "counts_from": None, "part": None, "denominator": None, "baseline": None, "baseline_origin": "",
    "baseline_reason": "", "reporter_group": "members", "reporters": [], "guidance": "", "note": "",
    "decision_needed": False, "responsible": "", "target": "", "unit": "", "question": "",
}  # fmt: skip
"""What a new KPI says where its row does not: all Members are asked."""


class Wrong(Exception):
    """What is wrong with a row, by column."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults


# ---------------------------------------------------------------- what a row says


def kind_of(row: Row) -> Kind:
    text = row.get("kind").casefold().replace(" ", "_")
    if text not in set(Kind):
        raise Wrong({"kind": f"There is no kind “{row.get('kind')[:60]}”. Accepted are {', '.join(Kind)}."})
    return Kind(text)


def stated(row: Row, kind: Kind, organisations: dict[str, int]) -> Says:
    """What a row says; what is blank is not stated. Raises Wrong with all that cannot be read, or said of it."""
    says: Says = {}
    faults: dict[str, str] = {}
    for column in LAYOUT.columns[2:]:
        text = row.get(column)
        if text and column not in OF_KIND[kind]:
            faults[column] = f"This is not said of a {kind.noun}."
        elif text:
            try:
                says[column] = parse(column, text, organisations)
            except ValueError as error:
                faults[column] = str(error)
    if faults:
        raise Wrong(faults)
    return says


def parse(column: str, text: str, organisations: dict[str, int]) -> Any:
    """A cell as a change keeps it. Raises ValueError with a sentence."""
    if column in CHOICES:
        return choice(column, text)
    if column in ("reporters", "co_coordinators"):
        return codes(text, organisations)
    parsers: dict[str, Callable[[str], Any]] = {
        "position": number, "target_value": number, "baseline": number, "denominator": whole,
        "retired": yes_or_no, "decision_needed": yes_or_no,
    }  # fmt: skip
    return parsers.get(column, str)(text)


def choice(column: str, text: str) -> str:
    accepted = [each.value for each in CHOICES[column] if each.value]
    if text.casefold() not in accepted:
        raise ValueError(f"There is no {column} “{text[:60]}”. Accepted are {', '.join(accepted)}.")
    return text.casefold()


def codes(text: str, organisations: dict[str, int]) -> list[str]:
    found = [each.strip().upper() for each in text.split(";") if each.strip()]
    if missing := [each for each in found if each not in organisations]:
        raise ValueError(
            f"There is no organisation {', '.join(missing)[:60]}. Codes are separated by ; such as JPN;RILO."
        )
    return sorted(set(found), key=organisations.__getitem__)


def number(text: str) -> str:
    """1 and 1.00 are the same number."""
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text[:60]}” is no number. Write 28 or 4.5.") from error
    if not (found.is_finite() and abs(found) < 10**12):
        raise ValueError(f"“{text[:60]}” is no number that can be kept.")
    return str(plain(found))


def whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**6):
        raise ValueError(f"“{text[:60]}” is no whole number from 1 on.")
    return int(text)


def yes_or_no(text: str) -> bool:
    if text.casefold() not in ("yes", "no"):
        raise ValueError(f"“{text[:60]}” is neither yes nor no.")
    return text.casefold() == "yes"


# ---------------------------------------------------------------- all rows


class PlanResource(Resource):
    """Runs rows that were read and checked in form, from the whole to the part, so that a child may stand before its
    parent. ``lines``: what became of each."""

    class Meta:
        instance_loader_class = BaseInstanceLoader

    def __init__(self, rows: Iterable[Row], drafting: Drafting) -> None:
        super().__init__()
        self.rows, self.drafting = sorted(rows, key=depth), drafting
        pairs = Organisation.objects.order_by("position", "code").values_list("code", flat=True)
        self.organisations = {code: place for place, code in enumerate(pairs)}
        self.lines: list[Line] = []

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        line = self.done(self.rows[kwargs["row_number"] - 1])
        self.lines.append(line)
        result = self.get_row_result_class()()
        result.import_type = TYPES[line.effect]
        if line.problems:
            error = self.get_error_result_class()
            result.errors = [error(Wrong({each.column: each.sentence})) for each in line.problems]
        return result

    def done(self, row: Row) -> Line:
        name = f"{row.get('kind')} {row.get('code')}".strip()
        try:
            kind, code = kind_of(row), row.get("code")
            if not code:
                raise Wrong({"code": "It is blank, and must be stated."})
            before = self.drafting.outline.nodes.get((kind, code))
            says = stated(row, kind, self.organisations)
            if before and before.reading and says.get("source", before.reading.source) != before.reading.source:
                says = {"counts_from": None, "part": None} | says  # they belong to the source
            if before:
                self.drafting.change(kind, code, says)
            else:
                says = with_defaults(self.drafting.outline, kind, says)
                self.drafting.add(kind, code, says)
        except Wrong as wrong:
            return Line(row.number, name, ERROR, problems=list(problems(row, wrong.faults.items())))
        except ValidationError as error:
            return Line(row.number, name, ERROR, problems=list(problems(row, faults_of(error))))
        changes = in_words(before, says)
        return Line(row.number, name, (CHANGED if before else NEW) if changes else UNCHANGED, changes)


def depth(row: Row) -> tuple[int, int]:
    text = row.get("kind").casefold().replace(" ", "_")
    return (list(Kind).index(Kind(text)) if text in set(Kind) else 0), row.number


def with_defaults(outline: Outline, kind: Kind, says: Says) -> Says:
    """What a new element needs: it stands last where its row says no place. Raises Wrong."""
    if PARENTS[kind] and not says.get("parent"):
        raise Wrong({"parent": f"Say below which {' or '.join(each.noun for each in PARENTS[kind])} it stands."})
    needed = ("source", "measure", "period", "target_value") if kind is Kind.KPI else ()
    if missing := [name for name in needed if name not in says]:
        raise Wrong(dict.fromkeys(missing, "It is blank; a new KPI needs it."))
    above = outline.parent_of(Node(kind, "", says.get("parent", ""), Decimal(0)))
    there = outline.children(above) if above else outline.focus_areas
    last = max((each.position for each in there if each.kind is kind), default=Decimal(0))
    own: Says = {"text": "", "position": plain(last + 1), "retired": False}
    own |= NEW_KPI if kind is Kind.KPI else {}
    own |= {"co_coordinators": []} if kind is Kind.FOCUS_AREA else {}
    return own | says


TYPES = {
    NEW: RowResult.IMPORT_TYPE_NEW,
    CHANGED: RowResult.IMPORT_TYPE_UPDATE,
    UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    ERROR: RowResult.IMPORT_TYPE_ERROR,
}


def in_words(before: Node | None, says: Says) -> dict[str, tuple[Any, Any]]:
    was, becomes = differing(said(before) if before else {}, says)
    pairs = {name: (value_words(name, was.get(name)), value_words(name, value)) for name, value in becomes.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def faults_of(error: ValidationError) -> Iterator[tuple[str, str]]:
    found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    for column, messages in found.items():
        for message in messages:
            yield (column if column in LAYOUT.columns else ""), message


def problems(row: Row, faults: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    return (Problem(row.number, column, sentence) for column, sentence in faults)


# ---------------------------------------------------------------- the plan as such a file


def rows_of(outline: Outline) -> Iterator[list[Any]]:
    """A plan as rows of a file that, imported again, changes nothing; the header first."""
    yield list(LAYOUT.columns)
    for area in outline.focus_areas:
        for node in (area, *outline.descendants(area)):
            says = {"kind": node.kind.value, "code": node.code, **said(node)}
            yield [celled(says.get(column)) for column in LAYOUT.columns]


def celled(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return ";".join(value) if isinstance(value, list) else "" if value is None else str(value)


# ---------------------------------------------------------------- into a draft


def preview(content: bytes, *, amendment: Amendment, by: User) -> Preview:
    """What the file would change in the draft; nothing is stored. Raises ValidationError where it cannot be read, or
    the draft is none any more."""
    with transaction.atomic():
        found = run(read(content, LAYOUT), amendment, amendment.edits, by)
        transaction.set_rollback(True)
    found.seen = str(amendment.edits)
    return found


@transaction.atomic
def apply(content: bytes, *, amendment: Amendment, seen: int, by: User) -> Preview:
    """Puts into the draft what the preview showed, all or nothing. ``seen``: the number of edits of the draft then.
    Raises Stale, and ValidationError where the file is not without fault."""
    done = run(read(content, LAYOUT), amendment, seen, by)
    if done.problems:
        raise ValidationError(done.sentences)
    return done


def run(sheet: Sheet, amendment: Amendment, seen: int, by: User) -> Preview:
    drafting = Drafting(amendment=amendment, seen=seen, by=by)
    resource = PlanResource(sheet.rows, drafting)
    data = Dataset(*([row.get("code")] for row in resource.rows), headers=["code"])
    resource.import_data(data, dry_run=False, use_transactions=False, raise_errors=False)
    by_number = {line.number: line for line in resource.lines}
    for problem in sheet.problems:
        line = by_number[problem.row]
        line.effect, line.changes = ERROR, {}
        line.problems.append(problem)
    drafting.keep()
    return Preview(sheet, sorted(resource.lines, key=lambda line: line.number))
