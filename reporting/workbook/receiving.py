"""A workbook that came back, as a whole: is it of this return, and what would all of it do."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from django.core.exceptions import ValidationError

from members.models import Organisation, User
from reporting import rules
from reporting.looking import Missing
from reporting.models import Original, Round, Submission
from reporting.returns import Item, Return, items_of, open_return
from reporting.rules import Verdict
from reporting.threads import Thread

from .activity_rows import Activities
from .answer_rows import Ground, Question, compare_answers
from .arrangement_rows import Arrangements
from .comparing import AMENDED, MISSING, NO_COLUMN, Compared, Line
from .layout import Part, Stamp
from .opening import looked_at, nobody, state_alone
from .reading import COLUMNS, Book

OTHER_PLAN = "The workbook is of another plan, {}. Upload it there."
OTHER_ROUND = "The workbook is of another round, {}. Upload it on the page of that round's return."
OTHER_WHOSE = "The workbook is of another organisation, {}. Upload it on the page of that organisation's return."


def compare(book: Book, found: Return, *, anybody: bool = False) -> Compared:
    """Raises ValidationError where the workbook is of something else. ``anybody``: whoever runs commands for nobody in
    particular has all rights."""
    check_for(book.stamp, found.submission)
    ground = Ground(
        found.items, found.round.as_at, found.look.time_zone, state_alone(found) if anybody else found.change
    )
    lines = [*compare_answers(book, ground), *compare_records(book, found, anybody=anybody)]
    return Compared(book.stamp, lines, book.problems, list(notices(book, found, ground)))


def compare_on_behalf(book: Book, found: Return, original: Original) -> Compared:
    """What came by e-mail: answers are sent at once, each as if it were entered from it by hand (``rules.on_behalf``).
    ``found``: the return with what was sent alone. Raises ValidationError where the workbook is of something else."""
    check_for(book.stamp, found.submission)

    def verdict(_: Item, thread: Thread) -> Verdict:
        return rules.on_behalf(found.round, found.submission, thread, original.received_on, found.look.occasion.now)

    ground = Ground(found.items, found.round.as_at, found.look.time_zone, verdict, on_behalf=True)
    lines = [*compare_answers(book, ground), *compare_records(book, found, anybody=False)]
    return Compared(book.stamp, lines, book.problems, list(notices(book, found, ground)))


def organisations_by_code() -> dict[str, Organisation]:
    return {each.code: each for each in Organisation.objects.all()}


def compare_records(book: Book, found: Return, *, anybody: bool) -> Iterator[Line]:
    organisations = cache(organisations_by_code)
    for sheet in (Activities(book, found, anybody, organisations), Arrangements(book, found, anybody, organisations)):
        yield from sheet.lines()


def check_for(stamp: Stamp, submission: Submission) -> None:
    """Raises ValidationError where a workbook is of another return."""
    for sentence, said, here in (
        (OTHER_PLAN, stamp.plan, submission.round.plan.code),
        (OTHER_ROUND, stamp.round, submission.round.code),
        (OTHER_WHOSE, stamp.organisation, submission.organisation.code),
    ):
        if said != here:
            raise ValidationError(sentence.format(said[:50]))


def notices(book: Book, found: Return, ground: Ground) -> Iterator[str]:
    stamp, there = book.stamp, book.keys
    made = {(part, key) for part, rows in stamp.parts.items() for key in rows}
    if made - there:
        yield MISSING.format(len(made & there), len(made))
    for sheet, titles in columns_gone(book, ground).items():
        yield NO_COLUMN.format(sheet, ", ".join(f"“{title}”" for title in titles))
    if stamp.amendment != (found.look.plan_at(found.round.as_at).amendment or 0):
        yield AMENDED


def columns_gone(book: Book, ground: Ground) -> dict[str, list[str]]:
    """Sheet -> the headers of those that its rows ask for and that are there no more."""
    threads = ground.threads()
    gone: dict[str, set[str]] = defaultdict(set)
    for row in book.rows:
        if row.part is not Part.ANSWER:
            asked = {column.name for column in COLUMNS[row.part] if column.input}
        elif row.key in threads:
            asked = set(Question(*threads[row.key], ground).inputs)
        else:
            continue
        gone[row.sheet] |= asked - row.columns.keys()
    titles = {column.name: column.title for columns in COLUMNS.values() for column in columns}
    return {sheet: sorted(titles[name] for name in names) for sheet, names in gone.items() if names}


def return_to_take(collection: Round, organisation: str, by: User | None, now: datetime) -> Return:
    """The return of an organisation with its drafts, for a command. Raises Missing where there is none, or ``by`` may
    not see it."""
    look = looked_at(collection, by or nobody(), now)
    if by is not None:
        return open_return(look, collection.code, organisation)
    rows = Submission.objects.filter(round=collection, organisation__code=organisation)
    submission = rows.select_related("organisation").first()
    if submission is None:
        raise Missing("There is no such return", "It is there as soon as the round is open.")
    submission.round = next(each for each in look.occasion.rounds if each.pk == collection.pk)
    return Return(look, submission, own=True, items=tuple(items_of(look, submission)))
