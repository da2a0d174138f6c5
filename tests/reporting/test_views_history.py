"""The log, and the history on the page of its object: for whom, how far, and in how many queries."""

import csv
import re
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from members import log as log_module
from members.audit import entry, record, record_all
from members.chain import SAYS
from members.choices import AuditAction
from members.models import AuditEntry
from reporting.actions.deciding import accept_answers
from reporting.actions.entry import save_draft, send, tokens, withdraw
from reporting.models import UNSAID, Activity, Answer, AnswerComment, Arrangement, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of
from tests.members.signing_in import recently
from workplan.models import Amendment, Plan, Reading, Wording

from .looks import page_of, queries_of
from .region import NOW, PLAN, kpi, org
from .world import STATUS

READERS = ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy", "nobody")


def get(client, path, **asked):
    return page_of(client.get(path, asked))


def of_return(world, name, *more):
    return reverse(name, args=(PLAN, world.current.code, "FJI", *more))


def lines(page):
    """The sentences of a history, newest first."""
    _, _, past = page.html.partition('class="past"')
    return re.split(r"<li>(?=<details>|[A-Z])", past)[1:]


def type_in(world, text, by):
    submission = Submission.objects.select_related("round", "organisation").get(
        round=world.current, organisation__code="FJI"
    )
    question = questions_of(world.current)["1.1.1(a)"]
    seen = thread_of(submission, question.kpi.pk, None).token
    says = UNSAID | {"standing": "planned", "comment": text, "evidence_url": ""}
    save_draft(submission=submission, question=question, plan_year=None, says=says, seen=seen, by=by, now=NOW)
    return submission, thread_of(submission, question.kpi.pk, None).newest


# ---------------------------------------------------------------- on the page of its object


@pytest.mark.parametrize("reader", READERS)
def test_what_a_draft_says_is_for_its_own_organisation(world, sign_in, reader):
    """Also after it was sent, and after what was sent was taken back."""
    by = world.people.ali
    submission, draft = type_in(world, "ZEBRA-typed", by)
    _, draft = type_in(world, "LION-sent", by)
    send(submission=submission, seen=tokens([draft]), by=by, now=NOW)
    withdraw(submission=submission, answers=[draft.pk], by=by, now=NOW)
    client = recently(sign_in(world.people[reader]))
    paths = [of_return(world, "return_tasks"), of_return(world, "return_versions", "1.1.1(a)")]
    paths += [reverse("history"), reverse("board", args=(PLAN, world.current.code))]
    html = "".join(client.get(path, {"history": "all", "q": ""}).content.decode() for path in paths)
    own = reader in ("connie", "ali")
    assert ("ZEBRA-typed" in html, "LION-sent" in html) == (own, own)


def test_what_is_decided_on_stands_in_the_history_for_all_who_may_read_it(world, sign_in):
    by = world.people.ali
    type_in(world, "ZEBRA-typed", by)
    submission, draft = type_in(world, "LION-sent", by)
    send(submission=submission, seen=tokens([draft]), by=by, now=NOW)
    draft.refresh_from_db()
    accept_answers(seen=tokens([draft]), by=world.people.ed, now=NOW)
    path = of_return(world, "return_versions", "1.1.1(a)")
    for reader, typed in (("ada", 0), ("cora", 0), ("connie", 2)):
        page = get(sign_in(world.people[reader]), path)
        accepted, sent, *drafts = lines(page)
        assert f"Ed accepted the answer “Fiji, {world.current}, on 1.1.1(a), version 1”" in accepted
        assert "Ali sent the answer" in sent
        assert len(drafts) == typed
        assert "<b>Standing:</b> Planned" in accepted
        assert "LION-sent" in accepted
        assert "LION-sent" not in sent


def test_the_newest_ten_stand_there_and_more_are_a_click_away(world, sign_in):
    for number in range(12):
        type_in(world, f"Draft {number}", world.people.connie)
    path, client = of_return(world, "return_versions", "1.1.1(a)"), sign_in(world.people.connie)
    page = get(client, path)
    assert len(lines(page)) == 10
    assert "Draft <span" not in page.html
    assert "Added: </span>11</ins>" in lines(page)[0]
    assert 'href="?history=all#history"' in page.html
    assert len(lines(get(client, path, history="all"))) == 12


PAGES = {
    "kpi": lambda world: reverse("kpi", args=(PLAN, STATUS)),
    "board": lambda world: reverse("board", args=(PLAN, world.current.code)),
    "documents": lambda world: reverse("documents", args=(PLAN,)),
    "activity": lambda world: reverse("activity", args=(PLAN, Activity.objects.get(reference="OP-DRAGON").pk)),
    "arrangement": lambda world: reverse("arrangement", args=(PLAN, Arrangement.objects.first().pk)),
    "own activity": lambda world: reverse("activity", args=(PLAN, Activity.objects.get(reference="ROCB-R1").pk)),
    "person": lambda world: reverse("person", args=(world.people.connie.pk,)),
}
OF = {
    "kpi": lambda world: "workplan.kpi/rsp-2026-2028/" + STATUS,
    "board": lambda world: f"reporting.round/{world.current.code}",
    "documents": lambda world: f"workplan.plan/{PLAN}",
    "activity": lambda world: "reporting.activity/OP-DRAGON",
    "arrangement": lambda world: f"reporting.arrangement/{Arrangement.objects.first().in_history.key}",
    "own activity": lambda world: "reporting.activity/ROCB-R1",
    "person": lambda world: "members.user/connie@example.org",
}


def mark(about):
    with transaction.atomic():
        made = entry(by=None, action=AuditAction.CHANGED, obj=org("FJI"), changes={}, reason="ZEBRA")
        made.about = about
        record_all([made])


@pytest.mark.parametrize("name", PAGES)
def test_who_reads_the_history_of_what(world, sign_in, name):
    mark(OF[name](world))
    read = {reader for reader in READERS if "ZEBRA" in get(sign_in(world.people[reader]), PAGES[name](world)).html}
    assert read == {"ada", "ed"} | ({"olga"} if name == "own activity" else set())


def test_a_return_shows_its_own_history_to_its_own_people_and_the_secretariat(world, sign_in):
    mark(f"reporting.submission/{world.interim.code}/FJI")
    path = reverse("return_tasks", args=(PLAN, world.interim.code, "FJI"))
    read = {reader for reader in READERS if "ZEBRA" in get(sign_in(world.people[reader]), path).html}
    assert read == {"ada", "ed", "connie", "ali"}


# ---------------------------------------------------------------- releases


def test_a_release_keeps_the_head_of_its_moment_and_shows_it(world, sign_in):
    world.release.__class__.objects.filter(pk=world.release.pk).update(history_number=7, history_digest="ab" * 32)
    client = sign_in(world.people.percy)
    said = f"7 {'ab' * 32}"
    assert said in get(client, reverse("documents", args=(PLAN,))).main
    foot = get(client, reverse("overview", args=(PLAN,)), release=1).foot
    assert f"Release 1, SHA-256 {world.release.checksum}; head of the history then: {said}" in foot


# ---------------------------------------------------------------- the log


@pytest.fixture
def told(world):
    """Three entries, by two people, on three days."""
    for day, by, reason in ((1, "ed", "Zebra one"), (2, "ada", "Zebra two"), (3, "ed", "Lion 100%")):
        with transaction.atomic():
            obj = world.plan if day == 3 else org("FJI")
            action = AuditAction.IMPORTED if day == 3 else AuditAction.CHANGED
            made = entry(by=world.people[by], action=action, obj=obj, changes={"name": ("a", "b")}, reason=reason)
            made.at = datetime(2029, 1, day, 16, 30, tzinfo=UTC)
            record_all([made])
    return world


def reasons(page):
    """Which of the three entries the list shows, in its order."""
    named = {"Zebra one": "one", "Zebra two": "two", "Lion 100%": "100%"}
    return [word for row in page.rows() for text, word in named.items() if text in row]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "zebra"}, ["two", "one"]),
        ({"q": "zebra one"}, ["one"]),
        ({"q": "100%"}, ["100%"]),
        ({"q": "FJI zebra"}, ["two", "one"]),
        ({"q": "zebra", "who": "Ada"}, ["two"]),
        ({"who": "ed@example", "from": "2029-01-01"}, ["100%", "one"]),
        ({"kind": "plan", "from": "01.01.29"}, ["100%"]),
        ({"action": "imported", "from": "01.01.29"}, ["100%"]),
        ({"from": "03.01.29"}, ["100%", "two"]),
        ({"from": "02.01.29", "to": "02.01.29"}, ["one"]),
        ({"from": "01.01.29", "sort": "when"}, ["one", "two", "100%"]),
        ({"from": "01.01.29", "sort": "who"}, ["two", "100%", "one"]),
        ({"from": "01.01.29", "sort": "-action"}, ["100%", "two", "one"]),
        ({"from": "01.01.29", "sort": "-kind"}, ["100%", "two", "one"]),
        ({"q": "nothing is called so"}, []),
    ],
)
def test_the_log_is_searched_and_sorted(told, sign_in, asked, found):
    """Days are those of the reader's clock: half past four in the afternoon UTC is the next day in Hong Kong."""
    page = get(sign_in(told.people.ed), reverse("history"), **asked)
    assert reasons(page) == found
    assert ("Nothing in the list is like this" in page.main) == (not found)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("28/35", 1),
        ("été", 1),
        ('"quoted"', 1),
        ("30.06.29", 1),
        ("gave", 1),
        ("granted 28/35", 1),
        ("28/35 closed", 0),
        ("organisation 28/35", 1),
        ("29/35", 0),
    ],
)
def test_the_log_is_searched_for_what_it_shows(told, sign_in, typed, found):
    """What changed and what was done, in the words of the list, on both databases."""
    changes = {"note": ["At least 28/35", 'Un été "quoted"'], "until": [None, "2029-06-30"]}
    record(by=told.people.ed, action=AuditAction.GRANTED, obj=org("FJI"), changes=changes)
    page = get(sign_in(told.people.ed), reverse("history"), q=typed)
    assert sum("At least 28/35" in row for row in page.rows()) == found


def test_the_log_finds_what_was_taken_out(told, sign_in):
    client = sign_in(told.people.ed)
    assert client.get(reverse("history"), {"format": "xlsx"}).status_code == 200
    for typed in ("export", "took out"):
        assert [row for row in get(client, reverse("history"), q=typed).rows() if "took out" in row]


def test_the_log_is_searched_for_how_it_tells_drafts_and_mails(told, sign_in):
    amendment = Amendment.objects.create(
        plan=told.plan, number=1, title="Mid-term", valid_from=date(2028, 7, 1), begun_at=NOW, reason="So."
    )
    each = {"kind": "kpi", "code": "1.1.1(b)", "called": "1.1.1(b): Ports", "fields": []}
    for done in ("taken back", "retired"):
        changes = {"drafted": (None, [each | {"done": done}])}
        record(by=told.people.ed, action=AuditAction.CHANGED, obj=amendment, changes=changes)
    answer = Answer.objects.filter(organisation=org("FJI"))[0]
    record(by=None, action=AuditAction.CREATED, obj=answer, changes={}, reason="On behalf, from a.eml")
    client = sign_in(told.people.ed)
    for typed, many in (("took back 1.1.1(b)", 1), ("retired 1.1.1(b)", 1), ("draft ports", 2), ("entered mail", 1)):
        assert len(get(client, reverse("history"), q=typed).rows()) == 1 + many, typed


def test_the_heading_and_the_chips_say_what_is_shown(told, sign_in):
    client = sign_in(told.people.ed)
    many = AuditEntry.objects.filter(only_for="").count()
    assert get(client, reverse("history")).heading == f"{many} entries of the history"
    assert get(client, reverse("history"), q="zebra").heading == f"2 of {many} entries of the history"
    response = client.get(reverse("history"), {"from": "02.01.29", "kind": "plan"})
    assert page_of(response).heading == "1 of 3 entries of this time"
    assert response.context["listing"].chips == [
        {"text": "Kind of object: Plan", "href": "?from=02.01.29"},
        {"text": "From day: 02.01.29", "href": "?kind=plan"},
    ]


def test_a_day_that_does_not_exist_is_said(told, sign_in):
    client = sign_in(told.people.ed)
    for day in ("31.02.29", "x", "9999-12-31", "0001-01-01"):
        page = get(client, reverse("history"), **{"from": day})
        assert f"“{day}” is no day such as 30.06.27, so the list is not limited by “From day”." in page.main
        assert "entries of the history" in page.heading


def test_columns_are_chosen(told, sign_in):
    client = sign_in(told.people.ed)
    assert get(client, reverse("history"), q="lion").rows()[0] == "When Who What was done From what to what Why"
    asked = {"q": "lion", "columns": "when,email,action,kind,object"}
    head, row = get(client, reverse("history"), **asked).rows()
    assert head == "When E-mail address Action Kind of object Object"
    assert row == f"04.01.29, 00:30 ed@example.org Imported Plan {told.plan}"


def test_files_hold_exactly_what_is_filtered(told, sign_in):
    client = sign_in(told.people.ed)
    asked = {"q": "zebra", "from": "01.01.29", "sort": "when"}
    taken = b"".join(client.get(reverse("history"), asked | {"format": "csv"}).streaming_content).decode()
    what = f"changed the organisation “{org('FJI')}”"
    assert list(csv.reader(StringIO(taken.removeprefix("\ufeff")))) == [
        ["When (Asia/Hong_Kong)", "Who", "What was done", "From what to what", "Why"],
        ["2029-01-02T00:30:00+08:00", "Ed", f"Ed {what}", "Name: from a to b", "Zebra one"],
        ["2029-01-03T00:30:00+08:00", "Ada", f"Ada {what}", "Name: from a to b", "Zebra two"],
    ]
    book = load_workbook(BytesIO(client.get(reverse("history"), asked | {"format": "xlsx"}).content))
    _, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert rows == [
        (datetime(2029, 1, 2, 0, 30), "Ed", f"Ed {what}", "Name: from a to b", "Zebra one"),  # noqa: DTZ001
        (datetime(2029, 1, 3, 0, 30), "Ada", f"Ada {what}", "Name: from a to b", "Zebra two"),  # noqa: DTZ001
    ]
    kept = AuditEntry.objects.filter(action=AuditAction.EXPORTED)
    taken_out = [(each.object_label, each.changes["rows"]) for each in kept.order_by("pk")]
    assert taken_out == [("History, CSV", [None, 2]), ("History, Excel", [None, 2])]


def test_a_look_goes_through_so_many_and_says_how_far_back(told, sign_in, monkeypatch):
    monkeypatch.setattr(log_module, "LOOKED_THROUGH", 5)
    client = sign_in(told.people.ed)
    response = client.get(reverse("history"))
    page, shown = page_of(response), response.context["listing"]
    newest = list(AuditEntry.objects.filter(only_for="")[:5])
    assert [each.pk for each in shown.page] == [each.pk for each in newest]
    assert page.heading == "5 newest entries of the history"
    back = newest[-1].at.astimezone(told.people.ed.time_zone)
    assert f"This list goes back to {back:%d.%m.%y, %H:%M}. Look further back" in page.main
    assert get(client, reverse("history"), q="zebra").heading == "2 of 5 newest entries of the history"
    assert "goes back to" not in get(client, reverse("history"), **{"from": "01.01.29"}).main
    about = load_workbook(BytesIO(client.get(reverse("history"), {"format": "xlsx"}).content)).worksheets[1]
    assert ("Goes back to", f"{back:%d.%m.%y, %H:%M}") in list(about.iter_rows(values_only=True))


def test_a_link_leads_further_back_until_all_entries_were_seen(told, sign_in, monkeypatch):
    monkeypatch.setattr(log_module, "LOOKED_THROUGH", 20)
    client = sign_in(told.people.ed)
    asked, seen, looks = "", [], 0
    while True:
        shown = client.get(f"{reverse('history')}{asked}").context["listing"]
        seen += [each.pk for each in shown.page]
        looks += 1
        if not shown.further_back:
            break
        asked = shown.further_back
        assert [each["text"] for each in shown.chips] == ([f"Before entry {seen[-21]}"] if looks > 1 else [])
    everything = AuditEntry.objects.filter(only_for="").order_by("-at", "-pk")
    assert seen == list(everything.values_list("pk", flat=True))
    assert looks > 2
    kept = client.get(f"{reverse('history')}{asked}&q=zebra").context["listing"]
    assert "before" not in dict(kept.carried_by_filters)


@pytest.mark.parametrize("name", ["history", "people", "import_organisations", "account"])
def test_pages_about_no_plan_keep_the_main_ways_of_the_current_one(told, sign_in, name):
    """In no more than 12 queries, and the brand says which plan it is."""
    client = sign_in(told.people.ada)
    nav = re.compile(r'<nav aria-label="Main"><ul>(.*?)</ul></nav>', re.S)
    there = nav.search(client.get(reverse("work_plan", args=(PLAN,))).content.decode())
    page = get(client, reverse(name))
    found = nav.search(page.html)
    assert found
    assert found[1] == there[1].replace(' aria-current="page"', "")
    assert f"<b>RSP Tracker</b> <span>{told.plan.title}</span>" in page.html
    assert queries_of(client, reverse(name)) <= 12


def test_an_import_of_organisations_comes_from_their_list(told, sign_in):
    page = get(sign_in(told.people.ada), reverse("import_organisations"))
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', page.html, re.S)
    assert crumbs
    assert f'href="{reverse("organisations", args=(PLAN,))}"' in crumbs[0]


def test_without_a_plan_those_pages_have_no_main_ways(told, sign_in):
    Plan.objects.update(published=False)
    page = get(sign_in(told.people.ada), reverse("history"))
    assert (page.status, 'aria-label="Main"' in page.html) == (200, False)


def test_an_odd_address_is_no_error(told, sign_in):
    client = sign_in(told.people.ed)
    for asked in (
        {"page": "x"},
        {"to": "\0"},
        {"who": "\0"},
        {"q": "x" * 101},
        {"before": "x"},
        {"kind": "nothing"},
        {"sort": "what"},
    ):
        assert get(client, reverse("history"), **asked).status == 200


def test_the_log_takes_as_many_queries_for_many_entries_as_for_few(told, sign_in):
    client, path = sign_in(told.people.ed), reverse("history")
    few = queries_of(client, f"{path}?from=01.01.29")
    with transaction.atomic():
        record_all([
            AuditEntry(**{**said, "at": datetime(2029, 2, 1, tzinfo=UTC)})
            for said in AuditEntry.objects.filter(reason="Zebra one").values(*SAYS) for _ in range(57)
        ])  # fmt: skip
    assert get(client, path, **{"from": "01.01.29"}).heading == "60 entries of this time"
    assert queries_of(client, f"{path}?from=01.01.29") == few
    assert few <= 12
    assert queries_of(client, f"{path}?q=zebra&from=01.01.29") <= 12


# ---------------------------------------------------------------- where the log leads


def of(page, reason):
    """The links in the row of the entry with this reason."""
    rows = [row for row in re.findall(r"<tr>.*?</tr>", page.html, re.S) if reason in row]
    assert len(rows) == 1
    return re.findall(r'<a href="([^"]*)">(.*?)</a>', rows[0])


def written(obj, reason, by=None):
    return record(by=by, action=AuditAction.CHANGED, obj=obj, changes={"name": ("a", "b")}, reason=reason)


def objects(world):
    activity, arrangement = Activity.objects.get(reference="OP-DRAGON"), Arrangement.objects.first()
    answer = Answer.objects.filter(round=world.interim, organisation=org("FJI"), state="accepted", plan_year=None)[0]
    col, reading = world.people.connie, Reading.objects.get(kpi__code=STATUS)
    mid = Amendment.objects.create(
        plan=world.plan, number=1, title="Mid-term", valid_from=date(2028, 7, 1), begun_at=NOW, reason="So."
    )
    role = col.roles.get()
    of_interim = (PLAN, world.interim.code, "FJI")
    return {
        "kpi": (answer.kpi, reverse("kpi", args=(PLAN, answer.kpi.code))),
        "reading": (reading, reverse("kpi", args=(PLAN, STATUS))),
        "answer": (answer, reverse("return_versions", args=(*of_interim, answer.kpi.code))),
        "return": (answer.submission, reverse("return_tasks", args=of_interim)),
        "round": (world.current, reverse("board", args=(PLAN, world.current.code))),
        "plan": (world.plan, reverse("documents", args=(PLAN,))),
        "amendment": (mid, reverse("amendment", args=(PLAN, 1))),
        "activity": (activity, reverse("activity", args=(PLAN, activity.pk))),
        "arrangement": (arrangement, reverse("arrangement", args=(PLAN, arrangement.pk))),
        "person": (col, reverse("person", args=(col.pk,))),
        "role": (role, reverse("person", args=(col.pk,))),
        "organisation": (org("FJI"), reverse("organisation_edit", args=("FJI",))),
    }


@pytest.mark.parametrize("reader", ["ada", "ed"])
def test_an_entry_leads_to_what_it_is_about(world, sign_in, reader):
    """And every such address opens for them."""
    client, found = sign_in(world.people[reader]), objects(world)
    for name, (obj, _) in found.items():
        written(obj, f"Zebra {name}.")
    page = get(client, reverse("history"), columns="when,what,object,why")
    for name, (_, href) in found.items():
        links = of(page, f"Zebra {name}.")
        assert [each for each, _ in links] == [href, href], name
        assert links[0][1] == f"“{links[1][1]}”"
        assert client.get(href).status_code == 200, name
    assert queries_of(client, f"{reverse('history')}?q=zebra") <= 12
    held = client.get(reverse("history"), {"q": "zebra", "format": "csv"})
    assert "href" not in b"".join(held.streaming_content).decode()


def test_an_entry_does_not_lead_where_the_reader_may_not_go(world, sign_in):
    """A draft that was taken back, and what is gone or was never there."""
    by = world.people.ali
    submission, draft = type_in(world, "LION-sent", by)
    send(submission=submission, seen=tokens([draft]), by=by, now=NOW)
    client = sign_in(world.people.ed)
    there = of_return(world, "return_versions", "1.1.1(a)")
    assert there in get(client, reverse("history")).html
    withdraw(submission=submission, answers=[draft.pk], by=by, now=NOW)
    assert there not in get(client, reverse("history")).html
    assert client.get(there).status_code == 404
    gone = {"activity": "reporting.activity/GONE", "old": "reporting.answer/17", "odd": "reporting.answer/a/b/c/d"}
    gone |= {"amendment": f"workplan.amendment/{PLAN}/x", "return": "reporting.submission/a"}
    gone |= {"kpi": f"workplan.kpi/{PLAN}/9.9.9(z)", "person": "members.user/nobody@nowhere.example"}
    for name, about in gone.items():
        with transaction.atomic():
            made = entry(by=None, action=AuditAction.CHANGED, obj=world.plan, changes={}, reason=f"Zebra {name}.")
            made.object_type, _, made.object_key = about.partition("/")
            made.about = about
            record_all([made])
    page = get(client, reverse("history"))
    assert {name: of(page, f"Zebra {name}.") for name in gone} == {name: [] for name in gone}
    Plan.objects.update(published=False)
    assert "<tbody>" in get(client, reverse("history")).html


@pytest.mark.parametrize(("valid_from", "asked"), [(date(2026, 7, 1), "2026-06-30"), (date(2050, 1, 1), "")])
def test_a_kpi_that_left_the_plan_is_shown_as_it_was(world, sign_in, valid_from, asked):
    left = kpi("1.1.1(b)")
    amendment = Amendment.objects.create(
        plan=world.plan, number=1, title="Mid-term", valid_from=valid_from, begun_at=NOW, reason="So.", published_at=NOW
    )
    facts = {"plan": world.plan, "kpi": left, "amendment": amendment, "reason": "So."}
    Wording.objects.create(**facts, valid_from=valid_from, text="Gone", retired=True)
    written(left, "Zebra.")
    client = sign_in(world.people.ed)
    [(href, _)] = of(get(client, reverse("history")), "Zebra.")
    assert href == reverse("kpi", args=(PLAN, "1.1.1(b)")) + (f"?as-at={asked}" if asked else "")
    assert client.get(href).status_code == 200


def test_the_log_is_limited_to_a_round(world, sign_in):
    by = world.people.ali
    submission, draft = type_in(world, "LION-sent", by)
    send(submission=submission, seen=tokens([draft]), by=by, now=NOW)
    kept = AnswerComment.objects.create(
        submission=submission, kpi=draft.kpi, text="Why?", at=NOW, by=by, organisation=submission.organisation
    )
    old = Submission.objects.get(round=world.interim, organisation__code="FJI")
    for name, obj in {"answer": draft, "round": world.current, "comment": kept, "other": old}.items():
        written(obj, f"Zebra {name}.")
    client = sign_in(world.people.ed)
    page = get(client, reverse("history"), round=world.current.code)
    assert {word for word in ("answer", "round", "comment", "other") if f"Zebra {word}." in page.main} == {
        "answer", "round", "comment",
    }  # fmt: skip
    assert f"Round: {world.current.title}" in page.main
    assert "There is no round “x”" in get(client, reverse("history"), round="x").main


def test_only_who_may_reads_the_log_and_sees_the_way_to_it(world, sign_in):
    for reader in READERS:
        client = sign_in(world.people[reader])
        may = reader in ("ada", "ed")
        assert get(client, reverse("history")).status == (200 if may else 403)
        assert ('href="/history/"' in get(client, reverse("account")).html) == may
