"""The rows of a file, run one after another. django-import-export takes all back where one is wrong; each row is
written by our own action, so the same rules hold as on a page, and the history knows of it. The preview is the same
run, taken back."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import RowResult
from tablib import Dataset

from .outcome import CHANGED, ERROR, NEW, UNCHANGED, Line, Preview
from .sheet import Layout, Problem, Row, folded, read

Changes = Mapping[str, tuple[Any, Any]]
"""Column -> from, to."""
TYPES = {
    NEW: RowResult.IMPORT_TYPE_NEW,
    CHANGED: RowResult.IMPORT_TYPE_UPDATE,
    UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    ERROR: RowResult.IMPORT_TYPE_ERROR,
}


def parsed(row: Row, parsers: Mapping[str, Callable[[str], Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """What a row says, and what of it cannot be read, by column; what is blank is not stated. A parser raises
    ValueError with a sentence."""
    says: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for column, parse in parsers.items():
        if text := row.get(column):
            try:
                says[column] = parse(text)
            except ValueError as error:
                faults[column] = str(error)
    return says, faults


def named(text: str, choices: Any) -> str:
    """One of an enumeration, by its value or in the words of a page. Raises ValueError."""
    found = {folded(name): each.value for each in choices for name in (each.label, each.value) if each.value}
    if folded(text) not in found:
        raise ValueError(f"There is no “{text[:60]}”. Accepted are {accepted(choices)}.")
    return str(found[folded(text)])


def accepted(choices: Any) -> str:
    return ", ".join(each.value for each in choices if each.value)


class Rows(Resource):
    """``seen``: a token of the data that the file is compared with. To be used within a transaction. Raises
    ValidationError where the file cannot be read."""

    layout: ClassVar[Layout]

    class Meta:
        instance_loader_class = BaseInstanceLoader

    def __init__(self, content: bytes, seen: str) -> None:
        super().__init__()
        self.seen, self.sheet = seen, read(content, self.layout)
        self.rows = sorted(self.sheet.rows, key=self.place)
        self.problems: dict[int, list[Problem]] = defaultdict(list)
        for problem in self.sheet.problems:
            self.problems[problem.row].append(problem)
        self.lines: list[Line] = []

    def place(self, row: Row) -> Any:
        """When its turn is."""
        return row.number

    def write(self, row: Row) -> tuple[bool, Changes]:
        """Does what a row says: was it there before, and what becomes what. Raises ValidationError by column."""
        raise NotImplementedError

    def name(self, row: Row) -> str:
        """How people call what the row is about."""
        return " ".join(filter(None, map(row.get, self.layout.key)))

    def label(self, column: str) -> str:
        return next(each.label for each in self.layout.fields if each.name == column)

    def words(self, column: str, value: Any) -> str:
        """A value as people say it."""
        if isinstance(value, date):
            return f"{value:%d.%m.%Y}"  # Members joined in the century before
        return "blank" if value in (None, "") else f"“{value}”"

    def preview(self) -> Preview:
        """What the file would do; nothing is stored."""
        return self.run(dry_run=True)

    def apply(self) -> Preview:
        """Does it, all or nothing. Raises ValidationError where a row is wrong."""
        done = self.run(dry_run=False)
        if done.problems:
            raise ValidationError(done.sentences)
        return done

    def run(self, *, dry_run: bool) -> Preview:
        data = Dataset(*([row.number] for row in self.rows), headers=["row"])
        self.import_data(data, dry_run=dry_run, use_transactions=True, raise_errors=False)
        return Preview(self.sheet, sorted(self.lines, key=lambda line: line.number), self.seen)

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        line = self.done(self.rows[kwargs["row_number"] - 1])
        self.lines.append(line)
        result = self.get_row_result_class()()
        result.import_type = TYPES[line.effect]
        result.errors = [self.get_error_result_class()(ValidationError(each.sentence)) for each in line.problems]
        return result

    def done(self, row: Row) -> Line:
        problems = self.problems[row.number]
        if any(each.column in self.layout.key for each in problems):  # about what it is says nothing more
            return self.refused(row, problems)
        try:
            if blank := [column for column in self.layout.key if not row.get(column)]:
                raise ValidationError(dict.fromkeys(blank, "It is blank, and must be stated."))
            with transaction.atomic():
                known, changes = self.write(row)
        except ValidationError as error:
            problems.extend(self.problems_of(row, error))
        if problems:
            return self.refused(row, problems)
        effect = (CHANGED if known else NEW) if changes else UNCHANGED
        return Line(row.number, self.name(row), effect, [*self.sentences(effect, changes)])

    def refused(self, row: Row, problems: list[Problem]) -> Line:
        return Line(row.number, self.name(row), ERROR, [*map(self.fault, problems)], problems)

    def fault(self, problem: Problem) -> str:
        column = problem.column
        return f"{self.label(column)}: {problem.sentence}" if column in self.layout.columns else problem.sentence

    def sentences(self, effect: str, changes: Changes) -> Iterator[str]:
        for column, (before, after) in changes.items():
            was = f"{self.words(column, before)} → " if effect == CHANGED else ""
            yield f"{self.label(column)}: {was}{self.words(column, after)}"

    def problems_of(self, row: Row, error: ValidationError) -> list[Problem]:
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [
            Problem(row.number, column if column in self.layout.columns else "", sentence)
            for column, sentences in found.items()
            for sentence in sentences
        ]
