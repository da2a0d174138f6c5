"""A site on which every form of the product stands open to somebody, for the test of fields that are added to them."""

from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from members.choices import RoleName
from members.models import Invitation, User
from reporting.actions.behalf import Said, enter_on_behalf, keep_original
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.entry import save_draft, send, send_to_approver, tokens
from reporting.actions.evidence import Beside, add_link
from reporting.actions.rounds import admit_late, create_round
from reporting.actions.statements import state_part, state_side
from reporting.actions.words import write_comment, write_narrative
from reporting.choices import StatementKind
from reporting.models import UNSAID, Activity, Answer, Arrangement, Evidence, Original, Submission, WorkbookUpload
from reporting.questions import questions_of
from reporting.threads import threads_of
from tests.conftest import person
from tests.members.signing_in import invited, with_password
from workplan.actions import begin_amendment, change_element
from workplan.choices import Kind
from workplan.models import FocusArea

from .addresses import DOORS, FIJIANS, Door, activity_of
from .region import NOW, PLAN, arrangement, kpi, org
from .workbooks import filled, sent_out
from .world import World, make_world

ANSWERS = {"accepted": "4.1.1(a)", "sent": "4.1.2(a)", "returned": "1.1.2(a)", "waiting": "1.1.1(c)",
           "draft": "1.1.1(a)", "by mail": "1.1.2(d)", "workbook": "4.1.1(c)"}  # fmt: skip
"""What Fiji has said on which KPI."""
PAIR = ("FJI", "AUS")


def make_stage() -> World:
    world = make_world()
    answers(world)
    texts(world)
    registers(world)
    show_a_draft(world)
    by_mail(world)
    by_workbook(world)
    people(world)
    create_round(
        plan=world.plan, code="planned", title="Planned", as_at=date(2028, 6, 30), opens_at=None, closes_at=None,
        time_zone="Asia/Tokyo", by=None,
    )  # fmt: skip
    amended(world)
    late = world.interim.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    admit_late(submission=late, until=NOW + timedelta(days=9), reason="A storm.", by=world.people.ada, now=NOW)
    return world


def show_a_draft(world: World) -> None:
    submission = Submission.objects.get(round=world.current, organisation=org("FJI"))
    beside = Beside(submission=submission, kpi=kpi(ANSWERS["draft"]))
    add_link(beside=beside, url="https://example.org/law", title="The law", by=world.people.connie, now=NOW)


def amended(world: World) -> None:
    """A draft that can be published."""
    words = {"title": "Mid-term", "reason": "Agreed.", "valid_from": date(2027, 7, 1)}
    draft = begin_amendment(plan=world.plan, **words, by=world.people.vera, now=NOW)
    says = {"text": "Number of administrations"}
    change_element(amendment=draft, seen=0, kind=Kind.KPI, code="1.1.1(c)", says=says, by=world.people.vera)


def answers(world: World) -> None:
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    questions, desk = questions_of(world.current), person("Desk", RoleName.MEMBER_APPROVER, org("FJI"))
    by = {"by": desk, "now": NOW}

    def typed(*states: str) -> dict[int, str]:
        for state in states:
            says = UNSAID | {"standing": "planned", "comment": "Ours.", "evidence_url": ""}
            question = questions[ANSWERS[state]]
            save_draft(submission=submission, question=question, plan_year=None, says=says, seen="0", **by)
        found = [each.working for each in threads_of(submission).values()]
        return tokens(each for each in found if each and each.state == "draft")

    def newest(state: str) -> Answer:
        return Answer.objects.get(submission=submission, kpi__code=ANSWERS[state])

    send(submission=submission, seen=typed("accepted", "sent", "returned"), **by)
    accept_answers(seen=tokens([newest("accepted")]), by=world.people.vera, now=NOW)
    back = newest("returned")
    return_answer(
        answer=back, seen=tokens([back])[back.pk], reason="Why?", correct_by=None, by=world.people.vera, now=NOW
    )
    send_to_approver(submission=submission, seen=typed("waiting"), **by)
    typed("draft")
    draft_over(submission, questions[ANSWERS["returned"]], newest("returned"), by)


def draft_over(submission: Submission, question: Any, back: Answer, by: dict[str, Any]) -> None:
    """It can be discarded."""
    back.refresh_from_db()
    says = UNSAID | {"standing": "planned", "comment": "This law.", "evidence_url": ""}
    save_draft(submission=submission, question=question, plan_year=None, says=says, seen=tokens([back])[back.pk], **by)


def by_mail(world: World) -> None:
    """One answer of Fiji was entered from an e-mail; others can be."""
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    came = {"name": "a.txt", "content": b"In place.", "received_on": date(2028, 1, 9), "received_from": "J. Rabuka"}
    by = {"by": world.people.vera, "now": NOW}
    original = keep_original(submission=submission, **came, **by)
    said = [Said(None, UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""}, "0")]
    enter_on_behalf(original=original, question=questions_of(world.current)[ANSWERS["by mail"]], said=said, **by)


def by_workbook(world: World) -> None:
    """A workbook of Fiji was taken over, and another came by e-mail, which was entered before and says more by now."""
    submission = world.current.submissions.get(organisation__code="FJI")
    counts = {"new": 1, "changed": 0, "unchanged": 0, "kept": 0, "content": []}
    file = {"key": "0" * 64, "name": "Fiji.xlsx", "size": 1, "sha256": "0" * 64, "file": b"x"}
    came = {"made_at": NOW, "uploaded_at": NOW, "uploaded_by": world.people.connie}
    WorkbookUpload.objects.create(submission=submission, **file, **came, **counts)
    content = filled(sent_out(world), **{ANSWERS["workbook"]: {"answer": "In place"}})
    mailed = {"name": "Fiji.xlsx", "content": content, "received_on": date(2028, 1, 9), "received_from": "J. Rabuka"}
    original = keep_original(submission=submission, **mailed, by=world.people.vera, now=NOW)
    file |= {"key": "1" * 64, "file": None, "original": original}
    WorkbookUpload.objects.create(submission=submission, **file, **came, **counts)


def texts(world: World) -> None:
    words = {"collection": world.current, "seen": 0, "by": world.people.vera, "now": NOW}
    write_narrative(area=FocusArea.objects.get(plan=world.plan, code="1"), text="It goes well.", **words)
    write_comment(kpi=kpi("1.1.1(b)"), text="Twelve joined.", **words)


def registers(world: World) -> None:
    contest = {"kind": StatementKind.CONTESTED, "reason": "It was not so.", "by": world.people.connie, "now": NOW}
    state_part(activity=Activity.objects.get(reference="OP-DRAGON"), organisation=org("CHN"), **contest)
    state_side(arrangement=arrangement(*PAIR, accept=False, source="A letter."), organisation=org("AUS"), **contest)


def people(world: World) -> None:
    col = person("Col", RoleName.MEMBER_CONTRIBUTOR, org("FJI"))
    Authenticator.objects.create(user=col, type=Authenticator.Type.TOTP, data={})
    closed = person("Cleo", RoleName.MEMBER_CONTRIBUTOR, org("FJI"))
    closed.is_active = False
    closed.save(update_fields=["is_active"])
    invited(world.people.ali, org("FJI"), NOW)
    with_password(world.people.ed)


# ---------------------------------------------------------------- where the forms stand


def of_fiji(*more: object):
    return lambda world: (PLAN, world.current.code, "FJI", *more)


def of_planned(world: World) -> tuple[object, ...]:
    return (PLAN, "planned")


def one(email: str):
    return lambda world: (User.objects.get(email=email).pk,)


def held_role(world: World) -> tuple[object, ...]:
    col = User.objects.get(email="col@example.org")
    return (col.pk, col.roles.get().pk)


def pair(world: World) -> tuple[object, ...]:
    return (PLAN, Arrangement.objects.get(party_a__code__in=PAIR, party_b__code__in=PAIR).pk)


def pending(world: World) -> tuple[object, ...]:
    return (Invitation.objects.get(email="new@example.org").pk,)


def of_original(*more: object):
    return lambda world: of_fiji(Original.objects.get(kind="txt").pk, *more)(world)


def of_mailed_workbook(world: World) -> tuple[object, ...]:
    return of_fiji(Original.objects.get(kind="xlsx").pk)(world)


def of_mailed_receipt(world: World) -> tuple[object, ...]:
    kept = WorkbookUpload.objects.exclude(original=None).get()
    return of_fiji(kept.original_id, kept.pk)(world)


def of_evidence(world: World) -> tuple[object, ...]:
    """A link that stands with a draft of Fiji."""
    return of_fiji(ANSWERS["draft"], Evidence.objects.exclude(submission=None).get().pk)(world)


def of_upload(world: World) -> tuple[object, ...]:
    return of_fiji(WorkbookUpload.objects.get(original=None).pk)(world)


WITHOUT = (
    "activity_evidence_file",
    "arrangement_evidence_file",
    "review_queue",
    "board",
    "reminders_sent",
    "round_words",
    "figures",
    "register_year",
    "calendar",
    "activity",
    "activity_alike",
    "activity_pairs",
    "arrangement",
    "people",
    "person",
    "history",
    "history_check",
    "answers",
    "quality",
    "arrangements",
    "arrangement_matrix",
    "kpis",
    "organisations",
    "round_list",
    "release_file",
    "scorecards",
    "scorecards_file",
    "import_organisations_file",
    "import_receipt",
    "amendments",
    "amendment",
    "amendment_plan",
    "amendment_import_file",
    "activity_import_file",
    "activity_import_receipt",
    "arrangement_import_file",
    "arrangement_import_receipt",
    "readings",
)
KPIS = (ANSWERS["returned"], ANSWERS["draft"], "1.1.1(b)", "2.2.2(a).1")
"""One to correct, one begun, one that was answered last time, and one that is asked year by year."""
FORMLESS = {
    **{each.name: each.args for each in DOORS if each.name in WITHOUT},
    **dict.fromkeys(("overview", "work_plan", "rounds", "register", "today", "search"), lambda world: (PLAN,)),
    "home": lambda world: (),
    "search_anywhere": lambda world: (),
    "account": lambda world: (),
    "guide": lambda world: (PLAN, "members"),
    "focus_area": lambda world: (PLAN, "1"),
    "kpi": lambda world: (PLAN, "1.1.1(b)"),
    "member": lambda world: (PLAN, "FJI"),
    "document": lambda world: (PLAN, "work-plan", "docx"),
    "scorecard": lambda world: (PLAN, "FJI", "docx"),
    "return_tasks": of_fiji(),
    "on_behalf": of_original(),
    "on_behalf_receipt": of_mailed_receipt,
    "return_original": of_original(),
    "return_receipt": of_fiji(1),
    "return_workbook": of_fiji(),
    "return_upload_receipt": of_upload,
    "return_upload_file": of_upload,
    "return_evidence_file": of_evidence,
}
"""Pages that only show something."""
SENT_TO = (
    "narrative_approve",
    "on_behalf_marked",
    "release_make",
    "release_stop",
    "scorecards_make",
    "scorecards_stop",
)
"""Where the forms of other pages lead."""
FORMS = (
    *(each for each in DOORS if each.name not in (*FORMLESS, *SENT_TO)),
    Door("release", "release.view", lambda world: (PLAN, 1), only=("ada",)),
    Door("documents", "release.view", lambda world: (PLAN,), only=("ada",)),
    Door("round_open", "round.open_close", of_planned),
    Door("round_edit", "round.edit", of_planned),
    Door("activity_decide", "activity.confirm", activity_of("OP-TIGER")),
    *(Door(f"arrangement_{end}", "arrangement.confirm", pair) for end in ("decide", "settle")),
    *(Door("return_kpi", "submission.edit", of_fiji(code), own=FIJIANS) for code in KPIS),
    Door("return_register", "submission.edit", of_fiji(), own=FIJIANS),
    Door("return_check", "submission.submit", of_fiji(), own=("ali",)),
    Door("return_check", "submission.send_to_approver", of_fiji(), own=("connie",)),
    Door("review_member", "submission.accept_answer", of_fiji()),
    Door("review_kpi", "submission.accept_answer", lambda world: (PLAN, world.current.code, ANSWERS["sent"])),
    Door("review_return", "submission.return_answer", of_fiji(ANSWERS["sent"])),
    Door("review_correct", "submission.edit_after_close", lambda world: (PLAN, world.interim.code, "WSM", "1.1.1(b)")),
    *(
        Door(f"return_{name}", "submission.comment", of_fiji(ANSWERS["sent"]), own=FIJIANS)
        for name in ("versions", "comments")
    ),
    Door("return_upload", "workbook.upload", of_fiji(), own=FIJIANS),
    Door("return_evidence", "evidence.upload", of_fiji(ANSWERS["draft"]), own=FIJIANS),
    Door("return_evidence_remove", "evidence.delete", of_evidence, own=FIJIANS),
    Door("return_confirm", "submission.confirm_on_behalf", of_fiji(), own=("ali",)),
    Door("on_behalf_workbook", "submission.enter_on_behalf", of_mailed_workbook),
    Door("on_behalf_kpi", "submission.enter_on_behalf", of_original("4.2.1(a)")),
    Door("person_open", "user.deactivate", one("cleo@example.org"), own=("ali",)),
    Door("person_take_role", "user.set_role", held_role),
    Door("people_withdraw", "user.invite", pending, own=("ali",)),
    Door("sign_out_everywhere", "account.own", lambda world: ()),
    Door("account_change_password", "account.own", lambda world: ()),
)
