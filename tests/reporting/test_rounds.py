"""``round``: rounds are created, opened, closed and listed."""

import json
from argparse import _SubParsersAction
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command, get_commands, load_command_class

from members.choices import AttributeName
from members.models import Attribute, AuditEntry, Membership
from reporting.actions import close_round, create_round, open_round
from reporting.models import Answer, Round, Submission
from tests.reporting.builders import (
    NOW,
    audited,
    import_answers,
    make_everything,
    make_plan,
    make_round,
    refusal,
    run,
)
from workplan.models import Kpi

CREATE = ("round", "create", "--code=baseline", "--title=Baseline at 30.06.26", "--as-at=2026-06-30")


@pytest.fixture
def plan(organisations):
    return make_everything(organisations)


def asked(collection: Round) -> list[str]:
    return sorted(collection.submissions.values_list("organisation__code", flat=True))


# ---------------------------------------------------------------- create


def test_a_round_is_planned_with_all_it_says(cast, plan):
    said = run(*CREATE, "--opens=2026-07-01T09:00", "--closes=2026-08-01T18:00:00+09:00", "--by=ada@example.org")

    assert said == "Round baseline is planned.\n"
    opens, closes = datetime(2026, 7, 1, 1, tzinfo=UTC), datetime(2026, 8, 1, 9, tzinfo=UTC)
    assert Round.objects.values().get() == {
        "id": Round.objects.get().pk,
        "plan_id": plan.pk,
        "code": "baseline",
        "title": "Baseline at 30.06.26",
        "as_at": date(2026, 6, 30),
        "opens_at": opens,
        "closes_at": closes,
        "time_zone": "Asia/Hong_Kong",
        "opened_at": None,
        "closed_at": None,
        "edits": 0,
    }
    [entry] = AuditEntry.objects.all()
    assert (entry.actor_name, entry.action, entry.object_label) == ("Ada", "created", "Baseline at 30.06.26")
    assert entry.changes["as_at"] == [None, "2026-06-30"]


def test_a_moment_without_an_offset_is_one_in_the_time_zone_of_the_round(plan):
    run(*CREATE, "--closes=2026-08-01 18:00", "--time-zone=Pacific/Fiji")
    assert Round.objects.get().closes_at == datetime(2026, 8, 1, 6, tzinfo=UTC)


def test_the_plan_is_the_published_one_that_starts_last_or_the_named_one(plan):
    make_plan("rsp-2028-2030", 2028, published=False)
    run(*CREATE)
    run("round", "create", "--code=later", "--title=Later", "--as-at=2028-12-31", "--plan=rsp-2028-2030")
    assert dict(Round.objects.values_list("code", "plan__code")) == {
        "baseline": "rsp-2026-2028",
        "later": "rsp-2028-2030",
    }


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            ["--code=A b"],
            "--code: “A b” is not a code; it has small letters, digits and hyphens, such as baseline-2026.",
        ),
        (["--title= "], "--title: The title is blank."),
        (
            ["--title=a\nb"],
            "--title: The text has a control character, “\\n”; only one line of text may stand here.",
        ),
        (["--as-at=30.06.26"], "--as-at: “30.06.26” is not a date; a date is written like 2027-06-30."),
        (
            ["--as-at=2026-02-30"],
            "--as-at: “2026-02-30” is not in the calendar; a date is written like 2027-06-30.",
        ),
        (["--as-at=0026-06-30"], "--as-at: “0026-06-30” is out of range; a date is from 1990 to 2100."),
        (
            ["--opens=2026-07-01"],
            "--opens: “2026-07-01” is not a date with a time; one is written like 2027-06-30T18:00.",
        ),
        (
            ["--closes=2026-07-01T25:00"],
            "--closes: “2026-07-01T25:00” is not a time of the day; one is written like 2027-06-30T18:00.",
        ),
        (["--opens=2026-07-02T09:00", "--closes=2026-07-02T09:00"], "A round closes after it opens."),
        (["--time-zone=Mars"], "--time-zone: Mars is not a time zone; one is named like Asia/Hong_Kong."),
        (["--plan=rsp"], "There is no plan rsp."),
        (["--by=gone@example.org"], "--by: there is no active account gone@example.org."),
        (["--by=fay@example.org"], "--by: fay@example.org does not have the right round.edit."),
    ],
)
def test_a_round_is_refused_in_a_sentence(cast, plan, more, sentence):
    assert refusal(*CREATE, *more) == sentence


def test_a_code_exists_once(plan):
    run(*CREATE)
    assert refusal(*CREATE) == "There is a round baseline already."


def test_without_a_published_plan_one_is_named(organisations):
    make_plan(published=False)
    assert refusal(*CREATE) == "No plan is published; name one with --plan."


# ---------------------------------------------------------------- open and close


def test_opening_gives_a_return_to_everybody_who_is_asked(cast, plan):
    collection = make_round(plan)
    said = run("round", "open", "baseline", "--by=ada@example.org")

    assert said == "Round baseline is open; organisations that are asked: 3.\n"
    assert asked(collection) == ["AUS", "FJI", "ROCB"]
    collection.refresh_from_db()
    assert collection.opened_at is not None
    [entry] = AuditEntry.objects.all()
    assert (entry.actor_name, entry.action, entry.object_label) == ("Ada", "opened", "baseline")


def test_only_those_that_are_members_at_the_date_are_asked(organisations, plan):
    Membership.objects.filter(organisation=organisations.fiji).update(left=date(2026, 6, 30))
    collection = make_round(plan)
    open_round(collection=collection, by=None, now=NOW)
    assert asked(collection) == ["AUS", "ROCB"]


def test_a_round_limited_to_some_kpis_asks_only_about_them(organisations, plan):
    Attribute.objects.create(organisation=organisations.australia, name=AttributeName.DEVELOPED)
    collection = make_round(plan)
    collection.kpis.set(Kpi.objects.filter(code="4.1.1(b)"))
    open_round(collection=collection, by=None, now=NOW)
    assert asked(collection) == ["AUS"]


def test_what_was_entered_before_the_opening_stays(organisations, plan, tmp_path):
    collection = make_round(plan)
    import_answers(tmp_path, "organisation,kpi,standing\nAUS,1.1.1(a),in_place\n")
    open_round(collection=collection, by=None, now=NOW)
    assert (Answer.objects.count(), Submission.objects.count()) == (1, 3)


def test_opening_twice_and_closing_twice_are_refused(plan):
    make_round(plan)
    assert refusal("round", "close", "baseline") == "Round baseline has not been opened."
    run("round", "open", "baseline")
    assert refusal("round", "open", "baseline") == "Round baseline is open already."
    assert run("round", "close", "baseline") == "Round baseline is closed.\n"
    assert refusal("round", "close", "baseline") == "Round baseline is closed already."
    assert refusal("round", "open", "baseline") == "Round baseline was open and is closed."
    assert [action for action, *_ in audited()] == ["opened", "closed"]


def test_a_round_is_not_opened_at_its_closing_moment_or_later(cast, plan):
    """It would be closed at once, and no round is opened again."""
    collection = make_round(plan, closes_at=NOW)
    with pytest.raises(ValidationError) as refused:
        open_round(collection=collection, by=cast.ada, now=NOW)
    moment = "15.07.26, 20:00 (Asia/Hong_Kong)"
    assert refused.value.messages == [f"Its closing moment, {moment}, has passed: change it first."]
    assert open_round(collection=collection, by=cast.ada, now=NOW - timedelta(seconds=1)) == 3


def test_the_command_refuses_to_open_a_round_whose_closing_moment_has_passed(plan):
    make_round(plan, closes_at=datetime(2020, 7, 1, tzinfo=UTC))
    sentence = "Its closing moment, 01.07.20, 08:00 (Asia/Hong_Kong), has passed: change it first."
    assert refusal("round", "open", "baseline") == sentence


def test_a_round_past_its_closing_moment_can_still_be_closed_by_somebody(plan):
    collection = make_round(plan, closes_at=datetime(2026, 7, 1, tzinfo=UTC), opened_at=NOW.replace(month=6))
    assert collection.state(NOW) == "closed"
    close_round(collection=collection, by=None, now=NOW)
    collection.refresh_from_db()
    assert collection.closed_at == NOW


@pytest.mark.parametrize("verb", ["open", "close"])
def test_only_the_administrator_opens_and_closes(cast, plan, verb):
    make_round(plan)
    words = ("round", verb, "baseline")
    assert refusal(*words, "--by=ed@example.org") == "--by: ed@example.org does not have the right round.open_close."
    assert refusal("round", verb, "final") == "There is no round final; there are: baseline."


def test_the_later_opened_of_two_rounds_with_the_same_date_speaks(organisations, plan, tmp_path):
    first, second = make_round(plan, "first"), make_round(plan, "second")
    for collection, standing in ((second, "planned"), (first, "in_place")):
        text = f"organisation,kpi,standing\nAUS,1.1.1(a),{standing}\n"
        import_answers(tmp_path, text, "--accept", f"--round={collection.code}")
    assert replaced() == {"in_place": date(2026, 6, 30), "planned": None}

    open_round(collection=first, by=None, now=NOW)
    assert replaced() == {"in_place": None, "planned": date(2026, 6, 30)}


def replaced() -> dict[str, date | None]:
    return dict(Answer.objects.values_list("standing", "replaced_from"))


# ---------------------------------------------------------------- list


def test_the_list_for_people_and_for_programs(plan):
    run(*CREATE, "--opens=2026-07-01T09:00")
    create_round(
        plan=plan,
        code="first",
        title="First",
        as_at=date(2026, 12, 31),
        opens_at=None,
        closes_at=None,
        time_zone="UTC",
        by=None,
    )
    run("round", "open", "baseline")
    assert json.loads(run("round", "list", "--format=json")) == [
        {
            "code": "baseline",
            "title": "Baseline at 30.06.26",
            "plan": "rsp-2026-2028",
            "as_at": "2026-06-30",
            "opens": "2026-07-01T09:00:00+08:00",
            "closes": None,
            "time_zone": "Asia/Hong_Kong",
            "state": "open",
        },
        {
            "code": "first",
            "title": "First",
            "plan": "rsp-2026-2028",
            "as_at": "2026-12-31",
            "opens": None,
            "closes": None,
            "time_zone": "UTC",
            "state": "planned",
        },
    ]
    assert [line.split() for line in run("round", "list").splitlines()][1:] == [
        ["baseline", "Baseline", "at", "30.06.26", "rsp-2026-2028", "2026-06-30", "2026-07-01T09:00:00+08:00",
         "-", "Asia/Hong_Kong", "open"],
        ["first", "First", "rsp-2026-2028", "2026-12-31", "-", "-", "UTC", "planned"],
    ]  # fmt: skip


def test_the_list_is_read_for_somebody(cast, plan):
    assert json.loads(run("round", "list", "--format=json", "--by=percy@example.org")) == []
    gone = "--by: there is no active account gone@example.org."
    assert refusal("round", "list", "--by=gone@example.org") == gone
    for verb in ("list", "verify"):
        assert refusal("release", verb, "--by=gone@example.org") == gone
        run("release", verb, "--by=percy@example.org")


@pytest.mark.parametrize(("more", "action"), [([], "import.plan"), (["--demo"], "user.set_role")])
def test_a_site_is_set_up_by_whoever_may(cast, settings, more, action):
    settings.DEBUG = True
    said = refusal("setup_site", *more, "--by=percy@example.org")
    assert said == f"--by: percy@example.org does not have the right {action}."


BY_NOBODY = {"sweep_evidence", "deliver_mail", "do_jobs", "ordinary_role"}
"""Timers run the first three, and they decide nothing; the last is for whoever owns the database."""


def parsers():
    """Those of every command of the project, and of every verb of it."""
    for name, app in sorted(get_commands().items()):
        if app in ("members", "workplan", "reporting") and name not in BY_NOBODY:
            parser = load_command_class(app, name).create_parser("manage.py", name)
            verbs = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
            found = {verb: each for action in verbs for verb, each in action.choices.items()} or {"": parser}
            yield from (pytest.param(each, id=f"{name} {verb}".strip()) for verb, each in found.items())


@pytest.mark.parametrize("parser", list(parsers()))
def test_every_verb_of_every_command_may_name_the_acting_person(parser):
    [by] = [action for action in parser._actions if "--by" in action.option_strings]
    assert (by.dest, by.metavar, by.required, by.default) == ("by", "EMAIL", False, None)


def test_no_rounds_are_a_list_too(plan):
    assert json.loads(run("round", "list", "--format=json")) == []
    assert refusal("round", "open", "x") == "There is no round x; there are: none yet."


@pytest.mark.parametrize(
    "words", [["round"], ["round", "end"], ["round", "list", "--format=xml"], ["round", "open", "a", "b"]]
)
def test_what_is_not_a_command_is_refused(words):
    with pytest.raises(CommandError):
        call_command(*words)
