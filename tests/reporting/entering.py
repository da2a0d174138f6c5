"""The return of an organisation as its people see it in the browser, for the tests of its pages."""

import re
from datetime import date
from html import unescape
from typing import Any

from django.test import Client

from reporting.actions import close_round
from reporting.actions.deciding import accept_answers, correct_answer, return_answer
from reporting.actions.entry import save_draft, send, send_to_approver, tokens
from reporting.models import UNSAID, Answer
from reporting.questions import questions_of

from .looks import Page, page_of, words
from .region import NOW, PLAN
from .world import STATUS, World

ROUND = "interim-2028"
YES_NO, FIGURES, GROWING, SHARE, REGISTER = "2.2.2(a).1", "4.2.1(a)", "4.2.1(f)", "3.1.2(a)", "3.2.1(c)"
"""KPIs of each kind: the first three are asked of Members for each plan year, the others of the ROCB."""
DAY = date(2028, 2, 5)
"""Until when what is returned can be corrected: after the round has closed."""
HTMX = {"HX-Request": "true"}


def address(*rest: str, member: str = "FJI", collection: str = ROUND) -> str:
    return f"/plans/{PLAN}/rounds/{collection}/returns/{member}/" + "".join(f"{each}/" for each in rest)


def form_of(code: str = STATUS, member: str = "FJI") -> str:
    return address("kpis", code, member=member)


def inputs(html: str) -> dict[str, str]:
    """What a browser would send of the form on a page, with nothing typed and no button pressed."""
    form = re.search(r'<form method="post" novalidate.*?</form>', html, re.S)
    assert form, words(html)[:500]
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", form[0]):
        at = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        ticked = at["type"] in ("radio", "checkbox")
        if not ticked or re.search(r"\schecked\b", tag):
            found[at["name"]] = at.get("value", "on" if ticked else "")
    for name, text in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', form[0], re.S):
        found[name] = unescape(text)
    found.pop("csrfmiddlewaretoken", None)
    return found


def opened(client: Client, path: str) -> dict[str, str]:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return inputs(response.content.decode())


def typed(client: Client, path: str, **says: str) -> dict[str, str]:
    """The form as somebody opened it, with something typed: answer_comment="..." for the field answer-comment."""
    return opened(client, path) | {name.replace("_", "-", 1): text for name, text in says.items()}


def post(client: Client, path: str, data: dict[str, str], **headers: Any) -> Page:
    return page_of(client.post(path, data, **headers))


def drafts(member: str = "FJI") -> list[tuple[str, int | None, str, int, str]]:
    """Every answer of the open round: KPI, year, state, version, comment."""
    rows = Answer.objects.filter(round__code=ROUND, organisation__code=member)
    return list(rows.order_by("kpi__position", "plan_year", "version").values_list(
        "kpi__code", "plan_year", "state", "version", "comment"
    ))  # fmt: skip


def only(member: str = "FJI") -> Answer:
    return Answer.objects.get(round__code=ROUND, organisation__code=member)


def brought(world: World, state: str, code: str = STATUS, comment: str = "Ours.", seen: str = "0") -> Answer:
    """Fiji's answer in a state, by the real actions: Connie enters it, Ali sends it, Ed decides."""
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    people = world.people
    says = UNSAID | {"standing": "planned", "comment": comment, "evidence_url": ""}
    made = save_draft(
        submission=submission,
        question=questions_of(world.current)[code],
        plan_year=None,
        says=says,
        seen=seen,
        by=people.connie,
        now=NOW,
    )
    assert made is not None
    if state == "awaiting_approval":
        send_to_approver(submission=submission, seen=tokens([made]), by=people.connie, now=NOW)
    elif state != "draft":
        send(submission=submission, seen=tokens([made]), by=people.ali, now=NOW)
    made.refresh_from_db()
    if state == "accepted":
        accept_answers(seen=tokens([made]), by=people.ed, now=NOW)
    elif state == "returned":
        seen = tokens([made])[made.pk]
        return_answer(answer=made, seen=seen, reason="Which law?", correct_by=DAY, by=people.ed, now=NOW)
    made.refresh_from_db()
    return made


def corrected(world: World, code: str = STATUS, **says: Any) -> Answer:
    """Fiji's accepted answer as Ada corrects it when the round is closed; it waits for a colleague's decision."""
    before = brought(world, "accepted", code)
    close_round(collection=world.current, by=None, now=NOW)
    question = questions_of(world.current)[code]
    said = UNSAID | {"standing": "in_place", "comment": before.comment, "evidence_url": ""} | says
    reason, seen = "By telephone on Monday.", tokens([before])[before.pk]
    return correct_answer(
        answer=before, seen=seen, question=question, says=said, reason=reason, by=world.people.ada, now=NOW
    )
