"""A word that only some may read stands in every text; it must not appear before anybody else: not on a page, in a
count, in a search, in a refusal, in a mail or in what is released."""

import re
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from members.choices import RoleName
from members.models import OutgoingMail, User
from reporting.actions import close_round, publish_release
from reporting.actions.behalf import Said, contest_on_behalf, enter_on_behalf, keep_original
from reporting.actions.comments import comment_on_answer
from reporting.actions.deciding import correct_answer, return_answer
from reporting.actions.entry import save_draft, send, send_to_approver, tokens
from reporting.actions.rounds import admit_late
from reporting.actions.statements import settle_part, settle_side, state_part, state_side
from reporting.actions.words import write_comment, write_narrative
from reporting.choices import StatementKind
from reporting.inputs import Basis
from reporting.models import UNSAID, Activity, Arrangement, Original, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of, threads_of
from tests.conftest import person
from tests.members.signing_in import recently
from workplan.models import FocusArea

from .addresses import DOORS
from .conftest import in_module
from .region import NOW, OPEN, PLAN, answer, arrangement, kpi, org
from .rights import ROLE_OF, TABLE

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

WORD = re.compile(r"ZEBRA-[a-z]+-\w+")
MEMBERS = ("FJI", "JPN")
READERS = ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy", "nobody")
OWN = ROLE_OF | {"vera": (RoleName.CO_COORDINATOR, "VNM")}
PART_IN = {"FJI": "OP-DRAGON", "JPN": "ROCB-W2"}
"""Activities that each has a part in."""
ANSWERS = ("1.1.1(a)", "1.1.1(b)", "1.1.1(c)", "1.1.2(a)", "1.1.2(b)", "4.1.2(a)", "4.2.1(f)")

# ---------------------------------------------------------------- what is told


def tell(world):
    """Each of two Members has a draft, an answer that waits, one that was sent, one that was corrected, and one that
    came back and is begun anew; the secretariat let both in late; each contests its part in an activity and its side
    of an arrangement, of which the other was settled; there is a comment and a narrative on two focus areas."""
    people = {code: person(f"Zebra-mail-{code}", RoleName.MEMBER_APPROVER, org(code)) for code in MEMBERS}
    for code, by in people.items():
        fill_in(world, code, by)
        contest(world, code, by)
    close_round(collection=world.current, by=None, now=NOW)
    for code in MEMBERS:
        correct(world, code)
        submission = submission_of(world, code)
        until = NOW + timedelta(days=9)
        admit_late(submission=submission, until=until, reason=f"ZEBRA-late-{code}", by=world.people.ada, now=NOW)
        Submission.objects.filter(pk=submission.pk).update(approver_note=f"ZEBRA-note-{code}")
        talk_about(world, code, people[code])
    for area, code in (("1", "1.1.1(b)"), ("4", "4.1.1(a)")):
        written = {"collection": world.current, "seen": 0, "by": world.people.ed, "now": NOW}
        write_comment(kpi=kpi(code), text=f"ZEBRA-comment-{area}", **written)
        write_narrative(area=FocusArea.objects.get(plan=world.plan, code=area), text=f"ZEBRA-story-{area}", **written)
    return world


@pytest.fixture(scope="module")
def stored_told(stored_world, django_db_blocker):
    yield from in_module(django_db_blocker, lambda: tell(stored_world))


@pytest.fixture
def told(stored_told, db, clock):
    return stored_told


def submission_of(world, code):
    found = Submission.objects.select_related("round__plan", "organisation")
    return found.get(round=world.current, organisation__code=code)


def fill_in(world, code, by):
    """Sends one answer of Focus Area 1 and one of Focus Area 4, of which the latter comes back; then two more are
    typed, of which one is handed to the approver, and the one that came back is typed anew."""
    submission, questions = submission_of(world, code), questions_of(world.current)

    def type_in(about, kind, **says):
        text = {"comment": f"ZEBRA-{kind}-{code}", "evidence_url": f"https://example.org/ZEBRA-link{kind}-{code}"}
        question = questions[about]
        seen = thread_of(submission, question.kpi.pk, None).token
        saved = {"submission": submission, "question": question, "plan_year": None, "seen": seen, "by": by, "now": NOW}
        return save_draft(says=UNSAID | text | says, **saved)

    def waiting():
        return tokens(each.working for each in threads_of(submission).values() if each.working)

    type_in("1.1.1(a)", "sentone", standing="in_place")
    back = type_in("4.1.2(a)", "sentfour", standing="planned")
    answer(world.current, code, "4.2.1(f)", 2026, value=Decimal(4), accept=False)
    send(submission=submission, seen=waiting(), by=by, now=NOW)
    back.refresh_from_db()
    returned = {"reason": f"ZEBRA-reasonfour-{code}", "correct_by": None, "by": world.people.ed, "now": NOW}
    return_answer(answer=back, seen=tokens([back])[back.pk], **returned)
    type_in("1.1.1(c)", "approver", standing="in_progress")
    send_to_approver(submission=submission, seen=waiting(), by=by, now=NOW)
    type_in("1.1.2(a)", "draft", standing="planned")
    type_in("4.1.2(a)", "newdraft", standing="planned")


def correct(world, code):
    """The secretariat corrects an answer that it accepted."""
    if code == "FJI":  # Japan's was accepted before
        answer(world.current, code, "1.1.1(b)", standing="in_place")
    submission, question = submission_of(world, code), questions_of(world.current)["1.1.1(b)"]
    thread = thread_of(submission, question.kpi.pk, None)
    correct_answer(
        answer=thread.newest,
        seen=thread.token,
        question=question,
        says=UNSAID | {"standing": "planned", "comment": "", "evidence_url": ""},
        reason=f"ZEBRA-fixone-{code}",
        by=world.people.ada,
        now=NOW,
    )


def talk_about(world, code, by):
    """On a sent answer of each of the two focus areas: a word of the Member, one that it reads, and one that stays
    inside. On a draft its own people talk, also where another plan year of the KPI was sent. And one answer
    was entered from an e-mail, which it says is wrong."""
    submission = submission_of(world, code)

    def say(kind, about, who, organisation, *, internal=False, year=None):
        text = {"text": f"ZEBRA-{kind}-{code}", "internal": internal, "organisation": organisation}
        comment_on_answer(submission=submission, kpi=kpi(about).pk, plan_year=year, **text, by=who, now=NOW)

    for area, about in (("one", "1.1.1(a)"), ("four", "4.1.2(a)")):
        say(f"inside{area}", about, world.people.ed, "APVC", internal=True)
        say(f"asked{area}", about, world.people.ed, "APVC")
        say(f"said{area}", about, by, code)
    say("among", "1.1.2(a)", by, code)
    say("amongyears", "4.2.1(f)", by, code, year=2027)
    came = {
        "received_on": date(2028, 1, 9),
        "received_from": f"ZEBRA-fromone-{code}",
        "by": world.people.ed,
        "now": NOW,
    }
    content = f"ZEBRA-mailone-{code}".encode()
    original = keep_original(submission=submission, name=f"ZEBRA-nameone-{code}.txt", content=content, **came)
    said = [Said(None, UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""}, "0")]
    question = questions_of(world.current)["1.1.2(b)"]
    made = enter_on_behalf(original=original, question=question, said=said, by=world.people.ed, now=NOW)
    contest_on_behalf(submission=submission, seen=tokens(made), reason=f"ZEBRA-wrongone-{code}", by=by, now=NOW)


def contest(world, code, by):
    """Twice each: what is settled, and what is not."""
    activity, pair = Activity.objects.get(reference=PART_IN[code]), arrangement(code, "NZL", in_force=date(2020, 5, 1))
    said = {"organisation": org(code), "kind": StatementKind.CONTESTED, "by": by, "now": NOW}
    ruled = {"by": world.people.ed, "now": NOW}
    first = state_part(activity=activity, reason=f"ZEBRA-part-{code}", **said)
    settle_part(statement=first, settlement=f"ZEBRA-settled-{code}", **ruled)
    state_part(activity=activity, reason=f"ZEBRA-again-{code}", **said)
    first = state_side(arrangement=pair, reason=f"ZEBRA-side-{code}", **said)
    settle_side(statement=first, settlement=f"ZEBRA-ruled-{code}", source="The text.", **ruled)


KINDS = {
    "own": ("draft", "newdraft", "approver", "note", "among", "amongyears"),
    "sent": ("sentone", "sentfour", "reasonfour", "fixone", "askedone", "askedfour", "saidone", "saidfour",
             "fromone", "mailone", "nameone", "wrongone"),
    "inside": ("insideone", "insidefour"),
    "late": ("late",),
    "register": ("part", "settled", "again", "side", "ruled"),
    "words": ("comment", "story"),
}  # fmt: skip
"""For whom each is: one's own administration; also the secretariat, and a co-coordinator on the own focus area; the
secretariat alone; one's own administration and the secretariat; whoever reads the register; the secretariat, and the
co-coordinator, as long as it is not released."""
LINKS = ("draft", "newdraft", "approver", "sentone", "sentfour")
EVERYTHING = {kind for kinds in KINDS.values() for kind in kinds} | {f"link{kind}" for kind in LINKS}


def may_read(reader: str, word: str) -> bool:
    _, kind, about = word.split("-")
    kind = kind.removeprefix("link")
    whose = next(name for name, kinds in KINDS.items() if kind in kinds)
    role, own = OWN.get(reader, ("", ""))
    secretariat, area = role.startswith("secretariat"), {"CHN": "1", "VNM": "4"}.get(own, "?")
    member = role in ("member_contributor", "member_approver") and own == about
    return {
        "own": member,
        "sent": member or secretariat or kind.endswith({"1": "one", "4": "four"}.get(area, "?")),
        "inside": secretariat,
        "late": member or secretariat,
        "register": bool(role) and TABLE["activity.list"][role] == "+",
        "words": secretariat or about == area,
    }[whose]


# ---------------------------------------------------------------- where it is looked for


def paths(world) -> list[str]:
    """Every address, for both Members, with what a search may find."""
    found = [reverse(door.name, args=door.args(world)) for door in DOORS]
    for code in MEMBERS:
        args = (PLAN, world.current.code, code)
        whole = ("return_tasks", "return_check", "return_confirm", "review_member", "review_on_behalf", "round_late")
        found += [reverse(name, args=args) for name in whole]
        original = Original.objects.get(submission=submission_of(world, code)).pk
        found += [reverse(name, args=(*args, original)) for name in ("return_original", "on_behalf")]
        found.append(reverse("on_behalf_kpi", args=(*args, original, "1.1.2(b)")))
        found += [reverse("return_receipt", args=(*args, 1)), reverse("member", args=(PLAN, code))]
        for about in ANSWERS:
            names = ("return_kpi", "return_versions", "return_comments", "review_return", "review_correct")
            found += [reverse(name, args=(*args, about)) for name in names]
        of_activity = (PLAN, Activity.objects.get(reference=PART_IN[code]).pk)
        found += [reverse(name, args=of_activity) for name in ("activity", "activity_settle", "activity_edit")]
        parties = {"party_a__code__in": (code, "NZL"), "party_b__code__in": (code, "NZL")}
        of_arrangement = (PLAN, Arrangement.objects.get(**parties).pk)
        found += [reverse(name, args=of_arrangement) for name in ("arrangement", "arrangement_edit")]
    for about in ("1.1.1(a)", "1.1.1(b)", "1.1.2(b)", "4.1.1(a)", "4.1.2(a)"):
        found.append(reverse("review_kpi", args=(PLAN, world.current.code, about)))
        found += [reverse("kpi", args=(PLAN, about)) + f"?as-at={OPEN}&basis={basis.value}" for basis in Basis]
    for name in ("overview", "work_plan", "rounds", "register", "documents", "figures", "today", "search", "quality"):
        found += [reverse(name, args=(PLAN,)) + f"?{query}" for query in ("", f"as-at={OPEN}", "q=ZEBRA")]
    found += [reverse("focus_area", args=(PLAN, area)) + f"?as-at={OPEN}" for area in ("1", "4")]
    past = ("/returns/FJI/", "/versions/", "/activities/", "/arrangements/", "/documents/")
    found += [f"{path}?history=all" for path in found if path.endswith("/") and any(each in path for each in past)]
    found += [reverse("history"), reverse("history") + "?q=ZEBRA", reverse("history") + "?kind=answer"]
    found += [f"{reverse('people')}?q=zebra", reverse("board", args=(PLAN, world.current.code)) + "?state=part"]
    return [*found, reverse("home"), reverse("account"), reverse("guide", args=(PLAN, "members"))]


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, set[str]]]:
    """What each has read already: reader -> address -> words."""
    return {}


@pytest.fixture
def read_by(told, sign_in, known):
    def read(reader: str) -> dict[str, set[str]]:
        if reader not in known:
            client = recently(sign_in(told.people[reader]))
            # What the reader typed into the search themselves is no secret.
            pages = ((path, client.get(path).content.decode().replace("q=ZEBRA", "")) for path in paths(told))
            known[reader] = {path: set(WORD.findall(html)) for path, html in pages}
        return known[reader]

    return read


@pytest.mark.parametrize("reader", READERS)
def test_nobody_reads_what_is_not_for_them(read_by, reader):
    read = read_by(reader)
    wrong = {(path, word) for path, words in read.items() for word in words if not may_read(reader, word)}
    assert wrong == set()
    assert any(read.values()) or reader in ("percy", "nobody")


def test_everything_is_read_by_somebody(read_by):
    """Else the test above would see nothing because nothing is shown."""
    read = {word for reader in ("ada", "ali", "cora") for words in read_by(reader).values() for word in words}
    assert {word.split("-")[1] for word in read} == EVERYTHING


def achievement(**more) -> str:
    written = StringIO()
    call_command("achievement", plan=PLAN, as_of=str(OPEN), stdout=written, **more)
    return written.getvalue()


@pytest.mark.parametrize("basis", [basis.value for basis in Basis])
def test_what_is_exported_holds_no_word_of_it(told, basis):
    for by in (None, "ed@example.org", "cora@example.org"):
        for form in ("json", "csv", "table"):
            written = achievement(basis=basis, format=form, by=by)
            assert "1.1.1(b)" in written
            assert WORD.findall(written) == []
    for by in ("connie@example.org", "percy@example.org"):
        with pytest.raises(CommandError, match="right export"):
            achievement(basis=basis, by=by)


def test_people_see_their_own_colleagues_alone(told, sign_in):
    addresses = {"FJI": "zebra-mail-fji@example.org", "JPN": "zebra-mail-jpn@example.org"}
    for reader, whose in (("connie", {"FJI"}), ("ali", {"FJI"}), ("olga", set()), ("ed", set(MEMBERS))):
        client = sign_in(told.people[reader])
        html = "".join(client.get(path).content.decode().lower() for path in (reverse("people"), "/people/?q=zebra"))
        assert {code for code, address in addresses.items() if address in html} == whose, reader


def test_mails_go_to_the_member_that_they_are_about(told):
    mails = list(OutgoingMail.objects.values_list("to", "text"))
    assert {word.split("-")[1] for _, text in mails for word in WORD.findall(text)} == {
        "late", "reasonfour", "askedone", "askedfour", "fromone",
    }  # fmt: skip
    staff = {"zebra-mail-fji@example.org": "FJI", "zebra-mail-jpn@example.org": "JPN"}
    staff |= {"connie@example.org": "FJI", "ali@example.org": "FJI"}
    for to, text in mails:
        assert {word.rsplit("-", 1)[1] for word in WORD.findall(text)} <= {staff[to]}, to


def test_nothing_of_it_is_released(told):
    """A release names who waits, and says nothing that was not accepted."""
    release = publish_release(
        plan=told.plan, title="All", as_at=OPEN, basis=Basis.REPORTED, by=told.people.ada, now=NOW + timedelta(hours=1)
    )
    kinds = {word.split("-")[1] for word in WORD.findall(release.content)}
    assert kinds == {"comment"}


def test_a_file_added_to_a_form_does_nothing(told, sign_in):
    """No field or file that a page does not ask for changes anything."""
    client = sign_in(told.people.connie)
    path = reverse("return_kpi", args=(PLAN, told.current.code, "FJI", "4.1.1(a)"))
    more = {"state": "accepted", "decided_by": 1, "organisation": "JPN", "submission": 1, "answer-state": "accepted",
            "file": SimpleUploadedFile("x.txt", b"x")}  # fmt: skip
    client.post(path, {"answer-token": "0", "answer-answer": "in_place", "answer-comment": "x", **more})
    stored = thread_of(submission_of(told, "FJI"), kpi("4.1.1(a)").pk, None).newest
    assert (stored.state, stored.organisation.code, stored.decided_by, stored.comment) == ("draft", "FJI", None, "x")


def test_rights_that_are_taken_away_act_on_the_next_request(told, sign_in):
    client = sign_in(told.people.ali)
    path = reverse("return_tasks", args=(PLAN, told.current.code, "FJI"))
    assert client.get(path).status_code == 200
    told.people.ali.roles.all().delete()
    assert client.get(path).status_code == 404
    assert client.post(reverse("return_send", args=(PLAN, told.current.code, "FJI"))).status_code == 404
    User.objects.filter(pk=told.people.ali.pk).update(is_active=False)
    assert client.get(path).status_code == 302


def test_the_activity_of_another_cannot_be_changed_by_a_form_to_add_one(told, sign_in):
    client = sign_in(told.people.connie)
    foreign = Activity.objects.get(reference="ROCB-R1")
    before = list(foreign.versions.values())
    management = {f"{prefix}-{name}": "0" for prefix in ("part", "kpi") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"reference": "ROCB-R1", "token": str(foreign.versions.latest("number").pk), "title": "Mine",
            "kind": "report", "status": "held", "start": f"{date(2027, 1, 1):%d.%m.%y}"}  # fmt: skip
    response = client.post(reverse("activity_add", args=(PLAN,)), form | management)
    assert (response.status_code, list(foreign.versions.values())) == (403, before)
