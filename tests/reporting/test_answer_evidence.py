"""What shows an answer: a file or a link, added and removed with the answer, seen by whoever may see that."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from members.models import AuditEntry
from reporting.actions import evidence
from reporting.actions.evidence import Beside, add_file, add_link
from reporting.models import Answer, Evidence, Submission
from reporting.threads import Thread
from tests.members.signing_in import recently

from .entering import brought, form_of, typed
from .looks import look, page_of, queries_of
from .region import INTERIM, NOW, PLAN, kpi, org
from .world import STATUS

pytestmark = pytest.mark.usefixtures("empty_storage")
LINK, SUM = "https://example.org/law", "4.2.1(f)"
ROUND = "interim-2028"


def at(name: str, *more: object, round: str = ROUND) -> str:
    return reverse(name, args=[PLAN, round, "FJI", *more])


def beside(collection, code: str = STATUS, year: int | None = None, member: str = "FJI") -> Beside:
    found = Submission.objects.get(round=collection, organisation=org(member))
    return Beside(submission=found, kpi=kpi(code), plan_year=year)


def given(world, collection=None, content: bytes = b"Done.", title: str = "The law", **where) -> Evidence:
    told = {"name": "Law.txt", "content": content, "title": title, "by": world.people.connie, "now": NOW}
    return add_file(beside=beside(collection or world.current, **where), **told)


def post(client, path: str, **data):
    return page_of(client.post(path, data))


def seen_by(world, sign_in, path: str, *names: str) -> dict[str, str]:
    """Who finds the title there; "" where the page is not theirs."""
    found = {}
    for name in names:
        answered = sign_in(world.people[name]).get(path)
        found[name] = "The law" in answered.content.decode() if answered.status_code == 200 else answered.status_code
    return found


# ---------------------------------------------------------------- in the return


def test_what_was_typed_is_saved_before_a_file_is_chosen(world, sign_in):
    connie = sign_in(world.people.connie)
    form = typed(connie, form_of(), answer_answer="planned", answer_comment="Not lost.")
    page = post(connie, form_of(), **form, **{"add-evidence": "answer"})
    assert page.location == at("return_evidence", STATUS)
    assert Answer.objects.get(round=world.current, organisation=org("FJI"), kpi=kpi(STATUS)).comment == "Not lost."
    page = page_of(connie.get(page.location))
    assert "Only your organisation can open it until the answer is sent" in page.main
    law = SimpleUploadedFile("Law.txt", b"Done.")
    page = page_of(connie.post(at("return_evidence", STATUS), {"file": law, "title": "The law"}))
    assert page.location == form_of() + "#evidence"
    [made] = Evidence.objects.filter(submission__round=world.current)
    page = page_of(connie.get(form_of()))
    assert 'id="evidence"' in page.html
    assert f'href="{at("return_evidence_file", STATUS, made.pk)}"' in page.html
    page = post(connie, form_of(), **typed(connie, form_of()), **{"remove-evidence": str(made.pk)})
    assert page.location == at("return_evidence_remove", STATUS, made.pk)
    assert post(connie, page.location, reason="Another law.").location == form_of() + "#evidence"
    assert "No file or link stands with this answer yet." in page_of(connie.get(form_of())).main


def test_what_cannot_be_saved_stays_on_the_page(world, sign_in):
    connie = sign_in(world.people.connie)
    form = typed(connie, form_of(), answer_answer="planned", answer_evidence_url="nonsense")
    page = post(connie, form_of(), **form, **{"add-evidence": "answer"})
    assert (page.status, "nonsense" in page.html) == (422, True)


def test_a_plan_year_has_its_own(world, sign_in):
    connie = sign_in(world.people.connie)
    code = "2.2.2(a).1"
    page = post(connie, form_of(code), **typed(connie, form_of(code)), **{"add-evidence": "y2026"})
    assert page.location == at("return_evidence", code) + "?year=2026"
    assert post(connie, page.location, url=LINK).location == form_of(code) + "#evidence2026"
    assert Evidence.objects.get(url=LINK).plan_year == 2026
    for year in ("", "2019", "20x6", "99999999999"):
        assert connie.get(at("return_evidence", code) + f"?year={year}").status_code == 404


def test_with_a_draft_its_own_organisation_alone_sees_it(world, sign_in):
    made = brought(world, "draft")
    piece = given(world)
    file = at("return_evidence_file", STATUS, piece.pk)
    assert sign_in(world.people.connie).get(file).content == b"Done."
    for name in ("ada", "ed", "cora", "olga", "percy", "nobody"):
        client = recently(sign_in(world.people[name]))
        for path in (file, at("return_evidence_remove", STATUS, piece.pk), at("return_evidence", STATUS)):
            assert client.get(path).status_code == 404, name
    entry = AuditEntry.objects.get(object_type="reporting.evidence")
    assert (entry.only_for, entry.about) == ("FJI", f"reporting.submission/{ROUND}/FJI")
    Answer.objects.filter(pk=made.pk).update(state="submitted", sent_at=NOW)
    for name in ("ada", "ed", "cora"):
        assert sign_in(world.people[name]).get(file).content == b"Done.", name
    for name in ("vera", "olga", "percy", "nobody"):
        assert sign_in(world.people[name]).get(file).status_code == 404, name


def test_what_was_handed_on_meanwhile_is_not_shown_otherwise(world, sign_in, monkeypatch):
    """The approver sends while the contributor chooses a file."""
    made = brought(world, "draft")
    connie, piece = sign_in(world.people.connie), given(world)
    hold = Beside.hold

    def sent_first(self, *args):
        Answer.objects.filter(pk=made.pk).update(state="submitted", sent_at=NOW)
        hold(self, *args)

    monkeypatch.setattr(Beside, "hold", sent_first)
    page = post(connie, at("return_evidence", STATUS), url=LINK)
    assert page.status == 409
    assert "This answer was handed on after you opened this page." in page.main
    assert not Evidence.objects.filter(url=LINK).exists()
    Answer.objects.filter(pk=made.pk).update(state="draft", sent_at=None)
    assert post(connie, at("return_evidence_remove", STATUS, piece.pk), reason="No.").status == 409
    piece.refresh_from_db()
    assert piece.removed_at is None


def test_when_the_round_closes_in_between_it_is_too_late(world, sign_in, monkeypatch):
    connie, hold = sign_in(world.people.connie), Beside.hold

    def closed_first(self, *args):
        type(world.current).objects.filter(pk=world.current.pk).update(closed_at=NOW - timedelta(seconds=1))
        hold(self, *args)

    monkeypatch.setattr(Beside, "hold", closed_first)
    assert post(connie, at("return_evidence", STATUS), url=LINK).status == 409


def test_the_secretariat_adds_whatever_the_state_and_an_administrator_removes(world, sign_in):
    brought(world, "accepted")
    ed, ada = sign_in(world.people.ed), recently(sign_in(world.people.ada))
    assert post(ed, at("return_evidence", STATUS), url=LINK, title="The law").status == 302
    piece = Evidence.objects.get(url=LINK)
    assert ed.get(at("return_evidence_remove", STATUS, piece.pk)).status_code == 403
    assert post(ada, at("return_evidence_remove", STATUS, piece.pk), reason="Wrong.").status == 302


def test_a_link_a_foreign_and_a_lost_one_are_no_file(world, sign_in, empty_storage):
    piece, other = given(world), given(world, code="1.1.1(a)")
    told = {"title": "", "by": world.people.connie, "now": NOW}
    link = add_link(beside=beside(world.current), url=LINK, **told)
    lost = given(world, content=b"Lost.")
    empty_storage.delete(lost.file.path)
    connie = sign_in(world.people.connie)
    for pk in (link.pk, other.pk, lost.pk, 10**9, 2**70):
        assert connie.get(at("return_evidence_file", STATUS, pk)).status_code == 404
    assert connie.get(at("return_evidence_file", STATUS, piece.pk, round="baseline-2026")).status_code == 404
    response = connie.get(at("return_evidence_file", STATUS, piece.pk))
    assert response.headers["Content-Disposition"] == 'attachment; filename="Law.txt"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


# ---------------------------------------------------------------- where it is seen


def test_it_is_seen_where_the_answer_is(world, sign_in):
    given(world)
    brought(world, "submitted")
    connie, ed, cora = (sign_in(world.people[name]) for name in ("connie", "ed", "cora"))
    assert "The law" in page_of(connie.get(at("return_check"))).main
    for client in (connie, ed, cora):
        page = page_of(client.get(at("return_versions", STATUS)))
        assert re.search(r"Files and links The law TXT, 5.bytes. Added by Connie on 10.01.28.", page.main)
    review = reverse("review_kpi", args=[PLAN, ROUND, STATUS])
    member = reverse("review_member", args=[PLAN, ROUND, "FJI"])
    back = reverse("review_return", args=[PLAN, ROUND, "FJI", STATUS])
    assert seen_by(world, sign_in, review, "ed", "cora", "vera") == {"ed": True, "cora": True, "vera": 404}
    assert seen_by(world, sign_in, member, "ada") == seen_by(world, sign_in, back, "ada") == {"ada": True}


def test_the_history_of_the_answer_tells_of_it(world, sign_in):
    brought(world, "submitted")
    told = {"title": "The law", "by": world.people.ed, "now": NOW}
    piece = add_link(beside=beside(world.current), url=LINK, **told)
    evidence.remove(piece=piece, reason="Not it.", by=world.people.ada, now=NOW)
    page = page_of(sign_in(world.people.connie).get(at("return_versions", STATUS)))
    assert "Ed added the evidence" in page.main
    assert "Ada removed the evidence" in page.main
    assert "Nothing shows it yet." in page.main


def test_the_page_of_the_kpi_opens_it(world, sign_in):
    piece = given(world, world.interim)
    given(world, world.interim, code=SUM, year=2026, content=b"More.", title="The table")
    for name, sees in {"ada": True, "cora": True, "connie": False}.items():
        page = look(sign_in(world.people[name]), "kpi", STATUS, as_at=INTERIM)
        href = at("return_evidence_file", STATUS, piece.pk, round=world.interim.code)
        assert (f'href="{href}"' in page.html) is sees, name
    page = look(sign_in(world.people.ada), "kpi", STATUS, as_at=INTERIM)
    assert re.search(rf"The law TXT, 5.bytes, from {world.interim.title}. Added by Connie", page.main)
    assert "The table" in look(sign_in(world.people.ada), "kpi", SUM, as_at=INTERIM).main


def test_an_answer_that_is_carried_forward_shows_what_came_before(world, sign_in):
    """And says of which round."""
    given(world, world.interim)
    brought(world, "submitted")
    given(world, content=b"More.", title="The decree")
    for name in ("connie", "ed"):
        page = page_of(sign_in(world.people[name]).get(form_of()))
        assert re.search(r"The decree TXT, 5.bytes. Added .* The law TXT, 5.bytes, from Interim 1. Added", page.main)
    page = page_of(sign_in(world.people.connie).get(form_of()))
    assert page.html.count("remove-evidence") + page.html.count("/remove/") == 0  # neither may go


def test_what_stood_with_a_draft_of_an_earlier_round_stays_its_own(world, sign_in):
    Answer.objects.filter(round=world.interim, organisation=org("FJI"), kpi=kpi(STATUS)).delete()
    given(world, world.interim)
    brought(world, "submitted")
    assert seen_by(world, sign_in, form_of(), "connie", "ed", "cora") == {"connie": True, "ed": False, "cora": False}


def test_many_pieces_take_no_more_queries(world, sign_in):
    brought(world, "submitted")
    given(world)
    ada = sign_in(world.people.ada)
    paths = [
        form_of(),
        at("return_versions", STATUS),
        reverse("review_kpi", args=[PLAN, ROUND, STATUS]),
        reverse("review_member", args=[PLAN, ROUND, "FJI"]),
        reverse("kpi", args=[PLAN, STATUS]),
    ]
    few = [queries_of(ada, path) for path in paths]
    for number in range(9):
        given(world, content=b"%d" % number)
        given(world, world.interim, content=b"%d" % number)
    assert [queries_of(ada, path) for path in paths] == few
    assert max(few) <= 12


# ---------------------------------------------------------------- what lacks it


def listed(client, name: str = "answers", **asked: str) -> str:
    return client.get(reverse(name, args=[PLAN]), {"evidence": "without", **asked}).getvalue().decode()


def test_the_list_of_answers_says_what_still_lacks_evidence(world, sign_in):
    claims, denies = brought(world, "submitted"), brought(world, "submitted", "1.1.1(a)")
    Answer.objects.filter(pk=denies.pk).update(standing="not_started")
    ed = sign_in(world.people.ed)
    mine = {"round": ROUND, "q": "Fiji"}
    assert f'href="{form_of()}"' in listed(ed, **mine)
    assert f'href="{form_of("1.1.1(a)")}"' not in listed(ed, **mine)
    assert "Fiji" in listed(ed, **mine, format="csv")
    told = {"title": "", "by": world.people.connie, "now": NOW}
    piece = add_link(beside=beside(world.current), url=LINK, **told)
    assert f'href="{form_of()}"' not in listed(ed, **mine)
    evidence.remove(piece=piece, reason="Wrong.", by=world.people.ada, now=NOW)
    assert f'href="{form_of()}"' in listed(ed, **mine)
    given(world, world.interim)
    assert f'href="{form_of()}"' not in listed(ed, **mine)
    Evidence.objects.all().delete()
    Answer.objects.filter(pk=claims.pk).update(evidence_url=LINK)
    assert f'href="{form_of()}"' not in listed(ed, **mine)
    assert queries_of(ed, reverse("answers", args=[PLAN]) + "?evidence=without") <= 12


def test_arrangements_and_the_other_lists_say_so_too(world, sign_in):
    ed = sign_in(world.people.ed)
    pair = Evidence._meta.get_field("arrangement").related_model.objects.first()
    path = f'href="{reverse("arrangement", args=[PLAN, pair.pk])}"'
    assert path in listed(ed, "arrangements")
    told = {"title": "", "by": world.people.ed, "now": NOW}
    add_link(beside=Beside(arrangement=pair), url=LINK, **told)
    assert path not in listed(ed, "arrangements")
    assert path in ed.get(reverse("arrangements", args=[PLAN])).content.decode()
    for name in ("register", "arrangements", "answers"):
        page = listed(ed, name)
        for other in {"register", "arrangements", "answers"} - {name}:
            assert f'href="{reverse(other, args=[PLAN])}?evidence=without"' in page


# ---------------------------------------------------------------- in the database


@pytest.mark.parametrize("year", [None, 2026])
def test_the_same_file_stands_once_with_an_answer(world, year):
    made = given(world, year=year)
    name = "evidence_once_with_answer" + ("_a_year" if year else "")
    same = {"file": made.file, "name": "b.txt", "title": "b", "added_at": NOW, "added_by": world.people.connie}
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(submission=made.submission, kpi=made.kpi, plan_year=year, **same)
    assert name in {each.name for each in Evidence._meta.constraints}
    Evidence.objects.create(submission=made.submission, kpi=made.kpi, plan_year=2027, **same)
    evidence.remove(piece=made, reason="Wrong.", by=world.people.connie, now=NOW)
    Evidence.objects.create(submission=made.submission, kpi=made.kpi, plan_year=year, **same)


def test_a_thread_says_in_whose_hands_it_is():
    from reporting import rules

    states = {"draft": "", "awaiting_approval": "awaiting_approval", "submitted": "submitted", "accepted": ""}
    for state, hands in states.items():
        assert rules.hands_of(Thread(1, None, (Answer(state=state, comment="x"),))) == hands
