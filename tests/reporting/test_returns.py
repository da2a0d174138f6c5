"""What an organisation has to answer in a round, and how far it is; who sees how much of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from reporting.actions.deciding import accept_answers
from reporting.actions.entry import send, send_to_approver, tokens
from reporting.choices import AnswerStatus
from reporting.listed import known
from reporting.looking import Missing, looking
from reporting.models import ActivityPart
from reporting.questions import questions_of
from reporting.returns import Item, Return, asked_of, entry_ends, open_return, round_called
from reporting.threads import Thread, token_of
from workplan.queries import plan_at

from .entering import FIGURES, REGISTER, ROUND, YES_NO, brought
from .region import NOW, OPEN, PLAN, activity, arrangement, org
from .world import STATUS, STATUS_4, store_draft


def look_of(person):
    request = RequestFactory().get("/")
    request.user = person
    return looking(request, PLAN, None)


def seen_by(person, organisation="FJI", collection=ROUND):
    return open_return(look_of(person), collection, organisation)


def test_it_asks_what_the_round_asks(world):
    """Every KPI that names the organisation, once for each plan year begun where it is counted by years."""
    questions = questions_of(world.current)
    for code in ("FJI", "JPN", "ROCB", "APVC"):
        look = look_of(world.people.ada)
        found = {kpi.code: years for _, kpi, years in asked_of(look, round_called(look, ROUND), code)}
        wanted = {kpi: each.years or (None,) for kpi, each in questions.items() if code in each.asked}
        assert found == wanted
        assert found


def test_a_round_that_is_limited_asks_about_its_kpis_alone(world):
    world.current.kpis.add(*[each.kpi for code, each in questions_of(world.current).items() if code == STATUS])
    assert [item.kpi.code for item in seen_by(world.people.connie).items] == [STATUS]


def test_how_many_are_answered(world):
    store_draft(world.current, "FJI", STATUS, standing="planned")
    store_draft(world.current, "FJI", YES_NO, participated=True, plan_year=2026)
    store_draft(world.current, "FJI", STATUS_4, comment="A comment is no answer.")
    found = seen_by(world.people.connie)
    assert found.answered == 2
    assert found.asked == sum(len(item.threads) for item in found.items) > 50
    assert found.states[AnswerStatus.DRAFT] == 3
    assert found.item(YES_NO).state_words == "1 of 3 years answered"


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("draft", "Draft"),
        ("awaiting_approval", "Waits for the approver"),
        ("submitted", "Sent, not decided yet"),
        ("accepted", "Accepted"),
        ("returned", "Returned: please correct"),
    ],
)
def test_the_states_in_words(world, state, wanted):
    brought(world, state)
    assert seen_by(world.people.connie).item(STATUS).state_words == wanted
    assert seen_by(world.people.connie).item(STATUS_4).state_words == "Not answered"


# ---------------------------------------------------------------- who sees what


def test_others_see_what_was_sent_and_never_a_draft(world):
    sent = brought(world, "accepted", comment="CANARY-sent")
    draft = brought(world, "draft", comment="CANARY-draft", seen=token_of(sent))
    brought(world, "draft", STATUS_4, comment="CANARY-draft")
    own = seen_by(world.people.connie).item(STATUS).threads[0]
    assert own.versions == (sent, draft)
    for name in ("ada", "ed", "cora"):
        found = seen_by(world.people[name])
        assert [(item.kpi.code, item.threads[0].versions) for item in found.items] == [(STATUS, (sent,))]
        assert (found.own, found.answered, found.asked) == (False, 1, 1)
    with pytest.raises(Missing):
        seen_by(world.people.vera)


@pytest.mark.parametrize("name", ["ada", "ed", "cora", "vera", "olga", "nobody"])
def test_nothing_sent_is_nothing_to_see_for_others(world, name):
    store_draft(world.current, "FJI", STATUS, standing="in_place")
    with pytest.raises(Missing):
        seen_by(world.people[name])


@pytest.mark.parametrize(("organisation", "collection"), [("JPN", ROUND), ("XYZ", ROUND), ("FJI", "no-such-round")])
def test_what_is_not_theirs_or_not_there(world, organisation, collection):
    with pytest.raises(Missing):
        seen_by(world.people.connie, organisation, collection)


def test_why_an_answer_cannot_be_changed(world):
    made = brought(world, "draft")
    assert [verdict(world, name).allowed for name in ("connie", "ali")] == [True, True]
    moved = {"submission": made.submission, "seen": tokens([made]), "now": NOW}
    send_to_approver(by=world.people.connie, **moved)
    waits = "This answer waits for your approver, who can change it or send it back to you."
    assert verdict(world, "connie").reason == waits
    assert verdict(world, "ali").allowed
    made.refresh_from_db()
    send(by=world.people.ali, **moved | {"seen": tokens([made])})
    sentence = "This answer was sent and is not decided yet. Your approver can take it back."
    assert [verdict(world, name).reason for name in ("connie", "ali")] == [sentence, sentence]
    made.refresh_from_db()
    accept_answers(seen=tokens([made]), by=world.people.ed, now=NOW)
    assert verdict(world, "ada").reason == "Only the people of Fiji enter this answer."
    assert verdict(world, "connie").allowed


def verdict(world, name):
    found = seen_by(world.people[name])
    item = found.item(STATUS)
    return found.change(item, item.threads[0])


# ---------------------------------------------------------------- what the register says beside it


def lines(found):
    return tuple(words for words, _ in found.lines)


SILENT = "; you have not said whether this is right"


def of_fiji(world, code, person="connie", organisation="FJI"):
    found = seen_by(world.people[person], organisation)
    return known(found, found.item(code))


def test_the_activities_in_which_it_is_listed_by_plan_year(world):
    activity("OP-PLANNED", date(2027, 9, 1), [YES_NO], participants=["FJI"], accept=False, status="planned")
    activity("OP-AFTER", date(2028, 1, 5), [YES_NO], participants=["FJI"])
    activity("OP-ELSEWHERE", date(2027, 9, 2), [YES_NO], participants=["JPN"])
    found = of_fiji(world, YES_NO)
    assert {year: (each.words, lines(each)) for year, each in found.items()} == {
        2025: ("You are listed in no activity in 2025/26.", ()),
        2026: ("You are listed in 1 operation in 2026/27.", (f"10.11.26 OP-DRAGON: contributed, took part{SILENT}",)),
        2027: ("You are listed in no activity in 2027/28.", ()),
    }


def test_the_activities_that_name_it(world):
    [found] = of_fiji(world, REGISTER, "olga", "ROCB").values()
    assert found.words == f"The register lists you in 2 workshops up to {OPEN:%d.%m.%y}."
    assert lines(found) == (f"02.12.26 ROCB-R1: organised{SILENT}", f"03.12.26 ROCB-R2: organised{SILENT}")


def test_its_arrangements(world):
    arrangement("FJI", "AUS")
    code, reporter = next(
        (code, sorted(each.asked)[0])
        for code, each in questions_of(world.current).items()
        if each.reading.source == "arrangements"
    )
    text = next(kpi for area in plan_at(world.plan, OPEN).focus_areas for kpi in area.kpis if kpi.code == code)
    item = Item(text, text, (Thread(text.id, None),))
    whose = world.current.submissions.get(organisation=org("FJI"))
    found = Return(seen_by(world.people.connie).look, whose, own=True, items=(item,))
    own = known(found, item)[None]
    assert (own.words, lines(own)) == (
        "The register holds 1 arrangement.",
        (f"Australia and Fiji: signed, with no day in force{SILENT}",),
    )
    assert own.missing == ("You have not said whether 1 of them is right.",)
    other = replace(found, submission=world.current.submissions.get(organisation__code=reporter))
    assert known(other, item)[None].words != own.words


def test_figures_have_nothing_in_the_register(world):
    assert of_fiji(world, FIGURES) == {}


# ---------------------------------------------------------------- until when


def test_until_when_one_can_enter(world):
    found = world.current.submissions.get(organisation=org("FJI"))
    closes = datetime(2028, 1, 31, 8, tzinfo=UTC)
    assert entry_ends(found, closes - timedelta(seconds=1)) == closes
    assert entry_ends(found, closes) is None
    found.late_until, found.late_reason = closes + timedelta(days=2), "A storm."
    assert entry_ends(found, closes) == closes + timedelta(days=2)
    assert entry_ends(found, closes + timedelta(days=2)) is None


def test_it_takes_as_few_queries_for_much_as_for_little(world):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            seen_by(world.people.connie)
        return len(asked)

    queries()  # what is kept of the plan is kept now
    few = queries()
    for code in (STATUS, STATUS_4):
        store_draft(world.current, "FJI", code, standing="planned")
    assert queries() == few <= 6


def test_a_part_that_it_contests_is_not_listed(world):
    ActivityPart.objects.filter(organisation__code="FJI").update(contested=True)
    assert of_fiji(world, YES_NO)[2026].lines == ()
