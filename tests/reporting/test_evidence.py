"""Evidence of activities and arrangements: kept once, opened by whoever may know, removed with a reason."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import InMemoryStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from members.models import AuditEntry
from reporting.actions import evidence
from reporting.actions.duplicates import merge
from reporting.actions.evidence import Beside, add_file, add_link, remove
from reporting.actions.refusals import Stale
from reporting.evidence import PATH
from reporting.models import Activity, Evidence, EvidenceFile, Submission
from tests.members.signing_in import recently

from .looks import page_of, queries_of, stored
from .region import NOW, PLAN, activity, arrangement, kpi, org
from .test_evidence_checks import clamd, found_or_not
from .uploads import EICAR, GOOD, office, pdf, zeros
from .world import STATUS

ITEMS, DAY = "2.1.1(a).2", date(2026, 11, 20)
LINK = "https://example.org/report"


@pytest.fixture(autouse=True)
def files(monkeypatch) -> InMemoryStorage:
    """An empty store for each test."""
    empty = InMemoryStorage()
    monkeypatch.setattr(default_storage, "_wrapped", empty)
    return empty


def kept(files: InMemoryStorage) -> list[str]:
    return files.listdir("evidence")[1] if files.exists("evidence") else []


def named(reference: str) -> Activity:
    return Activity.objects.get(reference=reference)


def at(name: str, *args: object) -> str:
    return reverse(name, args=[PLAN, *args])


def given(world, where="ROCB-R1", content=b"Done.", name="Report.txt", title="", **beside) -> Evidence:
    place = Beside(**beside) if beside else Beside(activity=named(where))
    return add_file(beside=place, name=name, content=content, title=title, by=world.people.olga, now=NOW)


def linked(world, where="ROCB-R1", url=LINK, title="") -> Evidence:
    return add_link(beside=Beside(activity=named(where)), url=url, title=title, by=world.people.olga, now=NOW)


def send(client, path: str, **typed):
    return page_of(client.post(path, typed))


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# ---------------------------------------------------------------- kept


def test_a_file_is_kept_once_under_a_name_of_our_own(world, files):
    one, other = given(world), given(world, "ROCB-R2", name="Other.csv", title="The  numbers")
    assert (one.file, one.name, one.title) == (other.file, "Report.txt", "Report.txt")
    assert (other.name, other.title) == ("Other.csv", "The numbers")
    [path] = kept(files)
    assert one.file.path == f"evidence/{path}"
    assert "eport" not in path
    assert files.open(one.file.path).read() == b"Done."
    assert (one.file.size, one.file.kind, one.file.uploaded_by, one.added_at) == (5, "txt", world.people.olga, NOW)


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "/etc/x.txt", "C:\\x.txt"])
def test_the_action_refuses_a_name_with_a_path(world, files, name):
    with pytest.raises(ValidationError) as refused:
        given(world, name=name)
    assert refused.value.message_dict == {"file": [PATH]}
    assert (Evidence.objects.count(), kept(files)) == (0, [])


def test_a_second_click_adds_nothing(world, files):
    assert given(world) == given(world, name="Again.txt")
    assert linked(world) == linked(world)
    assert len(kept(files)) == Evidence.objects.filter(file__isnull=False).count() == 1
    assert AuditEntry.objects.filter(object_type="reporting.evidence").count() == 2


def test_it_stands_with_an_arrangement_and_with_an_answer_too(world):
    submission = Submission.objects.get(round=world.current, organisation=org("FJI"))
    for beside in (
        {"arrangement": arrangement("FJI", "NZL")},
        {"submission": submission, "kpi": kpi(STATUS)},
        {"submission": submission, "kpi": kpi(STATUS), "plan_year": 2026},
    ):
        made = given(world, **beside)
        assert {name: getattr(made, name) for name in beside} == beside
        assert given(world, **beside) == made
    draft, of_pair = (AuditEntry.objects.filter(object_type="reporting.evidence").order_by(o)[0] for o in ("-pk", "pk"))
    assert of_pair.about == "reporting.arrangement/FJI-NZL"
    assert (of_pair.only_for, draft.only_for) == ("", "FJI")


def test_what_fails_leaves_no_file_behind(world, files, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(evidence, "record", fail)
    with pytest.raises(RuntimeError):
        given(world)
    assert not kept(files)
    assert not EvidenceFile.objects.exists()


def test_a_file_that_was_lost_comes_back_with_the_next_upload(world, files):
    path = given(world).file.path
    files.delete(path)
    assert given(world, "ROCB-R2").file.path == path
    assert files.open(path).read() == b"Done."


def test_the_history_says_who_added_and_removed_what(world):
    made = linked(world, title="The report")
    remove(piece=made, reason=" Not it. ", by=world.people.ada, now=NOW)
    kept_in = AuditEntry.objects.filter(about="reporting.activity/ROCB-R1", object_type="reporting.evidence")
    one, other = kept_in.order_by("pk")
    assert (one.action, one.changes) == ("created", {"url": [None, LINK], "title": [None, "The report"]})
    assert (other.action, other.reason, other.object_label) == ("withdrawn", "Not it.", "The report, with ROCB-R1")


def test_it_is_removed_once_and_with_a_reason_and_may_be_added_again(world):
    made = given(world)
    with pytest.raises(ValidationError, match="Say why"):
        remove(piece=made, reason=" ", by=world.people.olga, now=NOW)
    remove(piece=made, reason="Wrong.", by=world.people.olga, now=NOW)
    with pytest.raises(Stale, match="removed already"):
        remove(piece=made, reason="Wrong.", by=world.people.olga, now=NOW)
    again = given(world)
    assert (again.pk != made.pk, again.file) == (True, made.file)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("evidence_is_file_or_link", {"url": LINK}),
        ("evidence_is_file_or_link", {"file": None, "name": ""}),
        ("evidence_is_file_or_link", {"name": ""}),
        ("evidence_stands_with_one", {"activity": None}),
        ("evidence_stands_with_one", {"kpi": "kpi"}),
        ("evidence_stands_with_one", {"arrangement": "arrangement"}),
        ("evidence_year_of_an_answer", {"plan_year": 2026}),
        ("evidence_has_a_title", {"title": ""}),
        ("evidence_removed_with_reason", {"removed_at": NOW}),
        ("evidence_removed_with_reason", {"removal_reason": "Wrong."}),
    ],
)
def test_the_database_keeps_no_evidence_of_two_things_or_of_none(world, name, wrong):
    made = given(world)
    objects = {"kpi": lambda: kpi(STATUS), "arrangement": lambda: arrangement("FJI", "NZL")}
    values = {field: objects[value]() if value in objects else value for field, value in wrong.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Evidence.objects.filter(pk=made.pk).update(**values)


def test_what_shows_a_merged_record_shows_the_one_it_went_into(world):
    kept_one, gone = (activity(name, DAY, {ITEMS: 5}, accept=False, title="Alerts") for name in ("AA", "BB"))
    same = given(world, "AA")
    given(world, "BB")
    link, paper = linked(world, "BB"), given(world, "BB", b"More.")
    merge(kept=kept_one, gone=gone, reason="One.", by=world.people.ada, now=NOW)
    assert set(kept_one.evidence.all()) == {same, link, paper}
    with pytest.raises(ValidationError, match="merged into AA: add it there"):
        linked(world, "BB")


# ---------------------------------------------------------------- pages


def test_a_file_and_a_link_are_added_and_shown(world, sign_in):
    olga, record = sign_in(world.people.olga), named("ROCB-R1")
    assert "Nothing shows it yet." in page_of(olga.get(at("activity", record.pk))).main
    path = at("activity_evidence", record.pk)
    assert f'href="{path}"' in page_of(olga.get(at("activity", record.pk))).html
    page = send(olga, path, file=upload("../Signed.pdf", GOOD["pdf"]), title="The report", sha256="x", activity="1")
    assert (page.status, page.location) == (302, at("activity", record.pk))
    assert send(olga, path, url=LINK).status == 302
    page = page_of(olga.get(at("activity", record.pk)))
    file, link = record.evidence.all()
    assert (file.name, file.title, link.url) == ("Signed.pdf", "The report", LINK)
    assert f'href="{at("activity_evidence_file", record.pk, file.pk)}"' in page.html
    assert f'<a href="{LINK}" rel="noreferrer nofollow">' in page.html
    assert "Added by Olga on" in page.main
    seen = page_of(sign_in(world.people.connie).get(at("activity", record.pk)))
    assert at("activity_evidence_file", record.pk, file.pk) in seen.html
    assert f'href="{path}"' not in seen.html
    assert "Remove" not in seen.main


REFUSED = [
    ({}, "Choose a file, or give a link."),
    ({"url": "javascript:alert(1)"}, "is not a link; a link begins with https:// or http://."),
    ({"url": "https://ana:s3cret@example.org/"}, "This link has a name or a password before its address"),
    ({"url": "https://ana:@example.org"}, "This link has a name or a password before its address"),
    ({"url": "//ana@example.org"}, "This link has a name or a password before its address"),
    ({"url": LINK, "file": ("a.txt", b"x")}, "Give a file or a link, not both: add the other one afterwards."),
    ({"url": LINK, "title": "x" * 201}, "up to 200 are accepted."),
    ({"file": ("a.txt", b"")}, "This file is empty."),
    ({"file": ("a.txt", b"x" * (10 * 2**20 + 1))}, "This file is larger than 10 MB."),
    ({"file": ("a.exe", b"MZ")}, "A file ends in one of these: pdf, docx"),
    ({"file": ("a.pdf", GOOD["png"])}, "The content of this file is not that of a pdf file."),
    ({"file": ("a.xlsx", zeros())}, "This file unpacks to far more than it holds"),
    (
        {"file": ("a.docx", office("docx", **{"../../evil.xml": b"x"}))},
        "This file has a part whose name leads out of it.",
    ),
    ({"file": ("C:a.txt", b"Done.")}, "The name of this file has a path in it."),
    ({"file": ("a.png", GOOD["png"] + GOOD["docx"])}, "This file is of two kinds at once."),
    ({"file": ("a.pdf", pdf(b"<< /S /JavaScript >>"))}, "This PDF has a script or another part that does something."),
]


@pytest.mark.parametrize(("typed", "sentence"), REFUSED)
def test_what_is_refused_is_said_in_a_sentence_and_nothing_is_kept(world, sign_in, files, typed, sentence):
    olga = sign_in(world.people.olga)
    before = stored()
    typed = {name: upload(*value) if name == "file" else value for name, value in typed.items()}
    page = send(olga, at("activity_evidence", named("ROCB-R1").pk), **{"title": "Kept", **typed})
    assert page.status == 422
    assert sentence in page.main
    assert f'value="{typed.get("title", "Kept")}"' in page.html
    assert (stored(), kept(files)) == (before, [])


def test_an_at_sign_elsewhere_in_a_link_is_no_password(world):
    for url in ("https://example.org/@ana", "https://example.org/?to=ana@example.org", "https://example.org#a@b"):
        assert linked(world, url=url).url == url


def test_a_virus_is_refused_on_the_page(world, sign_in, settings, files):
    olga, path = sign_in(world.people.olga), at("activity_evidence", named("ROCB-R1").pk)
    with clamd(found_or_not) as settings.CLAMD:
        page = send(olga, path, file=upload("a.txt", EICAR))
    assert (page.status, kept(files)) == (422, [])
    assert "A virus was found in this file, so it is not stored." in page.main
    page = send(olga, path, file=upload("a.txt", b"Done."))
    assert "cannot be checked for viruses just now" in page.main
    assert (page.status, kept(files)) == (422, [])


def test_it_is_stored_by_the_browser_and_never_shown(world, sign_in):
    made = given(world, content=GOOD["pdf"], name='a";filename="b.exe.pdf')
    response = sign_in(world.people.connie).get(at("activity_evidence_file", made.activity_id, made.pk))
    assert (response.status_code, response.content) == (200, GOOD["pdf"])
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="a__filename__b.exe.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_what_one_may_not_know_of_has_no_evidence(world, sign_in):
    record = named("OP-DRAGON")
    made = given(world, "OP-DRAGON")
    for name, args in (("", []), ("_file", [made.pk]), ("_remove", [made.pk])):
        path = at(f"activity_evidence{name}", record.pk, *args)
        for person in ("olga", "percy", "nobody"):
            for answered in (
                recently(sign_in(world.people[person])).get(path),
                sign_in(world.people[person]).post(path),
            ):
                assert answered.status_code == 404
    assert sign_in(world.people.connie).get(at("activity_evidence_file", record.pk, made.pk)).status_code == 200


def test_wrong_foreign_lost_and_removed_evidence_is_not_there(world, sign_in, files):
    made, link, other = given(world), linked(world), given(world, "ROCB-R2", b"More.")
    lost = given(world, content=b"Lost.")
    files.delete(lost.file.path)
    gone = given(world, content=b"Gone.")
    remove(piece=gone, reason="Wrong.", by=world.people.olga, now=NOW)
    olga, record = recently(sign_in(world.people.olga)), made.activity_id
    for pk in (link.pk, other.pk, lost.pk, gone.pk, 10**6, 2**70):
        assert olga.get(at("activity_evidence_file", record, pk)).status_code == 404
    for pk in (other.pk, gone.pk, 10**6, 2**70):
        assert olga.post(at("activity_evidence_remove", record, pk), {"reason": "x"}).status_code == 404
    pair = arrangement("FJI", "NZL")
    assert olga.get(at("arrangement_evidence_file", pair.pk, made.pk)).status_code == 404


def test_it_is_removed_by_whose_the_record_is(world, sign_in):
    made = given(world)
    path = at("activity_evidence_remove", made.activity_id, made.pk)
    olga = sign_in(world.people.olga)
    assert path in page_of(olga.get(at("activity", made.activity_id))).html
    page = send(olga, path, reason=" ")
    assert page.status == 422
    assert "Say why." in page.main
    assert send(olga, path, reason="Wrong file.").location == at("activity", made.activity_id)
    assert "Nothing shows it yet." in page_of(olga.get(at("activity", made.activity_id))).main
    made.refresh_from_db()
    assert (made.removed_by, made.removal_reason) == (world.people.olga, "Wrong file.")


def test_an_arrangement_has_evidence_too(world, sign_in):
    ali, pair = recently(sign_in(world.people.ali)), arrangement("FJI", "NZL")
    page = send(ali, at("arrangement_evidence", pair.pk), file=upload("MRA.docx", GOOD["docx"]))
    assert page.location == at("arrangement", pair.pk)
    [made] = pair.evidence.all()
    page = page_of(ali.get(at("arrangement", pair.pk)))
    assert at("arrangement_evidence_file", pair.pk, made.pk) in page.html
    assert ali.get(at("arrangement_evidence_file", pair.pk, made.pk)).content == GOOD["docx"]
    assert send(ali, at("arrangement_evidence_remove", pair.pk, made.pk), reason="Old.").status == 302
    assert not page_of(ali.get(at("arrangement", pair.pk))).html.count("MRA.docx</a>")


def test_a_merged_record_is_only_read(world, sign_in):
    kept_one, gone = (activity(name, DAY, {ITEMS: 5}, accept=False, title="Alerts") for name in ("AA", "BB"))
    merge(kept=kept_one, gone=gone, reason="One.", by=world.people.ada, now=NOW)
    assert sign_in(world.people.ed).get(at("activity_evidence", gone.pk)).status_code == 403


def test_many_pieces_take_no_more_queries(world, sign_in):
    client, record = sign_in(world.people.ada), named("ROCB-R1")
    activity("ROCB-R1", DAY, ["3.2.1(c)"], accept=False, organisers=["ROCB"], title="Another day")
    linked(world)
    few = queries_of(client, at("activity", record.pk))
    for number in range(20):
        linked(world, url=f"{LINK}/{number}")
        given(world, content=b"%d" % number)
    assert queries_of(client, at("activity", record.pk)) == few <= 12


# ---------------------------------------------------------------- what still lacks it


def test_the_register_lists_what_still_lacks_evidence(world, sign_in):
    olga = sign_in(world.people.olga)
    given(world, "ROCB-R1")
    removed = given(world, "ROCB-R2")
    remove(piece=removed, reason="Wrong.", by=world.people.olga, now=NOW)
    everything = olga.get(at("register"), {"evidence": "without", "per": "500"}).content.decode()
    assert f'href="{at("activity", named("ROCB-R2").pk)}' in everything
    assert f'href="{at("activity", named("ROCB-R1").pk)}' not in everything
    assert f'href="{at("activity", named("ROCB-PLANNED").pk)}' not in everything
    mine = olga.get(at("register"), {"evidence": "without", "organisation": "ROCB"}).content.decode()
    assert f'href="{at("activity", named("ROCB-R2").pk)}' in mine
    assert f'href="{at("activity", named("RILO-ALERTS-1").pk)}' not in mine
    assert queries_of(olga, at("register") + "?evidence=without&organisation=ROCB") <= 12
