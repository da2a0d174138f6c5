"""A Member's workbook comes back: looked at first, then taken over, all of it or nothing (docs/adr/0038)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from members.exports import XLSX
from members.history import moment_here
from members.imports.held import Held, held_of, hold
from members.numbers import counted
from members.refusals import Stale
from reporting.actions.workbook import CHOOSE, Brought, parts_stored, take_workbook, taken_before, waiting
from reporting.forms.workbook import WorkbookForm
from reporting.imports.sheet import NOT_STATED
from reporting.looking import Look
from reporting.models import WorkbookUpload
from reporting.returns import Return, nothing_here, open_return, visible
from reporting.workbook.comparing import ANOTHER, BOTH, SITE, WORKBOOK, Compared, Effect, Line
from reporting.workbook.layout import Part
from reporting.workbook.marking import marked
from reporting.workbook.opening import NOTHING_OPEN, OWN_PEOPLE, UPLOADS
from reporting.workbook.package import has_pictures
from reporting.workbook.reading import COLUMNS, Filled, Problem, read_workbook
from reporting.workbook.receiving import compare

from .base import Content, crumb, page
from .records import possible

UPLOAD, PREVIEW, RECEIPT = "workbook/upload.html", "workbook/preview.html", "workbook/receipt.html"
CHOICE = "choice."
"""How the fields begin in which a person says which of two changes shall stand."""
OPTIONS = {
    SITE: "Keep what is on the site",
    WORKBOOK: "Take the workbook's",
    BOTH: "Put both together: {}",
    ANOTHER: "Keep both: the workbook's is another activity",
}
ALL_STAYS = "Everything stays as it is on the site."
TASKS = "The task list"
NAMED = 5
"""How many of the rows that changed on the site alone are named."""
MOST_SAID = 5
"""How many problems are said on top of the page; on a telephone each takes five lines."""
GROUPS = (
    (Effect.ERROR, "With errors"),
    (Effect.CONFLICT, "Changed in the workbook and on the site"),
    (Effect.CHANGED, "Changed"),
    (Effect.NEW, "New"),
)


def opened(look: Look, round: str, org: str) -> Return:
    """The return into which the reader may bring a workbook. Raises Missing and PermissionDenied, which says so where
    the time for it has passed."""
    found = open_return(look, round, org)
    if not found.may(UPLOADS):
        raise PermissionDenied((found.entry.reason or NOTHING_OPEN) if found.own else "")
    return found


def at(found: Return, name: str, *args: object) -> str:
    return reverse(f"return_upload{name}", args=[*found.address, *args])


def crumbs_of(found: Return, *more: dict[str, str]) -> list[dict[str, str]]:
    tasks = reverse("return_tasks", args=found.address)
    return [
        crumb(found.look, "rounds", "Reporting"),
        {"href": tasks, "text": found.submission.organisation.name},
        *more,
    ]


# ---------------------------------------------------------------- a file is chosen and looked at


@page(UPLOADS, UPLOAD, figures=False, within=visible)
def upload(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """Chooses a workbook; what it would do is shown, and nothing is stored yet."""
    found = opened(look, round, org)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if form.is_valid():
        try:
            return shown(request, found, form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
    return chosen(found, form, 422 if form.errors else 200)


def chosen(found: Return, form: WorkbookForm, status: int, sentences: Sequence[str] = ()) -> Content:
    whose = found.submission.organisation
    return {
        "title": f"Upload a filled-in workbook: {whose.name}, {found.round.title}",
        "return": found,
        "form": form,
        "on_behalf": "" if found.own else OWN_PEOPLE.format(whose.name),
        "problems": problems_of(sentences),
        "receipts": [receipt_words(found, each) for each in receipts(found)],
        "crumbs": crumbs_of(found),
        "status": status,
    }


def compared_with(found: Return, content: bytes) -> Compared:
    """Raises ValidationError where the workbook cannot be read, is of something else, or not the reader's to bring."""
    if not found.own:
        raise ValidationError(OWN_PEOPLE.format(found.submission.organisation.name))
    return compare(read_workbook(content), found)


def shown(
    request: HttpRequest, found: Return, held: Held, refused: Sequence[str] = (), status: int = 0
) -> HttpResponse:
    """The preview, as a page by itself. Raises ValidationError where the workbook cannot be read."""
    compared = compared_with(found, held.content)
    content = previewed(request, found.look, held.name, compared, refused) | {
        "hidden": ("held", hold(held_as(found), found.look.user, replace(held, seen=compared.seen))),
        "confirm": at(found, "_confirm"),
        "marked": at(found, "_marked"),
        "pictures": has_pictures(held.content),
        "again": (at(found, ""), "Choose another file"),
        "crumbs": crumbs_of(found, {"href": at(found, ""), "text": "Upload a workbook"}),
    }
    return render(request, PREVIEW, found.look.shell | content, status=status or (422 if compared.problems else 200))


def previewed(request: HttpRequest, look: Look, name: str, compared: Compared, refused: Sequence[str]) -> Content:
    """What a preview shows, whoever brings the workbook. Each problem leads to its row; who has not chosen is led to
    where that is done."""
    groups = list(groups_of(compared, request))
    return {
        "title": f"{name}: {compared.summary}",
        "compared": compared,
        "groups": groups,
        "rest": rest_of(compared),
        "made": moment_here(compared.stamp.made_at, look.time_zone),
        "problems": shortened(problems_in(compared, groups, refused)),
    }


def held_as(found: Return) -> str:
    return f"workbook of {found.round.code}/{found.submission.organisation.code}"


def problems_of(sentences: Iterable[str]) -> list[dict[str, str]]:
    return [{"text": sentence, "href": ""} for sentence in sentences]


def problems_in(compared: Compared, groups: Sequence[Content], refused: Sequence[str]) -> list[dict[str, str]]:
    """Each once, in the words and in the order of the rows below; before them what is of none."""
    known = {}
    for line in compared.to_choose:
        sentence = CHOOSE.format(line.name)
        known[sentence] = {"text": sentence, "href": f"#{CHOICE}{line.key}.{line.choices[0]}"}
    for row in (row for group in groups if group["wrong"] for row in group["lines"]):
        for problem, words in zip(row["problems"], row["words"], strict=True):
            known[str(problem)] = {"text": f"{problem.place}: {words}", "href": f"#{row['at']}"}
    said = dict.fromkeys([*refused, *map(str, compared.problems)])
    others = problems_of(sentence for sentence in said if sentence not in known)
    return others + [problem for sentence, problem in known.items() if sentence in said]


def shortened(problems: list[dict[str, str]]) -> list[dict[str, str]]:
    """The first of many, so that the heading and what can be done come soon; then how many more there are, which leads
    to the next of them. All stand below."""
    rest = problems[MOST_SAID:]
    more = [{"text": f"And {len(rest)} more below", "href": rest[0]["href"]}] if rest else []
    return problems[:MOST_SAID] + more


def groups_of(compared: Compared, request: HttpRequest) -> Iterator[Content]:
    """What does something, what needs somebody most first; with what was chosen before."""
    for effect, title in GROUPS:
        lines = [row_of(line, request) for line in compared.lines if line.effect is effect]
        wrong = effect is Effect.ERROR
        if wrong:
            lines += loose_rows(compared)
            lines = [row | {"at": f"row-{number}"} for number, row in enumerate(lines, 1)]
        if lines:
            title += ": choose" if effect is Effect.CONFLICT and compared.to_choose else ""
            yield {"title": title, "lines": lines, "wrong": wrong, "conflict": effect is Effect.CONFLICT}


def loose_rows(compared: Compared) -> list[Content]:
    """What is wrong with rows of which nobody knows what they are."""
    rows: dict[tuple[str, int], list[Problem]] = defaultdict(list)
    for each in compared.loose:
        rows[each.place.sheet, each.place.row].append(each)
    return [
        {"line": {"name": f"Row {number}"}, "words": [each.sentence for each in found], "problems": found}
        for (_, number), found in rows.items()
    ]


def row_of(line: Line, request: HttpRequest) -> Content:
    field, together = f"{CHOICE}{line.key}", "; ".join(line.together_words)
    return {
        "place": line.place,
        "line": line,
        "words": [said_in(line.row, each) for each in line.problems] or line.words,
        "problems": line.problems,
        "field": field,
        "choice": request.POST.get(field, ""),
        "options": [(value, OPTIONS[value].format(together)) for value in line.choices if not line.only],
    }


def said_in(row: Filled, problem: Problem) -> str:
    """What is blank does not say what it is, so its column is named, unless that is gone from the file."""
    blank = (each for each in COLUMNS[row.part] if each.input and not row.text(each.name))
    titles = {row.columns.get(each.name): each.title for each in blank}
    known = problem.sentence == NOT_STATED and problem.place.column in titles
    return f"{titles[problem.place.column]}: {problem.sentence}" if known else problem.sentence


def rest_of(compared: Compared) -> str:
    """The rows that do nothing, in a sentence."""
    many = compared.counts[Effect.UNCHANGED]
    left = [line.name for line in compared.changed_meanwhile]
    named = ", ".join(left[:NAMED]) + (", …" if len(left) > NAMED else "")
    words = f"{counted(many, 'row')} of the workbook {'changes' if many == 1 else 'change'} nothing."
    later = f" Of them {len(left)} changed on the site since ({named}); that stays." if left else ""
    return words + later if many else ""


# ---------------------------------------------------------------- it is taken over


@page(UPLOADS, UPLOAD, figures=False, within=visible)
def confirm(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """Takes over what the preview showed: all of it, or nothing."""
    found = opened(look, round, org)
    if request.method != "POST":
        return redirect(at(found, ""))
    try:
        held = held_of(held_as(found), look.user, request.POST.get("held", ""))
    except ValidationError as error:
        return chosen(found, WorkbookForm(), 422, error.messages)
    brought = Brought(held.name, held.content, held.seen, choices_in(request), held.once)
    if done := taken_before(found.submission, brought):
        return redirect(at(found, "_receipt", done.pk))
    try:
        compared = compared_with(found, held.content)
        told: Any = {"by": look.user, "now": look.occasion.now}
        made = take_workbook(submission=found.submission, brought=brought, compared=compared, **told)
    except Stale as stale:
        again = open_return(look, round, org)
        return shown(request, again, held, [str(stale)], 409)
    except ValidationError as error:
        return shown(request, found, held, error.messages, 422)
    outcome = f"is taken over. {waiting(made)}" if made.stored else f"is kept. {ALL_STAYS}"
    messages.success(request, f"{held.name} {outcome}")
    return redirect(at(found, "_receipt", made.pk))


def choices_in(request: HttpRequest) -> dict[str, str]:
    fields = request.POST.dict().items()
    return {name.removeprefix(CHOICE): str(value) for name, value in fields if name.startswith(CHOICE)}


@page(UPLOADS, UPLOAD, figures=False, within=visible)
def marks(request: HttpRequest, look: Look, round: str, org: str) -> Content | HttpResponse:
    """The person's own file again, with the cells marked that are wrong."""
    found = opened(look, round, org)
    if request.method != "POST":
        return redirect(at(found, ""))
    try:
        held = held_of(held_as(found), look.user, request.POST.get("held", ""))
        compared = compared_with(found, held.content)
    except ValidationError as error:
        return chosen(found, WorkbookForm(), 422, error.messages)
    try:
        return sent_marked(held.name, held.content, compared)
    except ValidationError as error:
        return shown(request, found, held, error.messages, 422)


def sent_marked(name: str, content: bytes, compared: Compared) -> HttpResponse:
    """Raises ValidationError where it cannot be marked."""
    stem = name.rpartition(".")[0] or "workbook"
    return sent(marked(content, compared), f"{stem[:80]}-marked.xlsx")


# ---------------------------------------------------------------- receipts


def receipts(found: Return) -> Any:
    """Of what was taken over; what stands in them may be drafts, so they are the organisation's own."""
    rows = WorkbookUpload.objects.defer("file").filter(submission=found.submission)
    return rows.select_related("uploaded_by", "submission__organisation") if found.own else rows.none()


def receipt_words(found: Return, each: WorkbookUpload) -> Content:
    return {"href": at(found, "_receipt", each.pk), **said_of(found.look, each)}


def said_of(look: Look, each: WorkbookUpload) -> Content:
    counts = {"new": each.new, "changed": each.changed, "unchanged": each.unchanged}
    counts |= {"left as on the site": each.kept} if each.kept else {}
    return {
        "file": each.name,
        "counts": ", ".join(f"{many} {words}" for words, many in counts.items()),
        "who": each.uploaded_by.name if each.uploaded_by else "the command line",
        "when": moment_here(each.uploaded_at, look.time_zone),
    }


def receipt_called(pk: int, rows: Any) -> WorkbookUpload:
    possible(pk)
    receipt: WorkbookUpload | None = rows.filter(pk=pk).first()
    if receipt is None:
        raise nothing_here()
    return receipt


@page("submission.view", RECEIPT, figures=False, within=visible)
def receipt(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> Content:
    """What was taken over from a workbook, by whom and when, row by row; and the file."""
    found = open_return(look, round, org)
    kept = receipt_called(pk, receipts(found))
    tasks = (reverse("return_tasks", args=found.address), TASKS)
    if not kept.stored:
        ways = [tasks]
    elif kept.original_id and Part.ANSWER not in parts_stored(kept):
        ways = [(reverse("register", args=[found.round.plan.code]), "The register"), tasks]
    elif kept.original_id:
        ways = [(reverse("return_confirm", args=found.address), "Look at what was entered"), tasks]
    else:
        ways = [(reverse("return_check", args=found.address), "Check your answers"), tasks]
    return receipted(look, kept) | {
        "file": at(found, "_file", kept.pk) if kept.original_id is None else original_at(found.address, kept),
        "ways": ways,
        "crumbs": crumbs_of(found),
    }


def receipted(look: Look, kept: WorkbookUpload) -> Content:
    """What a receipt shows, whoever reads it."""
    said = said_of(look, kept)
    return {
        "title": f"{'Taken over' if kept.stored else 'Nothing taken over'}: {said['counts']}",
        "said": said,
        "receipt": kept,
        "waiting": waiting(kept) if kept.stored else ALL_STAYS,
        "made": moment_here(kept.made_at, look.time_zone),
    }


def original_at(address: tuple[str, str, str], kept: WorkbookUpload) -> str:
    return reverse("return_original", args=[*address, kept.original_id])


@page("submission.view", RECEIPT, figures=False, within=visible)
def file(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> HttpResponse:
    """The workbook as it came, for its own organisation. It is always stored, never shown by the browser."""
    found = open_return(look, round, org)
    kept = receipt_called(pk, receipts(found).defer(None).filter(original=None))
    return sent(bytes(kept.file or b""), kept.name)


def sent(content: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)
