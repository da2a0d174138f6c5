"""A Member's workbook came by e-mail: the secretariat enters what it says, with the workbook as the original."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from members.models import AuditEntry, OutgoingMail
from reporting.models import ActivityVersion, Answer, Original, SideStatement, WorkbookUpload
from reporting.questions import questions_of
from reporting.workbook.layout import Part
from workplan.choices import Source

from .looks import page_of, words
from .region import NOW, activity, answer
from .test_behalf import at, kept, thread
from .test_workbook_in import OTHER, STATUS, save_in_the_browser
from .test_workbook_in_queries import pair
from .test_workbook_in_records import NEW_ONE, new_row
from .workbooks import filled, opened, replaced, saved, sent_out

IN_PLACE = {"answer": "In place", "comment": "Since May."}


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


def by_mail(world, content: bytes) -> Original:
    return kept(world, content, "Fiji.xlsx")


def preview(client, original: Original):
    return client.get(at("on_behalf_workbook", original.pk))


def seen_in(response) -> str:
    return response.content.decode().partition('name="seen" value="')[2].partition('"')[0]


def take(client, original: Original, **choices: str):
    said = {"seen": seen_in(preview(client, original))} | choices
    return client.post(at("on_behalf_workbook", original.pk), said, follow=True)


def test_the_upload_of_an_e_mail_leads_to_what_its_workbook_says(world, ed):
    content = filled(sent_out(world), **{STATUS: IN_PLACE})
    came = {"received_on": "09.01.28", "received_from": "J. Rabuka"}
    done = ed.post(at("review_on_behalf"), came | {"file": SimpleUploadedFile("Fiji.xlsx", content)})
    assert done["Location"] == at("on_behalf_workbook", Original.objects.get().pk)
    other = ed.post(at("review_on_behalf"), came | {"file": SimpleUploadedFile("Other.xlsx", saved(Workbook()))})
    assert other["Location"] == at("on_behalf", Original.objects.latest("pk").pk)
    assert "is not one that was downloaded here" in page_of(preview(ed, Original.objects.latest("pk"))).main
    assert preview(ed, Original.objects.latest("pk")).status_code == 422


def test_what_it_says_is_entered_and_sent_at_once(world, ed):
    """Answers, an activity and an arrangement; and the Member is asked to confirm."""
    content = sent_out(world)
    rows = {new_row(content, Part.ACTIVITY): NEW_ONE, new_row(content, Part.ARRANGEMENT): pair("AUS")}
    original = by_mail(world, filled(content, **{STATUS: IN_PLACE}, **rows))
    shown = page_of(preview(ed, original))
    assert "3 new, 0 changed" in shown.main
    assert "is entered at once" in shown.main
    assert Answer.objects.filter(round=world.current, organisation__code="FJI").count() == 0
    done = take(ed, original)
    receipt = WorkbookUpload.objects.get()
    assert done.redirect_chain == [(at("on_behalf_receipt", original.pk, receipt.pk), 302)]
    assert "Taken over: 3 new" in words(done.content.decode())
    made = thread(world, STATUS).latest_sent
    assert (made.standing, made.on_behalf, made.original_id, made.state) == ("in_place", True, original.pk, "submitted")
    assert (made.entered_by, made.comment) == (world.people.ed, "Since May.")
    version = ActivityVersion.objects.get(title=NEW_ONE["title"])
    assert (version.activity.recorded_by.code, version.decision, version.entered_by) == (
        "FJI",
        "undecided",
        world.people.ed,
    )
    assert not SideStatement.objects.exists()
    assert OutgoingMail.objects.filter(key__startswith=f"on-behalf/{original.pk}").exists()
    again = ed.post(at("on_behalf_workbook", original.pk), {"seen": "x"})
    assert again.status_code == 409
    assert WorkbookUpload.objects.count() == 1


def test_a_second_click_finds_the_receipt_of_the_first(world, ed):
    original = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    said = {"seen": seen_in(preview(ed, original))}
    first = ed.post(at("on_behalf_workbook", original.pk), said)
    second = ed.post(at("on_behalf_workbook", original.pk), said)
    assert first["Location"] == second["Location"]
    assert Answer.objects.filter(original=original).count() == 1


def test_what_the_member_had_begun_is_entered_with_the_rest_and_waits_behind(world, ed):
    """The workbook was made with a draft in it; it came back with that and more."""
    save_in_the_browser(world, OTHER, standing="planned")
    original = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    assert "2 new" in preview(ed, original).content.decode()
    take(ed, original)
    found = thread(world, OTHER)
    assert [(each.version, each.state) for each in found.versions] == [(1, "submitted"), (2, "draft")]


def test_the_drafts_of_the_member_are_not_shown(world, ed):
    original = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    save_in_the_browser(world, STATUS, standing="planned", comment="Not for others")
    save_in_the_browser(world, OTHER, standing="planned", comment="Nor this")
    shown = preview(ed, original).content.decode()
    assert "1 new, 0 changed" in shown
    assert "Not for others" not in shown
    assert "Nor this" not in shown
    take(ed, original)
    assert "Not for others" not in ed.get(at("on_behalf", original.pk)).content.decode()


def test_what_was_sent_since_is_chosen(world, ed):
    content = filled(sent_out(world), **{STATUS: IN_PLACE})
    answer(world.current, "FJI", STATUS, standing="planned", now=NOW + timedelta(hours=1))
    original = by_mail(world, content)
    shown = page_of(preview(ed, original))
    assert "changed in the workbook and on the site" in shown.main
    refused = ed.post(at("on_behalf_workbook", original.pk), {"seen": seen_in(preview(ed, original))})
    assert refused.status_code == 422
    done = take(ed, original, **{f"choice.answer:{STATUS}": "workbook"})
    assert "the workbook" in words(done.content.decode())
    assert thread(world, STATUS).latest_sent.standing == "in_place"


def test_what_is_complete_once_it_is_put_together_stops_nothing(world, ed):
    content = filled(sent_out(world), **{STATUS: {"comment": "By e-mail."}})
    answer(world.current, "FJI", STATUS, standing="planned", now=NOW + timedelta(hours=1))
    original = by_mail(world, content)
    shown = page_of(preview(ed, original))
    assert "Put both together: Answer: Planned; Comment: By e-mail." in shown.main
    assert "Take the workbook" not in shown.main
    take(ed, original, **{f"choice.answer:{STATUS}": "both"})
    sent = thread(world, STATUS).latest_sent
    assert (sent.standing, sent.comment) == ("planned", "By e-mail.")


def test_where_everything_stays_as_on_the_site_nobody_is_asked_to_confirm(world, ed):
    content = filled(sent_out(world), **{STATUS: IN_PLACE})
    answer(world.current, "FJI", STATUS, standing="planned", now=NOW + timedelta(hours=1))
    original = by_mail(world, content)
    done = take(ed, original, **{f"choice.answer:{STATUS}": "site"})
    said = words(done.content.decode())
    assert "is kept. Everything stays as it is on the site." in said
    assert "Nothing taken over: 0 new, 0 changed" in said
    assert "Fiji.xlsx was looked at by Ed" in said
    assert "on behalf of Fiji. A colleague decides" not in said
    assert not OutgoingMail.objects.filter(key__startswith=f"on-behalf/{original.pk}").exists()


def test_what_was_sent_since_as_it_stood_in_the_workbook_is_no_change_on_the_site(world, ed):
    save_in_the_browser(world, STATUS, "planned")
    content = filled(sent_out(world), **{STATUS: IN_PLACE})
    answer(world.current, "FJI", STATUS, standing="planned", now=NOW + timedelta(hours=1))
    shown = page_of(preview(ed, by_mail(world, content)))
    assert "0 new, 1 changed" in shown.main
    assert "changed in the workbook and on the site" not in shown.main


def test_what_is_not_decided_yet_stops_all_of_it(world, ed):
    first = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    take(ed, first)
    second = by_mail(world, filled(sent_out(world), **{STATUS: {"answer": "Planned"}, OTHER: IN_PLACE}))
    shown = preview(ed, second)
    assert shown.status_code == 422
    assert "Decide on that first." in shown.content.decode()
    assert ed.post(at("on_behalf_workbook", second.pk), {"seen": seen_in(shown)}).status_code == 422
    assert thread(world, OTHER).latest_sent is None


def test_what_is_not_complete_is_an_error_at_its_cell_and_marked(world, ed):
    """A draft may be unfinished; what is sent may not."""
    original = by_mail(world, filled(sent_out(world), **{OTHER: {"comment": "Only that."}}))
    shown = preview(ed, original)
    assert shown.status_code == 422
    assert "Choose an answer." in shown.content.decode()
    said = page_of(shown).main
    assert "Ask Fiji for a mended workbook, or enter by hand what it says." in said
    assert "choose it again" not in said
    marked = ed.get(at("on_behalf_marked", original.pk))
    assert marked["Content-Disposition"] == 'attachment; filename="Fiji-marked.xlsx"'
    notes = [cell.comment.text for sheet in opened(marked.content) for row in sheet for cell in row if cell.comment]
    assert any("Choose an answer." in note for note in notes)


def test_an_empty_row_takes_nothing_back(world, ed):
    sent = answer(world.current, "FJI", STATUS, standing="planned", now=NOW - timedelta(days=1))
    content = filled(sent_out(world), **{STATUS: {"answer": None}, OTHER: IN_PLACE})
    original = by_mail(world, content)
    assert "1 new, 0 changed" in preview(ed, original).content.decode()
    take(ed, original)
    assert thread(world, STATUS).latest_sent == sent


def test_the_secretariat_enters_the_members_numbers_in_what_others_recorded(world, ed):
    activity("THEIRS", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["AUS"], participants=["FJI", "AUS"])
    original = by_mail(world, filled(sent_out(world), THEIRS={"own_participants": 3}))
    take(ed, original)
    version = ActivityVersion.objects.filter(activity__reference="THEIRS").latest("number")
    assert version.parts.get(organisation__code="FJI").participants == 3


def test_the_workbook_of_another_round_is_refused(world, ed):
    content = replaced(sent_out(world), "xl/worksheets/", b">interim-2028<", b">interim-2026<")
    shown = preview(ed, by_mail(world, content))
    assert shown.status_code == 422
    assert "The workbook is of another round, interim-2026." in page_of(shown).main


def test_the_member_reads_the_receipt_and_confirms(world, ed, sign_in):
    original = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    take(ed, original)
    ali, receipt = sign_in(world.people.ali), WorkbookUpload.objects.get()
    shown = page_of(ali.get(at("return_upload_receipt", receipt.pk)))
    assert "is asked to confirm" in shown.main
    assert at("return_original", original.pk) in ali.get(at("return_upload_receipt", receipt.pk)).content.decode()
    assert ali.get(at("return_upload_file", receipt.pk)).status_code == 404
    assert ali.get(at("return_original", original.pk)).content == bytes(original.content)


def test_whoever_is_not_of_the_secretariat_is_refused(world, sign_in, ed):
    original = by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    take(ed, original)
    receipt = WorkbookUpload.objects.get()
    for name in ("connie", "ali", "cora", "olga", "vera"):
        client = sign_in(world.people[name])
        for path in (
            at("on_behalf_workbook", original.pk),
            at("on_behalf_marked", original.pk),
            at("on_behalf_receipt", original.pk, receipt.pk),
        ):
            assert client.get(path).status_code in (403, 404), (name, path)
        assert client.post(at("on_behalf_workbook", original.pk), {"seen": ""}).status_code in (403, 404)


def test_many_answers_cost_as_many_queries_as_one(world, ed):
    found = []
    asked = [code for code, each in questions_of(world.current).items() if each.reading.source == Source.STATUS]
    chosen = [code for code in asked if "FJI" in questions_of(world.current)[code].asked]
    for codes in (chosen[:1], chosen[1:]):
        original = by_mail(world, filled(sent_out(world), **dict.fromkeys(codes, IN_PLACE)))
        with CaptureQueriesContext(connection) as looked:
            shown = preview(ed, original)
        assert shown.status_code == 200
        with CaptureQueriesContext(connection) as took:
            done = ed.post(at("on_behalf_workbook", original.pk), {"seen": seen_in(shown)})
        assert done.status_code == 302
        found.append((len(looked), len(took)))
    assert len(chosen) > 10
    assert found[0] == found[1]
    assert found[0][0] <= 12


def test_a_workbook_of_another_return_is_not_kept(world, ed):
    """It would be kept with the wrong Member, whose people could read it."""
    came = {"received_on": "09.01.28", "received_from": "J. Rabuka"}
    content = replaced(sent_out(world), "xl/worksheets/", b">FJI<", b">AUS<")
    refused = ed.post(at("review_on_behalf"), came | {"file": SimpleUploadedFile("AUS.xlsx", content)})
    assert refused.status_code == 422
    assert "The workbook is of another organisation, AUS." in page_of(refused).main
    assert not Original.objects.exists()


def test_the_member_reads_an_original_as_soon_as_something_is_entered_from_it(world, ed, sign_in):
    ali, original = sign_in(world.people.ali), by_mail(world, filled(sent_out(world), **{STATUS: IN_PLACE}))
    assert ali.get(at("return_original", original.pk)).status_code == 404
    take(ed, original)
    assert ali.get(at("return_original", original.pk)).status_code == 200


def test_the_member_is_told_of_activities_alone_too(world, ed, sign_in):
    content = sent_out(world)
    original = by_mail(world, filled(content, **{new_row(content, Part.ACTIVITY): NEW_ONE}))
    take(ed, original)
    mails = OutgoingMail.objects.filter(key__startswith=f"on-behalf/{original.pk}")
    assert {mail.subject.partition(":")[0] for mail in mails} == {"Please look at what was entered for you"}
    kept = WorkbookUpload.objects.get()
    receipt = words(ed.get(at("on_behalf_receipt", original.pk, kept.pk)).content.decode())
    assert "Where activities name Fiji, it says in the register whether they are right." in receipt
    assert "to confirm the answers" not in receipt
    theirs = page_of(sign_in(world.people.ali).get(at("return_upload_receipt", kept.pk)))
    assert '/register/">The register</a>' in theirs.html.partition("<main")[2]
    entry = AuditEntry.objects.get(object_type="reporting.workbookupload")
    assert entry.reason == "On behalf, from Fiji.xlsx"
