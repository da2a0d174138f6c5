"""A workbook is uploaded in the browser: looked at, chosen, taken over, given back with its errors marked."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image

from reporting.actions import close_round
from reporting.models import WorkbookUpload
from reporting.workbook.comparing import SITE, WORKBOOK
from reporting.workbook.layout import Colour, Part
from reporting.workbook.marking import SIGN
from reporting.workbook.package import has_pictures

from .entering import address, brought
from .looks import words
from .region import NOW
from .test_workbook_in import OTHER, PERHAPS, STATUS, discard, save_in_the_browser, stored
from .test_workbook_in_records import NEW_ONE, new_row
from .uploads import PNG
from .workbooks import edited, filled, sent_out, with_parts

UPLOAD = address("workbook", "upload")


@pytest.fixture
def connie(world, sign_in):
    return sign_in(world.people.connie)


def uploaded(client, content: bytes, name: str = "Fiji.xlsx", path: str = UPLOAD):
    return client.post(path, {"file": SimpleUploadedFile(name, content)})


def form_of(response) -> dict[str, str]:
    html = response.content.decode()
    held = re.search(r'name="held" value="([^"]*)"', html)
    return {"held": held[1]} if held else {}


def test_the_task_list_leads_there(connie):
    assert UPLOAD in connie.get(address()).content.decode()
    assert connie.get(UPLOAD).status_code == 200


def test_a_workbook_is_looked_at_taken_over_and_kept(world, connie):
    content = filled(sent_out(world), **{STATUS: {"answer": "In place", "comment": "Since <2027>."}})
    looked = uploaded(connie, content)
    said = words(looked.content.decode())
    assert looked.status_code == 200
    assert stored() == {}
    assert "1 new, 0 changed" in said
    assert "Comment: “Since &lt;2027&gt;.”" in looked.content.decode()
    done = connie.post(f"{UPLOAD}confirm/", form_of(looked), follow=True)
    kept = WorkbookUpload.objects.get()
    assert done.redirect_chain == [(address("workbook", "uploads", kept.pk), 302)]
    assert "Taken over: 1 new, 0 changed" in words(done.content.decode())
    assert stored()[STATUS].comment == "Since <2027>."
    file = connie.get(address("workbook", "uploads", kept.pk, "file"))
    assert (file.content, file["Content-Disposition"]) == (content, 'attachment; filename="Fiji.xlsx"')
    again = connie.post(f"{UPLOAD}confirm/", form_of(looked), follow=True)
    assert again.redirect_chain == done.redirect_chain
    assert WorkbookUpload.objects.count() == 1


ANSWER_WAITS = "Answers are drafts until they are sent."
WAITS = "{} wait for the decision of the secretariat."


@pytest.mark.parametrize(
    ("parts", "waits", "does_not"),
    [
        ([Part.ACTIVITY], WAITS.format("Activities"), ANSWER_WAITS),
        ([Part.ARRANGEMENT], WAITS.format("Arrangements"), ANSWER_WAITS),
        ([Part.ANSWER], ANSWER_WAITS, "wait for the decision"),
        ([*Part][1:], f"{ANSWER_WAITS} {WAITS.format('Activities and arrangements')}", "drafts again"),
    ],
)
def test_what_still_has_to_become_of_it_is_said_of_what_was_stored(world, connie, parts, waits, does_not):
    content, pair = sent_out(world), {"party": "AUS", "signed": "2018"}
    rows = {Part.ANSWER: {STATUS: {"answer": "In place"}}}
    rows |= {part: {new_row(content, part): says} for part, says in (
        (Part.ACTIVITY, NEW_ONE), (Part.ARRANGEMENT, pair),
    )}  # fmt: skip
    content = filled(content, **{key: says for part in parts for key, says in rows[part].items()})
    done = connie.post(f"{UPLOAD}confirm/", form_of(uploaded(connie, content)), follow=True)
    said = words(done.content.decode())
    assert said.count(waits) == 2
    assert does_not not in said


def test_its_receipt_is_found_on_the_task_list_also_when_the_round_has_closed(world, connie, sign_in):
    looked = uploaded(connie, filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    connie.post(f"{UPLOAD}confirm/", form_of(looked))
    receipt = address("workbook", "uploads", WorkbookUpload.objects.get().pk)
    close_round(collection=world.current, by=world.people.ada, now=NOW)
    tasks = connie.get(address()).content.decode()
    assert f'<a href="{receipt}">Fiji.xlsx</a>' in tasks
    assert "1 new, 0 changed" in words(tasks)
    assert connie.get(receipt).status_code == 200
    assert receipt not in sign_in(world.people.ada).get(address()).content.decode()


def test_an_error_is_said_with_its_cell_and_marked_in_the_file(world, connie):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
        book.put(STATUS, answer="Planned")
    looked = uploaded(connie, book.content)
    assert looked.status_code == 422
    assert f"{book.at(OTHER, 'answer')}: {PERHAPS}" in words(looked.content.decode())
    assert "Take all of it over" not in looked.content.decode()
    refused = connie.post(f"{UPLOAD}confirm/", form_of(looked))
    assert (refused.status_code, stored()) == (422, {})
    assert words(refused.content.decode()).count(f"{book.at(OTHER, 'answer')}: {PERHAPS}") == 1
    back = connie.post(f"{UPLOAD}marked/", form_of(looked))
    assert back["Content-Disposition"] == 'attachment; filename="Fiji-marked.xlsx"'
    sheet, place = book.at(OTHER, "answer").split(", cell ")
    marked = load_workbook(BytesIO(back.content))
    cell = marked[sheet][place]
    assert (cell.value, cell.comment.text, cell.fill.fgColor.rgb) == ("Perhaps", SIGN + PERHAPS, Colour.WRONG)
    assert marked.active.title == marked.sheetnames[0] == "Errors"
    assert marked["_about"].sheet_state == "veryHidden"


def test_the_same_file_is_taken_over_again_where_its_draft_was_discarded(world, connie):
    brought(world, "accepted", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}})
    places = []
    for _ in range(2):
        looked = uploaded(connie, content)
        assert "0 new, 1 changed" in words(looked.content.decode())
        done, again = (connie.post(f"{UPLOAD}confirm/", form_of(looked)) for _ in range(2))
        assert stored()[OTHER].standing == "in_place"
        assert done["Location"] == again["Location"]
        places.append(done["Location"])
        discard(world, OTHER)
    assert places[0] != places[1]
    assert WorkbookUpload.objects.count() == 2


@pytest.mark.parametrize("end", ["confirm", "marked"])
def test_a_preview_that_is_too_old_or_forged_is_said(world, connie, end):
    looked = uploaded(connie, filled(sent_out(world), **{OTHER: {"answer": "Perhaps"}}))
    refused = connie.post(f"{UPLOAD}{end}/", {"held": form_of(looked)["held"][:-4] + "xxxx"})
    assert refused.status_code == 422
    assert "The preview is too old, or not yours. Choose the file again." in words(refused.content.decode())
    assert connie.get(f"{UPLOAD}{end}/").status_code == 302


def test_rows_of_which_nobody_knows_what_they_are_stand_with_the_errors(world, connie):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="In place")
        place = book.at(OTHER, "answer")
        row = book.cell(OTHER, "key").row
        book.put(OTHER, key=None)
    said = words(uploaded(connie, book.content).content.decode())
    assert "1 with errors" in said
    assert f"Row {row} {place} Its key in the hidden column A is gone" in said.partition("With errors: 1 ")[2]


def wrong_rows(world, many: int) -> bytes:
    with edited(sent_out(world)) as book:
        sheets = [sheet for sheet in book.book.worksheets if "question" in book.names(sheet)]
        rows = [sheet.cell(row, book.names(sheet)["key"]).value for sheet in sheets for row in range(4, sheet.max_row)]
        for key in [str(each) for each in rows if each][:many]:
            book.put(key, answer="Perhaps")
    return book.content


@pytest.mark.parametrize(("wrong", "more"), [(1, ""), (5, ""), (6, "And 1 more below"), (40, "And 35 more below")])
def test_each_error_leads_to_its_row_and_of_many_the_first_are_said_on_top(world, connie, wrong, more):
    looked = uploaded(connie, wrong_rows(world, wrong))
    refused = connie.post(f"{UPLOAD}confirm/", form_of(looked))
    for html in (looked.content.decode(), refused.content.decode()):
        summary, _, page = html.partition('aria-labelledby="errs"')[2].partition("</ul>")
        links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', summary)
        assert summary.count("<li>") == len(links) == min(wrong, 5) + bool(more)
        assert [at for at, _ in links] == [f"row-{number}" for number in range(1, len(links) + 1)]
        assert (links[-1][1] if more else "") == more
        rows = {at: words(row) for at, row in re.findall(r'<tr id="([^"]+)" tabindex="-1">(.*?)</tr>', page, re.S)}
        assert len(rows) == wrong
        for at, text in links[: min(wrong, 5)]:
            place, _, sentence = text.partition(": ")
            assert place in rows[at]
            assert words(sentence) in rows[at]
        assert page.index("<h1>") < page.index("Give me my file back") < page.index("<table")


def test_errors_are_said_in_the_order_of_their_rows(world, connie):
    """Rows of which nobody knows what they are stand last in the table."""
    with edited(filled(sent_out(world), **{STATUS: {"answer": "Perhaps"}, OTHER: {"answer": "Planned"}})) as book:
        book.put(OTHER, key=None)
    html = uploaded(connie, book.content).content.decode()
    assert re.findall(r'<a href="#(row-\d)">[^<]*(key|Perhaps)', html) == [("row-1", "Perhaps"), ("row-2", "key")]


def test_with_errors_what_can_be_done_stands_before_what_is_chosen_later(world, connie):
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In progress"}, STATUS: {"answer": "Perhaps"}})
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    html = uploaded(connie, content).content.decode()
    assert html.index("Give me my file back") < html.index("<fieldset")
    content = filled(content, **{STATUS: {"answer": "Planned"}})
    html = uploaded(connie, content).content.decode()
    assert html.index("<fieldset") < html.index("Take all of it over") < html.index("<table")


def test_a_blank_cell_is_named_by_its_column(world, connie):
    content = sent_out(world)
    content = filled(content, **{new_row(content, Part.ACTIVITY): {"place": "Suva"}})
    said = words(uploaded(connie, content).content.decode())
    for column in ("Title", "Kind", "First day"):
        assert said.count(f"{column}: It is blank, and must be stated.") == 2, said


def test_a_blank_column_that_is_gone_from_the_file_is_not_called_as_another(world, connie):
    content = sent_out(world)
    with edited(filled(content, **{new_row(content, Part.ACTIVITY): NEW_ONE})) as book:
        sheet = book.sheet_for(Part.ACTIVITY)
        sheet.delete_cols(book.names(sheet)["kind"])
    said = words(uploaded(connie, book.content).content.decode())
    assert "It is blank, and must be stated." in said
    assert ": It is blank, and must be stated." not in said.partition("With errors: 1")[2]


def test_what_changed_on_the_site_alone_is_named(world, connie):
    content = sent_out(world)
    save_in_the_browser(world, OTHER, "in_place")
    said = words(uploaded(connie, content).content.decode())
    assert f"Of them 1 changed on the site since ({OTHER}); that stays." in said


NO_PICTURES = "The file that you get back has no pictures and charts: those stay in your own file."


def with_chart(book) -> None:
    chart = BarChart()
    chart.add_data(Reference(book.sheet_of(OTHER), min_col=2, min_row=3, max_row=4))
    book.book.create_sheet("Mine").add_chart(chart)


def with_picture(book) -> None:
    book.book.create_sheet("Mine").add_image(Image(BytesIO(PNG)))


def with_comment(book) -> None:
    book.cell(STATUS, "answer").comment = Comment("Ask Lena.", "Me")


@pytest.mark.parametrize(("own", "told"), [(with_chart, True), (with_picture, True), (with_comment, False)])
@pytest.mark.parametrize("answer", ["Perhaps", "In place"])
def test_pictures_that_are_not_given_back_are_said_where_there_are_some(world, connie, own, told, answer):
    with edited(sent_out(world)) as book:
        own(book)
        book.put(OTHER, answer=answer)
    said = words(uploaded(connie, book.content).content.decode())
    assert (NO_PICTURES in said) == (told and answer == "Perhaps")


def test_a_drawing_without_anything_in_it_is_no_picture(world):
    drawing = b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">%b</xdr:wsDr>'
    shape = b"<xdr:twoCellAnchor><xdr:sp/></xdr:twoCellAnchor>"
    sent, name = sent_out(world), "xl/drawings/drawing1.xml"
    assert not has_pictures(with_parts(sent, **{name: drawing % b""}))
    assert has_pictures(with_parts(sent, **{name: drawing % shape}))


def test_where_both_were_changed_one_is_chosen(world, connie):
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In progress", "comment": "On paper."}})
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    looked = uploaded(connie, content)
    said = words(looked.content.decode())
    assert "Answer: In place" in said
    assert "Answer: In progress" in said
    assert "by Ali" in said
    silent = connie.post(f"{UPLOAD}confirm/", form_of(looked))
    assert silent.status_code == 422
    assert f"{OTHER}: choose what shall stand." in words(silent.content.decode())
    field = f"choice.answer:{OTHER}"
    assert f'<a href="#{field}.{SITE}">{OTHER}: choose' in silent.content.decode()
    assert f'id="{field}.{SITE}"' in silent.content.decode()
    left = connie.post(f"{UPLOAD}confirm/", form_of(looked) | {field: SITE}, follow=True)
    assert "Everything stays as it is on the site" in words(left.content.decode())
    assert "1 left as on the site" in words(left.content.decode())
    assert ANSWER_WAITS not in words(left.content.decode())
    assert stored()[OTHER].comment == "In the browser."
    done = connie.post(f"{UPLOAD}confirm/", form_of(looked) | {field: WORKBOOK}, follow=True)
    assert "Changed in the workbook and on the site, the workbook's is taken" in words(done.content.decode())
    assert stored()[OTHER].comment == "On paper."


def test_where_there_is_nothing_to_choose_it_is_said_and_asks_for_nothing(world, connie):
    content = filled(sent_out(world), **{OTHER: {"answer": "In progress"}, STATUS: {"answer": "In place"}})
    brought(world, "submitted", OTHER)
    looked = uploaded(connie, content)
    said = words(looked.content.decode())
    assert "There is nothing to choose: it stays as it is on the site." in said
    assert "Choose first" not in said
    assert "on the site: choose" not in said
    assert 'type="radio"' not in looked.content.decode()
    done = connie.post(f"{UPLOAD}confirm/", form_of(looked), follow=True)
    assert "Taken over: 1 new, 0 changed" in words(done.content.decode())
    assert "1 left as on the site" in words(done.content.decode())


def test_what_changed_since_the_preview_is_shown_anew(world, connie):
    content = filled(sent_out(world), **{STATUS: {"answer": "In place"}})
    looked = uploaded(connie, content)
    save_in_the_browser(world, STATUS, "planned", "Meanwhile.")
    late = connie.post(f"{UPLOAD}confirm/", form_of(looked))
    assert late.status_code == 409
    said = words(late.content.decode())
    assert "Something changed on the site after this preview" in said
    assert "Meanwhile." in said
    assert stored()[STATUS].standing == "planned"
    field = f"choice.answer:{STATUS}"
    connie.post(f"{UPLOAD}confirm/", form_of(late) | {field: WORKBOOK})
    assert stored()[STATUS].standing == "in_place"


def test_a_file_that_is_none_is_said_at_the_field(connie):
    for content, sentence in ((b"", "The file is empty."), (b"%PDF-1.7", "The file is not a workbook (xlsx).")):
        refused = uploaded(connie, content)
        assert refused.status_code == 422
        assert sentence in words(refused.content.decode())
    assert "Choose a file." in words(connie.post(UPLOAD, {}).content.decode())


def test_a_preview_of_somebody_else_is_not_taken(world, connie, sign_in):
    looked = uploaded(connie, filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    other = sign_in(world.people.ali).post(f"{UPLOAD}confirm/", form_of(looked))
    assert (other.status_code, stored()) == (422, {})
    assert "not yours" in words(other.content.decode())


def test_who_is_signed_out_is_told_that_nothing_was_stored(client, world, connie):
    looked = uploaded(connie, filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    for path, data in ((UPLOAD, {}), (f"{UPLOAD}confirm/", form_of(looked))):
        told = client.post(path, data)
        assert told.status_code == 403
        assert "Nothing was saved" in words(told.content.decode())
        assert form_of(looked)["held"][:40] not in told.content.decode()
    connie.post(f"{UPLOAD}confirm/", form_of(looked))
    assert STATUS in stored()


def test_the_secretariat_is_led_to_what_it_enters_on_behalf(world, sign_in):
    brought(world, "submitted", OTHER)
    ed = sign_in(world.people.ed)
    assert "is entered on its behalf" in words(ed.get(UPLOAD).content.decode())
    refused = uploaded(ed, sent_out(world))
    assert refused.status_code == 422
    assert "Only the people of Fiji" in words(refused.content.decode())


def test_receipts_are_the_organisations_own(world, connie, sign_in):
    looked = uploaded(connie, filled(sent_out(world), **{STATUS: {"answer": "In place"}}))
    connie.post(f"{UPLOAD}confirm/", form_of(looked))
    brought(world, "submitted", OTHER)
    kept = WorkbookUpload.objects.get()
    for path in (address("workbook", "uploads", kept.pk), address("workbook", "uploads", kept.pk, "file")):
        came = {name: sign_in(world.people[name]).get(path).status_code for name in ("connie", "ali", "ed", "olga")}
        assert came == {"connie": 200, "ali": 200, "ed": 404, "olga": 404}


def test_after_the_round_has_closed_the_page_says_so(world, connie):
    """Who worked offline for weeks is not told that their role lacks something."""
    close_round(collection=world.current, by=world.people.ada, now=NOW)
    refused = connie.get(UPLOAD)
    assert refused.status_code == 403
    said = words(refused.content.decode())
    assert "This round closed on" in said
    assert "Your roles do not include it" not in said
    tasks = words(connie.get(address()).content.decode())
    assert "upload it here" not in tasks
