"""Answers entered on behalf of a Member from an e-mail: both names, the original attached, and the Member confirms."""

import hashlib
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.history import changes_in_words, sentence_of
from members.models import AuditEntry, OutgoingMail
from reporting.actions import close_round
from reporting.actions.behalf import Said, enter_on_behalf, keep_original
from reporting.actions.deciding import accept_answers
from reporting.actions.refusals import Stale
from reporting.models import UNSAID, Answer, AnswerComment, Confirmation, Original, Submission
from reporting.originals import KINDS, LARGEST, check_content, known_as
from reporting.questions import questions_of
from reporting.seen import tokens
from reporting.threads import thread_of, versions

from .entering import FIGURES, brought, form_of, inputs
from .looks import Page, page_of, queries_of
from .region import NOW, PLAN, answer, kpi
from .world import STATUS, STATUS_4

ROUND = "interim-2028"
EMAIL = b"From: J. Rabuka <j@example.org>\r\nSubject: Our answers\r\n\r\nIn place since May.\r\n"
BOTH = "Entered by Ed (secretariat) on behalf of Fiji, from an e-mail of 09.01.28 by J. Rabuka"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, ROUND, "FJI", *more))


def fiji(world) -> Submission:
    found = Submission.objects.select_related("round__plan", "organisation")
    return found.get(round=world.current, organisation__code="FJI")


def kept(world, content: bytes = EMAIL, name: str = "Answers.eml", **more) -> Original:
    came = {"received_on": date(2028, 1, 9), "received_from": "J. Rabuka", "by": world.people.ed, "now": NOW} | more
    return keep_original(submission=fiji(world), name=name, content=content, **came)


def entered(world, code: str = STATUS, year: int | None = None, seen: str = "0", now=NOW, **says) -> Answer:
    says = UNSAID | {"comment": "", "evidence_url": ""} | (says or {"standing": "in_place"})
    question = questions_of(world.current)[code]
    said = [Said(year, says, seen)]
    [made] = enter_on_behalf(original=kept(world), question=question, said=said, by=world.people.ed, now=now)
    return versions().get(pk=made.pk)


def thread(world, code: str = STATUS):
    return thread_of(fiji(world), kpi(code).pk, None)


def post(client, path, data, **more) -> Page:
    return page_of(client.post(path, data, **more))


# ---------------------------------------------------------------- the original


def archive(*names: str) -> bytes:
    found = BytesIO()
    with zipfile.ZipFile(found, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return found.getvalue()


SAMPLES = {
    "eml": EMAIL,
    "msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
    "pdf": b"%PDF-1.7 rest",
    "docx": archive("word/document.xml"),
    "xlsx": archive("xl/workbook.xml"),
    "png": b"\x89PNG\r\n\x1a\nrest",
    "jpg": b"\xff\xd8\xffrest",
    "txt": "Our answers: naïve.".encode(),
}


def test_every_kind_is_known_by_its_content_and_no_other():
    assert set(SAMPLES) == set(KINDS)
    taken = {kind: {other for other in KINDS if KINDS[other](content)} for kind, content in SAMPLES.items()}
    text = {"pdf", "eml", "txt", "jpg", "png", "msg"}
    for kind, kinds in taken.items():
        assert kind in kinds
        assert kinds <= ({kind, "txt"} if kind in text else {kind}), kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_another_kind_than_it_says_is_refused(kind):
    check_content(kind, SAMPLES[kind])
    with pytest.raises(ValidationError, match="is not that of a"):
        check_content(kind, b"MZ\0\0 a program")
    with pytest.raises(ValidationError, match="is empty"):
        check_content(kind, b"")
    with pytest.raises(ValidationError, match="larger than 10 MB"):
        check_content(kind, SAMPLES[kind] + b" " * LARGEST)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("C:\\mails\\Answers.EML", ("Answers.eml", "eml")),
        ("../../etc/Fiji 2028.jpeg", ("Fiji 2028.jpg", "jpg")),
        ('a";filename="b.exe.pdf', ("a__filename__b.exe.pdf", "pdf")),
        ("x\r\nSet-Cookie: y.txt", ("x__Set-Cookie_ y.txt", "txt")),
        ("pdf", None), ("page.html", None), ("drawing.svg", None), ("", None), ("..", None), (".pdf", None),
    ],
)  # fmt: skip
def test_a_name_is_safe_to_give_to_a_browser(name, known):
    if known:
        assert known_as(name) == known
    elif name == ".pdf":
        assert known_as(name) == ("original.pdf", "pdf")
    else:
        with pytest.raises(ValidationError, match="A file ends in one of these"):
            known_as(name)


def test_it_is_uploaded_once_with_who_sent_it_and_when(world, sign_in):
    ed, path = sign_in(world.people.ed), at("review_on_behalf")
    assert page_of(ed.get(path)).heading == "Enter what Fiji sent by e-mail: Interim 2"
    for _ in range(2):
        file = SimpleUploadedFile("Answers.eml", EMAIL)
        form = {"file": file, "received_from": " J.  Rabuka ", "received_on": "09.01.28"}
        page = post(ed, path, form | {"uploaded_by": "1", "size": "1", "submission": "1"})
        assert page.location == at("on_behalf", Original.objects.get().pk)
    made = Original.objects.get()
    assert (made.name, made.kind, made.size, bytes(made.content)) == ("Answers.eml", "eml", len(EMAIL), EMAIL)
    assert made.sha256 == hashlib.sha256(EMAIL).hexdigest()
    assert (made.received_from, f"{made.received_on}", made.uploaded_by, made.uploaded_at) == (
        "J. Rabuka", "2028-01-09", world.people.ed, NOW,
    )  # fmt: skip
    assert AuditEntry.objects.filter(object_type="reporting.original").count() == 1
    assert "E-mail of 09.01.28 by J. Rabuka : 0 answers entered" in page_of(ed.get(path)).main


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"file": ""}, "Choose the file that came."),
        ({"file": SimpleUploadedFile("a.pdf", EMAIL)}, "The content of this file is not that of a pdf file."),
        ({"file": SimpleUploadedFile("a.exe", EMAIL)}, "A file ends in one of these: eml, msg,"),
        ({"file": SimpleUploadedFile("a.txt", b"")}, "This file is empty."),
        ({"file": SimpleUploadedFile("a.txt", b"x" * (LARGEST + 1))}, "This file is larger than 10 MB."),
        ({"received_from": " "}, "Say from whom it came."),
        ({"received_from": "x" * 121}, "A name has at most 120 characters."),
        ({"received_on": ""}, "Give the day."),
        ({"received_on": "11.01.28"}, "This day is still to come."),
    ],
)
def test_what_is_wrong_with_it_is_said(world, sign_in, more, sentence):
    form = {"file": SimpleUploadedFile("a.eml", EMAIL), "received_from": "J. Rabuka", "received_on": "10.01.28"}
    page = post(sign_in(world.people.ed), at("review_on_behalf"), form | more)
    assert (page.status, page.main.count(sentence) >= 2) == (422, True), page.main
    assert not Original.objects.exists()


WHO = {"ada": 200, "ed": 200, "connie": 200, "ali": 200, "cora": 200, "vera": 404, "olga": 404, "percy": 404}


def test_who_may_download_it(world, sign_in):
    """Its own Member, the secretariat, and who co-ordinates the focus area of what was entered from it."""
    made = entered(world)
    path = at("return_original", made.original_id)
    assert {name: sign_in(world.people[name]).get(path).status_code for name in WHO} == WHO
    assert sign_in(world.people.ed).get(at("return_original", 999)).status_code == 404
    foreign = reverse("return_original", args=(PLAN, ROUND, "JPN", made.original_id))
    assert {name: sign_in(world.people[name]).get(foreign).status_code for name in ("ed", "connie")} == {
        "ed": 404, "connie": 404,
    }  # fmt: skip


def test_an_email_that_answers_another_focus_area_too_is_no_co_coordinators(world, sign_in):
    """And every page with its answers says why there is no link."""
    closed = "The e-mail also answers KPIs of other focus areas. Only Fiji and the secretariat can open it."
    made = entered(world)
    assert entered(world, STATUS_4).original == made.original
    path = at("return_original", made.original_id)
    assert {name: sign_in(world.people[name]).get(path).status_code for name in WHO} == WHO | {"cora": 404}
    review = reverse("review_kpi", args=(PLAN, ROUND, STATUS))
    for name, opens in (("ed", True), ("connie", True), ("cora", False)):
        pages = [at("return_kpi", STATUS), at("return_versions", STATUS), *([review] if name != "connie" else [])]
        for page in pages:
            client = sign_in(world.people[name])
            html = client.get(page).content.decode()
            assert (path in html, closed in html) == (opens, not opens), (name, page)
            assert queries_of(client, page) <= 12


def test_what_nothing_was_entered_from_is_the_secretariats_alone(world, sign_in):
    """It may be somebody else's, chosen by mistake."""
    answer(world.current, "FJI", STATUS, standing="in_place", accept=False)
    path = at("return_original", kept(world).pk)
    assert {name: sign_in(world.people[name]).get(path).status_code for name in ("ed", "connie", "cora")} == {
        "ed": 200, "connie": 404, "cora": 404,
    }  # fmt: skip


def test_a_browser_stores_it_and_never_shows_it(world, sign_in):
    made = kept(world, b"<script>alert(1)</script>", "page.txt")
    response = sign_in(world.people.ed).get(at("return_original", made.pk))
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["Content-Disposition"] == 'attachment; filename="page.txt"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["報告.txt", "Réponse.txt"])
def test_a_name_in_another_script_is_kept(world, sign_in, name):
    header = sign_in(world.people.ed).get(at("return_original", kept(world, b"x", name).pk))["Content-Disposition"]
    assert header == f"attachment; filename*=utf-8''{quote(name)}"


# ---------------------------------------------------------------- what it says


def test_the_same_form_as_the_members_enters_it_at_once(world, sign_in):
    ed, original = sign_in(world.people.ed), kept(world)
    listed = page_of(ed.get(at("on_behalf", original.pk)))
    assert listed.heading == "Fiji: 0 answers entered from this e-mail"
    path = at("on_behalf_kpi", original.pk, STATUS)
    fields = inputs(ed.get(path).content.decode())
    assert set(fields) >= {"answer-token", "answer-comment", "answer-evidence_url"}
    form = page_of(ed.get(path))
    assert ("The answer of Fiji" in form.main, "Your answer" in form.main) == (True, False)
    assert "Comment What helps to understand the answer. Needed where it does not apply to Fiji: why." in form.main
    assert form.main.count("(optional)") == 1
    page = post(ed, path, fields | {"answer-answer": "in_place", "answer-comment": "Since May.", "next": "1"})
    assert page.location.startswith(at("on_behalf", original.pk))
    made = versions().get(submission=fiji(world))
    assert (made.state, made.standing, made.comment, made.on_behalf, made.original, made.version) == (
        "submitted", "in_place", "Since May.", True, original, 1,
    )  # fmt: skip
    assert made.entered_by == made.sent_by == world.people.ed
    assert page_of(ed.get(at("on_behalf", original.pk))).row(STATUS).endswith("In place Sent Entered")
    entry = AuditEntry.objects.get(object_type="reporting.answer", object_key=made.in_history.key)
    assert (entry.action, entry.actor_name, entry.reason) == ("created", "Ed", "On behalf, from Answers.eml")
    label = f"Fiji, {world.current}, on {STATUS}, version 1"
    assert sentence_of(entry) == f"Ed entered the answer “{label}” for Fiji and sent it, from a mail of J. Rabuka"
    told = changes_in_words(entry, ZoneInfo("Pacific/Fiji")).split("; ")
    assert {"Entered for: Fiji", "Mail of: J. Rabuka", "Mail came on: 09.01.28"} <= set(told)
    entry.changes = {"standing": [None, "in_place"]}
    assert sentence_of(entry) == f"Ed entered the answer “{label}” for the Member and sent it"


def test_each_plan_year_is_entered_by_itself_and_all_or_none(world, sign_in):
    ed, original = sign_in(world.people.ed), kept(world)
    path = at("on_behalf_kpi", original.pk, FIGURES)
    fields = inputs(ed.get(path).content.decode())
    page = post(ed, path, fields | {"y2026-value": "12", "y2027-comment": "Not known."})
    assert (page.status, f"{FIGURES} for 2027/28: " in page.main, "Not known." in page.html) == (422, True, True)
    assert not Answer.objects.filter(submission=fiji(world)).exists()
    page = post(ed, path, fields | {"y2026-value": "twelve"})
    assert (page.status, "twelve" in page.html) == (422, True)
    assert post(ed, path, fields).status == 422
    assert post(ed, path, fields | {"y2026-value": "12", "y2027-value": "13"}).status == 302
    assert [(each.plan_year, each.value) for each in Answer.objects.filter(submission=fiji(world))] == [
        (2026, 12), (2027, 13),
    ]  # fmt: skip


def test_who_was_slower_is_told_and_sees_what_stands(world, sign_in):
    ed, original = sign_in(world.people.ed), kept(world)
    path = at("on_behalf_kpi", original.pk, STATUS)
    fields = inputs(ed.get(path).content.decode()) | {"answer-answer": "in_place"}
    brought(world, "submitted", comment="Ours.")
    page = post(ed, path, fields)
    assert (page.status, "This answer changed after you opened this page." in page.main) == (409, True)
    assert "An answer was sent and is not decided yet. Decide on that first." in page.main
    assert Answer.objects.get(submission=fiji(world)).comment == "Ours."


@pytest.mark.parametrize("state", ["draft", "awaiting_approval"])
def test_what_the_member_has_begun_waits_behind_it_with_every_word(world, sign_in, state):
    """And whether it has begun anything is seen nowhere."""
    ed, original = sign_in(world.people.ed), kept(world)
    path = at("on_behalf_kpi", original.pk, STATUS)
    without = page_of(ed.get(path)).main
    draft = brought(world, state, comment="ZEBRA so far.")
    assert page_of(ed.get(path)).main == without
    made = entered(world)
    assert [(each.pk, each.version, each.state) for each in thread(world).versions] == [
        (made.pk, 1, "submitted"), (draft.pk, 2, state),
    ]  # fmt: skip
    assert thread(world).state == "submitted"
    accept_answers(seen=tokens([made]), by=world.people.ada, now=NOW)
    assert thread(world).newest.comment == "ZEBRA so far."
    assert "ZEBRA" not in page_of(ed.get(at("return_versions", STATUS))).main


def test_a_draft_that_says_nothing_yet_is_no_draft_to_others(world):
    brought(world, "draft", comment="")
    assert entered(world).version == 1


# ---------------------------------------------------------------- until when


AFTER = datetime(2028, 2, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(("received", "allowed"), [(date(2028, 1, 31), True), (date(2028, 2, 1), False)])
def test_after_the_closing_what_had_come_by_then_is_entered(world, received, allowed):
    original = kept(world, received_on=received, now=AFTER)
    question = questions_of(world.current)[STATUS]
    said = [Said(None, UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""}, "0")]
    entering = {"original": original, "question": question, "said": said, "by": world.people.ed, "now": AFTER}
    if allowed:
        [made] = enter_on_behalf(**entering)
        assert made.state == "submitted"
    else:
        with pytest.raises(ValidationError, match="came after the round closed"):
            enter_on_behalf(**entering)


def test_what_is_accepted_is_corrected_once_the_round_is_closed(world):
    before = brought(world, "accepted")
    close_round(collection=world.current, by=None, now=NOW)
    with pytest.raises(ValidationError, match="An administrator can correct it"):
        entered(world, seen=f"{before.pk}.{before.edits}.ac")


def test_what_is_accepted_gets_a_newer_version_while_the_round_is_open(world):
    before = brought(world, "accepted")
    made = entered(world, seen=f"{before.pk}.{before.edits}.ac", standing="planned")
    assert (made.version, [each.state for each in thread(world).versions]) == (2, ["accepted", "submitted"])
    with pytest.raises(Stale):
        entered(world, seen=f"{before.pk}.{before.edits}.ac", standing="planned")


def test_nobody_decides_on_what_they_entered(world):
    made = entered(world)
    with pytest.raises(ValidationError, match="Nobody decides on what they entered"):
        accept_answers(seen=tokens([made]), by=world.people.ed, now=NOW)
    [done] = accept_answers(seen=tokens([made]), by=world.people.ada, now=NOW)
    assert done.state == "accepted"


# ---------------------------------------------------------------- both names, everywhere


def test_both_names_and_the_original_stand_wherever_the_answer_does(world, sign_in):
    made = entered(world)
    link = at("return_original", made.original_id)
    for name in ("ada", "connie", "cora"):
        client = sign_in(world.people[name])
        lists = [] if name == "connie" else [reverse("review_kpi", args=(PLAN, ROUND, STATUS))]
        lists += [at("review_member")] if name == "ada" else []
        for path in [*lists, at("return_kpi", STATUS)]:
            page = page_of(client.get(path))
            assert (BOTH in page.main, link in page.html) == (True, True), (name, path)
        page = page_of(client.get(at("return_versions", STATUS)))
        assert "Entered by Ed on behalf of Fiji, from an e-mail of 09.01.28 by J. Rabuka, 10.01.28" in page.main
        assert link in page.html
    figure = page_of(sign_in(world.people.ada).get(f"/plans/{PLAN}/kpis/{STATUS}/?as-at=2027-12-31&basis=reported"))
    assert BOTH in figure.main


def test_one_mail_for_each_e_mail_asks_its_people_to_confirm(world):
    entered(world)
    entered(world, STATUS_4)
    mails = OutgoingMail.objects.filter(subject__startswith="Please confirm what was entered for you")
    assert sorted(mails.values_list("to", flat=True)) == ["ali@example.org", "connie@example.org"]
    assert all("Ed of the secretariat enters what Fiji sent for Interim 2, from an e-mail of 09.01.28 by J. Rabuka."
               in mail.text for mail in mails)  # fmt: skip


# ---------------------------------------------------------------- what the Member says of it


def seen_of(made: Answer) -> str:
    return f"{made.pk}:{made.pk}.{made.edits}.{made.state[:2]}"


def test_the_member_confirms(world, sign_in):
    made, client = entered(world), sign_in(world.people.ali)
    assert "1 answer was entered for you" in page_of(client.get(at("return_tasks"))).main
    assert at("return_confirm") in page_of(client.get(at("return_kpi", STATUS))).html
    page = page_of(client.get(at("return_confirm")))
    assert (page.heading, BOTH in page.main) == ("1 answer to confirm: Fiji", True)
    ed, listed = sign_in(world.people.ed), reverse("review_kpi", args=(PLAN, ROUND, STATUS))
    assert "Not confirmed by Fiji yet" in page_of(ed.get(listed)).row("FJI")
    assert post(client, at("return_confirm"), {"confirm": seen_of(made)}).location == at("return_confirm")
    stated = Confirmation.objects.get()
    assert (stated.answer_id, stated.kind, stated.made_by, stated.made_at) == (
        made.pk, "confirmed", world.people.ali, NOW,
    )  # fmt: skip
    assert "Confirmed by Ali on 10.01.28" in page_of(ed.get(listed)).row("FJI")
    assert page_of(client.get(at("return_confirm"))).heading == "No answers to confirm: Fiji"
    assert "entered for you" not in page_of(client.get(at("return_tasks"))).main
    assert AuditEntry.objects.filter(action="confirmed", object_key=made.in_history.key).count() == 1
    assert "Your approver confirms it." not in page_of(client.get(at("return_kpi", STATUS))).main
    again = post(client, at("return_confirm"), {"confirm": seen_of(made)})
    assert (again.status, "has said already whether this is right" in again.main) == (422, True)


def test_the_day_of_a_confirmation_is_that_of_the_readers_clock(world, sign_in):
    """At 20:00 UTC it is the next day in the region already, as beside the moment at which it was entered."""
    entered(world, now=datetime(2028, 1, 10, 20, tzinfo=UTC))
    ali = sign_in(world.people.ali)
    assert f"{BOTH}, 11.01.28." in page_of(ali.get(at("return_confirm"))).main
    post(ali, at("return_confirm"), {"confirm": seen_of(Answer.objects.get(original__isnull=False))})
    Confirmation.objects.update(made_at=datetime(2028, 1, 10, 13, tzinfo=UTC))
    assert "Confirmed by Ali on 11.01.28." in page_of(ali.get(at("return_versions", STATUS))).main
    listed = reverse("review_kpi", args=(PLAN, ROUND, STATUS))
    ed = sign_in(world.people.ed)
    assert "Confirmed by Ali on 10.01.28" in page_of(ed.get(listed)).row("FJI")
    Confirmation.objects.update(made_at=datetime(2028, 1, 10, 20, tzinfo=UTC))
    assert "Confirmed by Ali on 11.01.28" in page_of(ed.get(listed)).row("FJI")


def test_all_of_an_e_mail_are_confirmed_with_one_button(world, sign_in):
    first, second, other = entered(world), entered(world, STATUS_4), entered(world, FIGURES, 2026, value=Decimal(3))
    Answer.objects.filter(pk=other.pk).update(original=kept(world, EMAIL + b"More.", "More.eml"))
    client = sign_in(world.people.ali)
    page = page_of(client.get(at("return_confirm")))
    mails = re.findall(r"<h2[^>]*>(E-mail.*?)</h2>", page.html)
    assert mails == [f"E-mail of 09.01.28 by J. Rabuka: {many}" for many in ("2 answers", "1 answer")]
    both = f"{seen_of(first)} {seen_of(second)}"
    assert f'name="confirm" value="{both}">Confirm all of these<' in page.html
    assert page.main.count("Confirm all") == 1
    assert "2 answers are confirmed." in page_of(client.post(at("return_confirm"), {"confirm": both}, follow=True)).main
    assert set(Confirmation.objects.values_list("answer", flat=True)) == {first.pk, second.pk}
    assert page_of(client.get(at("return_confirm"))).heading == "1 answer to confirm: Fiji"
    assert other.pk not in Confirmation.objects.values_list("answer", flat=True)


def test_those_that_are_ticked_are_confirmed_and_stay_ticked_where_that_is_refused(world, sign_in):
    first, second, third = entered(world), entered(world, STATUS_4), entered(world, FIGURES, 2026, value=Decimal(3))
    client = sign_in(world.people.ali)
    ticked = [seen_of(first), seen_of(third)]
    page = post(client, at("return_confirm"), {"confirm": [*ticked, f"{second.pk}:nobody-saw-this"]})
    assert (page.status, Confirmation.objects.exists()) == (409, False)
    assert re.findall(r'name="confirm" value="([^"]*)" checked', page.html) == ticked
    assert post(client, at("return_confirm"), {"confirm": ticked}).status == 302
    assert set(Confirmation.objects.values_list("answer", flat=True)) == {first.pk, third.pk}
    page = post(client, at("return_confirm"), {})
    assert (page.status, "Choose at least one answer." in page.main) == (422, True)


def test_the_member_says_that_it_did_not_say_this(world, sign_in):
    made, client = entered(world), sign_in(world.people.ali)
    page = post(client, at("return_confirm"), {"contest": seen_of(made), "reason": " "})
    assert (page.status, page.main.count("Say what is wrong.")) == (422, 2)
    post(client, at("return_confirm"), {"contest": seen_of(made), "reason": "We said planned."})
    assert Confirmation.objects.get().kind == "contested"
    contested = AuditEntry.objects.get(action="contested", object_type="reporting.answer")
    assert sentence_of(contested) == f"Ali contested the answer “{contested.object_label}”"
    comment = AnswerComment.objects.get()
    assert (comment.text, comment.internal, comment.organisation.code) == ("We said planned.", False, "FJI")
    ada, listed = sign_in(world.people.ada), reverse("review_kpi", args=(PLAN, ROUND, STATUS))
    own = page_of(client.get(reverse("return_kpi", args=(PLAN, ROUND, "FJI", STATUS)))).main
    assert "You said that this is not what you said. The secretariat cannot accept it, and returns it." in own
    row = page_of(ada.get(listed)).row("FJI")
    assert "Contested : Not what Fiji said, by Ali on 10.01.28: We said planned." in row
    assert "Accept" not in row
    page = post(ada, listed, {"accept": seen_of(made)})
    assert (page.status, "Return it with a reason." in page.main) == (422, True)
    assert "1 new comment of the Member" in page_of(ada.get(reverse("review_queue", args=(PLAN, ROUND)))).row("FJI")


def test_what_was_returned_or_replaced_is_not_confirmed(world, sign_in):
    before = entered(world)
    accept_answers(seen=tokens([before]), by=world.people.ada, now=NOW)
    before.refresh_from_db()
    made = entered(world, seen=f"{before.pk}.{before.edits}.ac", standing="planned")
    client = sign_in(world.people.ali)
    page = post(client, at("return_confirm"), {"confirm": seen_of(before)})
    assert (page.status, Confirmation.objects.exists()) == (409, False)
    assert post(client, at("return_confirm"), {"confirm": seen_of(made)}).status == 302


def test_what_a_file_brought_in_is_confirmed_too(world, sign_in):
    made = answer(world.current, "FJI", STATUS, standing="in_place")
    client = sign_in(world.people.ali)
    assert "Entered by the secretariat on behalf of Fiji, 10.01.28" not in page_of(client.get(form_of())).main
    assert "Entered by the secretariat on behalf of Fiji" in page_of(client.get(at("return_confirm"))).main
    assert post(client, at("return_confirm"), {"confirm": seen_of(made)}).status == 302


def test_who_entered_it_does_not_confirm_it_for_the_member(world, sign_in):
    made = entered(world)
    Answer.objects.filter(pk=made.pk).update(entered_by=world.people.ali)
    page = post(sign_in(world.people.ali), at("return_confirm"), {"confirm": seen_of(made)})
    assert (page.status, "Somebody else of the Member confirms it." in page.main) == (422, True)


@pytest.mark.parametrize("seen", ["", "x", "1", "99999999:1"])
def test_nothing_is_confirmed_by_a_forged_form(world, sign_in, seen):
    entered(world)
    client = sign_in(world.people.ali)
    assert post(client, at("return_confirm"), {"confirm": seen}).status in (409, 422)
    assert post(client, at("return_confirm"), {"contest": seen, "reason": "No."}).status in (409, 422)
    assert not Confirmation.objects.exists()


# ---------------------------------------------------------------- who may


PLACES = ("review_on_behalf", "on_behalf", "on_behalf_kpi")


@pytest.mark.parametrize("name", ["connie", "ali", "cora", "vera", "olga", "percy", "nobody"])
def test_only_the_secretariat_enters_for_others(world, sign_in, name):
    made, client = entered(world), sign_in(world.people[name])
    args = {"on_behalf": (made.original_id,), "on_behalf_kpi": (made.original_id, STATUS)}
    wanted = 403 if name in ("connie", "ali", "cora") else 404
    for place in PLACES:
        for method in ("get", "post"):
            assert getattr(client, method)(at(place, *args.get(place, ()))).status_code == wanted, place


def test_what_does_not_exist_is_not_found(world, sign_in):
    made, ed = entered(world), sign_in(world.people.ed)
    for path in (
        at("on_behalf", 999), at("on_behalf_kpi", 999, STATUS), at("on_behalf_kpi", made.original_id, "9.9.9"),
        reverse("review_on_behalf", args=(PLAN, ROUND, "XXX")),
        reverse("on_behalf", args=(PLAN, ROUND, "JPN", made.original_id)),
    ):  # fmt: skip
        assert ed.get(path).status_code == 404, path


@pytest.mark.parametrize("name", ["ed", "ali"])
def test_its_pages_take_at_most_12_queries(world, sign_in, name):
    made, client = entered(world), sign_in(world.people[name])
    for code in (STATUS_4, "4.1.2(a)"):
        entered(world, code)
    paths = [at("return_confirm")] if name == "connie" else [
        at("review_on_behalf"), at("on_behalf", made.original_id), at("on_behalf_kpi", made.original_id, STATUS),
    ]  # fmt: skip
    assert max(queries_of(client, path) for path in paths) <= 12
    assert timedelta(days=1) < AFTER - NOW


def test_a_contributor_reads_it_and_the_approver_confirms_it(world, sign_in):
    made, connie = entered(world), sign_in(world.people.connie)
    assert "Your approver confirms it." in page_of(connie.get(at("return_tasks"))).main
    page = page_of(connie.get(at("return_kpi", STATUS)))
    assert ("Your approver confirms it." in page.main, at("return_confirm") in page.html) == (True, False)
    assert connie.get(at("return_confirm")).status_code == 403
    assert connie.post(at("return_confirm"), {"confirm": seen_of(made)}).status_code == 403
