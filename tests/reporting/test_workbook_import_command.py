"""The same by command: ``workbook import FILE.xlsx`` (contracts.md)."""

import os
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from reporting.models import WorkbookUpload
from reporting.workbook.marking import NOT_MARKED
from reporting.workbook.receiving import compare

from .entering import brought
from .test_workbook_in import OTHER, PERHAPS, STATUS, discard, save_in_the_browser, stored
from .workbooks import edited, filled, replaced, sent_out


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "Fiji.xlsx"


def run(path: Path, *more: str) -> str:
    out = StringIO()
    call_command("workbook", "import", str(path), *more, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("by", [(), ("--by", "connie@example.org")])
def test_all_of_it_is_taken_over(world, path, by):
    path.write_bytes(filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    said = run(path, *by)
    assert said.startswith("Taken over: 1 new, 0 changed, ")
    assert said.partition("\n")[0].endswith(". Answers are drafts until they are sent.")
    assert "1.1.1(b): Answer: “In place”" in said
    kept = WorkbookUpload.objects.get()
    assert (kept.name, stored()[STATUS].standing) == ("Fiji.xlsx", "in_place")
    assert kept.uploaded_by == (world.people.connie if by else None)
    assert run(path, *by).startswith("There is nothing to take over: 0 new, 0 changed")


def test_the_same_file_is_taken_over_again_where_its_draft_was_discarded(world, path):
    brought(world, "accepted", OTHER)
    path.write_bytes(filled(sent_out(world), **{OTHER: {"answer": "In place"}}))
    for _ in range(2):
        assert run(path, "--by", "connie@example.org").startswith("Taken over: 0 new, 1 changed")
        assert stored()[OTHER].standing == "in_place"
        discard(world, OTHER)
    assert WorkbookUpload.objects.count() == 2


def test_what_changes_while_it_is_compared_is_refused(world, path, monkeypatch):
    """As where the same command runs twice at once: who comes second has compared with what is there no more."""
    path.write_bytes(filled(sent_out(world), **{STATUS: {"answer": "In place"}}))

    def late(*args, **told):
        found = compare(*args, **told)
        save_in_the_browser(world, STATUS, "planned", "Meanwhile.")
        return found

    monkeypatch.setattr("reporting.management.commands.workbook.compare", late)
    with pytest.raises(CommandError, match="Nothing is taken over"):
        run(path)
    assert (stored()[STATUS].comment, WorkbookUpload.objects.count()) == ("Meanwhile.", 0)


def test_a_dry_run_writes_nothing(world, path):
    path.write_bytes(filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    assert run(path, "--dry-run").startswith("Dry run, nothing is written: 1 new, 0 changed, ")
    assert (stored(), WorkbookUpload.objects.count()) == ({}, 0)


def test_what_is_gone_from_the_file_is_said(world, path):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        book.book.remove(book.book["Arrangements"])
        book.book["FA 4"].delete_rows(4, 100)
    path.write_bytes(book.content)
    assert "rows are in the file; what is missing stays as it is." in run(path, "--dry-run")


def test_errors_name_file_sheet_and_cell_and_nothing_is_written(world, path, tmp_path):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        book.put(OTHER, answer="Perhaps")
    path.write_bytes(book.content)
    report = tmp_path / "report.xlsx"
    report.write_bytes(b"what stood there")
    os.link(report, tmp_path / "read.xlsx")
    with pytest.raises(CommandError) as refused:
        run(path, "--report", str(report))
    assert str(refused.value) == f"{path}, {book.at(OTHER, 'answer')}: {PERHAPS}"
    assert (stored(), WorkbookUpload.objects.count()) == ({}, 0)
    sheet, place = book.at(OTHER, "answer").split(", cell ")
    assert (tmp_path / "read.xlsx").read_bytes() == b"what stood there"
    assert PERHAPS in load_workbook(BytesIO(report.read_bytes()))[sheet][place].comment.text


@pytest.mark.parametrize("trouble", ["comment on a range", "no such folder"])
def test_the_errors_are_said_even_where_the_report_cannot_be_made(world, path, tmp_path, trouble):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
    path.write_bytes(book.content)
    report, sentence = tmp_path / "nowhere" / "report.xlsx", "cannot be written: No such file or directory."
    if trouble == "comment on a range":
        path.write_bytes(replaced(book.content, "xl/comments/comment1.xml", rb' ref="[A-Z]+3"', b' ref="A1:B3"'))
        report, sentence = tmp_path / "report.xlsx", f"is not written. {NOT_MARKED}"
    with pytest.raises(CommandError) as refused:
        run(path, "--report", str(report))
    said = f"{path}, {book.at(OTHER, 'answer')}: {PERHAPS}"
    assert str(refused.value).splitlines() == [said, f"--report: {report} {sentence}"]
    assert (stored(), report.exists()) == ({}, False)


def changed_on_both_sides(world) -> bytes:
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In progress"}, STATUS: {"answer": "In place"}})
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    return content


def test_what_was_changed_on_both_sides_is_refused(world, path):
    path.write_bytes(changed_on_both_sides(world))
    with pytest.raises(CommandError, match=r"say --keep site or --keep workbook\. On the site: Answer: In place"):
        run(path)
    assert set(stored()) == {OTHER}


@pytest.mark.parametrize(
    ("keep", "stands", "line"),
    [
        ("site", "in_place", f"{OTHER}: left as on the site: Answer: In place"),
        ("workbook", "in_progress", f"{OTHER}: Answer: In progress"),
    ],
)
def test_which_of_two_changes_stands_can_be_said(world, path, keep, stands, line):
    path.write_bytes(changed_on_both_sides(world))
    assert line in run(path, "--keep", keep, "--dry-run")
    assert set(stored()) == {OTHER}
    said = run(path, "--keep", keep)
    assert said.startswith("Taken over: 1 new, 0 changed, ")
    assert line in said
    assert (stored()[OTHER].standing, stored()[STATUS].standing) == (stands, "in_place")
    assert WorkbookUpload.objects.get().kept == (keep == "site")


def test_both_sides_are_put_together_where_that_can_be(world, path):
    path.write_bytes(filled(sent_out(world), **{OTHER: {"comment": "On paper."}}))
    save_in_the_browser(world, OTHER, "in_place")
    with pytest.raises(CommandError, match=r"say --keep site or --keep workbook or --keep both\. On the site"):
        run(path)
    assert f"{OTHER}: Answer: In place; Comment: On paper." in run(path, "--keep", "both", "--dry-run")
    run(path, "--keep", "both")
    assert (stored()[OTHER].standing, stored()[OTHER].comment) == ("in_place", "On paper.")


def test_both_is_refused_where_one_cell_was_changed_twice(world, path):
    path.write_bytes(changed_on_both_sides(world))
    with pytest.raises(CommandError, match=r"say --keep site or --keep workbook\. On the site"):
        run(path, "--keep", "both")
    assert set(stored()) == {OTHER}


@pytest.mark.parametrize("keep", [(), ("--keep", "workbook")])
def test_where_there_is_nothing_to_choose_it_stays_as_on_the_site(world, path, keep):
    path.write_bytes(filled(sent_out(world), **{OTHER: {"answer": "In progress"}, STATUS: {"answer": "In place"}}))
    brought(world, "submitted", OTHER)
    said = run(path, *keep)
    assert said.startswith("Taken over: 1 new, 0 changed, ")
    assert f"{OTHER}: left as on the site: " in said
    assert "This answer was sent and is not decided yet" in said


def test_where_all_is_kept_as_on_the_site_there_is_nothing_to_take_over(world, path):
    brought(world, "draft", OTHER)
    path.write_bytes(filled(sent_out(world), **{OTHER: {"answer": "In progress"}}))
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    said = run(path, "--keep", "site")
    assert said.startswith("There is nothing to take over: ")
    assert "left as on the site: Answer: In place" in said
    assert WorkbookUpload.objects.count() == 0


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("olga", "FJI has no return in interim-2028 that olga@example.org may see."),
        ("ed", "Only the people of Fiji bring its workbook."),
        ("percy", "--by: percy@example.org does not have the right workbook.upload."),
        ("nemo", "--by: there is no active account nemo@example.org."),
    ],
)
def test_who_may_not_is_told_so(world, path, by, sentence):
    path.write_bytes(filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        run(path, "--by", f"{by}@example.org")
    assert stored() == {}


def test_a_file_that_is_none_is_said(path):
    with pytest.raises(CommandError, match=r"Fiji\.xlsx: The file cannot be read: No such file or directory\."):
        run(path)
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(CommandError, match=r"Fiji\.xlsx: The file is not a workbook \(xlsx\)\."):
        run(path)
